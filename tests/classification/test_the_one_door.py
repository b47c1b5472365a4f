"""Law 1 at its only door: prices pass `reference(...)`, under terms, into price collections; stock never does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Price
from akeneo_erp_bridge.classification import Hot
from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot
from akeneo_erp_bridge.errors import MappingError, PreflightFailed, TemperatureRefused
from akeneo_erp_bridge.mapping import (
    CompiledMapping,
    ProductMapping,
    decimal,
    price_in,
    reference,
    table,
)
from akeneo_erp_bridge.rules import Binding, Cell, Outcome, Problem, Put, Rule
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, report_html
from akeneo_erp_bridge.testing import PimSimulator
from world import MSRP, NAME, Article, ListErp, row

A_MONTH, TWO_PERCENT = timedelta(days=30), Decimal("0.02")
UNTYPED: Any = Article
IN_EUROS = Article.price >> decimal("de_DE") >> price_in("EUR")


def passing(rule: Any = IN_EUROS, **terms: Any) -> Any:
    return reference(rule, **{"reason": "margin check", "min_age": A_MONTH, "min_change": TWO_PERCENT, **terms})


def mapped(rule: Any, cell: Cell[Any]) -> ProductMapping[Article]:
    return ProductMapping(Article, Article.number.to(Cell[str]("sku")), Binding(rule, cell))


# ---- its values ----
@pytest.mark.parametrize(
    "rule", [UNTYPED.stock, UNTYPED.price, UNTYPED.price >> decimal("de_DE"), UNTYPED.stock.map(str)]
)
def test_what_is_no_price_does_not_pass(rule: Any) -> None:
    with pytest.raises(TemperatureRefused, match="prices pass and nothing else"):
        passing(rule)
    with pytest.raises(TemperatureRefused, match="prices pass and nothing else"):
        attrs.evolve(passing(), rule=rule)


@pytest.mark.parametrize("value", [7, "7", Decimal(7), ("7",), [1], (Decimal(7),), None])
def test_nor_does_it_where_nobody_says_what_it_is(value: object, pim: AkeneoClient, state: SqliteState) -> None:
    rule = UNTYPED.stock.map(lambda stock: value)  # a lambda declares nothing
    report = ErpToPim(ListErp([row(1, stock=4711)]), mapped(passing(rule), MSRP), pim, state).run()
    assert [(one.code, one.key) for one in report.parked_items] == [("not_a_price", "000001")]
    assert list(pim.products.list()) == []


# ---- its cells ----
QTY = {"code": "qty", "type": "pim_catalog_number", "group": "erp", "decimals_allowed": True, "negative_allowed": False}


@pytest.mark.parametrize("code", ["name", "qty", "colour", "categories"])
def test_no_other_cell_takes_a_reference(code: str, simulator: PimSimulator, state: SqliteState) -> None:
    simulator.load("/api/rest/v1/attributes", [QTY])
    cell = NAME if code == "name" else Cell[Any](code)
    mapping = mapped(passing(), cell)
    with simulator.client() as pim:
        found = [one for one in mapping.preflight(pim.structure()) if one.code == "not_a_price"]
        assert [(one.cell, one.severity) for one in found] == [(cell.key, "abort")]
        with pytest.raises(PreflightFailed, match=r"reference\(...\) is for prices"):
            ErpToPim(ListErp([row(1)]), mapping, pim, state).run()
        with pytest.raises(TemperatureRefused, match=r"reference\(...\) is for prices"):
            CompiledMapping(mapping, pim.structure())
    assert not simulator.mutating_calls


# ---- its terms ----
@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"min_age": timedelta(0), "min_change": Decimal(0)}, "both zero"),
        ({"min_age": timedelta(-1)}, "cannot be negative"),
        ({"min_change": Decimal(-1)}, "cannot be negative"),
        ({"min_change": Decimal("NaN")}, "finite"),
        ({"min_change": Decimal("Infinity")}, "finite"),
    ],
)
def test_its_terms_are_real(terms: dict[str, Any], told: str) -> None:
    with pytest.raises(MappingError, match=told):
        passing(**terms)


def test_one_term_is_enough() -> None:
    passing(min_age=timedelta(0))
    passing(min_change=Decimal(0))


# ---- its words ----
@attrs.frozen
class Quoting(Rule[Any, Any, Hot]):
    """Says in its words what it was given."""

    how: str

    def run(self, source: Any) -> Outcome[Any]:
        price = source.row["price"]
        if self.how == "raises":
            raise ValueError(f"no price: {price}")
        if self.how == "notes":
            return Put((Price(amount=Decimal(1), currency=CurrencyCode("EUR")),), (f"instead of {price}",))
        return Problem("mine", "price", f"no price: {price}")

    @property
    def label(self) -> str:
        return f"quoting({self.how})"

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({"price"})

    @property
    def temperatures(self) -> Any:
        return frozenset({Hot})


WORDY = "HOT9;90"


@pytest.mark.parametrize("rule", [IN_EUROS, Quoting("raises"), Quoting("tells"), Quoting("notes")])
def test_what_is_wrong_with_a_price_is_told_without_the_price(rule: Any, pim: AkeneoClient, state: SqliteState) -> None:
    job = ErpToPim(ListErp([row(1, price=WORDY)]), mapped(passing(rule), MSRP), pim, state)
    plan = job.plan()
    report = job.run()
    told = [plan.to_json(), str(report), repr(report), report_html(report), repr(state.parked("products"))]
    assert [one for one in told if WORDY in one or "no price:" in one] == []
    if rule == Quoting("notes"):
        assert report.passed == 1
    else:
        (parked,) = report.parked_items
        assert "is hot and not shown" in parked.detail


def test_a_price_that_the_attribute_cannot_hold_is_not_quoted(simulator: PimSimulator, state: SqliteState) -> None:
    whole = {"code": "msrp", "type": "pim_catalog_price_collection", "group": "erp", "decimals_allowed": False}
    simulator.load("/api/rest/v1/attributes", [whole])
    with simulator.client() as pim:
        report = ErpToPim(ListErp([row(1, price="9,90")]), mapped(passing(), MSRP), pim, state).run()
    assert "9.9" not in repr(report.parked_items)


# ---- lines ----
class Pack(ErpItem):
    code = cold(str, "code")
    price = hot(Decimal, "price")


class Crate(ErpItem):
    number = cold(str, "number", key=True)
    packs = cold(Lines, "packs")


def test_no_column_of_a_table_sees_the_price_of_another() -> None:
    columns: Any = {"code": Pack.code, "price": passing(Pack.price >> price_in("EUR"))}
    rule = Crate.packs >> table(Pack, columns, merge=False)
    with pytest.raises(TemperatureRefused, match="beside other rules over its lines"):
        ProductMapping(Crate, Crate.number.to(Cell[str]("sku")), Binding(rule, Cell[Any]("packs")))
