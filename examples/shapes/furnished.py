"""An embedded PIM with families for tools and shirts, made by a blueprint as one would make it in a PIM of one's own."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import AttributeType
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.testing import PimSimulator

BLUEPRINT = setup.Blueprint.of(
    setup.attribute_group("erp", labels={"en_US": "From the ERP"}),
    setup.attribute("sku", AttributeType.IDENTIFIER),
    setup.attribute("name", AttributeType.TEXT),
    setup.attribute("care", AttributeType.TEXT),
    setup.select("colour", {"red": {"en_US": "Red"}, "blue": {"en_US": "Blue"}}),
    setup.select("size", {"s": {"en_US": "S"}, "m": {"en_US": "M"}, "l": {"en_US": "L"}}),
    setup.family("drills", ["sku", "name"], label="name"),
    setup.family("saws", ["sku", "name"], label="name"),
    setup.family("clothing", ["sku", "name", "care", "colour", "size"], label="name"),
    setup.family_variant("clothing_by_size", "clothing", (["size"], ["sku"])),
    setup.family_variant("clothing_by_colour_and_size", "clothing", (["colour"], ["care"]), (["size"], ["sku"])),
    group="erp",
)


def furnished() -> AkeneoClient:
    """A client of that PIM. For a PIM of your own: `AkeneoClient(address, PasswordAuth(...))`."""
    simulator = PimSimulator()
    simulator.load("/api/rest/v1/categories", [{"code": "master"}])
    channel = {"code": "ecommerce", "category_tree": "master", "locales": ["en_US"], "currencies": ["EUR"]}
    simulator.load("/api/rest/v1/channels", [channel])
    pim = AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport())
    report = setup.apply(setup.propose(BLUEPRINT, setup.look(pim, BLUEPRINT)), pim)
    assert report.exit_code == 0, report
    return pim


def csv_of(rows: Sequence[Mapping[str, str]]) -> Path:
    """The rows as a CSV file, as many an ERP exports them."""
    path = Path(tempfile.mkdtemp()) / "articles.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
