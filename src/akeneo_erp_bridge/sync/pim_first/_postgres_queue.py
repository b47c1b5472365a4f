"""`PostgresQueue`: what waits, in a schema of PostgreSQL (extra `postgres`)."""

from __future__ import annotations

from akeneo_erp_bridge.sync.pim_first._stored_queue import StoredQueue


class PostgresQueue(StoredQueue):
    """What `SqliteQueue` keeps, in a schema of a PostgreSQL database: for receivers on several machines.

    *dsn* is what PostgreSQL's own programs take, such as ``"postgresql://bridge@db.example/bridge"``; leave the password
    to ``PGPASSWORD`` or ``~/.pgpass`` where you can. The schema is made where it is not there, and belongs to the queue
    alone: a state needs another. Any number of processes may use it at once. When the connection is lost, the next call
    makes a new one.

    Raises `MissingExtra` without the extra `postgres`, `ConfigurationError` for an address that cannot be read, and
    `StateError` where the server does not answer, refuses, or holds something else. Takes PostgreSQL 12 or newer.

    >>> PostgresQueue("postgresql://bridge@127.0.0.1:9/bridge")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.StateError: the queue in PostgreSQL, database bridge, host 127.0.0.1, port 9, ...
    """

    def __init__(self, dsn: str, schema: str = "akeneo_erp_bridge_queue") -> None:
        from akeneo_erp_bridge.sync.pim_first._postgres_lines import PostgresLines  # needs an extra

        lines = PostgresLines(dsn, schema)
        super().__init__(lines)
        self._name = lines.name

    def __repr__(self) -> str:
        return f"<PostgresQueue: {self._name}>"
