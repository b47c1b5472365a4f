"""A real OData server for tests: SAP's CAP runtime, and what people do in the ERP behind it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
import pytest

from akeneo_erp_bridge.erp import BasicAuth, ODataDialect, ODataService

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
