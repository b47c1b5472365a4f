"""Two runs in one program, such as a schedule's and a button's: the second is sent away, and nothing is sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import ErpUnreachable, StateInUse
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    ErpToPim,
    Every,
    HotRelay,
    Periodicity,
    RunObserver,
    ScheduleFile,
    SqliteState,
    Stop,
    SyncOptions,
    SyncState,
    VariantsToPim,
    resolve,
    run_if_due,
)
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import NAMED, Part, Revisions, Rows, dying_at, part, product
from born_bench import A, BornBench
from relay_bench import FEEDS, ChangeLog, OpenShop, row
from shirts import ONE_LEVEL, Shirt, fill, mapping, shirt

WORDS = "stream 'products' is at work in another run of this program; wait for its end"


class Meanwhile:
    """A hook that does something once, at a boundary of the run it is given to, and keeps what that raised."""

    def __init__(self, act: Callable[[], object], at: str = "state.settled") -> None:
        self.act, self.at = act, at
        self.outcome: list[object] = []

    def __call__(self, boundary: str) -> None:
        if boundary == self.at and not self.outcome:
            self.outcome.append(None)
            try:
                self.outcome[0] = self.act()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.outcome[0] = error

    @property
    def refused(self) -> str:
        assert isinstance(self.outcome[0], StateInUse), self.outcome
        return str(self.outcome[0])


def job(
    pim: AkeneoClient, state: SyncState, hook: Callable[[str], None] | None = None, stream: str = "products"
) -> ErpToPim[Part]:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(6)))
    return ErpToPim(erp, product(NAMED), pim, state, options=SyncOptions(page_size=2, stream=stream), hook=hook)


@pytest.mark.on_both
def test_a_button_beside_a_schedule_sends_nothing_twice(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        assert go_on.wait(30)

    thread = threading.Thread(target=job(pim, state, Meanwhile(wait, "state.intended")).run)
    thread.start()
    try:
        assert inside.wait(30)
        with pytest.raises(StateInUse, match=WORDS) as refused:
            job(pim, state).run()
        assert refused.value.stream == "products"
    finally:
        go_on.set()
        thread.join()
    assert sum(one.method == "PATCH" for one in simulator.calls) == 1, "all six in one request, once"
    assert job(pim, state).run().exit_code == 0


def test_a_run_that_is_sent_away_is_told_to_nobody(pim: AkeneoClient, state: SqliteState) -> None:
    told: list[str] = []

    class Notes(RunObserver):
        def __getattribute__(self, name: str) -> object:
            told.append(name) if name in ("began", "ended", "failed") else None
            return super().__getattribute__(name)

    second = job(pim, state)
    second.observers = [Notes()]
    meanwhile = Meanwhile(second.run)
    job(pim, state, meanwhile).run()
    assert WORDS in meanwhile.refused
    assert (told, len(list(state.runs("products")))) == ([], 1)


def test_a_plan_and_other_streams_and_states_may_be_beside_it(pim: AkeneoClient, state: SqliteState) -> None:
    with SqliteState(":memory:") as other:
        for act in (job(pim, state).plan, job(pim, state, stream="spares").run, job(pim, other).run):
            meanwhile = Meanwhile(act)
            job(pim, state, meanwhile).run(reads="all")
            assert not isinstance(meanwhile.outcome[0], Exception), meanwhile.outcome


def test_a_plan_is_not_applied_beside_a_run(pim: AkeneoClient, state: SqliteState) -> None:
    plan = job(pim, state).plan()
    meanwhile = Meanwhile(lambda: job(pim, state).apply(plan))
    job(pim, state, meanwhile).run()
    assert WORDS in meanwhile.refused


def test_a_held_cell_is_not_decided_beside_a_run(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    meanwhile = Meanwhile(lambda: resolve(state, "key of N0", Cell("name"), take="pim"))
    job(pim, state, meanwhile).run()
    assert WORDS in meanwhile.refused
    bench = BornBench(tmp_path)
    with bench.state:
        bench.make(A, "T-1")
        beside = Meanwhile(lambda: bench.job().resolve(str(A), Cell("name"), take="pim"), "export.settled")
        bench.job(hook=beside).run()
        assert "stream 'exports'" in beside.refused


@pytest.mark.parametrize("end", ["a kill", "an ERP that fails", "a wish to end", "a preflight"])
def test_a_stream_is_free_again_however_a_run_ends(pim: AkeneoClient, state: SqliteState, end: str) -> None:
    failing = job(pim, state)
    if end == "a kill":
        failing.hook = dying_at("state.intended")
    elif end == "an ERP that fails":
        failing.erp = Failing(Part, part())
    elif end == "a wish to end":
        failing.stop.request()
    else:
        failing.mapping = product(Part.name.to(Cell("no such attribute")))
    with pytest.raises(BaseException) as ended:  # noqa: PT011 - of whatever kind: each row has its own
        failing.run()
    assert not isinstance(ended.value, StateInUse)
    assert job(pim, state).run().exit_code == 0


class Failing(Revisions[Part]):
    """It gives a page, and then no more."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        yield from super().read_items(since, fields=fields, limit=limit)
        raise ErpUnreachable("gone")


def test_a_schedule_puts_its_run_off(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    memory, now = ScheduleFile(tmp_path / "schedule.json"), datetime(2026, 6, 10, 12, tzinfo=UTC)
    hourly = Periodicity(delta=Every(timedelta(hours=1)))
    meanwhile = Meanwhile(lambda: run_if_due(hourly, lambda _: job(pim, state).run(), memory=memory, clock=lambda: now))
    job(pim, state, meanwhile).run()
    assert meanwhile.outcome == [0]
    assert memory.read().of("delta").failures == 0


def test_models_and_variants_are_one_run(tmp_path: Path, state: SqliteState) -> None:
    with fill(PimSimulator()).client() as pim:

        def shirts(name: str, hook: Callable[[str], None] | None = None) -> VariantsToPim[Shirt]:
            return VariantsToPim(Rows(Shirt, shirt(1)), mapping(ONE_LEVEL), pim, state, rows=tmp_path / name, hook=hook)

        # while the models are written, the stream of the products is taken as well
        for at in ("erp.read", "state.settled"):
            meanwhile = Meanwhile(shirts("other.db").run, at)
            assert shirts("rows.db", meanwhile).run(reads="all").exit_code == 0
            assert WORDS in meanwhile.refused


def test_a_relay_has_its_stream_to_itself_and_goes_on_when_it_is_free(state: SqliteState) -> None:
    erp, shop = ChangeLog(row("A", stock=1)), OpenShop()
    second = HotRelay(erp, FEEDS, shop, state)
    for act in (second.run, second.reconcile):
        meanwhile = Meanwhile(act)
        HotRelay(erp, FEEDS, shop, state, hook=meanwhile).run()
        erp.log.append(row("A", stock=len(erp.log) + 1))
        assert "stream 'offers'" in meanwhile.refused
    stop, tried = Stop(), threading.Event()

    follower = HotRelay(erp, FEEDS, shop, state)
    thread = threading.Thread(target=follower.follow, kwargs={"every": timedelta(milliseconds=1), "stop": stop})

    def follow_beside() -> None:
        thread.start()
        tried.wait(0.3)
        assert thread.is_alive(), "it waits"

    erp.log.append(row("B", stock=1))
    meanwhile = Meanwhile(follow_beside)
    HotRelay(erp, FEEDS, shop, state, hook=meanwhile).run()
    assert meanwhile.outcome == [None]
    erp.log.append(row("C", stock=1))
    for _ in range(500):
        if shop.shows.get("C"):
            break
        tried.wait(0.02)
    stop.request()
    thread.join()
    assert shop.shows["C"] == {"available": 1}


def test_both_ways_of_what_is_born_in_the_pim_are_one(tmp_path: Path) -> None:
    bench = BornBench(tmp_path)
    with bench.state:
        bench.make(A, "T-1")
        second = bench.job()
        acts = (second.export, second.export_queued, second.bring_back, lambda: second.export_some([A]))
        for pieces, act in enumerate(acts):
            bench.edit(A, pieces=pieces)
            meanwhile = Meanwhile(act, "export.settled")
            bench.job(hook=meanwhile).run(reads="all")
            assert "stream 'exports'" in meanwhile.refused
        bench.erp.edit("T-1", status="seen")
        meanwhile = Meanwhile(second.export, "pim.sent")
        bench.job(hook=meanwhile).bring_back()
        assert "stream 'exports'" in meanwhile.refused
        assert bench.run().exit_code == 0


def test_who_follows_the_pim_waits_for_another_run(tmp_path: Path) -> None:
    bench, stop = BornBench(tmp_path), Stop()
    with bench.state:
        bench.make(A, "T-1")
        often = timedelta(milliseconds=1)
        follow = partial(bench.job(stop=stop).follow, look=often, poll=often, back=often)
        thread = threading.Thread(target=follow)

        def follow_beside() -> None:
            thread.start()
            thread.join(0.3)
            assert thread.is_alive(), "it waits"

        meanwhile = Meanwhile(follow_beside, "export.settled")
        try:
            bench.job(hook=meanwhile).run()
            assert meanwhile.outcome == [None]
            bench.edit(A, name="Newer")
            for _ in range(500):
                if bench.erp.rows()["T-1"]["name"] == "Newer":
                    break
                thread.join(0.02)
            assert bench.erp.rows()["T-1"]["name"] == "Newer"
        finally:
            stop.request()
            thread.join()


def test_nobody_comes_in_between_the_two_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = BornBench(tmp_path)
    with bench.state:
        bench.make(A, "T-1")
        job, met = bench.job(), list[str | None]()
        way_out = job._polled

        def followed_by_another(*given: Any) -> Any:  # Any: what the way out takes and gives, untouched
            done = way_out(*given)
            with pytest.raises(StateInUse) as caught:
                bench.job().export()
            met.append(caught.value.stream)
            return done

        monkeypatch.setattr(job, "_polled", followed_by_another)
        assert job.run().exit_code == 0
        assert met == ["exports"]
        assert bench.job().export().exit_code == 0
