"""Two programs import with one state into one PIM: one does the work, the other ends with one line, nothing is sent twice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from akeneo_erp_bridge.testing import PimSimulator
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from places import Place
from world import fill

SHIRTS = 300
PRODUCTS, TOKEN = "/api/rest/v1/products-uuid", "/api/oauth/v1/token"


class GatedPim(PimSimulator):
    """Answers no product before `opened` is set, and knows which were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()
        self.sent: Counter[str] = Counter()

    def handle(self, request: Request) -> Answer:
        if (request.method, request.path) == ("PATCH", PRODUCTS):
            self.sent.update(json.loads(line)["values"]["sku"][0]["data"] for line in request.body.splitlines())
            self.reached.set()
            self.opened.wait()
        return super().handle(request)

    @property
    def programs(self) -> int:
        """How many have signed in."""
        return sum(one.path == TOKEN for one in self.calls)


@pytest.mark.on_both
@pytest.mark.parametrize("together", [True, False], ids=["together", "one after the other"])
def test_one_of_two_programs_does_the_work(place: Place, together: bool) -> None:
    pim = fill(GatedPim())
    with pim.serve() as server:
        line = [sys.executable, str(Path(__file__).with_name("at_once.py")), server.url, str(SHIRTS), *place.told()]

        def start() -> subprocess.Popen[str]:
            return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        try:
            with start() as one:
                while not together and not pim.reached.wait(0.02):
                    assert one.poll() is None
                with start() as other:
                    # of programs that both do the work, none ends before the gate is opened
                    while one.poll() is None and other.poll() is None and pim.programs < 2:
                        time.sleep(0.02)
                    refused, works = (one, other) if one.poll() is not None else (other, one)
                    assert pim.reached.wait(60)
                    assert works.poll() is None, "it waits in the middle of its work"
                    pim.opened.set()
                    (done, silence), (nothing, told) = works.communicate(), refused.communicate()
            assert (works.returncode, done, silence) == (0, f"{SHIRTS} 0\n", "")
            assert (refused.returncode, nothing, told.count("\n")) == (4, "", 1)
            assert told.startswith("error: ")
            assert "is in use by another run" in told
            if place.path is None and not together:  # one that has just begun may not have told its name yet
                assert f"(process {works.pid} on " in told
            assert pim.programs == 1, "the other has asked the PIM for nothing"

            assert [pim.sent[sku] for sku in pim.sent] == [1] * SHIRTS
            with pim.client() as client:
                skus = Counter(str(product.values.text("sku")) for product in client.products.list())
            assert skus == pim.sent

            pim.forget_calls()
            with start() as again:
                assert again.communicate() == (f"0 {SHIRTS}\n", "")
            assert (again.returncode, pim.mutating_calls) == (0, [])
        finally:
            pim.opened.set()
