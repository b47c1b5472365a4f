"""The simulator, reached in process and over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from akeneo_erp_bridge.testing import PimSimulator
from pim_bench import Caller, seed


@pytest.fixture
def sim() -> PimSimulator:
    return seed(PimSimulator())


@pytest.fixture(params=["in process", "over HTTP"])
def pim(request: pytest.FixtureRequest, sim: PimSimulator) -> Iterator[Caller]:
    if request.param == "in process":
        with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
            caller = Caller(http, sim)
            caller.sign_in()
            yield caller
        return
    with sim.serve() as server, httpx.Client(base_url=server.url) as http:
        caller = Caller(http, sim)
        caller.sign_in()
        yield caller
