"""The same path from a live Odoo: categories, then products in three languages, then one change, then the shop.

Run it with `make demo-odoo`, which starts an Odoo 19 with a catalogue of 200 variants (the first time it fetches and
installs it, which takes some minutes). For an Odoo of your own, set ODOO_URL, ODOO_DATABASE, ODOO_USER and ODOO_KEY.
The PIM is the embedded one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.cli import ProgressBar, run_and_exit, show_plan, show_report
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import ErpItem, OdooAdapter, OdooDomain, cold, hot, internal
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    CODE,
    FAMILY,
    PARENT,
    CategoryMapping,
    ProductMapping,
    as_set,
    clean,
    label,
    localized,
    lookup,
    measured,
    plain_text,
    price_in,
    reference,
    sku,
    template,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

ItemT = TypeVar("ItemT", bound=ErpItem)

SERVER = Path(__file__).parents[1] / "tools" / "odoo" / "up.py"


# ---- 1. What Odoo has ---------------------------------------------------------------------------------
class Group(ErpItem):
    """A record of product.category. It has no code in Odoo, and its name may change, so its id is the key."""

    number = cold(int, "id", key=True)
    parent = cold(int, "parent_id")
    name = cold(str, "name")


class Variant(ErpItem):
    """A record of product.product, with what it inherits from its template."""

    id = cold(int, "id", key=True)  # a SKU may be there twice in Odoo, an id may not
    number = cold(str, "default_code")
    english = cold(str, "name")
    french = cold(str, "name@fr_FR")
    german = cold(str, "name@de_DE")
    text_english = cold(str, "description_sale")
    text_french = cold(str, "description_sale@fr_FR")
    text_german = cold(str, "description_sale@de_DE")
    group = cold(int, "categ_id")
    group_name = cold(str, "categ_id.name")
    weight = cold(Decimal, "weight")
    weight_unit = cold(str, "weight_uom_name")
    colour = cold(str, "axes.Colour")
    size = cold(str, "axes.Size")
    ean = cold(str, "barcode")
    list_price = hot(Decimal, "lst_price")
    cost = internal(Decimal, "standard_price")


class Offered(ErpItem):
    """The same record, as far as it changes all day."""

    number = cold(str, "default_code", key=True)
    price = hot(Decimal, "lst_price")
    stock = hot(Decimal, "free_qty")


# ---- 2. Where it goes ---------------------------------------------------------------------------------
LOCALES = ("en_US", "fr_FR", "de_DE")
FAMILY_OF = {
    **dict.fromkeys(("T-shirts", "Hoodies", "Jackets", "Sneakers", "Boots"), "clothing"),
    **dict.fromkeys(
        ("Kitchen", "Lighting", "Furniture", "Furniture parts", "Cables & chains", "Coffee", "Home & Living"), "goods"
    ),
}
COLOURS = {"Black": "BLK", "White": "WHT", "Navy": "NVY", "Olive": "OLV", "Red": "RED"}
SIZES = ("S", "M", "L", "XL", "41", "42", "43", "44")

GROUPS = CategoryMapping(
    Group,
    template("odoo_{id}", id=Group.number).to(CODE),
    template("odoo_{id}", id=Group.parent, missing="drop").default("erp").to(PARENT),  # the PIM's root for this tree
    (Group.name >> clean()).to(label("en_US")),
)

WEIGHT: Cell[Metric] = Cell("weight")
REFERENCE_PRICE: Cell[tuple[Price, ...]] = Cell("reference_price")

PRODUCTS = ProductMapping(
    Variant,
    (Variant.number >> sku()).to(Cell[str]("sku")),
    (Variant.group_name >> lookup(FAMILY_OF, name="family of a category")).required().to(FAMILY),
    (template("odoo_{id}", id=Variant.group) >> as_set()).to(CATEGORIES),
    *localized(
        "name",
        {
            "en_US": (Variant.english >> clean()).required(),
            "fr_FR": Variant.french >> clean(),
            "de_DE": Variant.german >> clean(),
        },
    ),
    *localized(
        "description",
        {
            "en_US": Variant.text_english >> plain_text(),
            "fr_FR": Variant.text_french >> plain_text(),
            "de_DE": Variant.text_german >> plain_text(),
        },
    ),
    ((Variant.weight & Variant.weight_unit) >> measured({"kg": "KILOGRAM"})).to(WEIGHT),
    (Variant.colour >> lookup(COLOURS, name="colours")).to(Cell[str]("colour")),
    (Variant.size >> lookup({one: one for one in SIZES}, name="sizes")).to(Cell[str]("size")),
    Variant.ean.to(Cell[str]("ean")),
    reference(
        Variant.list_price >> price_in("EUR"),
        reason="margin check by the category team",
        min_age=timedelta(days=30),
        min_change=Decimal("0.02"),
    ).to(REFERENCE_PRICE),
)
FEEDS = [Offered.price.feed("price"), Offered.stock.feed("available")]


def attribute(code: str, kind: str, **settings: object) -> Mapping[str, object]:
    """An attribute of the PIM."""
    return {"code": code, "type": f"pim_catalog_{kind}", "group": "other", **settings}


def furnished(path: Path | None = None) -> PimSimulator:
    """A PIM as somebody set it up before the first import: a tree, a channel, attributes, options, families."""
    simulator = PimSimulator(path)
    common = ["sku", "name", "description", "weight", "ean", "reference_price"]
    metric = {"metric_family": "Weight", "default_metric_unit": "KILOGRAM", "decimals_allowed": True}
    channel = {"code": "shop", "category_tree": "erp", "locales": LOCALES, "currencies": ["EUR"]}
    for route, things in (
        ("categories", [{"code": "erp"}]),
        ("channels", [channel]),
        (
            "attributes",
            [
                attribute("sku", "identifier", unique=True),
                attribute("name", "text", localizable=True),
                attribute("description", "textarea", localizable=True),
                attribute("weight", "metric", negative_allowed=False, **metric),
                attribute("ean", "text", max_characters=13),
                attribute("reference_price", "price_collection", decimals_allowed=True),
                attribute("colour", "simpleselect"),
                attribute("size", "simpleselect"),
            ],
        ),
        ("attributes/colour/options", [{"code": code} for code in COLOURS.values()]),
        ("attributes/size/options", [{"code": code} for code in SIZES]),
        (
            "families",
            [
                {"code": "goods", "attributes": common},
                {"code": "clothing", "attributes": [*common, "colour", "size"]},
            ],
        ),
    ):
        simulator.load(f"/api/rest/v1/{route}", things)
    return simulator


# ---- 3. The work --------------------------------------------------------------------------------------
@frozen
class Connection:
    """How to reach an Odoo."""

    url: str
    database: str
    user: str
    key: str

    def adapter(self, item: type[ItemT], model: str) -> OdooAdapter[ItemT]:
        """An adapter for one model, for what has a number: an Odoo has services and fees that are no products."""
        numbered: OdooDomain = [["default_code", "!=", False]] if model == "product.product" else ()
        return OdooAdapter(self.url, self.database, self.user, self.key, item, model=model, domain=numbered)


@contextmanager
def odoo() -> Iterator[Connection]:
    """The Odoo of the environment, or the demo's own, which is stopped at the end."""
    names = ("ODOO_URL", "ODOO_DATABASE", "ODOO_USER", "ODOO_KEY")
    if all(name in os.environ for name in names):
        yield Connection(*(os.environ[name] for name in names))
        return
    started = subprocess.run(
        [sys.executable, SERVER, "up", "--fresh", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if started.returncode:
        sys.exit(started.returncode)  # it has said why
    facts = json.loads(started.stdout)
    try:
        yield Connection(facts["url"], facts["database"], facts["user"], facts["api_key"])
    finally:
        subprocess.run([sys.executable, SERVER, "down"], check=False)


def rename(connection: Connection, number: str, language: str, name: str) -> None:
    """What somebody does in Odoo's own client: a new name, in one language."""
    common = xmlrpc.client.ServerProxy(f"{connection.url}/xmlrpc/2/common")
    user = common.authenticate(connection.database, connection.user, connection.key, {})
    records = xmlrpc.client.ServerProxy(f"{connection.url}/xmlrpc/2/object")

    def call(method: str, *arguments: object, **named: object) -> Any:
        who = (connection.database, user, connection.key)
        # the library's types stop at texts and numbers; it takes lists and records as well
        return records.execute_kw(*who, "product.product", method, arguments, named)  # type: ignore[arg-type]  # XML-RPC has no types

    found = call("search", [["default_code", "=", number]])
    call("write", found, {"name": name}, context={"lang": language})


def heading(text: str) -> None:
    """A line between two steps."""
    print(f"\n=== {text}")


def main() -> int:
    """Run all steps."""
    with odoo() as connection, tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder), connection)


def run_in(folder: Path, connection: Connection) -> int:
    """All steps, with every file in one folder."""
    groups, variants = connection.adapter(Group, "product.category"), connection.adapter(Variant, "product.product")
    print(f"ERP: a live Odoo; {groups.check().message}; {variants.check().message}")
    print("PIM: an embedded Akeneo, with families, attributes and a root category for the ERP's tree")

    with (
        furnished(folder / "pim.db") as simulator,
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(folder / "bridge.db") as state,
        SqliteSink(folder / "shop.db") as shop,
    ):
        heading("1. Categories, parents first")
        show_report(ErpToPim(groups, GROUPS, pim, state).run())

        heading("2. Products: the plan, then the run")
        show_plan(ErpToPim(variants, PRODUCTS, pim, state).plan(), most=5)
        job = ErpToPim(variants, PRODUCTS, pim, state, observers=[ProgressBar()])
        report = job.run()
        show_report(report, most=0)

        heading("3. The same again: no change, no call")
        simulator.forget_calls()
        show_report(job.run(), most=0)
        print(f"mutating calls to the PIM: {len(simulator.mutating_calls)}")

        if "ODOO_URL" not in os.environ:  # an Odoo of your own is only read
            heading("4. Somebody changes one French name in Odoo: one cell is written")
            rename(connection, "DSK-120", "fr_FR", "Bureau 120 cm en chêne massif")
            show_plan(job.plan())
            show_report(job.run(), most=0)

        heading("5. Prices and stock go to the shop, not to the PIM")
        simulator.forget_calls()
        hot_reader = connection.adapter(Offered, "product.product")
        show_report(HotRelay(hot_reader, FEEDS, shop, state).run(), most=3)
        print(f"calls to the PIM: {len(simulator.calls)}; offers in the shop: {len(shop)}")
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
