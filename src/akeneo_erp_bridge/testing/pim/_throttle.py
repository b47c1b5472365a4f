"""The PIM's own limits: calls a second, the slow lane of options, calls in flight."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

from akeneo_erp_bridge.testing.pim._behaviour import Behaviour
from akeneo_erp_bridge.testing.pim._http import Request
from akeneo_erp_bridge.testing.pim._refusal import Refusal

OPTION_WRITE = re.compile(r"/api/rest/v1/attributes/[^/]+/options(/[^/]+)?")


class Throttle:
    """Counts calls, and refuses with 429 what is too much.

    The time is the machine's, not the simulator's clock: a limit by the second is about real traffic.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.peak = 0
        self._behaviour = behaviour
        self._lock = Lock()
        self._in_flight = 0
        self._options_in_flight = 0
        self._all: deque[float] = deque()
        self._options: deque[float] = deque()

    @contextmanager
    def admit(self, request: Request) -> Generator[None]:
        """Count a call while it is handled."""
        option = request.method == "PATCH" and OPTION_WRITE.fullmatch(request.path) is not None
        with self._lock:
            self._check(option=option)
            self._in_flight += 1
            self._options_in_flight += option
            self.peak = max(self.peak, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1
                self._options_in_flight -= option

    def _check(self, *, option: bool) -> None:
        limits = self._behaviour
        if limits.calls_in_flight is not None and self._in_flight >= limits.calls_in_flight:
            raise self._refusal()
        now = time.monotonic()
        self._count(self._all, limits.requests_per_second, now)
        if option:
            most = limits.option_writes_in_flight
            if most is not None and self._options_in_flight >= most:
                raise self._refusal()
            self._count(self._options, limits.option_writes_per_second, now)

    def _count(self, window: deque[float], most: int | None, now: float) -> None:
        if most is None:
            return
        while window and window[0] <= now - 1:
            window.popleft()
        if len(window) >= most:
            raise self._refusal()
        window.append(now)

    def _refusal(self) -> Refusal:
        seconds = self._behaviour.retry_after
        headers = [] if seconds is None else [("Retry-After", str(seconds))]
        return Refusal(429, "You have exceeded the limit of API requests per second.", headers=headers)
