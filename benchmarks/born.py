"""How soon a product that a PIM user tagged is an item of a live Tryton: from the event to the ERP's answer.

    python benchmarks/born.py [--events 100] [--pause 0.4]

It starts the server of `tools/tryton`, a served simulator, and a receiver on uvicorn with a queue in a file; the job follows
the queue. Each product is made in the PIM, and its event is sent, one after the other with a pause. The time of a product is
counted from the moment its event is sent until Tryton has answered that the product is there.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import uvicorn

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import ErpItem, TrytonAdapter, WriteResult, cold, two_way
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.rules import Cell, Owner, same
from akeneo_erp_bridge.sync import SqliteState, Stop
from akeneo_erp_bridge.sync.pim_first import BooleanTag, PimFirst, QueueReceiver, SqliteQueue
from akeneo_erp_bridge.testing import PimSimulator

UP = [sys.executable, str(Path(__file__).parents[1] / "tools" / "tryton" / "up.py")]
SECRET = "a secret of the subscription"


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")
    unit = cold(str, "default_uom.symbol")


class Watched(TrytonAdapter[Variant]):
    """Notes when each product was there."""

    made: dict[str, float]

    def write_item(self, draft: Variant, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        result = super().write_item(draft, idempotency_key=idempotency_key, if_version=if_version)
        self.made[idempotency_key] = time.perf_counter()
        return result


def filled() -> PimSimulator:
    """A PIM with a SKU, a name and a tag."""
    simulator = PimSimulator()
    structure: Sequence[tuple[str, Sequence[Mapping[str, object]]]] = (
        ("categories", [{"code": "master"}]),
        ("channels", [{"code": "shop", "category_tree": "master", "locales": ["en_US"], "currencies": ["EUR"]}]),
        (
            "attributes",
            [
                {"code": "sku", "type": "pim_catalog_identifier", "group": "other", "unique": True},
                {"code": "name", "type": "pim_catalog_text", "group": "other", "localizable": True},
                {"code": "send_to_erp", "type": "pim_catalog_boolean", "group": "other"},
            ],
        ),
        ("families", [{"code": "tools", "attributes": ["sku", "name", "send_to_erp"]}]),
    )
    for path, things in structure:
        simulator.load(f"/api/rest/v1/{path}", things)
    return simulator


def product(key: str, number: str) -> dict[str, object]:
    """As a user makes it."""
    values = {
        "sku": [{"locale": None, "scope": None, "data": number}],
        "name": [{"locale": "en_US", "scope": None, "data": f"Tool {number}"}],
        "send_to_erp": [{"locale": None, "scope": None, "data": True}],
    }
    return {"uuid": key, "family": "tools", "values": values}


def event(key: str) -> tuple[bytes, dict[str, str]]:
    """As the platform sends it."""
    body = json.dumps(
        {
            "specversion": "1.0",
            "id": uuid.uuid4().hex,
            "source": "pim",
            "type": "com.akeneo.pim.v1.product.created",
            "time": datetime.now(UTC).isoformat(),
            "data": {"product": {"uuid": key}, "author": {"identifier": "julia", "type": "user"}},
        }
    ).encode()
    return body, {"X-AKENEO-SIGNATURE-PRIMARY": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two events")
    asked = parser.parse_args()
    started = subprocess.run(
        [*UP, "up", "--fresh", "--port", "0", "--json"], capture_output=True, text=True, check=True
    )
    facts = json.loads(started.stdout)
    try:
        waits = sorted(measured(facts, asked.events, asked.pause))
    finally:
        subprocess.run([*UP, "down"], capture_output=True, check=True)
    for share in (0.5, 0.95, 1.0):
        print(f"{share:4.0%} of {len(waits)} within {waits[min(int(len(waits) * share), len(waits) - 1)]:.3f} s")


def measured(facts: dict[str, str], events: int, pause: float) -> list[float]:
    """Seconds from event to item."""
    simulator = filled()
    with tempfile.TemporaryDirectory() as folder, simulator.serve() as served, SqliteQueue(f"{folder}/q.db") as queue:
        server = uvicorn.Server(uvicorn.Config(QueueReceiver(queue, secrets=[SECRET]), port=0, log_level="warning"))
        receiving = threading.Thread(target=server.run, daemon=True)
        receiving.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        erp = Watched(
            facts["url"], facts["database"], facts["user"], facts["password"], Variant, model="product.product"
        )
        erp.made = {}
        both = ProductMapping(
            Variant,
            two_way(Variant.number, same(str), Cell[str]("sku"), owner=Owner.PIM),
            two_way(Variant.name, same(str), Cell[str]("name", locale="en_US"), owner=Owner.PIM),
        )
        stop = Stop()
        with (
            AkeneoClient(served.url, PasswordAuth(**simulator.auth_kwargs)) as pim,
            SqliteState(f"{folder}/s.db") as state,
        ):
            job = PimFirst(
                erp, both, both, pim, state, tag=BooleanTag("send_to_erp"), queue=queue, stop=stop,
                at_creation=[Variant.unit.given("u")],
            )  # fmt: skip
            never = timedelta(days=1)
            job.run()
            following = threading.Thread(target=lambda: job.follow(poll=never, back=never), daemon=True)
            following.start()
            sent: dict[str, float] = {}
            with httpx.Client() as platform:
                for number in range(events):
                    key = str(uuid.uuid4())
                    simulator.load("/api/rest/v1/products-uuid", [product(key, f"BORN-{number:05}")])
                    body, headers = event(key)
                    sent[key] = time.perf_counter()
                    platform.post(f"http://127.0.0.1:{port}/", content=body, headers=headers).raise_for_status()
                    time.sleep(pause)
            while len(erp.made) < events:
                time.sleep(0.05)
            stop.request()
            following.join()
        server.should_exit = True
        receiving.join()
    return [erp.made[key] - moment for key, moment in sent.items()]


if __name__ == "__main__":
    main()
