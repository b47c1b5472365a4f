"""The adapter for databases keeps the laws, on SQLite, reading by stamps and reading everything."""

from __future__ import annotations

import sqlite3

from sqlalchemy import event

from akeneo_erp_bridge.erp import SqlAdapter
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults
from kit_tables import Article, SqliteWorld


class TestSqlByStamp(ErpConformance[Article]):
    item = Article
    many = 10_000
    tells_deletions = False
    changed_at: str | None = "changed"

    def world(self) -> SqliteWorld:
        return SqliteWorld()

    def make_adapter(self, faults: Faults) -> SqlAdapter[Article]:
        url = f"sqlite:///{self.world().path}"
        adapter = SqlAdapter(url, Article, table="articles", changed_at=self.changed_at)

        def execute(cursor: sqlite3.Cursor, statement: str, parameters: tuple[object, ...], _context: object) -> bool:
            with faults.call(lambda: sqlite3.OperationalError("disk I/O error")):
                cursor.execute(statement, parameters)
            return True

        event.listen(adapter._engine, "do_execute", execute)
        return adapter


class TestSqlInFull(TestSqlByStamp):
    tells_deletions = True
    changed_at = None
