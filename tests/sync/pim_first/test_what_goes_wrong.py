"""What goes wrong for one product must not stop the others, and is told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import ErpUnreachable, PimUnreachable
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import RunObserver, SqliteState, Stop, SyncReport
from akeneo_erp_bridge.sync._state import Settled
from akeneo_erp_bridge.sync.observe import Run
from akeneo_erp_bridge.sync.pim_first import MemoryQueue, WorkflowTag, WorkKind
from akeneo_erp_bridge.sync.pim_first._edits import Memory
from akeneo_erp_bridge.sync.pim_first._returns import forget_products
from akeneo_erp_bridge.testing.pim import Fault
from born_bench import STATE, A, B, BornBench
from born_erp import MESSAGE


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BornBench]:
    one = BornBench(tmp_path)
    with one.state:
        yield one


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses between two tries."""
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._export._PAUSES", (timedelta(0),) * 4)


def test_a_product_that_the_erp_never_answers_for_does_not_stop_the_others(bench: BornBench, quick: None) -> None:
    for n in range(6):
        bench.make(f"00000000-0000-4000-8000-0000000000a{n}", f"T-{n}")
    seen: list[str] = []
    find = bench.erp.find_by_key

    def sulks(key: str) -> Any:
        seen.append(key)
        if key.endswith("a2") and len(seen) < 30:
            raise ErpUnreachable("timed out")
        return find(key)

    bench.erp.find_by_key = sulks  # type: ignore[method-assign]  # an ERP that sulks
    report = bench.run()
    assert (report.out.created, report.out.parked) == (5, 1)
    assert report.out.parked_items[0].code == "erp_unreachable"
    assert bench.product("00000000-0000-4000-8000-0000000000a2").values.boolean("send_to_erp") is True
    seen += ["later"] * 30
    assert bench.run().out.created == 1
    assert len(bench.erp.rows()) == 6


def test_an_item_that_somebody_is_at_work_on_is_told_by_the_next_run(bench: BornBench, quick: None) -> None:
    bench.make(A, "T-1", tag="to_export")
    bench.make(B, "T-2", tag="to_export")
    bench.run(STATE)
    bench.edit(A, name="Better", erp_state="to_export")
    bench.edit(B, name="Better still")
    find = bench.erp.find_by_key

    def busy(key: str) -> Any:
        found = find(key)
        return evolve(found, version="0") if found is not None and key == A else found

    bench.erp.find_by_key = busy  # type: ignore[method-assign]  # it has changed whenever we come to write it
    report = bench.run(STATE)
    assert (report.out.updated, [one.code for one in report.out.parked_items]) == (1, ["erp_conflict"])
    assert bench.value(A, Cell("erp_state")) == "to_export"  # nobody refused it
    assert "is of version" in str(bench.value(A, MESSAGE))
    bench.erp.find_by_key = find  # type: ignore[method-assign]  # they are done
    assert bench.run(STATE).out.updated == 1
    assert (bench.erp.rows()["T-1"]["name"], bench.value(A, Cell("erp_state"))) == ("Better", "exported")


@pytest.mark.parametrize("queued", [True, False])
def test_what_many_had_begun_is_taken_up_some_at_a_time(
    bench: BornBench, monkeypatch: pytest.MonkeyPatch, queued: bool
) -> None:
    """Somebody changed all names in the ERP; memory does not grow with them."""

    class Watched(MemoryQueue):
        longest = 0

        def put(self, things: Iterable[tuple[WorkKind, str]]) -> None:
            super().put(things)
            Watched.longest = max(Watched.longest, len(self))

    count = 7
    for n in range(count):
        bench.make(f"00000000-0000-4000-8000-0000000000a{n}", f"T-{n}")
    bench.run()
    bench.run()
    for n in range(count):
        bench.erp.edit(f"T-{n}", name="Theirs")
    bench.job().bring_back()
    assert len(bench.state.open_intents("exports", "", 100)) == count
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._job._OPEN", 2)
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._poll._SLICE", 2)
    job = bench.job(queue=Watched())
    report = job.export_queued() if queued else job.export()
    assert (report.read, report.updated, Watched.longest) == (count, count, 2)
    assert {row["name"] for row in bench.erp.rows().values()} == {f"Tool T-{n}" for n in range(count)}


def test_an_erp_that_is_away_ends_the_run(bench: BornBench, quick: None) -> None:
    for n in range(6):
        bench.make(f"00000000-0000-4000-8000-0000000000a{n}", f"T-{n}")

    def away(name: str) -> None:
        raise ErpUnreachable("no route to host")

    bench.erp.called = away
    with pytest.raises(ErpUnreachable, match="no answer for 3 products in a row; the last: no route to host"):
        bench.run()
    bench.erp.called = lambda name: None
    assert bench.run().out.created == 6


def test_a_tag_that_the_pim_does_not_take_away_is_told(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    verdicts = [
        {"line": 1, "uuid": A, "status_code": 422, "message": "No."},
        {"line": 2, "uuid": B, "status_code": 204},
    ]
    answer = "\n".join(map(json.dumps, verdicts)).encode()
    faults = [
        Fault(
            status=200,
            body=answer,
            content_type="application/vnd.akeneo.collection+json",
            method="PATCH",
            path="/products-uuid",
        )
    ]

    def hook(boundary: str) -> None:
        if boundary == "export.settled" and faults:
            bench.simulator.fail_next(faults.pop())

    report = bench.run(hook=hook)
    assert (report.out.created, report.out.waiting, report.exit_code) == (2, 1, 1)
    (parked,) = bench.state.parked("exports")
    assert "the PIM does not take the tag away" in parked.detail
    report = bench.run()
    assert (report.exit_code, bench.product(A).values.boolean("send_to_erp")) == (0, False)
    assert list(bench.state.parked("exports")) == []


def test_a_product_that_was_hidden_is_bound_again_when_it_shows(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    bench.run()
    forget_products(Memory(bench.state, "exports", "exports back"), [ErpKey(A)])  # as if the PIM had not shown it
    bench.edit(A, name="Seen again")
    report = bench.run()
    assert (bench.erp.rows()["T-1"]["name"], report.out.parked) == ("Seen again", 0)
    bench.erp.edit("T-1", weight="3")
    assert bench.run().back.updated == 1


def test_one_product_under_two_names_goes_out_once(bench: BornBench) -> None:
    bench.make(A, "T-1")
    queue = MemoryQueue()
    queue.put([("product", "t-1"), ("product", A)])
    report = bench.job(queue=queue).export_queued()
    assert (report.read, report.created, len(queue)) == (1, 1, 0)


def test_a_uuid_may_be_told_in_capitals(bench: BornBench) -> None:
    uuid = "0b9c8f1e-4d0a-4f6e-8f57-6c8e2a1b7d10"
    bench.make(uuid, "T-1")
    queue = MemoryQueue()
    queue.put([("product", uuid.upper())])
    assert bench.job(queue=queue).export_queued().created == 1
    assert bench.product(uuid).values.boolean("send_to_erp") is False


def test_a_change_that_the_erp_refuses_is_not_told_to_it_at_each_poll(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="to_export")
    bench.run(STATE)
    bench.edit(A, name="A name that is too long for the ERP, by far and wide")
    assert bench.run(STATE).out.parked == 1
    calls: list[str] = []
    bench.erp.called = calls.append
    bench.run(STATE)
    assert bench.run(STATE).exit_code == 1  # it is still told
    assert "write" not in calls
    bench.edit(A, name="Short")
    assert bench.run(STATE).exit_code == 0


@pytest.mark.parametrize("edits", ["overwrite", "hold", "report"])
def test_half_a_character_in_the_erp_stops_no_other(bench: BornBench, edits: str) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    bench.run()
    bench.erp.edit("T-1", name="half \ud800")
    bench.erp.edit("T-2", status="seen")
    report = bench.run(edits=edits)
    assert (report.edited, bench.product(B).values.text("erp_status")) == (1, "seen")
    bench.run(edits=edits)
    assert (bench.erp.rows()["T-1"]["name"] == "Tool T-1") is (edits == "overwrite")
    assert bench.product(A).values.text("name", locale="en_US") == "Tool T-1"


def test_an_item_that_was_merged_into_another_stays_with_the_others_product(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    bench.run()
    bench.erp.remove("T-2")
    find = bench.erp.find_by_key

    def merged(key: str) -> Any:
        return find(A if key == B else key)  # the ERP kept the other's key with the item that is left

    bench.erp.find_by_key = merged  # type: ignore[method-assign]  # an ERP that merges
    bench.erp.edit("T-1", weight="2")
    report = bench.run()
    assert (report.back.tombstoned, report.back.parked) == (1, 0)
    assert not bench.product(B).enabled  # as of any item that is deleted
    weight = bench.product(A).values.metric("weight")
    assert weight is not None
    assert weight.amount == 2
    # tagged again, it is told that its item belongs to another product
    bench.edit(B, send_to_erp=True)
    report = bench.run()
    assert "the ERP's item 'T-1' belongs to another product" in report.out.parked_items[0].detail
    assert list(bench.erp.rows()) == ["T-1"]


# ---- items that no delta of the ERP shows, since they were there before they were bound ----
def test_what_was_there_before_it_was_bound_is_in_the_account(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.erp.edit("T-1", status="listed")
    bench.run()
    bench.edit(A, send_to_erp=True)
    forget(bench)  # of both ways but the cursor of the way back: as of a state that was mended by hand
    report = bench.run()
    assert (report.out.created, report.back.read, report.back.updated) == (1, 1, 1)
    assert report.accounts_for_everything()


def test_a_kill_after_the_binding_forgets_no_item_that_no_delta_shows(bench: BornBench) -> None:
    class Killed(BaseException):
        pass

    for boundary in ("export.bound", "export.settled", "export.polled", "erp.read"):
        bench.make(A, "T-1")
        bench.run()
        bench.run()
        bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "values": {"erp_status": [
            {"locale": None, "scope": None, "data": None}]}}])  # fmt: skip
        bench.edit(A, send_to_erp=True)
        forget(bench)

        def hook(name: str, fatal: str = boundary) -> None:
            if name == fatal:
                raise Killed

        with pytest.raises(Killed):
            bench.run(hook=hook)
        bench.run()
        assert bench.product(A).values.text("erp_status") == "new", boundary
        assert bench.state.open_intents("exports back by key", "", 9) == []


def forget(bench: BornBench) -> None:
    """The state remembers neither product nor item, and knows how far it has read the ERP."""
    for stream, key in (("exports", A), ("exports back", "T-1")):
        bench.state.settle(stream, Settled(forgotten=[ErpKey(key)]))


def test_a_pim_that_is_down_at_the_start_is_waited_for(bench: BornBench) -> None:
    stop = Stop()
    asked = []

    class Watch(RunObserver):
        def ended(self, run: Run, report: SyncReport) -> None:
            stop.request()

    def structure(**options: Any) -> Any:
        asked.append(1)
        if len(asked) < 3:
            raise PimUnreachable("no route to the PIM")
        return whole(**options)

    whole = bench.pim.structure
    bench.pim.structure = structure  # type: ignore[method-assign]  # a PIM that is down
    bench.make(A, "T-1")
    bench.job(stop=stop, observers=[Watch()]).follow(
        look=timedelta(milliseconds=1), longest_pause=timedelta(milliseconds=5)
    )
    assert list(bench.erp.rows()) == ["T-1"]


# ---- what is given to new items alone ----
def test_what_the_erp_made_of_a_new_item_outlives_a_kill(bench: BornBench) -> None:
    class Killed(BaseException):
        pass

    def hook(name: str) -> None:
        if name == "export.written":
            raise Killed

    bench.make(A, "T-1")
    with pytest.raises(Killed):
        bench.run(hook=hook)
    bench.erp.edit("T-1", unit="box")  # before the next run somebody completes it
    assert bench.run().out.created == 1
    assert bench.erp.rows()["T-1"]["unit"] == "box"


def test_what_the_erp_made_of_a_new_item_outlives_a_lost_state(bench: BornBench, tmp_path: Path) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.erp.edit("T-1", unit="box")
    bench.edit(A, send_to_erp=True)
    with SqliteState(tmp_path / "other.db") as bench.state:
        bench.run()
    assert bench.erp.rows()["T-1"]["unit"] == "box"


def test_a_task_that_the_pim_does_not_let_decide_stops_no_other(bench: BornBench) -> None:
    """A person may have dealt with it since; or its step knows no such decision."""
    steps = [{"uuid": "s-1", "code": "texts", "type": "enrich"}, {"uuid": "s-2", "code": "erp", "type": "review"}]
    bench.simulator.load("/api/rest/v1/workflows", [{"uuid": "w-1", "code": "new", "enabled": True, "steps": steps}])
    bench.make(A, "T-1", tag="")
    bench.make(B, "T-2", tag="")
    bench.pim.workflows.start([{"workflow": {"uuid": "w-1"}, "product": {"uuid": one}} for one in (A, B)])
    report = bench.run(WorkflowTag("s-1", exported="approved"))
    assert (report.out.created, report.out.waiting, report.exit_code) == (2, 2, 1)
    assert {
        'A task of a step of type "enrich" cannot become "approved"' in one.detail
        for one in bench.state.parked("exports")
    } == {True}
    assert bench.run(WorkflowTag("s-1")).exit_code == 0
    assert list(bench.state.parked("exports")) == []
