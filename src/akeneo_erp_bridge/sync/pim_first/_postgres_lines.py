"""The lines of a queue in PostgreSQL: many writers at once, and no harm by a connection that is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from akeneo_erp_bridge.errors import MissingExtra, StateError
from akeneo_erp_bridge.sync._stored._database import number
from akeneo_erp_bridge.sync.pim_first._queue import WorkKind
from akeneo_erp_bridge.sync.pim_first._stored_queue import Line

try:
    import psycopg
    from psycopg import sql
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("PostgresQueue", "postgres") from error

from akeneo_erp_bridge.sync._stored import _postgres_faults as faults
from akeneo_erp_bridge.sync._stored._postgres import PostgresSession
from akeneo_erp_bridge.sync._stored._postgres_dsn import Dsn

T = TypeVar("T")

_VERSION: Final = 1
_MAKING: Final = 0x41455171  # an advisory lock: one process makes the tables, the others wait for it
_STRANGER: Final = "{name} holds tables that are not a queue's; give the queue a schema of its own"
_OTHER: Final = (
    "{name} was written by another version (format {found}, this one knows {known}); drop the schema to start anew, the "
    "next poll of the PIM finds what waited in it"
)

# Texts are ordered by their bytes, so that all processes lock lines in the same order, and none waits for another in a ring.
_SCHEMA: Final = (
    "CREATE TABLE queue_format (version INTEGER NOT NULL)",
    f"INSERT INTO queue_format VALUES ({_VERSION})",
    "CREATE SEQUENCE number",
    'CREATE TABLE waiting (kind TEXT COLLATE "C", key TEXT COLLATE "C", place BIGINT NOT NULL, number BIGINT NOT NULL,'
    " since TEXT NOT NULL, PRIMARY KEY (kind, key))",
    "CREATE INDEX waiting_place ON waiting (place)",
)
# Of a line that is there the number is taken when it is locked: who commits last has the greatest.
_PUT: Final = (
    "INSERT INTO waiting (kind, key, place, number, since) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET number = nextval('number')"
)
_DROP: Final = "DELETE FROM waiting WHERE kind = ? AND key = ? AND number = ?"


class PostgresLines:
    """The lines of a queue, in one schema of one database."""

    def __init__(self, dsn: str, schema: str) -> None:
        # seconds to connect: the sender of an event waits for 5
        self._dsn = Dsn.of(dsn, schema, what="queue", connect_timeout=3)
        self.name = self._dsn.shown
        self._connection = self._dsn.session()
        try:
            with faults.blamed(self.name):
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def put(self, things: Sequence[tuple[WorkKind, str]], since: str) -> None:
        """Add lines, or give another number to those that are there."""

        def work(db: PostgresSession) -> None:
            numbers = [
                int(one) for (one,) in db.execute("SELECT nextval('number') FROM generate_series(1, ?)", (len(things),))
            ]
            rows = [(kind, key, one, one, since) for one, (kind, key) in zip(sorted(numbers), things, strict=True)]
            db.executemany(_PUT, sorted(rows))

        self._done(work)

    def oldest(self, limit: int) -> list[Line]:
        """The first ones."""
        query = "SELECT kind, key, number, since FROM waiting ORDER BY place LIMIT ?"

        def work(db: PostgresSession) -> list[Line]:
            return [(kind, key, number, since) for kind, key, number, since in db.execute(query, (limit,))]

        return self._done(work)

    def drop(self, some: Sequence[tuple[WorkKind, str, int]]) -> None:
        """Take away those that have these numbers."""
        self._done(lambda db: db.executemany(_DROP, sorted(some)))

    def count(self) -> int:
        """How many there are."""
        return self._done(lambda db: number(db, "SELECT count(*) FROM waiting"))

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _done(self, work: Callable[[PostgresSession], T]) -> T:
        """Do it as one transaction; once more, where the connection broke: done twice it leaves what it leaves once."""
        with faults.blamed(self.name):
            try:
                with self._connection.transaction():
                    return work(PostgresSession(self._connection))
            except psycopg.Error:
                if not self._connection.closed:
                    raise
            self._connection = self._dsn.session()
            with self._connection.transaction():
                return work(PostgresSession(self._connection))

    def _prepare(self) -> None:
        schema = self._dsn.schema
        with self._connection.transaction():
            db = PostgresSession(self._connection)
            db.execute("SELECT pg_advisory_xact_lock(?)", (_MAKING,))
            if not number(db, "SELECT count(*) FROM pg_namespace WHERE nspname = ?", schema):
                self._connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            query = (
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = quote_ident(?)"
            )
            tables = {str(name) for (name,) in db.execute(query, (schema,))}
            if not tables:
                for statement in _SCHEMA:
                    db.execute(statement)
            elif "queue_format" not in tables:
                raise StateError(_STRANGER.format(name=self.name))
            elif (found := number(db, "SELECT version FROM queue_format")) != _VERSION:
                raise StateError(_OTHER.format(name=self.name, found=found, known=_VERSION))
