"""What all tests share: the embedded PIM with the structure of the small ERP, and a client."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from world import fill

# no wall time decides a test; failing examples print how to get them again; a gate gives the same answer twice
settings.register_profile(
    "bridge",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("bridge")


@pytest.fixture
def simulator() -> PimSimulator:
    return fill(PimSimulator())


@pytest.fixture
def pim(simulator: PimSimulator) -> Iterator[AkeneoClient]:
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
        yield client


@pytest.fixture
def state() -> Iterator[SqliteState]:
    with SqliteState(":memory:") as one:
        yield one
