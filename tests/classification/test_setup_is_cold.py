"""Law 1 in the set-up: nothing hot or internal becomes an option, a label or any other part of the PIM's structure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import attrs
import pytest

from akeneo_erp_bridge.classification import Cold, Temperature
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot, internal, whole
from akeneo_erp_bridge.errors import TemperatureRefused
from akeneo_erp_bridge.mapping import ProductMapping, lookup
from akeneo_erp_bridge.rules import Binding, Cell, Outcome, Put, Rule
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.testing import PimSimulator

SECRET = "SECRET 12"
TABLE = lookup({"rot": "red"})


class Part(ErpItem):
    number = cold(str, "number", key=True)
    colour = cold(str, "colour")
    price = hot(Decimal, "price")
    cost = internal(str, "cost")
    lines = cold(Lines, "lines")


PART: Any = Part
ITEMS = [Part({"number": "1", "colour": "Mint", "cost": SECRET, "price": "9.90"})]


@attrs.frozen
class Liar(Rule[Any, str, Cold]):
    """Says that it reads the colour, and gives the cost."""

    reads: str = "colour"

    def run(self, source: Any) -> Outcome[str]:
        return Put(str(source.row.get("cost", "nothing here")))

    @property
    def label(self) -> str:
        return "liar"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({self.reads})


WARM: dict[str, Any] = {
    "internal": PART.cost,
    "hot": PART.price.map(str),
    "in part": PART.colour | PART.cost,
    "the raw record": whole(PART).map(lambda item: item.cost),
    "a cast": cast("Rule[Part, str, Cold]", PART.cost),
    "a column that was declared anew": attrs.evolve(PART.cost, spec=attrs.evolve(PART.cost.spec, temperature=Cold)),
    "a rule that says it reads the cost": Liar("cost"),
}


@pytest.mark.parametrize("way", WARM)
def test_words_are_read_by_cold_rules(way: str) -> None:
    with pytest.raises(TemperatureRefused):
        setup.unknown_words(WARM[way], TABLE, ITEMS)


def test_a_rule_that_lies_finds_nothing() -> None:
    assert list(setup.unknown_words(Liar(), TABLE, ITEMS)) == ["nothing here"]


def test_what_a_subclass_declares_holds() -> None:
    class Dear(Part):
        tint = internal(str, "tint")

    tint: Any = cold(str, "tint")
    tint.__set_name__(Part, "tint")
    with pytest.raises(TemperatureRefused, match="declares internal"):
        setup.unknown_words(tint.__get__(None, Part), TABLE, [*ITEMS, Dear({"tint": SECRET})])


@pytest.mark.parametrize("labels", [[SECRET], (one.cost for one in ITEMS), SECRET, ({"en_US": SECRET},)])
def test_options_are_made_of_words_that_say_where_they_come_from(labels: Any) -> None:
    with pytest.raises(TemperatureRefused, match="does not say where its words come from"):
        setup.propose_options("colour", labels)


class Careless(ProductMapping[Part]):
    """A mapping whose constructor checks nothing."""

    def __init__(self, *bindings: Any) -> None:
        vars(self).update(source=Part, bindings=bindings, paths=("number", "cost"), group=None)


def test_a_mapping_is_checked_again_before_anything_is_guessed_of_it() -> None:
    careless = Careless(Binding(PART.cost >> lookup({SECRET: SECRET}), Cell[str]("colour")))
    with PimSimulator(sample=True).client() as pim, pytest.raises(TemperatureRefused, match="internal"):
        setup.Blueprint.for_mapping(careless, pim.structure())
