"""A mapping that fits, over every type of attribute and nearly every rule: preflight has nothing to say.

A false refusal stops a connector that would have worked, so each line here is one that a user may write.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.catalog import Attribute, Metric, PimStructure, Price
from akeneo_erp_bridge.codes import AttributeCode, CurrencyCode, UnitCode
from akeneo_erp_bridge.erp import ErpField, ErpItem, ErpSchema, Lines, assert_cold, cold, hot, translations, whole
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    ENABLED,
    FAMILY,
    GROUPS,
    MediaSource,
    ProductMapping,
    UnitFactor,
    all_of,
    any_true,
    as_set,
    association,
    at_most,
    bill_of_materials,
    blob,
    boolean,
    clean,
    code_table,
    concat,
    constant,
    converted_to,
    count_of,
    day,
    decimal,
    distinct,
    each,
    equals,
    every,
    extract,
    fetched,
    file_in,
    first,
    gtin,
    in_unit,
    integer,
    joined,
    languages,
    largest,
    last,
    localized,
    lookup,
    matching,
    measured,
    moment,
    not_,
    per_pack,
    plain_text,
    plain_to_html,
    present,
    price_in,
    quantified,
    reference,
    rounded,
    sanitized_html,
    single,
    sku,
    slug,
    smallest,
    split,
    switch,
    table,
    template,
    to_unit,
    whole_number,
)
from akeneo_erp_bridge.rules import Binding, Cell, Owner
from fitting import STRUCTURE as _STRUCTURE

FACTORS = {"GRAM": UnitFactor(Fraction(1, 1000)), "KILOGRAM": UnitFactor(Fraction(1))}


class Line(ErpItem):
    part = cold(str, "part")
    count = cold(int, "count")
    price = hot(Decimal, "price")
    note = cold(str, "note")
    fragile = cold(bool, "fragile")


class Item(ErpItem):
    id = cold(str, "id", key=True)
    name = cold(str, "name")
    kind = cold(str, "kind")
    maybe = cold(str, "maybe").nullable()
    number = cold(Decimal, "number")
    amount = cold(int, "amount")
    active = cold(bool, "active")
    day = cold(date, "day")
    moment = cold(datetime, "moment")
    tags = cold(frozenset[str], "tags")
    texts = cold(str, "lines[*].text").many()
    sizes = cold(Decimal, "lines[*].size").many()
    flags = cold(bool, "lines[*].flag").many()
    days = cold(date, "lines[*].day").many()
    width = cold(Decimal, "size.width")
    names = translations("names")
    parts = cold(Lines, "parts")
    photo = cold(bytes, "photo")
    price = hot(Decimal, "price")
    stock = hot(int, "count")


ITEM: Any = Item
LINE: Any = Line


def attribute(code: str, kind: str, **parts: Any) -> Attribute:
    return Attribute(code=AttributeCode(code), type=kind, **parts)


COLUMNS = [
    {"code": "part", "data_type": "select"},
    {"code": "count", "data_type": "number"},
    {"code": "note", "data_type": "text"},
    {"code": "fragile", "data_type": "boolean"},
]
ATTRIBUTES = [
    attribute("text", "pim_catalog_text"),
    attribute("title", "pim_catalog_text", localizable=True),
    attribute("long", "pim_catalog_textarea", wysiwyg_enabled=True),
    attribute("image", "pim_catalog_image"),
    attribute("file", "pim_catalog_file"),
    attribute("flag", "pim_catalog_boolean"),
    attribute("since", "pim_catalog_date"),
    attribute("number", "pim_catalog_number", decimals_allowed=True, negative_allowed=True),
    attribute("select", "pim_catalog_simpleselect"),
    attribute("selects", "pim_catalog_multiselect"),
    attribute("brand", "akeneo_reference_entity"),
    attribute("brands", "akeneo_reference_entity_collection"),
    attribute("data", "pim_reference_data_simpleselect"),
    attribute("datas", "pim_reference_data_multiselect"),
    attribute("assets", "pim_catalog_asset_collection"),
    attribute(
        "weight", "pim_catalog_metric", metric_family="Weight", default_metric_unit="KILOGRAM", decimals_allowed=True
    ),
    attribute("msrp", "pim_catalog_price_collection", decimals_allowed=True),
    attribute("parts", "pim_catalog_table", extra={"table_configuration": COLUMNS}),
]


IN_EUROS: Any = ITEM.price >> price_in("EUR")


def passing(rule: Any = IN_EUROS) -> Any:
    return reference(rule, reason="margin", min_age=timedelta(0), min_change=Decimal("0.001"))


LOGO = MediaSource("logo.png", b"...")
PRICES = (Price(amount=Decimal(1), currency=CurrencyCode("EUR")),)
LANGUAGES = languages({"E": "en_US", "D": "de_DE"})

FITS: dict[str, list[Any]] = {
    "text": [
        ITEM.name >> clean(), ITEM.name >> plain_text(), joined(ITEM.name, ITEM.kind), concat(ITEM.texts),
        template("{a} {b}", a=ITEM.name, b=ITEM.number), first(ITEM.texts), last(ITEM.texts) >> clean(), smallest(ITEM.texts),
        first(ITEM.texts >> every(clean())), first(distinct(ITEM.texts)), ITEM.name >> extract("a"), ITEM.name >> matching("a"),
        ITEM.name >> gtin(), ITEM.name >> slug(), ITEM.maybe.required(), ITEM.maybe.default("x"), ITEM.name.default("x").catch(),
        ITEM.name.when(all_of(ITEM.active, ITEM.kind >> equals("a"))), ITEM.name.when(not_(present(ITEM.maybe))),
        switch(ITEM.kind, {"a": ITEM.name, "b": constant("x")}, otherwise=ITEM.maybe.default("y")),
        ITEM.name | constant("x"), constant("x"), ITEM.number.map(str), ITEM.number.map(lambda one: f"{one}"),
        assert_cold(whole(Item).map(repr), reads=["name"], reason="x"), (ITEM.name & ITEM.kind).map("/".join),
        ITEM.tags >> single(), ITEM.name >> lookup({"a": "b"}, unknown="pass"), first(ITEM.names.map(lambda one: one.languages)),
    ],
    "long": [ITEM.name >> sanitized_html(), ITEM.name >> plain_to_html(), ITEM.name >> clean()],
    "image": [
        ITEM.name >> file_in("."), ITEM.name >> fetched(str.encode), ITEM.photo >> blob("a.png"), constant(LOGO),
        constant(b"...") >> blob("logo.png"), constant("pyproject.toml") >> file_in(Path(__file__).parents[2]),
        constant("4711") >> fetched(str.encode), ITEM.name.default("4711") >> fetched(str.encode),
        (ITEM.photo >> blob("a.png")) | constant(LOGO), switch(ITEM.kind, {"a": constant(LOGO)}),
    ],
    "file": [ITEM.name >> file_in("."), constant(LOGO)],
    "flag": [
        ITEM.active, ITEM.name >> boolean(true={"J"}, false={"N"}), any_true(ITEM.flags), present(ITEM.name),
        ITEM.kind >> equals("a"), constant(value=True), not_(ITEM.active), first(ITEM.flags), ITEM.active.default(value=False),
    ],
    "since": [
        ITEM.day, ITEM.moment, ITEM.name >> day("%d.%m.%Y"), ITEM.name >> moment("%d.%m.%Y %H:%M", zone="Europe/Berlin"),
        largest(ITEM.days), constant(date(2024, 2, 29)), ITEM.day.default(date(2024, 2, 29)), ITEM.name,
    ],
    "number": [
        ITEM.number, ITEM.amount, ITEM.width, ITEM.number >> rounded(2), ITEM.number >> whole_number(), ITEM.name >> decimal("de_DE"),
        ITEM.name >> integer(), count_of(ITEM.texts), count_of(ITEM.parts), largest(ITEM.sizes), smallest(ITEM.sizes >> every(rounded(1))),
        constant(1), constant(Decimal("1.5")), ITEM.number.default(Decimal(0)), (ITEM.number & ITEM.kind) >> per_pack({"CTN": 12}, base="PCE"),
        ITEM.sizes.map(len), ITEM.name >> lookup({"a": 1, "b": 2}),
    ],
    "select": [
        ITEM.name >> lookup({"a": "red", "b": "BLUE"}), ITEM.name, constant("red"), ITEM.name.default("red"), first(ITEM.texts),
        first(ITEM.texts) >> lookup({"a": "red"}), first(ITEM.texts >> every(lookup({"a": "red"}))), ITEM.name >> code_table(["Red", "Blue"]),
        switch(ITEM.kind, {"green": constant("red"), "a": ITEM.name >> lookup({"x": "blue"})}), ITEM.tags >> single(),
        (ITEM.name >> lookup({"a": "red"})).when(ITEM.kind >> lookup({"no option": "neither"}) >> equals("neither")),
        switch(ITEM.kind >> lookup({"a": "no option"}), {"no option": constant("red")}, otherwise=constant("blue")),
        ITEM.name >> slug(), joined(constant("re"), constant("d"), separator=""), template("{a}d", a=constant("re")),
        constant(("red", "blue")).map(lambda one: one[0]), constant("Rot").map({"Rot": "red"}.__getitem__), constant(" red ") >> clean(),
        (constant("x") & ITEM.name).map(lambda _: "red"),
    ],
    "selects": [
        ITEM.tags, ITEM.tags >> each(lookup({"a": "red"})), ITEM.name >> split(";"), ITEM.name >> split(";") >> each(lookup({"a": "blue"})),
        (ITEM.name >> split(";") >> each(lookup({"a": "blue"}))) >> at_most(3), ITEM.texts, distinct(ITEM.texts).map(frozenset),
        ITEM.texts >> every(lookup({"a": "red"})), ITEM.name >> as_set(), constant("red") >> as_set(), constant(("red", "blue")),
        constant(frozenset({"red"})), constant("red;blue") >> split(";"), constant(" Red;blue") >> split(";") >> each(slug()),
        ITEM.tags.default(frozenset({"red"})), ITEM.name >> lookup({"a": ("red", "blue")}), ITEM.name >> lookup({"a": frozenset({"red"})}),
        switch(ITEM.kind, {"a": ITEM.tags, "b": constant("red") >> as_set()}), ITEM.names.map(lambda one: frozenset(one.languages)),
    ],
    "brand": [ITEM.name >> lookup({"a": "bosch"}), constant("bosch"), ITEM.name >> slug()],
    "brands": [ITEM.tags, ITEM.texts, constant("bosch") >> as_set(), constant(("bosch", "stihl"))],
    "data": [ITEM.name, constant("x")],
    "datas": [ITEM.tags, ITEM.texts],
    "assets": [ITEM.texts, ITEM.tags, constant(("a", "b"))],
    "weight": [
        (ITEM.number & ITEM.kind) >> measured({"KG": "KILOGRAM"}), ITEM.number >> in_unit("GRAM"),
        (ITEM.number & ITEM.kind) >> converted_to("GRAM", {"KG": "KILOGRAM"}, family=FACTORS),
        ITEM.number >> in_unit("KILOGRAM") >> to_unit("GRAM", family=FACTORS),
        constant(Metric(Decimal("1.5"), UnitCode("GRAM"))), (ITEM.number >> in_unit("GRAM")).default(Metric(Decimal(1), UnitCode("GRAM"))),
        switch(ITEM.kind, {"a": ITEM.number >> in_unit("GRAM")}, otherwise=(ITEM.number & ITEM.kind) >> measured({"KG": "KILOGRAM"})),
        largest(ITEM.sizes) >> in_unit("GRAM"), (constant(Decimal(1)) & constant("KG")) >> measured({"KG": "KILOGRAM"}),
        (ITEM.number & constant("KG")) >> measured({"KG": "KILOGRAM"}), (ITEM.number & ITEM.kind.default("KG")) >> measured({"KG": "KILOGRAM"}),
    ],
    "msrp": [
        passing(), passing().catch(), passing(ITEM.price.when(ITEM.active) >> price_in("EUR")), passing().when(ITEM.active),
        switch(ITEM.kind, {"a": passing()}), passing().when(ITEM.kind >> equals("a")).catch(), passing().required(),
        passing((ITEM.price & ITEM.kind) >> per_pack({"CTN": 12}, base="PCE", of="price") >> rounded(2) >> price_in("EUR")),
        passing(switch(ITEM.kind, {"a": ITEM.price >> price_in("EUR"), "b": ITEM.price >> price_in("USD")})),
    ],
    "parts": [
        ITEM.parts >> table(Line, {"part": LINE.part, "count": LINE.count, "note": LINE.note >> clean(), "fragile": LINE.fragile}, merge=True),
        ITEM.parts.required() >> table(Line, {"part": LINE.part >> lookup({"a": "no option of any attribute"})}, merge=False),
        ITEM.parts >> table(Line, {"part": LINE.part, "note": LINE.note.default("x")}, merge=False),
        (ITEM.parts >> table(Line, {"part": LINE.part}, merge=False)).catch(), constant(({"part": "a", "count": 1},)),
        switch(ITEM.kind, {"a": ITEM.parts >> table(Line, {"part": LINE.part}, merge=False)}),
        ITEM.parts.default(Lines([{"part": "a"}])) >> table(Line, {"part": LINE.part}, merge=False),
    ],
}  # fmt: skip
FIELDS: dict[Cell[Any], list[Any]] = {
    FAMILY: [constant("drills"), ITEM.kind >> lookup({"a": "drills"}), switch(ITEM.kind, {"a": constant("DRILLS")}), ITEM.kind],
    CATEGORIES: [ITEM.tags, ITEM.name >> as_set(), ITEM.name >> split(";"), ITEM.texts, constant("master") >> as_set()],
    GROUPS: [ITEM.tags, ITEM.texts],
    ENABLED: [ITEM.active, constant(value=True), any_true(ITEM.flags)],
    association("UPSELL"): [ITEM.tags, ITEM.texts, ITEM.name >> split(";"), ITEM.name >> as_set(), first(ITEM.texts) >> as_set()],
    quantified("PACK"): [
        ITEM.parts >> bill_of_materials(Line, component=LINE.part, quantity=LINE.count),
        ITEM.parts >> bill_of_materials(Line, component=LINE.part >> sku(), quantity=LINE.count.default(1), duplicates="sum"),
        constant({"BIT-6": 2}),
    ],
}  # fmt: skip


def structure() -> PimStructure:
    found = evolve(_STRUCTURE, attributes={**_STRUCTURE.attributes, **{one.code: one for one in ATTRIBUTES}})
    options = {AttributeCode(code): frozenset({"red", "blue"}) for code in ("select", "selects")}
    family = next(iter(found.families.values()))
    weights = next(iter(found.measurement_families.values()))
    units = {**weights.units, UnitCode("GRAM"): next(iter(weights.units.values()))}
    wide = evolve(family, attributes=(*family.attributes, *(one.code for one in ATTRIBUTES)))
    return evolve(
        found,
        options={**found.options, **options},
        families={**found.families, family.code: wide},
        measurement_families={weights.code: evolve(weights, units=units)},
    )


STRUCTURE = structure()
SCHEMA = ErpSchema("items", tuple(ErpField(name) for name in (
    "id", "name", "kind", "maybe", "number", "amount", "active", "day", "moment", "tags", "lines", "size", "names", "parts",
    "photo", "price", "count",
)))  # fmt: skip
CASES = [
    pytest.param(cell, rule, id=f"{cell}: {rule.label[:60]}")
    for cell, rules in [*((Cell[Any](code), rules) for code, rules in FITS.items()), *FIELDS.items()]
    for rule in rules
]


@pytest.mark.parametrize(("cell", "rule"), CASES)
def test_what_fits_is_let_pass(cell: Cell[Any], rule: Any) -> None:
    mapping = ProductMapping(Item, ITEM.id.to(Cell[str]("sku")), rule.to(cell))
    assert [str(one) for one in mapping.preflight(STRUCTURE, SCHEMA)] == []


@pytest.mark.parametrize(
    "rule", [passing() | ITEM.days, switch(ITEM.kind, {"a": passing(), "b": ITEM.days}), ITEM.days.when(ITEM.active)]
)
def test_a_cold_price_is_told_beside_a_reference(rule: Any) -> None:
    mapping = ProductMapping(Item, ITEM.id.to(Cell[str]("sku")), rule.to(Cell[Any]("msrp")))
    assert [one.code for one in mapping.preflight(STRUCTURE, SCHEMA)] == ["cold_price"]


def test_all_of_it_at_once() -> None:
    cells = [Binding(rules[0], Cell[Any](code)) for code, rules in FITS.items()]
    fields = [Binding(rules[1], cell, Owner.SEED) for cell, rules in FIELDS.items()]
    titles = localized("title", LANGUAGES.texts(ITEM.names))
    mapping = ProductMapping(Item, (ITEM.id >> sku()).to(Cell[str]("sku")), *cells, *fields, *titles)
    assert [str(one) for one in mapping.preflight(STRUCTURE, SCHEMA)] == []
