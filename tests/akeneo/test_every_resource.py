"""Each resource of the client, seeded through the API itself into an empty PIM, in process and over HTTP."""

from __future__ import annotations

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import (
    AssociationTypePatch,
    AttributeGroupPatch,
    AttributeOptionPatch,
    AttributePatch,
    CategoryPatch,
    ChannelPatch,
    FamilyPatch,
    FamilyVariantPatch,
    MeasurementFamilyPatch,
    ProductModelPatch,
    ProductPatch,
    Value,
    VariantAttributeSet,
)
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    AttributeCode,
    AttributeGroupCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    FamilyCode,
    FamilyVariantCode,
    LocaleCode,
    OptionCode,
    ProductModelCode,
    Sku,
)
from akeneo_erp_bridge.errors import PimRefused
from akeneo_erp_bridge.testing import PimSimulator

SKU, NAME, COLOUR, SIZE = (AttributeCode(code) for code in ("sku", "name", "colour", "size"))
SHIRTS, BY_COLOUR_AND_SIZE = FamilyCode("shirts"), FamilyVariantCode("shirts_by_colour_and_size")
GERMAN = LocaleCode("de_DE")


@pytest.fixture
def simulator() -> PimSimulator:
    """Nothing in it but what a new PIM has."""
    return PimSimulator()


@pytest.fixture
def pim(pim_client: AkeneoClient) -> AkeneoClient:
    """A PIM that was set up through its API alone, for shirts by colour and size."""
    one = pim_client
    one.categories.create(CategoryPatch(code=CategoryCode("master")))
    one.channels.create(
        ChannelPatch(
            code=ChannelCode("shop"),
            category_tree=CategoryCode("master"),
            locales=[LocaleCode("en_US"), GERMAN],
            currencies=[CurrencyCode("EUR")],
        )
    )
    one.attribute_groups.create(AttributeGroupPatch(code=AttributeGroupCode("erp"), labels={GERMAN: "ERP-Daten"}))
    group = AttributeGroupCode("erp")
    for code, kind in ((SKU, "identifier"), (NAME, "text"), (COLOUR, "simpleselect"), (SIZE, "simpleselect")):
        one.attributes.create(AttributePatch(code=code, type=f"pim_catalog_{kind}", group=group))
    for attribute, options in ((COLOUR, ("red", "blue")), (SIZE, ("s", "m"))):
        results = one.attribute_options(attribute).upsert_many(
            AttributeOptionPatch(code=OptionCode(code)) for code in options
        )
        assert all(result.created for result in results)
    one.families.create(FamilyPatch(code=SHIRTS, attributes=[SKU, NAME, COLOUR, SIZE]))
    one.family_variants(SHIRTS).create(
        FamilyVariantPatch(
            code=BY_COLOUR_AND_SIZE,
            variant_attribute_sets=[
                VariantAttributeSet(level=1, axes=[COLOUR], attributes=[COLOUR, NAME]),
                VariantAttributeSet(level=2, axes=[SIZE], attributes=[SIZE, SKU]),
            ],
        )
    )
    return one


def values(**data: str) -> list[Value]:
    return [Value(AttributeCode(code), one) for code, one in data.items()]


# ---- products in levels ----
def grow_a_tree(pim: AkeneoClient) -> None:
    root, red = ProductModelCode("roma"), ProductModelCode("roma_red")
    models = [
        ProductModelPatch(code=root, family_variant=BY_COLOUR_AND_SIZE),
        ProductModelPatch(code=red, parent=root, values=values(colour="red", name="Roma, red")),
    ]
    assert all(result.created for result in pim.product_models.upsert_many(models))
    variants = [
        ProductPatch(identifier=Sku(f"roma-red-{size}"), parent=red, values=values(size=size)) for size in ("s", "m")
    ]
    assert all(result.created for result in pim.products_by_identifier.upsert_many(variants))


def test_models_and_variants_inherit_from_above(pim: AkeneoClient) -> None:
    grow_a_tree(pim)
    assert {str(one.code): one.parent for one in pim.product_models.list()} == {"roma": None, "roma_red": "roma"}
    variant = pim.products_by_identifier.get("roma-red-s")
    assert (variant.parent, variant.family) == ("roma_red", "shirts")
    assert (variant.values.option("colour"), variant.values.text("name")) == ("red", "Roma, red")
    assert pim.products.get(variant.uuid).values.option("size") == "s"


def test_a_value_on_the_wrong_level_is_dropped_without_a_word(pim: AkeneoClient) -> None:
    """Akeneo's own behaviour, which is why a bridge must split by level itself."""
    grow_a_tree(pim)
    wrong = ProductPatch(identifier=Sku("roma-red-s"), values=values(name="Not here"))
    assert pim.products_by_identifier.upsert(wrong).status == 204
    assert pim.products_by_identifier.get("roma-red-s").values.text("name") == "Roma, red"


def test_an_axis_cannot_be_left_out_nor_taken_twice(pim: AkeneoClient) -> None:
    grow_a_tree(pim)
    red = ProductModelCode("roma_red")
    for number, some in enumerate((values(), values(size="s"))):
        patch = ProductPatch(identifier=Sku(f"wrong-{number}"), parent=red, values=some)
        (result,) = pim.products_by_identifier.upsert_many([patch])
        assert (result.ok, result.status, bool(result.errors)) == (False, 422, True)


# ---- the structure ----
def test_the_structure_that_was_made_is_read_back(pim: AkeneoClient) -> None:
    structure = pim.structure(with_options_of=[COLOUR])
    assert structure.identifier_attribute == "sku"
    assert structure.options[COLOUR] == frozenset({"red", "blue"})
    (variant,) = structure.family_variants[SHIRTS].values()
    assert variant.code == BY_COLOUR_AND_SIZE
    assert [one.axes for one in sorted(variant.variant_attribute_sets, key=lambda one: one.level)] == [
        (COLOUR,),
        (SIZE,),
    ]
    assert structure.channels[ChannelCode("shop")].category_tree == "master"


def test_locales_and_currencies_are_active_where_a_channel_uses_them(pim: AkeneoClient) -> None:
    locales = {str(one.code): one.enabled for one in pim.locales.list()}
    currencies = {str(one.code): one.enabled for one in pim.currencies.list()}
    assert [code for code, enabled in locales.items() if enabled] == ["de_DE", "en_US"]
    assert [code for code, enabled in currencies.items() if enabled] == ["EUR", "USD"]
    assert len(locales) > 200
    assert len(currencies) > 150


def test_groups_channels_attributes_and_families_change(pim: AkeneoClient) -> None:
    group, channel = AttributeGroupCode("erp"), ChannelCode("shop")
    assert pim.attribute_groups.upsert(AttributeGroupPatch(code=group, labels={GERMAN: "Vom ERP"})).status == 204
    assert pim.attribute_groups.get(group).labels == {"de_DE": "Vom ERP"}
    assert pim.channels.upsert(ChannelPatch(code=channel, labels={GERMAN: "Laden"})).status == 204
    assert pim.channels.get(channel).labels == {"de_DE": "Laden"}
    assert pim.attributes.upsert(AttributePatch(code=NAME, max_characters=80)).status == 204
    assert pim.attributes.get(NAME).max_characters == 80
    with pytest.raises(PimRefused, match="type"):
        pim.attributes.upsert(AttributePatch(code=NAME, type="pim_catalog_number"))
    required = {channel: [SKU, NAME]}
    assert pim.families.upsert(FamilyPatch(code=SHIRTS, attribute_requirements=required)).status == 204
    assert set(pim.families.get(SHIRTS).attribute_requirements[channel]) == {SKU, NAME}


def test_association_types(pim: AkeneoClient) -> None:
    code = AssociationTypeCode("spare_parts")
    assert pim.association_types.upsert(AssociationTypePatch(code=code, is_quantified=True)).created
    assert pim.association_types.get(code).is_quantified
    assert "spare_parts" in {str(one.code) for one in pim.association_types.list()}


def test_measurement_families(pim: AkeneoClient) -> None:
    weight = next(one for one in pim.measurement_families.list() if one.code == "Weight")
    assert {"KILOGRAM", "GRAM"} <= set(weight.units)
    german = MeasurementFamilyPatch(code=weight.code, labels={GERMAN: "Gewicht"})
    (result,) = pim.measurement_families.upsert_many([german])
    assert result.ok, result
    again = next(one for one in pim.measurement_families.list() if one.code == "Weight")
    assert again.labels[GERMAN] == "Gewicht"
    assert again.units == weight.units
