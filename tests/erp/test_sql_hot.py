"""`read_hot` by a column that says when prices and stock moved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.erp import Cursor, SqlAdapter
from relay_bench import Offered

MORNING = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "erp.db", isolation_level=None)) as db:
        db.execute(
            "CREATE TABLE hot (number TEXT, price TEXT, stock INTEGER, changed TEXT, serial INTEGER, moved TEXT)"
        )
        for n in range(5):
            move(db, f"A{n}", MORNING + timedelta(minutes=n))
        yield db


def move(db: sqlite3.Connection, number: str, at: datetime) -> None:
    db.execute("DELETE FROM hot WHERE number = ?", (number,))
    db.execute("INSERT INTO hot (number, stock, moved) VALUES (?, 1, ?)", (number, at.isoformat()))


def read(erp: SqlAdapter[Offered], since: Cursor | None = None, **keys: list[str]) -> tuple[list[str], Cursor]:
    pages = list(erp.read_hot(since, keys=keys.get("keys")))
    return [item.key for page in pages for item in page.items], pages[-1].resume


def test_what_moved_is_read_and_the_rest_is_not(tmp_path: Path, database: sqlite3.Connection) -> None:
    url = f"sqlite:///{tmp_path}/erp.db"
    erp = SqlAdapter(url, Offered, table="hot", hot_changed_at="moved", overlap=timedelta(0))
    first, cursor = read(erp)
    assert first == ["A0", "A1", "A2", "A3", "A4"]
    move(database, "A1", MORNING + timedelta(minutes=9))
    second, cursor = read(erp, cursor)
    assert second == ["A4", "A1"], "the last stamp is read again, as others may have it too"
    assert cursor.kind == "timestamp"
    assert read(erp, cursor)[0] == ["A1"]
    assert read(erp, keys=["A0", "A3"])[0] == ["A0", "A3"], "by key, whatever moved"


def test_without_it_all_rows_are_read(tmp_path: Path, database: sqlite3.Connection) -> None:
    erp = SqlAdapter(f"sqlite:///{tmp_path}/erp.db", Offered, table="hot", changed_at="moved")
    _, cursor = read(erp)
    assert len(read(erp, cursor)[0]) == 5
