"""Writing many: up to four batches in flight, results in input order, memory flat."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._errors import problem_of, unexpected
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._lines import Batch, Line, UpsertResult, cut, failed, join, prepare, read_verdicts
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import Entity, Patch
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    PimBroken,
    PimError,
    PimRefused,
    SignInRefused,
    TooLarge,
    UnexpectedAnswer,
)

__all__ = ["upsert_many"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)
W = TypeVar("W")

# Every other batch would fail the same way, so going on only hides the cause.
_HOPELESS: Final = (SignInRefused, UnexpectedAnswer, ConfigurationError)
_MOST_DEAD_LINES: Final = 3


@frozen
class _Delivery(Generic[W]):
    """The results of some lines, in order; `hopeless` when nothing more should be sent."""

    results: Sequence[UpsertResult[W]]
    hopeless: BridgeError | None = None


def upsert_many(
    session: Session, options: Options, kind: WriteKind[T, P], items: Iterable[W], encode: _Encode[W]
) -> Iterator[UpsertResult[W]]:
    """Write *items*, yielding one result each, in their order.

    A refused or failed line is a result, not an error. Raises `SignInRefused`, `UnexpectedAnswer` or
    `ConfigurationError` when no write can succeed, after the results of everything that was sent.
    """
    batches = cut((_entry(kind, item, encode) for item in items), options)
    workers = ThreadPoolExecutor(options.concurrency, thread_name_prefix="akeneo-upsert")
    flights: deque[tuple[Batch[W], Future[_Delivery[W]]]] = deque()
    hopeless: BridgeError | None = None
    try:
        for batch in batches:
            while flights and (len(flights) >= options.concurrency or _meets(batch, flights)):
                hopeless = yield from _land(*flights.popleft())
                if hopeless is not None:
                    break
            flow = _deliver(kind, batch.lines, session.keeper, options)
            if hopeless is not None:
                yield from _give_up(batch, hopeless)
                break
            flights.append((batch, workers.submit(session.run, flow, options)))
        while flights:
            hopeless = (yield from _land(*flights.popleft())) or hopeless
    finally:
        workers.shutdown(wait=True, cancel_futures=True)
    if hopeless is not None:
        raise hopeless
