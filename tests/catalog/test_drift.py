"""What changed between two structures: each change told once, in words, and none of them forgotten."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.catalog import Drift, FamilyVariant, Operation, PimStructure, VariantAttributeSet, drift
from akeneo_erp_bridge.codes import (
    AttributeCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    FamilyVariantCode,
    LocaleCode,
    OptionCode,
    UnitCode,
)
from akeneo_erp_bridge.errors import ConfigurationError
from fitting import DRILLS, STRUCTURE, WEIGHT, attribute

COLOUR, SHOP = AttributeCode("colour"), ChannelCode("shop")
VARIANT = FamilyVariant(
    code=FamilyVariantCode("by_colour"),
    variant_attribute_sets=(VariantAttributeSet(level=1, axes=(COLOUR,), attributes=(COLOUR, AttributeCode("note"))),),
)
BEFORE = evolve(
    STRUCTURE,
    family_variants={DRILLS.code: {VARIANT.code: VARIANT}},
    families={DRILLS.code: evolve(DRILLS, attribute_requirements={SHOP: (AttributeCode("name"),)})},
)


def attributes(**changes: Any) -> dict[str, Any]:
    return {"attributes": {**BEFORE.attributes, **{code: one for code, one in changes.items() if one}}}


def changed(code: str, **settings: Any) -> dict[str, Any]:
    return attributes(**{code: evolve(BEFORE.attributes[AttributeCode(code)], **settings)})


def family(**settings: Any) -> dict[str, Any]:
    return {"families": {DRILLS.code: evolve(BEFORE.families[DRILLS.code], **settings)}}


def variant(*sets: VariantAttributeSet) -> dict[str, Any]:
    return {"family_variants": {DRILLS.code: {VARIANT.code: evolve(VARIANT, variant_attribute_sets=sets)}}}


def channel(**settings: Any) -> dict[str, Any]:
    return {"channels": {**BEFORE.channels, SHOP: evolve(BEFORE.channels[SHOP], **settings)}}


def units(**settings: Any) -> dict[str, Any]:
    return {"measurement_families": {WEIGHT: evolve(BEFORE.measurement_families[WEIGHT], **settings)}}


KILOGRAM = BEFORE.measurement_families[WEIGHT].units[UnitCode("KILOGRAM")]
FEWER = {code: one for code, one in BEFORE.attributes.items() if code != "mail"}


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"attributes": FEWER}, "attribute_removed", "attribute 'mail': removed"),
        (attributes(ean=attribute("ean", "pim_catalog_text")), "attribute_added", "attribute 'ean': added"),
        (changed("note", type="pim_catalog_textarea"), "type_changed", 'attribute \'note\': type was "pim_catalog_text", is "pim_catalog_textarea"'),
        (changed("note", localizable=True), "scope_changed", "attribute 'note': has a value for each locale now"),
        (changed("story", scopable=False), "scope_changed", "attribute 'story': has one value for all channels now"),
        (changed("note", max_characters=5), "setting_changed", "attribute 'note': max_characters was 10, is 5"),
        (changed("power", number_min=Decimal(-6)), "setting_changed", 'attribute \'power\': number_min was "-5", is "-6"'),
        (changed("legal", available_locales=(LocaleCode("en_US"), LocaleCode("de_DE"))), "attribute_gained_available_locale", "attribute 'legal': gained available locale 'en_US'"),
        (changed("note", extra={"is_read_only": True}), "setting_changed", "attribute 'note': is_read_only was not set, is true"),
        ({"options": {COLOUR: frozenset({OptionCode("red")})}}, "option_removed", "attribute 'colour': option 'blue' removed"),
        (family(attributes=DRILLS.attributes[1:]), "family_lost_attribute", "family 'drills': lost attribute 'sku'"),
        (family(attribute_requirements={SHOP: (AttributeCode("name"), COLOUR)}), "requirement_changed", "family 'drills': requires attribute 'colour' on channel 'shop'"),
        (family(attribute_requirements={SHOP: ()}), "requirement_changed", "family 'drills': no more requires attribute 'name' on channel 'shop'"),
        ({"families": {}}, "family_removed", "family 'drills': removed"),
        ({"family_variants": {}}, "family_variant_removed", "family variant 'by_colour': removed"),
        (channel(locales=(LocaleCode("en_US"),)), "channel_lost_locale", "channel 'shop': lost locale 'de_DE'"),
        (channel(category_tree=CategoryCode("tools")), "setting_changed", "channel 'shop': category_tree was not set, is \"tools\""),
        ({"locales": frozenset({LocaleCode("en_US")})}, "locale_deactivated", "locale 'de_DE': deactivated"),
        ({"currencies": BEFORE.currencies | {CurrencyCode("CHF")}}, "currency_activated", "currency 'CHF': activated"),
        (units(units={}), "unit_removed", "measurement family 'Weight': unit 'KILOGRAM' removed"),
        (units(units={KILOGRAM.code: evolve(KILOGRAM, convert_from_standard=(Operation(operator="mul", value=Decimal(2)),))}), "unit_changed", "measurement family 'Weight': unit 'KILOGRAM' converts in another way"),
        (units(standard_unit_code=UnitCode("GRAM")), "setting_changed", 'measurement family \'Weight\': standard_unit_code was "KILOGRAM", is "GRAM"'),
        ({"categories": {CategoryCode("master"): None}}, "category_removed", "category 'tools': removed"),
        ({"categories": {CategoryCode("master"): None, CategoryCode("tools"): None}}, "category_moved", "category 'tools': moved from 'master' to 'the roots'"),
    ],
)  # fmt: skip
def test_one_change_is_told_once(changes: dict[str, Any], code: str, words: str) -> None:
    after: PimStructure = evolve(BEFORE, **changes)
    grave = [one for one in drift(BEFORE, after) if not one.is_cosmetic]
    assert [(one.code, str(one)) for one in grave] == [(code, words)]
    assert len([one for one in drift(after, BEFORE) if not one.is_cosmetic]) == 1


def test_axes_and_levels() -> None:
    size = AttributeCode("size")
    note = AttributeCode("note")
    two = variant(
        VariantAttributeSet(level=1, axes=(COLOUR,), attributes=(COLOUR,)),
        VariantAttributeSet(level=2, axes=(size,), attributes=(size, note)),
    )
    assert [str(one) for one in drift(BEFORE, evolve(BEFORE, **two)) if not one.is_cosmetic] == [
        "family variant 'by_colour': axes were colour, are colour / size",
        "family variant 'by_colour': attribute 'note' moved from level 1 to level 2",
        "family variant 'by_colour': attribute 'size' moved from level 0 to level 2",
    ]


TWO = {SHOP: (AttributeCode("name"), COLOUR)}
TURNED = evolve(BEFORE, **family(attribute_requirements=TWO))


@pytest.mark.parametrize(
    ("before", "changes", "words"),
    [
        (BEFORE, changed("note", labels={LocaleCode("en_US"): "Remark"}), "attribute 'note': labels was not set, is {\"en_US\": \"Remark\"}"),
        (BEFORE, changed("note", sort_order=7), "attribute 'note': sort_order was not set, is 7"),
        (BEFORE, family(attributes=tuple(reversed(DRILLS.attributes))), "family 'drills': the order of attributes changed"),
        (BEFORE, channel(locales=tuple(reversed(BEFORE.channels[SHOP].locales))), "channel 'shop': the order of locales changed"),
        (TURNED, family(attribute_requirements={SHOP: tuple(reversed(TWO[SHOP]))}), "family 'drills': the order of requirements on 'shop' changed"),
        (BEFORE, family(attribute_requirements={**BEFORE.families[DRILLS.code].attribute_requirements, "print": ()}), "family 'drills': lists 'print'"),
        (BEFORE, variant(evolve(VARIANT.variant_attribute_sets[0], attributes=(AttributeCode("note"),))), "family variant 'by_colour': the sets of attributes are listed in another way"),
        (BEFORE, units(units={KILOGRAM.code: evolve(KILOGRAM, symbol="kilo")}), "measurement family 'Weight': unit 'KILOGRAM' is labelled in another way"),
        (BEFORE, {"categories": None}, "structure: one was read with other options or without categories"),
        (BEFORE, {"options": {}}, "structure: one was read with other options or without categories"),
    ],
)  # fmt: skip
def test_what_no_value_depends_on_is_told_as_such(before: PimStructure, changes: dict[str, Any], words: str) -> None:
    found = drift(before, evolve(before, **changes))
    assert [(str(one), one.is_cosmetic) for one in found] == [(words, True)]


def leaves(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON document, as a container and a key."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from leaves(value)


def test_no_change_of_the_file_is_overlooked() -> None:
    """Each place of a stored structure is changed or taken away: either that is no structure, or it is told."""
    text = BEFORE.to_json()
    count = len(list(leaves(json.loads(text))))
    told = 0
    for place in range(count):
        body = json.loads(text)
        container, key = list(leaves(body))[place]
        was = copy.copy(container[key])
        container[key] = not was if isinstance(was, bool) else f"{was}x" if isinstance(was, str) else None
        try:
            after = PimStructure.from_json(json.dumps(body))
        except ConfigurationError:
            continue
        assert bool(drift(BEFORE, after)) == (after.hash != BEFORE.hash), f"{key}: {was!r}"
        told += after.hash != BEFORE.hash
    assert told > 100


def test_nothing_changed() -> None:
    assert drift(BEFORE, BEFORE) == []
    assert drift(BEFORE, PimStructure.from_json(BEFORE.to_json())) == []
    assert str(Drift("a", "family 'x'", "removed")) == "family 'x': removed"


def test_a_file_holds_the_structure_a_line_for_each_setting(tmp_path: Any) -> None:
    BEFORE.save(tmp_path / "structure.json")
    assert PimStructure.load(tmp_path / "structure.json") == BEFORE
    assert PimStructure.load(str(tmp_path / "structure.json")).hash == BEFORE.hash
    before = (tmp_path / "structure.json").read_text().splitlines()
    evolve(BEFORE, **changed("note", max_characters=5)).save(tmp_path / "structure.json")
    after = (tmp_path / "structure.json").read_text().splitlines()
    assert [line for line in after if line not in before] == ['   "max_characters": 5,']
    (tmp_path / "old.json").write_text(BEFORE.to_json())
    assert PimStructure.load(tmp_path / "old.json") == BEFORE


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"format": 0}', "\xff", "number;name", '{"format": 1, "changes": []}']
)
def test_a_file_that_is_no_structure_is_named(tmp_path: Any, content: str | None) -> None:
    path = tmp_path / "structure.json"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    with pytest.raises(ConfigurationError, match=r"structure\.json.*pull it from the PIM again"):
        PimStructure.load(path)
