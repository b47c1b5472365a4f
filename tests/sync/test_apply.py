"""A plan is applied: exactly what it shows, as far as its base still holds, and once."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve

import warm
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, ErpKey, LocaleCode, ProductUuid
from akeneo_erp_bridge.errors import BrakeApplied, ConfigurationError, StateError, TemperatureRefused
from akeneo_erp_bridge.mapping import CATEGORIES, ENABLED, ItemMapping, as_set, clean, fetched, file_in, lookup
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import (
    Brakes,
    ErpToPim,
    ItemChange,
    Moved,
    PageTook,
    ParkedItem,
    Plan,
    Run,
    RunObserver,
    Settled,
    SqliteState,
    SyncOptions,
    SyncReport,
)
from akeneo_erp_bridge.testing import PimSimulator
from apply_bench import OPTIONS, first, then
from bench_erp import COLOURED, NAMED, Changes, Part, Rows, Stopped, cells, only, part, parts, product
from killing import fatal_boundaries
from link_bench import (  # fmt: skip
    PACK,
    PAIR,
    PICTURE,
    UPSELL,
    Tool,
    by_sku,
    kit,
    link_by_hand,
    links,
    made_by_hand,
    tool,
    tool_mapping,
    tools,
    with_links,
)
from world import fill, make_mapping

MAPPING = product(NAMED, COLOURED)
SHARED = product(NAMED, (Part.category >> lookup({"S": "shirts", "P": "promotions"}) >> as_set()).to(CATEGORIES))


def job(
    erp: Rows[Part], pim: AkeneoClient, state: SqliteState, mapping: ItemMapping[Part] = MAPPING, **options: object
) -> ErpToPim[Part]:
    return ErpToPim(erp, mapping, pim, state, options=SyncOptions(brakes=Brakes(deleted_share=1), **options))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the options of a test


def stored(plan: Plan) -> Plan:
    """Through a file, as on another day."""
    return Plan.from_json(plan.to_json())


def applied(one: ErpToPim[Part], plan: Plan, *, moved: Moved = "refuse") -> SyncReport:
    report = one.apply(stored(plan), moved=moved)
    assert report.accounts_for_everything()
    return report


def edit(pim: AkeneoClient, number: str, **fields: object) -> None:
    """A PIM user changes a product: a name, a colour, categories, or whether it is enabled."""
    values = [
        Value(AttributeCode(code), text, locale=LocaleCode("en_US") if code == "name" else None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # what a test gives
        for code, text in fields.items()
        if code in ("name", "colour")
    ]
    rest = {code: value for code, value in fields.items() if code not in ("name", "colour")}
    uuid = by_sku(pim)[number].uuid
    assert uuid is not None
    pim.products.upsert(ProductPatch(uuid=ProductUuid(uuid), values=values, **rest))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # as above


# ---- what it writes ----
@pytest.mark.on_both
def test_a_plan_is_written_as_shown_and_the_next_run_has_nothing_to_do(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part("A"), part("B", colour="red"))
    job(erp, pim, state).run()
    erp.rows = [part("A", name="Anew"), part("B", colour="red"), part("C", colour="blue"), {**part("D"), "number": ""}]
    one = job(erp, pim, state)
    plan = one.plan()
    before = state.cursor("products", plan.changes[0].after.context)
    simulator.forget_calls()

    report = applied(one, plan)
    assert (report.read, report.created, report.updated, report.unchanged, report.parked) == (2, 1, 1, 0, 0)
    assert report.cells == plan.report.cells
    found = by_sku(pim)
    assert {sku: product.values.text("name", locale="en_US") for sku, product in found.items()} == {
        "A": "Anew", "B": "Part B", "C": "Part C",
    }  # fmt: skip
    created = next(one for one in plan.changes if one.action == "create")
    assert str(found["C"].uuid) == created.ref
    assert state.cursor("products", created.after.context) == before, "the cursor stays"

    simulator.forget_calls()
    again = one.run()
    assert (again.unchanged, again.written, again.parked) == (3, 0, 1)
    assert simulator.mutating_calls == []


def test_a_delta_reader_shows_the_applied_items_again_and_they_are_unchanged(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Changes(Part, part("A"))
    job(erp, pim, state).run()
    erp.rows += [part("B"), part("A", name="Anew")]
    one = job(erp, pim, state)
    applied(one, one.plan())
    simulator.forget_calls()
    again = one.run()
    assert (again.read, again.unchanged) == (2, 2)
    assert simulator.mutating_calls == []


def test_the_erp_is_not_read_again(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(parts(part("A")), pim, state)
    plan = one.plan()
    one.erp = parts(part("A", name="Otherwise by now"))
    applied(one, plan)
    assert cells(only(pim))["name"] == "Part A"


@pytest.mark.on_both
def test_applied_twice_the_second_time_nothing_is_sent(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    one = job(parts(part("A"), part("B")), pim, state)
    plan = one.plan()
    applied(one, plan)
    simulator.forget_calls()
    report = applied(one, plan)
    assert (report.read, report.unchanged, report.written, report.parked) == (2, 2, 0, 0)
    assert simulator.mutating_calls == []


def test_a_run_that_brought_the_same_rows_in_has_done_it(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    one = job(parts(part("A")), pim, state)
    plan = one.plan()
    one.run()
    simulator.forget_calls()
    assert applied(one, plan).unchanged == 1
    assert simulator.mutating_calls == []


def test_what_a_run_brought_in_under_another_mapping_is_done_where_it_is_the_same(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    one = job(parts(part("A"), part("B")), pim, state)
    plan = one.plan()
    one.run()
    a, b = state.entries("products", [change.key for change in plan.changes]).values()
    other = evolve(b, context="other", cells={**b.cells, "name[en_US]": "Otherwise"})
    state.amend("products", [evolve(a, context="other"), other])
    simulator.forget_calls()
    report = applied(one, plan)
    assert (report.unchanged, [item.key for item in report.parked_items]) == (1, [b.key])
    assert simulator.mutating_calls == []


@pytest.mark.parametrize("code", ["duplicate", "refused"])
def test_what_is_parked_for_another_reason_is_not_replaced(code: str, pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A"), part("B"))
    job(erp, pim, state).run()
    erp.rows = [part("A", name="Anew"), part("B", name="Bnew")]
    one = job(erp, pim, state)
    plan = one.plan()
    before = ParkedItem(ErpKey("key of A"), code, "colour", "what to do", "f", "c", {"number": "'A'"})
    state.settle("products", Settled(parked=[before], run="earlier"))
    edit(pim, "A", name="Julia's")
    edit(pim, "B", name="Tom's")

    report = applied(one, plan)
    assert [(item.key, item.code) for item in report.parked_items] == [("key of A", "moved"), ("key of B", "moved")]
    assert report.waiting == 0, "it is counted once"
    first, second = state.parked("products")
    assert (first.code, first.path, first.detail, first.sample) == (code, "colour", "what to do", before.sample)
    assert first.fingerprint == "", "the next run looks at it"
    assert second.code == "moved"
    assert one.run().updated == 2


def test_an_item_that_is_refused_again_keeps_what_the_erp_said(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(parts(part("A", colour="teal")), pim, state)
    plan = one.plan()
    one.run()
    (before,) = state.parked("products")
    assert applied(one, plan).parked == 1
    (after,) = state.parked("products")
    assert before.sample
    assert (after.code, after.sample) == ("refused", before.sample)


def test_it_has_a_place_in_the_run_history_and_tells_its_progress(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*(part(str(number)) for number in range(5)))
    told: list[int] = []

    class Progress(RunObserver):
        def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
            if run.mode == "run":
                told.append(so_far.read)

    one = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(page_size=2), observers=[Progress()])
    plan = one.plan()
    report = one.apply(plan)
    assert told == [2, 4, 5]
    record = next(state.runs("products"))
    assert (record.run_id, record.counts["created"]) == (report.run_id, 5)


# ---- what has moved ----
def test_a_cell_that_a_user_changed_meanwhile_is_refused_and_told(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part("A"), part("B"))
    job(erp, pim, state).run()
    erp.rows = [part("A", name="Anew"), part("B", name="Bnew")]
    one = job(erp, pim, state)
    plan = one.plan()
    edit(pim, "A", name="Julia's")

    report = applied(one, plan)
    assert (report.read, report.updated, report.parked, report.exit_code) == (2, 1, 1, 1)
    (item,) = report.parked_items
    assert (item.key, item.code) == ("key of A", "moved")
    for words in ("name[en_US]: planned on 'Part A'", 'and it is "Julia\'s" now', "moved='replan'"):
        assert words in item.detail
    assert cells(by_sku(pim)["A"])["name"] == "Julia's"
    assert [one.key for one in state.parked("products")] == ["key of A"]

    again = one.run()  # what the policy of runs is: the cell is the ERP's
    assert (again.updated, again.parked, list(state.parked("products"))) == (1, 0, [])
    assert cells(by_sku(pim)["A"])["name"] == "Anew"


def test_drawn_up_anew_the_erps_cell_is_written_and_others_stay(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A", colour="red"))
    job(erp, pim, state).run()
    erp.rows = [part("A", name="Anew", colour="red")]
    one = job(erp, pim, state)
    plan = one.plan()
    edit(pim, "A", name="Julia's", colour="blue")
    report = applied(one, plan, moved="replan")
    assert (report.updated, report.cells, report.parked) == (1, 1, 0)
    assert cells(by_sku(pim)["A"]) == {"sku": "A", "name": "Anew", "colour": "blue", "categories": []}


def test_a_user_who_wrote_the_planned_value_has_done_it(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part("A"))
    job(erp, pim, state).run()
    erp.rows = [part("A", name="Anew")]
    one = job(erp, pim, state)
    plan = one.plan()
    edit(pim, "A", name="Anew")
    simulator.forget_calls()
    assert applied(one, plan).unchanged == 1
    assert one.run().unchanged == 1
    assert simulator.mutating_calls == []


def test_what_a_user_had_changed_before_the_plan_is_in_the_plan(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A"))
    job(erp, pim, state).run()
    edit(pim, "A", name="Julia's")
    erp.rows = [part("A", name="Anew")]
    one = job(erp, pim, state)
    plan = one.plan()
    assert plan.changes[0].cells["name[en_US]"].notes == ('the PIM holds "Julia\'s" there, not what the last run left',)
    assert applied(one, plan).updated == 1


@pytest.mark.on_both
def test_a_list_that_others_changed_is_refused_or_merged_anew(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A", category="S"))
    job(erp, pim, state, SHARED).run()
    erp.rows = [part("A", category="P")]
    one = job(erp, pim, state, SHARED)
    plan = one.plan()
    edit(pim, "A", categories=[CategoryCode("shirts"), CategoryCode("master")])

    refused = applied(one, plan)
    assert (refused.parked, cells(only(pim))["categories"]) == (1, ["master", "shirts"])
    assert "categories: planned on ['shirts'], and it is ['master', 'shirts'] now" in refused.parked_items[0].detail
    report = applied(one, plan, moved="replan")
    assert (report.updated, cells(only(pim))["categories"]) == (1, ["master", "promotions"])

    erp.rows = [part("A", category=None)]
    assert one.run().updated == 1
    assert cells(only(pim))["categories"] == ["master"], "the ledger knew what was ours"


def test_a_product_that_appeared_is_refused_or_adopted(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(
        parts(part("A", colour="red", category="S"), part("B")),
        pim,
        state,
        product(NAMED, COLOURED, *SHARED.bindings[2:]),
    )
    plan = one.plan()
    (uuid,) = made_by_hand(pim, "A")
    edit(pim, "A", colour="red", categories=[CategoryCode("promotions")])

    report = applied(one, plan)
    assert (report.created, report.parked) == (1, 1)
    assert "'A' is in the PIM by now, and was to be created" in report.parked_items[0].detail

    report = applied(one, plan, moved="replan")
    assert (report.created, report.updated, report.unchanged) == (0, 1, 1)
    found = by_sku(pim)["A"]
    assert str(found.uuid) == uuid
    assert cells(found) == {"sku": "A", "name": "Part A", "colour": "red", "categories": ["promotions", "shirts"]}
    assert one.run().unchanged == 2
    assert pim.products.count() == 2


def test_a_seed_is_not_sown_where_something_grew(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = product(NAMED, (Part.colour >> clean()).to(Cell[str]("colour"), owner=Owner.SEED))
    one = job(parts(part("A", colour="red")), pim, state, mapping)
    plan = one.plan()
    made_by_hand(pim, "A")
    edit(pim, "A", colour="blue")
    assert applied(one, plan, moved="replan").updated == 1
    assert cells(only(pim))["colour"] == "blue"
    assert one.run().unchanged == 1


@pytest.mark.parametrize("moved", ["refuse", "replan"])
def test_a_product_that_was_deleted_is_refused_by_both(moved: Moved, pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A"))
    job(erp, pim, state).run()
    erp.rows = [part("A", name="Anew")]
    one = job(erp, pim, state)
    plan = one.plan()
    pim.products.delete(ProductUuid(only(pim).uuid or ""))
    report = applied(one, plan, moved=moved)
    assert (report.parked, pim.products.count()) == (1, 0)
    assert "it is not in the PIM any more" in report.parked_items[0].detail
    assert one.run().written == 1
    assert cells(only(pim))["name"] == "Anew"


def test_what_was_deleted_before_the_plan_is_planned_as_a_whole(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A", colour="red"))
    job(erp, pim, state).run()
    pim.products.delete(ProductUuid(only(pim).uuid or ""))
    erp.rows = [part("A", name="Anew", colour="red")]
    one = job(erp, pim, state)
    plan = one.plan()
    (change,) = plan.changes
    assert (change.action, sorted(change.cells)) == ("create", ["colour", "name[en_US]", "sku"])
    assert (plan.report.created, plan.report.updated, plan.report.accounts_for_everything()) == (1, 0, True)
    assert applied(one, plan).created == 1
    assert cells(only(pim)) == {"sku": "A", "name": "Anew", "colour": "red", "categories": []}
    assert one.run().unchanged == 1


@pytest.mark.parametrize("moved", ["refuse", "replan"])
def test_an_item_that_was_synced_meanwhile_is_refused_by_both(
    moved: Moved, pim: AkeneoClient, state: SqliteState
) -> None:
    erp = parts(part("A"))
    one = job(erp, pim, state)
    one.run()
    erp.rows = [part("A", name="Anew")]
    plan = one.plan()
    erp.rows = [part("A", name="Newest")]
    one.run()
    report = applied(one, plan, moved=moved)
    assert (report.parked, cells(only(pim))["name"]) == (1, "Newest")
    assert "a sync has written it since; make a new plan" in report.parked_items[0].detail
    assert (one.run().unchanged, list(state.parked("products"))) == (1, [])


def test_a_product_that_became_another_items_is_refused(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A"))
    one = job(erp, pim, state)
    plan = one.plan()
    erp.rows = [{**part("A"), "id": "another key"}]
    one.run()
    report = applied(one, plan, moved="replan")
    assert "'A' is in the PIM for 'another key' by now" in report.parked_items[0].detail
    assert pim.products.count() == 1


def test_a_refused_line_is_parked_and_the_others_are_written(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(parts(part("A", colour="purple"), part("B")), pim, state)
    report = applied(one, one.plan())
    assert (report.created, report.parked, report.parked_items[0].code) == (1, 1, "refused")
    assert (one.run().parked, pim.products.count()) == (1, 1)


# ---- deletions, renumbered items, links ----
def test_a_deletion_is_applied_and_one_that_moved_is_heard_again(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A"), part("B"), part("C"))
    one = job(erp, pim, state)
    one.run()
    erp.rows, erp.dead = [part("A")], ["key of B", "key of C"]
    plan = one.plan()
    assert [change.is_deletion for change in plan.changes] == [True, True]
    pim.products.delete(ProductUuid(by_sku(pim)["C"].uuid or ""))
    report = applied(one, plan)
    assert (report.read, report.tombstoned, report.undeleted, report.exit_code) == (0, 2, 1, 1)
    assert [item.key for item in report.parked_items] == ["key of C"]
    assert {sku: product.enabled for sku, product in by_sku(pim).items()} == {"A": True, "B": False}
    again = one.run()
    assert (again.undeleted, again.exit_code, state.ledger_size("products")) == (0, 0, 1)
    assert applied(one, plan).tombstoned == 2


def test_a_user_who_disabled_it_has_done_it(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = parts(part("A"), part("B"))
    one = job(erp, pim, state, product(NAMED, Part.active.to(ENABLED)))
    erp.rows = [part("A", active=True), part("B", active=True)]
    one.run()
    erp.rows, erp.dead = [part("A", active=True)], ["key of B"]
    plan = one.plan()
    edit(pim, "B", enabled=False)
    simulator.forget_calls()
    report = applied(one, plan)
    assert (report.tombstoned, report.undeleted, simulator.mutating_calls) == (1, 0, [])
    assert (one.run().undeleted, state.ledger_size("products")) == (0, 1)
    assert simulator.mutating_calls == []


@pytest.mark.on_both
def test_a_renumbered_item_takes_the_place_of_its_old_key(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A"))
    one = job(erp, pim, state)
    one.run()
    erp.rows, erp.dead = [{**part("A", name="Anew"), "id": "new key"}], ["key of A"]
    plan = one.plan()
    assert [(change.key, change.action) for change in plan.changes] == [("new key", "update")]
    report = applied(one, plan)
    assert (report.updated, cells(only(pim))["name"]) == (1, "Anew")
    assert (sorted(state.entries("products", ["key of A", "new key"])), state.ledger_size("products")) == (
        ["new key"],
        1,
    )  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # keys are texts
    assert applied(one, plan).unchanged == 1
    assert one.run().unchanged == 1


@pytest.fixture
def linked(simulator: PimSimulator) -> PimSimulator:
    return with_links(simulator)


def tool_job(erp: Rows[Tool], pim: AkeneoClient, state: SqliteState, *bindings: object) -> ErpToPim[Tool]:
    return ErpToPim(erp, tool_mapping(*bindings), pim, state)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # bindings of a test


def test_links_to_what_the_plan_creates_are_made_by_the_next_run(
    linked: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    one = tool_job(tools(tool("A", upsell=["B"]), tool("B"), kit("K", B=2)), pim, state, UPSELL, PACK)
    report = one.apply(stored(one.plan()))
    assert (report.created, report.unlinked, report.exit_code, links(pim)) == (3, 2, 1, {})
    again = one.run()
    assert (again.unchanged, again.unlinked, links(pim)) == (3, 0, {"A": ["B"]})


def test_links_that_came_late_are_in_the_plan_and_applied(
    linked: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    one = tool_job(tools(tool("A", upsell=["B"])), pim, state, UPSELL)
    one.run()
    made_by_hand(pim, "B", "C")
    plan = one.plan()
    assert [change.is_late for change in plan.changes] == [True]
    link_by_hand(pim, "A", "C")
    refused = one.apply(stored(plan))
    assert (refused.read, refused.unlinked, links(pim)) == (0, 1, {"A": ["C"]})
    report = one.apply(stored(plan), moved="replan")
    assert (report.accounts_for_everything(), report.cells, links(pim)) == (True, 1, {"A": ["B", "C"]})
    linked.forget_calls()
    assert one.apply(stored(plan)).exit_code == 0
    assert one.run().unlinked == 0
    assert linked.mutating_calls == []


def test_two_way_links_are_not_drawn_up_anew(linked: PimSimulator, pim: AkeneoClient, state: SqliteState) -> None:
    made_by_hand(pim, "B", "C")
    erp = tools(tool("A"))
    one = tool_job(erp, pim, state, PAIR)
    one.run()
    erp.rows = [tool("A", pair=["B"])]
    plan = one.plan()
    link_by_hand(pim, "A", "C", code="PAIR")
    report = one.apply(stored(plan), moved="replan")
    assert report.parked == 1
    assert "links that the PIM writes at both ends" in report.parked_items[0].detail


# ---- files ----
def test_a_file_is_found_again_through_the_mapping(
    linked: PimSimulator, pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"red")
    one = tool_job(tools(tool("A", photo="a.jpg")), pim, state, (Tool.photo >> file_in(tmp_path)).to(PICTURE))
    plan = one.plan()
    report = one.apply(stored(plan))
    assert (report.created, report.skipped) == (1, 0)
    assert by_sku(pim)["A"].values.text("picture")
    assert one.run().unchanged == 1


def nowhere(name: str) -> bytes:
    raise LookupError(name)


def test_of_two_fetchers_the_one_that_has_the_file_is_taken(
    linked: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    never = Tool.name.map(str.isdigit)
    another = (Tool.photo >> fetched({"b.jpg": b"not blue"}.__getitem__)).when(never)
    rule = (
        another | (Tool.photo >> fetched(nowhere)).when(never) | (Tool.photo >> fetched({"b.jpg": b"blue"}.__getitem__))
    )
    one = tool_job(tools(tool("B", photo="b.jpg", name="x")), pim, state, rule.to(PICTURE))
    report = one.apply(stored(one.plan()))
    assert (report.created, report.skipped, report.skipped_cells) == (1, 0, ())
    assert by_sku(pim)["B"].values.text("picture")


def test_a_file_that_changed_since_is_told_and_the_item_goes_on(
    linked: PimSimulator, pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"red")
    one = tool_job(tools(tool("A", photo="a.jpg")), pim, state, (Tool.photo >> file_in(tmp_path)).to(PICTURE))
    plan = stored(one.plan())
    (tmp_path / "a.jpg").write_bytes(b"blue")
    report = one.apply(plan)
    assert (report.created, report.skipped) == (1, 1)
    assert "changed while the run went on" in report.skipped_cells[0].detail
    assert by_sku(pim)["A"].values.text("picture") is None
    assert one.run().updated == 1
    assert by_sku(pim)["A"].values.text("picture")


def test_a_plan_leads_to_no_file_that_the_mapping_does_not_lead_to(
    linked: PimSimulator, pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"red")
    (tmp_path / "secret.jpg").write_bytes(b"red")
    one = tool_job(tools(tool("A", photo="a.jpg")), pim, state, (Tool.photo >> file_in(tmp_path / "in")).to(PICTURE))
    plan = stored(one.plan())
    (change,) = plan.changes
    source = evolve(change.files["picture"], content=str(tmp_path / "in" / ".." / "secret.jpg"))
    led_astray = evolve(plan, changes=[evolve(change, files={"picture": source})])
    linked.forget_calls()
    with pytest.raises(ConfigurationError, match="no file_in or fetched of this mapping leads to"):
        one.apply(led_astray)
    assert linked.mutating_calls == []


# ---- whose plan it is ----
def renamed(change: ItemChange) -> ItemChange:
    cell = evolve(change.cells["name[en_US]"], new="9,90 EUR")
    return evolve(change, cells={**change.cells, "name[en_US]": cell})


def test_a_plan_of_something_else_is_refused_in_one_line(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part("A"))
    plan = job(erp, pim, state).plan()
    simulator.forget_calls()

    def refused(one: ErpToPim[Part], plan: Plan, error: type[Exception], words: str) -> None:
        with pytest.raises(error) as raised:
            one.apply(plan)
        assert words in str(raised.value)
        assert "\n" not in str(raised.value)

    one = job(erp, pim, state)
    refused(job(erp, pim, state, stream="others"), plan, ConfigurationError, "is not for 'others'")
    refused(
        job(erp, pim, state, product(NAMED)), plan, ConfigurationError, "was made by another mapping; make a new plan"
    )
    refused(
        one,
        evolve(plan, origin="Part items of the PIM http://b"),
        ConfigurationError,
        "is for Part items of the PIM http://b, and this",
    )
    refused(
        one,
        evolve(plan, changes=[renamed(plan.changes[0])]),
        TemperatureRefused,
        "was altered afterwards; make a new plan",
    )
    refused(
        one,
        evolve(plan, changes=[evolve(plan.changes[0], base=None)]),
        ConfigurationError,
        "does not tell what it rests on",
    )
    refused(
        one,
        evolve(plan, report=evolve(plan.report, stopped_by="too many")),
        BrakeApplied,
        "a brake stopped it: too many",
    )
    simulator.load("/api/rest/v1/families", [{"code": "shoes", "attributes": ["sku"]}])
    refused(one, plan, ConfigurationError, "when the PIM had another structure; make a new plan")
    assert simulator.mutating_calls == []


def test_nothing_is_written_of_a_plan_of_which_the_last_item_was_altered(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    one = job(parts(part("A"), part("B")), pim, state, page_size=1)
    plan = one.plan()
    with pytest.raises(TemperatureRefused, match="key of B"):
        one.apply(evolve(plan, changes=[plan.changes[0], renamed(plan.changes[1])]))
    assert simulator.mutating_calls == []


def test_what_to_do_with_what_moved_is_one_of_two(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    one = job(parts(part("A")), pim, state)
    with pytest.raises(ConfigurationError, match="moved='Replan' is neither 'refuse' nor 'replan'"):
        one.apply(one.plan(), moved="Replan")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # what an untyped program may write
    assert simulator.mutating_calls == []


def test_a_stream_of_another_origin_is_refused(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    state.bind("products", "another PIM", claim=True)
    with SqliteState(":memory:") as fresh:
        plan = job(parts(part("A")), pim, fresh).plan()
    with pytest.raises(StateError, match="another PIM"):
        job(parts(part("A")), pim, state).apply(plan)
    assert simulator.mutating_calls == []


# ---- stops ----
ROWS = [part("A", name="Anew"), part("B"), part("C", category="P"), part("D"), part("E")]


def half_done(pim: AkeneoClient, state: SqliteState, erp: Rows[Part]) -> Plan:
    erp.rows, erp.dead = [part("A"), part("Z")], []
    job(erp, pim, state, SHARED, page_size=2).run()
    erp.rows, erp.dead = [*ROWS], ["key of Z"]
    return job(erp, pim, state, SHARED, page_size=2).plan()


@pytest.mark.parametrize("boundary", range(1, 13))
@pytest.mark.parametrize("moved", ["refuse", "replan"])
def test_stopped_at_any_boundary_the_same_plan_can_be_applied_again(
    boundary: int, moved: Moved, pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts()
    plan = half_done(pim, state, erp)
    passed: list[str] = []

    def die(name: str) -> None:
        passed.append(name)
        if len(passed) == boundary:
            raise Stopped

    one = ErpToPim(erp, SHARED, pim, state, options=SyncOptions(page_size=2, brakes=Brakes(deleted_share=1)), hook=die)
    try:
        one.apply(stored(plan), moved=moved)
    except Stopped:
        assert passed[-1] in ("state.intended", "pim.sent", "state.settled")
    else:
        assert boundary > len(passed) >= 8

    report = applied(job(erp, pim, state, SHARED, page_size=2), plan, moved=moved)
    assert (report.read, report.parked, report.undeleted) == (5, 0, 0)
    assert {sku: one.enabled for sku, one in by_sku(pim).items()} == {"A": True, "B": True, "C": True, "D": True, "E": True, "Z": False}  # fmt: skip
    assert pim.products.count() == 6, "nothing is made twice"
    assert cells(by_sku(pim)["C"])["categories"] == ["promotions"]
    simulator.forget_calls()
    again = job(erp, pim, state, SHARED, page_size=2).run()
    assert (again.unchanged, again.parked, again.undeleted) == (5, 0, 0)
    assert simulator.mutating_calls == []


def apply_killed(folder: Path, fatal: int) -> subprocess.CompletedProcess[str]:
    return warm.run(Path(__file__).with_name("killed_apply.py"), folder, fatal)


@contextmanager
def opened(folder: Path) -> Iterator[tuple[PimSimulator, AkeneoClient, SqliteState]]:
    with PimSimulator(folder / "pim.db") as simulator, SqliteState(folder / "state.db") as state:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            yield simulator, pim, state


def content(pim: AkeneoClient) -> dict[str, object]:
    """Every product with its UUID, which the plan has chosen."""
    found = by_sku(pim)
    assert len(found) == pim.products.count(), "a product exists twice"
    return {sku: (one.uuid, one.enabled, one.family, one.categories, one.values.source) for sku, one in found.items()}


def test_killed_at_each_boundary_the_same_file_ends_in_the_same_pim(tmp_path: Path) -> None:
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    with opened(prepared) as (simulator, pim, state):
        fill(simulator)
        ErpToPim(first(), make_mapping(), pim, state, options=OPTIONS).run()
        plan = ErpToPim(then(), make_mapping(), pim, state, options=OPTIONS).plan()
        plan.save(prepared / "plan.json")
    assert (len(plan.creates), len(plan.updates), len(plan.parked)) == (5, 6, 1)

    whole = shutil.copytree(prepared, tmp_path / "whole")
    answer = apply_killed(whole, 0)
    assert answer.returncode == 0, answer.stderr
    boundaries = answer.stdout.split()
    assert boundaries == ["state.intended", "pim.sent", "state.settled"] * 3
    with opened(whole) as (_, pim, _):
        expected = content(pim)

    for fatal in fatal_boundaries(boundaries):
        folder = shutil.copytree(prepared, tmp_path / str(fatal))
        assert apply_killed(folder, fatal).returncode == -signal.SIGKILL
        again = apply_killed(folder, 0)
        assert again.returncode == 0, again.stderr
        with opened(folder) as (simulator, pim, state):
            assert content(pim) == expected
            simulator.forget_calls()
            report = ErpToPim(then(), make_mapping(), pim, state, options=OPTIONS).run()
            assert (report.unchanged, report.written, report.parked, report.undeleted) == (13, 0, 1, 0)
            assert simulator.mutating_calls == []
