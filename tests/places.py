"""Where a test keeps a state: the same test on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen

from akeneo_erp_bridge.sync import PostgresState, SqliteState
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._stored._tables import MIGRATIONS, for_postgres


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


def old_state(place: Place, version: int, content: Mapping[str, Sequence[Mapping[str, str | int | None]]]) -> None:
    """A state as an older version left it, with these rows in its tables."""
    inserts = [
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(_literal, row.values()))})"
        for table, rows in content.items()
        for row in rows
    ]
    if place.path is not None:
        old_file(place.path, version, ";".join(inserts))
        return
    with psycopg.connect(place.dsn) as db:
        db.execute(f"CREATE SCHEMA {place.schema}; SET search_path TO {place.schema}".encode())
        db.execute("CREATE TABLE format (version INTEGER NOT NULL, term BIGINT NOT NULL, writer TEXT NOT NULL)")
        db.execute(f"INSERT INTO format VALUES ({version}, 3, 'process 7 on host')".encode())
        for migration in MIGRATIONS[:version]:
            db.execute(for_postgres(migration.replace(":now", "0")).encode())
        for insert in inserts:
            db.execute(insert.encode())


def version_of(place: Place) -> int:
    """The version that a state says it is of."""
    ((found,),) = _asked(place, "PRAGMA user_version" if place.path is not None else "SELECT version FROM format")
    return int(found)


def content_of(place: Place) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """The columns and the rows of each table, whoever made it."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if place.path is None:
        tables = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = '{place.schema}'::regnamespace"
    found: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
    for (name,) in _asked(place, tables):
        columns = f"SELECT name FROM pragma_table_info('{name}')"
        if place.path is None:
            columns = f"SELECT attname FROM pg_attribute WHERE attrelid = '{name}'::regclass AND attnum > 0"
        rows = sorted(_asked(place, f"SELECT * FROM {name}"), key=repr)
        found[name] = [column for (column,) in _asked(place, columns)], rows
    return found


def _asked(place: Place, query: str) -> list[tuple[Any, ...]]:
    if place.path is not None:
        with closing(sqlite3.connect(place.path)) as file:
            return file.execute(query).fetchall()
    with psycopg.connect(place.dsn) as server:
        server.execute(f"SET search_path TO {place.schema}".encode())
        return server.execute(query.encode()).fetchall()


def _literal(value: str | int | None) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)


def on_server(dsn: str, statement: str) -> None:
    """Somebody else does something on the server."""
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute(statement.encode())
