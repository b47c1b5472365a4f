"""Each primitive of `mapping` once, as it is meant: what it takes, what it gives, and where that fits. Never run."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import akeneo_erp_bridge.mapping as m
from akeneo_erp_bridge.catalog import MeasurementFamily, Metric, PimStructure, Price
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot, internal, translations
from akeneo_erp_bridge.rules import Binding, Cell, Iso


class Line(ErpItem):
    part = cold(str, "part")
    count = cold(int, "count")


class Item(ErpItem):
    number = cold(str, "number", key=True)
    text = cold(str, "text")
    maybe = cold(str, "maybe").nullable()
    amount = cold(Decimal, "amount")
    count = cold(int, "count")
    flag = cold(bool, "flag")
    content = cold(bytes, "content")
    words = cold(frozenset[str], "words")
    texts = cold(str, "rows[*].text").many()
    amounts = cold(Decimal, "rows[*].amount").many()
    flags = cold(bool, "rows[*].flag").many()
    names = translations("names")
    lines = cold(Lines, "lines")
    price = hot(Decimal, "price")
    stock = hot(int, "stock")
    cost = internal(Decimal, "cost")


TEXT: Cell[str] = Cell("text")
AMOUNT: Cell[Decimal] = Cell("amount")
COUNT: Cell[int] = Cell("count")
FLAG: Cell[bool] = Cell("flag")
DAY: Cell[date] = Cell("day")
MOMENT: Cell[datetime] = Cell("moment")
WORDS: Cell[frozenset[str]] = Cell("words")
WEIGHT: Cell[Metric] = Cell("weight")
PRICE: Cell[tuple[Price, ...]] = Cell("price")
PICTURE: Cell[m.MediaSource] = Cell("picture")
TABLE: Cell[m.TableRows] = Cell("table")
UNITS: dict[str, str] = {"kg": "KILOGRAM"}


def photo(reference: str) -> bytes:
    raise NotImplementedError


def of_one_value(family: MeasurementFamily) -> list[Binding[Item]]:
    codes: m.CodeTable = m.code_table(["a"])
    sequence: m.SkuFormat = m.sku_pattern("{sequence}")
    kilos: Iso[Decimal, Metric] = m.unit_iso("KILOGRAM", "GRAM", family=m.unit_factors(family))
    parts: Iso[str, tuple[str, ...]] = m.split_iso("-")
    assert all((codes, sequence, kilos, parts, m.check_digit("123"), m.digest_of(b"")))
    return [
        m.constant("a").to(TEXT),
        m.joined(Item.text, Item.number, separator="-").to(TEXT),
        (Item.text >> m.clean() >> m.plain_text() >> m.sku()).to(TEXT),
        (Item.text >> m.gtin(13) >> m.slug() >> codes).to(TEXT),
        (Item.text >> m.sanitized_html() | Item.text >> m.plain_to_html()).to(TEXT),
        (Item.text >> m.matching("[0-9]+") >> m.extract("[0-9]")).to(TEXT),
        (Item.text >> m.lookup({"a": Decimal(1)})).to(AMOUNT),
        (Item.text >> m.boolean(true={"J"}, false={"N"}) | Item.text >> m.yes_no("de")).to(FLAG),
        (Item.text >> m.decimal("de_DE") >> m.rounded(2)).to(AMOUNT),
        (Item.text >> m.integer()).to(COUNT),
        (Item.amount >> m.whole_number()).to(COUNT),
        (Item.text >> m.day("%Y-%m-%d")).to(DAY),
        (Item.text >> m.moment("%Y-%m-%d", zone="UTC")).to(MOMENT),
        (Item.amount >> m.in_unit("KILOGRAM") >> m.to_unit("GRAM", family=family)).to(WEIGHT),
        ((Item.amount & Item.text) >> m.measured(UNITS)).to(WEIGHT),
        ((Item.amount & Item.text) >> m.converted_to("GRAM", UNITS, family=family)).to(WEIGHT),
        ((Item.count & Item.text) >> m.per_pack({"CTN": 12}, base="PCE")).to(AMOUNT),
        (Item.text >> m.split(",") >> m.at_most(3) >> m.each(m.slug())).to(WORDS),
        (Item.text >> m.as_set()).to(m.CATEGORIES),
        (Item.words >> m.single() | Item.words >> m.join(", ")).to(TEXT),
        m.template("{a} {b}", a=Item.text, b=Item.count).to(TEXT),
        m.reference(
            Item.price >> m.price_in("EUR"), reason="x", min_age=timedelta(1), min_change=Decimal(0), group="erp"
        ).to(PRICE),
    ]


def of_conditions_and_many() -> list[Binding[Item]]:
    return [
        Item.maybe.required().to(TEXT),
        Item.maybe.default("none").catch().to(TEXT),
        Item.text.when(Item.text >> m.equals("a")).to(TEXT),
        Item.text.when(m.all_of(Item.flag, m.not_(m.present(Item.amount)))).to(TEXT),
        Item.text.when(m.any_of(Item.flag, Item.count >> m.is_in(1, 2))).to(TEXT),
        m.switch(Item.count, {1: Item.text}, otherwise=m.constant("b")).to(TEXT),
        (m.first(Item.texts) | m.last(Item.texts)).to(TEXT),
        m.smallest(Item.amounts).to(AMOUNT),
        m.largest(Item.amounts >> m.every(m.rounded(1))).to(AMOUNT),
        m.any_true(Item.flags).to(FLAG),
        m.all_true(Item.flags).to(FLAG),
        m.count_of(Item.texts).to(COUNT),
        m.distinct(Item.texts).map(frozenset).to(WORDS),
        m.concat(Item.texts).to(TEXT),
        (Item.names >> m.in_language("E")).to(TEXT),
        *m.localized("text", m.languages({"E": "en_US"}).texts(Item.names)),
        *m.channelled(AMOUNT, {"shop": Item.amount}),
        *m.fan_out(FLAG, {("en_US", "shop"): Item.flag}),
    ]


def of_shapes() -> list[Binding[Item]]:
    return [
        (Item.text >> m.file_in("pictures") | Item.text >> m.fetched(photo)).to(PICTURE),
        (Item.content >> m.blob("photo.jpg")).to(PICTURE),
        (Item.lines >> m.table(Line, {"part": Line.part, "count": Line.count}, merge=False)).to(TABLE),
        (Item.lines >> m.bill_of_materials(Line, component=Line.part, quantity=Line.count)).to(m.quantified("PACK")),
        Item.words.to(m.association("UPSELL")),
        Item.words.to(m.GROUPS),
        Item.flag.to(m.ENABLED),
        (Item.text >> m.lookup({"blocked": False, "active": True})).to(m.ENABLED),
        (Item.text >> m.lookup({"a": "tools"})).to(m.FAMILY),
    ]


def of_whole_mappings(structure: PimStructure, bindings: list[Binding[Item]]) -> list[m.Misfit]:
    variants: m.Variants[Item] = m.Variants(
        model=Item.text, family_variant="by_size", sub_model=m.joined(Item.text, Item.number)
    )
    mappings: tuple[m.ItemMapping[Item], ...] = (
        m.ProductMapping(Item, *bindings),
        m.VariantMapping(Item, variants, *bindings),
        m.ProductModelMapping(Item, Item.text.to(m.CODE), Item.text.to(m.FAMILY_VARIANT)),
        m.CategoryMapping(Item, Item.text.to(m.CODE), Item.text.to(m.PARENT), Item.text.to(m.label("en_US"))),
        m.RecordMapping("brands", Item, Item.text.to(m.CODE)),
        m.AssetMapping("packshots", Item, Item.text.to(m.CODE)),
    )
    minutes: float = sum(m.estimate(one, structure, items=10).minutes for one in mappings)
    levels: Mapping[str, object] = m.family_variants(structure)
    offer = Item.stock.feed("available"), (Item.price >> m.price_in("EUR")).feed("price")
    assert all((minutes, levels, offer))
    return mappings[0].preflight(structure)
