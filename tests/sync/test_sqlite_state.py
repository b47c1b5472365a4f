"""The state file: what it promises when it is new, old or private."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import RunRecord, SqliteState
from akeneo_erp_bridge.sync._stored import _tables
from places import old_file

KEY = ErpKey("000123")


def test_the_file_is_private(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db"):
        assert stat.S_IMODE((tmp_path / "state.db").stat().st_mode) == 0o600


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


FORMAT_5 = """
INSERT INTO cursor VALUES ('products', 'sequence', '7', '', 'c', 1);
INSERT INTO ledger VALUES ('products', '000123', 'f', 'c', 'uuid-1', '{"name": "Drill"}', '{}', '{}', 0, '{"a":["b"]}');
INSERT INTO ledger VALUES ('products', '000124', 'f', 'c', 'uuid-2', '{}', '{}', '{}', 1, '{}');
INSERT INTO intent VALUES ('products', '000125', 'f', 'c', 'uuid-3', '{}', '{}', '{}', 0, '{}');
INSERT INTO run VALUES ('r1', 'products', '2026-01-02T00:00:00+00:00', NULL, '{"read": 1}');
INSERT INTO run VALUES ('r3', 'products', '2026-01-04T00:00:00+00:00', NULL, '{}');
INSERT INTO run VALUES ('r2', 'products', '2026-01-03T00:00:00+00:00', NULL, '{}');
"""


def test_a_file_from_before_the_ledger_was_laid_out_anew(tmp_path: Path) -> None:
    old_file(tmp_path / "state.db", 5, FORMAT_5)
    for _ in range(2):
        with SqliteState(tmp_path / "state.db") as state:
            assert state.cursor("products", "c") == Cursor("sequence", "7")
            assert [one.ref for one in state.unlinked("products", "c", "", 9)] == ["uuid-1"]
            assert [one.gone for one in state.owners("products", ["uuid-1", "uuid-2"])] == [False, True]
            assert state.ledger_size("products") == 1
            assert list(state.intents("products", [ErpKey("000125")])) == ["000125"]
            assert [one.run_id for one in state.runs("products")] == ["r3", "r2", "r1"]
            assert state.inspect().streams[0].reached is None, "when it was reached was not kept then"
            assert state.compact(gone_older_than=timedelta(days=1)).gone == 0, "gone since now, as far as anybody knows"


FORMAT_6 = """
INSERT INTO run VALUES ('r1', 'products', '2026-01-02T02:00:00+00:00', '2026-01-02T02:01:00+00:00', '{"read": 7}', 2);
INSERT INTO run VALUES ('r2', 'products', '2026-01-02T02:00:00+00:00', NULL, '{}', 1);
"""


def test_a_file_from_before_a_run_said_why_it_ended(tmp_path: Path) -> None:
    old_file(tmp_path / "state.db", 6, FORMAT_6)
    night = datetime(2026, 1, 2, 2, tzinfo=UTC)
    with SqliteState(tmp_path / "state.db") as state:
        assert list(state.runs("products")) == [
            RunRecord("r1", "products", night, night + timedelta(minutes=1), {"read": 7}),
            RunRecord("r2", "products", night, None, {}),
        ]


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.db"
    old_file(path, 5, FORMAT_5)
    before = path.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(_tables, "MIGRATIONS", (*_tables.MIGRATIONS, "CREATE TABLE more (x TEXT); DROP TABLE nonsense"))
        with pytest.raises(StateError, match="cannot be used .*nonsense"):
            SqliteState(path)
    after = path.read_bytes()
    assert after[100:] == before[100:], "all but the header, which says now that changes go to a log"
    with SqliteState(path) as state:
        assert state.ledger_size("products") == 1


def test_a_run_from_before_kinds_were_kept_has_none(tmp_path: Path) -> None:
    old_file(tmp_path / "state.db", 5, FORMAT_5)
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    told = RunRecord("r4", "products", moment, moment, {"read": 7}, "partial", "create")
    with SqliteState(tmp_path / "state.db") as state:
        assert [(one.kind, one.writes) for one in state.runs("products")] == [(None, "both")] * 3
        state.record_run(told)
        assert next(state.runs("products")) == told
