"""A queue that dies with its process: enough for a job that polls, which finds again what was lost."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Self

from attrs import define, evolve, field

from akeneo_erp_bridge.sync.pim_first._queue import Waiting, WorkKind, checked

__all__ = ["MemoryQueue"]


@define
class MemoryQueue:
    """What is to be looked at, in memory; safe for several threads.

    >>> queue = MemoryQueue()
    >>> queue.put([("product", "0b9c"), ("product", "0b9c")])
    >>> [one.key for one in queue.take(10)], len(queue)
    (['0b9c'], 1)
    """

    _waiting: dict[tuple[WorkKind, str], Waiting] = field(
        factory=dict[tuple[WorkKind, str], Waiting], init=False, repr=False
    )
    _number: int = field(default=0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def put(self, things: Iterable[tuple[WorkKind, str]]) -> None:
        """Add things; one that waits keeps its place."""
        with self._lock:
            for kind, key in checked(things):
                self._number += 1
                known = self._waiting.get((kind, key))
                self._waiting[kind, key] = (
                    Waiting(key, kind, self._number, datetime.now(UTC))
                    if known is None
                    else evolve(known, number=self._number)
                )

    def take(self, limit: int) -> list[Waiting]:
        """The oldest ones; they stay until they are `done`."""
        with self._lock:
            return list(islice(self._waiting.values(), limit))

    def done(self, some: Sequence[Waiting]) -> None:
        """Drop each of them that was not put again since it was taken."""
        with self._lock:
            for one in some:
                known = self._waiting.get((one.kind, one.key))
                if known is not None and known.number == one.number:
                    del self._waiting[one.kind, one.key]

    def close(self) -> None:
        """There is nothing to give back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __bool__(self) -> bool:
        """A queue is there, also an empty one."""
        return True

    def __len__(self) -> int:
        with self._lock:
            return len(self._waiting)
