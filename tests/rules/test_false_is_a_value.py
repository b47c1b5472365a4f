"""0, False and "" are values: no rule takes them for "no value", and none puts something else in their place."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from akeneo_erp_bridge.erp import ErpItem, Lines, assert_cold, cold, hot, translations, whole
from akeneo_erp_bridge.mapping import (
    all_of,
    all_true,
    any_of,
    any_true,
    bill_of_materials,
    boolean,
    constant,
    count_of,
    decimal,
    distinct,
    each,
    equals,
    every,
    first,
    in_language,
    in_unit,
    integer,
    is_in,
    joined,
    languages,
    largest,
    last,
    lookup,
    measured,
    not_,
    per_pack,
    present,
    rounded,
    smallest,
    switch,
    table,
    template,
    whole_number,
)
from akeneo_erp_bridge.mapping._shapes._levels import Agreed, Group, Member, OfMember
from akeneo_erp_bridge.rules import Iso, Problem, Put, Rule


class Line(ErpItem):
    text = cold(str, "text")
    number = cold(int, "number")
    amount = cold(Decimal, "amount")
    flag = cold(bool, "flag")


class Item(ErpItem):
    id = cold(str, "id", key=True)
    text = cold(str, "text")
    number = cold(int, "number")
    amount = cold(Decimal, "amount")
    flag = cold(bool, "flag")
    no = cold(bool, "no")
    names = translations("names")
    lines = cold(Lines, "lines")
    texts = cold(str, "lines[*].text").many()
    numbers = cold(int, "lines[*].number").many()
    amounts = cold(Decimal, "lines[*].amount").many()
    flags = cold(bool, "lines[*].flag").many()
    stock = hot(int, "stock")


FALSY: dict[str, tuple[str, Any, Any]] = {
    "text": ("", "", "other"),
    "number": ("0", 0, 7),
    "amount": ("0.00", Decimal("0.00"), Decimal(7)),
    "flag": ("false", False, True),
}
"""By field: what the ERP says, what it means, and what must not come instead."""
Field = Rule[Item, Any, Any]
FIELDS: dict[str, Field] = {"text": Item.text, "number": Item.number, "amount": Item.amount, "flag": Item.flag}
MANY: dict[str, Field] = {"text": Item.texts, "number": Item.numbers, "amount": Item.amounts, "flag": Item.flags}
YES, NO = constant(value=True), constant(value=False)


def item(name: str) -> Item:
    said, meant, _ = FALSY[name]
    raw = said if name != "flag" else meant
    return Item({"id": "1", name: raw, "no": False, "names": {"E": ""}, "lines": [{"text": "k", name: raw}]})


def itself(value: object) -> object:
    return value


COMBINED: dict[str, Callable[[Field, Any], Field]] = {
    "the field": lambda field, other: field,
    "default": lambda field, other: field.default(other),
    "coalesce": lambda field, other: field | constant(other),
    "required": lambda field, other: field.required(),
    "catch": lambda field, other: field.catch(),
    "when": lambda field, other: field.when(YES),
    "when not false": lambda field, other: field.when(not_(Item.no)),
    "map": lambda field, other: field.map(itself),
    "then an iso": lambda field, other: field >> Iso(itself, itself).as_rule(),
    "pair": lambda field, other: (field & constant(other)).map(lambda pair: pair[0]),
    "switch": lambda field, other: switch(YES, {True: field}),
    "switch, otherwise": lambda field, other: switch(NO, {True: constant(other)}, otherwise=field),
    "switch, by false": lambda field, other: switch(Item.no, {False: field}, otherwise=constant(other)),
    "a case of its own": lambda field, other: switch(field, {other: constant(other)}, otherwise=field),
    "fallback of a language": lambda field, other: languages({"E": "x", "D": "y"}, fallback={"y": "x"}).columns(
        {"E": constant(other), "D": field}
    )["y"],
    "asserted": lambda field, other: assert_cold(
        whole(Item).map(lambda one: field.run(one).value), reads=[*field.sources], reason="x"
    ),
}
AGGREGATED: dict[str, Callable[[Field, Any], Field]] = {
    "first": lambda many, other: first(many),
    "last": lambda many, other: last(many),
    "smallest": lambda many, other: smallest(many),
    "largest": lambda many, other: largest(many),
    "every": lambda many, other: first(many >> every(Iso(itself, itself).as_rule())),
    "distinct": lambda many, other: last(distinct(many)),
}


@pytest.mark.parametrize("name", FALSY)
@pytest.mark.parametrize("how", COMBINED)
def test_no_combinator_loses_it(how: str, name: str) -> None:
    _, meant, other = FALSY[name]
    outcome = COMBINED[how](FIELDS[name], other).run(item(name))
    assert outcome == Put(meant)
    assert type(outcome.value) is type(meant)


@pytest.mark.parametrize("name", FALSY)
@pytest.mark.parametrize("how", AGGREGATED)
def test_no_aggregate_loses_it(how: str, name: str) -> None:
    _, meant, other = FALSY[name]
    assert AGGREGATED[how](MANY[name], other).run(item(name)) == Put(meant)


@pytest.mark.parametrize("name", FALSY)
def test_it_counts_is_there_and_is_equal_to_itself(name: str) -> None:
    _, meant, other = FALSY[name]
    field = FIELDS[name]
    assert count_of(MANY[name]).run(item(name)) == Put(1)
    assert present(field).run(item(name)) == Put(value=True)
    assert (field >> equals(meant)).run(item(name)) == Put(value=True)
    assert (field >> is_in(other, meant)).run(item(name)) == Put(value=True)
    assert constant(meant).run(item(name)) == Put(meant)
    assert switch(field, {meant: constant("this"), other: constant("other")}).run(item(name)) == Put("this")


@pytest.mark.parametrize("name", FALSY)
def test_a_table_may_mean_it(name: str) -> None:
    _, meant, other = FALSY[name]
    words = lookup({"none": meant, "some": other})
    assert words.run("None") == Put(meant)
    assert words.iso().back(meant) == "none"
    assert each(words).run(frozenset({"none"})) == Put(frozenset({meant}))


@pytest.mark.parametrize("name", FALSY)
def test_models_and_variants_keep_it(name: str) -> None:
    _, meant, _ = FALSY[name]
    rule, at = FIELDS[name], frozenset({"v"})
    assert OfMember(rule, at).run(Member({"family_variant": "v"}, item(name))) == Put(meant)
    silent = Item({"id": "2"})
    assert Agreed(rule, at).run(Group({"family_variant": "v"}, [silent, item(name)])) == Put(meant)


@pytest.mark.parametrize("name", FALSY)
def test_a_falsy_value_disagrees_with_another_one(name: str) -> None:
    _, _, other = FALSY[name]
    members = [item(name), Item({"id": "2", name: other})]
    outcome = Agreed(FIELDS[name], frozenset({"v"})).run(Group({"family_variant": "v"}, members))
    assert isinstance(outcome, Problem)
    assert outcome.code == "rows_disagree"


def test_rows_keep_it() -> None:
    rows = table(Line, {"text": Line.text, "number": Line.number, "flag": Line.flag}, merge=False)
    assert rows.run(Lines([{"text": "a", "number": 0, "flag": False}])) == Put(
        ({"text": "a", "number": 0, "flag": False},)
    )
    parts = bill_of_materials(Line, component=Line.text, quantity=Line.number)
    assert parts.run(Lines([{"text": "a", "number": 0}])) == Put({"a": 0})  # the cell refuses it, and says so


def test_texts_are_made_of_it() -> None:
    nought = item("number")
    assert joined(Item.id, Item.number.map(str), separator="-").run(nought) == Put("1-0")
    assert template("{id}-{number}", id=Item.id, number=Item.number).run(nought) == Put("1-0")
    assert (Item.names >> in_language("E")).run(nought) == Put("")


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (decimal("en_US"), "0"),
        (decimal("de_DE"), "0,00"),
        (integer(), "0"),
        (rounded(2), Decimal("0.00")),
        (whole_number(), Decimal("0.0")),
        (per_pack({"CTN": 12}, base="PCE"), (Decimal(0), "CTN")),
    ],
    ids=str,
)
def test_nought_is_an_amount(rule: Rule[Any, Any, Any], source: object) -> None:
    assert rule.run(source) == Put(0)


def test_nought_is_a_measurement() -> None:
    assert in_unit("GRAM").run(Decimal(0)).value.amount == 0
    assert measured({"kg": "KILOGRAM"}).run((Decimal(0), "kg")).value.amount == 0


def test_no_is_an_answer() -> None:
    false = item("flag")
    assert boolean(true={"1"}, false={"0"}).run("0") == Put(value=False)
    assert boolean(true="X", false="").run("") == Put(value=False)
    assert any_true(Item.flags).run(false) == Put(value=False)
    assert all_true(Item.flags).run(false) == Put(value=False)
    assert all_of(Item.flag, YES).run(false) == Put(value=False)
    assert any_of(Item.flag, NO).run(false) == Put(value=False)
    assert not_(Item.flag).run(false) == Put(value=True)


def test_the_shop_hears_of_nought() -> None:
    assert Item.stock.feed("available").rule.run(Item({"id": "1", "stock": 0})) == Put(0)
