"""The shops of tools/commerce, seen past the sinks: what a shopper, or the shop's own back office, sees."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json import loads
from pathlib import Path
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.codes import ErpKey

SHOPS = Path(__file__).parents[1] / "tools" / "commerce" / "shops.py"
STATE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "akeneo_erp_bridge" / "shops"
ARTICLES = 250
KEYS = [ErpKey(f"ERP-{number:04}-{suffix}") for number in range(1, ARTICLES + 1) for suffix in ("RS", "RM", "BS", "BM")]


def started(shop: str) -> dict[str, str]:
    """How to reach a shop as it was filled. Skips the test where it cannot be had; a gate fails."""
    command = [sys.executable, str(SHOPS), shop, "up", "--fresh", "--json", "--articles", str(ARTICLES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        facts: dict[str, str] = loads(done.stdout)
        return facts
    reason = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
    if "CI" in os.environ:
        pytest.fail(f"no {shop}: {done.stderr}")
    pytest.skip(f"no {shop} here: {reason}")


def stopped(shop: str) -> None:
    subprocess.run([sys.executable, str(SHOPS), shop, "down"], stdout=subprocess.DEVNULL, check=True)


class VendureWorld:
    """Prices as the Shop API shows them; stock, which it tells nobody, as the Admin API does."""

    keys = KEYS

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.facts = facts
        self.http = httpx.Client(timeout=120)
        self.sign_in()

    def sign_in(self) -> None:
        user = {"u": self.facts["username"], "p": self.facts["password"]}
        answer = self.post(
            "mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }", user
        )
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {answer.headers['vendure-auth-token']}"

    def post(self, query: str, variables: Mapping[str, Any] | None = None, url: str | None = None) -> httpx.Response:
        answer = self.http.post(url or self.facts["url"], json={"query": query, "variables": variables or {}})
        assert "errors" not in answer.json(), answer.text
        return answer

    def admin(self, query: str, **variables: Any) -> Any:
        return self.post(query, variables).json()["data"]

    def shop(self, currency: str, keys: Sequence[ErpKey]) -> dict[str, Decimal]:
        slugs = sorted({f"article-{key[4:8]}" for key in keys})
        found: dict[str, Decimal] = {}
        for start in range(0, len(slugs), 50):
            asked = "".join(
                f'a{number}: product(slug: "{slug}") {{ variants {{ sku price }} }} '
                for number, slug in enumerate(slugs[start : start + 50])
            )
            url = f"{self.facts['shop_url']}?currencyCode={currency}"
            for product in self.post(f"{{ {asked} }}", url=url).json()["data"].values():
                found |= {one["sku"]: Decimal(one["price"]) / 100 for one in (product or {"variants": []})["variants"]}
        return found

    def prices(self, keys: Sequence[ErpKey]) -> Sequence[Decimal | None]:
        found = self.shop("EUR", keys)
        return [found.get(key) for key in keys]

    def stocks(self, keys: Sequence[ErpKey], place: str = "1") -> Sequence[int | None]:
        found: dict[str, int] = {}
        query = """query($s: [String!]) { productVariants(options: {take: 1000, filter: {sku: {in: $s}}}) {
            items { sku stockLevels { stockLocationId stockOnHand } } } }"""
        for one in self.admin(query, s=list(keys))["productVariants"]["items"]:
            levels = {level["stockLocationId"]: level["stockOnHand"] for level in one["stockLevels"]}
            found[one["sku"]] = levels[place]
        return [found[key] for key in keys]

    def other_price(self, key: ErpKey) -> Decimal | None:
        return self.shop("USD", [key]).get(key)


class MedusaWorld:
    """Variants as the Admin API shows them, all prices and levels of each."""

    keys = KEYS

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.facts = facts
        self.http = httpx.Client(base_url=facts["url"], timeout=120)
        user = {"email": facts["username"], "password": facts["password"]}
        token = self.http.post("/auth/user/emailpass", json=user).json()["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        places = self.get("/admin/stock-locations")["stock_locations"]
        self.places: dict[str, str] = {one["name"]: one["id"] for one in places}

    def get(self, path: str, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return loads(answer.content, parse_float=Decimal)

    def post(self, path: str, body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return loads(answer.content, parse_float=Decimal)

    def variants(self, keys: Sequence[ErpKey]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        fields = "id,sku,product_id,*prices,prices.price_rules.*,inventory_items.*,inventory_items.inventory.location_levels.*"
        for start in range(0, len(keys), 100):
            asked = {"sku[]": [*keys[start : start + 100]], "limit": 1000, "fields": fields}
            found |= {one["sku"]: one for one in self.get("/admin/product-variants", **asked)["variants"]}
        return found

    def amount(self, variant: Any, currency: str) -> Decimal | None:
        for one in variant["prices"]:
            if one["currency_code"] == currency and not one["rules"] and not one["min_quantity"]:
                return Decimal(one["amount"])
        return None

    def prices(self, keys: Sequence[ErpKey]) -> Sequence[Decimal | None]:
        found = self.variants(keys)
        return [self.amount(found[key], "eur") for key in keys]

    def stocks(self, keys: Sequence[ErpKey], place: str = "Main warehouse") -> Sequence[int | None]:
        found = self.variants(keys)
        return [
            next(
                (
                    int(level["stocked_quantity"])
                    for item in found[key]["inventory_items"]
                    for level in item["inventory"]["location_levels"]
                    if level["location_id"] == self.places[place]
                ),
                None,
            )
            for key in keys
        ]

    def other_price(self, key: ErpKey) -> Decimal | None:
        return self.amount(self.variants([key])[key], "usd")


class OscarWorld:
    """A few items as the shopper's API shows them; many from the shop's database, since the API shows one at a time."""

    keys = KEYS

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.facts = facts
        self.http = httpx.Client(base_url=facts["url"], timeout=120)
        self.database = STATE / "oscar" / "shop.sqlite"

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            found = database.execute(query, values).fetchall()
        database.close()
        return found

    def records(self) -> dict[str, tuple[Decimal | None, int | None]]:
        query = """SELECT upc, price, num_in_stock FROM partner_stockrecord
            JOIN catalogue_product ON catalogue_product.id = product_id"""
        return {upc: (None if price is None else Decimal(str(price)), stock) for upc, price, stock in self.rows(query)}

    def product(self, key: ErpKey) -> int:
        ((number,),) = self.rows("SELECT id FROM catalogue_product WHERE upc = ?", key)
        return int(number)

    def price(self, key: ErpKey) -> Decimal | None:
        answer = self.http.get(f"/products/{self.product(key)}/price/").json()
        return None if answer["excl_tax"] is None else Decimal(answer["excl_tax"])

    def prices(self, keys: Sequence[ErpKey]) -> Sequence[Decimal | None]:
        if len(keys) <= 10:
            return [self.price(key) for key in keys]
        found = self.records()
        return [found[key][0] for key in keys]

    def stocks(self, keys: Sequence[ErpKey]) -> Sequence[int | None]:
        found = self.records()
        return [found[key][1] for key in keys]

    def other_price(self, key: ErpKey) -> Decimal | None:
        return None
