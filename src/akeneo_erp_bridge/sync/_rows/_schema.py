"""The tables of the row store."""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge._sqlite_file import FileKind

__all__ = ["READING", "ROWS"]

# `seq` counts changes: who read up to one goes on behind it. Codes are compared as the PIM does, without their case.
# `refused` says that the PIM did not take the row, `turn` how often it was given out again for that.
_SCHEMA: Final = (
    "CREATE TABLE store (id TEXT NOT NULL, seq INTEGER NOT NULL, context TEXT NOT NULL, cursor TEXT, done INTEGER,"
    " owner TEXT)",
    "CREATE TABLE row (key TEXT PRIMARY KEY, text TEXT NOT NULL, model TEXT COLLATE NOCASE, sub TEXT COLLATE NOCASE,"
    " variant TEXT, axes TEXT, own TEXT, parent TEXT, trouble TEXT, gone INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, turn INTEGER NOT NULL, odd INTEGER NOT NULL)",
    "CREATE INDEX row_odd ON row (gone) WHERE odd",
    "CREATE INDEX row_model ON row (model)",
    "CREATE INDEX row_sub ON row (sub, model)",
    "CREATE INDEX row_seq ON row (seq)",
    "CREATE TABLE model (code TEXT COLLATE NOCASE, level INTEGER, root TEXT COLLATE NOCASE, variant TEXT, trouble TEXT,"
    " blocked TEXT, gone INTEGER NOT NULL, turn INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (code, level))"
    " WITHOUT ROWID",
    "CREATE INDEX model_root ON model (root, level)",
    "CREATE INDEX model_blocked ON model (level) WHERE blocked NOT NULL",
    "CREATE INDEX model_seq ON model (level, seq)",
    "CREATE TABLE dirty (code TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID",
)

READING: Final = (
    "CREATE TABLE reading (expired INTEGER NOT NULL)",
    "CREATE TABLE shown (key TEXT PRIMARY KEY) WITHOUT ROWID",
)
"""Are there while a reading of everything is under way: what it has shown so far, whoever began it."""

ROWS: Final = FileKind(
    name="row store",
    holds="rows",
    application=0x45525047,
    version=1,
    schema=_SCHEMA,
    first_line="INSERT INTO store VALUES (?, 0, '', NULL, 0, NULL)",
    pragmas=("PRAGMA journal_mode = WAL",),
)
