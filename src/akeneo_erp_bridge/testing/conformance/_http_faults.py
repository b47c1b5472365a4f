"""`Faults`: what goes wrong on the way to the ERP, at a call that the kit chooses."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Final, Literal, TypeAlias

import httpx
from attrs import evolve, frozen

ErrorMaker: TypeAlias = Callable[[], Exception]

HTTP_FAULTS: Final = ("429", "503", "reset", "timeout", "truncated", "half")
PLAIN_ERRORS: Final[tuple[ErrorMaker, ...]] = (
    lambda: ConnectionResetError("connection reset by peer"),
    lambda: TimeoutError("timed out"),
)


class Killed(BaseException):
    """The process is gone at this call. No adapter may catch it: nobody catches the end of a process."""


@frozen(kw_only=True)
class _Plan:
    """What is to go wrong: at which call, and which fault; or the end of the process, before or after it.

    `every` is after how many calls the fault comes again: never, at each call, or at each second one.
    """

    at: int
    name: str = ""
    every: Literal[0, 1, 2] = 0
    killed: Literal["before", "after"] | None = None

    def strikes(self, number: int) -> bool:
        return number == self.at or (self.every > 0 and number > self.at and (number - self.at) % self.every == 0)


class Faults:
    """Counts the calls of an adapter's traffic, and lets one of them fail.

    The kit hands it to `make_adapter`, which leads the traffic through it. With httpx that is a transport:

    >>> faults = Faults()
    >>> there = httpx.MockTransport(lambda request: httpx.Response(200, json=["A-1", "A-2"]))
    >>> erp = httpx.Client(transport=faults.transport(there), base_url="https://erp.example")
    >>> erp.get("/items").json()
    ['A-1', 'A-2']
    >>> faults.fail("503", at=1)
    >>> [erp.get("/items").status_code for _ in range(2)]
    [503, 200]
    >>> erp.close()

    With anything else it is a context around each call; say which errors of the driver may pass by themselves:

    >>> def execute(query):
    ...     with faults.call(lambda: OSError("the database is locked")):
    ...         return ["A-1", "A-2"]
    >>> faults = Faults()
    >>> execute("SELECT number FROM articles")
    ['A-1', 'A-2']
    >>> faults.offered
    ('OSError: the database is locked',)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._plan: _Plan | None = None
        self._offered: dict[str, None] = {}
        self.calls = 0
        """The calls since the last `reset`, `fail`, `alternate` or `kill`."""
        self.struck = 0
        """How many of these calls failed."""
        self._places: dict[int, list[int]] = {}

    # ---- what an adapter's traffic passes ----
    def transport(self, inner: httpx.BaseTransport | None = None) -> httpx.BaseTransport:
        """A transport that lets calls fail on their way to *inner*, by default the network.

        The faults: 429 with Retry-After, 503, a reset connection, a time-out, a body that breaks off, and one of
        JSON that is half there.
        """
        return _FaultyTransport(self._next, inner or httpx.HTTPTransport(verify=_trusted()))

    @contextmanager
    def call(self, *errors: ErrorMaker) -> Generator[None]:
        """Around one call of any other kind. *errors* make what the driver raises; a reset and a time-out by default."""
        makers = {f"{type(made := make()).__name__}: {made}": make for make in errors or PLAIN_ERRORS}
        plan = self._next(makers)
        if plan is not None and plan.killed == "before":
            raise Killed
        if plan is not None and plan.name in makers:
            raise makers[plan.name]()
        yield
        if plan is not None and plan.killed == "after":
            raise Killed

    # ---- what the kit asks for ----
    @property
    def offered(self) -> tuple[str, ...]:
        """The faults that the calls so far can show."""
        return tuple(self._offered)

    @property
    def ends(self) -> list[int]:
        """Of the calls so far, the first and the last one from each place in the code of the adapter."""
        return sorted({one for some in self._places.values() for one in (some[0], some[-1])})

    def reset(self) -> None:
        """Nothing goes wrong from here on; calls are counted anew."""
        self._set(None)

    def fail(self, name: str, *, at: int, always: bool = False) -> None:
        """Let the call *at* (from 1) fail once, or it and all that follow."""
        self._set(_Plan(at=at, name=name, every=1 if always else 0))

    def alternate(self, name: str, *, at: int) -> None:
        """Let the call *at* (from 1) fail, and every second one after it: where each is tried again, each fails once."""
        self._set(_Plan(at=at, name=name, every=2))

    def kill(self, moment: Literal["before", "after"], *, at: int) -> None:
        """End the process before the call *at* is sent, or after it was done and before its answer came back."""
        self._set(_Plan(at=at, killed=moment))

    def _set(self, plan: _Plan | None) -> None:
        with self._lock:
            self._plan, self.calls, self.struck, self._places = plan, 0, 0, {}

    def _next(self, offers: Mapping[str, object] | tuple[str, ...]) -> _Plan | None:
        with self._lock:
            self._offered |= dict.fromkeys(offers)
            self.calls += 1
            self._places.setdefault(_place(), []).append(self.calls)
            plan = self._plan
            if plan is None or not plan.strikes(self.calls):
                return None
            self.struck += 1
            return evolve(plan, at=self.calls)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates of this machine, read once: reading them takes longer than most calls of an adapter."""
    return httpx.create_ssl_context()


def _place() -> int:
    """From where a call is made: the lines of code that lead to it."""
    return hash(tuple((frame.f_code.co_filename, line) for frame, line in traceback.walk_stack(None)))


class _FaultyTransport(httpx.BaseTransport):
    def __init__(self, plan_of: Callable[[tuple[str, ...]], _Plan | None], inner: httpx.BaseTransport) -> None:
        self._plan_of = plan_of
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        plan = self._plan_of(HTTP_FAULTS)
        if plan is None:
            return self._inner.handle_request(request)
        if plan.killed == "before":
            raise Killed
        match plan.name:
            case "429":
                # a second once, to see that it is understood; a walk through all calls need not take minutes
                return httpx.Response(429, headers={"Retry-After": "1" if plan.at == 1 else "0"}, request=request)
            case "503":
                return httpx.Response(503, text="Service Unavailable", request=request)
            case "reset":
                raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
            case "timeout":
                raise httpx.ReadTimeout("The read operation timed out", request=request)
            case _:
                return self._answered(request, plan)

    def _answered(self, request: httpx.Request, plan: _Plan) -> httpx.Response:
        """The call is done; what becomes of its answer is another matter."""
        answer = self._inner.handle_request(request)
        try:
            raw = b"".join(iter(answer.stream)) if isinstance(answer.stream, httpx.SyncByteStream) else b""
        finally:
            answer.close()
        if plan.killed == "after":
            raise Killed
        if plan.name == "half" and len(raw) > 1 and "json" in answer.headers.get("content-type", ""):
            kept = [(name, text) for name, text in answer.headers.multi_items() if name != "content-length"]
            return httpx.Response(answer.status_code, headers=kept, stream=_Bytes(raw[: len(raw) // 2]))
        if plan.name in ("truncated", "half"):
            return httpx.Response(answer.status_code, headers=answer.headers, stream=_BrokenOff(raw[: len(raw) // 2]))
        return httpx.Response(answer.status_code, headers=answer.headers, stream=_Bytes(raw))

    def close(self) -> None:
        self._inner.close()


@frozen
class _Bytes(httpx.SyncByteStream):
    raw: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.raw


@frozen
class _BrokenOff(httpx.SyncByteStream):
    raw: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.raw
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
