"""The embedded PIM with the structure of the small ERP, and a client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from world import fill


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
