"""`SqliteQueue`: what waits, in a file that several processes may use at once."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from akeneo_erp_bridge._sqlite_file import FileKind, SqliteFile
from akeneo_erp_bridge.errors import ConfigurationError, StateError
from akeneo_erp_bridge.sync._stored._sqlite_faults import is_locked
from akeneo_erp_bridge.sync.pim_first._queue import WorkKind
from akeneo_erp_bridge.sync.pim_first._stored_queue import Line, StoredQueue

_OPENING: Final = 5.0  # seconds; processes that open a new file at once find it locked, and SQLite does not always wait

# `number` counts what was ever put, so that none is given twice. `place` is the number under which a line came first.
_SCHEMA: Final = (
    "CREATE TABLE store (id TEXT NOT NULL, number INTEGER NOT NULL)",
    "CREATE TABLE waiting (place INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL,"
    " since TEXT NOT NULL, UNIQUE (kind, key))",
)
_QUEUE: Final = FileKind(
    name="queue file",
    holds="queue",
    application=0x45525051,
    version=1,
    schema=_SCHEMA,
    first_line="INSERT INTO store VALUES (?, 0)",
    pragmas=("PRAGMA journal_mode = WAL",),
    anew="end all that uses it and delete it with its -wal: the next poll of the PIM finds what waited in it",
    patience=3.0,  # seconds: the sender of an event waits for 5
)


class QueueFile(SqliteFile):
    """The lines of a queue."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _QUEUE)
        with self.blamed():
            self._place = self._now_at()

    def _now_at(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_dev, found.st_ino

    def put(self, things: Sequence[tuple[WorkKind, str]], since: str) -> None:
        """Add lines, or give another number to those that are there."""
        with self.transaction():
            if self._now_at() != self._place:  # what is written into a file without a name is lost
                raise StateError(
                    f"queue file {self.path} was replaced while it was in use; start all that uses it again"
                )
            last = int(
                self._db.execute("UPDATE store SET number = number + ? RETURNING number", (len(things),)).fetchone()[0]
            )
            first = last - len(things) + 1
            self._db.executemany(
                "INSERT INTO waiting (place, kind, key, number, since) VALUES (?1, ?2, ?3, ?1, ?4)"
                " ON CONFLICT (kind, key) DO UPDATE SET number = excluded.number",
                ((number, kind, key, since) for number, (kind, key) in enumerate(things, start=first)),
            )

    def oldest(self, limit: int) -> list[Line]:
        """The first ones."""
        with self.blamed():
            return self._db.execute(
                "SELECT kind, key, number, since FROM waiting ORDER BY place LIMIT ?", (limit,)
            ).fetchall()

    def drop(self, some: Sequence[tuple[WorkKind, str, int]]) -> None:
        """Take away those that have these numbers."""
        with self.transaction():
            self._db.executemany("DELETE FROM waiting WHERE kind = ? AND key = ? AND number = ?", some)

    def count(self) -> int:
        """How many there are."""
        with self.blamed():
            return int(self._db.execute("SELECT count(*) FROM waiting").fetchone()[0])


class SqliteQueue(StoredQueue):
    """A queue in a file (mode 0600), for one machine; several processes may use the file at once.

    What was put is safe on disk, also when the power fails. Other than a state, the file needs no back-up: where it is
    lost, the next poll of the PIM finds what waited in it, only later.

    Raises `StateError` for a file that cannot be used, or is something else, or is of another version.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, SqliteQueue(f"{folder}/queue.db") as queue:
    ...     queue.put([("product", "7e0c"), ("product_model", "jacket")])
    ...     taken = queue.take(100)
    ...     queue.put([("product", "7e0c")])  # it has changed since it was taken
    ...     queue.done(taken)
    ...     [(one.kind, one.key) for one in queue.take(100)]
    [('product', '7e0c')]
    """

    def __init__(self, path: Path | str) -> None:
        if str(path) == ":memory:":
            raise ConfigurationError("a queue in memory forgets what was accepted; name a file")
        super().__init__(_opened(Path(path)))
        self._path = path

    def __repr__(self) -> str:
        return f"SqliteQueue({str(self._path)!r})"


def _opened(path: Path) -> QueueFile:
    last = time.monotonic() + _OPENING
    while True:
        try:
            return QueueFile(path)
        except StateError as error:
            if time.monotonic() > last or not is_locked(error.__cause__):
                raise
        time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - no secret: two that wait wait differently
