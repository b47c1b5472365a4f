"""A connection to the PIM on which calls fail at random."""

from __future__ import annotations

import random

import httpx


class Shaky(httpx.BaseTransport):
    """One call in ten, or so many of a hundred, fails: before it reaches the PIM, after it has, or by an answer that is none."""

    def __init__(self, inner: httpx.BaseTransport, chance: random.Random, failing: int = 10) -> None:
        self._inner = inner
        self._chance = chance
        self._failing = failing / 100
        self.failed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._chance.random() >= self._failing:
            return self._inner.handle_request(request)
        self.failed += 1
        kind = self._chance.randrange(5)
        if kind == 0:
            raise httpx.ConnectError("refused", request=request)
        if kind == 1:
            return httpx.Response(503, content=b"<html>Bad gateway</html>", request=request)
        if kind == 2:
            return httpx.Response(429, headers={"Retry-After": "0"}, request=request)
        answer = self._inner.handle_request(request)
        answer.read()
        if kind == 3:
            raise httpx.ReadError("reset by peer", request=request)
        return httpx.Response(500, json={"code": 500, "message": "Internal error"}, request=request)
