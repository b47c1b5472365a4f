"""One item, one product: keys, SKUs and codes that meet, move and disappear."""

from __future__ import annotations

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, LocaleCode, ProductUuid
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.mapping import CODE, PARENT, CategoryMapping, ProductMapping, clean, label
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from bench_erp import ADOPTED, COLOURED, NAMED, Part, Rows, cells, killed, only, part, parts, product, run
from world import fill

RAW_SKU = (Part.number >> clean()).to(Cell[str]("sku"))


def codes(state: SqliteState, stream: str = "products") -> dict[str, str]:
    return {one.key: one.code for one in state.parked(stream)}


# ---- two keys, one SKU ----
@pytest.mark.parametrize("page_size", [1, 500])
@pytest.mark.parametrize("spelling", ["X", "x"])
def test_the_second_item_of_a_sku_is_parked_and_harms_nothing(
    pim: AkeneoClient, state: SqliteState, page_size: int, spelling: str
) -> None:
    erp = parts(part("X", name="first"), {**part(spelling, name="second"), "id": "other key"})
    report = run(erp, product(NAMED), pim, state, page_size=page_size)
    assert (report.created, report.parked) == (1, 1)
    assert "'key of X'" in report.parked_items[0].detail
    assert codes(state) == {"other key": "duplicate_identifier"}
    # the second goes: the product of the first is not touched
    erp.rows.pop()
    erp.dead = ["other key"]
    report = run(erp, product(NAMED), pim, state, page_size=page_size)
    assert (report.unchanged, report.tombstoned, report.exit_code) == (1, 0, 0)
    assert (only(pim).enabled, cells(only(pim))["name"]) == (True, "first")
    assert codes(state) == {}


def test_when_the_first_item_goes_the_second_has_the_product(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="first", colour="red"), {**part("X", name="second"), "id": "other key"})
    run(erp, product(NAMED, COLOURED), pim, state)
    before = only(pim).uuid
    del erp.rows[0]
    erp.dead = ["key of X"]
    erp.rows[0]["colour"] = None
    report = run(erp, product(NAMED, COLOURED), pim, state)
    assert (report.updated, report.parked, report.tombstoned) == (1, 0, 0)
    assert (only(pim).uuid, only(pim).enabled, cells(only(pim))["name"]) == (before, True, "second")
    assert only(pim).values.option("colour") is None, "what the first had written is the second's to clear"


def test_a_renumbered_key_keeps_its_product(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts({**part("X"), "id": "000001 "})
    run(erp, product(NAMED), pim, state)
    before = only(pim).uuid
    erp.rows, erp.dead = [{**part("X"), "id": "000001"}], ["000001 "]
    assert run(erp, product(NAMED), pim, state).unchanged == 1
    assert (only(pim).uuid, only(pim).enabled) == (before, True)
    assert state.ledger_size("products") == 1
    erp.dead = []
    assert run(erp, product(NAMED), pim, state).unchanged == 1


def test_a_key_that_was_deleted_first_leaves_its_product_to_the_next(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts({**part("X"), "id": "old"})
    run(erp, product(NAMED), pim, state)
    erp.rows, erp.dead = [], ["old"]
    run(erp, product(NAMED), pim, state)
    assert only(pim).enabled is False
    erp.rows, erp.dead = [{**part("X"), "id": "new"}], []
    assert run(erp, product(NAMED), pim, state).updated == 1
    assert only(pim).enabled is True
    assert state.ledger_size("products") == 1


# ---- no SKU ----
@pytest.mark.parametrize("number", [None, "", "   ", "\u200b"])
def test_an_item_without_a_sku_is_parked_before_and_after_creation(
    pim: AkeneoClient, state: SqliteState, number: str | None
) -> None:
    erp = parts(part("X"), {**part("Y"), "number": number})
    mapping = ProductMapping(Part, RAW_SKU, NAMED)
    assert run(erp, mapping, pim, state).parked == 1
    assert codes(state) == {"key of Y": "no_identifier"}
    erp.rows[0]["number"] = number
    assert run(erp, mapping, pim, state).parked == 2
    assert cells(only(pim))["sku"] == "X"


def test_an_identifier_that_is_given_up_parks_the_item(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = ProductMapping(Part, (Part.number >> clean(max_length=3)).catch().to(Cell[str]("sku")), NAMED)
    report = run(parts(part("long one")), mapping, pim, state)
    assert "3 are allowed" in report.parked_items[0].detail
    assert list(pim.products.list()) == []


# ---- made anew by a PIM user ----
def test_a_product_that_a_user_deleted_and_made_anew_is_taken_over(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part("X", name="a", colour="red"))
    run(erp, product(NAMED, COLOURED), pim, state)
    pim.products.delete(only(pim).uuid)
    values = [
        Value(AttributeCode("sku"), "X"),
        Value(AttributeCode("name"), "Julias Teil", locale=LocaleCode("de_DE")),
    ]
    pim.products.upsert(ProductPatch(uuid=ProductUuid(ADOPTED), values=values))
    erp.rows[0]["name"] = "b"
    report = run(erp, product(NAMED, COLOURED), pim, state)
    assert (report.written, report.parked) == (1, 0)
    assert only(pim).uuid == ADOPTED
    assert cells(only(pim)) == {"sku": "X", "name": "b", "colour": "red", "categories": []}
    assert only(pim).values.text("name", locale="de_DE") == "Julias Teil"
    simulator.forget_calls()
    assert run(erp, product(NAMED, COLOURED), pim, state).unchanged == 1
    assert simulator.mutating_calls == []


def test_a_product_that_came_back_complete_is_counted_once(pim: AkeneoClient, state: SqliteState) -> None:
    """The change held every cell there is: the stub needs nothing more."""
    erp = parts(part("X"))
    run(erp, product(), pim, state)
    pim.products.delete(only(pim).uuid)
    erp.rows[0]["number"] = "Z"
    assert run(erp, product(), pim, state).written == 1
    assert run(erp, product(), pim, state).unchanged == 1
    assert cells(only(pim))["sku"] == "Z"


def test_a_product_that_comes_back_under_another_number_is_whole(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="a", colour="red"))
    run(erp, product(NAMED, COLOURED), pim, state)
    pim.products.delete(only(pim).uuid)
    erp.rows[0]["number"] = "Z"
    assert run(erp, product(NAMED, COLOURED), pim, state).written == 1
    assert cells(only(pim)) == {"sku": "Z", "name": "a", "colour": "red", "categories": []}


def test_an_item_that_lost_its_product_does_not_take_anothers(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="first"), part("Y", name="second"))
    run(erp, product(NAMED), pim, state)
    pim.products.delete(next(one.uuid for one in pim.products.list() if one.values.text("sku") == "X"))
    erp.rows[0] |= {"number": "Y", "name": "third"}
    report = run(erp, product(NAMED), pim, state)
    assert (report.unchanged, report.parked) == (1, 1)
    assert cells(only(pim))["name"] == "second"
    assert run(erp, product(NAMED), pim, state).parked == 1
    assert cells(only(pim))["name"] == "second"


def test_an_item_that_cannot_be_written_claims_no_sku(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="x" * 300), {**part("X", name="good"), "id": "other key"})
    report = run(erp, product(NAMED), pim, state)
    assert (report.created, report.parked) == (1, 1)
    assert codes(state) == {"key of X": "too_long"}
    assert cells(only(pim))["name"] == "good"


# ---- codes that never change ----
class Group(ErpItem):
    id = cold(str, "id", key=True)
    code = cold(str, "code")
    parent = cold(str, "parent")
    name = cold(str, "name")


TREE = CategoryMapping(Group, Group.code.to(CODE), Group.parent.to(PARENT), (Group.name >> clean()).to(label("en_US")))


def group(key: str, code: str | None, parent: str = "master", name: str = "a group") -> dict[object, object]:
    return {"id": key, "code": code, "parent": parent, "name": name}


def tree(pim: AkeneoClient) -> dict[str, str | None]:
    return {one.code: one.parent for one in pim.categories.list() if one.code not in ("promotions", "shirts", "master")}


def test_of_two_groups_with_one_code_none_vanishes(pim: AkeneoClient, state: SqliteState) -> None:
    report = run(Rows(Group, group("1", "tools"), group("2", "Tools"), group("3", None)), TREE, pim, state)
    assert (report.created, report.parked) == (1, 2)
    assert codes(state, "categories") == {"2": "duplicate_identifier", "3": "no_identifier"}


def test_another_code_under_the_same_key_is_parked(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Rows(Group, group("1", "tools"))
    run(erp, TREE, pim, state)
    erp.rows[0]["code"] = "hand_tools"
    report = run(erp, TREE, pim, state)
    assert codes(state, "categories") == {"1": "renamed"}
    assert "'tools' to 'hand_tools'" in report.parked_items[0].detail
    assert tree(pim) == {"tools": "master"}


def test_the_parent_in_another_case_is_the_parent(pim: AkeneoClient, state: SqliteState) -> None:
    assert run(Rows(Group, group("1", "drills", "TOOLS"), group("2", "tools")), TREE, pim, state).created == 2
    assert tree(pim) == {"drills": "tools", "tools": "master"}


def test_a_mended_parent_mends_its_children(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Rows(Group, group("1", "bad code!"), group("2", "drills", "tools"))
    assert run(erp, TREE, pim, state).parked == 2
    erp.rows[0]["code"] = "tools"
    assert run(erp, TREE, pim, state).created == 2
    assert tree(pim) == {"drills": "tools", "tools": "master"}


def test_a_code_that_was_only_intended_may_be_corrected(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Rows(Group, group("1", "toolz"))
    killed(erp, TREE, pim, state, at="state.intended")
    erp.rows[0]["code"] = "tools"
    assert run(erp, TREE, pim, state).created == 1
    assert tree(pim) == {"tools": "master"}


def test_a_refused_identifier_may_be_corrected(state: SqliteState) -> None:
    """Before 7.0 the SKU is the reference: what was intended under a refused one is forgotten."""
    simulator = fill(PimSimulator(behaviour=Behaviour.version_6()))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        erp = parts(part("OLD", colour="green"))
        assert run(erp, product(COLOURED), pim, state).parked == 1
        erp.rows[0] |= {"number": "NEW", "colour": "red"}
        assert run(erp, product(COLOURED), pim, state).created == 1
        erp.rows[0]["number"] = "NEWER"
        assert run(erp, product(COLOURED), pim, state).parked == 1
        assert codes(state) == {"key of OLD": "renamed"}
        assert [one.identifier for one in pim.products_by_identifier.list()] == ["NEW"]


# ---- one memory, one PIM ----
def test_the_memory_of_another_pim_is_refused(pim: AkeneoClient, state: SqliteState) -> None:
    run(parts(part("X")), product(NAMED), pim, state)
    elsewhere = fill(PimSimulator())
    auth = PasswordAuth(**elsewhere.auth_kwargs)
    with AkeneoClient("https://other.example", auth, transport=elsewhere.transport()) as other:
        for act in (ErpToPim.run, ErpToPim.plan):
            with pytest.raises(StateError, match="'products'.*Part items of the PIM http.*other.example"):
                act(ErpToPim(parts(part("X")), product(NAMED), other, state))
        assert elsewhere.mutating_calls == []
        state.forget("products")
        assert run(parts(part("X")), product(NAMED), other, state).unchanged == 1


def test_the_memory_of_other_items_is_refused(pim: AkeneoClient, state: SqliteState) -> None:
    class Spare(Part):
        pass

    run(parts(part("X")), product(NAMED), pim, state)
    with pytest.raises(StateError, match="remembers Part items.*for Spare items"):
        ErpToPim(Rows(Spare, part("Y")), ProductMapping(Spare, Spare.number.to(Cell[str]("sku"))), pim, state).run()
