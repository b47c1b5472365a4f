"""A transport between a sink and a real shop: it counts, and answers some calls itself."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import httpx

Fault = Callable[[httpx.Request], httpx.Response | None]


class Between(httpx.BaseTransport):
    """Calls pass through to the shop, unless a fault is due: each of them is asked in turn, until it answers once.

    A fault that answers `None` for a request lets it through, perhaps changed, and stays due.
    """

    def __init__(self, *faults: Fault) -> None:
        self.inner = httpx.HTTPTransport()
        self.faults = list(faults)
        self.calls: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.calls.append(f"{request.method} {request.url.path}")
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self._due(request)
            return self.inner.handle_request(request) if answer is None else answer
        finally:
            with self._lock:
                self.at_once -= 1

    def _due(self, request: httpx.Request) -> httpx.Response | None:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
        answer = None if fault is None else fault(request)
        if answer is None and fault is not None:
            self.faults.insert(0, fault)
        return answer

    def close(self) -> None:
        self.inner.close()


def status(code: int, **headers: str) -> Fault:
    """An answer of a proxy that is before the shop."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(code, headers=named)


def reset(request: httpx.Request) -> httpx.Response | None:
    """A connection that is cut before the shop has heard."""
    raise httpx.ReadError("reset", request=request)
