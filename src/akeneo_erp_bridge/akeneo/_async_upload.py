"""Writing many without blocking: the twin of `_upload.py`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Generic, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._batches import Delivery, deliver
from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._lines import Batch, Cutter, UpsertResult, unjudged
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._upload import Encoder, Trouble, entry_of, landed, meet
from akeneo_erp_bridge.catalog import Entity, Patch
from akeneo_erp_bridge.errors import BridgeError

__all__ = ["AnyIterable", "upload"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)
W = TypeVar("W")

AnyIterable: TypeAlias = Iterable[W] | AsyncIterable[W]
"""Something to iterate with `for`, or with `async for`."""


@frozen
class _Flight(Generic[W]):
    batch: Batch[W]
    landing: asyncio.Task[Delivery[W]]


async def upload(
    session: AsyncSession, options: Options, kind: WriteKind[T, P], items: AnyIterable[W], encode: Encoder[W]
) -> AsyncGenerator[UpsertResult[W], None]:
    """Write *items*, an iterable of either kind; results, order and errors are those of the other `upload`."""
    trouble = Trouble()
    # closed at once when the caller leaves: an asynchronous generator is not closed by being forgotten
    async with (
        aclosing(_batches(kind, items, encode, trouble, options)) as batches,
        aclosing(_delivered(session, options, kind, batches, trouble)) as deliveries,
    ):
        async for batch, delivery in deliveries:
            for result in landed(batch, delivery, trouble):
                yield result
    error = trouble.hopeless or trouble.source
    if error is not None:
        raise error


async def _delivered(
    session: AsyncSession,
    options: Options,
    kind: WriteKind[T, P],
    batches: AsyncIterator[Batch[W]],
    trouble: Trouble,
) -> AsyncGenerator[tuple[Batch[W], Delivery[W]], None]:
    flights: deque[_Flight[W]] = deque()
    grounded: list[tuple[Batch[W], BridgeError]] = []
    try:
        async for batch in batches:
            while flights and (
                len(flights) >= options.concurrency or meet(batch, [flight.batch for flight in flights])
            ):
                flight = flights.popleft()
                yield flight.batch, await flight.landing
            if trouble.hopeless is not None:
                grounded.append((batch, trouble.hopeless))
            else:
                flow = deliver(kind, batch.lines, session.keeper, options)
                flights.append(_Flight(batch, asyncio.create_task(session.run(flow, options))))
        while flights:
            flight = flights.popleft()
            yield flight.batch, await flight.landing
    finally:
        for flight in flights:
            flight.landing.cancel()
        await asyncio.gather(*(flight.landing for flight in flights), return_exceptions=True)
    for batch, cause in grounded:
        yield batch, Delivery([unjudged(line.item, line.key, cause) for line in batch.lines])


async def _batches(
    kind: WriteKind[T, P], items: AnyIterable[W], encode: Encoder[W], trouble: Trouble, options: Options
) -> AsyncGenerator[Batch[W], None]:
    cutter = Cutter[W](options)
    source = items if isinstance(items, AsyncIterable) else _without_waiting(items)
    try:
        async for item in source:
            full = cutter.add(entry_of(kind, item, encode))
            if full is not None:
                yield full
            if trouble.hopeless is not None:
                break
    except Exception as error:  # noqa: BLE001  # whatever the caller's source raises: what it gave before is still written
        trouble.source = error
    rest = cutter.rest()
    if rest is not None:
        yield rest


async def _without_waiting(items: Iterable[W]) -> AsyncIterator[W]:
    for item in items:
        yield item
