"""A product born in the PIM: out to the ERP once, and back with what the ERP adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import ErpKey, ProductUuid
from akeneo_erp_bridge.errors import PreflightFailed
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync.pim_first import (
    BooleanTag,
    CategoryTag,
    CompletenessTag,
    SelectTag,
    Tag,
    WorkflowTag,
)
from born_bench import STATE, A, B, BornBench
from born_erp import MESSAGE


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BornBench]:
    one = BornBench(tmp_path)
    with one.state:
        yield one


def test_the_circle(bench: BornBench) -> None:
    bench.make(A, "T-1", values=[{"pieces": [{"locale": None, "scope": None, "data": 3}]}])
    bench.make(B, "T-2", tag="")  # is none of the ERP's business
    report = bench.run()
    assert (report.out.created, report.out.updated, report.out.passed_over, report.exit_code) == (1, 0, 0, 0)
    assert bench.erp.rows() == {
        "T-1": {"number": "T-1", "name": "Tool T-1", "unit": "pc", "pieces": 3, "is_sold": True, "status": "new",
                "price": "1.00"}
    }  # fmt: skip
    there = bench.product(A)
    assert there.values.boolean("send_to_erp") is False
    assert there.values.text("erp_status") == "new"
    assert there.values.text("story") == "Made by hand."

    bench.erp.edit("T-1", weight="2.50", status="listed")
    report = bench.run()
    assert (report.back.updated, report.out.created, report.out.updated) == (1, 0, 0)
    assert bench.product(A).values.metric("weight") == Metric(Decimal("2.50"), "KILOGRAM")  # type: ignore[arg-type]  # a unit's code
    assert bench.value(A, Cell("erp_status")) == "listed"


def test_the_tag_moves_only_after_the_item_is_bound(bench: BornBench) -> None:
    bench.make(A, "T-1")
    seen: list[tuple[str, bool | None, int]] = []

    def hook(boundary: str) -> None:
        if boundary.startswith("export."):
            tagged = bench.product(A).values.boolean("send_to_erp")
            seen.append((boundary, tagged, len(bench.state.entries("exports", [ErpKey(A)]))))

    bench.run(hook=hook)
    assert [one for one in seen if one[1]] == seen[: seen.index(("export.settled", True, 1)) + 1]
    assert ("export.untagged", False, 1) in seen


def test_nothing_new_is_no_call_in_either_direction(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.run()
    bench.simulator.forget_calls()
    calls: list[str] = []
    bench.erp.called = calls.append
    report = bench.run()
    assert bench.simulator.mutating_calls == []
    assert calls == ["read"]
    assert (report.out.written, report.back.written) == (0, 0)


def test_texts_of_the_pim_travel_on_and_are_never_overwritten(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.edit(A, name="A better name")
    bench.erp.edit("T-1", status="seen")
    report = bench.run()
    assert (report.out.updated, report.back.updated) == (1, 1)
    assert bench.erp.rows()["T-1"]["name"] == "A better name"
    assert bench.product(A).values.text("name", locale="en_US") == "A better name"


def test_an_item_that_nobody_tagged_does_not_come_back(bench: BornBench) -> None:
    bench.erp.put("OLD-1", status="sold")
    bench.make(A, "T-1")
    report = bench.run()
    assert (report.back.read, report.back.created) == (1, 0)
    assert [one.uuid for one in bench.pim.products.list()] == [A]


def test_what_the_erp_refuses_is_told_where_the_user_sees_it(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="to_export")
    bench.edit(A, name="A name that is far too long for this little ERP of ours")
    bench.make(B, "T-2", tag="to_export")
    report = bench.run(STATE)
    assert (report.out.created, report.out.parked, report.exit_code) == (1, 1, 1)
    words = "article 'T-1': a name has at most 40 letters, seen 55"
    assert [one.detail for one in report.out.parked_items] == [words]
    assert (bench.value(A, Cell("erp_state")), bench.value(A, MESSAGE)) == ("failed", words)
    assert bench.value(B, Cell("erp_state")) == "exported"
    # it waits for a person
    calls: list[str] = []
    bench.erp.called = calls.append
    assert bench.run(STATE).out.written == 0
    assert "write" not in calls
    bench.edit(A, name="Short", erp_state="to_export")
    assert bench.run(STATE).out.created == 1
    assert (bench.value(A, Cell("erp_state")), bench.product(A).values.text("erp_message")) == ("exported", None)
    assert list(bench.state.parked("exports")) == []


def test_a_tag_that_stays_is_tried_again_when_the_product_changes(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.edit(A, name="A name that is far too long for this little ERP of ours")
    assert bench.run().out.parked == 1
    calls: list[str] = []
    bench.erp.called = calls.append
    report = bench.run()
    assert (report.out.parked, report.exit_code) == (1, 1)
    assert "write" not in calls
    bench.edit(A, name="Short")
    assert bench.run().out.created == 1


def test_a_number_that_is_given_in_the_erp_makes_no_second_item(bench: BornBench) -> None:
    bench.erp.put("T-1")
    bench.make(A, "T-1", tag="to_export")
    report = bench.run(STATE)
    assert report.out.parked == 1
    assert "given to another article" in str(bench.value(A, MESSAGE))
    assert len(bench.erp.rows()) == 1


def test_a_product_without_a_number_is_sent_back_to_its_user(bench: BornBench) -> None:
    bench.make(A, None, tag="to_export")
    report = bench.run(STATE)
    words = "the product has no sku, by which the ERP knows an item; give it one in the PIM"
    assert [one.detail for one in report.out.parked_items] == [words]
    assert (bench.value(A, Cell("erp_state")), bench.value(A, MESSAGE)) == ("failed", words)
    assert bench.erp.rows() == {}


def test_a_renamed_product_keeps_its_item(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.edit(A, sku="T-9")
    bench.erp.edit("T-1", status="seen")
    bench.run()
    assert list(bench.erp.rows()) == ["T-9"]
    bench.erp.edit("T-9", weight="1.5")
    report = bench.run()
    assert (report.back.updated, report.back.parked) == (1, 0)
    assert bench.product(A).values.metric("weight") == Metric(Decimal("1.5"), "KILOGRAM")  # type: ignore[arg-type]  # a unit's code


@pytest.mark.parametrize("is_told", [True, False])
def test_an_item_that_was_renumbered_in_the_erp_stays_bound(bench: BornBench, is_told: bool) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.erp.edit("T-1", number="X-1", status="moved")
    if is_told:
        bench.erp.bury("T-1")
        bench.run()
    else:
        bench.job().bring_back(reads="all")  # notices it; the next one brings what is there under the new key
        bench.job().bring_back()
    assert bench.value(A, Cell("erp_status")) == "moved"
    assert bench.product(A).enabled
    bench.edit(A, name="Other")
    bench.run()
    assert bench.erp.rows()["T-1"]["name"] == "Other"  # the number is the PIM's
    assert len(bench.erp.rows()) == 1


def test_a_deleted_item_is_not_made_again_unless_a_person_wants_it(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="to_export")
    bench.run(STATE)
    bench.erp.remove("T-1")
    bench.edit(A, name="Other")
    report = bench.run(STATE)
    assert report.out.parked == 1
    assert "tag the product again" in report.out.parked_items[0].detail
    assert bench.erp.rows() == {}
    assert bench.run(STATE).exit_code == 0  # the deletion was heard of, and there is no more to say
    assert not bench.product(A).enabled
    bench.edit(A, erp_state="to_export")
    assert bench.run(STATE).out.created == 1
    assert bench.erp.rows()["T-1"]["unit"] == "pc"  # it is made as a new one


def test_a_product_that_is_deleted_is_not_made_anew_by_the_way_back(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.pim.products.delete(ProductUuid(A))
    bench.erp.edit("T-1", weight="9")
    report = bench.run()
    assert report.back.read == 0
    assert list(bench.pim.products.list()) == []
    assert "T-1" in bench.erp.rows()


def test_switching_off_travels(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "enabled": False}])
    bench.run()
    assert bench.erp.rows()["T-1"]["is_sold"] is False


def test_a_lost_state_makes_no_second_item(bench: BornBench, tmp_path: Path) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.edit(A, send_to_erp=True, name="Other")
    bench.erp.edit("T-1", weight="9")
    with SqliteState(tmp_path / "other.db") as bench.state:
        report = bench.run()
    assert (report.out.created, len(bench.erp.rows())) == (1, 1)
    assert bench.erp.rows()["T-1"]["name"] == "Other"
    assert bench.product(A).values.metric("weight") == Metric(Decimal(9), "KILOGRAM")  # type: ignore[arg-type]  # a unit's code


def test_a_category_as_tag(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="", categories=["drills", "to_erp"])
    report = bench.run(CategoryTag("to_erp", exported="in_erp"))
    assert report.out.created == 1
    assert set(bench.product(A).categories) == {"drills", "in_erp"}
    bench.make(B, "T-2", tag="", categories=["to_erp"])
    bench.run(CategoryTag("to_erp"))
    assert bench.product(B).categories == ()


def test_completeness_as_tag(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="")
    bench.make(B, None, tag="")
    tag = CompletenessTag("ecommerce", locales=("en_US",))
    assert bench.run(tag).out.created == 1
    assert list(bench.erp.rows()) == ["T-1"]
    assert bench.run(tag).out.written == 0
    bench.edit(B, sku="T-2")
    assert bench.run(tag).out.created == 1


@pytest.mark.parametrize("is_heard_of", [True, False])
def test_a_complete_product_whose_item_was_deleted_waits_for_a_person(bench: BornBench, is_heard_of: bool) -> None:
    tag = CompletenessTag("ecommerce", locales=("en_US",))
    bench.make(A, "T-1", tag="")
    bench.run(tag)
    bench.erp.remove("T-1")
    if is_heard_of:
        bench.job(tag).bring_back()
    bench.edit(A, story="Made by machine.")
    for _ in range(3):
        bench.run(tag)
    assert bench.erp.rows() == {}
    assert not bench.product(A).enabled
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "enabled": True}])
    assert bench.run(tag).out.created == 1
    assert list(bench.erp.rows()) == ["T-1"]


def test_a_step_of_a_workflow_as_tag(bench: BornBench) -> None:
    steps = [{"uuid": "s-1", "code": "texts", "type": "enrich"}, {"uuid": "s-2", "code": "erp", "type": "review"}]
    bench.simulator.load("/api/rest/v1/workflows", [{"uuid": "w-1", "code": "new", "enabled": True, "steps": steps}])
    bench.make(A, "T-1", tag="")
    bench.pim.workflows.start([{"workflow": {"uuid": "w-1"}, "product": {"uuid": A}}])
    assert bench.run(WorkflowTag("s-1")).out.created == 1
    tasks = {
        step: [(task.status) for task in bench.pim.workflows.tasks().list(where=_step(step))] for step in ("s-1", "s-2")
    }
    assert tasks == {"s-1": ["completed"], "s-2": ["in_progress"]}


def _step(uuid: str) -> Mapping[str, Any]:
    return {"step_uuid": [{"operator": "=", "value": uuid}]}


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        (BooleanTag("nothing"), "no attribute 'nothing' for the tag; make one of type pim_catalog_boolean"),
        (
            SelectTag("nothing", waiting="a", exported="b", failed="c"),
            "no attribute 'nothing' for the tag; make one of type pim_catalog_simpleselect",
        ),
        (BooleanTag("story"), "attribute 'story' of the tag is pim_catalog_textarea"),
        (SelectTag("erp_state", waiting="now", exported="exported", failed="failed"), "has no option 'now'"),
        (SelectTag("erp_state", waiting="failed", exported="exported", failed="failed"), "three options"),
        (CategoryTag("nowhere"), "no category 'nowhere'"),
        (CompletenessTag("print", locales=("en_US",)), "no channel 'print'"),
        (CompletenessTag("ecommerce", locales=()), "at least one locale"),
    ],
)
def test_a_tag_that_does_not_fit_the_pim_stops_all(bench: BornBench, tag: Tag, words: str) -> None:
    with pytest.raises(PreflightFailed, match=words):
        bench.run(tag)
    assert bench.simulator.mutating_calls == []


# ---- what the PIM owns and somebody changed in the ERP ----
def test_an_edit_in_the_erp_is_overwritten_with_the_pims(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.run()
    bench.erp.edit("T-1", name="Theirs", status="seen")
    report = bench.run()
    assert report.edited == 1
    assert [(one.cell, one.base, one.erp, one.pim) for one in report.edited_cells] == [
        ("name[en_US]", "Tool T-1", "Theirs", "Tool T-1")
    ]
    assert bench.value(A, Cell("erp_status")) == "seen"
    assert bench.run().out.updated == 1
    assert bench.erp.rows()["T-1"]["name"] == "Tool T-1"
    report = bench.run()
    assert (report.edited, report.out.written) == (0, 0)


def test_an_edit_in_the_erp_is_held_until_a_person_decides(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    bench.run(edits="hold")
    bench.run(edits="hold")
    for number in ("T-1", "T-2"):
        bench.erp.edit(number, name="Theirs")
    bench.run(edits="hold")
    assert [(one.key, one.cell, one.erp) for one in bench.state.held("exports")] == [
        (A, "name[en_US]", "Theirs"), (B, "name[en_US]", "Theirs"),
    ]  # fmt: skip
    # what else the PIM changes travels on, and the held cell does not
    bench.edit(A, name="Mine", pieces=4)
    bench.run(edits="hold")
    assert (bench.erp.rows()["T-1"]["name"], bench.erp.rows()["T-1"]["pieces"]) == ("Theirs", 4)
    job = bench.job(edits="hold")
    job.resolve(A, "name[en_US]", take="pim")
    job.resolve(B, "name[en_US]", take="erp")
    bench.run(edits="hold")
    assert [bench.erp.rows()[number]["name"] for number in ("T-1", "T-2")] == ["Mine", "Theirs"]
    assert list(bench.state.held("exports")) == []
    assert bench.run(edits="hold").out.written == 0
    bench.edit(B, name="Newer")
    bench.run(edits="hold")
    assert bench.erp.rows()["T-2"]["name"] == "Newer"


@pytest.mark.parametrize("take", ["pim", "erp"])
def test_a_decision_about_a_refused_product_leaves_it_parked(bench: BornBench, take: Literal["erp", "pim"]) -> None:
    bench.make(A, "T-1", values=[{"pieces": [{"locale": None, "scope": None, "data": 3}]}])
    bench.run(edits="hold")
    bench.run(edits="hold")
    bench.erp.edit("T-1", pieces=7)
    bench.run(edits="hold")
    bench.edit(A, name="A name that is far too long for this little ERP of ours")
    assert bench.run(edits="hold").out.parked == 1
    (before,) = bench.state.parked("exports")
    bench.job(edits="hold").resolve(A, "pieces", take=take)
    assert [(one.key, one.since) for one in bench.state.parked("exports")] == [(A, before.since)]
    assert bench.run(edits="hold").exit_code == 1
    assert [(one.key, one.since) for one in bench.state.parked("exports")] == [(A, before.since)]
    bench.edit(A, name="Short")
    bench.run(edits="hold")
    assert list(bench.state.parked("exports")) == []
    assert (bench.erp.rows()["T-1"]["name"], bench.erp.rows()["T-1"]["pieces"]) == ("Short", 3 if take == "pim" else 7)


def test_an_edit_in_the_erp_is_reported_and_stays_until_the_pim_changes(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run(edits="report")
    bench.run(edits="report")
    bench.erp.edit("T-1", name="Theirs")
    report = bench.run(edits="report")
    assert (report.edited, "1 cell of the PIM's changed in the ERP" in str(report)) == (1, True)
    assert bench.run(edits="report").out.written == 0
    assert bench.erp.rows()["T-1"]["name"] == "Theirs"
    bench.edit(A, name="Newer")
    bench.run(edits="report")
    assert bench.erp.rows()["T-1"]["name"] == "Newer"


@pytest.mark.parametrize("has_versions", [True, False])
@pytest.mark.parametrize("edits", ["overwrite", "hold", "report"])
def test_an_erp_that_keeps_values_otherwise_makes_no_loop(bench: BornBench, edits: str, has_versions: bool) -> None:
    bench.erp.keeps = str.upper
    bench.erp.has_versions = has_versions
    bench.make(A, "T-1")
    for _ in range(3):
        bench.run(edits=edits)
    calls: list[str] = []
    bench.erp.called = calls.append
    report = bench.run(edits=edits)
    assert "write" not in calls
    if has_versions:
        assert list(bench.state.held("exports")) == []
        assert report.edited == 0
    bench.edit(A, name="Newer")
    bench.run(edits=edits)
    assert bench.erp.rows()["T-1"]["name"] == ("TOOL T-1" if (edits, has_versions) == ("hold", False) else "NEWER")
