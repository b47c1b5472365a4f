"""The ERP's articles, and the groups of fields that a person ticks: each is a few bindings of the mapping."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from attrs import frozen
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.erp import ErpItem, SqlAdapter, cold, hot, internal
from akeneo_erp_bridge.errors import ErpUnreachable
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    ENABLED,
    FAMILY,
    MediaSource,
    ProductMapping,
    as_set,
    boolean,
    clean,
    decimal,
    file_in,
    in_unit,
    localized,
    lookup,
    measured,
    plain_text,
    price_in,
    reference,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.testing import merchant

TABLE: Final = "articles"


class Article(ErpItem):
    """A row of the article table. Cost is declared as internal and the list price as hot, so neither can slip out."""

    number = cold(str, "number", key=True)
    name_en = cold(str, "name_en")
    name_de = cold(str, "name_de")
    text_en = cold(str, "text_en")
    text_de = cold(str, "text_de")
    category = cold(str, "category")
    net_weight = cold(str, "net_weight")
    weight_unit = cold(str, "weight_unit")
    length_mm = cold(str, "length_mm")
    colour = cold(str, "colour")
    size = cold(str, "size")
    ean = cold(str, "ean")
    active = cold(str, "active")
    picture = cold(str, "picture")
    list_price = hot(str, "list_price")
    cost = internal(str, "cost")


SKU: Final[Cell[str]] = Cell("sku")
WEIGHT: Final[Cell[Metric]] = Cell("weight")
LENGTH: Final[Cell[Metric]] = Cell("length")
COLOUR: Final[Cell[str]] = Cell("colour")
SIZE: Final[Cell[str]] = Cell("size")
EAN: Final[Cell[str]] = Cell("ean")
PICTURE: Final[Cell[MediaSource]] = Cell("picture")
REFERENCE_PRICE: Final[Cell[tuple[Price, ...]]] = Cell("reference_price")
ENGLISH_TEXT: Final[Cell[str]] = Cell("description", locale="en_US", channel="ecommerce")
GERMAN_TEXT: Final[Cell[str]] = Cell("description", locale="de_DE", channel="ecommerce")

FAMILIES: Final = lookup(merchant.CATEGORY_TO_FAMILY, name="category to family")
CATEGORY_CODES: Final = lookup(merchant.CATEGORY_CODES, name="category codes")


@frozen
class Group:
    """What a person ticks as one thing."""

    code: str
    title: str
    what: str
    bindings: tuple[Binding[Article], ...]


ALWAYS: Final[tuple[Binding[Article], ...]] = (
    (Article.number >> sku()).to(SKU),
    (Article.category >> FAMILIES).required().to(FAMILY),
)
"""Without these there is no product; nobody is asked."""


def groups(pictures: Path) -> tuple[Group, ...]:
    """All that can be ticked, in the order of the page."""
    return (
        Group("names", "Names", "In English and German", (
            *localized("name", {"en_US": (Article.name_en >> clean()).required(), "de_DE": Article.name_de >> clean()}),
        )),
        Group("texts", "Descriptions", "In English and German, for the web shop", (
            (Article.text_en >> plain_text()).to(ENGLISH_TEXT),
            (Article.text_de >> plain_text()).to(GERMAN_TEXT),
        )),
        Group("dimensions", "Weight and length", "With their units", (
            (((Article.net_weight >> decimal("de_DE")) & Article.weight_unit) >> measured(merchant.UNITS)).to(WEIGHT),
            (Article.length_mm >> decimal("de_DE") >> in_unit("MILLIMETER")).to(LENGTH),
        )),
        Group("categories", "Categories", "Where the article is in the catalogue", (
            (Article.category >> CATEGORY_CODES >> as_set()).to(CATEGORIES),
        )),
        Group("clothing", "Colour and size", "Of clothing", (
            (Article.colour >> lookup(merchant.COLOURS, name="colours")).catch().to(COLOUR),
            (Article.size >> clean()).to(SIZE),
        )),
        Group("ean", "Barcode", "The EAN", ((Article.ean >> clean(max_length=13)).to(EAN),)),
        Group("availability", "On or off", "Articles that the ERP no longer sells are switched off", (
            (Article.active >> boolean(true={"J"}, false={"N"})).to(ENABLED),
        )),
        Group("price", "Reference price", "For margin checks only; the shop gets its prices from the ERP", (
            reference(
                Article.list_price >> decimal("de_DE") >> price_in("EUR"),
                reason="margin check by the category team",
                min_age=timedelta(days=30),
                min_change=Decimal("0.02"),
            ).catch().to(REFERENCE_PRICE),
        )),
        Group("pictures", "Pictures", "One for each article that has one", (
            (Article.picture >> file_in(pictures)).to(PICTURE),
        )),
    )  # fmt: skip


USUAL: Final = frozenset({"names", "texts", "dimensions", "categories", "clothing", "ean", "availability"})
"""Ticked before anybody chose."""

LABELS: Final[Mapping[str, str]] = {
    "sku": "Article number", "family": "Family", "name[en_US]": "Name (English)", "name[de_DE]": "Name (German)",
    "description[en_US, ecommerce]": "Description (English)", "description[de_DE, ecommerce]": "Description (German)",
    "weight": "Weight", "length": "Length", "categories": "Category", "colour": "Colour", "size": "Size",
    "ean": "Barcode", "enabled": "On or off", "reference_price": "Reference price", "picture": "Picture",
}  # fmt: skip
"""Cells of the PIM in words."""

COLUMNS: Final[Mapping[str, str]] = {
    "number": "Article number", "name_en": "Name (English)", "name_de": "Name (German)", "category": "Category",
    "text_en": "Description (English)", "text_de": "Description (German)", "net_weight": "Weight",
    "weight_unit": "Unit of weight", "length_mm": "Length in mm", "colour": "Colour", "size": "Size", "ean": "Barcode",
    "active": "Active", "picture": "Picture", "list_price": "List price",
}  # fmt: skip
"""Columns of the ERP in words."""


def mapping(ticked: Collection[str], pictures: Path) -> ProductMapping[Article]:
    """The mapping of the ticked groups. What is not ticked is not touched in the PIM."""
    chosen = [binding for group in groups(pictures) if group.code in ticked for binding in group.bindings]
    return ProductMapping(Article, *ALWAYS, *chosen)


class Erp:
    """The ERP's database: articles to import, how many there are, and the categories to choose from."""

    def __init__(self, url: str) -> None:
        self._url = url

    def articles(self) -> SqlAdapter[Article]:
        """To be read: all of them at first, changed ones from then on."""
        return SqlAdapter(self._url, Article, table=TABLE, changed_at="modified_at")

    def count(self) -> int:
        """The rows of the table, for a bar that shows how far a run has come."""
        return int(str(self._ask(f"SELECT count(*) FROM {TABLE}")[0][0]))

    def categories(self) -> list[tuple[str, str]]:
        """Code and name of those that hold articles, by name."""
        query = f"SELECT code, name_en FROM categories WHERE code IN (SELECT category FROM {TABLE}) ORDER BY name_en"
        return [(str(code), str(name)) for code, name in self._ask(query)]

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        try:
            with create_engine(self._url, poolclass=NullPool).connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        except SQLAlchemyError as error:
            # its text may hold the address with the password
            raise ErpUnreachable(f"the ERP's database does not answer ({type(error).__name__})") from None
