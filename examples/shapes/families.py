"""The ERP's category becomes the family: `python examples/shapes/families.py [--picture FILE]`."""

from __future__ import annotations

import sys
from pathlib import Path

from furnished import csv_of, furnished
from picture import columns, show, tree_of

from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, cold
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState

ROWS = [
    {"number": "4711", "group": "Bohrmaschinen", "name": "Cordless drill 18 V"},
    {"number": "4712", "group": "Bohrmaschinen", "name": "Hammer drill 800 W"},
    {"number": "5003", "group": "Sägen", "name": "Jigsaw 650 W"},
    {"number": "9001", "group": "Diverses", "name": "Sticker"},
]


class Article(ErpItem):
    """A row of the ERP."""

    number = cold(str, "number", key=True)
    group = cold(str, "group")
    name = cold(str, "name")


FAMILIES = lookup({"Bohrmaschinen": "drills", "Sägen": "saws"}, name="families")
MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    (Article.group >> FAMILIES).to(FAMILY),
    (Article.name >> clean()).to(Cell[str]("name")),
)


def main(file: Path | None) -> None:
    """Import the rows; the one whose category no table knows is parked, with the reason."""
    with furnished() as pim, SqliteState(":memory:") as state:
        report = ErpToPim(CsvAdapter(csv_of(ROWS), Article), MAPPING, pim, state).run()
        show("ERP category → family", columns(ROWS), tree_of(pim, ["name"]), file)
        print(f"\n{report}")


if __name__ == "__main__":
    main(Path(sys.argv[2]) if sys.argv[1:2] == ["--picture"] else None)
