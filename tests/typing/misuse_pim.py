"""Misuses of a generated module: both checkers must refuse every line that ends in "refused", and no other."""

from akeneo_erp_bridge.erp import two_way
from akeneo_erp_bridge.mapping import as_set, constant, decimal, in_unit, localized
from akeneo_erp_bridge.rules import Cell, Iso, Owner
from pim import Locale, cells, families, options, units, variants
from right_pim import Item


def misuses(text: str) -> None:
    Item.name.to(cells.nmae)  # refused
    Item.name.to(cells.weight)  # refused
    (Item.weight >> decimal("de_DE")).to(cells.weight)  # refused
    (Item.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(cells.sku)  # refused
    Item.name.to(cells.name)  # refused
    Item.name.to(cells.name["it_IT"])  # refused
    Item.name.to(cells.name[text])  # refused
    Item.name.to(cells.name["en_US", "ecommerce"])  # refused
    Item.name.to(cells.sku["en_US"])  # refused
    Item.name.to(cells.legal["en_US"])  # refused
    Item.name.to(cells.teaser["shop"])  # refused
    Item.name.to(cells.description["en_US"])  # refused
    Item.name.to(cells.description["fr_FR", "ecommerce"])  # refused
    Item.name.to(cells.description["ecommerce", "en_US"])  # refused
    Item.name.to(cells.warning["en_US", "print"])  # refused
    Item.power.to(cells.pieces)  # refused
    Item.name.to(cells.str)  # refused
    Item.name.to(cells.tags)  # refused
    (Item.name >> as_set()).to(cells.colour)  # refused
    Item.name.to(cells.price)  # refused
    Item.name.to(cells.date)  # refused
    constant(families.DRILL).to(cells.colour)  # refused
    constant(options.colour.GREEN).to(cells.colour)  # refused
    constant(options.color.RED).to(cells.colour)  # refused
    in_unit(units.Weight.POUND)  # refused
    print(variants.BY_SIZE)  # refused
    two_way(Item.name, Iso[str, str](str, str), cells.pieces, owner=Owner.ERP)  # refused
    wrong: Cell[str] = cells.name["de"]  # refused
    locale: Locale = "de"  # refused
    localized(wrong.attribute, {locale: Item.power})  # refused
