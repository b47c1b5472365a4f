"""The state file: what it promises when it is new, old or private."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import SqliteState

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
