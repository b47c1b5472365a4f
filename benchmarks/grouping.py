"""Flat rows find their models: how fast, and in how much memory."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rows import Figures

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import AttributeType, PimStructure
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, Page, cold
from akeneo_erp_bridge.mapping import (
    FAMILY,
    CompiledMapping,
    VariantMapping,
    Variants,
    clean,
    constant,
    joined,
    lookup,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.sync._rows._groups import RowGroups
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.testing import PimSimulator

BLUEPRINT = setup.Blueprint.of(
    setup.attribute("sku", AttributeType.IDENTIFIER),
    setup.attribute("name", AttributeType.TEXT),
    setup.select("colour", {"red": {}, "blue": {}}),
    setup.select("size", {"s": {}, "m": {}, "l": {}}),
    setup.family("clothing", ["sku", "name", "colour", "size"]),
    setup.family_variant("deep", "clothing", (["colour"], []), (["size"], ["sku"])),
    group="other",
)


class Shirt(ErpItem):
    """Six of a style: two colours, three sizes."""

    number = cold(str, "number", key=True)
    style = cold(str, "style")
    colour = cold(str, "colour")
    size = cold(str, "size")
    name = cold(str, "name")


MAPPING = VariantMapping(
    Shirt,
    Variants(model=Shirt.style, family_variant="deep", sub_model=joined(Shirt.style, Shirt.colour, separator="_")),
    (Shirt.number >> sku()).to(Cell[str]("sku")),
    constant("clothing").to(FAMILY),
    (Shirt.name >> clean()).to(Cell[str]("name")),
    (Shirt.colour >> lookup({"rot": "red", "blau": "blue"})).to(Cell[str]("colour")),
    Shirt.size.map(str.lower).to(Cell[str]("size")),
)


class Shirts:
    """An ERP that makes its rows when they are read; those of a style are far apart."""

    def __init__(self, number: int) -> None:
        self.number = number

    def describe(self) -> ErpSchema:
        return ErpSchema("shirts")

    def check(self) -> Health:
        return Health(ok=True, message="")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        styles = self.number // 6
        for first in range(0, self.number, limit):
            some = (divmod(number, styles) for number in range(first, min(first + limit, self.number)))
            yield Page([Shirt(_row(style, place)) for place, style in some], [], Cursor("sequence", str(first + limit)))


def _row(style: int, place: int) -> dict[str, object]:
    return {
        "number": f"{style:07}-{place}",
        "style": f"ST{style:07}",
        "colour": ("rot", "blau")[place % 6 // 3],
        "size": "SML"[place % 3],
        "name": f"Shirt {style}",
    }


def structure() -> PimStructure:
    """A PIM that has what the mapping needs."""
    simulator = PimSimulator()
    simulator.load("/api/rest/v1/categories", [{"code": "master"}])
    channel = {"code": "shop", "category_tree": "master", "locales": ["en_US"], "currencies": ["EUR"]}
    simulator.load("/api/rest/v1/channels", [channel])
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        report = setup.apply(setup.propose(BLUEPRINT, setup.look(pim, BLUEPRINT)), pim)
        assert report.exit_code == 0, report
        return pim.structure()


def grouped(number: int) -> float:
    """Group rows, give out all models and products; the rate in rows a second."""
    known = structure()
    with tempfile.TemporaryDirectory() as folder:
        store = RowStore(Path(folder) / "rows")
        groups = RowGroups(CompiledMapping(MAPPING, known), MAPPING, store)
        begun = time.perf_counter()
        groups.take_in(Shirts(number // 6 * 6), limit=500, anew=False, seen=lambda: None)
        for level in (0, 1):
            for _ in groups.models(level).read_items(None, fields=frozenset(), limit=500):
                pass
        count = sum(len(page.items) for page in groups.products().read_items(None, fields=frozenset(), limit=500))
        took = time.perf_counter() - begun
        store.close()
    assert count == number // 6 * 6
    return count / took


def rows(size: int) -> Figures:
    """Rows a second, in and out."""
    return Figures(grouped(size), None, "rows/s", None)


def memory(size: int) -> Figures:
    """The most memory a process takes that groups so many rows."""
    grouped(size)
    return Figures(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, None, "MiB", None)
