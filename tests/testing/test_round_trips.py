"""A pair that loses something is found, and so is one that nobody has tried."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.erp import ErpItem, cold, two_way
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.rules import Binding, Cell, Iso, Owner, Problem, Put
from akeneo_erp_bridge.testing import round_trips


class Article(ErpItem):
    number = cold(str, "number", key=True)
    weight = cold(Decimal, "weight")
    pieces = cold(str, "pieces")


def kilograms(amount: Decimal) -> Metric:
    return Metric(amount=amount, unit=UnitCode("KILOGRAM"))


def amount_of(metric: Metric) -> Decimal:
    return metric.amount


WEIGHT: Cell[Metric] = Cell("weight")
NAMED = Article.number.to(Cell[str]("sku"))
GOOD = two_way(Article.weight, Iso(kilograms, amount_of), WEIGHT, owner=Owner.ERP)


def item(**row: object) -> Article:
    return Article({"number": "1", **row})


def check(binding: Binding[Article], *items: Article) -> list[Problem]:
    return round_trips(ProductMapping(Article, NAMED, binding), items)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000))
def test_a_lossless_pair_comes_back(weight: Decimal) -> None:
    assert check(GOOD, item(weight=str(weight)), item(weight=None), item(weight="heavy")) == []


def test_a_binding_can_be_read_backwards() -> None:
    assert GOOD.iso is not None
    assert GOOD.iso.inverse().as_rule().run(kilograms(Decimal(2))) == Put(Decimal(2))
    assert NAMED.iso is None


def round_up(amount: Decimal) -> Metric:
    return kilograms(amount.quantize(Decimal(1)))


def fail(metric: Metric) -> Decimal:
    raise RuntimeError("no way back")


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (Iso(round_up, amount_of), "not_the_same"),
        (Iso(kilograms, fail), "function_failed"),
        (Iso(kilograms, lambda metric: metric.amount * 2), "not_the_same"),
        (Iso(lambda amount: kilograms(1 / amount), lambda metric: 1 / metric.amount), "function_failed"),
    ],
)
def test_a_pair_that_loses_something_is_named_with_cell_and_item(pair: Iso[Decimal, Metric], code: str) -> None:
    binding = two_way(Article.weight, pair, WEIGHT, owner=Owner.ERP)
    problems = check(binding, item(weight="1.50"), item(weight="0"))
    assert [one.code for one in problems][-1] == code
    assert problems[-1].path.startswith("weight > Article('1')")


def test_another_spelling_of_a_number_is_told_where_the_cell_is_a_text() -> None:
    pair = Iso[Decimal, str](str, lambda text: Decimal(text).normalize())
    binding = two_way(Article.weight, pair, Cell[str]("weight"), owner=Owner.ERP)
    assert ["when it was sent again" in one.detail for one in check(binding, item(weight="1.50"))] == [True]
    assert check(binding, item(weight="1.5")) == []


def test_a_value_of_another_type_did_not_come_back() -> None:
    binding = two_way(Article.weight, Iso(int, lambda whole: whole), Cell[int]("n"), owner=Owner.ERP)  # type: ignore[arg-type, return-value]  # the mistake this is about
    assert [one.code for one in check(binding, item(weight="2"))] == ["not_the_same"]


def test_a_binding_that_no_item_shows_is_a_problem() -> None:
    assert [one.code for one in check(GOOD, item(), item(weight="x"))] == ["not_shown"]


def test_a_mapping_with_nothing_to_check_is_refused() -> None:
    with pytest.raises(MappingError, match="no two-way binding"):
        round_trips(ProductMapping(Article, NAMED), [item()])
