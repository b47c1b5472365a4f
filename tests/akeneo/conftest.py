"""A client of the embedded PIM, in process and over real HTTP, blocking and asynchronous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, AsyncAkeneoClient, PasswordAuth
from akeneo_erp_bridge.testing import PimSimulator
from blocking import BlockingClient


@pytest.fixture
def simulator() -> PimSimulator:
    return PimSimulator(sample=True)


@pytest.fixture(params=["in_process", "http", "async_in_process", "async_http"])
def pim_client(request: pytest.FixtureRequest, simulator: PimSimulator) -> Iterator[AkeneoClient]:
    auth = PasswordAuth(**simulator.auth_kwargs)
    if request.param == "in_process":
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
            yield client
    elif request.param == "http":
        with simulator.serve() as server, AkeneoClient(server.url, auth) as client:
            yield client
    elif request.param == "async_in_process":
        transport = simulator.async_transport()
        with BlockingClient(lambda: AsyncAkeneoClient(simulator.url, auth, transport=transport)) as twin:
            yield cast("AkeneoClient", twin)
    else:
        with simulator.serve() as server, BlockingClient(lambda: AsyncAkeneoClient(server.url, auth)) as twin:
            yield cast("AkeneoClient", twin)
