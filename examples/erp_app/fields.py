"""The ERP's articles; the groups of fields that a person ticks for the import; and what goes out and comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.catalog import AttributeType, Metric, Price
from akeneo_erp_bridge.erp import ErpItem, cold, hot, internal, two_way
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
from akeneo_erp_bridge.rules import Binding, Cell, Iso, Owner, same
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.sync.pim_first import SelectTag
from akeneo_erp_bridge.testing import merchant

TABLE: Final = "articles"
BORN: Final = "pim_key"
"""The column in which the ERP keeps the key of an article that came from the PIM. The import leaves these articles alone."""


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
ENGLISH_NAME: Final[Cell[str]] = Cell("name", locale="en_US")
GERMAN_NAME: Final[Cell[str]] = Cell("name", locale="de_DE")
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

DIMENSIONS: Final[tuple[Binding[Article], ...]] = (
    (((Article.net_weight >> decimal("de_DE")) & Article.weight_unit) >> measured(merchant.UNITS)).to(WEIGHT),
    (Article.length_mm >> decimal("de_DE") >> in_unit("MILLIMETER")).to(LENGTH),
)
BARCODE: Final[Binding[Article]] = (Article.ean >> clean(max_length=13)).to(EAN)


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
        Group("dimensions", "Weight and length", "With their units", DIMENSIONS),
        Group("categories", "Categories", "Where the article is in the catalogue", (
            (Article.category >> CATEGORY_CODES >> as_set()).to(CATEGORIES),
        )),
        Group("clothing", "Colour and size", "Of clothing", (
            (Article.colour >> lookup(merchant.COLOURS, name="colours")).catch().to(COLOUR),
            (Article.size >> clean()).to(SIZE),
        )),
        Group("ean", "Barcode", "The EAN", (BARCODE,)),
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


# ---- products that are born in the PIM ----
TAG: Final = SelectTag("erp_state", waiting="to_export", exported="exported", failed="failed")
"""Where a user says that the ERP is to get a product, and sees that it has it."""
MESSAGE: Final[Cell[str]] = Cell("erp_message")
"""Where a user reads why the ERP did not take it."""

_SOLD: Final = {"J": True, "N": False}
SOLD: Final = Iso[str, bool](_SOLD.__getitem__, lambda is_on: "J" if is_on else "N")

BOTH_WAYS: Final = ProductMapping(
    Article,
    two_way(Article.number, same(str), SKU, owner=Owner.PIM),
    two_way(Article.name_en, same(str), ENGLISH_NAME, owner=Owner.PIM),
    two_way(Article.name_de, same(str), GERMAN_NAME, owner=Owner.PIM),
    two_way(Article.active, SOLD, ENABLED, owner=Owner.PIM),
    *DIMENSIONS,
    BARCODE,
)
"""What is the PIM's goes out; what is the ERP's comes back, and nothing else does."""

BLUEPRINT: Final = setup.Blueprint.of(
    setup.attribute_group("erp", labels={"en_US": "ERP", "de_DE": "ERP"}),
    setup.attribute_group("marketing", labels={"en_US": "Marketing", "de_DE": "Marketing"}),
    setup.metric("weight", "Weight", "KILOGRAM"),
    setup.metric("length", "Length", "MILLIMETER"),
    setup.attribute("ean", AttributeType.TEXT),
    setup.attribute("erp_message", AttributeType.TEXTAREA, labels={"en_US": "Message of the ERP", "de_DE": "Meldung des ERP"}),
    setup.select("erp_state", {
        "to_export": {"en_US": "To be sent to the ERP", "de_DE": "Ans ERP zu senden"},
        "exported": {"en_US": "In the ERP", "de_DE": "Im ERP"},
        "failed": {"en_US": "Not taken by the ERP", "de_DE": "Vom ERP nicht angenommen"},
    }, labels={"en_US": "State in the ERP", "de_DE": "Stand im ERP"}, group="marketing"),
    *(setup.family(code, ["sku", "name", "erp_state", "erp_message", "weight", "length", "ean"])
      for code in sorted({*merchant.CATEGORY_TO_FAMILY.values()})),
    group="erp",
)  # fmt: skip
"""What the PIM needs for that, to be made by `akeneo_erp_bridge.sync.setup`: the ERP's attributes in a group of their own, which
nobody else needs to edit, and the tag among those of the users."""


def in_words(owner: Owner) -> list[str]:
    """What goes out, as the PIM's, or comes back, as the ERP's.

    >>> in_words(Owner.PIM), in_words(Owner.ERP)
    (['Article number', 'Name (English)', 'Name (German)', 'On or off'], ['Weight', 'Length', 'Barcode'])
    """
    return [LABELS[one.cell.key] for one in BOTH_WAYS.bindings if one.owner is owner]
