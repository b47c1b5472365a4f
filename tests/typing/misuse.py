"""Misuses: both checkers must refuse every line that ends in "refused", and no other."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Self

import akeneo_erp_bridge.mapping as values
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Category, Family, Product, ProductModel, attribute
from akeneo_erp_bridge.classification import Policy, suggest
from akeneo_erp_bridge.commerce import SqliteSink, price, price_list, sellable, stock_level, stock_levels
from akeneo_erp_bridge.erp import ErpItem, ErpSchema, PimFirstErp, assert_cold, cold, two_way, whole
from akeneo_erp_bridge.mapping import (
    CODE,
    FAMILY,
    FAMILY_VARIANT,
    ProductMapping,
    ProductModelMapping,
    RecordMapping,
    VariantMapping,
    Variants,
    all_of,
    any_true,
    association,
    bill_of_materials,
    channelled,
    clean,
    concat,
    decimal,
    equals,
    fan_out,
    first,
    in_unit,
    joined,
    languages,
    largest,
    localized,
    lookup,
    present,
    price_in,
    quantified,
    reference,
    sku_pattern,
    switch,
    table,
)
from akeneo_erp_bridge.rules import Owner, same
from akeneo_erp_bridge.sync import (
    Adopt,
    Conflicts,
    Deletions,
    ErpToPim,
    HotRelay,
    SyncState,
    VariantsToPim,
    by_field,
    by_key,
    match,
    resolve,
    search,
    setup,
    where,
)
from akeneo_erp_bridge.sync.pim_first import Models, PimFirst, SelectTag, WorkflowTag
from right import (
    AMOUNT,
    MSRP,
    NAME,
    PARTS,
    PICTURE,
    PIECES,
    PRICES,
    SENT,
    STOCK,
    WEIGHT,
    Break,
    Item,
    Line,
    Made,
    Offered,
    OfferedErp,
    Order,
    ReadOnlyErp,
    ReadWriteErp,
    both_ways,
    number,
)


class Wide(ErpItem):
    def narrowed(self, paths: Iterable[str]) -> Self:  # refused
        return self

    def values_at(self, paths: Iterable[str]) -> dict[str, object]:  # refused
        return dict(self.row)

    def shippable(self, beside: Iterable[tuple[str, ...]] = ()) -> Self:  # refused
        return self


class Other(ErpItem):
    x = cold(str, "x", key=True)


def misuses(pim: AkeneoClient, state: SyncState, mapping: ProductMapping[Item], other: ProductMapping[Other]) -> None:
    (Item.price >> price_in("EUR")).to(MSRP)  # refused
    Item.price.map(str).to(NAME)  # refused
    Item.cost.map(str).to(NAME)  # refused
    Item.cost.feed("cost")  # refused
    (Item.number | Item.price.map(str)).to(NAME)  # refused
    (Item.number & Item.stock).map(lambda pair: pair[0]).to(NAME)  # refused
    Item.number.when(Item.for_sale).to(NAME)  # refused
    whole(Item).map(lambda item: "x").to(NAME)  # refused
    Item.weight.to(WEIGHT)  # refused
    Item.weight >> in_unit("KILOGRAM")  # refused
    Item.text.to(NAME)  # refused
    two_way(Item.price, number, WEIGHT, owner=Owner.ERP)  # refused
    two_way(Item.number.map(lambda s: s), number, WEIGHT, owner=Owner.ERP)  # refused
    number @ number  # refused
    both_ways(ReadOnlyErp())  # refused
    ErpToPim(ReadOnlyErp(), other, pim, state)  # refused
    reference(Item.price >> price_in("EUR"))  # refused
    reference(Item.price, reason="m", min_age=timedelta(1), min_change=Decimal(0))  # refused
    reference(Item.stock, reason="m", min_age=timedelta(1), min_change=Decimal(0))  # refused
    reference(Item.stock.map(str), reason="m", min_age=timedelta(1), min_change=Decimal(0))  # refused
    reference(Item.cost >> price_in("EUR"), reason="m", min_age=timedelta(1), min_change=Decimal(0))  # refused
    (Item.weight >> decimal("de_DE")).to(FAMILY)  # refused
    (Item.stock >> lookup({"a": "b"})).to(FAMILY)  # refused
    localized("name", {"en_US": Item.price.map(str)})  # refused
    Product.enabled.in_("a")  # refused
    Product.family.since(1)  # refused
    Product.updated.in_("a")  # refused
    Product.categories.is_empty()  # refused
    ProductModel.parent.is_("a")  # refused
    Category.parent.in_("a")  # refused
    Family.enabled.is_(True)  # refused
    attribute("weight").greater_than("2")  # refused
    pim.products.list("enabled = true")  # refused
    Item.number.to(association("UPSELL"))  # refused
    Item.upsell.to(quantified("PACK"))  # refused
    association("UPSELL", "products_of_others")  # refused
    (Item.lines >> table(Line, {"part": Line.part, "stock": Line.stock}, merge=False)).to(PARTS)  # refused
    (Item.lines >> bill_of_materials(Line, component=Line.part, quantity=Line.stock)).to(quantified("PACK"))  # refused
    Item.photo.to(PICTURE)  # refused
    RecordMapping("brands", Item, Line.part.to(NAME))  # refused
    Made.hot(str, "price").to(NAME)  # refused
    Made.internal(str, "cost").to(NAME)  # refused
    Made.internal(str, "cost").feed("cost")  # refused
    Made.cold(Decimal, "weight").to(NAME)  # refused
    Made.field("name").map(str).to(NAME)  # refused
    (Made.cold(str, "name") | Made.hot(str, "price")).to(NAME)  # refused
    Policy(suggest(ErpSchema("made")))  # refused


def misuses_of_groups(pim: AkeneoClient, state: SyncState, flat: ProductMapping[Item], other: Variants[Other]) -> None:
    Variants(model=Item.price.map(str), family_variant="by_size")  # refused
    Variants(model=Item.cost.map(str), family_variant="by_size")  # refused
    Variants(model=Item.weight >> decimal("de_DE"), family_variant="by_size")  # refused
    Variants(model=Item.text, family_variant="by_size")  # refused
    Variants(model=Item.number, family_variant=Item.stock >> lookup({"a": "b"}))  # refused
    Variants(model=Item.number, family_variant="by_size", sub_model=joined(Item.number, Item.price.map(str)))  # refused
    Variants(model=Item.number, family_variant="by_size", sub_model=Line.part)  # refused
    Variants(model=Item.number, family_variant="by_size", lone="parked")  # refused
    Variants(model=Item.number, family_variant="by_size", regroup=True)  # refused
    Variants(model=Item.number)  # refused
    mapping = VariantMapping(Item, Variants(model=Item.number, family_variant="by_size"), Item.number.to(NAME))
    VariantMapping(Item, other, Item.number.to(NAME))  # refused
    VariantMapping(Item, mapping.variants, Line.part.to(NAME))  # refused
    VariantMapping(Item, Item.number.to(NAME))  # refused
    VariantsToPim(ReadOnlyErp(), mapping, pim, state)  # refused
    VariantsToPim(ReadOnlyErp(), flat, pim, state, rows="rows.db")  # refused
    VariantsToPim(ReadOnlyErp(), VariantMapping(Other, other), pim, state, rows="rows.db")  # refused
    ProductModelMapping(Item, Line.part.to(CODE))  # refused
    Item.price.map(str).to(FAMILY_VARIANT)  # refused


def misuses_of_structure(noone: object) -> None:
    first(Order.eans).to(PIECES)  # refused
    Order.eans.to(NAME)  # refused
    Order.notes.map(" ".join)  # refused
    Order.maybe.map(len)  # refused
    first(Order.kind)  # refused
    concat(Order.flags)  # refused
    any_true(Order.eans)  # refused
    largest(Order.prices).map(str).to(NAME)  # refused
    Order.eans >> clean()  # refused
    Order.kind.when(Order.kind)  # refused
    Order.kind >> equals(5)  # refused
    Order.kind.when(Order.price >> equals(Decimal(1))).to(NAME)  # refused
    Order.kind.when(present(Order.price)).to(NAME)  # refused
    all_of(Order.active, Order.kind)  # refused
    switch(Order.kind, {"set": Order.price.map(str)}).to(NAME)  # refused
    switch(Order.price, {Decimal(1): Order.kind}).to(NAME)  # refused
    switch(Order.kind, {"set": Order.count}).to(NAME)  # refused
    switch(Order.kind, {1: Order.kind})  # refused
    localized(WEIGHT, {"en_US": Order.kind})  # refused
    channelled("name", {"ecommerce": Order.count})  # refused
    fan_out("name", {("en_US", "ecommerce"): Order.price.map(str)})  # refused
    fan_out("name", {"en_US": Order.kind})  # refused
    languages({"E": "en_US"}).texts(Order.kind)  # refused
    assert_cold(whole(Order).map(str), reads=[Order.price], reason="x")  # refused
    assert_cold(whole(Order).map(str), reads=["number"])  # refused
    assert_cold(Order.kind, reads=["number"], reason="x")  # refused
    assert_cold(whole(Order).map(lambda one: 1), reads=["number"], reason="x").to(NAME)  # refused
    sku_pattern("{sequence}", check="ean")  # refused
    sku_pattern("{sequence}").candidates(noone)  # refused


def converts_values_wrongly() -> None:
    values.template("{a} {b}", a=Item.number, b=Item.price).to(NAME)  # refused
    values.template("{a}", a=Item.active & Item.number)  # refused
    ((Item.stock & Item.number) >> values.per_pack({"CTN": 12}, base="PCE")).map(str).to(NAME)  # refused
    (Item.price >> values.rounded(2)).map(str).to(NAME)  # refused
    Item.number >> values.rounded(2)  # refused
    Item.weight >> values.to_unit("GRAM", family={})  # refused
    Item.number >> values.at_most(2)  # refused
    (Item.number >> values.split(";")).to(NAME)  # refused
    (Item.number >> values.day("%d.%m.%Y")).to(NAME)  # refused
    (Item.number >> values.integer()).to(FAMILY)  # refused
    values.lookup({"a": 1}, unknown="pass")  # refused
    values.lookup({"a": "b"}, unknown="guess")  # refused
    values.lookup_from("a.csv", key="a", value="b", unknown="pass")  # refused
    values.code_table(["a"], clash="suffix")  # refused
    values.decimal("de_DE", rounding="up")  # refused
    values.rounded(2.5)  # refused
    values.yes_no("xx")  # refused
    values.unit_synonyms("Mass")  # refused
    values.read_table("a.csv", key="a", value="b", of=int, read=values.integer())  # refused
    values.read_table("a.csv", key="a", value="b", delimitter=";")  # refused
    values.per_pack(values.read_table("a.csv", key="a", value="b"), base="PCE")  # refused
    two_way(Item.weight, values.unit_iso("KILOGRAM", "GRAM", family={}), WEIGHT, owner=Owner.ERP)  # refused
    two_way(Item.weight, values.slug(), NAME, owner=Owner.ERP)  # refused


def runs_parts_wrongly(job: ErpToPim[Item], variants: VariantsToPim[Item]) -> None:
    job.run(only=by_field(Other.x, "A1"))  # refused
    job.run(only=where(Other.x, lambda x: x == "A1"))  # refused
    job.run(only=where(Item.stock, lambda stock: stock.upper() == "A"))  # refused
    job.run(only="A1")  # refused
    job.run(by_key("A1"))  # refused
    by_key(1)  # refused
    job.run(writes="creates")  # refused
    job.run(reads="everything")  # refused
    variants.run(writes="creates")  # refused
    Deletions.delete()  # refused
    Deletions("archive")  # refused


def sets_up_wrongly(item: Item) -> None:
    known = lookup({"a": "b"})
    setup.unknown_words(Item.cost.map(str), known, [item])  # refused
    setup.unknown_words(Item.price.map(str), known, [item])  # refused
    setup.unknown_words(Item.number.when(Item.for_sale), known, [item])  # refused
    setup.unknown_words(whole(Item).map(lambda item: "x"), known, [item])  # refused
    setup.propose_options("colour", [item.number])  # refused
    setup.propose_options("colour", "red")  # refused


def settles_wrongly(state: SyncState) -> None:
    Conflicts("ask")  # refused
    Conflicts("hold", overwrite=["name"])  # refused
    Conflicts(look="some")  # refused
    resolve(state, "000123", NAME, take="both")  # refused
    match("ean")  # refused
    match(NAME, spelled=len)  # refused
    search(lambda cells: [cells], name="mine")  # refused
    Adopt(by=[NAME])  # refused


def offers_wrongly(state: SyncState, sink: SqliteSink) -> None:
    price(Offered.amount, currency="EUR").to(PRICES)  # refused
    (Offered.prices >> price_list(Break, amount=Break.amount, currency="EUR")).to(PRICES)  # refused
    stock_level(Offered.stock, location="MAIN").to(STOCK)  # refused
    (stock_level(Offered.stock, location="MAIN") >> sellable()).to(AMOUNT)  # refused
    price(Offered.cost, currency="EUR")  # refused
    price(Offered.amount, currency=Offered.cost)  # refused
    price(Offered.currency, currency="EUR")  # refused
    price(Offered.amount)  # refused
    price_list(Break, amount=Break.cost, currency="EUR")  # refused
    price_list(Break, amount=Offered.amount, currency="EUR")  # refused
    price_list(Break, amount=Break.amount, currency="EUR", valid_from=Break.code)  # refused
    stock_levels(Break, on_hand=Break.code, location="MAIN")  # refused
    stock_levels(Break, on_hand=Break.pieces, location="MAIN", same_place="last")  # refused
    Offered.stock >> sellable()  # refused
    HotRelay(OfferedErp(), [], sink, state, stamp=Offered.cost)  # refused
    HotRelay(OfferedErp(), [], sink, state, stamp=Offered.currency)  # refused
    HotRelay(OfferedErp(), [Item.stock.feed("n")], sink, state)  # refused


def goes_out_wrongly(
    pim: AkeneoClient,
    state: SyncState,
    mapping: ProductMapping[Item],
    other: ProductMapping[Other],
    others: PimFirstErp[Other],
) -> None:
    PimFirst(ReadOnlyErp(), mapping, mapping, pim, state, tag=SENT)  # refused
    PimFirst(ReadWriteErp(), mapping, mapping, pim, state)  # refused
    PimFirst(ReadWriteErp(), other, mapping, pim, state, tag=SENT)  # refused
    PimFirst(ReadWriteErp(), mapping, other, pim, state, tag=SENT)  # refused
    PimFirst(ReadWriteErp(), mapping, mapping, pim, state, tag="send_to_erp")  # refused
    PimFirst(ReadWriteErp(), mapping, mapping, pim, state, tag=SENT, edits="ask")  # refused
    PimFirst(ReadWriteErp(), mapping, mapping, pim, state, tag=SENT, at_creation=[Other.x.given("a")])  # refused
    models = ProductModelMapping(Other, Other.x.to(CODE))
    Models(ReadWriteErp(), models, models, parent=Item.number)  # refused
    own = Models(others, models, models, parent=Other.x)
    PimFirst(ReadWriteErp(), mapping, mapping, pim, state, tag=SENT, models=own)  # refused
    Models(others, models, models, parent=Item.price)  # refused
    Models(others, mapping, models, parent=Item.number)  # refused
    Item.number.given(1)  # refused
    Item.price.given(Decimal(1))  # refused
    Item.cost.given(Decimal(1))  # refused
    two_way(Item.number, same(int), NAME, owner=Owner.PIM)  # refused
    SelectTag("state", waiting="a", exported="b")  # refused
    WorkflowTag("3f1c", exported="done")  # refused
