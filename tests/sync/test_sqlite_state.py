"""The state file: what it promises when it is shared, damaged, new or read-only."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import LedgerEntry, ParkedItem, RunRecord, Settled, SqliteState

KEY = ErpKey("000123")
ENTRY = LedgerEntry(KEY, "f", "c", "uuid-1", {"name[en_US]": "Drill", "weight": None, "categories": ["a"]}, {})


@pytest.fixture
def state() -> Iterator[SqliteState]:
    with SqliteState(":memory:") as one:
        yield one


def test_what_is_settled_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with SqliteState(path) as state:
        state.intend("products", {KEY: "uuid-1"})
        state.settle("products", Settled(entries=[ENTRY], cursor=Cursor("timestamp", "b", "h")))
    with SqliteState(path) as state:
        found = state.entries("products", [KEY, ErpKey("other")])
        assert set(found) == {KEY}
        assert dict(found[KEY].cells) == dict(ENTRY.cells)
        assert found[KEY].ref == "uuid-1"
        assert state.cursor("products") == Cursor("timestamp", "b", "h")
        assert state.cursor("offers") is None
        assert state.ledger_size("products") == 1
        assert state.intents("products", [KEY]) == {}


def test_an_intent_outlives_the_process_until_it_is_settled(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db") as state:
        state.intend("products", {KEY: "uuid-1"})
    with SqliteState(tmp_path / "state.db") as state:
        assert state.intents("products", [KEY]) == {KEY: "uuid-1"}


def test_a_later_success_closes_a_parked_item(state: SqliteState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(KEY, "required", "name", "missing", "f", "c")]))
    assert [one.key for one in state.parked("products")] == [KEY]
    assert state.parked_among("products", [KEY])[KEY].detail == "missing"
    state.settle("products", Settled(entries=[ENTRY]))
    assert list(state.parked("products")) == []


def test_a_page_is_settled_whole_or_not_at_all(state: SqliteState) -> None:
    bad = LedgerEntry(ErpKey("x"), "f", "c", None, {})  # type: ignore[arg-type]  # the column refuses it: that is the point
    with pytest.raises(sqlite3.IntegrityError):
        state.settle("products", Settled(entries=[ENTRY, bad], cursor=Cursor("snapshot", "1")))
    assert state.ledger_size("products") == 0
    assert state.cursor("products") is None


def test_the_file_is_private(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db"):
        assert stat.S_IMODE((tmp_path / "state.db").stat().st_mode) == 0o600


def test_a_second_run_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db"), pytest.raises(StateError, match="another run"):
        SqliteState(tmp_path / "state.db")


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "state.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StateError, match="newer version"):
        SqliteState(tmp_path / "state.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StateError, match="not a usable SQLite file"):
        SqliteState(path)
    assert path.read_bytes() == b"no database" * 100


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="check its folder"):
        SqliteState(tmp_path / "nowhere" / "state.db")


def test_run_history_is_newest_first(state: SqliteState) -> None:
    for hour in (1, 2):
        moment = datetime(2026, 1, 1, hour, tzinfo=UTC)
        state.record_run(RunRecord(f"r{hour}", "products", moment, moment, {"read": hour}))
    assert [one.run_id for one in state.runs("products")] == ["r2", "r1"]
    assert next(state.runs("products")).counts == {"read": 2}
