"""Misuses: both checkers must refuse every line that ends in "refused", and no other."""

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Category, Family, Product, ProductModel, attribute
from akeneo_erp_bridge.erp import ErpItem, cold, two_way, whole
from akeneo_erp_bridge.mapping import (
    FAMILY,
    ProductMapping,
    RecordMapping,
    association,
    bill_of_materials,
    decimal,
    in_unit,
    localized,
    lookup,
    price_in,
    quantified,
    reference,
    table,
)
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import ErpToPim, SyncState
from right import MSRP, NAME, PARTS, PICTURE, WEIGHT, Item, Line, ReadOnlyErp, both_ways, number


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
