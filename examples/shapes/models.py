"""The ERP's category becomes a product model: `python examples/shapes/models.py [--picture FILE]`.

In this ERP a "category" is a style: a record of its own, which the articles name. So the styles are imported as product
models first, and the articles as their variants.
"""

from __future__ import annotations

import sys
from pathlib import Path

from furnished import csv_of, furnished
from picture import columns, show, tree_of

from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, cold
from akeneo_erp_bridge.mapping import (
    CODE,
    FAMILY_VARIANT,
    PARENT,
    ProductMapping,
    ProductModelMapping,
    clean,
    constant,
    lookup,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState

STYLES = [
    {"category": "OXF", "title": "Oxford shirt", "care": "wash at 40 °C"},
    {"category": "TEE", "title": "T-shirt", "care": "wash at 60 °C"},
]
ARTICLES = [
    {"number": "100", "category": "OXF", "size": "M"},
    {"number": "101", "category": "OXF", "size": "L"},
    {"number": "200", "category": "TEE", "size": "S"},
    {"number": "201", "category": "TEE", "size": "M"},
]


class Style(ErpItem):
    """A category of the ERP."""

    category = cold(str, "category", key=True)
    title = cold(str, "title")
    care = cold(str, "care")


class Article(ErpItem):
    """An article of the ERP."""

    number = cold(str, "number", key=True)
    category = cold(str, "category")
    size = cold(str, "size")


MODELS = ProductModelMapping(
    Style,
    Style.category.to(CODE),
    constant("clothing_by_size").to(FAMILY_VARIANT),
    (Style.title >> clean()).to(Cell[str]("name")),
    (Style.care >> clean()).to(Cell[str]("care")),
)
VARIANTS = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    Article.category.to(PARENT),
    (Article.size >> lookup({"S": "s", "M": "m", "L": "l"}, name="sizes")).to(Cell[str]("size")),
)


def main(file: Path | None) -> None:
    """Models first: the PIM takes no variant of a model that is not there."""
    with furnished() as pim, SqliteState(":memory:") as state:
        print(ErpToPim(CsvAdapter(csv_of(STYLES), Style), MODELS, pim, state).run())
        print(ErpToPim(CsvAdapter(csv_of(ARTICLES), Article), VARIANTS, pim, state).run(), end="\n\n")
        before = [*columns(STYLES), "", *columns(ARTICLES)]
        show("ERP category → product model", before, tree_of(pim, ["name", "care", "size"]), file)


if __name__ == "__main__":
    main(Path(sys.argv[2]) if sys.argv[1:2] == ["--picture"] else None)
