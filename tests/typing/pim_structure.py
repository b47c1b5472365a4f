"""A structure in which names are hard: keywords, digits, scopes of all kinds. `pim.py` is made of it."""

from akeneo_erp_bridge.catalog import (
    Attribute,
    Channel,
    Family,
    FamilyVariant,
    MeasurementFamily,
    PimStructure,
    Unit,
    VariantAttributeSet,
)
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

EN, DE, FR = LocaleCode("en_US"), LocaleCode("de_DE"), LocaleCode("fr_FR")
SHOP, PRINT = ChannelCode("ecommerce"), ChannelCode("print")
WEIGHT, DRILLS, BY_SIZE = MeasurementFamilyCode("Weight"), FamilyCode("drills"), FamilyVariantCode("by_colour_size")
COLOUR, SIZE = AttributeCode("colour"), AttributeCode("size")
ATTRIBUTES = (
    Attribute(code=AttributeCode("sku"), type="pim_catalog_identifier"),
    Attribute(code=AttributeCode("name"), type="pim_catalog_text", localizable=True),
    Attribute(code=AttributeCode("description"), type="pim_catalog_textarea", localizable=True, scopable=True),
    Attribute(code=AttributeCode("teaser"), type="pim_catalog_text", scopable=True),
    Attribute(code=AttributeCode("legal"), type="pim_catalog_text", localizable=True, available_locales=(DE,)),
    Attribute(code=COLOUR, type="pim_catalog_simpleselect"),
    Attribute(code=SIZE, type="pim_catalog_simpleselect"),
    Attribute(code=AttributeCode("tags"), type="pim_catalog_multiselect"),
    Attribute(code=AttributeCode("date"), type="pim_catalog_date"),
    Attribute(code=AttributeCode("str"), type="pim_catalog_boolean"),
    Attribute(code=AttributeCode("pieces"), type="pim_catalog_number"),
    Attribute(code=AttributeCode("power"), type="pim_catalog_number", decimals_allowed=True),
    Attribute(code=AttributeCode("weight"), type="pim_catalog_metric", metric_family=WEIGHT),
    Attribute(code=AttributeCode("price"), type="pim_catalog_price_collection"),
    Attribute(code=AttributeCode("pictures"), type="pim_catalog_asset_collection"),
    Attribute(code=AttributeCode("parts"), type="pim_catalog_table"),
    Attribute(code=AttributeCode("related"), type="pim_catalog_product_link"),
    Attribute(code=AttributeCode("hologram"), type="acme_hologram"),
    Attribute(code=AttributeCode("class"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("class_"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("18v"), type="pim_catalog_boolean"),
    Attribute(code=AttributeCode("code__18v"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("_secret"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("__init__"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("Locale"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("Literal"), type="pim_catalog_text"),
    Attribute(code=AttributeCode("tuple"), type="pim_catalog_text"),
    Attribute(
        code=AttributeCode("warning"),
        type="pim_catalog_textarea",
        localizable=True,
        scopable=True,
        available_locales=(FR,),
    ),
    Attribute(code=AttributeCode("mro"), type="pim_catalog_text"),
    Attribute(code=AttributeCode('a"b\\'), type="pim_catalog_text"),
)
STRUCTURE = PimStructure(
    attributes={one.code: one for one in ATTRIBUTES},
    families={DRILLS: Family(code=DRILLS)},
    family_variants={
        DRILLS: {
            BY_SIZE: FamilyVariant(
                code=BY_SIZE,
                variant_attribute_sets=(
                    VariantAttributeSet(level=1, axes=(COLOUR,)),
                    VariantAttributeSet(level=2, axes=(SIZE,)),
                ),
            )
        }
    },
    channels={
        SHOP: Channel(code=SHOP, locales=(EN, DE), currencies=(CurrencyCode("EUR"),)),
        PRINT: Channel(code=PRINT, locales=(EN, FR)),
    },
    locales=frozenset({EN, DE, FR}),
    currencies=frozenset({CurrencyCode("EUR")}),
    measurement_families={
        WEIGHT: MeasurementFamily(
            code=WEIGHT,
            standard_unit_code=UnitCode("KILOGRAM"),
            units={code: Unit(code=code) for code in (UnitCode("KILOGRAM"), UnitCode("GRAM"))},
        )
    },
    categories={CategoryCode("master"): None, CategoryCode("tools"): CategoryCode("master")},
    options={COLOUR: frozenset({OptionCode("red"), OptionCode("none"), OptionCode("36")}), SIZE: frozenset()},
)
