"""When the next request may go: the PIM's limits on requests a second, shared by all threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

__all__ = ["Lane", "Throttle"]

Lane: TypeAlias = Literal["all", "options"]
_WINDOW = 1.0


class Throttle:
    """Hands out times to send at: never more than the limit within any one second.

    After a 429 that names no pause the lane's limit is halved, and then grows back by one for each second
    without another. A request of a narrow lane waits there first, then in the lane `all`, so it never blocks others.
    """

    def __init__(self, limits: Mapping[Lane, float], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._lanes = {lane: _Pace(limit) for lane, limit in limits.items()}

    def reserve(self, lane: Lane) -> float:
        """Take the next free place in *lane*, and return the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            return self._lanes[lane].take(now) - now

    def hold(self, lane: Lane, seconds: float) -> None:
        """Let nobody start in *lane* for *seconds*: the PIM asked for a pause."""
        with self._lock:
            pace = self._lanes[lane]
            pace.not_before = max(pace.not_before, self._clock() + seconds)

    def slow_down(self, lane: Lane) -> None:
        """Halve the limit of *lane*: the PIM said 429, and no pause."""
        with self._lock:
            self._lanes[lane].slow_down()

    def limit(self, lane: Lane) -> float:
        """The requests a second *lane* allows at the moment."""
        return self._lanes[lane].allowed


class _Pace:
    """One lane: a sliding window over the starts of the last second."""

    def __init__(self, limit: float) -> None:
        if limit < 1:
            raise ValueError(f"a limit of {limit} requests a second would never let one go; give 1 or more")
        self.limit = limit
        self.allowed = limit
        self.not_before = float("-inf")
        self._starts: deque[float] = deque()
        self._grow_at = float("-inf")

    def take(self, now: float) -> float:
        if self.allowed < self.limit and now >= self._grow_at:
            self.allowed = min(self.limit, self.allowed + 1)
            self._grow_at = now + _WINDOW
        start = max(now, self.not_before)
        if self._starts:
            # Never in front of an earlier caller, even when the limit has grown since.
            start = max(start, self._starts[-1])
        places = int(self.allowed)
        if len(self._starts) >= places:
            start = max(start, self._starts[-places] + _WINDOW)
        self._starts.append(start)
        while len(self._starts) > self.limit:
            self._starts.popleft()
        return start

    def slow_down(self) -> None:
        self.allowed = max(1.0, self.allowed // 2)
        self._grow_at = (self._starts[-1] if self._starts else 0.0) + _WINDOW
