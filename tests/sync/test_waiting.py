"""What waits for somebody: parked items with their place, sample and age, and held cells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, cold, hot, internal
from akeneo_erp_bridge.mapping import Group, Member
from akeneo_erp_bridge.sync import (
    ErpToPim,
    HeldCell,
    LedgerEntry,
    ParkedItem,
    Plan,
    Settled,
    SqliteState,
    SyncOptions,
    SyncReport,
    by_key,
    report_html,
)
from bench_erp import NAMED, Part, Revisions, part, product
from places import old_file
from world import ListErp, make_mapping, row

KEY = ErpKey("000123")
FIRST, LATER = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
REFUSED = ParkedItem(KEY, "refused", "values/name", "no", sample={"name": "'Drill'"})
ENTRY = LedgerEntry(KEY, "f", "c", "uuid-1")


class Tool(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    price = hot(str, "price")
    cost = internal(str, "cost")
    parts = cold(tuple, "parts")


RAW = {"number": "1", "name": "x" * 90, "price": "9.90", "cost": "4.10", "memo": "ask Ada", "parts": [{"price": "1"}]}


def test_a_sample_shows_nothing_that_is_hot_internal_or_undeclared() -> None:
    sample = Tool(RAW).sample()
    assert sample.keys() == {"number", "name", "parts"}
    assert len(sample["name"]) == 60
    assert sample["parts"] == "(list)", "what is inside has temperatures of its own"
    assert Member({"key": "1"}, Tool(RAW)).sample() == sample
    assert Group[Tool]({"code": "M"}, [Tool(RAW)]).sample() == {"code": "'M'", **sample}


def test_what_the_pim_refused_is_parked_with_its_message_place_and_sample(
    pim: AkeneoClient, state: SqliteState
) -> None:
    ErpToPim(ListErp([row(1), {**row(2), "colour": "green"}]), make_mapping(), pim, state).run()
    (item,) = state.parked("products")
    assert (item.code, item.path) == ("refused", "colour -> values/colour")
    assert item.detail.startswith("the PIM refused it: ")
    assert item.path not in item.detail, "told once"
    assert item.detail.endswith(
        "option list; make the option in the PIM, by hand or with `setup`, or correct 'colour' in the ERP"
    )
    assert item.sample["colour"] == "'green'"
    assert item.sample.keys() == {"number", "name", "weight", "unit", "category", "colour"}, "price and stock are hot"


def test_an_item_that_a_rule_refuses_is_parked_with_its_sample(pim: AkeneoClient, state: SqliteState) -> None:
    ErpToPim(ListErp([{**row(1), "weight": "heavy"}]), make_mapping(), pim, state).run()
    (item,) = state.parked("products")
    assert item.sample["weight"] == "'heavy'"


@pytest.mark.on_both
def test_an_item_keeps_the_moment_at_which_it_was_first_parked(state: SqliteState) -> None:
    state.settle("products", Settled(parked=[REFUSED], at=FIRST))
    state.settle("products", Settled(parked=[ParkedItem(KEY, "required", "", "other", "f2")], at=LATER))
    (item,) = state.parked("products")
    assert (item.code, item.since) == ("required", FIRST)
    assert state.oldest_parked("products") == FIRST
    state.settle("products", Settled(entries=[ENTRY], at=LATER))
    assert state.oldest_parked("products") is None
    state.settle("products", Settled(parked=[REFUSED], at=LATER))
    assert state.oldest_parked("products") == LATER, "it was in the PIM in between"


@pytest.mark.on_both
def test_a_report_tells_how_long_the_oldest_parked_item_waits(pim: AkeneoClient, state: SqliteState) -> None:
    job = ErpToPim(ListErp([{**row(1), "weight": "heavy"}]), make_mapping(), pim, state)
    assert not any("waits for" in line for line in job.run().remarks)
    week_ago = datetime.now(UTC) - timedelta(days=7, hours=1)
    other = ParkedItem(ErpKey("9"), "refused", "", "no")
    state.settle("products", Settled(parked=[other], at=week_ago, run="earlier"))
    assert "the oldest parked item waits for 7 days" in job.plan().report.remarks


@pytest.mark.on_both
def test_held_cells_take_the_place_of_what_was_held(state: SqliteState) -> None:
    name, weight = (
        HeldCell(KEY, "name", "a", "b", "c"),
        HeldCell(KEY, "weight", None, {"amount": "1.5"}, ["x"], wire={"amount": "1.500"}),
    )
    state.settle("products", Settled(entries=[ENTRY], held=[name, weight], at=FIRST))
    state.settle("products", Settled(entries=[LedgerEntry(ErpKey("9"), "f", "c", "u")], at=LATER))
    assert list(state.held("products")) == [name, weight]
    state.settle("products", Settled(entries=[ENTRY], held=[weight], at=LATER))
    (still,) = state.held("products")
    assert (still, still.since) == (weight, FIRST)
    assert still.wire == {"amount": "1.500"}
    assert state.held_among("products", [KEY, ErpKey("9")]) == [weight]
    assert list(state.held("offers")) == []
    state.settle("products", Settled(forgotten=[KEY]))
    assert list(state.held("products")) == []


def test_a_file_of_the_version_before_keeps_its_parked_items(tmp_path: Path) -> None:
    old_file(
        tmp_path / "state.db",
        4,
        "INSERT INTO parked VALUES ('products', '000123', 'refused', 'values/name', 'no', '', '', 'r')",
    )
    with SqliteState(tmp_path / "state.db") as state:
        (item,) = state.parked("products")
        assert (item, dict(item.sample), item.since) == (REFUSED, {}, None)
        assert state.oldest_parked("products") is None


@pytest.mark.on_both
def test_half_a_character_in_a_sample_does_not_stop_the_file(state: SqliteState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(KEY, "x", "", "x", sample={"name": "\ud800"})]))
    assert next(state.parked("products")).sample == {"name": "\ud800"}


# ---- every report tells what waits ----
def waiting_job(pim: AkeneoClient, state: SqliteState) -> tuple[Revisions[Part], ErpToPim[Part]]:
    """One item was parked, which the ERP does not show again by itself."""
    erp = Revisions(Part, *(part(f"N{number}") for number in range(30)), part("BAD", name="x" * 300))
    job = ErpToPim(erp, product(NAMED), pim, state, options=SyncOptions(page_size=40))
    assert job.run().parked == 1
    return erp, job


def told(report: SyncReport) -> tuple[int, bool, int]:
    return report.waiting, report.waits_for is not None, report.exit_code


def test_a_run_of_all_ends_with_one_for_what_waits(pim: AkeneoClient, state: SqliteState) -> None:
    _, job = waiting_job(pim, state)
    assert told(job.run()) == (1, True, 1)
    assert told(job.plan().report) == (1, True, 1), "as the run would"
    assert told(Plan.from_json(job.plan().to_json()).report) == (1, True, 1)


def test_a_part_and_an_apply_tell_what_waits_and_end_well(pim: AkeneoClient, state: SqliteState) -> None:
    erp, job = waiting_job(pim, state)
    erp.put(part("NEW"))
    assert told(job.run(only=by_key("key of N3"))) == (1, True, 0)
    assert told(job.plan(only=by_key("key of N3")).report) == (1, True, 0)
    assert told(job.run(writes="update")) == (1, True, 0)
    plan = job.plan()
    assert told(job.run(writes="create")) == (1, True, 0)
    report = job.apply(plan)
    assert told(report) == (1, True, 0)
    assert "1 item parked earlier and not read now" in report.remarks
    assert "All that it looked at is well." in report_html(report)
    assert next(state.runs("products")).counts["waiting"] == 1


def test_a_plan_of_what_waits_does_not_count_it_beside(pim: AkeneoClient, state: SqliteState) -> None:
    erp, job = waiting_job(pim, state)
    assert (job.plan(only=by_key("key of BAD")).report.parked, job.plan(only=by_key("key of BAD")).report.waiting) == (
        1,
        0,
    )
    assert (job.plan(reads="all").report.parked, job.plan(reads="all").report.waiting) == (1, 0)
    erp.remove("key of BAD")
    assert told(job.plan().report)[0] == 0, "its deletion was heard of"
    erp.log = erp.log[:-2]
    assert told(job.plan(reads="all").report)[0] == 0, "a reading of everything finds that it is no more"


def test_a_run_that_a_brake_stops_tells_what_waits(pim: AkeneoClient, state: SqliteState) -> None:
    erp, job = waiting_job(pim, state)
    for number in range(20):
        erp.remove(f"key of N{number}")
    assert told(job.plan().report) == (1, True, 5)
    assert told(job.run()) == (1, True, 5)
