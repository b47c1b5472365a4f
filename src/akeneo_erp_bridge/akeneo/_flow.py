"""Decisions without I/O: a flow asks for effects, a short loop carries them out.

A flow is a generator. It yields a `Send` and gets the answer, or the transport's error thrown in; it yields an `Alone`
and goes on when the inner flow is done. The loop in `_session.py` is the only place that waits, locks and sends; an
asynchronous loop would differ in its awaits alone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import TypeAlias, TypeVar

import httpx
from attrs import evolve, field, frozen

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.akeneo._json import loads
from akeneo_erp_bridge.akeneo._retry import Outcome, RetryPolicy
from akeneo_erp_bridge.akeneo._streams import Download, Upload
from akeneo_erp_bridge.akeneo._throttle import Lane
from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import PimUnreachable

__all__ = ["Alone", "Answer", "Call", "Flow", "Send", "exchange", "transmit"]

T = TypeVar("T")

# Before the request left, so the PIM cannot have acted on it.
_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@frozen(kw_only=True)
class Call:
    """One request to the PIM, as a value.

    `target` is the path and query. `what` names the thing for error messages. `repeatable` says that a second try
    does no harm; `signed` that it carries the token. `by_line`: the answer is a verdict for each line, and who reads
    it notices what is missing. `arrived` gets a good answer's content before it is read. `upload` is a body in place of
    `content`, sent in pieces; `download` takes a good answer's body in pieces. `after` is how many seconds to wait first.
    """

    method: str
    target: str
    what: str
    content: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    repeatable: bool = True
    lane: Lane = "all"
    signed: bool = True
    by_line: bool = False
    arrived: Callable[[bytes], None] | None = field(default=None, repr=False, eq=False)
    upload: Upload | None = field(default=None, repr=False)
    download: Download | None = field(default=None, repr=False)
    after: float = 0.0

    @property
    def size(self) -> int:
        """The bytes of its body."""
        return len(self.content) if self.upload is None else self.upload.length

    def __str__(self) -> str:
        return f"{self.method} {self.what}"


@frozen
class Answer:
    """What the PIM answered: all that decisions need, free of the HTTP library. `tries` is the number of requests."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    origin: str
    tries: int = 1

    @property
    def retry_after(self) -> str | None:
        return self.headers.get("retry-after")

    @cached_property
    def body(self) -> JsonValue:
        """The JSON of the content; raises `ValueError` for anything else."""
        return loads(self.content)

    def is_cut(self, call: Call) -> bool:
        """Whether this is the beginning of a good answer, and the rest was lost.

        A length that is wrong is the HTTP library's to notice; what ends inside a gzip stream it takes for the end.
        """
        kind = self.headers.get("content-type", "").partition(";")[0].strip()
        if self.status >= 300 or kind != "application/json" or call.download is not None or call.by_line:
            return False
        if not self.content and call.method != "GET":
            return False  # a write may be answered by its status alone
        try:
            self.body  # noqa: B018  # whether it can be read is the question
        except ValueError:
            return True
        return False


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

    Raises `PimUnreachable` when the last try got no answer, or a part of one.
    """
    pause = call.after
    for attempt in count(1):
        answer: Answer | None = None
        problem: httpx.RequestError | None = None
        try:
            answer = yield from transmit(Send(call, authorization, after=pause))
        except httpx.RequestError as error:
            problem = error
        if call.arrived is not None and answer is not None and answer.status == 200:
            call.arrived(answer.content)
        cut = answer is not None and answer.is_cut(call)
        if answer is not None and answer.status < 400 and not cut:
            return answer
        outcome = Outcome(status=None) if cut else _outcome(answer, problem)
        wait = policy.pause_after(attempt, outcome, repeatable=call.repeatable)
        if wait is None:
            if answer is None:
                raise _unreachable(call, attempt, problem) from problem
            if cut:
                raise _cut(call, attempt, answer)
            return evolve(answer, tries=attempt)
        pause = wait.total_seconds()
    raise AssertionError("count() never ends")


def _outcome(answer: Answer | None, problem: httpx.RequestError | None) -> Outcome:
    if answer is None:
        return Outcome(status=None, reached=not isinstance(problem, _NOT_REACHED))
    return Outcome(status=answer.status, retry_after=read_retry_after(answer.retry_after, now=datetime.now(UTC)))


def _times(tries: int) -> str:
    return "once" if tries == 1 else f"{tries} times"


def _cut(call: Call, tries: int, answer: Answer) -> PimUnreachable:
    size = len(answer.content)
    return PimUnreachable(
        f"{call}: tried {_times(tries)}, {answer.origin} answered {answer.status} with {size} bytes that end in the "
        "middle of the JSON; is something between here and the PIM cutting long answers?"
    )


def _unreachable(call: Call, tries: int, problem: httpx.RequestError | None) -> PimUnreachable:
    kind = type(problem).__name__
    where = "the PIM"
    if problem is not None:
        asked = problem.request.url
        where = f"{asked.scheme}://{asked.netloc.decode('ascii')}"
    return PimUnreachable(
        f"{call}: tried {_times(tries)}, no answer from {where}: {str(problem) or kind} ({kind}); check the address and the network"
    )
