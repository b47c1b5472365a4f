"""Decisions without I/O: a flow asks for effects, a short loop carries them out.

A flow is a generator. It yields a `Send` and gets the answer, or the transport's error thrown in; it yields an `Alone`
and goes on when the inner flow is done. The loop in `_session.py` is the only place that waits, locks and sends; an
asynchronous loop would differ in its awaits alone.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import TypeAlias, TypeVar

import httpx
from attrs import field, frozen

from akeneo_erp_bridge.akeneo._retry import Outcome, RetryPolicy, read_retry_after
from akeneo_erp_bridge.akeneo._streams import Download, Upload
from akeneo_erp_bridge.akeneo._throttle import Lane
from akeneo_erp_bridge.errors import PimUnreachable

__all__ = ["Alone", "Answer", "Call", "Flow", "Send", "exchange", "transmit"]

T = TypeVar("T")

# Before the request left, so the PIM cannot have acted on it.
_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@frozen(kw_only=True)
class Call:
    """One request to the PIM, as a value.

    `target` is the path and query. `what` names the thing for error messages. `repeatable` says that a second try
    does no harm; `signed` that it carries the token. `upload` is a body in place of `content`, sent in pieces;
    `download` takes a good answer's body in pieces.
    """

    method: str
    target: str
    what: str
    content: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    repeatable: bool = True
    lane: Lane = "all"
    signed: bool = True
    upload: Upload | None = field(default=None, repr=False)
    download: Download | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.what}"


@frozen
class Answer:
    """What the PIM answered: all that decisions need, free of the HTTP library."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    origin: str

    @property
    def retry_after(self) -> str | None:
        return self.headers.get("retry-after")


@frozen
class Send:
    """Effect: wait *after* seconds, then send *call* with *authorization*."""

    call: Call
    authorization: str | None = field(default=None, repr=False)
    after: float = 0.0


@frozen
class Alone:
    """Effect: run *flow* while no other thread runs one like it."""

    flow: Flow[None] = field(repr=False)


Effect: TypeAlias = Send | Alone
Flow: TypeAlias = "Generator[Effect, Answer | None, T]"


def transmit(send: Send) -> Flow[Answer]:
    """Send once and return the answer."""
    answer = yield send
    if answer is None:
        raise AssertionError("the loop answers a Send with an Answer")
    return answer


def exchange(call: Call, authorization: str | None, policy: RetryPolicy) -> Flow[Answer]:
    """Send *call* until the policy stops; return the last answer, be it good or bad.

    Raises `PimUnreachable` when the last try got no answer.
    """
    pause = 0.0
    for attempt in count(1):
        answer: Answer | None = None
        problem: httpx.RequestError | None = None
        try:
            answer = yield from transmit(Send(call, authorization, after=pause))
        except httpx.RequestError as error:
            problem = error
        if answer is not None and answer.status < 400:
            return answer
        wait = policy.pause_after(attempt, _outcome(answer, problem), repeatable=call.repeatable)
        if wait is None:
            if answer is not None:
                return answer
            raise _unreachable(call, attempt, problem) from problem
        pause = wait.total_seconds()
    raise AssertionError("count() never ends")


def _outcome(answer: Answer | None, problem: httpx.RequestError | None) -> Outcome:
    if answer is None:
        return Outcome(status=None, reached=not isinstance(problem, _NOT_REACHED))
    return Outcome(status=answer.status, retry_after=read_retry_after(answer.retry_after, now=datetime.now(UTC)))


def _unreachable(call: Call, tries: int, problem: httpx.RequestError | None) -> PimUnreachable:
    times = "once" if tries == 1 else f"{tries} times"
    kind = type(problem).__name__
    where = "the PIM"
    if problem is not None:
        asked = problem.request.url
        where = f"{asked.scheme}://{asked.netloc.decode('ascii')}"
    return PimUnreachable(
        f"{call}: tried {times}, no answer from {where}: {str(problem) or kind} ({kind}); check the address and the network"
    )
