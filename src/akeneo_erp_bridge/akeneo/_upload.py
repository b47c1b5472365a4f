"""Writing many: up to four batches in flight, results in input order, memory flat."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Final, Generic, ParamSpec, TypeAlias, TypeVar

from attrs import define, frozen

from akeneo_erp_bridge.akeneo._batches import Delivery, deliver
from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._lines import Batch, Entry, Line, UpsertResult, cut, failed, prepare, unjudged
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import Entity, Patch
from akeneo_erp_bridge.catalog._product_lines import Split
from akeneo_erp_bridge.errors import BridgeError

__all__ = ["Encoder", "Trouble", "entry_of", "landed", "meet", "upload"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)
W = TypeVar("W")
R = TypeVar("R")
Q = ParamSpec("Q")
Encoder: TypeAlias = Callable[[W], Split]
_log: Final = logging.getLogger("akeneo_erp_bridge")


@frozen
class _Flight(Generic[W]):
    batch: Batch[W]
    landing: Future[Delivery[W]]


@define
class Trouble:
    """Why an upload ends early: `hopeless` ends the sending, `source` only the reading."""

    hopeless: BridgeError | None = None
    source: Exception | None = None


def upload(
    session: Session, options: Options, kind: WriteKind[T, P], items: Iterable[W], encode: Encoder[W]
) -> Iterator[UpsertResult[W]]:
    """Write *items* in batches, yielding one result each, in their order.

    Reads at most the batches in flight ahead of what it yields. A refused or failed line is a result, not an error.
    Raises `SignInRefused`, `UnexpectedAnswer` or `ConfigurationError` when no write can succeed: then it stops
    reading, yields a result for everything it has read, and raises. What *items* raises is raised last as well, after
    everything it gave before was written.
    """
    flights: deque[_Flight[W]] = deque()
    grounded: list[tuple[Batch[W], BridgeError]] = []
    trouble = Trouble()
    entries = _entries(kind, items, encode, trouble)
    batches = cut(entries, options)
    is_alone = False
    if isinstance(items, Sequence) and len(items) <= options.batch_lines:
        batches = iter(ready := tuple(batches))  # all of it is here, nothing is waited for
        is_alone = len(ready) == 1
    # a batch alone needs no thread: handing it over and back takes longer, where the caller's other threads are busy
    workers = _Here() if is_alone else ThreadPoolExecutor(options.concurrency, thread_name_prefix="akeneo-upload")
    try:
        for batch in batches:
            while flights and (
                len(flights) >= options.concurrency or meet(batch, [flight.batch for flight in flights])
            ):
                yield from _land(flights.popleft(), trouble)
            if trouble.hopeless is not None:
                grounded.append((batch, trouble.hopeless))
            else:
                flow = deliver(kind, batch.lines, session.keeper, options)
                flights.append(_Flight(batch, workers.submit(session.run, flow, options)))
        while flights:
            yield from _land(flights.popleft(), trouble)
        for batch, cause in grounded:
            yield from _merge(batch, [unjudged(line.item, line.key, cause) for line in batch.lines])
    finally:
        workers.shutdown(wait=True, cancel_futures=True)
    error = trouble.hopeless or trouble.source
    if error is not None:
        raise error


class _Here(Executor):
    """Does the work at once, in the thread that asks for it."""

    def submit(self, fn: Callable[Q, R], /, *args: Q.args, **kwargs: Q.kwargs) -> Future[R]:
        done = Future[R]()
        done.set_result(fn(*args, **kwargs))
        return done


def _entries(kind: WriteKind[T, P], items: Iterable[W], encode: Encoder[W], trouble: Trouble) -> Iterator[Entry[W]]:
    source = iter(items)
    while trouble.hopeless is None:
        try:
            item = next(source)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001  # whatever the caller's source raises: what it gave before is still written
            trouble.source = error
            return
        yield entry_of(kind, item, encode)


def entry_of(kind: WriteKind[T, P], item: W, encode: Encoder[W]) -> Entry[W]:
    """Make a line of one item, or the result of one that cannot be written."""
    try:
        return prepare(item, encode(item), key=kind.key, parent=kind.parent)
    except ValueError as error:
        # A bad record never stops the good ones.
        return failed(item, None, str(error))


def meet(batch: Batch[W], others: Iterable[Batch[W]]) -> bool:
    """Whether *batch* meets one of the others, which it then must not overtake."""
    return any(batch.meets(other) for other in others)


def _land(flight: _Flight[W], trouble: Trouble) -> Iterator[UpsertResult[W]]:
    return landed(flight.batch, flight.landing.result(), trouble)


def landed(batch: Batch[W], delivery: Delivery[W], trouble: Trouble) -> Iterator[UpsertResult[W]]:
    """The results of a batch, in the order of its entries."""
    if delivery.hopeless is not None:
        trouble.hopeless = trouble.hopeless or delivery.hopeless
    refused = sum(not result.ok for result in delivery.results)
    if refused:
        _log.info("%d of %d lines were not written", refused, len(delivery.results))
    yield from _merge(batch, delivery.results)


def _merge(batch: Batch[W], results: Iterable[UpsertResult[W]]) -> Iterator[UpsertResult[W]]:
    """Results of lines, and those of entries that could not become one, in input order."""
    queue = iter(results)
    for entry in batch.entries:
        yield next(queue) if isinstance(entry, Line) else entry
