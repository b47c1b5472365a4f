"""The same path from a live OData 4 service: groups, then articles, then one change, then the shop.

    python examples/odata_import.py

It starts a small ERP on SAP's CAP runtime (tools/cap/up.py; the first time it installs it from npm, which takes some
seconds). For a service of your own, change the paths of the classes below. The PIM is the embedded one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import httpx
from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.cli import run_and_exit, show_plan, show_report
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import BasicAuth, ErpItem, ODataAdapter, ODataDialect, ODataService, cold, hot
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    CODE,
    FAMILY,
    PARENT,
    CategoryMapping,
    ProductMapping,
    clean,
    constant,
    label,
    localized,
    lookup,
    measured,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

SERVER = Path(__file__).parents[1] / "tools" / "cap" / "up.py"


# ---- 1. What the service has: `name@de` is the name in German, `category.code` is read through a relation ----
class Group(ErpItem):
    """An entity of Categories."""

    code = cold(str, "code", key=True)
    parent = cold(str, "parent.code").nullable()
    english = cold(str, "name")
    german = cold(str, "name@de")


class Article(ErpItem):
    """An entity of Items, as far as it changes slowly."""

    number = cold(str, "number", key=True)
    english = cold(str, "name")
    german = cold(str, "name@de")
    group = cold(str, "category.code")
    weight = cold(Decimal, "weight")


class Offered(ErpItem):
    """The same entity, as far as it changes all day."""

    number = cold(str, "number", key=True)
    price = hot(Decimal, "unitPrice")
    stock = hot(Decimal, "inventory")


# ---- 2. Where it goes ----
WEIGHT: Cell[Metric] = Cell("weight")

GROUPS = CategoryMapping(
    Group,
    Group.code.to(CODE),
    Group.parent.default("erp").to(PARENT),  # the PIM's root for the ERP's tree
    (Group.english >> clean()).to(label("en_US")),
    (Group.german >> clean()).to(label("de_DE")),
)
ARTICLES = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    constant("goods").to(FAMILY),
    (Article.group >> lookup({one: frozenset({one}) for one in ("drills", "saws", "bits")}, name="groups")).to(
        CATEGORIES
    ),
    *localized("name", {"en_US": (Article.english >> clean()).required(), "de_DE": Article.german >> clean()}),
    ((Article.weight & constant("kg")) >> measured({"kg": "KILOGRAM"})).to(WEIGHT),
)
FEEDS = [Offered.price.feed("price"), Offered.stock.feed("available")]


def furnished(path: Path | None = None) -> PimSimulator:
    """A PIM as somebody set it up before the first import."""
    simulator = PimSimulator(path)
    metric = {"metric_family": "Weight", "default_metric_unit": "KILOGRAM", "decimals_allowed": True}
    things: Mapping[str, list[dict[str, object]]] = {
        "categories": [{"code": "erp"}],
        "channels": [
            {"code": "shop", "category_tree": "erp", "locales": ["en_US", "de_DE"], "currencies": ["EUR"]},
        ],
        "attributes": [
            {"code": "sku", "type": "pim_catalog_identifier", "group": "other", "unique": True},
            {"code": "name", "type": "pim_catalog_text", "group": "other", "localizable": True},
            {"code": "weight", "type": "pim_catalog_metric", "group": "other", "negative_allowed": False, **metric},
        ],
        "families": [{"code": "goods", "attributes": ["sku", "name", "weight"]}],
    }
    for route, ones in things.items():
        simulator.load(f"/api/rest/v1/{route}", ones)
    return simulator


# ---- 3. The work ----
@frozen
class Connection:
    """How to reach the service."""

    url: str
    user: str
    password: str

    def service(self) -> ODataService:
        """CAP takes batches in JSON."""
        return ODataService(self.url, auth=BasicAuth(self.user, self.password), dialect=ODataDialect(batch="json"))

    def rename(self, number: str, name: str) -> None:
        """What somebody does in the ERP's own client."""
        address = f"{self.url}/Items('{quote(number, safe='')}')"
        headers = {"If-Match": "*"}
        httpx.patch(address, json={"name": name}, auth=(self.user, self.password), headers=headers).raise_for_status()


@contextmanager
def served() -> Iterator[Connection]:
    """The demo's own service, which is stopped at the end."""
    command = [sys.executable, str(SERVER), "up", "--fresh", "--port", "0", "--json"]
    started = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if started.returncode:
        sys.exit(started.returncode)  # it has said why
    try:
        yield Connection(**json.loads(started.stdout))
    finally:
        subprocess.run([sys.executable, str(SERVER), "down"], check=False)


def heading(text: str) -> None:
    """A line between two steps."""
    print(f"\n=== {text}")


def main() -> int:
    """Run all steps."""
    with served() as connection, tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder), connection)


def run_in(folder: Path, connection: Connection) -> int:
    """All steps, with every file in one folder."""
    service = connection.service()
    groups = ODataAdapter(service, Group, entity_set="Categories")
    # the keys of the seed that no PIM takes for an identifier stay behind
    articles = ODataAdapter(
        service, Article, entity_set="Items", where="startswith(number,'DR-')",
        changed_at="modifiedAt", overlap=timedelta(seconds=2),
    )  # fmt: skip
    print(f"ERP: {articles.check().message}")
    with (
        furnished(folder / "pim.db") as simulator,
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(folder / "bridge.db") as state,
        SqliteSink(folder / "shop.db") as shop,
    ):
        heading("1. Groups, parents first, then articles")
        show_report(ErpToPim(groups, GROUPS, pim, state).run(), most=0)
        job = ErpToPim(articles, ARTICLES, pim, state)
        report = job.run()
        show_report(report, most=0)

        heading("2. The same again: no change, no call")
        simulator.forget_calls()
        show_report(job.run(), most=0)
        print(f"mutating calls to the PIM: {len(simulator.mutating_calls)}")

        heading("3. Somebody renames one article: one cell is written")
        connection.rename("DR-0042", "Drill forty-two")
        show_plan(job.plan())
        show_report(job.run(), most=0)

        heading("4. Prices and stock go to the shop, not to the PIM")
        simulator.forget_calls()
        hot_items = ODataAdapter(service, Offered, entity_set="Items", where="unitPrice ne null")
        show_report(HotRelay(hot_items, FEEDS, shop, state).run(), most=3)
        print(f"calls to the PIM: {len(simulator.calls)}; offers in the shop: {len(shop)}")
    service.close()
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
