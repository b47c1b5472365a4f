"""The first run on a PIM that holds products already: who is who, and no twins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import cast
from urllib.parse import unquote_plus

import httpx
import pytest
from attrs import evolve

from adoption_bench import (
    API,
    BY_EAN,
    COLOUR,
    EAN,
    FULL,
    MPN,
    NAME,
    A,
    B,
    C,
    Good,
    Where,
    by_hand,
    erp_of,
    go,
    good,
    goods,
    reasons,
    there,
    with_numbers,
)
from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import JsonValue, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, Sku
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError, Forbidden, PimBroken, RateLimited
from akeneo_erp_bridge.mapping import (
    CODE,
    PARENT,
    CategoryMapping,
    ProductMapping,
    VariantMapping,
    clean,
    gtin,
    price_in,
    reference,
    sku,
)
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import (
    Adopt,
    ErpToPim,
    Match,
    Search,
    SyncOptions,
    SyncState,
    VariantsToPim,
    any_gtin,
    match,
    search,
)
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from bench_erp import Rows, Stopped, dying_at
from conflict_bench import lists
from shirts import BINDINGS, ONE_LEVEL, Shirt, Shirts, by_colour
from shirts import fill as fill_shirts
from world import fill


@pytest.fixture
def simulator() -> PimSimulator:
    return with_numbers(fill(PimSimulator()))


# ---- found ----
def test_a_product_of_the_same_gtin_becomes_the_items_and_bears_its_sku(pim: AkeneoClient, state: SyncState) -> None:
    uuid = by_hand(pim, "OLD-1", ean=f"0{A}", name="Julia's", colour="blue")
    report = go(erp_of(good("N-1", ean=A, name="Nail")), pim, state)
    assert (report.created, report.updated, report.exit_code) == (0, 1, 0)
    (product,) = pim.products.list()
    assert (str(product.uuid), product.values.text("sku"), product.values.text("ean")) == (uuid, "N-1", A)
    assert product.values.option("colour") == "blue", "what the ERP does not say is nobody's to take"
    assert go(erp_of(good("N-1", ean=A, name="Nail")), pim, state).unchanged == 1


def test_the_sku_comes_first(pim: AkeneoClient, state: SyncState) -> None:
    first, other = by_hand(pim, "N-1"), by_hand(pim, "OLD", ean=A)
    assert go(erp_of(good("N-1", ean=B)), pim, state).updated == 1
    assert {sku: str(one.uuid) for sku, one in there(pim).items()} == {"N-1": first, "OLD": other}


def test_rules_go_in_order_until_one_finds_something(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    def maker(cells: Mapping[str, object]) -> dict[str, Sequence[Mapping[str, str]]] | None:
        if not cells.keys() >= {"mpn", "brand"}:
            return None
        return {code: [{"operator": "=", "value": str(cells[code])}] for code in ("mpn", "brand")}

    by_hand(pim, "OLD-1", ean=A)
    by_hand(pim, "OLD-2", mpn="7", brand="Acme")
    by_hand(pim, "OLD-3", mpn="7", brand="Other")
    adopt = Adopt(by=[match(EAN), search(maker, name="maker's number")])
    erp = erp_of(good("N-1", ean=A, mpn="7", brand="Acme"), good("N-2", ean=B, mpn="7", brand="acme"), good("N-3"))
    simulator.forget_calls()
    report = go(erp, pim, state, adopt)
    assert lists(simulator) == 4, "is it bare; SKUs; GTINs; one search: the third item cannot be searched for"
    assert (report.created, report.updated) == (1, 2), "N-1 by its GTIN, N-2 by its maker's number; N-3 is new"
    assert there(pim).keys() == {"N-1", "N-2", "N-3", "OLD-3"}
    assert there(pim)["N-2"].values.text("brand") == "acme"


def test_a_hundred_items_cost_one_request(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    for number in range(3):
        by_hand(pim, f"OLD-{number}", mpn=f"M{number}")
    erp = erp_of(*(good(f"N-{number}", mpn=f"M{number}") for number in range(90)))
    simulator.forget_calls()
    assert go(erp, pim, state, Adopt(by=[match(MPN)])).updated == 3
    assert lists(simulator) == 3, "is it bare; the SKUs; the maker's numbers"
    simulator.forget_calls()
    assert go(erp, pim, state, Adopt(by=[match(MPN)])).unchanged == 90
    assert lists(simulator) == 0


def test_numbers_are_searched_one_by_one_and_compared_as_numbers(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    uuid = by_hand(pim, "OLD")
    value = Value(AttributeCode("pieces"), 12)
    pim.products.upsert(ProductPatch(uuid=there(pim)["OLD"].uuid, values=[value]))
    mapping = goods(Good.pieces.to(Cell[int]("pieces")))
    simulator.forget_calls()
    report = go(
        erp_of(good("N", pieces=12), good("M", pieces=13)),
        pim,
        state,
        Adopt(by=[match(Cell("pieces"))]),
        mapping=mapping,
    )
    assert (report.created, report.updated, lists(simulator)) == (1, 1, 4)
    assert str(there(pim)["N"].uuid) == uuid


def test_a_value_in_one_language_is_searched_there(pim: AkeneoClient, state: SyncState) -> None:
    uuid = by_hand(pim, "OLD", name="Nail")
    assert go(erp_of(good("N", name="nail")), pim, state, Adopt(by=[match(NAME)])).updated == 1
    assert str(there(pim)["N"].uuid) == uuid


def test_a_cell_of_the_pims_is_compared_and_never_written(pim: AkeneoClient, state: SyncState) -> None:
    mapping = goods((Good.ean >> gtin()).to(EAN, owner=Owner.PIM))
    by_hand(pim, "OLD", ean=f"0{A}")
    go(erp_of(good("N", ean=A), good("M", ean=B)), pim, state, mapping=mapping)
    assert {sku: one.values.text("ean") for sku, one in there(pim).items()} == {"N": f"0{A}", "M": None}


def test_a_product_without_identifier_is_found_too(pim: AkeneoClient, state: SyncState) -> None:
    uuid = by_hand(pim, None, ean=A)
    assert go(erp_of(good("N", ean=A)), pim, state).updated == 1
    assert str(there(pim)["N"].uuid) == uuid


def test_without_rules_nothing_is_searched(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    by_hand(pim, "OLD", ean=A)
    simulator.forget_calls()
    assert go(erp_of(good("N", ean=A)), pim, state, Adopt()).created == 1
    assert lists(simulator) == 2, "is it bare; the SKU"


def test_a_bare_pim_is_not_searched(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    simulator.forget_calls()
    assert go(erp_of(good("N", ean=A), good("M", ean=A)), pim, state).created == 1
    assert lists(simulator) == 1


def test_a_plan_tells_what_would_be_adopted_and_apply_does_it(pim: AkeneoClient, state: SyncState) -> None:
    uuid = by_hand(pim, "OLD", ean=f"0{A}", name="Julia's")
    job = ErpToPim(erp_of(good("N", ean=A), good("M", ean=B)), goods(), pim, state, options=SyncOptions(adopt=BY_EAN))
    plan = job.plan()
    (change,) = plan.updates
    assert (change.ref, change.cells["sku"].old, change.cells["sku"].new, len(plan.creates)) == (uuid, "OLD", "N", 1)
    report = job.apply(plan)
    assert (report.created, report.updated, report.exit_code) == (1, 1, 0)
    assert {sku: one.values.text("name", locale="en_US") for sku, one in there(pim).items()} == {
        "N": "Julia's",
        "M": None,
    }


# ---- not clear ----
def test_several_products_for_an_item_are_named_and_nothing_is_written(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    first, second = by_hand(pim, "OLD-1", ean=A), by_hand(pim, "OLD-2", ean=f"0{A}")
    erp = erp_of(good("N", ean=A), good("M", ean=B))
    simulator.forget_calls()
    report = go(erp, pim, state)
    assert (report.created, report.updated, report.parked, report.exit_code) == (1, 0, 1, 1)
    assert there(pim).keys() == {"OLD-1", "OLD-2", "M"}
    code, detail = reasons(state)["key of N"]
    assert code == "ambiguous_match"
    assert detail.startswith("'ean' finds several products of the PIM: 'OLD-")
    assert all(name in detail for name in (f"'OLD-1' ({first})", f"'OLD-2' ({second})"))
    pim.products.delete(there(pim)["OLD-2"].uuid)
    report = go(erp, pim, state)
    assert (report.updated, report.parked, reasons(state)) == (1, 0, {}), "looked for again, though the ERP did nothing"
    assert there(pim).keys() == {"N", "M"}


def test_a_value_that_is_no_name_parks_its_item_and_no_other(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    """A hundred thousand products of the maker's number "n/a" are not read."""
    body = [{"identifier": f"OLD-{number}", "values": _text("mpn", "n/a")} for number in range(700)]
    simulator.load(f"{API}/products", body)
    last = {"uuid": "ffffffff-ffff-4fff-bfff-ffffffffffff", "values": {**_text("sku", "OLD"), **_text("mpn", "M1")}}
    simulator.load(f"{API}/products-uuid", [last])
    erp = erp_of(good("N", mpn="N/A"), good("M", mpn="M1"))
    simulator.forget_calls()
    report = go(erp, pim, state, Adopt(by=[match(MPN)]))
    assert (report.updated, report.parked) == (1, 1)
    _, detail = reasons(state)["key of N"]
    assert detail.count("'OLD-") == 5
    assert "and more;" in detail
    assert lists(simulator) <= 9, "is it bare; the SKUs; five pages of the lot; one for each value"


def _text(code: str, data: str) -> dict[str, list[dict[str, str | None]]]:
    return {code: [{"locale": None, "scope": None, "data": data}]}


@pytest.mark.parametrize("page_size", [500, 1])
def test_a_product_for_two_items_is_no_mans(pim: AkeneoClient, state: SyncState, page_size: int) -> None:
    uuid = by_hand(pim, "OLD", ean=A)
    erp = erp_of(good("N", ean=A), good("M", ean=f"0{A}"))
    report = go(erp, pim, state, page_size=page_size)
    told = reasons(state)
    if page_size == 500:
        assert (report.updated, report.parked, there(pim).keys()) == (0, 2, {"OLD"})
        assert f"finds 'OLD' ({uuid}), and so it does for ERP key 'key of M'" in told["key of N"][1]
    else:
        assert (report.updated, report.parked, there(pim).keys()) == (1, 1, {"N"}), "the first page had it"
        assert told["key of M"][0] == "ambiguous_match"
    assert go(erp, pim, state, page_size=page_size).created == 0, "never a twin"


def test_a_product_that_is_anothers_is_not_taken(pim: AkeneoClient, state: SyncState) -> None:
    erp = erp_of(good("N", ean=A))
    go(erp, pim, state)
    uuid = str(there(pim)["N"].uuid)
    erp.rows.append(good("M", ean=f"0{A}"))
    report = go(erp, pim, state)
    assert (report.unchanged, report.parked, there(pim).keys()) == (1, 1, {"N"})
    assert f"finds 'N' ({uuid}), which is ERP key 'key of N' already" in reasons(state)["key of M"][1]
    erp.rows, erp.dead = [good("M", ean=f"0{A}")], ["key of N"]
    assert go(erp, pim, state).parked == 1
    assert go(erp, pim, state).parked == 1, "nor is that of an item that was deleted"
    assert there(pim).keys() == {"N"}


def test_a_product_that_another_item_of_the_page_has_by_its_sku(pim: AkeneoClient, state: SyncState) -> None:
    by_hand(pim, "N", ean=A)
    report = go(erp_of(good("M", ean=A), good("N", ean=B)), pim, state)
    assert (report.updated, report.parked, there(pim).keys()) == (1, 1, {"N"})
    assert "which is ERP key 'key of N' already" in reasons(state)["key of M"][1]


@pytest.mark.parametrize("page_size", [500, 1])
def test_a_product_that_an_earlier_page_takes_by_its_sku_is_taken(
    pim: AkeneoClient, state: SyncState, page_size: int
) -> None:
    """The page may be under way still, and the PIM may show the old GTIN."""
    by_hand(pim, "N", ean=A)
    erp = erp_of(good("N", ean=B), good("M", ean=A))
    report = go(erp, pim, state, page_size=page_size)
    assert (report.updated, report.parked, there(pim).keys()) == (1, 1, {"N"})


@pytest.mark.parametrize("page_size", [500, 1])
def test_two_new_items_of_one_gtin_make_one_product(pim: AkeneoClient, state: SyncState, page_size: int) -> None:
    erp = erp_of(good("N", ean=A), good("M", ean=f"0{A}"), good("O"), good("P"))
    report = go(erp, pim, state, page_size=page_size)
    assert (report.created, report.parked) == (3, 1)
    assert reasons(state)["key of M"][0] == "ambiguous_match"
    assert go(erp, pim, state, page_size=page_size).created == 0


def test_a_new_item_waits_for_one_that_is_about_to_get_its_gtin(pim: AkeneoClient, state: SyncState) -> None:
    by_hand(pim, "N")
    report = go(erp_of(good("M", ean=A), good("N", ean=A)), pim, state)
    assert (report.created, report.updated, report.parked) == (0, 1, 1)


def test_a_bad_item_takes_no_gtin_from_a_good_one(pim: AkeneoClient, state: SyncState) -> None:
    report = go(erp_of(good("N", ean=A, name="x" * 300), good("M", ean=A)), pim, state)
    assert (report.created, report.parked, there(pim).keys()) == (1, 1, {"M"})


# ---- PIMs without UUIDs ----
def test_a_pim_that_renames_nothing_parks_with_the_reason(state: SyncState) -> None:
    simulator = with_numbers(fill(PimSimulator(behaviour=Behaviour.version_6())))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        for code, ean in (("OLD", A), ("n-2", B)):
            pim.products_by_identifier.create(
                ProductPatch(identifier=Sku(code), values=[Value(AttributeCode("ean"), ean)])
            )
        report = go(erp_of(good("N-1", ean=A), good("N-2", ean=B), good("N-3", ean=C.zfill(14))), pim, state)
        assert (report.created, report.parked) == (1, 1)
        code, detail = reasons(state)["key of N-1"]
        assert code == "renamed"
        assert "does not rename 'OLD' to 'N-1'" in detail
        assert sorted(str(one.identifier) for one in pim.products_by_identifier.list()) == ["N-3", "OLD", "n-2"]


@pytest.mark.parametrize("has_uuids", [True, False])
def test_a_number_that_was_written_otherwise_is_found(state: SyncState, *, has_uuids: bool) -> None:
    """The SKU's own cell is one to match as well: products of an earlier migration had a prefix."""
    simulator = with_numbers(fill(PimSimulator(behaviour=Behaviour() if has_uuids else Behaviour.version_6())))
    auth = PasswordAuth(**simulator.auth_kwargs)
    adopt = Adopt(by=[match(Cell[str]("sku"), spelled=lambda number: [f"mig-{number}"])])
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        for number in ("MIG-N", "MIG-M"):
            pim.products_by_identifier.create(ProductPatch(identifier=Sku(number)))
        simulator.forget_calls()
        report = go(erp_of(good("N"), good("M")), pim, state, adopt)
        searches = sum(one.method == "GET" and one.path == f"{API}/products" for one in simulator.calls)
        assert searches == (0 if has_uuids else 2), "PIMs before 7.0 take no list of identifiers"
        assert (report.created, report.updated, report.parked) == ((0, 2, 0) if has_uuids else (0, 0, 2))
        numbers = {str(one.identifier) for one in pim.products_by_identifier.list()}
        assert numbers == ({"N", "M"} if has_uuids else {"MIG-N", "MIG-M"})


def test_an_sku_of_the_pims_stays(pim: AkeneoClient, state: SyncState) -> None:
    uuid = by_hand(pim, "OLD", ean=A)
    mapping = ProductMapping(Good, (Good.number >> sku()).to(Cell[str]("sku"), owner=Owner.SEED), *FULL)
    assert go(erp_of(good("N", ean=A, name="Nail")), pim, state, mapping=mapping).updated == 1
    assert str(there(pim)["OLD"].uuid) == uuid


# ---- after a stop ----
@pytest.mark.parametrize("boundary", ["erp.read", "state.intended", "pim.sent", "state.settled"])
def test_an_adoption_that_dies_is_completed(pim: AkeneoClient, state: SyncState, boundary: str) -> None:
    uuid = by_hand(pim, "OLD", ean=f"0{A}", name="Julia's", colour="blue")
    by_hand(pim, "OLD-1", mpn="7", ean=B)
    by_hand(pim, "OLD-2", ean=f"0{B}")
    erp = erp_of(good("N", ean=A, name="Nail"), good("M", ean=B), good("O", ean=C.zfill(14)))
    with pytest.raises(Stopped):
        go(erp, pim, state, hook=dying_at(boundary))
    go(erp, pim, state)
    assert there(pim).keys() == {"N", "OLD-1", "OLD-2", "O"}
    product = there(pim)["N"]
    assert (str(product.uuid), product.values.text("ean"), product.values.option("colour")) == (uuid, A, "blue")
    assert reasons(state).keys() == {"key of M"}
    assert go(erp, pim, state).unchanged == 2


# ---- wrong rules ----
def test_rules_that_could_find_nothing_are_refused_before_anything_is_written(
    pim: AkeneoClient, state: SyncState
) -> None:
    price = reference(
        Good.price >> price_in("EUR"), reason="margin", min_age=timedelta(0), min_change=Decimal("0.001")
    ).to(Cell("msrp"))
    for cell, mapping, told in (
        (MPN, goods((Good.ean >> gtin()).to(EAN)), "no rule of the mapping gives this cell"),
        (COLOUR, goods(), "it is pim_catalog_simpleselect; a text, an identifier or a number"),
        (Cell[str]("msrp"), goods(price), "a reference price is told when it passes"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            go(erp_of(good("N")), pim, state, Adopt(by=[match(cell)]), mapping=mapping)
    assert list(pim.products.list()) == []


def test_a_search_is_given_no_reference_price(pim: AkeneoClient, state: SyncState) -> None:
    seen: list[set[str]] = []

    def where(cells: Mapping[str, object]) -> None:
        seen.append(set(cells))

    by_hand(pim, "OLD")
    price = reference(
        Good.price >> price_in("EUR"), reason="margin", min_age=timedelta(0), min_change=Decimal("0.001")
    ).to(Cell("msrp"))
    mapping = goods(price, (Good.mpn >> clean()).to(MPN))
    go(erp_of(good("N", mpn="7", price="9.90")), pim, state, Adopt(by=[search(where, name="mine")]), mapping=mapping)
    assert seen
    assert all(one == {"sku", "mpn"} for one in seen)


def test_categories_are_known_by_their_code(pim: AkeneoClient, state: SyncState) -> None:
    class Node(ErpItem):
        code = cold(str, "code", key=True)
        parent = cold(str, "parent")

    tree = CategoryMapping(Node, Node.code.to(CODE), Node.parent.to(PARENT))
    options = SyncOptions(adopt=Adopt(by=[match(CODE)]))
    with pytest.raises(ConfigurationError, match="is for products; of the resource 'category'"):
        ErpToPim(Rows(Node, {"code": "saws"}), tree, pim, state, options=options).run()


def test_variants_are_adopted_and_their_models_known_by_code(tmp_path: object, state: SyncState) -> None:
    simulator = fill_shirts(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    note = Cell[str]("supplier_note")
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        erp = Shirts([by_colour(0), by_colour(1)])
        by_hand(pim, "OLD", supplier_note="note 0")
        uuid = str(there(pim)["OLD"].uuid)
        job = VariantsToPim(
            erp,
            VariantMapping(Shirt, evolve(ONE_LEVEL, regroup="allow"), *BINDINGS),
            pim,
            state,
            rows=f"{tmp_path}/rows.db",
            options=SyncOptions(adopt=Adopt(by=[match(note)])),
        )
        report = job.run()
        assert report.exit_code == 0, report
        assert {sku: (str(one.uuid) == uuid, one.parent) for sku, one in there(pim).items()} == {
            "0000": (True, "ST0"),
            "0001": (False, "ST0"),
        }


def test_rules_tell_what_they_are() -> None:
    rules: list[Match | Search] = [match(EAN), search(lambda _: None, name="mine")]
    assert [one.label for one in rules] == ["ean", "mine"]
    assert match(EAN, spelled=lambda _: ["", " ", "x", "x"]).spellings("y") == ["x"]
    assert any_gtin("no number") == ["no number"]


# ---- rules that fail for an item ----
def dashed(value: str) -> list[str]:
    return [value, value.split("-")[1]]


def by_dash(cells: Mapping[str, JsonValue]) -> Where:
    return {"mpn": [{"operator": "=", "value": str(cells["mpn"]).split("-")[1]}]}


def by_operator(cells: Mapping[str, JsonValue]) -> Where:
    return {"mpn": [{"operator": "=" if "-" in str(cells["mpn"]) else "LIKE", "value": cells["mpn"]}]}


def by_nothing_at_all(cells: Mapping[str, JsonValue]) -> Where:
    return by_dash(cells) if "-" in str(cells["mpn"]) else cast("Where", {"mpn": [{"value": object()}]})


FAILING = {
    "spellings that raise": (match(MPN, spelled=dashed), r"'mpn'.* raised IndexError \("),
    "conditions that raise": (search(by_dash, name="maker"), r"'maker'.* raised IndexError \("),
    "conditions that the PIM refuses": (
        search(by_operator, name="maker"),
        r"'maker'.* asked for .*LIKE.*, which the PIM refused: ",
    ),
    "conditions that are none": (
        search(by_nothing_at_all, name="maker"),
        r"'maker'.* raised \w+Error \(.*not JSON serializable",
    ),
}


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("is_bare", [False, True])
def test_an_item_on_which_a_rule_fails_is_parked_and_the_good_ones_come_in(
    pim: AkeneoClient, state: SyncState, name: str, *, is_bare: bool
) -> None:
    rule, words = FAILING[name]
    if not is_bare:
        by_hand(pim, "there")
    erp = erp_of(*(good(f"N{number}", mpn=f"M-{number}") for number in range(20)), good("BAD", mpn="no dash"))
    for parked in (1, 1):
        report = go(erp, pim, state, Adopt(by=[rule]), page_size=7)
        if is_bare and isinstance(rule, Search):
            # a bare PIM is not searched, so it refuses nothing
            assert report.parked == (name != "conditions that the PIM refuses")
            return
        assert report.parked == parked
        ((code, detail),) = reasons(state).values()
        assert code == "match_failed"
        assert re.search(words + ".*mend the rule, or correct the item", detail), detail
    assert "BAD" not in there(pim)
    assert len(there(pim)) == 20 + (not is_bare)
    erp.rows[-1]["mpn"] = "M-BAD"
    assert go(erp, pim, state, Adopt(by=[rule])).exit_code == 0
    assert "BAD" in there(pim)


def test_a_rule_that_fails_is_not_asked_where_an_earlier_one_finds(pim: AkeneoClient, state: SyncState) -> None:
    there_before = by_hand(pim, "old", ean=A)
    erp = erp_of(good("1", ean=A, mpn="no dash"))
    report = go(erp, pim, state, Adopt(by=[match(EAN), match(MPN, spelled=dashed), search(by_dash, name="maker")]))
    assert (report.updated, report.created, report.parked) == (1, 0, 0)
    assert [str(one.uuid) for one in pim.products.list()] == [there_before]
    erp.rows[0]["name"] = "known by now"
    assert go(erp, pim, state, Adopt(by=[match(MPN, spelled=dashed)])).updated == 1, (
        "and what is known is not looked up"
    )


def test_no_later_rule_is_asked_for_an_item_on_which_one_failed(pim: AkeneoClient, state: SyncState) -> None:
    by_hand(pim, "old", ean=A)
    go(erp_of(good("1", ean=A, mpn="no dash")), pim, state, Adopt(by=[match(MPN, spelled=dashed), match(EAN)]))
    assert [code for code, _ in reasons(state).values()] == ["match_failed"]
    assert there(pim).keys() == {"old"}


class Answering(httpx.BaseTransport):
    """A PIM that answers a search for a word otherwise."""

    def __init__(self, inner: httpx.BaseTransport, word: str, status: int) -> None:
        self._inner, self._word, self._status = inner, word, status

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._word in unquote_plus(str(request.url)):
            return httpx.Response(self._status, json={"code": self._status, "message": "not so"})
        return self._inner.handle_request(request)


def answering(simulator: PimSimulator, status: int) -> AkeneoClient:
    transport = Answering(simulator.transport(), "M-13", status)
    options = Options(retry=RetryPolicy(attempts=1))
    return AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=transport, options=options)


def test_one_value_that_the_pim_refuses_parks_its_item_and_no_other_of_the_lot(
    simulator: PimSimulator, state: SyncState
) -> None:
    with answering(simulator, 422) as pim:
        adopted = by_hand(pim, "old", mpn="M-7")
        erp = erp_of(*(good(f"N{number}", mpn=f"M-{number}") for number in range(20)))
        report = go(erp, pim, state, Adopt(by=[match(MPN)]))
        assert (report.parked, report.updated, report.created) == (1, 1, 18)
        assert reasons(state).keys() == {"key of N13"}
        assert "asked for 'M-13', which the PIM refused: " in reasons(state)["key of N13"][1]
        assert str(there(pim)["N7"].uuid) == adopted


@pytest.mark.parametrize("rule", [match(MPN), search(by_dash, name="maker")], ids=["match", "search"])
@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (429, RateLimited), (503, PimBroken)])
def test_what_is_no_fault_of_an_item_ends_the_run(
    simulator: PimSimulator, state: SyncState, rule: Match | Search, status: int, error: type[Exception]
) -> None:
    transport = Answering(simulator.transport(), "zz9", status)
    options = Options(retry=RetryPolicy(attempts=1))
    auth = PasswordAuth(**simulator.auth_kwargs)
    by_hand(AkeneoClient(simulator.url, auth, transport=simulator.transport()), "old")
    with (
        AkeneoClient(simulator.url, auth, transport=transport, options=options) as pim,
        pytest.raises(error),
    ):
        go(erp_of(good("1", mpn="M-zz9")), pim, state, Adopt(by=[rule]))
    assert reasons(state) == {}


def test_a_search_without_a_condition_finds_nothing(pim: AkeneoClient, state: SyncState) -> None:
    by_hand(pim, "old")
    report = go(erp_of(good("1")), pim, state, Adopt(by=[search(lambda _: {}, name="nothing")]))
    assert (report.created, report.updated) == (1, 0)
    assert there(pim).keys() == {"old", "1"}
