"""The same path from ERPNext: variants of items, one change, then prices and stock by their own clocks.

    python examples/erpnext_import.py

It reads a site that answers as Frappe's documentation says (tools/frappe/frappe_site.py), for a real one wants a database
server and more to be installed. With ERPNEXT_URL, ERPNEXT_KEY and ERPNEXT_SECRET set, it reads an ERPNext of yours, and
changes nothing there. The PIM is the embedded one.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.cli import run_and_exit, show_plan, show_report
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import ErpItem, FrappeAdapter, FrappeSite, cold, hot
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, constant, localized, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

PLACE = Path(__file__).parents[1] / "tools" / "frappe" / "frappe_site.py"


# ---- 1. What ERPNext has: its tables are lists of rows, `item_name@fr` is of the DocType Translation ----
class Article(ErpItem):
    """A document of Item, as far as it changes slowly."""

    code = cold(str, "item_code", key=True)
    name = cold(str, "item_name")
    french = cold(str, "item_name@fr").nullable()
    eans = cold(str, "barcodes[*].barcode").many()


class Offered(ErpItem):
    """The same document with what stands beside it: Item Price and Bin, which have stamps of their own."""

    code = cold(str, "item_code", key=True)
    price = hot(Decimal, "prices[0].price_list_rate")
    stock = hot(Decimal, "bins[*].actual_qty").many()


# ---- 2. Where it goes ----
ARTICLES = ProductMapping(
    Article,
    (Article.code >> sku()).to(Cell[str]("sku")),
    constant("goods").to(FAMILY),
    *localized("name", {"en_US": (Article.name >> clean()).required(), "fr_FR": Article.french.default("") >> clean()}),
    Article.eans.map(lambda eans: eans[0] if eans else "").to(Cell[str]("ean")),
)
FEEDS = [Offered.price.feed("price"), Offered.stock.map(lambda places: sum(places, Decimal())).feed("available")]


def furnished(path: Path | None = None) -> PimSimulator:
    """A PIM as somebody set it up before the first import."""
    simulator = PimSimulator(path)
    things: Mapping[str, list[dict[str, object]]] = {
        "categories": [{"code": "erp"}],
        "channels": [{"code": "shop", "category_tree": "erp", "locales": ["en_US", "fr_FR"], "currencies": ["EUR"]}],
        "attributes": [
            {"code": "sku", "type": "pim_catalog_identifier", "group": "other", "unique": True},
            {"code": "name", "type": "pim_catalog_text", "group": "other", "localizable": True},
            {"code": "ean", "type": "pim_catalog_text", "group": "other"},
        ],
        "families": [{"code": "goods", "attributes": ["sku", "name", "ean"]}],
    }
    for route, ones in things.items():
        simulator.load(f"/api/rest/v1/{route}", ones)
    return simulator


# ---- 3. The work ----
def stand_in() -> ModuleType:
    """The site of tools/frappe."""
    spec = importlib.util.spec_from_file_location("frappe_site", PLACE)
    if spec is None or spec.loader is None:
        sys.exit(f"{PLACE} is missing")
    found = importlib.util.module_from_spec(spec)
    sys.modules["frappe_site"] = found
    spec.loader.exec_module(found)
    return found


def heading(text: str) -> None:
    """A line between two steps."""
    print(f"\n=== {text}")


def main() -> int:
    """Run all steps."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if "ERPNEXT_URL" in os.environ:
            site = FrappeSite(os.environ["ERPNEXT_URL"], os.environ["ERPNEXT_KEY"], os.environ["ERPNEXT_SECRET"])
            stack.callback(site.close)
            return run_in(folder, site, None)
        module = stand_in()
        erpnext = stack.enter_context(module.Site())
        module.fill(erpnext)
        site = FrappeSite(erpnext.url, module.KEY, module.SECRET)
        stack.callback(site.close)
        return run_in(folder, site, erpnext.save)


def run_in(folder: Path, site: FrappeSite, save: object) -> int:
    """All steps, with every file in one folder; `save` changes a document, where that is allowed."""
    articles = FrappeAdapter(site, Article, where=[("has_variants", "=", 0)], overlap=timedelta(0))
    print(f"ERP: {articles.check().message}")
    with (
        furnished(folder / "pim.db") as simulator,
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(folder / "bridge.db") as state,
        SqliteSink(folder / "shop.db") as shop,
    ):
        heading("1. Items that are no templates")
        job = ErpToPim(articles, ARTICLES, pim, state)
        report = job.run()
        show_report(report, most=3)

        heading("2. Prices and stock go to the shop")
        relay = HotRelay(FrappeAdapter(site, Offered, where=[("has_variants", "=", 0)]), FEEDS, shop, state)
        show_report(relay.run(), most=3)

        if callable(save):
            heading("3. A name and a price change: one cell for the PIM, one offer for the shop")
            save("Item", "TSH-M", item_name="T-shirt medium")
            save("Item Price", "p-TSH-S", price_list_rate=17.5)
            show_plan(job.plan())
            show_report(job.run(), most=0)
            show_report(relay.run(), most=0)
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
