"""The structure of a PIM: stored, compared, asked."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from akeneo_erp_bridge.catalog import Attribute, Channel, Family, FamilyVariant, MeasurementFamily, PimStructure, decode
from akeneo_erp_bridge.codes import (
    AttributeCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    FamilyCode,
    FamilyVariantCode,
    LocaleCode,
    MeasurementFamilyCode,
    OptionCode,
    UnitCode,
)
from akeneo_erp_bridge.errors import ConfigurationError

LENGTH = decode(
    MeasurementFamily,
    {
        "code": "Length",
        "standard_unit_code": "METER",
        "units": {
            "METER": {"code": "METER", "convert_from_standard": [{"operator": "mul", "value": "1"}]},
            "INCH": {"code": "INCH", "convert_from_standard": [{"operator": "mul", "value": "0.0254"}]},
        },
    },
)
TEMPERATURE = decode(
    MeasurementFamily,
    {
        "code": "Temperature",
        "standard_unit_code": "KELVIN",
        "units": {
            "KELVIN": {"code": "KELVIN", "convert_from_standard": []},
            "CELSIUS": {"code": "CELSIUS", "convert_from_standard": [{"operator": "add", "value": "273.15"}]},
            "FAHRENHEIT": {
                "code": "FAHRENHEIT",
                "convert_from_standard": [
                    {"operator": "sub", "value": "32"},
                    {"operator": "div", "value": "1.8"},
                    {"operator": "add", "value": "273.15"},
                ],
            },
        },
    },
)
TWO_LEVELS = decode(
    FamilyVariant,
    {
        "code": "by_colour_size",
        "variant_attribute_sets": [
            {"level": 2, "axes": ["size"], "attributes": ["size", "sku", "ean"]},
            {"level": 1, "axes": ["colour"], "attributes": ["colour", "image"]},
        ],
        "common_attributes": ["name"],
    },
)


def attributes(*codes: str) -> dict[AttributeCode, Attribute]:
    return {
        AttributeCode(code): decode(Attribute, {"code": code, "type": "pim_catalog_text", "number_max": "1.50"})
        for code in codes
    }


def identifier(code: str, *, main: bool | None) -> dict[AttributeCode, Attribute]:
    raw = {"code": code, "type": "pim_catalog_identifier", "is_main_identifier": main}
    return {AttributeCode(code): decode(Attribute, raw)}


def structure(*codes: str) -> PimStructure:
    return PimStructure(
        attributes=attributes(*codes),
        families={FamilyCode("f"): decode(Family, {"code": "f", "attributes": ["a"], "hologram": [1]})},
        family_variants={FamilyCode("f"): {FamilyVariantCode("by_colour_size"): TWO_LEVELS}},
        channels={ChannelCode("web"): decode(Channel, {"code": "web", "locales": ["en_US"]})},
        locales=frozenset({LocaleCode("en_US"), LocaleCode("de_DE")}),
        currencies=frozenset({CurrencyCode("EUR"), CurrencyCode("USD")}),
        measurement_families={MeasurementFamilyCode("Length"): LENGTH},
        categories={CategoryCode("tools"): CategoryCode("master"), CategoryCode("master"): None},
        options={AttributeCode("a"): frozenset({OptionCode("red"), OptionCode("blue")})},
    )


def test_a_stored_structure_comes_back_the_same() -> None:
    before = structure("a", "b")
    after = PimStructure.from_json(before.to_json())
    assert after == before
    assert after.hash == before.hash
    bare = PimStructure(attributes={})
    assert PimStructure.from_json(bare.to_json()) == bare
    assert bare.categories is None


def test_the_hash_follows_the_content_not_the_order() -> None:
    assert structure("a", "b").hash == structure("b", "a").hash
    assert structure("a", "b").hash != structure("a", "c").hash
    assert len(structure().hash) == 64


def test_a_file_of_another_time_is_refused() -> None:
    old = json.dumps({**json.loads(structure().to_json()), "format": 0})
    with pytest.raises(ConfigurationError, match="format 0 is not 1"):
        PimStructure.from_json(old)
    broken = json.dumps({**json.loads(structure("a").to_json()), "attributes": {"a": {"code": "a"}}})
    with pytest.raises(ConfigurationError, match=r"Attribute 'a': .*'type' is missing"):
        PimStructure.from_json(broken)
    for text in ("no JSON", "[]"):
        with pytest.raises(ConfigurationError, match="this is no structure"):
            PimStructure.from_json(text)


def test_the_identifier_is_the_main_one_or_the_only_one() -> None:
    only = PimStructure(attributes={**attributes("a"), **identifier("sku", main=None)})
    assert only.identifier_attribute == "sku"
    main = PimStructure(attributes={**identifier("ean", main=False), **identifier("sku", main=True)})
    assert main.identifier_attribute == "sku"
    for unclear in ({}, {**identifier("ean", main=None), **identifier("sku", main=None)}):
        with pytest.raises(ValueError, match="cannot tell the main identifier attribute"):
            _ = PimStructure(attributes=unclear).identifier_attribute


def test_types_are_ready_for_values() -> None:
    assert structure("a").attribute_types == {"a": "pim_catalog_text"}


def test_levels() -> None:
    levels = {code: TWO_LEVELS.level_of(AttributeCode(code)) for code in ("name", "colour", "image", "size", "ean")}
    assert levels == {"name": 0, "colour": 1, "image": 1, "size": 2, "ean": 2}
    assert (TWO_LEVELS.levels, TWO_LEVELS.axes) == (2, ("colour", "size"))


@pytest.mark.parametrize(
    ("family", "amount", "source", "target", "expected"),
    [
        (LENGTH, "10", "INCH", "METER", "0.254"),
        (LENGTH, "0.254", "METER", "INCH", "10"),
        (LENGTH, "3", "METER", "METER", "3"),
        (TEMPERATURE, "20", "CELSIUS", "KELVIN", "293.15"),
        (TEMPERATURE, "68", "FAHRENHEIT", "CELSIUS", "20"),
        (TEMPERATURE, "20", "CELSIUS", "FAHRENHEIT", "68"),
    ],
)
def test_units_convert_exactly(family: MeasurementFamily, amount: str, source: str, target: str, expected: str) -> None:
    assert family.convert(Decimal(amount), source=UnitCode(source), target=UnitCode(target)) == Decimal(expected)


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(ValueError, match="measurement family 'Length' has no unit 'MILE'; it has INCH, METER"):
        LENGTH.convert(Decimal(1), source=UnitCode("MILE"), target=UnitCode("METER"))
