"""A structure, a schema and a mapping that fit each other; tests change one thing at a time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributeType,
    Channel,
    Family,
    MeasurementFamily,
    Metric,
    PimStructure,
    Price,
    Unit,
    decode,
)
from akeneo_erp_bridge.codes import (
    AttributeCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    FamilyCode,
    LocaleCode,
    MeasurementFamilyCode,
    OptionCode,
    UnitCode,
)
from akeneo_erp_bridge.erp import ErpField, ErpItem, ErpSchema, Lines, cold, hot
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    ENABLED,
    FAMILY,
    ProductMapping,
    as_set,
    clean,
    constant,
    decimal,
    in_unit,
    lookup,
    price_in,
    reference,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell

EN, DE, FR = LocaleCode("en_US"), LocaleCode("de_DE"), LocaleCode("fr_FR")
WEIGHT = MeasurementFamilyCode("Weight")


class Item(ErpItem):
    """Fields of all types."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    colour = cold(str, "colour")
    weight = cold(str, "weight")
    pieces = cold(int, "pieces")
    power = cold(Decimal, "power")
    since = cold(date, "since")
    active = cold(bool, "active")
    content = cold(bytes, "content")
    lines = cold(Lines, "lines")
    price = hot(Decimal, "price")


class Line(ErpItem):
    """A row inside of an item."""

    part = cold(str, "part")
    count = cold(int, "count")
    fragile = cold(bool, "fragile")


def attribute(code: str, kind: str, **settings: object) -> Attribute:
    """One of the group of the ERP."""
    return decode(Attribute, {"code": code, "type": kind, "group": "erp", **settings})


ATTRIBUTES = (
    attribute("sku", AttributeType.IDENTIFIER, group="other"),
    attribute("name", AttributeType.TEXT, localizable=True),
    attribute("story", AttributeType.TEXTAREA, localizable=True, scopable=True, wysiwyg_enabled=True),
    attribute("note", AttributeType.TEXT, max_characters=10),
    attribute("legal", AttributeType.TEXT, localizable=True, available_locales=["de_DE"]),
    attribute("site", AttributeType.TEXT, validation_rule="url"),
    attribute("mail", AttributeType.TEXT, validation_rule="email"),
    attribute("hs_code", AttributeType.TEXT, validation_rule="regexp", validation_regexp="/^[0-9]{8}$/"),
    attribute("serial", AttributeType.TEXT, unique=True),
    attribute("colour", AttributeType.SIMPLE_SELECT),
    attribute("tags", AttributeType.MULTI_SELECT),
    attribute("since", AttributeType.DATE, date_min="2000-01-01T00:00:00+00:00", date_max="2030-12-31"),
    attribute("new", AttributeType.BOOLEAN),
    attribute("pieces", AttributeType.NUMBER, decimals_allowed=False, negative_allowed=False, number_max="100"),
    attribute("power", AttributeType.NUMBER, decimals_allowed=True, negative_allowed=True, number_min="-5"),
    attribute("weight", AttributeType.METRIC, metric_family="Weight", decimals_allowed=True, number_max="9"),
    attribute("price", AttributeType.PRICE_COLLECTION, decimals_allowed=True),
    attribute("shop_price", AttributeType.PRICE_COLLECTION, decimals_allowed=True, scopable=True),
    attribute("locked", AttributeType.TEXT, is_read_only=True),
    attribute("teaser", AttributeType.TEXT, group="marketing"),
    attribute("brand", AttributeType.REFERENCE_ENTITY, reference_data_name="brands"),
    attribute("photo", AttributeType.IMAGE, allowed_extensions=["jpg"], max_file_size="0.0001"),
    attribute(
        "parts",
        AttributeType.TABLE,
        table_configuration=[
            {"code": "part", "data_type": "select"},
            {"code": "count", "data_type": "number"},
            {"code": "fragile", "data_type": "boolean"},
        ],
    ),
)
NOT_IN_DRILLS = {"serial"}
DRILLS = Family(
    code=FamilyCode("drills"), attributes=tuple(one.code for one in ATTRIBUTES if one.code not in NOT_IN_DRILLS)
)
STRUCTURE = PimStructure(
    attributes={one.code: one for one in ATTRIBUTES},
    families={FamilyCode("drills"): DRILLS},
    channels={
        ChannelCode("shop"): Channel(code=ChannelCode("shop"), locales=(EN, DE), currencies=(CurrencyCode("EUR"),)),
        ChannelCode("print"): Channel(code=ChannelCode("print"), locales=(EN,), currencies=(CurrencyCode("USD"),)),
    },
    locales=frozenset({EN, DE}),
    currencies=frozenset({CurrencyCode("EUR"), CurrencyCode("USD")}),
    measurement_families={
        WEIGHT: MeasurementFamily(
            code=WEIGHT,
            standard_unit_code=UnitCode("KILOGRAM"),
            units={UnitCode("KILOGRAM"): Unit(code=UnitCode("KILOGRAM"))},
        )
    },
    categories={CategoryCode("master"): None, CategoryCode("tools"): CategoryCode("master")},
    options={
        AttributeCode("colour"): frozenset({OptionCode("red"), OptionCode("blue")}),
        AttributeCode("brand"): frozenset({OptionCode("Bosch")}),
    },
)
KINDS = {"pieces": "INTEGER", "power": "NUMERIC(10, 2)", "since": "date", "active": "BOOLEAN"}
SCHEMA = ErpSchema("items", tuple(ErpField(one.path, KINDS.get(one.path, "varchar")) for one in Item.specs.values()))
METRIC: Cell[Metric] = Cell("weight")
PRICE: Cell[tuple[Price, ...]] = Cell("price")

NUMBER = (Item.number >> sku()).to(Cell[str]("sku"))
TO_EUR = reference(Item.price >> price_in("EUR"), reason="margin", min_age=timedelta(days=1), min_change=Decimal(0))
FITTING: tuple[Binding[Item], ...] = (
    constant("drills").to(FAMILY),
    constant(frozenset({"tools"})).to(CATEGORIES),
    Item.active.to(ENABLED),
    (Item.name >> clean()).to(Cell[str]("name", locale="en_US")),
    constant("<b>New</b>").to(Cell[str]("story", locale="de_DE", channel="shop")),
    Item.name.to(Cell[str]("legal", locale="de_DE")),
    constant("https://acme.example/").to(Cell[str]("site")),
    constant("a@acme.example").to(Cell[str]("mail")),
    constant("84672100").to(Cell[str]("hs_code")),
    constant("new").to(Cell[str]("note")),
    (Item.colour >> lookup({"rot": "RED", "blau": "blue"})).to(Cell[str]("colour")),
    (Item.colour >> lookup({"x": "new"}) >> as_set()).to(Cell[frozenset[str]]("tags")),
    Item.since.default(date(2020, 1, 1)).to(Cell[date]("since")),
    Item.active.to(Cell[bool]("new")),
    Item.pieces.default(100).to(Cell[int]("pieces")),
    Item.power.default(Decimal("-0.5")).to(Cell[Decimal]("power")),
    (Item.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(METRIC),
    TO_EUR.to(PRICE),
    TO_EUR.to(Cell[tuple[Price, ...]]("shop_price", channel="shop")),
    Item.name.to(Cell[str]("locked")),
)


def mapping(
    *bindings: Binding[Item], identifier: Binding[Item] | None = NUMBER, group: str | None = None
) -> ProductMapping[Item]:
    """The number, and what the test is about."""
    first = () if identifier is None else (identifier,)
    return ProductMapping(Item, *first, *bindings, group=group)
