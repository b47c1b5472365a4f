"""The memory of a relay does not grow with the number of offers."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.sync import Batch, HotRelay, SqliteState
from relay_bench import FEEDS, Offered, row


class Made:
    """Rows that are made while they are read, every tenth of them wrong."""

    def __init__(self, count: int) -> None:
        self.count = count

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Offered]]:
        for start in range(0, self.count if keys is None else 0, 100):
            some = range(start, start + 100)
            rows = [row(f"K{n}", price=n if n % 10 else "x", stock=n) for n in some]
            yield Page([Offered(one) for one in rows], (), Cursor("snapshot", ""))


@pytest.mark.parametrize("what", ["run", "reconcile"])
def test_ten_times_the_offers_take_no_more_memory(tmp_path: Path, what: str) -> None:
    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir(exist_ok=True)
        with SqliteState(folder / "state.db") as state, SqliteSink(folder / "shop.db") as shop:
            relay = HotRelay(Made(count), FEEDS, shop, state, batch=Batch(size=100))
            relay.run()
            tracemalloc.start()
            done = relay.reconcile() if what == "reconcile" else relay.run()
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert (done.read, done.parked) == (count, count // 10)
        return most

    peak(300)  # the first run imports modules, and fills a report's list of what is parked
    assert peak(10_000) <= 1.2 * peak(1_000)
