"""A live Tryton, and what people do in it: the other side of the adapter's tests."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from akeneo_erp_bridge.erp import ErpItem, TrytonAdapter

TOOLS = Path(__file__).parents[2] / "tools" / "tryton"
COMPANY = 1


def _tool(name: str) -> ModuleType:
    if str(TOOLS) not in sys.path:
        sys.path.append(str(TOOLS))  # the tools import each other by name
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


catalog = _tool("catalog")
seed = _tool("seed")
decimal = seed.decimal


class TrytonWorld:
    """One server with the seeded catalogue, and the hands of its users.

    Keys are codes of variants. `client` speaks JSON-RPC by itself, so that no test relies on the adapter for both sides.
    """

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        self.url, self.database, self.user, self.password = url, database, user, password
        self.client = seed.Client(url, database, user, password)
        self.client.context["company"] = COMPANY
        self._token = self.client.token

    # ---- how to reach it ----
    def adapter(self, item: type[ErpItem], model: str = "product.product", **options: Any) -> TrytonAdapter[Any]:
        """An adapter of the administrator, or of the `user` and `password` given.

        A log-in takes Tryton a second, so the administrator's adapters share one, unless they have ``signs_in=True``.
        """
        user, password = options.pop("user", self.user), options.pop("password", self.password)
        signs_in = options.pop("signs_in", user != self.user)
        erp = TrytonAdapter(self.url, self.database, user, password, item, model=model, **options)
        erp._session._token = None if signs_in else self._token
        return erp

    # ---- what the conformance laws ask for ----
    def keys(self) -> frozenset[str]:
        """The codes of all active variants."""
        return frozenset(row["code"] for row in self.client.find("product.product", [], "code"))

    def edit_cold(self, key: str) -> str:
        """A new English name; the stamp of the template moves."""
        (row,) = self.client.find("product.template", [["products.code", "=", key]], "name")
        name = f"{row['name']} *"
        self.client.call("product.template", "write", [row["id"]], {"name": name})
        return name

    def edit_hot(self, key: str) -> Decimal:
        """Three more in stock; no stamp of the product moves. Returns what lies there now."""
        self.receive(key, 3)
        return self.stock(key)

    def create(self, key: str, **values: object) -> int:
        """A product with its only variant; returns the id of the variant."""
        template = {"name": f"New {key}", "code": key, "type": "goods", "default_uom": self.unit("Unit"), **values}
        (made,) = self.client.create("product.template", [{"products": [["create", [{}]]], **template}])
        (row,) = self.client.find("product.product", [["template", "=", made]], "code")
        number: int = row["id"]
        return number

    def delete(self, key: str) -> None:
        """Delete a variant and its template for good. One with moves is refused by Tryton."""
        (row,) = self.client.find("product.product", [["code", "=", key]], "template")
        self.client.call("product.product", "delete", [row["id"]])
        self.client.call("product.template", "delete", [row["template"]])

    def archive(self, key: str) -> None:
        """Hide a variant, and its template, from anybody who does not ask for archived records."""
        (row,) = self.client.find("product.product", [["code", "=", key]], "template")
        self.client.call("product.product", "write", [row["id"]], {"active": False})
        self.client.call("product.template", "write", [row["template"]], {"active": False})

    # ---- what else people do ----
    def variant(self, key: str) -> int:
        """The id of a variant."""
        (row,) = self.client.find("product.product", [["code", "=", key]], "id")
        number: int = row["id"]
        return number

    def template(self, key: str) -> int:
        """The id of its template."""
        (row,) = self.client.find("product.product", [["code", "=", key]], "template")
        number: int = row["template"]
        return number

    def unit(self, name: str) -> int:
        """The id of a unit."""
        (row,) = self.client.find("product.uom", [["name", "=", name]], "id")
        number: int = row["id"]
        return number

    def receive(self, key: str, quantity: float, *, done: bool = True, price: Decimal = Decimal(1)) -> int:
        """Goods that come in, or are planned to; returns the id of the move."""
        rows = self.client.find(
            "stock.location", [["type", "in", ["warehouse", "supplier"]]], "type", "storage_location"
        )
        places = {row["type"]: row for row in rows}
        move = {
            "product": self.variant(key), "quantity": quantity, "unit": self.unit("Unit"), "company": COMPANY,
            "from_location": places["supplier"]["id"], "to_location": places["warehouse"]["storage_location"],
            "currency": 1, "unit_price": decimal(price),
        }  # fmt: skip
        (made,) = self.client.create("stock.move", [move])
        if done:
            self.client.call("stock.move", "do", [made])
        number: int = made
        return number

    def stock(self, key: str) -> Decimal:
        """What lies in all warehouses."""
        places = [row["id"] for row in self.client.find("stock.location", [["type", "=", "warehouse"]], "id")]
        names = ["quantity"]
        found = self.client.call("product.product", "read", [self.variant(key)], names, locations=places)
        return Decimal(str(found[0]["quantity"]))

    def stamp(self, model: str, number: int) -> Mapping[str, int]:
        """When a record changed, as Tryton tells it."""
        found: Mapping[str, int] = self.client.call(model, "read", [number], ["last_modified_at"])[0][
            "last_modified_at"
        ]
        return found

    def make_user(self, login: str, *groups: str, has_company: bool = True) -> str:
        """A plain user; returns its password."""
        password = f"Pl4in-{login}-word"
        values: dict[str, object] = {"name": login, "login": login, "password": password}
        company: dict[str, object] = {"companies": [["add", [COMPANY]]], "company": COMPANY}
        values |= company if has_company else {"companies": [], "company": None}
        if groups:
            found = self.client.find("res.group", [["name", "in", list(groups)]], "name")
            assert {row["name"] for row in found} == {*groups}
            values["groups"] = [["add", [row["id"] for row in found]]]
        self.client.create("res.user", [values])
        return password


@contextmanager
def live_tryton(items: int = 200) -> Iterator[TrytonWorld]:
    """Start the server of `tools/tryton` with the catalogue as it was filled, and stop it in the end."""
    up = [sys.executable, str(TOOLS / "up.py")]
    started = subprocess.run(
        [*up, "up", "--fresh", "--port", "0", "--items", str(items), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if started.returncode == 3 and "CI" not in os.environ:  # it has said what is missing
        pytest.skip("Tryton cannot be installed here; see the output of tools/tryton/up.py")
    assert started.returncode == 0
    facts = json.loads(started.stdout)
    try:
        yield TrytonWorld(facts["url"], facts["database"], facts["user"], facts["password"])
    finally:
        subprocess.run([*up, "down"], check=True, stdout=subprocess.DEVNULL)
