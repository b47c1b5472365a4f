"""Laws 16 and 17: many items in little memory, and a consumer who takes his time."""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager

from attrs import frozen

from akeneo_erp_bridge.erp import Page
from akeneo_erp_bridge.testing.conformance._bench import PAGE, Bench, ItemT
from akeneo_erp_bridge.testing.conformance._http_faults import Faults
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import Grows

PAGES = 50
SHARE = 4
"""A read may hold a quarter of all items at once; a page is a fiftieth of them, and holds 500 at the most."""
LEAST = 4_000_000
"""Bytes that all items need; with less, what an adapter needs for itself would decide."""
LONGEST_PAUSE = 10.0


@frozen(kw_only=True)
class Load:
    """What two reads of many items needed: one that runs through, and one whose consumer stops after a page."""

    items: int
    pages: int
    all_bytes: int
    peak: int
    calls: int
    held: int
    calls_ahead: int
    paused: float
    took: float


def memory(bench: Bench[ItemT]) -> None:
    """Law 16."""
    load = _load(bench)
    if load.items < load.pages or load.pages < SHARE:
        raise broken(
            f"{load.items} items came in {load.pages} page(s)",
            "Give pages of at most `limit` items, each when it is read",
        )
    if load.peak > load.all_bytes // SHARE:
        raise broken(
            f"a read of {load.items} items held {_mb(load.peak)} at its height, and all items together take "
            f"{_mb(load.all_bytes)}",
            "Fetch a page, yield it, and keep nothing of it",
        )


def slow_consumer(bench: Bench[ItemT]) -> None:
    """Law 17."""
    load = _load(bench)
    if load.paused < load.took:
        bench.remark(f"the consumer stopped for {load.paused:.0f} s; a whole read takes {load.took:.0f} s")
    if load.held > load.all_bytes // SHARE:
        raise broken(
            f"a consumer stopped for {load.paused:.1f} s after the first of {load.pages} pages, and the adapter holds "
            f"{_mb(load.held)} of {_mb(load.all_bytes)}",
            "Fetch a page or two ahead at the most, and wait until they are taken",
        )
    # an adapter that streams one long answer makes all its calls at once, and is judged by what it holds alone
    if load.calls * 2 >= load.pages and load.calls_ahead * 2 > load.calls:
        raise broken(
            f"a consumer stopped for {load.paused:.1f} s after the first of {load.pages} pages, and the adapter has made "
            f"{load.calls_ahead} of its {load.calls} calls",
            "Fetch a page or two ahead at the most, and wait until they are taken",
        )


def _load(bench: Bench[ItemT]) -> Load:
    """Measured once for both laws: to fill an ERP is dear."""
    known = bench.kept.measured
    if not isinstance(known, Load):
        known = bench.kept.measured = _measured(bench)
    if known.all_bytes < LEAST:
        raise Absent(
            f"{known.items} items take {_mb(known.all_bytes)}, too little to measure; let `many` be "
            f"{known.items * LEAST // max(known.all_bytes, 1) + 1} or more"
        )
    return known


def _measured(bench: Bench[ItemT]) -> Load:
    world, count = bench.world, bench.subject.many
    if not isinstance(world, Grows):
        raise lacks("world", Grows)
    with world.grown(count):
        limit = min(max(10, count // PAGES), PAGE)
        # what is loaded and cached once is no part of a read
        bench.stopped(bench.adapter(), None, limit=limit, number=2)
        items, pages, all_bytes, peak, calls, took = _ran_through(bench, limit)
        pause = min(took + 0.1, LONGEST_PAUSE)
        held, ahead = _paused(bench, limit, pause)
    return Load(
        items=items,
        pages=pages,
        all_bytes=all_bytes,
        peak=peak,
        calls=calls,
        held=held,
        calls_ahead=ahead,
        paused=pause,
        took=took,
    )


def _ran_through(bench: Bench[ItemT], limit: int) -> tuple[int, int, int, int, int, float]:
    faults = Faults()
    adapter = bench.adapter(faults)
    items = pages = weight = 0
    began = time.monotonic()
    with _traced():
        for page in bench.pages(adapter, None, limit=limit):
            pages += 1
            items += len(page.items)
            weight += _weight(page)
            gc.collect()  # what lies in cycles is no longer held; when it is taken away is not the adapter's doing
        peak = tracemalloc.get_traced_memory()[1]
    took = time.monotonic() - began
    return items, pages, weight, peak, faults.calls, took


def _paused(bench: Bench[ItemT], limit: int, pause: float) -> tuple[int, int]:
    faults = Faults()
    adapter = bench.adapter(faults)
    with _traced():
        pages = bench.pages(adapter, None, limit=limit)
        for _ in pages:
            time.sleep(pause)
            break
        gc.collect()
        held, calls = tracemalloc.get_traced_memory()[0], faults.calls
        close = getattr(pages, "close", None)
        if close is not None:
            close()
    return held, calls


@contextmanager
def _traced() -> Generator[None]:
    gc.collect()
    gc.freeze()  # so that to collect between two pages is to look at what these pages left
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    tracemalloc.reset_peak()
    try:
        yield
    finally:
        if not was_tracing:
            tracemalloc.stop()
        gc.unfreeze()


def _weight(page: Page[ItemT]) -> int:
    """About what the rows of a page take: the least that whoever keeps them holds."""
    return sum(
        sys.getsizeof(item.row) + sum(sys.getsizeof(value) for value in item.row.values()) for item in page.items
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
