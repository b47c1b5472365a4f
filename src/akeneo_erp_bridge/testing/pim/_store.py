"""Where the simulator keeps its state: tables in memory, written through to SQLite when a path is given."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from attrs import define, field

T = TypeVar("T")


class Journal:
    """The durable copy of all tables.

    Writes wait in a list until `commit`, which puts them down in one transaction: after a `kill -9` each line of a
    batch is there as a whole or not at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._waiting: list[tuple[str, str, bytes | None]] = []
        self._connection: sqlite3.Connection | None = None
        if path is not None:
            # autocommit, so that BEGIN and COMMIT below are ours; the facade's lock serialises the threads
            connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            # survives the death of this process, which is what is promised, though not a power cut
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS state"
                " (kind TEXT, key TEXT, content BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
            self._connection = connection

    def rows(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Everything stored of one kind, in the order of its keys."""
        if self._connection is not None:
            yield from self._connection.execute("SELECT key, content FROM state WHERE kind = ? ORDER BY key", (kind,))

    def write(self, kind: str, key: str, content: bytes | None) -> None:
        """Note a new content, or `None` for a deletion."""
        if self._connection is not None:
            self._waiting.append((kind, key, content))

    def commit(self) -> None:
        """Put down what was noted."""
        waiting, self._waiting = self._waiting, []
        if self._connection is None or not waiting:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        for kind, key, content in waiting:
            if content is None:
                self._connection.execute("DELETE FROM state WHERE kind = ? AND key = ?", (kind, key))
            else:
                self._connection.execute("REPLACE INTO state VALUES (?, ?, ?)", (kind, key, content))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@define(eq=False)
class Table(Generic[T]):
    """Objects of one kind. Keys are compared without case, as Akeneo's codes are, and kept in order."""

    kind: str
    journal: Journal
    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]
    changes: int = 0
    """Grows with each write, so that what was derived from the table knows when it is old."""
    _objects: dict[str, T] = field(init=False, factory=dict[str, T])
    _keys: list[str] = field(init=False, factory=list[str])

    def __attrs_post_init__(self) -> None:
        for key, content in self.journal.rows(self.kind):
            self._objects[key] = self.decode(content)
        self._keys = sorted(self._objects)

    def get(self, key: str) -> T | None:
        """The object with this key, in whatever case."""
        return self._objects.get(key.lower())

    def all_keys(self) -> list[str]:
        """All keys, lower case, in order."""
        return list(self._keys)

    def __contains__(self, key: str) -> bool:
        return key.lower() in self._objects

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, key: str, value: T) -> None:
        """Add or replace."""
        key = key.lower()
        if key not in self._objects:
            insort(self._keys, key)
        self._objects[key] = value
        self.changes += 1
        self.journal.write(self.kind, key, self.encode(value))

    def remove(self, key: str) -> None:
        """Delete; a key that is not there is an error of the caller."""
        key = key.lower()
        del self._objects[key]
        del self._keys[bisect_left(self._keys, key)]
        self.changes += 1
        self.journal.write(self.kind, key, None)

    def values(self, *, prefix: str = "", after: str | None = None) -> Iterator[T]:
        """All objects in the order of their keys, optionally those under a prefix or behind a key."""
        prefix = prefix.lower()
        start = bisect_left(self._keys, prefix)
        if after is not None:
            start = max(start, bisect_left(self._keys, after.lower() + "\x00"))
        for position in range(start, len(self._keys)):
            key = self._keys[position]
            if not key.startswith(prefix):
                return
            yield self._objects[key]
