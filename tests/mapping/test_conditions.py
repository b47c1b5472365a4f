"""Conditions give yes, no, or nothing; a wrong value is a problem, never a no."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from akeneo_erp_bridge.classification import Cold, Hot
from akeneo_erp_bridge.erp import ErpItem, cold, hot
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import all_of, any_of, constant, equals, is_in, lookup, not_, present, switch
from akeneo_erp_bridge.rules import CLEAR, KEEP, Cell, Outcome, Problem, Put, Rule


class Item(ErpItem):
    id = cold(str, "id", key=True)
    kind = cold(str, "kind")
    name = cold(str, "name")
    size = cold(int, "size")
    one = cold(bool, "one")
    two = cold(bool, "two")
    tags = cold(str, "tags").many()
    price = hot(Decimal, "price")


def item(**row: object) -> Item:
    return Item({"id": "1", **row})


def test_equals_and_is_in_compare_to_the_letter() -> None:
    assert (Item.kind >> equals("A")).run(item(kind="A")) == Put(True)
    assert (Item.kind >> equals("A")).run(item(kind="a")) == Put(False)
    assert (Item.size >> is_in(0, 2)).run(item(size=0)) == Put(True)
    assert (Item.kind >> is_in("", "B")).run(item(kind="")) == Put(True)
    assert (Item.tags >> equals(("a",))).run(item(tags=["a"])) == Put(True)


def test_of_an_absent_value_a_comparison_says_nothing() -> None:
    assert (Item.kind >> equals("A")).run(item()) == KEEP
    assert not_(Item.kind >> equals("A")).run(item(kind=None)) == CLEAR
    assert Item.name.when(not_(Item.kind >> equals("A"))).run(item(name="x")) == KEEP


def test_what_cannot_be_compared_is_a_problem() -> None:
    outcome = equals(Decimal(1)).run(Decimal("sNaN"))
    assert isinstance(outcome, Problem)
    assert "sNaN" in outcome.detail


@pytest.mark.parametrize(
    ("row", "answer"), [({}, False), ({"kind": None}, False), ({"kind": ""}, True), ({"kind": "A"}, True)]
)
def test_present_tells_absent_and_null_from_empty(row: dict[str, object], answer: bool) -> None:
    assert present(Item.kind).run(item(**row)) == Put(answer)


def test_a_wrong_value_is_not_absent() -> None:
    assert isinstance(present(Item.size).run(item(size="x")), Problem)


ANSWERS: dict[str, object] = {"yes": True, "no": False, "nothing": None, "wrong": "maybe"}


def told(outcome: Outcome[bool]) -> str:
    if isinstance(outcome, Problem):
        return "wrong"
    return {True: "yes", False: "no"}[outcome.value] if isinstance(outcome, Put) else "nothing"


@pytest.mark.parametrize(("one", "two"), list(product(ANSWERS, ANSWERS)))
def test_all_and_any_in_all_answers(one: str, two: str) -> None:
    """In order; what decides ends it, a problem before that is the answer, and nothing is neither yes nor no."""
    row = item(one=ANSWERS[one], two=ANSWERS[two])

    def expected(deciding: str, other: str) -> str:
        for answer in (one, two):
            if answer in (deciding, "wrong"):
                return answer
        return "nothing" if "nothing" in (one, two) else other

    assert told(all_of(Item.one, Item.two).run(row)) == expected("no", "yes")
    assert told(any_of(Item.one, Item.two).run(row)) == expected("yes", "no")
    # De Morgan
    assert told(not_(all_of(Item.one, Item.two)).run(row)) == told(any_of(not_(Item.one), not_(Item.two)).run(row))


SIZES: dict[str, Rule[Item, str, Cold]] = {"cable": Item.name, "paint": constant("a bucket")}


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({"kind": "cable", "name": "long"}, Put("long")),
        ({"kind": "cable", "name": None}, CLEAR),
        ({"kind": "cable"}, KEEP),
        ({"kind": "paint"}, Put("a bucket")),
        ({"kind": "drill", "name": "x"}, KEEP),
        ({"kind": None, "name": "x"}, KEEP),
        ({"name": "x"}, KEEP),
    ],
)
def test_switch_runs_the_branch_of_the_value_and_no_other(row: dict[str, object], outcome: object) -> None:
    assert switch(Item.kind, SIZES).run(item(**row)) == outcome


@pytest.mark.parametrize("row", [{"kind": "drill"}, {"kind": None}, {}])
def test_switch_goes_otherwise_where_there_is_no_branch(row: dict[str, object]) -> None:
    assert switch(Item.kind, SIZES, otherwise=constant("else")).run(item(**row)) == Put("else")


def test_a_problem_of_the_value_is_not_another_branch() -> None:
    rule = switch(Item.size, {1: Item.name}, otherwise=constant("else"))
    assert isinstance(rule.run(item(size="x")), Problem)


def test_a_value_that_can_be_no_case_is_a_problem() -> None:
    untyped: Any = Item.kind.map(list)
    assert isinstance(switch(untyped, SIZES).run(item(kind="cable")), Problem)


def test_notes_of_the_value_and_of_the_condition_stay() -> None:
    noted = (Item.size.map(str) | Item.kind) >> lookup({"cable": "cable"})
    outcome = switch(noted, SIZES).run(item(size="x", kind="cable", name="long"))
    assert isinstance(outcome, Put)
    assert "'x'" in outcome.notes[0]
    outcome = Item.name.when(noted >> equals("cable")).run(item(size="x", kind="cable", name="long"))
    assert isinstance(outcome, Put)
    assert "'x'" in outcome.notes[0]


def test_codes_that_a_switch_may_give_are_those_of_its_branches() -> None:
    cases: dict[str, Rule[Item, str, Cold]] = {"a": constant("drills"), "b": Item.name >> lookup({"x": "saws"})}
    assert switch(Item.kind, cases).possible() == {"drills", "saws"}
    assert switch(Item.kind, cases, otherwise=constant("other")).possible() == {"drills", "saws", "other"}
    assert switch(Item.kind, cases, otherwise=Item.name).possible() is None


def test_taint_and_sources_are_those_of_all_parts() -> None:
    untyped: Any = Item
    hot_case = switch(untyped.kind, {"a": untyped.price})
    hot_value = switch(untyped.price, {1: untyped.name})
    for rule in (hot_case, hot_value, untyped.name.when(all_of(untyped.one, untyped.price >> equals(Decimal(1))))):
        assert rule.taint == {Cold, Hot}
        with pytest.raises(TemperatureRefused):
            rule.to(Cell("name"))
    assert switch(Item.kind, {"a": Item.name}, otherwise=Item.id).sources == {"kind", "name", "id"}
    assert present(Item.kind).sources == {"kind"}


def test_explain_shows_the_parameters() -> None:
    lines = Item.name.when(
        switch(Item.kind, {"a": Item.one}, otherwise=all_of(Item.two, Item.size >> is_in(1, 2)))
    ).explain()
    assert "switch(kind, 'a': one, otherwise: all_of(two, size >> is_in(1, 2)))" in lines.splitlines()[0]
    assert [line.strip() for line in lines.splitlines()][-2:] == ["size", "is_in(1, 2)"]


def test_the_order_of_the_cases_makes_no_other_rule() -> None:
    assert switch(Item.kind, SIZES) == switch(Item.kind, dict(reversed(SIZES.items())))


def test_nothing_to_choose_from_is_refused() -> None:
    for make in (is_in, all_of, any_of, lambda: switch(Item.kind, {})):
        with pytest.raises(MappingError):
            make()
