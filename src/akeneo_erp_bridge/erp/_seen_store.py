"""The keys that an ERP has shown, from run to run, in an SQLite file: memory stays flat in their number."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from akeneo_erp_bridge._sqlite_file import FileKind, SqliteFile
from akeneo_erp_bridge.codes import ErpKey

# `told` is the run that reported the key as deleted; the line stays, for a reader who comes back with an older cursor
_SCHEMA: Final = (
    "CREATE TABLE store (id TEXT NOT NULL, run INTEGER NOT NULL)",
    "CREATE TABLE item (key TEXT PRIMARY KEY, seen INTEGER NOT NULL, told INTEGER) WITHOUT ROWID",
)
_KEYS: Final = FileKind(
    name="key store",
    holds="keys",
    application=0x45525053,
    schema=_SCHEMA,
    first_line="INSERT INTO store VALUES (?, 0)",
)


class SeenStore(SqliteFile):
    """Which key was seen in which run. Every change is safe on disk when its method returns."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _KEYS)

    @property
    def run(self) -> int:
        """The number of the latest run; 0 before the first."""
        with self.blamed():
            return int(self._db.execute("SELECT run FROM store").fetchone()[0])

    def begin(self) -> int:
        """The number of a new run."""
        with self.transaction():
            return int(self._db.execute("UPDATE store SET run = run + 1 RETURNING run").fetchone()[0])

    def record(self, run: int, seen: Iterable[ErpKey], deleted: Iterable[ErpKey]) -> None:
        """Keys that this run has seen, and keys that the ERP itself calls deleted."""
        with self.transaction():
            self._db.executemany("DELETE FROM item WHERE key = ?", ((key,) for key in deleted))
            # a plan may have come later and seen more: its number stays
            self._db.executemany(
                "INSERT INTO item VALUES (?, ?, NULL) "
                "ON CONFLICT (key) DO UPDATE SET seen = max(seen, excluded.seen), told = NULL",
                ((key, run) for key in seen),
            )

    def has_seen(self, run: int) -> bool:
        """Whether this run has seen any key."""
        with self.blamed():
            return self._db.execute("SELECT 1 FROM item WHERE seen >= ? LIMIT 1", (run,)).fetchone() is not None

    def tell_missing(self, run: int, base: int) -> list[ErpKey]:
        """The keys that this run has not seen, less those that runs up to `base` have told of."""
        with self.transaction():
            query = "SELECT key FROM item WHERE seen < ? AND (told IS NULL OR told > ?) ORDER BY key"
            missing = [ErpKey(key) for (key,) in self._db.execute(query, (run, base))]
            self._db.executemany("UPDATE item SET told = ? WHERE key = ?", ((run, key) for key in missing))
        return missing
