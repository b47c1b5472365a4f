"""The example App as a process of its own, beside a PIM over HTTP whose writes a test may hold back."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from attrs import define, field

from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, LocaleCode
from akeneo_erp_bridge.testing import Behaviour, PimSimulator, SimulatorServer
from chromium import Tab
from erp_app.demo import build_erp, new_product, prepare

ROOT = Path(__file__).parents[1]
CLIENT_ID = "the-app"
SECRET = "s3cr3t-of-the-app"
BATCH = "/api/rest/v1/products-uuid"


class Gate:
    """Holds back writes of some products, until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._held: frozenset[str] | None = frozenset()
        self._passing = 0
        self.held = threading.Event()
        """Set when a write waits here."""

    def hold(self, keys: Iterable[str] | None = None) -> None:
        """From now on, the first writes of these products wait, and of what is sent with them; `None`: all writes."""
        self._held = None if keys is None else frozenset(keys)
        self.held.clear()
        self._open.clear()

    def hold_after(self, passing: int) -> None:
        """From now on, all writes wait but the first so many."""
        self.hold()
        self._passing = passing

    def open(self) -> None:
        self._passing = 0
        self._open.set()

    def wait(self, call: Any) -> None:
        if not self._open.is_set() and call.method == "PATCH" and call.path == BATCH and self._holds(call.body):
            if self._passing:
                self._passing -= 1
                return
            self.held.set()
            assert self._open.wait(60), "the test never opened the gate"

    def _holds(self, body: bytes) -> bool:
        if self._held is None:
            return True
        values = [json.loads(line).get("values", {}).get("sku", []) for line in body.splitlines()]
        return not self._held.isdisjoint(one["data"] for some in values for one in some)


@define
class Bench:
    """A PIM, an ERP, and the App between them."""

    folder: Path
    simulator: PimSimulator
    pim: SimulatorServer
    gate: Gate
    url: str = ""
    process: subprocess.Popen[str] | None = None
    told: list[str] = field(factory=list)
    """What the App printed, in all its lives."""

    @property
    def erp(self) -> Path:
        return self.folder / "erp.db"

    @property
    def data(self) -> Path:
        return self.folder / "app"

    def hold_the_end(self) -> None:
        """Let the first articles of a run pass, and hold back the others; the App reads them in the order of their stamps."""
        with closing(sqlite3.connect(self.erp)) as erp:
            numbers = [number for (number,) in erp.execute("SELECT number FROM articles ORDER BY modified_at, number")]
        self.gate.hold(numbers[150:])

    def start(self, **more: str) -> None:
        """Start the App; where it ran before, at the same address."""
        settings = {
            "ERP_APP_PIM_URL": self.pim.url,
            "ERP_APP_CLIENT_ID": CLIENT_ID,
            "ERP_APP_SECRET": SECRET,
            "ERP_APP_ERP": f"sqlite:///{self.erp}",
            "ERP_APP_PICTURES": str(self.folder / "pictures"),
            "ERP_APP_DATA": str(self.data),
            **more,
        }
        port = str(urlsplit(self.url).port or 0)
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "examples"), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "erp_app", "serve", "--port", port],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **settings, "PYTHONPATH": path},
        )  # fmt: skip
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith("The App is on "), first + self.process.stdout.read()
        self.url = first.split()[-1]
        self.simulator.add_app("ERP bridge", f"{self.url}/callback", client_id=CLIENT_ID, secret=SECRET)

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self.process is not None
        self.process.kill()
        self.told.append(self.process.communicate()[0])

    def end(self) -> int:
        """As a service manager does; gives the exit code."""
        assert self.process is not None
        self.process.terminate()
        self.told.append(self.process.communicate(timeout=60)[0])
        return self.process.returncode

    def products(self) -> dict[str, Any]:
        """What the PIM holds, by SKU."""
        with self.simulator.client() as pim:
            found = [(one.values.text("sku"), one) for one in pim.products.list()]
        assert len({sku for sku, _ in found}) == len(found), "no product is there twice"
        return {str(sku): one for sku, one in found}

    def make(self, *numbers: str, name: str = "New {}", is_tagged: bool = True) -> None:
        """A colleague of Julia's makes products, and tags them for the ERP."""
        patches = [
            new_product(one, name.format(one), f"Neu {one}" if name else "", is_tagged=is_tagged) for one in numbers
        ]
        with self.simulator.client() as pim:
            assert all(result.ok for result in pim.products.upsert_many(patches))

    def change(self, number: str, **values: str) -> None:
        """A colleague of Julia's changes values of a product."""
        told = [
            Value(AttributeCode(code), data, locale=LocaleCode("en_US") if code == "name" else None)
            for code, data in values.items()
        ]
        with self.simulator.client() as pim:
            pim.products.upsert(ProductPatch(uuid=self.products()[number].uuid, values=told))

    def value(self, number: str, code: str) -> object:
        """What a product has in the PIM."""
        return self.products()[number].values.raw(code)

    def articles(self, where: str = "pim_key IS NOT NULL") -> list[dict[str, Any]]:
        """Articles of the ERP: those that came from the PIM."""
        with closing(sqlite3.connect(self.erp)) as erp:
            erp.row_factory = sqlite3.Row
            return [dict(row) for row in erp.execute(f"SELECT * FROM articles WHERE {where} ORDER BY number")]

    def correct(self, number: str, **values: str) -> None:
        """The ERP's people change an article."""
        with closing(sqlite3.connect(self.erp)) as erp, erp:
            (last,) = erp.execute("SELECT max(modified_at) FROM articles").fetchone()
            now = datetime.fromisoformat(last) + timedelta(minutes=1)
            values["modified_at"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
            changes = ", ".join(f"{name} = ?" for name in values)
            erp.execute(f"UPDATE articles SET {changes} WHERE number = ?", (*values.values(), number))

    def edit(self, *keys: str) -> None:
        """A colleague of Julia's gives products better names."""
        there = self.products()
        with self.simulator.client() as pim:
            for key in keys:
                better = Value(AttributeCode("name"), f"Better {key}", locale=LocaleCode("en_US"))
                pim.products.upsert(ProductPatch(uuid=there[key].uuid, values=[better]))


@contextmanager
def bench(
    folder: Path, *, articles: int = 600, behaviour: Behaviour | None = None, is_prepared: bool = True, **more: str
) -> Generator[Bench]:
    """All of it, until the context ends. *is_prepared*: the PIM has what products need that are born there."""
    build_erp(folder, articles=articles)
    gate = Gate()
    with PimSimulator(folder / "pim.db", sample=True, behaviour=behaviour) as simulator:
        if is_prepared:
            prepare(simulator)

        def handle(call: Any) -> Any:
            gate.wait(call)
            return simulator.handle(call)

        with SimulatorServer(handle) as pim:
            one = Bench(folder, simulator, pim, gate)
            one.start(**more)
            try:
                yield one
            finally:
                gate.open()
                if one.process is not None and one.process.poll() is None:
                    one.end()


def connect(tab: Tab, bench: Bench, **look: Any) -> None:
    """Julia connects the App."""
    tab.open(f"{bench.url}/connect", **look)
    tab.click("a.first")
    tab.click("button[value=confirm]")


def visitor(bench: Bench) -> httpx.Client:
    """A browser without a window."""
    return httpx.Client(base_url=bench.url, follow_redirects=False)


def sign_in(http: httpx.Client, bench: Bench) -> None:
    """The way of the browser through the PIM, step by step."""
    leads = http.get("/activate").headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(leads).query).items()}
    with httpx.Client() as pim:
        back = pim.post(urljoin(leads, "authorize"), data={**query, "decision": "confirm"}).headers["location"]
    assert http.get(back).status_code == 303


def csrf(http: httpx.Client) -> str:
    """The token of this session's forms."""
    return http.get("/choose").text.partition('name="csrf" value="')[2].partition('"')[0]


def post(http: httpx.Client, path: str, **form: str) -> httpx.Response:
    """Send a form as the page would."""
    return http.post(path, data={"csrf": csrf(http), **form})


def finished(http: httpx.Client) -> None:
    """Wait until no import runs: the stream of its progress ends then."""
    with http.stream("GET", "/progress", timeout=60) as stream:
        assert stream.status_code == 200
        for _ in stream.iter_lines():
            pass
