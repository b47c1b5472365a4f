"""A client of the embedded PIM, in process and over real HTTP, blocking and asynchronous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from akeneo.stub import Flavour
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


@pytest.fixture(autouse=True)
def flavour(request: pytest.FixtureRequest) -> Iterator[None]:
    """Which of the two clients `client_of` gives."""
    Flavour.asynchronous = getattr(request, "param", "") == "asynchronous"
    yield
    Flavour.asynchronous = False
    while Flavour.closers:
        Flavour.closers.pop()()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is told of one client with a scripted PIM is told of the other, unless a test says `blocking_only`."""
    if "client_of" in vars(metafunc.module):
        alone = any(mark.name == "blocking_only" for mark in metafunc.definition.iter_markers())
        metafunc.parametrize("flavour", ["blocking"] if alone else ["blocking", "asynchronous"], indirect=True)
