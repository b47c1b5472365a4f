"""Uses of a generated module that both checkers must accept. They are read, never run."""

from decimal import Decimal

from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, as_set, clean, constant, decimal, each, in_unit, lookup
from akeneo_erp_bridge.rules import Cell
from pim import Locale, categories, cells, families, options, units, variants


class Item(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(str, "weight")
    pieces = cold(int, "pieces")
    power = cold(Decimal, "power")
    active = cold(bool, "active")
    groups = cold(frozenset[str], "groups")


def uses(locale: Locale) -> ProductMapping[Item]:
    _: tuple[str, ...] = variants.BY_COLOUR_SIZE.axes
    name: Cell[str] = cells.name["en_US"]
    return ProductMapping(
        Item,
        Item.number.to(cells.sku),
        (Item.name >> clean()).to(name),
        Item.name.to(cells.name[locale]),
        Item.name.to(cells.description["de_DE", "ecommerce"]),
        Item.name.to(cells.description["fr_FR", "print"]),
        Item.name.to(cells.teaser["print"]),
        Item.name.to(cells.legal["de_DE"]),
        Item.name.to(cells.warning["fr_FR", "print"]),
        Item.pieces.to(cells.pieces),
        Item.pieces.to(cells.power),
        Item.power.to(cells.power),
        Item.active.to(cells.str),
        Item.active.to(cells.code__18v),
        Item.name.to(cells.class_),
        Item.name.to(cells.class__),
        Item.name.to(cells.hologram),
        (Item.weight >> decimal("de_DE") >> in_unit(units.Weight.KILOGRAM)).to(cells.weight),
        (Item.name >> lookup({"rot": options.colour.RED, "-": options.colour.NONE})).to(cells.colour),
        (Item.groups >> each(lookup({"10": "new"}))).to(cells.tags),
        (Item.name >> as_set()).to(cells.tags),
        constant(families.DRILLS).to(FAMILY),
        constant(categories.TOOLS).map(lambda code: code).to(FAMILY),
    )
