"""A value on the wrong level is told, for the PIM drops it without a word."""

from __future__ import annotations

import pytest

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import (
    CODE,
    FAMILY,
    FAMILY_VARIANT,
    PARENT,
    ProductMapping,
    ProductModelMapping,
    constant,
    lookup,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.testing import PimSimulator
from shirts import fill


class Style(ErpItem):
    number = cold(str, "number", key=True)
    parent = cold(str, "parent")
    kind = cold(str, "kind")
    text = cold(str, "text")


SUB = Style.parent.to(PARENT)
BY_SIZE = constant("by_size").to(FAMILY_VARIANT)
BY_COLOUR = constant("BY_COLOUR_AND_SIZE").to(FAMILY_VARIANT)  # the PIM compares codes without their case
ANY = Style.kind.to(FAMILY_VARIANT)
EITHER = (Style.kind >> lookup({"S": "by_size", "C": "by_colour_and_size"})).to(FAMILY_VARIANT)
VALUES = ("name", "care", "colour", "size", "supplier_note")


@pytest.fixture(scope="module")
def structure() -> PimStructure:
    return fill(PimSimulator()).client().structure()


def cells(codes: tuple[str, ...]) -> list[Binding[Style]]:
    known = {"colour": "red", "size": "s"}
    return [(constant(known[code]) if code in known else Style.text).to(Cell[str](code)) for code in codes]


def wrong(mapping: ProductMapping[Style] | ProductModelMapping[Style], structure: PimStructure) -> list[str]:
    found = [one for one in mapping.preflight(structure) if one.code == "wrong_level"]
    assert {one.severity for one in found} <= {"skip_cell"}
    return [one.cell for one in found]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ((BY_SIZE,), ["size", "supplier_note"]),
        ((BY_COLOUR,), ["care", "colour", "size", "supplier_note"]),
        ((BY_COLOUR, SUB), ["size", "supplier_note"]),
        ((EITHER,), ["size", "supplier_note"]),  # by size, the care is the root model's
        ((ANY,), ["size", "supplier_note"]),
    ],
)
def test_a_model_takes_what_its_level_holds(
    extra: tuple[Binding[Style], ...], expected: list[str], structure: PimStructure
) -> None:
    mapping = ProductModelMapping(Style, Style.number.to(CODE), *extra, *cells(VALUES))
    assert wrong(mapping, structure) == expected


def test_a_variant_takes_what_no_model_holds(structure: PimStructure) -> None:
    number = (Style.number >> sku()).to(Cell[str]("sku"))
    variants = ProductMapping(Style, number, SUB, *cells(VALUES))
    assert wrong(variants, structure) == ["name", "care", "colour"]
    with_simple_ones = ProductMapping(Style, number, SUB, constant("clothing").to(FAMILY), *cells(VALUES))
    assert wrong(with_simple_ones, structure) == []
    without_models = ProductMapping(Style, number, *cells(VALUES))
    assert wrong(without_models, structure) == []


def test_the_message_names_the_family_variants_and_what_to_do(structure: PimStructure) -> None:
    mapping = ProductModelMapping(Style, Style.number.to(CODE), BY_SIZE, *cells(("supplier_note",)))
    assert [one.detail for one in mapping.preflight(structure)] == [
        "attribute 'supplier_note' is not on the root models' level in by_size, so the PIM would drop its value; bind it in "
        "the mapping of the level that holds it"
    ]
