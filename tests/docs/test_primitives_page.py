"""The table of primitives names what there is, and leaves out nothing that makes a rule, a binding or a cell."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from types import FunctionType

import pytest

from akeneo_erp_bridge.erp import Field
from akeneo_erp_bridge.mapping import EntityMapping, ItemMapping
from akeneo_erp_bridge.rules import Binding, Cell, HotBinding, Iso, Rule, Step
from akeneo_erp_bridge.sync import setup

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "primitives.md"
ROOMS = [importlib.import_module(f"akeneo_erp_bridge.{name}") for name in ("mapping", "rules", "erp")]
OPERATORS = {"a \\| b": "Rule.__or__", "a & b": "Rule.__and__", "a >> b": "Rule.__rshift__"}
MADE = (Step, Field, Binding, HotBinding, Iso, Cell)


def tables() -> list[list[str]]:
    """The rows of all tables, cell by cell."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in rows if row[0] not in ("For", "---")]


def named(column: int) -> set[str]:
    """What stands in backticks in one column; operators by the method behind them."""
    return {OPERATORS.get(name, name) for row in tables() for name in re.findall(r"`([^`]+)`", row[column])}


def made_by(function: FunctionType) -> Iterator[object]:
    """The classes of what a function returns, by their names: what the brackets hold is not always imported at run time."""
    returns = str(inspect.signature(function).return_annotation).removeprefix("tuple[")
    for one in returns.split(" | "):
        yield function.__globals__.get(one.partition("[")[0])


def factories() -> set[str]:
    """Every public function that makes a rule, a binding or a cell, and every method of a rule that does."""
    found = {
        name
        for room in ROOMS
        for name in room.__all__
        if isinstance(thing := getattr(room, name), FunctionType)
        if any(inspect.isclass(one) and issubclass(one, MADE) for one in made_by(thing))
    }
    methods = {f"Rule.{name}" for name, thing in vars(Rule).items() if inspect.isfunction(thing)}
    return found | {one for one in methods if _makes_one(one)}


def _makes_one(method: str) -> bool:
    returns = str(inspect.signature(getattr(Rule, method.partition(".")[2])).return_annotation)
    return returns.startswith(("Rule[", "Binding[", "HotBinding["))


@pytest.mark.parametrize("name", sorted(named(1)))
def test_what_the_page_names_is_there(name: str) -> None:
    first, _, rest = name.partition(".")
    rooms = [room for room in ROOMS if first in room.__all__] if first != "setup" else [setup]
    assert any(attrgetter(rest if room is setup else name)(room) is not None for room in rooms)


def test_each_factory_is_on_the_page() -> None:
    assert factories() >= {"clean", "localized", "split_iso", "association", "cold", "Rule.map", "Rule.__or__"}
    assert factories() - named(1) - named(3) == set()


def test_each_mapping_is_on_the_page() -> None:
    mapping = ROOMS[0]
    bases = (ItemMapping, EntityMapping)
    classes = {
        name
        for name in mapping.__all__
        if inspect.isclass(one := getattr(mapping, name)) and issubclass(one, bases) and one not in bases
    }
    text = PAGE.read_text(encoding="utf-8")
    assert len(classes) > 4
    assert {name for name in classes if f"`{name}`" not in text} == set()


def test_each_row_is_whole() -> None:
    assert len(tables()) >= 43
    assert {len(row) for row in tables()} == {5}
    assert [row for row in tables() if not row[0] or not row[1]] == []


def test_each_section_leads_to_the_reference() -> None:
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        assert re.search(r"^(How to|Why): .*In\s+the\s+reference: \[", section, re.MULTILINE | re.DOTALL), section[:40]


def test_an_inverse_is_there_where_the_page_says_so() -> None:
    mapping = ROOMS[0]
    samples: dict[str, Rule[object, object, object]] = {
        "decimal": mapping.decimal("de_DE"),
        "integer": mapping.integer("de_DE"),
        "day": mapping.day("%Y-%m-%d"),
        "boolean": mapping.boolean(true="J", false="N"),
        "lookup": mapping.lookup({"a": "b"}),
        "code_table": mapping.code_table(["a"]),
        "split": mapping.split(";"),
        "sku": mapping.sku(),
        "per_pack": mapping.per_pack({"CTN": 12}, base="PCE"),
    }
    told = {re.findall(r"`(\w+)", row[1])[0] for row in tables() if ".iso(" in row[3]}
    assert told == set(samples)
    assert all(callable(getattr(rule, "iso", None)) for rule in samples.values())
