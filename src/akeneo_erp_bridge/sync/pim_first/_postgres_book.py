"""A SKU book in a schema of PostgreSQL; needs the extra `postgres`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from akeneo_erp_bridge.errors import MissingExtra, StateError
from akeneo_erp_bridge.sync._stored._database import Session, number
from akeneo_erp_bridge.sync.pim_first._sku_book import SCHEMA

try:
    import psycopg
    from psycopg import sql
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("PostgresSkuBook", "postgres") from error

from akeneo_erp_bridge.sync._stored import _postgres_faults as faults
from akeneo_erp_bridge.sync._stored._postgres import PostgresSession
from akeneo_erp_bridge.sync._stored._postgres_dsn import Dsn

_ONE: Final = 0x45525342  # an advisory lock: one worker reserves, the others wait for it
_TABLES: Final = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = quote_ident(?)"
)


class PostgresBookPlace:
    """The tables of a book, in one schema of one database."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn = Dsn.of(dsn, schema, what="SKU book")
        self.name = self._dsn.shown
        self._connection = self._dsn.session()
        try:
            self._safely(self._prepare)
        except BaseException:
            self._connection.close()
            raise

    def done(self, work: Callable[[Session], object]) -> None:
        """One transaction, which others wait for; once more, where the connection broke before it ended."""

        def alone(db: PostgresSession) -> None:
            db.execute("SELECT pg_advisory_xact_lock(?)", (_ONE,))
            work(db)

        self._safely(alone)

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _safely(self, work: Callable[[PostgresSession], None]) -> None:
        with faults.blamed(self.name):
            try:
                with self._connection.transaction():
                    work(PostgresSession(self._connection))
            except psycopg.Error:
                if not self._connection.closed:
                    raise
            else:
                return
            # what may have been reserved by the lost one is found again: one owner has one reservation
            self._connection = self._dsn.session()
            with self._connection.transaction():
                work(PostgresSession(self._connection))

    def _prepare(self, db: PostgresSession) -> None:
        schema = self._dsn.schema
        db.execute("SELECT pg_advisory_xact_lock(?)", (_ONE,))
        if not number(db, "SELECT count(*) FROM pg_namespace WHERE nspname = ?", schema):
            self._connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        tables = {str(name) for (name,) in db.execute(_TABLES, (schema,))}
        if not tables:
            for statement in SCHEMA:
                db.execute(statement.replace(" TEXT", ' TEXT COLLATE "C"'))
        elif "skipped" not in tables:
            raise StateError(f"{self.name} holds other tables; give the book a schema of its own")
