"""The keys met in this run, on disk: memory stays flat however many items there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Defect, ErpItem

_SLICE: Final = 500

TORN: Final = ErpKey("")
"""Noted among the keys that a reading has shown, for a row whose key could not be read; no item has it."""


def has_torn_key(item: ErpItem) -> bool:
    """Whether the key could not be read, so that it may be that of any item."""
    return isinstance(item.row.get(item.key_spec().path), Defect)


class SeenKeys:
    """Knows each key that was met, and the content of the row that counts; `LaterRows` says what becomes of the others."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a temporary file that SQLite removes by itself
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID")
        self._db.execute("CREATE TABLE named (name TEXT PRIMARY KEY, ref TEXT NOT NULL) WITHOUT ROWID")

    def among(self, keys: Sequence[ErpKey]) -> set[str]:
        """Those of the keys that were met."""
        return set(self._known(keys))

    def meet(self, rows: Sequence[tuple[ErpKey, str]]) -> list[str | None]:
        """For each (key, fingerprint): the fingerprint the key was first met with, `None` for a first meeting."""
        known = self._known([key for key, _ in rows])
        answers: list[str | None] = []
        fresh: dict[str, str] = {}
        for key, fingerprint in rows:
            answers.append(known.get(key))
            if key not in known:
                known[key] = fresh[key] = fingerprint
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO seen VALUES (?, ?)", fresh.items())
        self._db.execute("COMMIT")
        return answers

    def renew(self, rows: Sequence[tuple[ErpKey, str]]) -> None:
        """Put these fingerprints in the place of those that the keys were met with."""
        if not rows:
            return
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)
        self._db.execute("COMMIT")

    def forget(self, keys: Sequence[ErpKey]) -> None:
        """The next row of these keys is a first meeting."""
        if not keys:
            return
        self._db.execute("BEGIN")
        self._db.executemany("DELETE FROM seen WHERE key = ?", [(key,) for key in keys])
        self._db.execute("COMMIT")

    def begin_anew(self) -> None:
        """The next row of any key is a first meeting; what else is noted stands under names that begin with a NUL."""
        self._db.execute("DELETE FROM seen WHERE key < ? OR key >= ?", ("\0", "\1"))

    def name(self, rows: Sequence[tuple[str, str]]) -> None:
        """Keep for each (name, reference) what this run writes under which: the PIM's lists lag behind."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO named VALUES (?, ?)", rows)
        self._db.execute("COMMIT")

    def refs(self, names: Sequence[str]) -> dict[str, str]:
        """The references of the names that this run writes."""
        return self._pairs("SELECT name, ref FROM named WHERE name", names)

    def _known(self, keys: Sequence[ErpKey]) -> dict[str, str]:
        return self._pairs("SELECT key, fingerprint FROM seen WHERE key", keys)

    def _pairs(self, query: str, keys: Sequence[str]) -> dict[str, str]:
        known: dict[str, str] = {}
        for start in range(0, len(keys), _SLICE):
            some = keys[start : start + _SLICE]
            known.update(self._db.execute(f"{query} IN ({','.join('?' * len(some))})", some).fetchall())
        return known

    def close(self) -> None:
        """Give the temporary file back."""
        self._db.close()
