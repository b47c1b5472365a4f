"""A plan that deletes for good: only what a person has seen as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AssociationTypeCode, AttributeCode, ProductUuid
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.sync import (
    Brakes,
    Deletions,
    ErpToPim,
    Moved,
    Plan,
    SqliteState,
    SyncOptions,
    VariantPlan,
    VariantsToPim,
)
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from bench_erp import NAMED, Part, Revisions, Rows, part, product
from conflict_bench import edit
from link_bench import PACK, PAIR, UPSELL, Tool, by_sku, tool, tool_mapping, with_links
from shirts import TWO_LEVELS, Shirts, shirt
from shirts import fill as fill_with_shirts
from shirts import mapping as shirts_mapping
from world import fill

URL = "http://pim.simulator"
ORDERED = Deletions.delete(confirm=URL)


def options(page_size: int = 500) -> SyncOptions:
    return SyncOptions(page_size=page_size, deletions=ORDERED, brakes=Brakes(deleted_share=1.0))


def job(
    erp: Rows[Any], pim: AkeneoClient, state: SqliteState, mapping: ItemMapping[Any] | None = None, page_size: int = 500
) -> ErpToPim[Any]:
    return ErpToPim(erp, mapping or product(NAMED), pim, state, options=options(page_size))


def stored(plan: Plan) -> Plan:
    """Through a file, as on another day."""
    return Plan.from_json(plan.to_json())


def gone(one: ErpToPim[ErpItem], *numbers: str) -> Plan:
    """The ERP deletes items that were brought into the PIM; and the plan for that."""
    erp = one.erp
    assert isinstance(erp, Revisions)
    assert one.run().parked == 0
    for number in numbers:
        erp.remove(f"key of {number}")
    plan = stored(one.plan())
    assert {change.key for change in plan.deletes} == {f"key of {number}" for number in numbers}
    return plan


def link(pim: AkeneoClient, source: str, target: str, kind: str = "UPSELL") -> None:
    """A PIM user links one product to another."""
    found = by_sku(pim)
    links = {AssociationTypeCode(kind): {"products": [str(found[target].uuid)]}}
    pim.products.upsert(ProductPatch(uuid=found[source].uuid, associations=links))


EDITS: list[tuple[Callable[[AkeneoClient], object], str]] = [
    (lambda pim: edit(pim, "A", name="Julia's text", colour="blue"), "'colour', 'name[en_US]'"),
    (lambda pim: edit(pim, "A", enabled=False), "'enabled'"),
    (lambda pim: edit(pim, "A", categories=("shirts",)), "'category shirts'"),
    (lambda pim: edit(pim, "A", name=None), "'name[en_US]'"),
    (lambda pim: edit(pim, "A", family="clothing"), "'family'"),
    (lambda pim: link(pim, "A", "B"), "'UPSELL products "),
]


@pytest.mark.parametrize("moved", ["refuse", "replan"])
@pytest.mark.parametrize(("change", "told"), EDITS)
def test_a_product_that_a_user_changed_since_is_not_deleted(
    pim: AkeneoClient,
    simulator: PimSimulator,
    state: SqliteState,
    change: Callable[[AkeneoClient], object],
    told: str,
    moved: Moved,
) -> None:
    """All within a second: the PIM's own stamps would not tell."""
    with_links(simulator)
    one = job(Revisions(Part, part("A"), part("B"), part("C")), pim, state)
    plan = gone(one, "A", "B")
    change(pim)
    report = one.apply(plan, moved=moved)
    assert report.accounts_for_everything()
    assert (report.deleted, report.undeleted, report.exit_code) == (1, 1, 1)
    assert sorted(by_sku(pim)) == ["A", "C"]
    assert f"it was changed in the PIM since the plan was made, in {told}" in str(report)
    assert "so it is not deleted; make a new plan" in str(report)
    assert one.apply(stored(one.plan())).deleted == 1, "of a plan that was made, and looked at, after that"
    assert sorted(by_sku(pim)) == ["C"]


def test_who_changed_it_in_many_places_is_told_in_one_line(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(Revisions(Part, part("A")), pim, state)
    plan = gone(one, "A")
    edit(pim, "A", categories=("shirts", "promotions"), family="clothing", enabled=False, name="Anew", colour="blue")
    assert "'enabled', 'family' and 1 other place, so it is not deleted" in str(one.apply(plan))


def test_what_is_as_it_was_is_deleted_though_somebody_was_there(pim: AkeneoClient, state: SqliteState) -> None:
    """A user who took his edit back has moved the PIM's stamp, and nothing that would be lost."""
    one = job(Revisions(Part, part("A")), pim, state)
    plan = gone(one, "A")
    edit(pim, "A", name="For a moment")
    edit(pim, "A", name="Part A")
    assert (one.apply(plan).deleted, list(pim.products.list())) == (1, [])


def test_a_plan_of_the_older_form_deletes_nothing(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(Revisions(Part, part("A"), part("B")), pim, state)
    plan = gone(one, "A")
    older = [evolve(change, base=evolve(change.base, marks=None)) for change in plan.changes if change.base is not None]
    text = evolve(plan, changes=older).to_json()
    assert "marks" not in text
    report = one.apply(Plan.from_json(text))
    assert (report.deleted, report.undeleted, report.exit_code) == (0, 1, 1)
    assert "the plan is of an older form and does not tell what the product held" in str(report)
    assert sorted(by_sku(pim)) == ["A", "B"]


def test_what_a_user_deleted_is_done_and_what_he_made_anew_is_his(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(Revisions(Part, part("A"), part("B")), pim, state)
    uuid = None
    for number in "AB":
        plan = gone(one, number)
        uuid = by_sku(pim)[number].uuid
        pim.products.delete(ProductUuid(str(uuid)))
        if number == "A":
            report = one.apply(plan)
            assert (report.deleted, report.undeleted, report.tombstoned) == (0, 0, 1)
    plan = stored(one.plan())
    pim.products.upsert(ProductPatch(uuid=uuid, values=[Value(AttributeCode("sku"), "Julia's")]))
    report = one.apply(plan)
    assert "it was not in the PIM when the plan was made, and is there now" in str(report)
    assert list(by_sku(pim)) == ["Julia's"]


@pytest.mark.parametrize("page_size", [1, 500])
def test_links_that_go_with_their_targets_are_no_change(
    page_size: int, pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    """Products that are linked both ways, all of which one plan deletes: each deletion takes links from the others."""
    with_links(simulator)
    names = "ABCD"
    erp = Revisions(Tool, *(tool(one, pair=frozenset(names) - {one}) for one in names), tool("E"))
    one = job(erp, pim, state, tool_mapping(PAIR, UPSELL, PACK), page_size)
    while one.run().written:
        pass
    plan = gone(one, *names)
    report = one.apply(plan)
    assert (report.deleted, report.undeleted) == (4, 0), str(report)
    assert sorted(by_sku(pim)) == ["E"]


def test_a_pim_whose_lists_lag_behind_and_one_without_uuids(tmp_path: Path) -> None:
    for number, behaviour in enumerate((Behaviour(index_lag=timedelta(hours=1)), Behaviour.version_6())):
        simulator = fill(PimSimulator(behaviour=behaviour))
        with simulator.client() as pim, SqliteState(tmp_path / f"{number}.db") as state:
            one = job(Revisions(Part, part("A"), part("B")), pim, state)
            one.options = evolve(one.options, deletions=Deletions.delete(confirm=pim.url))
            plan = gone(one, "A", "B")
            if number:
                values = [Value(AttributeCode("colour"), "blue")]
                pim.products_by_identifier.upsert(ProductPatch(identifier="A", values=values))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # a plain text in a test
            else:
                entry = next(iter(state.entries("products", ["key of A"]).values()))  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # as above
                values = [Value(AttributeCode("colour"), "blue")]
                pim.products.upsert(ProductPatch(uuid=ProductUuid(entry.ref), values=values))
            report = one.apply(plan)
            assert (report.deleted, report.undeleted) == (1, 1), str(report)
            assert "in 'colour', so it is not deleted" in str(report)


def test_what_the_plan_itself_writes_to_a_model_is_no_change_of_its_variants(tmp_path: Path) -> None:
    simulator = fill_with_shirts(PimSimulator())
    with simulator.client() as pim, SqliteState(tmp_path / "state.db") as state:
        erp = Shirts([shirt(n) for n in range(6)])
        one = VariantsToPim(
            erp, shirts_mapping(TWO_LEVELS), pim, state, rows=tmp_path / "rows.db",
            options=evolve(options(), deletions=Deletions.delete(confirm=pim.url)),
        )  # fmt: skip
        one.run()
        for number in (0, 1):
            erp.remove(number)
        for number in range(2, 6):
            erp.put(shirt(number, name="Another name", care="Another care", group="X"))
        plan = VariantPlan.from_json(one.plan().to_json())
        assert [len(part.changes) for part in plan.parts] == [1, 2, 2]
        edited = by_sku(pim)["0001"]
        note = Value(AttributeCode("supplier_note"), "Julia's")
        pim.products.upsert(ProductPatch(uuid=edited.uuid, values=[note]))
        report = one.apply(plan)
        assert (report.products.deleted, report.products.undeleted) == (1, 1), str(report)
        assert "in 'supplier_note', so it is not deleted" in str(report)
        assert "0000" not in by_sku(pim)
