"""What people do in the PIM between two runs, and rows that no ERP should have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, FamilyCode, LocaleCode
from akeneo_erp_bridge.erp import internal, snapshot_diff
from akeneo_erp_bridge.errors import PimBroken, PreflightFailed, TemperatureRefused
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, lookup, price_in, reference, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from world import Article, ListErp, fill, make_mapping, row

SKU, NAME, COLOUR = (AttributeCode(code) for code in ("sku", "name", "colour"))
ENGLISH, GERMAN = LocaleCode("en_US"), LocaleCode("de_DE")


def job(
    erp: ListErp, pim: AkeneoClient, state: SqliteState, hook: Callable[[str], None] | None = None
) -> ErpToPim[Article]:
    return ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=100), hook=hook)


def by_sku(pim: AkeneoClient) -> dict[str | None, Product]:
    return {one.values.text("sku"): one for one in pim.products.list()}


def whole(product: Product) -> tuple[object, ...]:
    return (
        product.family,
        product.values.text("name", locale="en_US"),
        product.values.metric("weight"),
        product.values.option("colour"),
        list(product.categories),
    )


# ---- deleted in the PIM ----
def test_a_product_deleted_in_the_pim_comes_back_whole_when_it_changes(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    """An update by UUID makes a product that is gone anew, of the changed cells alone: the others must follow."""
    erp = ListErp([row(number) for number in range(5)])
    job(erp, pim, state).run()
    before = by_sku(pim)["000002"]
    pim.products.delete(before.uuid)
    assert job(erp, pim, state).run().unchanged == 5, "what did not change is not looked at"
    erp.rows[2]["name"] = "Blouse"
    report = job(erp, pim, state).run()
    assert (report.unchanged, report.written, report.parked) == (4, 1, 0)
    after = by_sku(pim)["000002"]
    assert whole(after) == (before.family, "Blouse", *whole(before)[2:])
    simulator.forget_calls()
    assert job(erp, pim, state).run().unchanged == 5
    assert simulator.mutating_calls == []


@pytest.mark.parametrize("fatal", ["state.intended", "pim.sent"])
def test_the_same_when_the_run_dies_at_that_moment(pim: AkeneoClient, state: SqliteState, fatal: str) -> None:
    erp = ListErp([row(number) for number in range(3)])
    job(erp, pim, state).run()
    before = by_sku(pim)["000002"]
    pim.products.delete(before.uuid)
    erp.rows[2]["name"] = "Blouse"

    def die(boundary: str) -> None:
        if boundary == fatal:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job(erp, pim, state, hook=die).run()
    report = job(erp, pim, state).run()
    assert report.accounts_for_everything()
    found = list(pim.products.list())
    assert len(found) == 3
    assert whole(by_sku(pim)["000002"]) == (before.family, "Blouse", *whole(before)[2:])


def test_a_pim_users_value_survives_a_run_that_died(pim: AkeneoClient, state: SqliteState) -> None:
    """After a death the PIM is read; what we never wrote there is still not ours to erase."""
    erp = ListErp([row(1, colour=None)])
    job(erp, pim, state).run()
    product = by_sku(pim)["000001"]
    pim.products.upsert(ProductPatch(uuid=product.uuid, values=[Value(COLOUR, "blue")]))
    erp.rows[0]["name"] = "Blouse"

    def die(boundary: str) -> None:
        if boundary == "pim.sent":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job(erp, pim, state, hook=die).run()
    job(erp, pim, state).run()
    assert whole(by_sku(pim)["000001"])[1:4:2] == ("Blouse", "blue")


def test_a_product_deleted_on_both_sides_is_not_made_to_be_disabled(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: object
) -> None:
    erp = ListErp([row(number) for number in range(30)])
    told = ErpToPim(snapshot_diff(erp, f"{tmp_path}/keys.db"), make_mapping(), pim, state)
    told.run()
    pim.products.delete(by_sku(pim)["000007"].uuid)
    del erp.rows[7]
    simulator.forget_calls()
    report = told.run()
    assert report.accounts_for_everything()
    assert simulator.mutating_calls == []
    assert len(list(pim.products.list())) == 29
    assert state.ledger_size("products") == 29


# ---- made or changed in the PIM ----
def test_a_product_of_the_same_sku_is_taken_over_and_keeps_what_is_its_own(
    pim: AkeneoClient, state: SqliteState
) -> None:
    pim.products.create(
        ProductPatch(
            family=FamilyCode("clothing"),
            categories=[CategoryCode("promotions")],
            values=[
                Value(SKU, "000001"),
                Value(NAME, "Julia's name", locale=ENGLISH),
                Value(NAME, "Julias Name", locale=GERMAN),
                Value(COLOUR, "blue"),
            ],
        )
    )
    report = job(ListErp([row(1, colour=None), row(2)]), pim, state).run()
    assert (report.created, report.updated) == (1, 1)
    product = by_sku(pim)["000001"]
    assert product.values.text("name", locale="en_US") == "Shirt 1"
    assert product.values.text("name", locale="de_DE") == "Julias Name"
    assert product.values.option("colour") == "blue"
    assert sorted(product.categories) == ["promotions", "shirts"]


def test_a_sku_in_another_case_is_the_same_product(pim: AkeneoClient, state: SqliteState) -> None:
    pim.products.create(ProductPatch(values=[Value(SKU, "ab-1")]))
    report = job(ListErp([row(1, number="AB-1")]), pim, state).run()
    assert (report.created, report.updated) == (0, 1)
    assert list(by_sku(pim)) == ["AB-1"]


# ---- a PIM that says nothing ----
def test_a_pim_that_gives_no_verdicts_parks_nothing(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    simulator.fail_next(Fault(method="PATCH", path="products", cut_after=0, times=99))
    erp = ListErp([row(number) for number in range(50)])
    with pytest.raises(PimBroken, match="without a verdict on any line"):
        job(erp, pim, state).run()
    assert list(state.parked("products")) == []
    simulator._faults.clear()
    assert job(erp, pim, state).run().created == 50


# ---- rows that no ERP should have ----
HOSTILE: list[dict[str, object]] = [
    row(2, number=None),
    row(3, number=""),
    row(4, number="  "),
    row(5, name="x" * 70_000),
    row(6, name="a\ud800b"),
    row(7, weight=float("nan")),
    row(8, weight=True),
    row(9, name=b"bytes"),
    row(10, name=["a", "list"]),
    row(11, number="ABC"),
    row(12, number="abc"),
    row(13, weight="1e400"),
    row(14, weight=Decimal("NaN")),
    row(15, price="1e5"),
    row(16, number=17),
    row(18, name="nul\x00byte"),
    row(20, colour="unknown"),
    row(21, category="ZZZ"),
    row(22, number="with,comma"),
    row(23, number=" 000023"),
    row(24, number="é" * 300),
    row(25, number="a/b?c#d%"),
    row(26, name={"a": 1}),
    row(27, weight="-1"),
    row(28, unit=None),
    row(29, price="9" * 40),
    row(30, weight="9" * 30),
]


def test_hostile_rows_are_parked_with_a_reason_and_the_good_ones_go_on(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = ListErp([row(1), *HOSTILE, row(99)])
    report = job(erp, pim, state).run()
    assert report.accounts_for_everything()
    assert {"000001", "000099", "a/b?c#d%", "17"} <= by_sku(pim).keys()
    assert all(len(one.detail) > 20 for one in report.parked_items)
    assert {"000005", "000007", "000008", "000009", "000010", "000013", "000020", "000021", "000026", "000027"} <= {
        one.key for one in report.parked_items
    }
    simulator.forget_calls()
    again = job(erp, pim, state).run()
    assert again.accounts_for_everything()
    assert (again.written, again.parked) == (0, report.parked)
    assert simulator.mutating_calls == []


def test_what_a_pim_user_sets_up_between_two_runs_counts(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    mapping = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        (Article.category >> lookup({"S": "workwear"})).to(FAMILY),
    )
    one = ErpToPim(ListErp([row(1)]), mapping, pim, state)
    with pytest.raises(PreflightFailed, match="workwear"):
        one.run()
    simulator.load("/api/rest/v1/families", [{"code": "workwear", "attributes": ["sku"]}])
    assert one.run().created == 1


def test_lists_that_lag_behind_make_nothing_twice(state: SqliteState) -> None:
    """Akeneo's lists come from a search index: what was just made is not in them yet."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    simulator = fill(PimSimulator(behaviour=Behaviour(index_lag=timedelta(minutes=5)), clock=lambda: now[0]))
    auth = PasswordAuth(**simulator.auth_kwargs)
    erp = ListErp([row(number) for number in range(5)])

    def die(boundary: str) -> None:
        if boundary == "pim.sent":
            raise KeyboardInterrupt

    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        with pytest.raises(KeyboardInterrupt):
            job(erp, pim, state, hook=die).run()
        assert by_sku(pim) == {}, "the lists lag"
        report = job(erp, pim, state).run()
        assert (report.written, report.parked) == (5, 0)
        now[0] += timedelta(minutes=6)
        assert len(list(pim.products.list())) == 5


def test_of_two_rows_with_one_key_the_other_counts_when_the_first_is_gone(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = ListErp([row(1, name="old"), row(1, name="new")])
    assert job(erp, pim, state).run().parked == 1
    del erp.rows[0]
    report = job(erp, pim, state).run()
    assert (report.updated, report.parked) == (1, 0)
    assert by_sku(pim)["000001"].values.text("name", locale="en_US") == "new"
    assert list(state.parked("products")) == []


# ---- law 1, at its only door ----
def test_an_internal_value_does_not_pass_as_a_reference_price() -> None:
    class Costed(Article):
        cost = internal(Decimal, "cost")

    with pytest.raises(TemperatureRefused, match="'cost >> price_in.EUR.' is .*internal"):
        reference(
            Costed.cost >> price_in("EUR"),  # type: ignore[arg-type]  # which is the point
            reason="margin",
            min_age=timedelta(0),
            min_change=Decimal("0.001"),
        )
