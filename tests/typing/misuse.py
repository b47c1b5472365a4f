"""Misuses: both checkers must refuse every line that ends in "refused", and no other."""

from decimal import Decimal

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Category, Family, Product, ProductModel, attribute
from akeneo_erp_bridge.classification import Policy, suggest
from akeneo_erp_bridge.erp import ErpItem, ErpSchema, cold, two_way, whole
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, decimal, in_unit, localized, lookup, price_in, reference
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import ErpToPim, SyncState
from right import MSRP, NAME, WEIGHT, Item, Made, ReadOnlyErp, both_ways, number


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
    Made.hot(str, "price").to(NAME)  # refused
    Made.internal(str, "cost").to(NAME)  # refused
    Made.internal(str, "cost").feed("cost")  # refused
    Made.cold(Decimal, "weight").to(NAME)  # refused
    Made.field("name").map(str).to(NAME)  # refused
    (Made.cold(str, "name") | Made.hot(str, "price")).to(NAME)  # refused
    Policy(suggest(ErpSchema("made")))  # refused
