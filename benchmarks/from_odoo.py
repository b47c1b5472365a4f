"""A first import from a live Odoo 19, beside a hand-written loop that asks the same server for the same values.

    python benchmarks/from_odoo.py [--items 5000]

Starts the Odoo of tools/odoo (some minutes the first time), with as many further products as it takes. Rates are the best
of five tries, taken in turn. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from akeneo_erp_bridge.erp import ErpItem, OdooAdapter, cold, hot

SERVER = Path(__file__).parents[1] / "tools" / "odoo" / "up.py"
PAGE = 500
TRIES = 5


class Variant(ErpItem):
    number = cold(str, "default_code", key=True)
    name = cold(str, "name")
    french = cold(str, "name@fr_FR")
    text = cold(str, "description_sale")
    group = cold(str, "categ_id.complete_name")
    unit = cold(str, "uom_id.display_name")
    weight = cold(Decimal, "weight")
    barcode = cold(str, "barcode")
    price = hot(Decimal, "lst_price")


PATHS = frozenset(spec.path for spec in Variant.specs.values())


class ByHand:
    """What one writes without the bridge: no types, no translations of null, no cursor."""

    def __init__(self, facts: dict[str, str]) -> None:
        headers = {"Authorization": f"Bearer {facts['api_key']}", "X-Odoo-Database": facts["database"]}
        self.http = httpx.Client(base_url=facts["url"], headers=headers, timeout=600)

    def call(self, model: str, method: str, **named: object) -> Any:
        return self.http.post(f"/json/2/{model}/{method}", json=named).raise_for_status().json()

    def read(self) -> int:
        fields = ["default_code", "name", "description_sale", "categ_id", "uom_id", "weight", "barcode", "lst_price"]
        count, after = 0, 0
        while True:
            found = self.call(
                "product.product",
                "search_read",
                domain=[["id", ">", after], ["active", "in", [True, False]]],
                fields=[*fields, "write_date", "active"],
                order="id",
                limit=PAGE,
                context={"lang": "en_US"},
            )
            french = self.call(
                "product.product",
                "read",
                ids=[one["id"] for one in found],
                fields=["name"],
                context={"lang": "fr_FR"},
            )
            groups = self.call(
                "product.category",
                "read",
                ids=sorted({one["categ_id"][0] for one in found if one["categ_id"]}),
                fields=["complete_name"],
            )
            names, paths = (
                {one["id"]: one["name"] for one in french},
                {one["id"]: one["complete_name"] for one in groups},
            )
            rows = [
                {
                    **one,
                    "french": names[one["id"]],
                    "group": one["categ_id"] and paths[one["categ_id"][0]],
                    "unit": one["uom_id"][1],
                }
                for one in found
            ]
            count += len(rows)
            if len(found) < PAGE:
                return count
            after = found[-1]["id"]


def read_by_adapter(facts: dict[str, str]) -> int:
    erp = OdooAdapter(facts["url"], facts["database"], facts["user"], facts["api_key"], Variant, protocol="json2")
    count = sum(len(page.items) + len(page.tombstones) for page in erp.read_items(None, fields=PATHS, limit=PAGE))
    erp.close()
    return count


def fill(by_hand: ByHand, items: int) -> None:
    missing = items - int(by_hand.call("product.product", "search_count", domain=[]))
    for start in range(0, missing, PAGE):
        rows = [
            {"name": f"Bolt {start + n}", "default_code": f"BLT-{start + n}", "list_price": 1 + n / 100, "weight": 0.1}
            for n in range(min(PAGE, missing - start))
        ]
        by_hand.call("product.product", "create", vals_list=rows)


def rate(read: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    count = read()
    return count / (time.perf_counter() - began), count


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--items", type=int, default=5000)
    items = parser.parse_args().items
    started = subprocess.run(
        [sys.executable, SERVER, "up", "--fresh", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    facts = json.loads(started.stdout)
    try:
        by_hand = ByHand(facts)
        fill(by_hand, items)
        floor, ours = [], []
        for _ in range(TRIES):
            floor.append(rate(lambda: ByHand(facts).read()))  # either makes its own connection
            ours.append(rate(lambda: read_by_adapter(facts)))
        (best, count), (mine, read) = max(floor), max(ours)
        print(f"{count} records by hand:       {best:8,.0f} a second")
        print(f"{read} records by the adapter: {mine:8,.0f} a second, {mine / best:.2f} of that")
    finally:
        subprocess.run([sys.executable, SERVER, "down"], check=False)


if __name__ == "__main__":
    main()
