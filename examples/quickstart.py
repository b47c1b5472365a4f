"""The whole path in one file: a merchant's ERP, an embedded Akeneo PIM, an embedded shop.

Run it with `make demo`. It needs no account, no server and no network: the ERP is a SQLite file made by a
generator, the PIM is `PimSimulator`, the shop is a SQLite file. Put your own ERP and your own PIM in
their place, and the rest stays as it is.
"""

from __future__ import annotations

import tempfile
import threading
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.cli import ProgressBar, run_and_exit, show_plan, show_report
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import ErpItem, SqlAdapter, cold, hot, internal
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    ENABLED,
    FAMILY,
    ProductMapping,
    as_set,
    boolean,
    clean,
    decimal,
    localized,
    lookup,
    measured,
    plain_text,
    price_in,
    reference,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState, Stop, SyncReport
from akeneo_erp_bridge.testing import PimSimulator, merchant

ITEMS = 2_000


# ---- 1. What the ERP has. Each field says how warm it is. ---------------------------------------------
class Article(ErpItem):
    """A row of the merchant's article table."""

    number = cold(str, "number", key=True)
    name_en = cold(str, "name_en")
    name_de = cold(str, "name_de")
    text_en = cold(str, "text_en")
    text_de = cold(str, "text_de")
    category = cold(str, "category")
    net_weight = cold(str, "net_weight")  # "1,250"
    weight_unit = cold(str, "weight_unit")  # "KG", "kg", "G"
    colour = cold(str, "colour")
    size = cold(str, "size")
    ean = cold(str, "ean")
    active = cold(str, "active")  # "J" or "N"
    list_price = hot(str, "list_price")
    cost = internal(str, "cost")


class Offered(ErpItem):
    """A row of the view with what changes all day."""

    number = cold(str, "number", key=True)
    price = hot(str, "price")
    stock = hot(int, "stock")


# ---- 2. Where it goes in the PIM ----------------------------------------------------------------------
SKU: Cell[str] = Cell("sku")
WEIGHT: Cell[Metric] = Cell("weight")
COLOUR: Cell[str] = Cell("colour")
SIZE: Cell[str] = Cell("size")
EAN: Cell[str] = Cell("ean")
REFERENCE_PRICE: Cell[tuple[Price, ...]] = Cell("reference_price")
ENGLISH_TEXT: Cell[str] = Cell("description", locale="en_US", channel="ecommerce")
GERMAN_TEXT: Cell[str] = Cell("description", locale="de_DE", channel="ecommerce")

FAMILIES = lookup(merchant.CATEGORY_TO_FAMILY, name="category to family")
CATEGORY_CODES = lookup(merchant.CATEGORY_CODES, name="category codes")
COLOURS = lookup(merchant.COLOURS, name="colours")
UNITS = measured(merchant.UNITS)

MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(SKU),
    (Article.category >> FAMILIES).required().to(FAMILY),
    (Article.category >> CATEGORY_CODES >> as_set()).to(CATEGORIES),
    (Article.active >> boolean(true={"J"}, false={"N"})).to(ENABLED),
    *localized(
        "name",
        {"en_US": (Article.name_en >> clean()).required(), "de_DE": Article.name_de >> clean()},
    ),
    (Article.text_en >> plain_text()).to(ENGLISH_TEXT),
    (Article.text_de >> plain_text()).to(GERMAN_TEXT),
    (((Article.net_weight >> decimal("de_DE")) & Article.weight_unit) >> UNITS).to(WEIGHT),
    (Article.colour >> COLOURS).catch().to(COLOUR),
    (Article.size >> clean()).to(SIZE),
    (Article.ean >> clean(max_length=13)).to(EAN),
    reference(
        Article.list_price >> decimal("de_DE") >> price_in("EUR"),
        reason="margin check by the category team",
        min_age=timedelta(days=30),
        min_change=Decimal("0.02"),
    )
    .catch()
    .to(REFERENCE_PRICE),
)

# Article.cost.to(...) or Offered.stock.to(...) would not pass the type checker, nor the run.
FEEDS = [(Offered.price >> decimal("de_DE")).feed("price"), Offered.stock.feed("available")]


def heading(text: str) -> None:
    """A line between two steps."""
    print(f"\n=== {text}")


def main() -> int:
    """Run all steps."""
    with tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder))


def run_in(folder: Path) -> int:
    """All steps, with every file in one folder."""
    database = folder / "merchant.db"
    facts = merchant.build_merchant(database, items=ITEMS)
    print(f"ERP: a tool and clothing merchant with {facts.items} articles in two languages (SQLite)")

    print("PIM: an embedded Akeneo that behaves like the real one")
    with (
        PimSimulator(folder / "pim.db", sample=True) as simulator,
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(folder / "bridge.db") as state,
        SqliteSink(folder / "shop.db") as shop,
    ):
        erp = SqlAdapter(f"sqlite:///{database}", Article, table="articles")
        job = ErpToPim(erp, MAPPING, pim, state, observers=[ProgressBar(total=ITEMS)])

        heading("1. The plan: nothing is written yet")
        show_plan(job.plan())

        heading("2. The run")
        report = job.run()
        show_report(report, most=0)
        assert report.accounts_for_everything()

        heading("3. The same again: no change, no call")
        count_calls(simulator, job)

        heading("4. Stock and prices change: the shop hears of it, the PIM does not")
        hot_erp = SqlAdapter(f"sqlite:///{database}", Offered, table="articles_hot", hot_changed_at="changed_at")
        relay = HotRelay(hot_erp, FEEDS, shop, state)
        show_report(relay.run(), most=3)
        merchant.change_prices_and_stock(database, count=150)
        simulator.forget_calls()
        show_report(relay.run(), most=0)
        print(f"calls to the PIM: {len(simulator.calls)}; offers in the shop: {len(shop)}")

        heading("5. Ten names change: exactly those cells are written")
        merchant.rename(database, count=10)
        show_plan(job.plan(), most=10)
        count_calls(simulator, job)

        heading("6. A price changes while the relay follows the ERP")
        simulator.forget_calls()
        follow_a_price(relay, database, folder / "shop.db")
        print(f"calls to the PIM: {len(simulator.calls)}, by its own log")
    return 0  # the parked articles are this merchant's, and meant; a job of yours returns report.exit_code


def follow_a_price(relay: HotRelay[Offered], database: Path, shop: Path) -> None:
    """Let the relay run beside us, change one price in the ERP, and look into the shop until it is there."""
    stop = Stop()
    following = threading.Thread(target=relay.follow, kwargs={"stop": stop})
    following.start()
    try:
        (number,) = merchant.change_prices_and_stock(database, count=1, seed=6)
        changed = time.monotonic()
        (page, *_) = relay.erp.read_hot(None, keys=[number])
        price = page.items[0].price
        with SqliteSink(shop) as window:  # another look at the shop, as its customers have
            while window.offer(number)["price"] != price.replace(".", "").replace(",", "."):
                if time.monotonic() - changed > 60:
                    raise SystemExit("the new price did not come to the shop")
                time.sleep(0.01)
            took = time.monotonic() - changed
            print(f"{number} costs {price} in the ERP, and {window.offer(number)['price']} in the shop")
        print(f"within a second: {'yes' if took < 1 else 'no'} (it took {took:.2f} s)")
    finally:
        stop.request()
        following.join()


def count_calls(simulator: PimSimulator, job: ErpToPim[Article]) -> SyncReport:
    """Run the job and print how many calls changed anything in the PIM."""
    simulator.forget_calls()
    report = job.run()
    show_report(report, most=0)
    print(f"mutating calls to the PIM: {len(simulator.mutating_calls)}")
    return report


if __name__ == "__main__":
    run_and_exit(main)
