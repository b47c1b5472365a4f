"""A live Odoo for tests: started once, and changed the way its own people would change it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from akeneo_erp_bridge.erp import ErpItem, OdooAdapter

ItemT = TypeVar("ItemT", bound=ErpItem)
ROOT = Path(__file__).parents[2]
EVERY = {"active_test": False}


class OdooSaysNo(Exception):
    """The error of a call."""


class OdooWorld:
    """One Odoo, by JSON-RPC. A key is a SKU: `default_code`."""

    def __init__(self, facts: Mapping[str, str], series: str) -> None:
        self.series = series
        self.facts = facts
        self.url, self.database = facts["url"], facts["database"]
        self.user, self.password, self.api_key = facts["user"], facts["password"], facts["api_key"]
        self._numbers = itertools.count(1)
        self._http = httpx.Client(base_url=self.url, timeout=60)
        self._uid = self._post("common", "authenticate", self.database, self.user, self.password, {})

    def call(self, model: str, method: str, *arguments: object, **named: object) -> Any:
        """Call a method, as the administrator."""
        who = (self.database, self._uid, self.password)
        return self._post("object", "execute_kw", *who, model, method, arguments, named)

    def _post(self, service: str, method: str, *arguments: object) -> Any:
        parameters = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": parameters}
        answer = self._http.post("/jsonrpc", json=body).raise_for_status().json()
        if "error" in answer:
            raise OdooSaysNo(answer["error"]["data"]["message"])
        return answer.get("result")

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def adapter(self, item: type[ItemT], secret: str = "", **options: Any) -> OdooAdapter[ItemT]:
        """An adapter that logs in with the key, or with another secret."""
        return OdooAdapter(self.url, self.database, self.user, secret or self.api_key, item, **options)

    # ---- what is there ----
    def keys(self) -> set[str]:
        """The SKUs in use."""
        rows = self.call("product.product", "search_read", [["default_code", "!=", False]], ["default_code"])
        return {row["default_code"] for row in rows}

    def id_of(self, key: str, model: str = "product.product") -> int:
        """The one record with this SKU, archived or not."""
        (found,) = self.call(model, "search", [["default_code", "=", key]], context=EVERY)
        return int(found)

    def template_of(self, key: str) -> int:
        """The template of a variant."""
        return int(
            self.call("product.product", "read", [self.id_of(key)], ["product_tmpl_id"])[0]["product_tmpl_id"][0]
        )

    def reference(self, module: str, name: str) -> int:
        """A record that a module brought along."""
        domain = [["module", "=", module], ["name", "=", name]]
        return int(self.call("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"])

    # ---- what people do ----
    def create(self, key: str = "", **values: object) -> str:
        """A new product with one variant, of which stock is kept; without stock moves, so that it can be deleted."""
        key = key or f"NEW-{next(self._numbers):04}"
        goods = {"type": "product"} if self.series == "14" else {"type": "consu", "is_storable": True}
        self.call("product.product", "create", {"name": f"Product {key}", "default_code": key, **goods, **values})
        return key

    def edit_cold(self, key: str) -> None:
        """Another name, of the template."""
        name = f"Renamed {next(self._numbers)}"
        self.call("product.template", "write", [self.template_of(key)], {"name": name})

    def edit_hot(self, key: str) -> None:
        """A count that finds more: a real move."""
        self.count(key, 1000 + next(self._numbers))

    def count(self, key: str, quantity: float, location: int = 0) -> None:
        """Somebody counts what lies in a place."""
        place = location or self.reference("stock", "stock_location_stock")
        values = {"product_id": self.id_of(key), "location_id": place, "inventory_quantity": quantity}
        counting = {"inventory_mode": True}
        quant = self.call("stock.quant", "create", [values], context=counting)
        if self.series != "14":  # which applies a count at once
            self.call("stock.quant", "action_apply_inventory", quant)

    def delete(self, key: str) -> None:
        """The product is deleted, and its template with it. Odoo refuses it once stock was moved."""
        self.call("product.product", "unlink", [self.id_of(key)])

    def archive(self, key: str) -> None:
        """The product is put aside."""
        self.call("product.product", "write", [self.id_of(key)], {"active": False})

    def write(self, key: str, values: Mapping[str, object], **named: object) -> None:
        """Other values for a variant."""
        self.call("product.product", "write", [self.id_of(key)], values, **named)


@contextmanager
def live_odoo(series: str, *more: str) -> Iterator[OdooWorld]:
    """A fresh Odoo on a free port; stopped at the end.

    Without one the tests are skipped; in CI only where nobody hands out the package any more.
    """
    command = [sys.executable, str(ROOT / "tools" / "odoo" / "up.py")]
    chosen = ["--series", series, *more]
    started = subprocess.run(
        [*command, "up", "--fresh", "--port", "0", "--json", *chosen], capture_output=True, text=True, check=False
    )
    if started.returncode:
        said = started.stderr.strip().splitlines() or ["no reason given"]
        if started.returncode == 3 and ("CI" not in os.environ or "could not be had" in started.stderr):
            pytest.skip(f"no Odoo {series} could be started: {said[-1]}")
        pytest.fail(f"no Odoo {series} could be started: " + "\n".join(said))
    try:
        with closing(OdooWorld(json.loads(started.stdout), series)) as world:
            yield world
    finally:
        subprocess.run([*command, "down", *chosen], capture_output=True, check=True)


def keys_of(pages: Sequence[Any]) -> list[str]:
    """The keys of all items, in order."""
    return [str(one.key) for page in pages for one in page.items]
