"""A client of the embedded PIM, in process and over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.testing import PimSimulator


@pytest.fixture
def simulator() -> PimSimulator:
    return PimSimulator(sample=True)


@pytest.fixture(params=["in_process", "http"])
def pim_client(request: pytest.FixtureRequest, simulator: PimSimulator) -> Iterator[AkeneoClient]:
    auth = PasswordAuth(**simulator.auth_kwargs)
    if request.param == "in_process":
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
            yield client
    else:
        with simulator.serve() as server, AkeneoClient(server.url, auth) as client:
            yield client
