"""A connection to the PIM on which calls fail at random."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from math import gcd
from threading import Lock
from typing import Final, Literal, TypeAlias

import httpx

Kind: TypeAlias = Literal["refused", "503", "429", "cut", "500"]
Side: TypeAlias = Literal["read", "write", "sign-in"]

KINDS: Final[tuple[Kind, ...]] = ("refused", "503", "429", "cut", "500")
"""The first three before the call reaches the PIM, the others after it has."""


class Shaky(httpx.BaseTransport):
    """One call in ten, or so many of a hundred, fails: before it reaches the PIM, after it has, or by an answer that is none.

    What becomes of a call is dealt from shuffled cards, one pack for what reads and one for what writes: so a whole run
    meets each kind of failure on either side, and as many as were asked for.
    """

    def __init__(self, inner: httpx.BaseTransport, chance: random.Random, failing: int = 10) -> None:
        self._inner = inner
        self._chance = chance
        share = gcd(failing, 100)
        good = len(KINDS) * (100 - failing) // share
        self._pack: tuple[Kind | None, ...] = (*KINDS * (failing // share), *[None] * good)
        self._left: defaultdict[Side, list[Kind | None]] = defaultdict(list)
        self._lock = Lock()
        self.calls = 0
        self.met: Counter[tuple[Side, Kind]] = Counter()

    @property
    def failed(self) -> int:
        return self.met.total()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kind = self._dealt(side_of(request))
        if kind is None:
            return self._inner.handle_request(request)
        if kind == "refused":
            raise httpx.ConnectError("refused", request=request)
        if kind == "503":
            return httpx.Response(503, content=b"<html>Bad gateway</html>", request=request)
        if kind == "429":
            return httpx.Response(429, headers={"Retry-After": "0"}, request=request)
        answer = self._inner.handle_request(request)
        answer.read()
        if kind == "cut":
            raise httpx.ReadError("reset by peer", request=request)
        return httpx.Response(500, json={"code": 500, "message": "Internal error"}, request=request)

    def _dealt(self, side: Side) -> Kind | None:
        with self._lock:
            left = self._left[side]
            if not left:
                left += self._chance.sample(self._pack, len(self._pack))
            self.calls += 1
            kind = left.pop()
            self.met.update([(side, kind)] if kind is not None else [])
            return kind


def side_of(request: httpx.Request) -> Side:
    """Whether a call reads or writes; to sign in is neither."""
    if request.method == "GET":
        return "read"
    return "sign-in" if request.url.path.endswith("/oauth/v1/token") else "write"
