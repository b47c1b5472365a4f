"""Each primitive of `mapping` once, as it is not meant: both checkers refuse every line that ends in "refused"."""

from datetime import timedelta
from decimal import Decimal

import akeneo_erp_bridge.mapping as m
from akeneo_erp_bridge.catalog import PimStructure
from right_rules import AMOUNT, COUNT, DAY, FLAG, PICTURE, PRICE, TABLE, TEXT, UNITS, WEIGHT, WORDS, Item, Line


def of_one_value() -> None:
    m.constant(1).to(TEXT)  # refused
    m.joined(Item.text, Item.count)  # refused
    m.joined(Item.text, Item.price.map(str)).to(TEXT)  # refused
    Item.count >> m.clean()  # refused
    Item.content >> m.plain_text()  # refused
    Item.count >> m.sku()  # refused
    Item.count >> m.gtin(13)  # refused
    m.gtin("13")  # refused
    m.check_digit(123)  # refused
    Item.words >> m.slug()  # refused
    Item.words >> m.code_table(["a"])  # refused
    Item.content >> m.sanitized_html()  # refused
    Item.names >> m.plain_to_html()  # refused
    Item.count >> m.matching("[0-9]+")  # refused
    Item.count >> m.extract("[0-9]")  # refused
    (Item.text >> m.lookup({"a": 1})).to(TEXT)  # refused
    (Item.text >> m.boolean(true={"J"}, false={"N"})).to(TEXT)  # refused
    (Item.text >> m.yes_no("de")).to(TEXT)  # refused
    (Item.text >> m.decimal("de_DE")).to(TEXT)  # refused
    Item.amount >> m.decimal("de_DE")  # refused
    Item.amount >> m.integer()  # refused
    Item.text >> m.rounded(2)  # refused
    (Item.amount >> m.whole_number()).to(TEXT)  # refused
    (Item.text >> m.moment("%Y", zone="UTC")).to(TEXT)  # refused
    (Item.text >> m.day("%Y")).to(COUNT)  # refused
    Item.text.to(DAY)  # refused
    Item.text >> m.in_unit("KILOGRAM")  # refused
    Item.amount >> m.to_unit("GRAM", family={})  # refused
    Item.amount >> m.measured(UNITS)  # refused
    Item.amount >> m.converted_to("GRAM", UNITS, family={})  # refused
    Item.amount >> m.per_pack({"CTN": 12}, base="PCE")  # refused
    m.per_pack({"CTN": "twelve"}, base="PCE")  # refused
    Item.words >> m.split(",")  # refused
    Item.text >> m.join(",")  # refused
    Item.text >> m.at_most(3)  # refused
    Item.text >> m.each(m.slug())  # refused
    m.each(m.slug)  # refused
    (Item.text >> m.as_set()).to(TEXT)  # refused
    Item.text >> m.single()  # refused
    m.split_iso(1)  # refused
    m.unit_iso("KILOGRAM", "GRAM")  # refused
    m.template("{a}", a=Item.words)  # refused
    Item.amount >> m.price_in("EUR") >> m.price_in("EUR")  # refused
    m.reference(Item.price >> m.price_in("EUR"), reason="x", min_age=30, min_change=Decimal(0))  # refused
    m.reference(Item.price >> m.price_in("EUR"), reason="x", min_age=timedelta(1)).to(PRICE)  # refused


def of_conditions_and_many() -> None:
    (Item.text | Item.count).to(TEXT)  # refused
    (Item.text & Item.count).to(TEXT)  # refused
    Item.maybe.to(TEXT)  # refused
    Item.maybe.required().to(COUNT)  # refused
    Item.maybe.default(1).to(TEXT)  # refused
    Item.price.map(str).catch().to(TEXT)  # refused
    Item.text.when(Item.maybe)  # refused
    Item.text >> m.equals(1)  # refused
    Item.text >> m.is_in(1, 2)  # refused
    Item.text.when(m.present(Item.stock)).to(TEXT)  # refused
    m.all_of(Item.text)  # refused
    m.any_of(Item.flag, Item.count)  # refused
    m.not_(Item.text)  # refused
    m.switch(Item.count, {"one": Item.text})  # refused
    m.first(Item.text)  # refused
    m.last(Item.amounts).to(TEXT)  # refused
    m.smallest(Item.texts).to(AMOUNT)  # refused
    m.largest(Item.words)  # refused
    m.any_true(Item.texts)  # refused
    m.all_true(Item.amounts)  # refused
    m.count_of(Item.texts).to(TEXT)  # refused
    m.distinct(Item.texts).to(WORDS)  # refused
    m.concat(Item.amounts)  # refused
    Item.texts >> m.every(m.rounded(1))  # refused
    Item.text >> m.in_language("E")  # refused
    m.languages({"E": "en_US"}).texts(Item.text)  # refused
    m.localized(FLAG, {"en_US": Item.text})  # refused
    m.channelled(FLAG, {"shop": Item.amount})  # refused
    m.fan_out(FLAG, {"en_US": Item.flag})  # refused


def of_shapes(structure: PimStructure) -> None:
    (Item.text >> m.file_in("pictures")).to(TEXT)  # refused
    Item.text >> m.fetched(len)  # refused
    Item.text >> m.blob("photo.jpg")  # refused
    Item.content.to(PICTURE)  # refused
    m.digest_of("text")  # refused
    Item.lines.to(TABLE)  # refused
    Item.text >> m.table(Line, {"part": Line.part}, merge=False)  # refused
    m.table(Line, {"part": Item.text}, merge=False)  # refused
    Item.lines >> m.bill_of_materials(Line, component=Line.count, quantity=Line.count)  # refused
    Item.text.to(m.association("UPSELL"))  # refused
    Item.words.to(m.quantified("PACK"))  # refused
    Item.text.to(m.GROUPS)  # refused
    Item.text.to(m.CATEGORIES)  # refused
    Item.text.to(m.ENABLED)  # refused
    Item.stock.map(bool).to(m.ENABLED)  # refused
    Item.words.to(m.FAMILY)  # refused
    Item.amount.to(WEIGHT)  # refused
    Item.cost.feed("cost")  # refused
    Item.words.to(m.CODE)  # refused
    Item.words.to(m.PARENT)  # refused
    Item.flag.to(m.label("en_US"))  # refused
    m.Variants(model=Item.words, family_variant="by_size")  # refused
    m.Variants(model=Item.stock.map(str), family_variant="by_size")  # refused
    m.VariantMapping(Item, Item.text)  # refused
    m.CategoryMapping(Item, Line.part.to(m.CODE))  # refused
    m.ProductModelMapping(Item, Line.part.to(m.CODE))  # refused
    m.AssetMapping(Item, Item.text.to(m.CODE))  # refused
    m.estimate(structure, structure, items=1)  # refused
    m.options_from("a.csv", key="code", labels=["en_US"])  # refused
    m.sku_pattern(3)  # refused
