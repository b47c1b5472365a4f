"""Set-up on request: from an empty PIM to one that an ERP's articles fit into.

Run it with `python examples/setup_pim.py`. The PIM is `PimSimulator`; put your own in its place,
`AkeneoClient.from_env()`, and the rest stays as it is. Nothing is written before `setup.apply`, which does what the
plan showed and nothing else.
"""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import AttributeType, Metric
from akeneo_erp_bridge.cli import run_and_exit, show_setup
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, in_unit, localized, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.testing import PimSimulator


# ---- 1. The ERP's articles, and where they go. --------------------------------------------------------
class Article(ErpItem):
    """A row of the ERP."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    kind = cold(str, "kind")
    weight = cold(Decimal, "net_weight")
    colour = cold(str, "colour")


SKU: Cell[str] = Cell("sku")
WEIGHT: Cell[Metric] = Cell("weight")
COLOUR: Cell[str] = Cell("colour")
COLOURS = {"rot": "red", "blau": "blue"}

MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(SKU),
    *localized("name", {"en_US": Article.name >> clean()}),
    (Article.kind >> lookup({"S": "clothing", "T": "tools"}, name="families")).to(FAMILY),
    (Article.weight >> in_unit("KILOGRAM")).to(WEIGHT),
    (Article.colour >> lookup(COLOURS, name="colours")).to(COLOUR),
)
ROWS = [
    {"number": "1001", "name": "Shirt", "kind": "S", "net_weight": "0.25", "colour": "Rot"},
    {"number": "1002", "name": "Shirt", "kind": "S", "net_weight": "0.25", "colour": "Mintgrün"},
    {"number": "1003", "name": "Drill", "kind": "T", "net_weight": "1.75", "colour": "blau"},
]


# ---- 2. What the PIM needs for that: what we know, and what the mapping tells. ------------------------
def blueprint_for(pim: AkeneoClient) -> setup.Blueprint:
    """What is written down here wins over what is guessed."""
    written = setup.Blueprint.of(
        setup.attribute_group("erp", labels={"en_US": "From the ERP", "de_DE": "Aus dem ERP"}),
        setup.attribute("name", AttributeType.TEXT, localizable=True, labels={"en_US": "Name", "de_DE": "Name"}),
        setup.select("colour", {"red": {"en_US": "Red", "de_DE": "Rot"}, "blue": {"en_US": "Blue", "de_DE": "Blau"}}),
        setup.family("clothing", ["sku", "name", "weight", "colour"], label="name", required={"ecommerce": ["name"]}),
        setup.family_variant("clothing_by_colour", "clothing", (["colour"], ["weight"])),
        setup.category_tree("erp_tree", {"workwear": {}, "machines": {}}),
        group="erp",
    )
    return setup.Blueprint.of(written, setup.Blueprint.for_mapping(MAPPING, pim.structure()))


def heading(text: str) -> None:
    """A line between two steps."""
    print(f"\n=== {text}")


def show(simulator: PimSimulator, pim: AkeneoClient, file: Path) -> None:
    """Propose, look, apply; and again."""
    heading("1. The plan. Nothing is written yet.")
    blueprint = blueprint_for(pim)
    plan = setup.propose(blueprint, setup.look(pim, blueprint))
    show_setup(plan)
    file.write_text(plan.to_json(), encoding="utf-8")  # for a pull request

    heading("2. Somebody has agreed. Another process applies the file.")
    agreed = setup.SetupPlan.from_json(file.read_text(encoding="utf-8"))
    print(setup.apply(agreed, pim))
    problems = MAPPING.preflight(pim.structure(with_options_of=[AttributeCode("colour")]))
    print(f"problems of the mapping in this PIM: {len(problems)}")

    heading("3. The same plan again")
    simulator.forget_calls()
    setup.apply(agreed, pim)
    print(f"mutating calls to the PIM: {len(simulator.mutating_calls)}")

    heading("4. Words that the ERP's people invented meanwhile")
    table = lookup(COLOURS, name="colours")
    words = setup.unknown_words(Article.colour >> clean(), table, map(Article, ROWS))
    options = pim.attribute_options("colour").list()
    proposal = setup.propose_options("colour", words, options, locale="de_DE")
    more = setup.propose(proposal.blueprint, setup.look(pim, proposal.blueprint))
    print(more)
    print(f"to be added to the table: {dict(proposal.codes)}")


def program() -> int:
    """A PIM in which people have made a channel, and nothing else."""
    simulator = PimSimulator()
    simulator.load("/api/rest/v1/categories", [{"code": "master"}])
    channel = {"code": "ecommerce", "category_tree": "master", "locales": ["en_US", "de_DE"], "currencies": ["EUR"]}
    simulator.load("/api/rest/v1/channels", [channel])
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        tempfile.TemporaryDirectory() as folder,
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
    ):
        show(simulator, pim, Path(folder) / "setup.json")
    return 0


if __name__ == "__main__":
    run_and_exit(program)
