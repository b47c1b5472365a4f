"""`PostgresState`: the memory of a sync in a schema of PostgreSQL (extra `postgres`)."""

from __future__ import annotations

from akeneo_erp_bridge.sync._stored._stored_state import StoredState


class PostgresState(StoredState):
    """What `SqliteState` keeps, in a schema of a PostgreSQL database: for runs that move from machine to machine.

    *dsn* is what PostgreSQL's own programs take, such as ``"postgresql://bridge@db.example/bridge"``; leave the password
    to ``PGPASSWORD`` or ``~/.pgpass`` where you can. The schema is made where it is not there, and belongs to the state
    alone. It has one writer, and a second one gets a `StateError`; a process that is killed gives its place up. When the
    connection is lost, a new one goes on where the last one was.

    Raises `MissingExtra` without the extra `postgres`, `ConfigurationError` for an address that cannot be read, and
    `StateError` where the server does not answer, refuses, or holds something else. Takes PostgreSQL 12 or newer, and
    no pooler that shares sessions between programs.
    """

    def __init__(self, dsn: str, schema: str = "akeneo_erp_bridge") -> None:
        from akeneo_erp_bridge.sync._stored._postgres import PostgresDatabase  # needs an extra

        super().__init__(PostgresDatabase(dsn, schema))
