"""What the adapter for Tryton costs beside a hand-written loop, on one server in one run; prints a small table.

    python benchmarks/tryton.py [--items 200] [--tries 5]

It starts the server of `tools/tryton`, and stops it. Both sides read the same fields in pages of the same size, over one
log-in each that is not counted, in turn; the best of the tries counts, for the others were disturbed.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from akeneo_erp_bridge.erp import ErpItem, TrytonAdapter, cold, hot

UP = [sys.executable, str(Path(__file__).parents[1] / "tools" / "tryton" / "up.py")]
PAGE = 500


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")
    text = cold(str, "description")
    groups = cold(frozenset[str], "categories.code")
    weight = cold(Decimal, "weight")
    unit = cold(str, "weight_uom.symbol")
    size = cold(str, "attributes.size")
    eans = cold(frozenset[str], "identifiers.code")


class Priced(Variant):
    price = hot(Decimal, "list_price_used")


class Loop:
    """What one would write by hand: log in, ask for pages by id, count."""

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, headers={"Accept-Encoding": "gzip"}, timeout=60)
        self.path = f"/{database}/rpc/"
        number, token, *_ = self.call("common.db.login", user, {"password": password}, "en")
        session = base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self.http.headers["Authorization"] = f"Session {session}"

    def call(self, method: str, *params: object) -> Any:
        answer = self.http.post(self.path, json={"id": 1, "method": method, "params": params})
        return answer.raise_for_status().json()["result"]

    def read(self, names: list[str]) -> int:
        last = count = 0
        while True:
            domain = [["id", ">", last], ["active", "in", [True, False]]]
            context = {"company": 1, "language": "en"}
            rows = self.call(
                "model.product.product.search_read", domain, 0, PAGE, [["id", "ASC"]], [*names, "active"], context
            )
            count += len(rows)
            if len(rows) < PAGE:
                return count
            last = rows[-1]["id"]


def measured(job: Callable[[], int]) -> float:
    """Records a second."""
    begun = time.perf_counter()
    count = job()
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description="The adapter for Tryton beside a hand-written loop.")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--tries", type=int, default=5)
    options = parser.parse_args()
    up = [*UP, "up", "--fresh", "--port", "0", "--json", "--items", str(options.items)]
    started = subprocess.run(up, stdout=subprocess.PIPE, text=True, check=True)
    facts = json.loads(started.stdout)
    place = (facts["url"], facts["database"], facts["user"], facts["password"])
    try:
        loop = Loop(*place)
        print(
            f"{'':24}{'adapter':>12}{'loop':>12}{'ratio':>8}{'median':>8}   records a second, best of {options.tries}"
        )
        for title, item in (("descriptive fields", Variant), ("with prices", Priced)):
            names = ["code", "name", "description", "categories.code", "weight", "weight_uom.symbol", "attributes"]
            names += ["identifiers.code", *(["list_price_used"] if item is Priced else [])]
            fields = frozenset(spec.path for spec in item.specs.values())
            erp = TrytonAdapter(*place, item, model="product.product")

            def ours(erp: TrytonAdapter[Any] = erp, fields: frozenset[str] = fields) -> int:
                pages = erp.read_items(None, fields=fields, limit=PAGE)
                return sum(len(page.items) + len(page.tombstones) for page in pages)

            def theirs(names: list[str] = names) -> int:
                return loop.read(names)

            pairs = [(measured(ours), measured(theirs)) for _ in range(options.tries + 1)][1:]  # the first logs in
            mine, floor = max(one for one, _ in pairs), max(one for _, one in pairs)
            middle = statistics.median(one / other for one, other in pairs)
            print(f"{title:24}{mine:12.0f}{floor:12.0f}{mine / floor:8.2f}{middle:8.2f}")
            last = list(erp.read_items(None, fields=fields, limit=PAGE))[-1].resume
            before, begun = erp.requests, time.perf_counter()
            list(erp.read_items(last, fields=fields, limit=PAGE))
            took = time.perf_counter() - begun
            print(f"  a delta right after: {erp.requests - before} request(s), {took:.2f} s")
    finally:
        subprocess.run([*UP, "down"], check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
