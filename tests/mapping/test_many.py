"""Several values become one; of none, the PIM's value is kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.classification import Hot
from akeneo_erp_bridge.erp import ErpItem, cold, hot
from akeneo_erp_bridge.mapping import (
    all_true,
    any_true,
    clean,
    concat,
    constant,
    count_of,
    decimal,
    distinct,
    equals,
    every,
    first,
    joined,
    largest,
    last,
    lookup,
    smallest,
    switch,
)
from akeneo_erp_bridge.rules import CLEAR, KEEP, Problem, Put, Rule


class Order(ErpItem):
    number = cold(str, "number", key=True)
    texts = cold(str, "lines[*].text").many()
    sizes = cold(Decimal, "lines[*].size").many()
    flags = cold(bool, "lines[*].flag").many()
    prices = hot(Decimal, "lines[*].price").many()


def order(name: str, *values: object) -> Order:
    return Order({"number": "1", "lines": [{name: value} for value in values]})


AGGREGATES: dict[str, Rule[Order, object, object]] = {
    "first": first(Order.texts),
    "last": last(Order.texts),
    "smallest": smallest(Order.sizes),
    "largest": largest(Order.sizes),
    "any_true": any_true(Order.flags),
    "all_true": all_true(Order.flags),
    "concat": concat(Order.texts),
}


@pytest.mark.parametrize("name", AGGREGATES)
def test_of_none_the_value_is_kept_and_a_null_clears(name: str) -> None:
    rule = AGGREGATES[name]
    assert rule.run(order("text")) == KEEP
    assert rule.run(Order({"number": "1"})) == KEEP
    assert rule.run(Order({"number": "1", "lines": None})) == CLEAR
    assert isinstance(rule.run(Order({"number": "1", "lines": 5})), Problem)


def test_a_count_of_none_is_zero() -> None:
    assert count_of(Order.texts).run(order("text")) == Put(0)
    assert count_of(Order.texts).run(Order({"number": "1"})) == KEEP
    assert count_of(Order.texts).run(order("text", "a", "b", None)) == Put(2)


def test_values_that_are_false_are_values() -> None:
    assert first(Order.texts).run(order("text", "", "a")) == Put("")
    assert smallest(Order.sizes).run(order("size", 3, 0)) == Put(Decimal(0))
    assert any_true(Order.flags).run(order("flag", False, 0)) == Put(False)
    assert all_true(Order.flags).run(order("flag", True, False)) == Put(False)


@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000), min_size=1)
)
def test_aggregates_agree_with_python(numbers: list[Decimal]) -> None:
    one = order("size", *numbers)
    assert smallest(Order.sizes).run(one) == Put(min(numbers))
    assert largest(Order.sizes).run(one) == Put(max(numbers))
    assert first(Order.sizes).run(one) == Put(numbers[0])
    assert last(Order.sizes).run(one) == Put(numbers[-1])
    assert count_of(Order.sizes).run(one) == Put(len(numbers))
    assert distinct(Order.sizes).run(one) == Put(tuple(dict.fromkeys(numbers)))


@pytest.mark.parametrize(
    "values", [(1.0, float("nan")), (Decimal("sNaN"), Decimal(1)), (1, "a"), (1, None), (object(),) * 2]
)
def test_what_has_no_order_is_a_problem(values: tuple[Any, ...]) -> None:
    rule: Callable[..., Rule[object, object, object]]
    for rule in (smallest, largest):
        outcome = rule(constant(values)).run("any item")
        assert isinstance(outcome, Problem)
        assert outcome.code == "not_comparable"


def test_distinct_takes_what_cannot_be_a_key() -> None:
    assert distinct(constant(([1], [2], [1]))).run("any item") == Put(([1], [2]))


def test_concat_leaves_out_the_empty_ones_with_their_separator() -> None:
    assert concat(Order.texts).run(order("text", "a", "", "b")) == Put("a, b")
    assert concat(Order.texts).run(order("text", "", "")) == KEEP


def test_every_tells_all_that_is_wrong_and_keeps_notes() -> None:
    rule = Order.texts >> every(decimal("de_DE"))
    assert rule.run(order("text", "1,5", " ", "2")) == Put((Decimal("1.5"), Decimal(2)))
    outcome = rule.run(order("text", "x", "1", "y"))
    assert isinstance(outcome, Problem)
    assert "'x'" in outcome.detail
    assert "'y'" in outcome.detail
    mixed = every(switch(equals("x"), {True: decimal("de_DE")}, otherwise=decimal("de_DE").catch()))
    for values in (("x", "y"), ("y", "x")):
        outcome = mixed.run(values)
        assert isinstance(outcome, Problem)
        assert outcome.severity == "skip_item", "as heavy as the heaviest"
    noted = (Order.texts >> every(clean())).run(order("text", " a", "b"))
    assert isinstance(noted, Put)
    assert noted.value == ("a", "b")
    assert len(noted.notes) == 1


def test_codes_known_in_advance_stay_known() -> None:
    codes = Order.texts >> every(lookup({"r": "red", "b": "blue"}))
    for rule in (first(codes), last(codes), smallest(codes), largest(codes), distinct(codes)):
        assert rule.possible() == {"red", "blue"}
    assert concat(codes).possible() is None


def test_hot_values_stay_hot() -> None:
    assert largest(Order.prices).taint == {Hot}


def test_joined_texts_keep_the_notes_of_each() -> None:
    outcome = joined(first(Order.texts) >> clean(), last(Order.texts) >> clean()).run(order("text", " a", "b "))
    assert isinstance(outcome, Put)
    assert outcome.value == "a b"
    assert len(outcome.notes) == 2


def test_a_label_shows_a_separator_that_is_not_the_usual_one() -> None:
    assert joined(Order.number, Order.number).label == "joined(number, number)"
    assert joined(Order.number, Order.number, separator="-").label == "joined(number, number, separator='-')"
