"""Links between products: found, written in our part, late where the target is late, never lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch
from akeneo_erp_bridge.codes import AssociationTypeCode, ErpKey, ProductUuid, Sku
from akeneo_erp_bridge.errors import PreflightFailed
from akeneo_erp_bridge.mapping import association, quantified
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from bench_erp import COLOUR, Changes, Rows, Stopped, run
from link_bench import (
    MODELS,
    NAMED,
    PACK,
    UPSELL,
    Tool,
    by_sku,
    kit,
    link_by_hand,
    links,
    made_by_hand,
    make_model,
    parts_of,
    tool,
    tool_mapping,
    tools,
    with_links,
)
from world import fill

KEYS = [ErpKey("key of A"), ErpKey("key of B")]


@pytest.fixture
def simulator() -> PimSimulator:
    return with_links(fill(PimSimulator()))


# ---- the second wave ----
@pytest.mark.parametrize("page_size", [1, 2, 500])
def test_links_arrive_whatever_the_order_and_the_pages(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, page_size: int
) -> None:
    """A product may name one that comes later, and one that comes earlier."""
    erp = tools(tool("A", upsell=["B", "C"]), tool("B", upsell=["A"]), tool("C"), tool("D", upsell=["c", "C "[:1]]))
    report = run(erp, tool_mapping(UPSELL), pim, state, page_size=page_size)
    assert (report.created, report.updated, report.unlinked, report.exit_code) == (4, 0, 0, 0), report
    assert links(pim) == {"A": ["B", "C"], "B": ["A"], "D": ["C"]}
    simulator.forget_calls()
    assert run(erp, tool_mapping(UPSELL), pim, state, page_size=page_size).unchanged == 4
    assert simulator.mutating_calls == []


def test_a_pim_whose_lists_lag_behind_has_the_links_at_the_end_of_the_run(state: SqliteState) -> None:
    """A list is answered from a search index; what this run has made is asked for itself."""
    lagging = with_links(fill(PimSimulator(behaviour=Behaviour(index_lag=timedelta(hours=1)))))
    auth = PasswordAuth(**lagging.auth_kwargs)
    with AkeneoClient(lagging.url, auth, transport=lagging.transport()) as pim:
        erp = tools(tool("A", upsell=["B", "X"]), tool("B", upsell=["A"]))
        report = run(erp, tool_mapping(UPSELL), pim, state, page_size=1)
        assert (report.created, report.unlinked) == (2, 1)
        refs = {key[-1]: entry.ref for key, entry in state.entries("products", KEYS).items()}
        shown = {one: pim.products.get(ref).associations[AssociationTypeCode("UPSELL")] for one, ref in refs.items()}
        assert {one: kinds["products"] for one, kinds in shown.items()} == {"A": [refs["B"]], "B": [refs["A"]]}


def test_a_target_that_is_not_there_is_told_and_waited_for(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = tools(tool("A", upsell=["B", "X"]), tool("B"))
    report = run(erp, tool_mapping(UPSELL), pim, state)
    assert (report.created, report.parked, report.unlinked, report.exit_code) == (2, 0, 1, 1)
    assert "key of A: associations.UPSELL.products: not in the PIM: 'X'" in str(report)
    assert links(pim) == {"A": ["B"]}

    simulator.forget_calls()
    assert run(erp, tool_mapping(UPSELL), pim, state).unlinked == 1
    assert simulator.mutating_calls == []

    made_by_hand(pim, "X")
    report = run(erp, tool_mapping(UPSELL), pim, state)
    assert (report.unchanged, report.unlinked, report.exit_code, report.cells) == (2, 0, 0, 1)
    assert links(pim) == {"A": ["B", "X"]}
    simulator.forget_calls()
    run(erp, tool_mapping(UPSELL), pim, state)
    assert simulator.mutating_calls == []


def test_an_erp_that_tells_changes_alone_loses_no_link(pim: AkeneoClient, state: SqliteState) -> None:
    """The item is not read again; what it wants is in the state."""
    erp: Rows[Tool] = Changes(Tool, tool("A", upsell=["B"]))
    assert run(erp, tool_mapping(UPSELL), pim, state).unlinked == 1
    erp.rows.append(tool("B"))
    report = run(erp, tool_mapping(UPSELL), pim, state)
    assert (report.read, report.created, report.unlinked) == (1, 1, 0)
    assert links(pim) == {"A": ["B"]}


def test_what_the_erp_wants_no_longer_is_waited_for_no_longer(pim: AkeneoClient, state: SqliteState) -> None:
    erp = tools(tool("A", upsell=["X"]))
    run(erp, tool_mapping(UPSELL), pim, state)
    erp.rows[0]["upsell"] = []
    assert run(erp, tool_mapping(UPSELL), pim, state).unlinked == 0
    made_by_hand(pim, "X")
    run(erp, tool_mapping(UPSELL), pim, state)
    assert links(pim) == {}


def test_a_plan_shows_links_and_those_that_wait(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    made_by_hand(pim, "B")
    erp = tools(tool("A", upsell=["B", "X"]))
    simulator.forget_calls()
    (change,) = ErpToPim(erp, tool_mapping(UPSELL), pim, state).plan().changes
    cell = change.cells["associations.UPSELL.products"]
    assert list(cell.new if isinstance(cell.new, list | tuple) else []) == [str(by_sku(pim)["B"].uuid)]
    assert cell.notes == ("linked when they are in the PIM: 'X'",)
    run(erp, tool_mapping(UPSELL), pim, state)
    made_by_hand(pim, "X")
    (change,) = ErpToPim(erp, tool_mapping(UPSELL), pim, state).plan().changes
    assert list(change.cells) == ["associations.UPSELL.products"]


def test_an_item_that_the_pim_refused_meanwhile_stays_parked(pim: AkeneoClient, state: SqliteState) -> None:
    """What it wanted linked is of an older state of it; both are looked at when it is mended."""
    mapping = tool_mapping(UPSELL, Tool.colour.to(COLOUR))
    erp = tools(tool("A", upsell=["X"], colour="red"))
    run(erp, mapping, pim, state)
    erp.rows[0]["colour"] = "no such"
    assert run(erp, mapping, pim, state).parked == 1
    made_by_hand(pim, "X")
    assert run(erp, mapping, pim, state).parked == 1
    assert [one.code for one in state.parked("products")] == ["refused"]
    erp.rows[0]["colour"] = "blue"
    assert run(erp, mapping, pim, state).parked == 0
    assert links(pim) == {"A": ["X"]}


# ---- whose links they are ----
def test_links_of_pim_users_survive_ours_coming_and_going(pim: AkeneoClient, state: SqliteState) -> None:
    made_by_hand(pim, "U", "V")
    erp = tools(tool("A", upsell=["B"]), tool("B"), tool("C"))
    mapping = tool_mapping(UPSELL)
    run(erp, mapping, pim, state)
    link_by_hand(pim, "A", "B", "U")
    erp.rows[0]["upsell"] = ["C"]
    run(erp, mapping, pim, state)
    assert links(pim) == {"A": ["C", "U"]}
    link_by_hand(pim, "A", "C", "U", "V")
    erp.rows[0]["upsell"] = ["U", "C"]  # wanted by both
    run(erp, mapping, pim, state)
    erp.rows[0]["upsell"] = []
    run(erp, mapping, pim, state)
    assert links(pim) == {"A": ["U", "V"]}


def test_links_added_late_leave_those_of_pim_users(pim: AkeneoClient, state: SqliteState) -> None:
    made_by_hand(pim, "U")
    erp = tools(tool("A", upsell=["X"]))
    run(erp, tool_mapping(UPSELL), pim, state)
    link_by_hand(pim, "A", "U")
    made_by_hand(pim, "X")
    run(erp, tool_mapping(UPSELL), pim, state)
    assert links(pim) == {"A": ["U", "X"]}


def test_kinds_and_types_beside_ours_are_left_alone(pim: AkeneoClient, state: SqliteState) -> None:
    make_model(pim, "shirt")
    make_model(pim, "blouse")
    erp = tools(tool("A", upsell=["B"], models=["shirt"]), tool("B"))
    run(erp, tool_mapping(UPSELL), pim, state)
    link_by_hand(pim, "A", "blouse", kind="product_models")
    erp.rows[0]["upsell"] = []
    run(erp, tool_mapping(UPSELL), pim, state)
    assert (links(pim), links(pim, kind="product_models")) == ({}, {"A": ["blouse"]})
    run(erp, tool_mapping(UPSELL, MODELS), pim, state)
    assert links(pim, kind="product_models") == {"A": ["blouse", "shirt"]}


def test_a_seed_of_links_is_sown_once(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = tool_mapping(Tool.upsell.to(association("UPSELL"), owner=Owner.SEED))
    erp = tools(tool("A", upsell=["B"]), tool("B"), tool("C"))
    run(erp, mapping, pim, state)
    assert links(pim) == {"A": ["B"]}
    erp.rows[0]["upsell"] = ["C"]
    run(erp, mapping, pim, state)
    assert links(pim) == {"A": ["B"]}


# ---- quantities ----
def test_the_parts_of_a_kit_are_ours_those_of_users_stay(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    (user,) = made_by_hand(pim, "U")
    erp = tools(kit("K", B=2, C=1), tool("B"), tool("C"), tool("D"))
    mapping = tool_mapping(PACK)
    assert run(erp, mapping, pim, state).unlinked == 0
    assert parts_of(pim, "K") == {"B": 2, "C": 1}
    simulator.forget_calls()
    run(erp, mapping, pim, state)
    assert simulator.mutating_calls == []

    found = by_sku(pim)
    both = [{"uuid": str(found[one].uuid), "quantity": n} for one, n in (("B", 2), ("C", 1))]
    pim.products.upsert(
        ProductPatch(
            uuid=ProductUuid(found["K"].uuid or ""),
            quantified_associations={AssociationTypeCode("PACK"): {"products": [*both, {"uuid": user, "quantity": 7}]}},
        )
    )
    erp.rows[0] = kit("K", B=3, D=4)
    run(erp, mapping, pim, state)
    assert parts_of(pim, "K") == {"B": 3, "D": 4, "U": 7}
    erp.rows[0] = kit("K")
    run(erp, mapping, pim, state)
    assert parts_of(pim, "K") == {"U": 7}


@pytest.mark.parametrize("count", [0, -1, 2**31])
def test_a_quantity_that_is_none_parks_the_item(pim: AkeneoClient, state: SqliteState, count: int) -> None:
    report = run(tools(kit("K", B=count), tool("B")), tool_mapping(PACK), pim, state)
    assert (report.created, report.parked) == (1, 1)
    assert f"the quantity of 'B' in 'PACK' is {count}" in report.parked_items[0].detail


def test_more_parts_than_the_pim_takes_park_the_item(pim: AkeneoClient, state: SqliteState) -> None:
    many = {f"P{n}": 1 for n in range(101)}
    assert "at most 100" in run(tools(kit("K", **many)), tool_mapping(PACK), pim, state).parked_items[0].detail


# ---- before anything is written ----
def test_a_type_the_pim_does_not_have_or_of_the_other_sort_is_found_first(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    mapping = tool_mapping(
        Tool.upsell.to(association("NONE")),
        Tool.pair.to(association("PACK")),
        Tool.models.map(_ones).to(quantified("PAIR")),
    )
    simulator.forget_calls()
    with pytest.raises(PreflightFailed) as caught:
        run(tools(tool("A")), mapping, pim, state)
    assert [one.code for one in caught.value.problems] == [
        "no_association_type",
        "wrong_association_type",
        "wrong_association_type",
    ]
    assert simulator.mutating_calls == []


def _ones(names: frozenset[str]) -> dict[str, int]:
    return dict.fromkeys(names, 1)


# ---- surprises ----
def test_a_product_that_is_lost_before_its_links_come_is_made_whole(pim: AkeneoClient, state: SqliteState) -> None:
    erp = tools(tool("A", upsell=["X"], name="Drill"))
    mapping = tool_mapping(UPSELL, NAMED)
    run(erp, mapping, pim, state)
    pim.products.delete(by_sku(pim)["A"].uuid or "")
    made_by_hand(pim, "X")
    for _ in range(2):
        run(erp, mapping, pim, state)
    assert links(pim) == {"A": ["X"]}
    assert by_sku(pim)["A"].values.text("name", locale="en_US") == "Drill"


def test_an_item_changed_back_after_a_stop_is_written_again(pim: AkeneoClient, state: SqliteState) -> None:
    """The fingerprint is the one of the ledger, and the PIM holds what the stopped run sent."""
    erp = tools(tool("A", name="one"))
    mapping = tool_mapping(NAMED)
    run(erp, mapping, pim, state)
    erp.rows[0]["name"] = "two"

    def die(boundary: str) -> None:
        if boundary == "pim.sent":
            raise Stopped

    with pytest.raises(Stopped):
        run(erp, mapping, pim, state, hook=die)
    erp.rows[0]["name"] = "one"
    run(erp, mapping, pim, state)
    assert by_sku(pim)["A"].values.text("name", locale="en_US") == "one"


def test_a_pim_before_version_7_links_by_identifier(tmp_path: Path) -> None:
    simulator = with_links(fill(PimSimulator(behaviour=Behaviour.version_6())))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):
        erp = tools(tool("A", upsell=["b"], components=[{"number": "B", "count": 2}]), tool("B"))
        mapping = tool_mapping(UPSELL, PACK)
        assert run(erp, mapping, pim, state).unlinked == 0
        found = pim.products_by_identifier.get("A")
        assert found.associations[AssociationTypeCode("UPSELL")]["products"] == ["B"]
        assert found.quantified_associations[AssociationTypeCode("PACK")]["products"] == [
            {"identifier": "B", "quantity": 2}
        ]
        simulator.forget_calls()
        run(erp, mapping, pim, state)
        assert simulator.mutating_calls == []
        pim.products_by_identifier.upsert(
            ProductPatch(identifier=Sku("A"), associations={AssociationTypeCode("UPSELL"): {"products": []}})
        )
        erp.rows[0]["upsell"] = []
        run(erp, mapping, pim, state)
        assert not any(pim.products_by_identifier.get("A").associations[AssociationTypeCode("UPSELL")].values())
