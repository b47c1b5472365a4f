"""The keys that an ERP has shown, from run to run, in an SQLite file: memory stays flat in their number."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import StateError

_APPLICATION: Final = 0x45525053  # tells this file from any other of SQLite, such as the engine's state

# `told` is the run that reported the key as deleted; the line stays, for a reader who comes back with an older cursor
_SCHEMA: Final = (
    "CREATE TABLE store (id TEXT NOT NULL, run INTEGER NOT NULL)",
    "CREATE TABLE item (key TEXT PRIMARY KEY, seen INTEGER NOT NULL, told INTEGER) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
)


class SeenStore:
    """Which key was seen in which run. Every change is safe on disk when its method returns.

    Raises `StateError` for a file that cannot be used. Give it back with `close`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._blamed():
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with self._transaction():
                self._prepare()
                self.id = str(self._db.execute("SELECT id FROM store").fetchone()[0])
        except BaseException:
            self._db.close()
            raise

    @property
    def run(self) -> int:
        """The number of the latest run; 0 before the first."""
        with self._blamed():
            return int(self._db.execute("SELECT run FROM store").fetchone()[0])

    def begin(self) -> int:
        """The number of a new run."""
        with self._transaction():
            return int(self._db.execute("UPDATE store SET run = run + 1 RETURNING run").fetchone()[0])

    def record(self, run: int, seen: Iterable[ErpKey], deleted: Iterable[ErpKey]) -> None:
        """Keys that this run has seen, and keys that the ERP itself calls deleted."""
        with self._transaction():
            self._db.executemany("DELETE FROM item WHERE key = ?", ((key,) for key in deleted))
            # a plan may have come later and seen more: its number stays
            self._db.executemany(
                "INSERT INTO item VALUES (?, ?, NULL) "
                "ON CONFLICT (key) DO UPDATE SET seen = max(seen, excluded.seen), told = NULL",
                ((key, run) for key in seen),
            )

    def has_seen(self, run: int) -> bool:
        """Whether this run has seen any key."""
        with self._blamed():
            return self._db.execute("SELECT 1 FROM item WHERE seen >= ? LIMIT 1", (run,)).fetchone() is not None

    def tell_missing(self, run: int, base: int) -> list[ErpKey]:
        """The keys that this run has not seen, less those that runs up to `base` have told of."""
        with self._transaction():
            query = "SELECT key FROM item WHERE seen < ? AND (told IS NULL OR told > ?) ORDER BY key"
            missing = [ErpKey(key) for (key,) in self._db.execute(query, (run, base))]
            self._db.executemany("UPDATE item SET told = ? WHERE key = ?", ((run, key) for key in missing))
        return missing

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # ---- inside ----
    def _prepare(self) -> None:
        tables = int(self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        application = int(self._db.execute("PRAGMA application_id").fetchone()[0])
        if tables == 0:
            for statement in _SCHEMA:
                self._db.execute(statement)
            self._db.execute("INSERT INTO store VALUES (?, 0)", (uuid.uuid4().hex,))
        elif application != _APPLICATION:
            raise StateError(f"{self.path} is another program's database; give the keys a file of their own")

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with self._blamed():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _blamed(self) -> Generator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"key store {self.path} cannot be used ({error}); check its folder and your rights on it, wait for "
                "another run that has it open, or delete it to start anew"
            ) from error
