"""The same path from a live Tryton: categories in three languages, then products, then one change, then the shop.

Run it with `make demo-tryton`, which starts a Tryton server with a catalogue of 200 variants (the first time it
installs it, which takes a minute or two). For a Tryton of your own, set TRYTON_URL, TRYTON_DATABASE, TRYTON_USER
and TRYTON_PASSWORD. The PIM is the embedded one.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.cli import ProgressBar, run_and_exit, show_plan, show_report
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import ErpItem, TrytonAdapter, cold, hot, internal
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    CODE,
    FAMILY,
    PARENT,
    CategoryMapping,
    ProductMapping,
    clean,
    label,
    localized,
    lookup,
    measured,
    plain_text,
    price_in,
    reference,
    single,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

ItemT = TypeVar("ItemT", bound=ErpItem)

SERVER = Path(__file__).parents[1] / "tools" / "tryton" / "up.py"


# ---- 1. What Tryton has -------------------------------------------------------------------------------
class Group(ErpItem):
    """A record of product.category. `name@fr` is the name in French."""

    code = cold(str, "code", key=True)
    parent = cold(str, "parent.code").nullable()
    english = cold(str, "name")
    french = cold(str, "name@fr")
    german = cold(str, "name@de")


class Variant(ErpItem):
    """A record of product.product, with what it inherits from its template."""

    number = cold(str, "code", key=True)
    english = cold(str, "name")
    french = cold(str, "name@fr")
    german = cold(str, "name@de")
    text_english = cold(str, "description")
    text_french = cold(str, "description@fr")
    text_german = cold(str, "description@de")
    groups = cold(frozenset[str], "categories.code")
    weight = cold(Decimal, "weight")
    weight_unit = cold(str, "weight_uom.symbol")
    colour = cold(str, "attributes.color")
    size = cold(str, "attributes.size")
    eans = cold(frozenset[str], "identifiers.code")
    list_price = hot(Decimal, "list_price_used")
    cost = internal(Decimal, "cost_price")


class Offered(ErpItem):
    """The same record, as far as it changes all day."""

    number = cold(str, "code", key=True)
    price = hot(Decimal, "list_price_used")
    stock = hot(Decimal, "quantity")


# ---- 2. Where it goes ---------------------------------------------------------------------------------
LOCALES = ("en_US", "fr_FR", "de_DE")
FAMILY_OF = {
    **dict.fromkeys(("tshirts", "hoodies", "jackets", "sneakers", "boots"), "clothing"),
    **dict.fromkeys(("kitchen", "lighting", "furniture", "parts", "cables", "coffee", "home"), "goods"),
}
COLOURS = ("BLK", "WHT", "NVY", "OLV", "RED")
SIZES = ("S", "M", "L", "XL", "41", "42", "43", "44")

GROUPS = CategoryMapping(
    Group,
    Group.code.to(CODE),
    Group.parent.default("erp").to(PARENT),  # the PIM's root for the ERP's tree
    (Group.english >> clean()).to(label("en_US")),
    (Group.french >> clean()).to(label("fr_FR")),
    (Group.german >> clean()).to(label("de_DE")),
)

WEIGHT: Cell[Metric] = Cell("weight")
REFERENCE_PRICE: Cell[tuple[Price, ...]] = Cell("reference_price")

PRODUCTS = ProductMapping(
    Variant,
    (Variant.number >> sku()).to(Cell[str]("sku")),
    (Variant.groups >> single() >> lookup(FAMILY_OF, name="family of a category")).required().to(FAMILY),
    Variant.groups.to(CATEGORIES),
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
    ((Variant.weight & Variant.weight_unit) >> measured({"kg": "KILOGRAM", "g": "GRAM"})).to(WEIGHT),
    (Variant.colour >> lookup({one: one for one in COLOURS}, name="colours")).to(Cell[str]("colour")),
    (Variant.size >> lookup({one: one for one in SIZES}, name="sizes")).to(Cell[str]("size")),
    (Variant.eans >> single()).to(Cell[str]("ean")),
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
        ("attributes/colour/options", [{"code": code} for code in COLOURS]),
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
    """How to reach a Tryton."""

    url: str
    database: str
    user: str
    password: str

    def adapter(self, item: type[ItemT], model: str) -> TrytonAdapter[ItemT]:
        """An adapter for one model."""
        return TrytonAdapter(self.url, self.database, self.user, self.password, item, model=model)


@contextmanager
def tryton() -> Iterator[Connection]:
    """The Tryton of the environment, or the demo's own, which is stopped at the end."""
    names = ("TRYTON_URL", "TRYTON_DATABASE", "TRYTON_USER", "TRYTON_PASSWORD")
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
        yield Connection(facts["url"], facts["database"], facts["user"], facts["password"])
    finally:
        subprocess.run([sys.executable, SERVER, "down"], check=False)


def rename(connection: Connection, number: str, language: str, name: str) -> None:
    """What somebody does in Tryton's own client: a new name, in one language."""
    with httpx.Client(base_url=connection.url, headers={"Accept-Encoding": "gzip"}) as http:

        def call(method: str, *params: object) -> Any:
            answer = http.post(f"/{connection.database}/rpc/", json={"id": 1, "method": method, "params": params})
            return answer.raise_for_status().json()["result"]

        user, token, *_ = call("common.db.login", connection.user, {"password": connection.password}, "en")
        session = base64.b64encode(f"{connection.user}:{user}:{token}".encode()).decode()
        http.headers["Authorization"] = f"Session {session}"
        found = call("model.product.template.search", [["code", "=", number]], 0, 1, None, {})
        call("model.product.template.write", found, {"name": name}, {"language": language})


def heading(text: str) -> None:
    """A line between two steps."""
    print(f"\n=== {text}")


def main() -> int:
    """Run all steps."""
    with tryton() as connection, tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder), connection)


def run_in(folder: Path, connection: Connection) -> int:
    """All steps, with every file in one folder."""
    groups, variants = connection.adapter(Group, "product.category"), connection.adapter(Variant, "product.product")
    print(f"ERP: a live Tryton; {groups.check().message}, {variants.check().message}")
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

        if "TRYTON_URL" not in os.environ:  # a Tryton of your own is only read
            heading("4. Somebody changes one French name in Tryton: one cell is written")
            rename(connection, "DSK-120", "fr", "Bureau 120 cm en chêne massif")
            show_plan(job.plan())
            show_report(job.run(), most=0)

        heading("5. Prices and stock go to the shop, not to the PIM")
        simulator.forget_calls()
        hot = connection.adapter(Offered, "product.product")
        show_report(HotRelay(hot, FEEDS, shop, state).run(), most=3)
        print(f"calls to the PIM: {len(simulator.calls)}; offers in the shop: {len(shop)}")
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
