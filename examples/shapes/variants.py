"""Flat rows become models with variants: `python examples/shapes/variants.py [--picture FILE]`.

This ERP knows articles alone. Which of them are one shirt, the style says; which differ in colour and size, their fields
say; which value belongs to which level, the PIM's family variant says.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from furnished import csv_of, furnished
from picture import columns, show, tree_of

from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, cold
from akeneo_erp_bridge.mapping import FAMILY, VariantMapping, Variants, clean, constant, joined, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import SqliteState, VariantsToPim

ROWS = [
    {"number": "100", "style": "OXF", "colour": "rot", "size": "M", "title": "Oxford shirt", "care": "wash with red"},
    {"number": "101", "style": "OXF", "colour": "rot", "size": "L", "title": "Oxford shirt", "care": "wash with red"},
    {"number": "102", "style": "OXF", "colour": "blau", "size": "M", "title": "Oxford shirt", "care": "wash at 40 °C"},
    {"number": "103", "style": "OXF", "colour": "blau", "size": "M", "title": "Oxford shirt", "care": "wash at 40 °C"},
    {"number": "104", "style": "OXF", "colour": "blau", "size": "L", "title": "Oxford shirt", "care": "wash at 40 °C"},
    {"number": "900", "style": "", "colour": "blau", "size": "L", "title": "Tie", "care": ""},
]


class Shirt(ErpItem):
    """A row of the ERP."""

    number = cold(str, "number", key=True)
    style = cold(str, "style")
    colour = cold(str, "colour")
    size = cold(str, "size")
    title = cold(str, "title")
    care = cold(str, "care")


MAPPING = VariantMapping(
    Shirt,
    Variants(
        model=Shirt.style,
        family_variant="clothing_by_colour_and_size",
        sub_model=joined(Shirt.style, Shirt.colour, separator="_"),
    ),
    (Shirt.number >> sku()).to(Cell[str]("sku")),
    constant("clothing").to(FAMILY),
    (Shirt.title >> clean()).to(Cell[str]("name")),
    (Shirt.care >> clean()).to(Cell[str]("care")),
    (Shirt.colour >> lookup({"rot": "red", "blau": "blue"}, name="colours")).to(Cell[str]("colour")),
    (Shirt.size >> lookup({"S": "s", "M": "m", "L": "l"}, name="sizes")).to(Cell[str]("size")),
)


def main(file: Path | None) -> None:
    """Import the rows; two of them are the same variant, and parked until somebody corrects one."""
    rows = Path(tempfile.mkdtemp()) / "shirts.rows"
    with furnished() as pim, SqliteState(":memory:") as state:
        report = VariantsToPim(CsvAdapter(csv_of(ROWS), Shirt), MAPPING, pim, state, rows=rows).run()
        after = tree_of(pim, ["name", "care", "colour", "size"])
        show("Flat rows → models and variants", columns(ROWS), after, file)
        print(f"\n{report}")


if __name__ == "__main__":
    main(Path(sys.argv[2]) if sys.argv[1:2] == ["--picture"] else None)
