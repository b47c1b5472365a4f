"""A rule reads what it says it reads, and gives the same for a row that holds nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_erp_bridge.erp import ErpItem, Lines, cold
from akeneo_erp_bridge.mapping import Group, Member
from akeneo_erp_bridge.mapping._shapes._levels import Agreed, OfMember, Place
from akeneo_erp_bridge.mapping._shapes._lines import line_of
from akeneo_erp_bridge.rules import Rule, Step
from rules.test_every_rule import PLAIN, SAMPLES, Item

ITEM: Any = Item


class Nested(Item):
    """The same, with places that lie inside of each other."""

    lines = cold(Lines, "lines")
    line = cold(dict, "lines[0]")
    final = cold(str, "lines[-1].text")
    deep = cold(str, "lines[*].parts[*].id").many()


NESTED: Any = Nested
COLUMNS: list[Any] = [getattr(NESTED, name) for name in Nested.specs]
"""What is put in front of a rule that takes a value."""
FRONTS = [*COLUMNS, ITEM.name.map(frozenset), ITEM.count & ITEM.name]


def is_of_items(rule: Step) -> bool:
    return bool(rule.sources) and line_of(rule) is None


def made() -> dict[str, list[Rule[Any, Any, Any]]]:
    found: dict[str, list[Rule[Any, Any, Any]]] = {}
    rules: list[Any] = [*(make(n) for make in SAMPLES for n in (0, 1)), *(make() for make in PLAIN)]
    for rule in rules:
        if type(rule).__name__ == "Whole" or isinstance(rule, Agreed | OfMember | Place):
            continue  # the one reads what it does not declare, the others have items of their own
        some = [rule] if is_of_items(rule) else [front >> rule for front in FRONTS]
        found.setdefault(type(rule).__name__, []).extend(some)
    found["Column"] += COLUMNS
    return found


BY_CLASS = made()

WORDS = st.sampled_from(["", " ", "a", "b", "rot", "1", "1,5", "KG", "12x", "2024-02-29", "x\ny", "J"])
RAW = st.one_of(st.none(), WORDS, st.integers(-2, 13), st.booleans(), st.just(b"x"), st.just(1.5))
LINE = st.one_of(
    RAW,
    st.dictionaries(st.sampled_from(["id", "name", "title", "count", "text", "flag", "lang"]), RAW, max_size=7),
    st.fixed_dictionaries({"parts": st.lists(st.dictionaries(st.just("id"), RAW), max_size=2)}),
)
LINES = st.lists(LINE, max_size=3)
ROWS = st.dictionaries(
    st.sampled_from([*(spec.path for spec in Nested.declared), "lines", "names", "code", "cost"]),
    st.one_of(RAW, LINE, LINES, st.dictionaries(st.sampled_from("EDF"), RAW, max_size=3)),
)


def outcome(rule: Rule[Any, Any, Any], item: ErpItem) -> object:
    try:
        return rule.run(item)
    except Exception as error:  # noqa: BLE001 - a converter behind a field of another type, which checkers refuse
        return (type(error), str(error))


@pytest.mark.parametrize("name", BY_CLASS)
@settings(max_examples=30)
@given(row=ROWS)
def test_a_rule_reads_what_it_says(name: str, row: Mapping[str, object]) -> None:
    item = Nested(row)
    for rule in BY_CLASS[name]:
        for paths in (rule.sources, {*rule.sources, "id", "lines"}):
            assert outcome(rule, item.narrowed(paths)) == outcome(rule, item), rule.label
            assert outcome(rule, item.narrowed({*paths, "cost"}).narrowed(paths)) == outcome(rule, item)


PLACED: list[Any] = [
    rule
    for make in SAMPLES
    for rule in (make(0), make(1))
    if isinstance(rule, Agreed | OfMember | Place)
]  # fmt: skip


@given(rows=st.lists(ROWS, min_size=1, max_size=3), variant=st.sampled_from(["v", "w", None]))
def test_models_and_variants_see_their_rows_alike(rows: list[Mapping[str, object]], variant: str | None) -> None:
    place = {"code": "m", "key": "1", "parent": "p", "family_variant": variant}
    for rule in PLACED:
        items = [Group(place, [Item(row) for row in rows]), Member(place, Item(rows[0]))]
        for item in items[:1] if isinstance(rule, Agreed) else items[1:] if isinstance(rule, OfMember) else items:
            assert outcome(rule, item.narrowed(rule.sources)) == outcome(rule, item), rule.label
