"""`SqliteState`: the default memory of a sync, one SQLite file, mode 0600."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Self, cast

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, CursorKind
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, RunRecord, Settled, Wire

VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE cursor (stream TEXT PRIMARY KEY, kind TEXT NOT NULL, blob TEXT NOT NULL, schema_hash TEXT NOT NULL);
CREATE TABLE ledger (
    stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    ref TEXT NOT NULL, cells TEXT NOT NULL, stamps TEXT NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE intent (stream TEXT NOT NULL, key TEXT NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE parked (
    stream TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL, detail TEXT NOT NULL,
    fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE run (run_id TEXT PRIMARY KEY, stream TEXT NOT NULL, started TEXT NOT NULL, ended TEXT, counts TEXT NOT NULL);
"""

_SLICE: Final = 500  # keys in one query; SQLite's default allows at least 999 variables


class SqliteState:
    """Cursor, ledger, intents, parked items and run history in one file.

    Opening checks the file and takes the only writer's place: a second engine on the same file gets a
    `StateError` that says so, as does a corrupt file, or one written by a newer version of this package.

    >>> with SqliteState(":memory:") as state:
    ...     state.cursor("products") is None
    True
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        if self.path != ":memory:":
            _make_private(Path(self.path))
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(self.path, isolation_level=None, timeout=0.2, check_same_thread=False)
            try:
                self._prepare(db)
            except BaseException:
                db.close()
                raise
        except sqlite3.OperationalError as error:
            raise StateError(self._explain(error)) from error
        except sqlite3.DatabaseError as error:
            raise StateError(
                f"state file {self.path} is not a usable SQLite file ({error}); restore a back-up, or delete it to start anew"
            ) from error
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        self._migrate(db)
        db.execute("COMMIT")
        if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise StateError(f"state file {self.path} is damaged; restore a back-up, or delete it to start anew")

    def _explain(self, error: sqlite3.OperationalError) -> str:
        if "locked" in str(error):
            return f"state file {self.path} is in use by another run; wait for it, or give this one a file of its own"
        return f"state file {self.path} cannot be used ({error}); check its folder and your rights on it"

    def _migrate(self, db: sqlite3.Connection) -> None:
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found > VERSION:
            raise StateError(
                f"state file {self.path} was written by a newer version (format {found}, this one knows {VERSION}); upgrade"
            )
        if found == 0:
            for statement in _SCHEMA.split(";"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")

    # ---- reading ----
    def cursor(self, stream: str) -> Cursor | None:
        """The last cursor whose pages are all settled."""
        row = self._db.execute("SELECT kind, blob, schema_hash FROM cursor WHERE stream = ?", (stream,)).fetchone()
        # the column was written from a Cursor, so it holds one of its kinds
        return Cursor(cast("CursorKind", row[0]), row[1], row[2]) if row else None

    def entries(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """The ledger entries that exist for these keys."""
        return {
            ErpKey(row[0]): LedgerEntry(ErpKey(row[0]), row[1], row[2], row[3], LazyCells(row[4]), LazyCells(row[5]))
            for row in self._rows("SELECT key, fingerprint, context, ref, cells, stamps FROM ledger", stream, keys)
        }

    def ledger_size(self, stream: str) -> int:
        """How many items the ledger holds."""
        return int(self._db.execute("SELECT count(*) FROM ledger WHERE stream = ?", (stream,)).fetchone()[0])

    def intents(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, str]:
        """The references intended for these keys."""
        return {ErpKey(row[0]): row[1] for row in self._rows("SELECT key, ref FROM intent", stream, keys)}

    def parked(self, stream: str) -> Iterator[ParkedItem]:
        """The items parked now, by key."""
        query = "SELECT key, code, path, detail, fingerprint, context FROM parked WHERE stream = ? ORDER BY key"
        for row in self._db.execute(query, (stream,)):
            yield ParkedItem(ErpKey(row[0]), *row[1:])

    def parked_among(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, ParkedItem]:
        """The parked ones among these keys."""
        rows = self._rows("SELECT key, code, path, detail, fingerprint, context FROM parked", stream, keys)
        return {ErpKey(row[0]): ParkedItem(ErpKey(row[0]), *row[1:]) for row in rows}

    def runs(self, stream: str) -> Iterator[RunRecord]:
        """The run history, newest first."""
        query = (
            "SELECT run_id, stream, started, ended, counts FROM run WHERE stream = ? ORDER BY started DESC, rowid DESC"
        )
        for run_id, name, started, ended, counts in self._db.execute(query, (stream,)):
            end = datetime.fromisoformat(ended) if ended else None
            yield RunRecord(run_id, name, datetime.fromisoformat(started), end, json.loads(counts))

    def _rows(self, select: str, stream: str, keys: Sequence[ErpKey]) -> Iterator[tuple[str, ...]]:
        for start in range(0, len(keys), _SLICE):
            some = keys[start : start + _SLICE]
            marks = ",".join("?" * len(some))
            yield from self._db.execute(f"{select} WHERE stream = ? AND key IN ({marks})", (stream, *some))

    # ---- writing ----
    def intend(self, stream: str, refs: Mapping[ErpKey, str]) -> None:
        """Durably bind keys to the references they are about to be created under."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO intent VALUES (?, ?, ?)", [(stream, key, ref) for key, ref in refs.items()]
            )

    def settle(self, stream: str, settled: Settled) -> None:
        """Commit what became of a page, and its cursor, in one transaction."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (stream, e.key, e.fingerprint, e.context, e.ref, _text(e.cells), _text(e.stamps))
                    for e in settled.entries
                ],
            )
            gone = [(stream, key) for key in (*settled.closed, *(e.key for e in settled.entries))]
            self._db.executemany("DELETE FROM parked WHERE stream = ? AND key = ?", gone)
            self._db.executemany("DELETE FROM intent WHERE stream = ? AND key = ?", gone)
            self._db.executemany(
                "INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(stream, p.key, p.code, p.path, p.detail, p.fingerprint, p.context) for p in settled.parked],
            )
            self._db.executemany(
                "DELETE FROM ledger WHERE stream = ? AND key = ?", [(stream, key) for key in settled.forgotten]
            )
            if settled.cursor is not None:
                one = settled.cursor
                self._db.execute(
                    "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?)", (stream, one.kind, one.blob, one.schema_hash)
                )

    def forget(self, stream: str) -> None:
        """Drop the cursor, so that the next run reads everything; the ledger stays."""
        with self._transaction():
            self._db.execute("DELETE FROM cursor WHERE stream = ?", (stream,))

    def record_run(self, record: RunRecord) -> None:
        """Add a line to the run history."""
        ended = record.ended.isoformat() if record.ended else None
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)",
                (record.run_id, record.stream, record.started.isoformat(), ended, json.dumps(dict(record.counts))),
            )

    @contextmanager
    def _transaction(self) -> Generator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StateError(self._explain(error)) from error

    # ---- life ----
    def close(self) -> None:
        """Close the file and give up the writer's place."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LazyCells(Mapping[str, Wire]):
    """The cells of a ledger row, parsed when one is looked at: an unchanged item never pays for it."""

    __slots__ = ("_cells", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._cells: dict[str, Wire] | None = None

    def _parsed(self) -> dict[str, Wire]:
        if self._cells is None:
            self._cells = json.loads(self._text)
        return self._cells or {}

    def __getitem__(self, key: str) -> Wire:
        return self._parsed()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    @property
    def text(self) -> str:
        """The JSON as it is stored."""
        return self._text


def _text(cells: Mapping[str, Wire]) -> str:
    if isinstance(cells, LazyCells):
        return cells.text
    return json.dumps(dict(cells), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _make_private(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StateError(
            f"state file {path} cannot be opened for writing ({error.strerror}); check its folder and your rights"
        ) from error
