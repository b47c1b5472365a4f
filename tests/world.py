"""A small ERP in memory, and the embedded PIM."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, Page, cold, hot
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    FAMILY,
    ProductMapping,
    as_set,
    clean,
    decimal,
    lookup,
    measured,
    price_in,
    reference,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.testing import PimSimulator

STRUCTURE: tuple[tuple[str, tuple[dict[str, object], ...]], ...] = (
    ("categories", ({"code": "master"}, {"code": "shirts", "parent": "master"}, {"code": "promotions"})),
    (
        "channels",
        (
            {
                "code": "ecommerce",
                "category_tree": "master",
                "locales": ["en_US", "de_DE"],
                "currencies": ["EUR", "USD"],
            },
        ),
    ),
    ("attribute-groups", ({"code": "erp"},)),
    (
        "attributes",
        (
            {"code": "sku", "type": "pim_catalog_identifier", "group": "erp", "unique": True},
            {"code": "name", "type": "pim_catalog_text", "group": "erp", "localizable": True},
            {
                "code": "weight",
                "type": "pim_catalog_metric",
                "group": "erp",
                "metric_family": "Weight",
                "default_metric_unit": "KILOGRAM",
                "decimals_allowed": True,
                "negative_allowed": False,
            },
            {"code": "colour", "type": "pim_catalog_simpleselect", "group": "erp"},
            {"code": "msrp", "type": "pim_catalog_price_collection", "group": "erp", "decimals_allowed": True},
        ),
    ),
    ("attributes/colour/options", ({"code": "red"}, {"code": "blue"})),
    ("families", ({"code": "clothing", "attributes": ["sku", "name", "weight", "colour", "msrp"]},)),
)


class Article(ErpItem):
    """A row of the small ERP."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(str, "weight")
    unit = cold(str, "unit")
    category = cold(str, "category")
    colour = cold(str, "colour")
    price = hot(str, "price")
    stock = hot(int, "stock")


NAME: Cell[str] = Cell("name", locale="en_US")
WEIGHT: Cell[Metric] = Cell("weight")
COLOUR: Cell[str] = Cell("colour")
MSRP: Cell[tuple[Price, ...]] = Cell("msrp")


def make_mapping() -> ProductMapping[Article]:
    """All kinds of cells: text, measurement, select, price, family and categories."""
    return ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        (Article.name >> clean()).required().to(NAME),
        (((Article.weight >> decimal("de_DE")) & Article.unit) >> measured({"KG": "KILOGRAM"})).to(WEIGHT),
        (Article.category >> lookup({"S": "clothing"})).to(FAMILY),
        (Article.category >> lookup({"S": "shirts"}) >> as_set()).to(CATEGORIES),
        (Article.colour >> clean()).to(COLOUR),
        reference(
            Article.price >> decimal("de_DE") >> price_in("EUR"),
            reason="margin check",
            min_age=timedelta(days=30),
            min_change=Decimal("0.02"),
        )
        .catch()
        .to(MSRP),
    )


class ListErp:
    """An ERP whose rows are a list; a full read each time, as a snapshot."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.rows = rows
        self.dead: list[str] = []
        self.reads = 0

    def describe(self) -> ErpSchema:
        return ErpSchema("the list")

    def check(self) -> Health:
        return Health(ok=True, message="it is a list")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        start = int(since.blob) if since is not None and since.blob else 0
        self.reads += 1
        while start < len(self.rows):
            end = start + limit
            resume = Cursor("snapshot", str(end) if end < len(self.rows) else "")
            dead = [ErpKey(key) for key in self.dead] if end >= len(self.rows) else []
            yield Page([Article(row) for row in self.rows[start:end]], dead, resume)
            start = end

    def read_hot(self, since: Cursor | None, *, keys: object) -> Iterator[Page[Article]]:
        yield from self.read_items(since, fields=frozenset(), limit=100)


def row(number: int, /, **changes: object) -> dict[str, object]:
    """A shirt."""
    plain: dict[str, object] = {
        "number": f"{number:06d}",
        "name": f"Shirt {number}",
        "weight": "0,250",
        "unit": "kg",
        "category": "S",
        "colour": "red",
        "price": "9,90",
        "stock": number,
    }
    return {**plain, **changes}


def fill(simulator: PimSimulator) -> PimSimulator:
    """Give an empty simulator the structure above."""
    for path, things in STRUCTURE:
        simulator.load(f"/api/rest/v1/{path}", things)
    return simulator
