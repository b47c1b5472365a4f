"""Where a test keeps a state: the same test on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
from attrs import frozen

from akeneo_erp_bridge.sync import PostgresState, SqliteState
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._stored._tables import MIGRATIONS


@frozen(kw_only=True)
class Place:
    """A file, or a schema."""

    path: Path | None = None
    dsn: str = ""
    schema: str = ""

    def open(self) -> StoredState:
        return SqliteState(self.path) if self.path is not None else PostgresState(self.dsn, self.schema)

    def beside(self, folder: Path) -> Place:
        """A place for the files of this folder: a file in it, or a schema named after it."""
        if self.path is not None:
            return Place(path=folder / "state.db")
        return Place(dsn=self.dsn, schema=f"{self.schema}_{folder.name}")

    def told(self) -> list[str]:
        """The arguments by which a program opens it: see `opened`."""
        return [str(self.path)] if self.path is not None else [self.dsn, self.schema]


def opened(told: list[str]) -> StoredState:
    return SqliteState(told[0]) if len(told) == 1 else PostgresState(*told)


def old_file(path: Path, version: int, rows: str = "") -> None:
    """A state file as an older version left it."""
    with sqlite3.connect(path) as db:
        for migration in MIGRATIONS[:version]:
            db.executescript(migration)
        db.executescript(rows)
        db.execute(f"PRAGMA user_version = {version}")
    db.close()


def on_server(dsn: str, statement: str) -> None:
    """Somebody else does something on the server."""
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute(statement.encode())
