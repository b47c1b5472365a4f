"""What the queues in databases have in common: the table differs, the promises do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync.pim_first._queue import Waiting, WorkKind, checked

Line: TypeAlias = tuple[WorkKind, str, int, str]
"""Kind, key, number, and since when, as ISO text in UTC."""


class Lines(Protocol):
    """The lines of a queue in some database. Each method is one transaction, and raises `StateError`."""

    def put(self, things: Sequence[tuple[WorkKind, str]], since: str) -> None:
        """Add lines, or give another number to those that are there."""
        ...

    def oldest(self, limit: int) -> list[Line]:
        """The first ones."""
        ...

    def drop(self, some: Sequence[tuple[WorkKind, str, int]]) -> None:
        """Take away those that have these numbers."""
        ...

    def count(self) -> int:
        """How many there are."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class StoredQueue:
    """A queue in a database. Threads may share it."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._lock = Lock()

    def put(self, things: Iterable[tuple[WorkKind, str]]) -> None:
        """Remember things, all or none of them; they are safe on disk when it returns.

        One that waits already keeps its place and gets another number. Raises `ConfigurationError` for what is no key.
        """
        found = checked(things)
        if found:
            with self._lock:
                self._lines.put(found, datetime.now(UTC).isoformat())

    def take(self, limit: int) -> list[Waiting]:
        """Return those that wait the longest, in their order; nothing is taken away."""
        if limit < 1:
            raise ConfigurationError(f"a limit of {limit} takes nothing; give 1 or more")
        with self._lock:
            found = self._lines.oldest(limit)
        return [Waiting(key, kind, number, datetime.fromisoformat(since)) for kind, key, number, since in found]

    def done(self, some: Sequence[Waiting]) -> None:
        """Forget them, but for those that were put again since they were taken."""
        if some:
            with self._lock:
                self._lines.drop([(one.kind, one.key, one.number) for one in some])

    def __len__(self) -> int:
        """How many things wait."""
        with self._lock:
            return self._lines.count()

    def __bool__(self) -> bool:
        """A queue is there, also an empty one."""
        return True

    def close(self) -> None:
        """Give the place of the queue back."""
        with self._lock:
            self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
