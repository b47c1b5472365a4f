"""Law 8 in whole runs: how many requests are in flight, whatever a run does side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Condition, Thread

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, VariantsToPim
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from rich_shirts import MAPPING, RichShirts, content, filled, put
from world import ListErp, fill, make_mapping, row

AKENEOS = 4


class Crowd(httpx.BaseTransport):
    """Holds each request back until one more is there than may be, or a moment has passed."""

    def __init__(self, inner: httpx.BaseTransport, bound: int) -> None:
        self.inner = inner
        self.bound = bound
        self.changed = Condition()
        self.flying: Counter[str] = Counter()
        self.most = 0
        self.together: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kind = f"{request.method} {request.url.path.rpartition('/v1/')[2].partition('/')[0]}"
        with self.changed:
            self.flying[kind] += 1
            self.most = max(self.most, self.flying.total())
            if self.flying.total() >= self.bound:
                self.together.update(+self.flying)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.flying.total() > self.bound, timeout=0.01)
        try:
            return self.inner.handle_request(request)
        finally:
            with self.changed:
                self.flying[kind] -= 1


def crowded(simulator: PimSimulator, options: Options) -> tuple[Crowd, AkeneoClient]:
    crowd = Crowd(simulator.transport(), options.concurrency)
    auth = PasswordAuth(**simulator.auth_kwargs)
    return crowd, AkeneoClient(simulator.url, auth, options=options, transport=crowd)


def side_by_side(runs: Iterable[Callable[[], object]]) -> None:
    """What one of them raises fails the test, by its thread."""
    threads = [Thread(target=one) for one in runs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@pytest.mark.parametrize("bound", [AKENEOS, 2])
def test_law_8_a_run_of_all_there_is_keeps_to_the_bound(tmp_path: Path, bound: int) -> None:
    """Pages, models, links, parts, pictures, and lots so small that each batch is many requests."""
    options = Options(concurrency=bound, batch_lines=10, page_size=10, requests_per_second=10_000.0)
    with filled() as simulator, SqliteState(tmp_path / "state.db") as state:
        crowd, client = crowded(simulator, options)
        with client as pim:
            erp = RichShirts([])
            for step in (0, 3):
                put(erp, step, 120)
                told = VariantsToPim(
                    erp, MAPPING, pim, state, rows=tmp_path / "rows.db", options=SyncOptions(page_size=25)
                )  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
                assert told.run().exit_code == 0
        assert crowd.most == bound, "as many as may be, and no more"
        assert {"PATCH products-uuid"} <= crowd.together
        assert len(content(simulator)) == 120 + 20 + 40


def test_law_8_two_runs_of_one_client_keep_to_the_bound_together(tmp_path: Path) -> None:
    """They share what the connection may do; and a PIM that counts has nothing to refuse."""
    with fill(PimSimulator(behaviour=Behaviour(calls_in_flight=AKENEOS))) as simulator:
        crowd, client = crowded(simulator, Options(batch_lines=10, page_size=10, requests_per_second=10_000.0))
        with client as pim, SqliteState(tmp_path / "a.db") as first, SqliteState(tmp_path / "b.db") as second:
            jobs = [
                ErpToPim(
                    ListErp([row(begin + number) for number in range(600)]),
                    make_mapping(),
                    pim,
                    state,
                    options=SyncOptions(page_size=50),
                )
                for begin, state in ((0, first), (1000, second))
            ]
            for _ in range(2):
                side_by_side([job.run for job in jobs])
            assert sum(1 for _ in pim.products.list()) == 1200
        assert crowd.most == AKENEOS
        assert not [one for one in simulator.calls if one.status == 429]
