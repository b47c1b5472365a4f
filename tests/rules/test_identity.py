"""Two rules that could give different values are two; the same rule, made again, is one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Never

import pytest
from attrs import frozen

from akeneo_erp_bridge.classification import Cold, Temperature
from akeneo_erp_bridge.erp import ErpItem, cold, hot
from akeneo_erp_bridge.errors import TemperatureRefused
from akeneo_erp_bridge.mapping import (
    ProductMapping,
    as_set,
    boolean,
    clean,
    constant,
    each,
    in_unit,
    joined,
    lookup,
    measured,
    price_in,
    reference,
)
from akeneo_erp_bridge.rules import Cell, Outcome, Owner, Put, Rule, Step, identity


class Item(ErpItem):
    id = cold(str, "id", key=True)
    name = cold(str, "name")
    colour = cold(str, "colour")
    price = hot(Decimal, "price")


LONG = "a constant that is much longer than the sample of it that a label shows to people, "


def times(factor: int) -> Callable[[str], str]:
    return lambda text: text * factor


def cut(text: str, *, length: int) -> str:
    return text[:length]


def priced(days: int, change: str) -> Step:
    return reference(
        Item.price >> price_in("EUR"), reason="x", min_age=timedelta(days=days), min_change=Decimal(change)
    )


class Suffix(Rule[str, str, Never]):
    """A plain class with a parameter."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def label(self) -> str:
        return "suffix()"

    def run(self, source: str) -> Outcome[str]:
        return Put(source + self.text)


@frozen
class Prefix(Rule[str, str, Never]):
    """A frozen one."""

    text: str

    @property
    def label(self) -> str:
        return "prefix()"

    def run(self, source: str) -> Outcome[str]:
        return Put(self.text + source)


PAIRS: dict[str, Callable[[int], Step]] = {
    "a table": lambda n: lookup({"rot": ("red", "blue")[n]}),
    "what an unknown word does": lambda n: lookup({"rot": "red"}, unknown=("keep", "clear")[n]),  # type: ignore[arg-type]  # one of the two
    "units": lambda n: measured({"KG": ("KILOGRAM", "GRAM")[n]}),
    "words": lambda n: boolean(true={("J", "Y")[n]}, false={"N"}),
    "a limit of the same label": lambda n: clean(max_length=255, too_long=("problem", "truncate")[n]),
    "a separator": lambda n: joined(Item.name, Item.colour, separator=" -"[n]),
    "a long constant": lambda n: constant(LONG + "12"[n]),
    "a unit": lambda n: in_unit(("GRAM", "KILOGRAM")[n]),
    "an age": lambda n: priced(n, "0.02"),
    "a change": lambda n: priced(1, ("0.02", "0.03")[n]),
    "a default": lambda n: Item.name.default(LONG + "12"[n]),
    "a field": lambda n: (Item.name, Item.colour)[n],
    "a nested rule": lambda n: each(lookup({"a": "bc"[n]})),
    "a lambda": lambda n: (Item.name.map(lambda text: text + "1"), Item.name.map(lambda text: text + "2"))[n],
    "a method of a text": lambda n: Item.name.map((str.title, str.upper)[n]),
    "a closure": lambda n: Item.name.map(times(n)),
    "a partial": lambda n: Item.name.map(partial(cut, length=n)),
    "a rule of one's own": lambda n: Suffix("12"[n]),
    "a frozen rule of one's own": lambda n: Prefix("12"[n]),
    "an order": lambda n: (Item.name | Item.colour, Item.colour | Item.name)[n],
}


@pytest.mark.parametrize("name", PAIRS)
def test_another_parameter_is_another_rule(name: str) -> None:
    make = PAIRS[name]
    assert identity(make(0)) == identity(make(0)), "made again, it is the same"
    assert identity(make(0)) != identity(make(1))


def test_another_owner_or_cell_is_another_mapping() -> None:
    def mapping(cell: str, owner: Owner) -> str:
        return ProductMapping(Item, Item.id.to(Cell[str]("sku")), Item.name.to(Cell[str](cell), owner=owner)).hash

    hashes = {mapping(cell, owner) for cell in ("name", "title") for owner in Owner}
    assert len(hashes) == 6


def test_a_function_that_holds_itself_has_an_end() -> None:
    def outer() -> Callable[[str], str]:
        def inner(text: str) -> str:
            return text if len(text) < 3 else inner(text[1:])

        return inner

    assert identity(outer()) == identity(outer())


SCRIPT = """
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import ProductMapping, as_set, boolean, lookup
from akeneo_erp_bridge.rules import Cell
class Item(ErpItem):
    id = cold(str, "id", key=True)
    tags = cold(frozenset[str], "tags")
cells = [Item.id.to(Cell("sku")), Item.tags.to(Cell("tags")), (Item.id.map(lambda x: {"a", "b", x}.pop()) >> as_set()).to(Cell("s")),
    (Item.id >> boolean(true={"J", "Y", "1"}, false={"N", "0"})).to(Cell("b"))]
print(ProductMapping(Item, *cells).hash)
"""


def test_another_process_sees_the_same_mapping() -> None:
    """Sets and functions have other hashes and addresses there."""
    command = [sys.executable, "-c", SCRIPT]
    found = {
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_a_program_that_is_run_and_one_that_is_imported_have_the_same_mapping(tmp_path: Path) -> None:
    (tmp_path / "connector.py").write_text(PROGRAM)
    found = {
        subprocess.run([sys.executable, *how], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for how in (["connector.py"], ["-m", "connector"], ["-c", "import connector; print(connector.MAPPING.hash)"])
    }
    assert len(found) == 1, "what the program's own run has written is what a plan of the command line holds"


PROGRAM = """
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.rules import Cell

class Item(ErpItem):
    number = cold(str, "number", key=True)

MAPPING = ProductMapping(Item, Item.number.map(lambda one: one.strip()).to(Cell("sku")))
if __name__ == "__main__":
    print(MAPPING.hash)
"""


# ---- what a rule of one's own reads ----
class Sneaky(Rule[Item, str, Cold]):
    """Reads the row, and does not say so."""

    @property
    def label(self) -> str:
        return "sneaky()"

    def run(self, source: Item) -> Outcome[str]:
        return Put(str(source.row["cost"]))


class Honest(Sneaky):
    """Says what it reads."""

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({"name"})


@pytest.mark.parametrize(
    "rule",
    [
        Sneaky(),
        Sneaky().map(str.title),
        Item.name | Sneaky(),
        Sneaky() >> clean(),
        Item.name.when(Sneaky().map(bool)),
        joined(Item.name, Sneaky()),
        Sneaky().required().catch(),
    ],
)
def test_a_rule_that_reads_the_row_and_declares_nothing_is_hot(rule: Rule[Item, str, Cold]) -> None:
    with pytest.raises(TemperatureRefused, match=r"hot.*`temperatures` and `sources`"):
        rule.to(Cell[str]("name"))


def test_a_rule_that_declares_what_it_reads_is_taken_at_its_word() -> None:
    mapping = ProductMapping(Item, Item.id.to(Cell[str]("sku")), (Honest() >> clean()).to(Cell[str]("name")))
    assert mapping.source_fields() == {"id", "name"}


def test_converters_and_constants_taint_nothing() -> None:
    for rule in (constant("x"), Item.name >> Prefix("x") >> clean() >> as_set(), constant("x") >> Suffix("y")):
        assert rule.taint <= {Cold}


def test_a_docstring_is_no_part_of_a_rule() -> None:
    """To mend the words of a converter reads nothing again."""

    def shouting(words: str, mark: str) -> Callable[[str], str]:
        space: dict[str, Callable[[str], str]] = {}
        exec(f"def shout(word):\n    {words!r}\n    return word + {mark!r}", space)
        return space["shout"]

    assert identity(shouting("Shouts.", "!")) == identity(shouting("Speaks up.", "!"))
    assert identity(shouting("Shouts.", "!")) != identity(shouting("Shouts.", "?"))
