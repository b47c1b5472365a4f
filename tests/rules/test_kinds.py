"""What a rule says of its values before any item is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Never, NewType, TypeVar

import pytest
from attrs import frozen

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import as_set, boolean, clean, constant, decimal, each, in_unit, integer, lookup, single
from akeneo_erp_bridge.rules import Iso, Outcome, Problem, Put, Rule, kinds_of

Sku = NewType("Sku", str)
T = TypeVar("T")


class Item(ErpItem):
    text = cold(str, "text", key=True)
    amount = cold(Decimal, "amount")
    maybe = cold(str, "maybe").nullable()
    flag = cold(bool, "flag")
    groups = cold(frozenset[str], "groups")


def length(text: str) -> int:
    return len(text)


def vague(text: str) -> Any:
    return text


def nameless(text: str) -> Nowhere:  # type: ignore[name-defined]  # noqa: F821 - a hint that nobody can follow
    return text


class Shout:
    def __call__(self, text: str) -> str:
        return text.upper()


@frozen
class Count(Rule[str, int, Never]):
    """A user's own converter."""

    def run(self, source: str) -> Outcome[int]:
        return Put(len(source)) if source else Problem("blank", "", "nothing to count")

    @property
    def label(self) -> str:
        return "count()"


class CountTwice(Count):
    """A child that declares nothing new."""


def names(rule: Rule[Any, Any, Any]) -> list[str] | None:
    kinds = rule.gives()
    return None if kinds is None else sorted(kind.__name__ for kind in kinds)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Item.text, ["str"]),
        (Item.maybe, ["NoneType", "str"]),
        (Item.groups, ["frozenset"]),
        (Item.maybe.required(), ["str"]),
        (Item.maybe.default("x"), ["str"]),
        (Item.text | Item.amount, ["Decimal", "str"]),
        (Item.text & Item.amount, ["tuple"]),
        (Item.text.when(Item.flag).catch(), ["str"]),
        (Item.text >> clean() >> decimal("de_DE"), ["Decimal"]),
        (Item.text >> integer(), ["int"]),
        (Item.text >> boolean(true="y", false="n"), ["bool"]),
        (Item.text >> as_set(), ["frozenset"]),
        (Item.groups >> each(lookup({"a": "b"})), ["frozenset"]),
        (Item.groups >> single(), ["str"]),
        (Item.amount >> in_unit("GRAM"), ["Metric"]),
        (Item.text >> lookup({"a": 1, "b": "x"}), ["int", "str"]),
        (constant(date(2024, 1, 1)), ["date"]),
        (Item.text >> Count(), ["int"]),
        (Item.text >> CountTwice(), ["int"]),
        (Item.text.map(length), ["int"]),
        (Item.text.map(Decimal), ["Decimal"]),
        (Item.text >> Iso(length, str).as_rule(), ["int"]),
        (Item.text.map(vague), None),
        (Item.text.map(nameless), None),
        (Item.text.map(lambda text: text), None),
        (Item.text.map(str.title), None),
        (Item.text.map(Shout()), None),
        (Item.text | Item.text.map(vague), None),
        (Item.text >> lookup(dict[str, str]()), None),
    ],
)
def test_the_classes_that_a_rule_gives(rule: Rule[Any, Any, Any], expected: list[str] | None) -> None:
    assert names(rule) == expected


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (str, {str}),
        (str | None, {str, type(None)}),
        (tuple[str, ...], {tuple}),
        (Mapping[str, int], {Mapping}),
        (Sku, {str}),
        (Literal["a", 1], {str, int}),
        (object, None),
        (Any, None),
        (T, None),
        (T | int, None),  # type: ignore[operator]  # a value at run time, which checkers do not take
        ("str", None),
    ],
)
def test_hints(hint: object, expected: set[type[object]] | None) -> None:
    assert kinds_of(hint) == expected


GRAM = UnitCode("GRAM")


def halved(amount: Decimal) -> Decimal:
    if amount == 0:
        raise ZeroDivisionError
    return amount / 2


@frozen
class Raising(Rule[str, str, Never]):
    """A rule that breaks the law."""

    def run(self, source: str) -> Outcome[str]:
        raise RuntimeError(source)

    @property
    def label(self) -> str:
        return "raising()"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Item.text, ()),
        (Item.text >> clean(), ()),
        (constant(0), (0,)),
        (constant(" a ") >> clean(), ("a",)),
        (constant("") >> Count(), ()),
        (constant("a") >> Raising(), ()),
        (Item.amount.default(Decimal(3)) >> in_unit("GRAM"), (Metric(Decimal(3), GRAM),)),
        (Item.amount.default(Decimal(3)).map(halved), (Decimal("1.5"),)),
        (Item.amount.default(Decimal(0)).map(halved), ()),
        (Item.maybe.default("x") | constant("y"), ("x", "y")),
        ((Item.text >> lookup({"a": "b"})).when(Item.flag).catch(), ("b",)),
        (Item.text >> lookup({"a": "b", "c": "d"}), ("b", "d")),
        (constant("c") >> lookup({"a": "b", "c": "d"}), ("d",)),
        (Item.maybe.required(), ()),
    ],
)
def test_the_values_that_are_known_in_advance(rule: Rule[Any, Any, Any], expected: tuple[object, ...]) -> None:
    assert rule.known() == expected
