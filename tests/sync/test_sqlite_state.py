"""The state file: what it promises when it is shared, damaged, new or read-only."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import LedgerEntry, ParkedItem, RunRecord, Settled, SqliteState

KEY = ErpKey("000123")
ENTRY = LedgerEntry(KEY, "f", "c", "uuid-1", {"name[en_US]": "Drill", "weight": None, "categories": ["a"]}, {})


def test_what_is_settled_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with SqliteState(path) as state:
        state.intend("products", [ENTRY])
        state.settle("products", Settled(entries=[ENTRY], answered=[KEY], cursor=Cursor("timestamp", "b", "h")))
    with SqliteState(path) as state:
        found = state.entries("products", [KEY, ErpKey("other")])
        assert set(found) == {KEY}
        assert dict(found[KEY].cells) == dict(ENTRY.cells)
        assert found[KEY].ref == "uuid-1"
        assert state.cursor("products", "") == Cursor("timestamp", "b", "h")
        assert state.cursor("offers", "") is None
        assert state.ledger_size("products") == 1
        assert state.intents("products", [KEY]) == {}


def test_an_intent_outlives_the_process_until_it_is_settled(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db") as state:
        state.intend("products", [ENTRY])
    with SqliteState(tmp_path / "state.db") as state:
        assert state.intents("products", [KEY]) == {KEY: ENTRY}


def test_a_refused_change_leaves_no_intent(state: SqliteState) -> None:
    state.intend("products", [ENTRY])
    state.settle("products", Settled(parked=[ParkedItem(KEY, "refused", "", "no")]))
    assert state.intents("products", [KEY]) == {KEY: ENTRY}, "parked, but not by an answer of the PIM"
    state.settle("products", Settled(parked=[ParkedItem(KEY, "refused", "", "no")], answered=[KEY]))
    assert state.intents("products", [KEY]) == {}


def test_an_entry_is_found_by_its_reference(state: SqliteState) -> None:
    other = LedgerEntry(ErpKey("9"), "f", "c", "uuid-9", {}, {}, {"categories": ["a"]}, gone=True)
    state.settle("products", Settled(entries=[ENTRY, other]))
    assert state.owners("products", ["uuid-9", "uuid-0"]) == [other]
    assert state.owners("offers", ["uuid-9"]) == []
    assert state.ledger_size("products") == 1, "what is gone does not count"
    state.settle("products", Settled(forgotten=[ErpKey("9")]))
    assert state.owners("products", ["uuid-9"]) == []


def test_a_cursor_counts_under_its_own_context(state: SqliteState) -> None:
    state.settle("products", Settled(cursor=Cursor("sequence", "7"), context="mapping 1", run="r1"))
    assert state.cursor("products", "mapping 1") == Cursor("sequence", "7")
    assert state.cursor("products", "mapping 2") is None
    assert not state.is_finished("products")
    state.finish("products", "r1", covers_all=False)
    assert state.is_finished("products")


@pytest.mark.parametrize(("covers_all", "left"), [(True, []), (False, ["old"])])
def test_what_a_run_has_not_met_waits_unless_it_read_all(
    state: SqliteState, left: list[str], *, covers_all: bool
) -> None:
    state.settle("products", Settled(parked=[ParkedItem(ErpKey("old"), "x", "", "x")], run="r1"))
    state.settle("products", Settled(parked=[ParkedItem(ErpKey("new"), "x", "", "x")], run="r2"))
    assert state.finish("products", "r2", covers_all=covers_all) == len(left)
    assert [one.key for one in state.parked_before("products", "r2")] == left
    assert [one.key for one in state.parked("products")] == ["new", *left]


def test_items_without_a_key_are_parked_side_by_side(state: SqliteState) -> None:
    for fingerprint in ("a", "b", "a"):
        state.settle("products", Settled(parked=[ParkedItem(ErpKey(""), "no_key", "id", "no key", fingerprint)]))
    assert len(list(state.parked("products"))) == 2


def test_half_a_character_does_not_stop_the_file(state: SqliteState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(KEY, "x", "caf\udce9", "seen \ud800")]))
    assert str(next(state.parked("products"))) == f"{KEY}: caf\\udce9: seen \\ud800"


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
    assert state.cursor("products", "") is None


def test_the_file_is_private(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db"):
        assert stat.S_IMODE((tmp_path / "state.db").stat().st_mode) == 0o600


def test_a_second_run_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db"), pytest.raises(StateError, match="another run"):
        SqliteState(tmp_path / "state.db")


FORMAT_1 = """
CREATE TABLE cursor (stream TEXT PRIMARY KEY, kind TEXT NOT NULL, blob TEXT NOT NULL, schema_hash TEXT NOT NULL);
CREATE TABLE ledger (stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    ref TEXT NOT NULL, cells TEXT NOT NULL, stamps TEXT NOT NULL, PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE intent (stream TEXT NOT NULL, key TEXT NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (stream, key));
CREATE TABLE parked (stream TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL,
    detail TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL, PRIMARY KEY (stream, key));
CREATE TABLE run (run_id TEXT PRIMARY KEY, stream TEXT NOT NULL, started TEXT NOT NULL, ended TEXT, counts TEXT NOT NULL);
INSERT INTO cursor VALUES ('products', 'sequence', '7', '');
INSERT INTO ledger VALUES ('products', '000123', 'f', 'c', 'uuid-1', '{"name[en_US]": "Drill"}', '{}');
INSERT INTO intent VALUES ('products', '000124', 'uuid-2');
INSERT INTO parked VALUES ('products', '000125', 'x', '', 'x', 'f', 'c');
PRAGMA user_version = 1;
"""


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """The ledger stays; the cursor is of no context, so the next run reads all and parks anew."""
    db = sqlite3.connect(tmp_path / "state.db")
    db.executescript(FORMAT_1)
    db.close()
    for _ in range(2):
        with SqliteState(tmp_path / "state.db") as state:
            (entry,) = state.entries("products", [KEY]).values()
            assert (entry.ref, dict(entry.cells), dict(entry.shared), entry.gone) == (
                "uuid-1", {"name[en_US]": "Drill"}, {}, False,
            )  # fmt: skip
            assert state.cursor("products", "a context") is None
            assert list(state.parked("products")) == []


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
