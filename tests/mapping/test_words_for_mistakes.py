"""What a mapping says to somebody whose editor checks no types, and to somebody who mistyped a code."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import pytest

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.erp import ErpItem, cold, internal
from akeneo_erp_bridge.errors import ConfigurationError, MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import ProductMapping, clean, decimal, in_unit, lookup
from akeneo_erp_bridge.rules import Cell, Put
from akeneo_erp_bridge.testing import PimSimulator


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(str, "weight")
    cost = internal(str, "cost")


NAME: Any = Article.name  # Any: a program that no type checker has seen


def structure() -> PimStructure:
    return PimSimulator(sample=True).client().structure()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            lambda: ProductMapping(Article, NAME),
            "a mapping of Article: 'name' fills no cell; end it with .to(Cell(...))",
        ),
        (lambda: ProductMapping(Article, NAME >> clean()), "fills no cell; end it with .to(Cell(...))"),
        (lambda: NAME >> clean, "behind >>; call it: clean(...); a function of your own goes into .map(clean)"),
        (lambda: NAME >> "clean", "seen 'clean' behind >>; a rule stands there"),
        (lambda: NAME.to("ean"), "rule 'name': .to(...) takes a cell, seen 'ean'; write Cell('ean')"),
    ],
    ids=["no cell", "a rule of two", "not called", "a text", "a code"],
)
def test_a_slip_that_a_type_checker_would_have_found_is_told_in_words(wrong: Any, told: str) -> None:
    with pytest.raises(MappingError) as caught:
        wrong()
    assert told in str(caught.value)


def test_an_internal_value_is_not_sent_to_commerce_instead() -> None:
    cost: Any = Article.cost
    with pytest.raises(TemperatureRefused, match="It leaves the ERP for nowhere; take it out of the mapping"):
        cost.to(Cell("ean"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            "nmae",
            "is not in the PIM (alike: name); make it there, by hand or with `setup`, or correct the cell of rule 'n",
        ),
        ("Wieght", "(alike: weight)"),
        ("xyzzy", "'xyzzy' is not in the PIM"),
    ],
)
def test_a_mistyped_attribute_is_told_with_what_is_alike(typed: str, told: str) -> None:
    (misfit, *_) = ProductMapping(Article, Article.name.to(Cell(typed))).preflight(structure())
    assert told in str(misfit)
    assert "()" not in str(misfit)


def test_a_unit_as_people_write_it_is_told_with_its_code() -> None:
    rule = (Article.weight >> decimal("en_US") >> in_unit("KG")).to(Cell("weight"))
    (misfit,) = ProductMapping(Article, Article.number.to(Cell("sku")), rule).preflight(structure())
    assert "not a unit of 'Weight': KG ('KG' may be KILOGRAM); create it in the PIM or mend the table" in str(misfit)


def test_a_word_is_found_however_its_umlaut_is_composed() -> None:
    colours = lookup({"grün": "green", "dunkel grün": "dark_green"})
    assert colours.run(normalize("NFD", "Grün")) == Put("green")
    assert colours.run("grün\N{NO-BREAK SPACE}") == Put("green")
    assert colours.run("dunkel\N{NO-BREAK SPACE}grün") == Put("dark_green")
    assert lookup({normalize("NFD", "grün"): "green"}).run("grün") == Put("green")
    with pytest.raises(ConfigurationError, match="are one word and mean 'green' and 'lime'"):
        lookup({"grün": "green", normalize("NFD", "grün"): "lime"})


def test_a_table_without_a_name_is_not_called_table() -> None:
    told = lookup({"rot": "red"}).run("blau")
    assert str(told).startswith("'blau' is not in the table (1 entry); ")


def test_unknown_is_one_of_the_words_there_are() -> None:
    wrong: Any = "ignore"
    with pytest.raises(
        ConfigurationError, match="unknown is one of 'problem', 'keep', 'clear', 'review', 'pass', not 'ignore'"
    ):
        lookup({"rot": "red"}, unknown=wrong)
