"""How products are found that are to go to the ERP: by tags, by what changed, by events, in any state and PIM."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from akeneo_erp_bridge.errors import ErpUnreachable, PreflightFailed, StopAsked
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.sync import RunObserver, Stop, SyncReport
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync.observe import Run
from akeneo_erp_bridge.sync.pim_first import MemoryQueue, PimFirst, Waiting
from akeneo_erp_bridge.testing import PimSimulator
from akeneo_erp_bridge.testing.pim import Behaviour
from born_bench import SENT, A, B, BornBench
from born_erp import Article, both_ways, product


class Clock:
    """The PIM's, in a zone of its own."""

    def __init__(self, hours: int) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=hours)))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(5)


@pytest.fixture
def bench(tmp_path: Path, clock: Clock) -> Iterator[BornBench]:
    one = BornBench(tmp_path, PimSimulator(clock=clock))
    with one.state:
        yield one


def searches(bench: BornBench) -> list[str]:
    return [call.path for call in bench.simulator.calls if "products-uuid" in call.path and call.method == "GET"]


def test_a_poll_goes_on_in_the_pims_own_time_and_a_little_before(bench: BornBench, clock: Clock) -> None:
    bench.make(A, "T-1")
    bench.run()
    clock.now += timedelta(hours=2)
    bench.make(B, "T-2", tag="")
    bench.run()
    cursor = bench.state.cursor("exports", bench.job()._way().outward.context)
    assert cursor is not None
    reached = datetime.fromisoformat(cursor.blob)
    assert reached.utcoffset() == timedelta(hours=5)
    assert clock.now - timedelta(seconds=30) < reached <= clock.now
    # a change that the search shows late, with a stamp from before the cursor, is found by the overlap
    clock.now -= timedelta(minutes=4)
    bench.edit(A, name="Late")
    clock.now += timedelta(minutes=10)
    assert bench.run().out.updated == 1
    assert bench.erp.rows()["T-1"]["name"] == "Late"


def test_a_clock_of_the_pim_that_was_ahead_hides_no_change(bench: BornBench, clock: Clock) -> None:
    right = datetime.now(clock.now.tzinfo)
    clock.now = right + timedelta(days=2)
    bench.make(A, "T-1")
    bench.run()
    bench.edit(A, name="From the future")
    assert bench.run().out.updated == 1
    clock.now = right + timedelta(minutes=1)  # somebody has set it right
    bench.edit(A, name="From now")
    assert bench.run().out.updated == 1
    assert bench.erp.rows()["T-1"]["name"] == "From now"


def test_no_search_is_by_channel(bench: BornBench, clock: Clock) -> None:
    asked: list[str] = []
    transport = bench.simulator.transport()
    handle = transport.handle_request

    bench.make(A, "T-1")
    bench.run()
    clock.now += timedelta(hours=1)
    bench.simulator.forget_calls()
    transport.handle_request = lambda request: asked.append(str(request.url)) or handle(request)  # type: ignore[method-assign, func-returns-value]  # a spy
    with bench.simulator.client() as pim:
        pim._session._http._transport = transport  # type: ignore[assignment]  # as above
        bench.pim = pim
        bench.run()
    found = [url for url in asked if "/products-uuid" in url]
    assert found
    assert [url for url in found if "scope=" in url.replace("scope%22", "")] == []


def test_a_second_poll_does_not_look_at_what_is_old(bench: BornBench, clock: Clock) -> None:
    for n in range(3):
        bench.make(f"00000000-0000-4000-8000-00000000001{n}", f"T-{n}")
    bench.run()
    clock.now += timedelta(hours=1)
    bench.make(A, "T-9", tag="")
    bench.run()
    clock.now += timedelta(hours=1)
    report = bench.run()
    assert (report.out.read, report.out.passed_over) == (0, 0)
    assert bench.run(overlap=timedelta(hours=3)).out.read == 3


def test_everything_is_looked_at_on_request(bench: BornBench, clock: Clock) -> None:
    bench.make(A, "T-1")
    bench.run()
    clock.now += timedelta(days=1)
    bench.run()
    report = bench.job().run(reads="all")
    assert (report.out.unchanged, report.out.kind) == (1, "full")


@pytest.mark.on_both
def test_both_kinds_of_state(tmp_path: Path, state: StoredState) -> None:
    bench = BornBench(tmp_path, state=state)
    bench.make(A, "T-1", tag="to_export")
    assert bench.run().out.created == 0
    bench.edit(A, send_to_erp=True)
    assert bench.run().out.created == 1
    bench.erp.edit("T-1", status="listed", name="Theirs")
    assert bench.run().back.updated == 1
    bench.run()
    assert bench.erp.rows()["T-1"]["name"] == "Tool T-1"
    assert bench.state.open_intents("exports", "", 10) == []


def test_a_pim_that_knows_products_by_identifier(tmp_path: Path) -> None:
    bench = BornBench(tmp_path, PimSimulator(behaviour=Behaviour.version_6()))
    bench.simulator.load("/api/rest/v1/products", [{"identifier": "T-1", **product(None)}])
    with bench.state:
        report = bench.run()
        assert (report.out.created, report.back.updated) == (1, 1)
        assert list(bench.erp.rows()) == ["T-1"]
        bench.erp.edit("T-1", status="listed")
        assert bench.run().back.updated == 1
        there = bench.pim.products_by_identifier.get("T-1").values
        assert (there.text("erp_status"), there.boolean("send_to_erp")) == ("listed", False)


def test_what_comes_back_belongs_into_the_erps_group(bench: BornBench) -> None:
    bindings = both_ways().bindings
    bench.run()  # without a group it fits
    back = ProductMapping(Article, *bindings, group="marketing")
    job = PimFirst(bench.erp, both_ways(), back, bench.pim, bench.state, tag=SENT)
    with pytest.raises(PreflightFailed, match="attribute 'erp_status' is in group 'erp'"):
        job.run()


# ---- events ----
class Rounds(RunObserver):
    """Stops a job when it has done so many items, or so many runs have failed."""

    def __init__(self, stop: Stop, items: int) -> None:
        self.stop, self.items, self.failed_runs = stop, items, 0
        self.reports: list[SyncReport] = []

    def ended(self, run: Run, report: SyncReport) -> None:
        self.reports.append(report)
        if run.stream == "exports" and sum(one.created for one in self.reports) >= self.items:
            self.stop.request()

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        self.failed_runs += not isinstance(error, StopAsked)


def test_an_event_is_enough(bench: BornBench) -> None:
    """No poll and no second look: what an event names is exported, however often it is told."""
    queue, stop = MemoryQueue(), Stop()
    watched = Rounds(stop, 2)
    job = bench.job(queue=queue, stop=stop, observers=[watched])
    never = timedelta(days=1)
    worker = threading.Thread(target=lambda: job.follow(look=timedelta(milliseconds=5), poll=never, back=never))
    worker.start()
    bench.make(A, "T-1")
    queue.put([("product", A), ("product", A), ("product", A)])
    bench.make(B, "T-2")
    queue.put([("product", B), ("product", "00000000-0000-4000-8000-0000000000ff")])
    worker.join(60)
    assert not worker.is_alive()
    assert sorted(bench.erp.rows()) == ["T-1", "T-2"]
    assert len(queue) == 0


def test_a_missed_event_is_repaired_by_the_poll(bench: BornBench) -> None:
    queue = MemoryQueue()
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    queue.put([("product", A)])
    report = bench.job(queue=queue).export_queued()
    assert report.created == 1
    assert list(bench.erp.rows()) == ["T-1"]
    assert bench.run(queue=queue).out.created == 1
    assert sorted(bench.erp.rows()) == ["T-1", "T-2"]


def test_an_erp_that_is_away_is_waited_for(bench: BornBench) -> None:
    stop = Stop()
    watched = Rounds(stop, 1)
    bench.make(A, "T-1")

    def called(name: str) -> None:
        if watched.failed_runs < 2:
            raise ErpUnreachable("the ERP does not answer")

    bench.erp.called = called
    job = bench.job(stop=stop, observers=[watched])
    job.follow(look=timedelta(milliseconds=1), poll=timedelta(0), longest_pause=timedelta(milliseconds=5))
    assert watched.failed_runs == 2
    assert list(bench.erp.rows()) == ["T-1"]


def test_a_product_that_is_gone_when_its_event_is_read_is_no_trouble(bench: BornBench) -> None:
    queue = MemoryQueue()
    bench.make(A, "T-1")
    bench.run()
    bench.pim.products.delete(A)  # type: ignore[arg-type]  # a UUID's text
    queue.put([("product", A), ("product", B)])
    report = bench.job(queue=queue).export_queued()
    assert (report.read, report.tombstoned, report.exit_code) == (0, 1, 0)
    assert "T-1" in bench.erp.rows()
    assert len(queue) == 0


def test_events_that_never_end_keep_neither_the_poll_nor_the_way_back_from_their_turn(bench: BornBench) -> None:
    class Busy(MemoryQueue):
        """While some are dealt with, the next one comes."""

        def done(self, some: Sequence[Waiting]) -> None:
            super().done(some)
            self.put([("product", f"00000000-0000-4000-8000-{some[-1].number:012}")])
            if some[-1].number > 99:
                pytest.fail("nothing else had its turn")

    bench.make(A, "T-1")
    queue = Busy()
    queue.put([("product", A)])
    report = bench.run(queue=queue)
    assert (report.out.created, report.back.read, len(queue)) == (1, 1, 1)
