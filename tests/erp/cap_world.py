"""A real OData server for tests: SAP's CAP runtime, and what people do in the ERP behind it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
import pytest

from akeneo_erp_bridge.erp import BasicAuth, ErpItem, ODataDialect, ODataService
from akeneo_erp_bridge.testing.conformance import CannotHold, Faults

UP = [sys.executable, str(Path(__file__).parents[2] / "tools" / "cap" / "up.py")]


class CapWorld:
    """The server of tools/cap, filled anew. What it does goes past our adapter, over a client of its own."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url, self.user, self.password = url, user, password
        self.http = httpx.Client(auth=(user, password), timeout=30)
        self.made = 0

    @classmethod
    def up(cls, items: int = 300) -> Self:
        """Start it; skips where there is no Node, unless in CI."""
        if shutil.which("npm") is None:
            reason = "a real OData server needs Node 20 and npm"
            pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
        command = [*UP, "up", "--fresh", "--port", "0", "--items", str(items), "--json"]
        started = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        assert started.returncode == 0
        return cls(**json.loads(started.stdout))

    def down(self) -> None:
        self.http.close()
        subprocess.run([*UP, "down"], check=True, stdout=subprocess.DEVNULL)

    def service(self, **options: Any) -> ODataService:
        """Our own way in."""
        options = {"auth": BasicAuth(self.user, self.password), "dialect": ODataDialect(batch="json"), **options}
        return ODataService(self.url, **options)

    # ---- what people do ----
    def keys(self) -> list[str]:
        answer = self.http.get(f"{self.url}/Items?$select=number")
        keys: list[str] = []
        while True:
            wire = answer.raise_for_status().json()
            keys += [one["number"] for one in wire["value"]]
            if "@odata.nextLink" not in wire:
                return sorted(keys)
            answer = self.http.get(f"{self.url}/{wire['@odata.nextLink']}")

    def item(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(self.address(key)).raise_for_status().json()
        return found

    def edit_cold(self, key: str) -> str:
        """A new name; returns it."""
        self.made += 1
        name = f"Renamed {self.made}"
        self.patch(key, {"name": name})
        return name

    def edit_hot(self, key: str) -> str:
        """A new price; returns it. It moves the item's stamp too, as an ERP's does that keeps it in the same record."""
        self.made += 1
        price = f"{self.made}.45"
        self.patch(key, {"unitPrice": price})
        return price

    def delete(self, key: str) -> None:
        self.http.delete(self.address(key), headers={"If-Match": "*"}).raise_for_status()

    def create(self, key: str, **values: object) -> None:
        body = {"number": key, "name": f"Name of {key}", "category_code": "drills", "unit_code": "PCS", **values}
        self.http.post(f"{self.url}/Items", json=body).raise_for_status()

    def patch(self, key: str, values: dict[str, object]) -> None:
        self.http.patch(self.address(key), json=values, headers={"If-Match": "*"}).raise_for_status()

    def address(self, key: str) -> str:
        return f"{self.url}/Items('{quote(key.replace(chr(39), chr(39) * 2), safe='')}')"


BATCH = 20
"""Items in one batch; CAP takes 100 kB in one request."""
EXACT = {"Content-Type": "application/json;IEEE754Compatible=true"}
NEW: dict[str, object] = {
    "name": "New", "name@de": "Neu", "text": "As new", "category.code": "drills", "weight": Decimal("1.5"),
    "blocked": False, "launched": date(2025, 3, 9),
}  # fmt: skip


class CapSandbox:
    """A small `CapWorld` as the conformance kit takes it.

    It has no `edit_late` and no `edit_ahead`, for the service sets stamps itself and ends each transaction with its
    request, and no `broken`, for it checks the type of each value.
    """

    def __init__(self) -> None:
        self.cap = CapWorld.up(items=12)
        self.password = self.cap.password
        self.services: list[ODataService] = []
        # the seed has no moment that somebody set
        self.cap.patch("DR-0005", {"released": "2024-01-31T08:00:00Z"})

    def close(self) -> None:
        for one in self.services:
            one.close()
        self.cap.down()

    def connected(self, faults: Faults) -> ODataService:
        auth = BasicAuth(self.cap.user, self.password)
        made = self.cap.service(auth=auth, transport=faults.transport())
        made.session.sleep = lambda seconds: time.sleep(seconds / 100)
        self.services.append(made)
        return made

    def keys(self) -> list[str]:
        return self.cap.keys()

    def edit_cold(self, key: str) -> None:
        self.cap.edit_cold(key)

    def edit_hot(self, key: str) -> None:
        self.cap.edit_hot(key)

    def edit_at_once(self, keys: Sequence[str]) -> None:
        """In one transaction, which has one stamp."""
        self.cap.made += 1
        self.batch([("PATCH", key, {"name": f"At once {self.cap.made}"}) for key in keys], group="one")
        assert len({self.cap.item(key)["modifiedAt"] for key in keys}) == 1

    def delete(self, key: str) -> None:
        self.cap.delete(key)

    def create(self, key: str, values: Mapping[str, object]) -> str:
        if not key.isascii() and max(key) > "\xff":
            # CAP answers with the key in a header, where it may not be, and its server ends
            raise CannotHold("number", "the server ends at a new key with letters beyond Latin-1")
        body: dict[str, object] = {"number": key}
        for path, value in {**NEW, **values}.items():
            match path:
                case "name@de" if value is None:
                    raise CannotHold(path, "where a translation is missing, the service shows the name itself")
                case "name@de":
                    body["texts"] = [{"locale": "de", "name": value}]
                case "category.code" if value != "drills":
                    raise CannotHold(path, "it belongs to the category")
                case "category.code":
                    body["category_code"] = value
                case "serial":
                    raise CannotHold(path, "the service lets nobody write it")
                case _:
                    body[path] = value if value is None or isinstance(value, bool) else wire(value)
        answer = self.cap.http.post(f"{self.cap.url}/Items", json=body, headers=EXACT)
        if answer.status_code == 400:
            error = answer.json()["error"]
            # several values may be refused at once; the kit takes one at a time
            for one in error.get("details", [error]):
                path = "name@de" if one["target"].startswith("texts") else one["target"]
                raise CannotHold(path, f"the service says: {one['message'][-40:]}")
        answer.raise_for_status()
        return key

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        keys = [f"Z-{number:05d}" for number in range(count)]
        self.batch([("POST", key, {"number": key, "name": f"Name of {key}", "text": "Ж" * 2000}) for key in keys])
        try:
            yield
        finally:
            self.batch([("DELETE", key, {}) for key in keys])

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.password = "guessed-it"
        try:
            yield
        finally:
            self.password = self.cap.password

    def draft(self, mark: str) -> ErpItem:
        row = {"number": mark, "name": f"Name of {mark}", "weight": Decimal("1.5"), "category_code": "saws"}
        return ErpItem(row)

    def batch(self, requests: Sequence[tuple[str, str, Mapping[str, object]]], group: str | None = None) -> None:
        """Requests that are all carried out, those of a group in one transaction."""
        for start in range(0, len(requests), BATCH):
            parts: list[dict[str, object]] = []
            for number, (method, key, body) in enumerate(requests[start : start + BATCH]):
                url = "Items" if method == "POST" else self.cap.address(key).removeprefix(f"{self.cap.url}/")
                part: dict[str, object] = {"id": str(number), "method": method, "url": url}
                part["headers"] = {"content-type": "application/json", "if-match": "*"}
                parts.append(part | ({"body": body} if body else {}) | ({"atomicityGroup": group} if group else {}))
            answer = self.cap.http.post(f"{self.cap.url}/$batch", json={"requests": parts}).raise_for_status()
            assert {one["status"] for one in answer.json()["responses"]} <= {200, 201, 204}, answer.text[:500]


def wire(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
