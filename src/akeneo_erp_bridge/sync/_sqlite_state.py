"""`SqliteState`: the default memory of a sync, one SQLite file, mode 0600."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Self, cast

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, CursorKind
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._sqlite_waiting import MIGRATION as WAITING
from akeneo_erp_bridge.sync._sqlite_waiting import PARKED, parked_item, read_held, write_waiting
from akeneo_erp_bridge.sync._sqlite_watch import MIGRATION as WATCH
from akeneo_erp_bridge.sync._sqlite_watch import read_watch, write_watch
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, ParkedItem, RunRecord, Settled, Wire
from akeneo_erp_bridge.sync._watch import Looked, Watch

_MIGRATIONS: Final = (
    """
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
CREATE TABLE run (run_id TEXT PRIMARY KEY, stream TEXT NOT NULL, started TEXT NOT NULL, ended TEXT, counts TEXT NOT NULL)
""",
    """
ALTER TABLE cursor ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE cursor ADD COLUMN finished INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN shared TEXT NOT NULL DEFAULT '{}';
ALTER TABLE ledger ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ledger_ref ON ledger (stream, ref);
DROP TABLE intent;
CREATE TABLE intent (
    stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    ref TEXT NOT NULL, cells TEXT NOT NULL, stamps TEXT NOT NULL, shared TEXT NOT NULL, gone INTEGER NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
DROP TABLE parked;
CREATE TABLE parked (
    stream TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL, detail TEXT NOT NULL,
    fingerprint TEXT NOT NULL, context TEXT NOT NULL, run TEXT NOT NULL,
    PRIMARY KEY (stream, key, fingerprint)) WITHOUT ROWID;
CREATE TABLE origin (stream TEXT PRIMARY KEY, origin TEXT NOT NULL)
""",
    """
ALTER TABLE ledger ADD COLUMN unlinked TEXT NOT NULL DEFAULT '{}';
ALTER TABLE intent ADD COLUMN unlinked TEXT NOT NULL DEFAULT '{}';
CREATE INDEX ledger_unlinked ON ledger (stream, key) WHERE unlinked <> '{}'
""",
    WATCH,
    WAITING,
)
"""One for each version of the file, each on top of the one before. Parked items are found again by the next run."""

VERSION: Final = len(_MIGRATIONS)

_SLICE: Final = 500  # keys in one query; SQLite's default allows at least 999 variables


class SqliteState:
    """Cursor, ledger, intents, parked items and run history in one file.

    Opening checks the file and takes the only writer's place: a second engine on the same file gets a
    `StateError` that says so, as does a corrupt file, or one written by a newer version of this package.

    >>> with SqliteState(":memory:") as state:
    ...     state.cursor("products", context="") is None
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
        for migration in _MIGRATIONS[found:]:
            for statement in migration.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")

    # ---- reading ----
    def cursor(self, stream: str, context: str) -> Cursor | None:
        """The last cursor whose pages are all settled; none if that was under another context."""
        query = "SELECT kind, blob, schema_hash FROM cursor WHERE stream = ? AND context = ?"
        row = self._db.execute(query, (stream, context)).fetchone()
        # the column was written from a Cursor, so it holds one of its kinds
        return Cursor(cast("CursorKind", row[0]), row[1], row[2]) if row else None

    def is_finished(self, stream: str) -> bool:
        """Whether the run that left the cursor came to its end."""
        return self._number("SELECT finished FROM cursor WHERE stream = ?", stream) == 1

    def entries(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """The ledger entries that exist for these keys."""
        return {entry.key: entry for entry in map(_entry, self._rows(f"SELECT {_ENTRY} FROM ledger", stream, keys))}

    def owners(self, stream: str, refs: Sequence[str]) -> list[LedgerEntry]:
        """The ledger entries of these references in the PIM."""
        return [_entry(row) for row in self._rows(f"SELECT {_ENTRY} FROM ledger", stream, refs, by="ref")]

    def unlinked(self, stream: str, context: str, after: str, limit: int) -> list[LedgerEntry]:
        """Entries of this context with links to what was not there, by key, from behind the key *after*."""
        query = (
            f"SELECT {_ENTRY} FROM ledger WHERE unlinked <> '{{}}' AND stream = ? AND context = ? AND key > ? AND gone = 0 "
            "ORDER BY key LIMIT ?"
        )
        return [_entry(row) for row in self._db.execute(query, (stream, context, after, limit))]

    def ledger_size(self, stream: str) -> int:
        """How many items the ledger holds, without those that are gone."""
        return self._number("SELECT count(*) FROM ledger WHERE stream = ? AND gone = 0", stream)

    def intents(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """What was intended for these keys, and perhaps sent, and not answered."""
        return {entry.key: entry for entry in map(_entry, self._rows(f"SELECT {_ENTRY} FROM intent", stream, keys))}

    def parked(self, stream: str) -> Iterator[ParkedItem]:
        """The items parked now, by key."""
        yield from map(
            parked_item, self._db.execute(f"SELECT {PARKED} FROM parked WHERE stream = ? ORDER BY key", (stream,))
        )

    def parked_before(self, stream: str, run: str) -> list[ParkedItem]:
        """The parked items that this run has not met."""
        query = f"SELECT {PARKED} FROM parked WHERE stream = ? AND run <> ? ORDER BY key"
        return [parked_item(row) for row in self._db.execute(query, (stream, run))]

    def parked_among(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, ParkedItem]:
        """The parked ones among these keys."""
        return {one.key: one for one in map(parked_item, self._rows(f"SELECT {PARKED} FROM parked", stream, keys))}

    def oldest_parked(self, stream: str) -> datetime | None:
        """Since when the item waits that is parked for the longest time."""
        since = self._db.execute("SELECT min(since) FROM parked WHERE stream = ?", (stream,)).fetchone()[0]
        return datetime.fromisoformat(since) if since else None

    def held(self, stream: str) -> Iterator[HeldCell]:
        """The cells held now, by key and cell."""
        return read_held(self._db, stream)

    def runs(self, stream: str) -> Iterator[RunRecord]:
        """The run history, newest first."""
        query = (
            "SELECT run_id, stream, started, ended, counts FROM run WHERE stream = ? ORDER BY started DESC, rowid DESC"
        )
        for run_id, name, started, ended, counts in self._db.execute(query, (stream,)):
            end = datetime.fromisoformat(ended) if ended else None
            yield RunRecord(run_id, name, datetime.fromisoformat(started), end, json.loads(counts))

    def watch(self, stream: str) -> Watch:
        """The sample of the stream's items that is watched for changes."""
        return read_watch(self._db, stream)

    def _rows(
        self, select: str, stream: str, keys: Sequence[str], *, by: Literal["key", "ref"] = "key"
    ) -> Iterator[tuple[str, ...]]:
        for start in range(0, len(keys), _SLICE):
            some = keys[start : start + _SLICE]
            marks = ",".join("?" * len(some))
            yield from self._db.execute(f"{select} WHERE stream = ? AND {by} IN ({marks})", (stream, *some))

    def _number(self, query: str, *values: str) -> int:
        row = self._db.execute(query, values).fetchone()
        return int(row[0]) if row else 0

    # ---- writing ----
    def bind(self, stream: str, origin: str, *, claim: bool) -> None:
        """Raise `StateError` if the stream is another origin's; with *claim* it is this one's from now on."""
        if claim:
            with self._transaction():
                self._db.execute("INSERT OR IGNORE INTO origin VALUES (?, ?)", (stream, origin))
        known = self._db.execute("SELECT origin FROM origin WHERE stream = ?", (stream,)).fetchone()
        if known is not None and known[0] != origin:
            raise StateError(
                f"stream '{stream}' of state file {self.path} remembers {known[0]}, and this run is for {origin}; "
                "give it a stream or a file of its own, or call forget(stream) if it is the same under another name"
            )

    def intend(self, stream: str, entries: Sequence[LedgerEntry]) -> None:
        """Durably note what is about to be sent."""
        with self._transaction():
            self._db.executemany(f"INSERT OR REPLACE INTO intent VALUES ({_MARKS})", [_row(stream, e) for e in entries])

    def settle(self, stream: str, settled: Settled) -> None:
        """Commit what became of a page, and its cursor, in one transaction."""
        with self._transaction():
            self._db.executemany(
                f"INSERT OR REPLACE INTO ledger VALUES ({_MARKS})",
                [_row(stream, e) for e in settled.entries],
            )
            forgotten = settled.forgotten
            self._delete("ledger", stream, forgotten)
            self._delete("intent", stream, [*settled.answered, *forgotten])
            write_waiting(self._db, stream, settled)
            if settled.cursor is not None:
                one = settled.cursor
                row = (stream, one.kind, one.blob, one.schema_hash, settled.context)
                self._db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?, 0)", row)

    def _delete(self, table: str, stream: str, keys: Iterable[ErpKey]) -> None:
        self._db.executemany(f"DELETE FROM {table} WHERE stream = ? AND key = ?", [(stream, key) for key in keys])

    def finish(self, stream: str, run: str, *, covers_all: bool) -> int:
        """The run came to its end: how many items are parked that it has not read, or, if it read all, are no more."""
        with self._transaction():
            self._db.execute("UPDATE cursor SET finished = 1 WHERE stream = ?", (stream,))
            if covers_all:
                self._db.execute("DELETE FROM parked WHERE stream = ? AND run <> ?", (stream, run))
        return self._number("SELECT count(*) FROM parked WHERE stream = ? AND run <> ?", stream, run)

    def forget(self, stream: str) -> None:
        """Drop cursor and origin, so that the next run reads everything; the ledger stays."""
        with self._transaction():
            self._db.execute("DELETE FROM cursor WHERE stream = ?", (stream,))
            self._db.execute("DELETE FROM origin WHERE stream = ?", (stream,))

    def look(self, stream: str, looked: Looked) -> None:
        """Add what a finished run saw of the sample."""
        with self._transaction():
            write_watch(self._db, stream, looked)

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


_ENTRY: Final = "key, fingerprint, context, ref, cells, stamps, shared, gone, unlinked"
_MARKS: Final = ", ".join("?" * 10)
"""A row of the ledger or an intent: the stream, and what `_ENTRY` names."""


def _entry(row: tuple[str, ...]) -> LedgerEntry:
    key, fingerprint, context, ref, cells, stamps, shared, gone, unlinked = row
    lazy = (LazyCells(cells), LazyCells(stamps), LazyCells(shared))
    return LedgerEntry(ErpKey(key), fingerprint, context, ref, *lazy, bool(gone), LazyCells(unlinked))


def _row(stream: str, e: LedgerEntry) -> tuple[str, ...]:
    texts = (_text(e.cells), _text(e.stamps), _text(e.shared))
    return (stream, e.key, e.fingerprint, e.context, e.ref, *texts, str(int(e.gone)), _text(e.unlinked))


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
