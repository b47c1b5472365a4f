"""A process that kills itself at an effect boundary; what the programs of kill tests share."""

from __future__ import annotations

import os
import signal
from itertools import count

import httpx


class FatalAt:
    """A hook that notes each boundary; at number `fatal` the process is gone, as by `kill -9`. 0 is never.

    Of a `kind`, its boundaries alone are counted.
    """

    def __init__(self, fatal: int, kind: str = "") -> None:
        self.fatal = fatal
        self.kind = kind
        self.passed: list[str] = []
        self._numbers = count(1)

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        # requests end in threads: each has a number of its own
        if self.kind in ("", name) and next(self._numbers) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


class FatalRequests(httpx.HTTPTransport):
    """Real requests; each that writes is a boundary once the PIM has answered it."""

    def __init__(self, hook: FatalAt) -> None:
        super().__init__()
        self._hook = hook

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.read()
        if request.method != "GET" and "/rest/" in request.url.path:
            self._hook(f"{request.method}:{request.url.path}")
        return response
