"""A merchant of shirts: flat rows, and a PIM that knows them by size, and by colour and size."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product, ProductModel
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, Page, cold, hot
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    FAMILY,
    VariantMapping,
    Variants,
    as_set,
    clean,
    constant,
    joined,
    lookup,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.testing import PimSimulator

STRUCTURE: tuple[tuple[str, tuple[dict[str, object], ...]], ...] = (
    ("categories", ({"code": "master"}, {"code": "shirts", "parent": "master"}, {"code": "sale", "parent": "master"})),
    (
        "channels",
        ({"code": "ecommerce", "category_tree": "master", "locales": ["en_US"], "currencies": ["EUR"]},),
    ),
    ("attribute-groups", ({"code": "erp"},)),
    (
        "attributes",
        (
            {"code": "sku", "type": "pim_catalog_identifier", "group": "erp", "unique": True},
            {"code": "name", "type": "pim_catalog_text", "group": "erp"},
            {"code": "care", "type": "pim_catalog_text", "group": "erp"},
            {"code": "supplier_note", "type": "pim_catalog_text", "group": "erp"},
            {"code": "colour", "type": "pim_catalog_simpleselect", "group": "erp"},
            {"code": "size", "type": "pim_catalog_simpleselect", "group": "erp"},
        ),
    ),
    ("attributes/colour/options", ({"code": "red"}, {"code": "blue"})),
    ("attributes/size/options", ({"code": "s"}, {"code": "m"}, {"code": "l"})),
    ("families", ({"code": "clothing", "attributes": ["sku", "name", "care", "supplier_note", "colour", "size"]},)),
    (
        "families/clothing/variants",
        (
            {
                "code": "by_size",
                "variant_attribute_sets": [
                    {"level": 1, "axes": ["size"], "attributes": ["size", "sku", "supplier_note"]}
                ],
            },
            {
                "code": "by_colour_and_size",
                "variant_attribute_sets": [
                    {"level": 1, "axes": ["colour"], "attributes": ["colour", "care"]},
                    {"level": 2, "axes": ["size"], "attributes": ["size", "sku", "supplier_note"]},
                ],
            },
        ),
    ),
)


class Shirt(ErpItem):
    number = cold(str, "number", key=True)
    style = cold(str, "style")
    colour = cold(str, "colour")
    size = cold(str, "size")
    name = cold(str, "name")
    care = cold(str, "care")
    note = cold(str, "note")
    group = cold(str, "group")
    stock = hot(int, "stock")


BINDINGS = (
    (Shirt.number >> sku()).to(Cell[str]("sku")),
    constant("clothing").to(FAMILY),
    (Shirt.group >> lookup({"S": "shirts", "X": "sale"}) >> as_set()).to(CATEGORIES),
    (Shirt.name >> clean()).to(Cell[str]("name")),
    (Shirt.care >> clean()).to(Cell[str]("care")),
    (Shirt.note >> clean()).to(Cell[str]("supplier_note")),
    (Shirt.colour >> lookup({"rot": "red", "blau": "blue"})).to(Cell[str]("colour")),
    Shirt.size.map(str.lower).to(Cell[str]("size")),
)
ONE_LEVEL: Variants[Shirt] = Variants(model=Shirt.style, family_variant="by_size")
TWO_LEVELS: Variants[Shirt] = Variants(
    model=Shirt.style,
    family_variant="by_colour_and_size",
    sub_model=joined(Shirt.style, Shirt.colour, separator="_"),
)


def mapping(variants: Variants[Shirt]) -> VariantMapping[Shirt]:
    return VariantMapping(Shirt, variants, *BINDINGS)


def shirt(number: int, /, **changes: object) -> dict[str, object]:
    """Six of a style: two colours, three sizes."""
    style, place = divmod(number, 6)
    plain: dict[str, object] = {
        "number": f"{number:04}",
        "style": f"ST{style}",
        "colour": ("rot", "blau")[place // 3],
        "size": "SML"[place % 3],
        "name": f"Shirt {style}",
        "care": f"care of {style} {('rot', 'blau')[place // 3]}",
        "note": f"note {number}",
        "group": "S",
        "stock": number,
    }
    return {**plain, **changes}


def by_colour(number: int, /, **changes: object) -> dict[str, object]:
    """A row of a style that has one colour, for models by size alone."""
    return shirt(number, **{"style": f"ST{number // 3}", **changes})


class Shirts:
    """An ERP that tells what changed: rows have a revision, and the cursor is the last one seen."""

    item: type[Shirt] = Shirt

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.log: list[tuple[str, dict[str, object] | None]] = []
        self.reads = 0
        for row in rows:
            self.put(row)

    def put(self, row: dict[str, object]) -> None:
        self.log.append((str(row["number"]), row))

    def remove(self, number: int) -> None:
        self.log.append((f"{number:04}", None))

    def describe(self) -> ErpSchema:
        return ErpSchema("shirts")

    def check(self) -> Health:
        return Health(ok=True, message="")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        assert "stock" not in fields
        start = int(since.blob) if since is not None else 0
        for first in range(start, len(self.log), limit):
            some = dict(self.log[first : first + limit])
            self.reads += len(some)
            items = [self.item(row) for row in some.values() if row is not None]
            gone = [ErpKey(key) for key, row in some.items() if row is None]
            yield Page(items, gone, Cursor("sequence", str(min(first + limit, len(self.log)))))


def fill(simulator: PimSimulator) -> PimSimulator:
    for path, things in STRUCTURE:
        simulator.load(f"/api/rest/v1/{path}", things)
    return simulator


def products(pim: AkeneoClient) -> dict[str, Product]:
    return {str(one.values.text("sku")): one for one in pim.products.list()}


def models(pim: AkeneoClient) -> dict[str, ProductModel]:
    return {str(one.code): one for one in pim.product_models.list()}
