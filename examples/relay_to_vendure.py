"""Prices and stock from a SQL database into a real Vendure shop, and one change of a price. No PIM is in reach.

Run it with `.venv/bin/python examples/relay_to_vendure.py`. It starts a Vendure with 1,000 variants on this machine, which
takes some minutes the first time (it needs node 20 and npm); later it takes seconds.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import httpx

from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce import ShopLogin, VendureSink
from akeneo_erp_bridge.erp import ErpItem, SqlAdapter, cold, hot, internal
from akeneo_erp_bridge.sync import HotRelay, SqliteState

SHOPS = Path(__file__).parents[1] / "tools" / "commerce" / "shops.py"


class Offered(ErpItem):
    """A row of the ERP, as far as it changes all day."""

    number = cold(str, "number", key=True)
    price = hot(Decimal, "price")
    stock = hot(int, "stock")
    cost = internal(Decimal, "cost")  # Offered.cost.feed(...) would not type-check


FEEDS = [Offered.price.feed("price"), Offered.stock.feed("available")]


def make_erp(path: Path) -> None:
    """Six hundred items; one of them the shop has never heard of, and one has a wrong price."""
    with closing(sqlite3.connect(path)) as erp, erp:
        erp.execute("CREATE TABLE item (number TEXT PRIMARY KEY, price NUMERIC, stock INTEGER, cost NUMERIC)")
        for number in range(1, 151):
            for variant in ("RS", "RM", "BS", "BM"):
                row = (f"ERP-{number:04}-{variant}", f"{9 + number}.90", number % 40, f"{number}.10")
                erp.execute("INSERT INTO item VALUES (?, ?, ?, ?)", row)
        erp.execute("UPDATE item SET price = -1 WHERE number = 'ERP-0007-RM'")
        erp.execute("INSERT INTO item VALUES ('ERP-9999', 5, 1, 1)")


def change(path: Path, statement: str, *values: str) -> None:
    """What somebody does in the ERP."""
    with closing(sqlite3.connect(path)) as erp, erp:
        erp.execute(statement, values)


@contextmanager
def vendure() -> Iterator[Mapping[str, str]]:
    """A shop as it was filled, which is stopped at the end."""
    started = subprocess.run(
        [sys.executable, SHOPS, "vendure", "up", "--fresh", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    if started.returncode:
        sys.exit(started.returncode)  # it has said why
    try:
        yield json.loads(started.stdout)
    finally:
        subprocess.run([sys.executable, SHOPS, "vendure", "down"], stdout=subprocess.DEVNULL, check=False)


def shown(shop_url: str, article: str) -> str:
    """What a shopper sees: Vendure's Shop API, which needs no sign-in."""
    query = f'{{ product(slug: "{article}") {{ variants {{ sku price currencyCode stockLevel }} }} }}'
    found = httpx.post(shop_url, json={"query": query}, timeout=30).json()["data"]["product"]["variants"]
    return ", ".join(
        f"{one['sku']} {Decimal(one['price']) / 100:.2f} {one['currencyCode']} {one['stockLevel']}" for one in found
    )


def main() -> None:
    """Three runs: everything, nothing, one change."""
    with tempfile.TemporaryDirectory() as folder, vendure() as facts:
        database = Path(folder) / "erp.db"
        make_erp(database)
        calls: list[httpx.Request] = []
        login = ShopLogin(facts["username"], facts["password"])
        with (
            VendureSink(
                facts["url"],
                login,
                currency=CurrencyCode("EUR"),
                location="Default Stock Location",
                transport=Counted(calls),
            ) as shop,
            SqliteState(Path(folder) / "bridge.db") as state,
        ):
            relay = HotRelay(SqlAdapter(f"sqlite:///{database}", Offered, table="item"), FEEDS, shop, state)
            print("=== 1. Everything")
            print(shown(facts["shop_url"], "article-0003"))
            print(relay.run())
            print(shown(facts["shop_url"], "article-0003"))
            print(f"calls to the shop: {len(calls)}")

            print("=== 2. Nothing has changed: what is parked is tried again, nothing else is sent")
            print(relay.run())

            print("=== 3. One price changes in the ERP")
            change(database, "UPDATE item SET price = '8.75' WHERE number = ?", "ERP-0003-RS")
            change(database, "DELETE FROM item WHERE number IN ('ERP-9999', 'ERP-0007-RM')")
            calls.clear()
            print(relay.run())
            print(shown(facts["shop_url"], "article-0003"))
            print(f"calls to the shop: {len(calls)}")


class Counted(httpx.HTTPTransport):
    """The network, and a list of what went out."""

    def __init__(self, calls: list[httpx.Request]) -> None:
        super().__init__()
        self._calls = calls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        self._calls.append(request)
        return super().handle_request(request)


if __name__ == "__main__":
    main()
