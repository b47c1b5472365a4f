"""A part of the way out, what stands against all of it, and what a refused product says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from akeneo_erp_bridge.errors import PreflightFailed, StopAsked
from akeneo_erp_bridge.sync import Stop
from akeneo_erp_bridge.sync.pim_first import BooleanTag, MemoryQueue
from born_bench import STATE, A, B, BornBench, C


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BornBench]:
    one = BornBench(tmp_path)
    with one.state:
        yield one


def test_some_products_go_out_and_the_others_with_the_next_poll(bench: BornBench) -> None:
    for uuid, number in ((A, "T-1"), (B, "T-2"), (C, "T-3")):
        bench.make(uuid, number)
    bench.make(C, "T-3", tag="")
    bench.edit(C, send_to_erp=False)
    report = bench.job().export_some([B, "T-3"])
    assert (report.created, report.passed_over, report.kind) == (1, 1, "partial")
    assert list(bench.erp.rows()) == ["T-2"]
    assert [(one.kind, one.counts["created"]) for one in bench.state.runs("exports")] == [("partial", 1)]
    assert bench.run().out.created == 1
    assert sorted(bench.erp.rows()) == ["T-1", "T-2"]
    # of a bound one, what changed goes out by its number as well
    bench.edit(A, name="Newer")
    bench.edit(B, name="Newer")
    assert bench.job().export_some(["T-1"]).updated == 1
    assert [one["name"] for one in bench.erp.rows().values()] == ["Tool T-2", "Newer"]
    assert bench.run().out.updated == 1


def test_what_stands_against_a_run_is_told_without_one(bench: BornBench) -> None:
    with pytest.raises(PreflightFailed, match="no attribute 'nothing' for the tag"):
        bench.job(BooleanTag("nothing")).preflight()
    assert "send_to_erp" in bench.job().preflight().attributes
    assert list(bench.state.runs("exports")) == []


def test_a_refused_product_says_which_one_it_is(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="to_export")
    bench.edit(A, name="A name that is far too long for this little ERP of ours")
    assert bench.run(STATE).out.parked == 1
    (parked,) = bench.state.parked("exports")
    assert parked.key == A
    assert parked.sample["sku"] == "'T-1'"
    assert parked.sample["name[en_US]"].startswith("'A name that is far too long")
    assert parked.sample.keys() == {"sku", "name[en_US]", "enabled"}


def test_a_stop_waits_for_one_product_and_not_for_a_page_of_them(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    stop = Stop()
    bench.erp.called = lambda call: stop.request() if call == "wrote" else None
    queue = MemoryQueue()
    with pytest.raises(StopAsked):
        bench.job(stop=stop, queue=queue).run()
    assert len(bench.erp.rows()) == 1
    tags = [bench.product(one).values.boolean("send_to_erp") for one in (A, B)]
    assert sorted(tags, key=str) == [False, True], "what the ERP has is told at once"
    assert len(queue) == 2, "what waits in a queue of a longer life is met again"
    bench.erp.called = lambda _: None
    report = bench.run()
    assert (report.out.created, report.out.parked) == (1, 0)
    assert sorted(bench.erp.rows()) == ["T-1", "T-2"]
