"""Models from JSON and back: strict on kinds, tolerant of what PIMs do."""

from __future__ import annotations

import datetime
from decimal import Decimal

import attrs
import pytest

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributePatch,
    Category,
    CategoryPatch,
    Channel,
    Family,
    FamilyVariant,
    FamilyVariantPatch,
    Locale,
    MeasurementFamily,
    Unit,
    VariantAttributeSet,
    decode,
    encode,
)
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, FamilyVariantCode, LocaleCode


def test_unknown_fields_are_kept_and_sent_back() -> None:
    raw = {"code": "x", "type": "acme", "hologram": {"depth": 3}, "_links": {"self": {}}}
    attribute = decode(Attribute, raw)
    assert attribute.extra == {"hologram": {"depth": 3}}
    assert encode(attribute) == {"code": "x", "type": "acme", "hologram": {"depth": 3}}


def test_only_what_the_pim_sent_or_we_changed_is_sent_back() -> None:
    attribute = decode(Attribute, {"code": "x", "type": "pim_catalog_text", "unique": False})
    assert encode(attribute) == {"code": "x", "type": "pim_catalog_text", "unique": False}
    assert encode(attrs.evolve(attribute, max_characters=5))["max_characters"] == 5
    assert (
        encode(attrs.evolve(decode(Attribute, {"code": "x", "type": "t", "unique": True}), unique=False))["unique"]
        is False
    )


def test_read_only_fields_are_not_sent_back_but_kept_for_storing() -> None:
    category = decode(Category, {"code": "x", "updated": "2026-06-13T10:00:00+02:00", "position": 3})
    assert encode(category) == {"code": "x"}
    assert encode(category, whole=True) == {"code": "x", "updated": "2026-06-13T10:00:00+02:00", "position": 3}


def test_php_writes_empty_maps_as_lists_and_nulls_where_it_likes() -> None:
    channel = decode(
        Channel, {"code": "web", "labels": [], "conversion_units": [], "locales": None, "currencies": ["EUR"]}
    )
    assert (channel.labels, channel.conversion_units, channel.locales) == ({}, {}, ())
    assert channel.currencies == ("EUR",)
    assert decode(Family, {"code": "f", "labels": {"en_US": None}}).labels == {"en_US": None}


def test_times_are_aware() -> None:
    assert decode(Category, {"code": "x", "updated": "2026-06-13T10:00:00"}).updated == datetime.datetime(
        2026, 6, 13, 10, tzinfo=datetime.UTC
    )


def test_limits_are_exact() -> None:
    attribute = decode(Attribute, {"code": "x", "type": "t", "number_min": "0.10", "number_max": 5, "sort_order": "3"})
    assert (attribute.number_min, attribute.number_max, attribute.sort_order) == (Decimal("0.10"), Decimal(5), 3)


@pytest.mark.parametrize(
    ("kind", "raw", "message"),
    [
        (Locale, {"enabled": True}, r"Locale: .*required field 'code' is missing"),
        (Locale, {"code": 5}, r"Locale: .*code.*expected a text, got a number: 5"),
        (Locale, {"code": "a", "enabled": "yes"}, r"Locale 'a': \$\.enabled: expected a boolean"),
        (Attribute, {"code": "a", "type": "t", "sort_order": "1.5"}, r"\$\.sort_order: expected a whole number"),
        (
            FamilyVariant,
            {"code": "a", "variant_attribute_sets": [{"level": 1, "axes": [7]}]},
            r"\$\.variant_attribute_sets\[0\]\.axes\[0\]: expected a text, got a number: 7",
        ),
        (Channel, {"code": "a", "labels": ["x"]}, r"\$\.labels: expected an object"),
        (Category, {"code": "a", "updated": "soon"}, r"\$\.updated: expected a time like"),
        (Locale, "en_US", r"Locale: \$: expected an object, got a text: 'en_US'"),
    ],
)
def test_an_error_names_the_thing_the_path_and_what_was_seen(kind: type[Locale], raw: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(kind, raw)


def test_a_patch_leaves_out_what_is_unset_and_sends_none() -> None:
    assert encode(CategoryPatch(code=CategoryCode("x"))) == {"code": "x"}
    assert encode(CategoryPatch(code=CategoryCode("x"), parent=None)) == {"code": "x", "parent": None}
    assert encode(AttributePatch(code=AttributeCode("x"), unique=False, labels={LocaleCode("en_US"): None})) == {
        "code": "x",
        "unique": False,
        "labels": {"en_US": None},
    }


def test_a_patch_sends_its_extra_fields_as_they_are() -> None:
    patch = AttributePatch(code=AttributeCode("x"), extra={"number_max": Decimal("9.50"), "position": 1})
    assert encode(patch) == {"code": "x", "number_max": "9.50", "position": 1}


def test_nested_models_are_written_out() -> None:
    patch = FamilyVariantPatch(
        code=FamilyVariantCode("x"),
        variant_attribute_sets=[VariantAttributeSet(level=1, axes=(AttributeCode("size"),))],
    )
    assert encode(patch) == {"code": "x", "variant_attribute_sets": [{"level": 1, "axes": ["size"], "attributes": []}]}


def test_what_has_no_json_form_is_named() -> None:
    with pytest.raises(ValueError, match="cannot write object"):
        encode(CategoryPatch(code=CategoryCode("x"), extra={"y": object()}))


LENGTH = {
    "code": "Length",
    "standard_unit_code": "METER",
    "labels": {"en_US": "Length"},
    "units": {
        "METER": {
            "code": "METER",
            "labels": {},
            "convert_from_standard": [{"operator": "mul", "value": "1"}],
            "symbol": "m",
        },
        "INCH": {"code": "INCH", "labels": [], "convert_from_standard": [{"operator": "mul", "value": "0.0254"}]},
    },
}


def test_units_keep_unknown_fields_too() -> None:
    raw = {**LENGTH, "units": {"METER": {"code": "METER", "convert_from_standard": [], "hue": 1}}}
    family = decode(MeasurementFamily, raw)
    assert [unit.extra for unit in family.units.values()] == [{"hue": 1}]
    assert isinstance(next(iter(family.units.values())), Unit)
    assert encode(family) == raw


def test_an_unknown_operation_is_refused() -> None:
    raw = {
        "code": "x",
        "standard_unit_code": "A",
        "units": {"A": {"code": "A", "convert_from_standard": [{"operator": "pow", "value": "2"}]}},
    }
    with pytest.raises(ValueError, match="operator"):
        decode(MeasurementFamily, raw)
