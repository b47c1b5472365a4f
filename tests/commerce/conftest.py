"""Real shops, each started once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop_worlds import MedusaWorld, OscarWorld, VendureWorld, started, stopped


@pytest.fixture(scope="session")
def vendure() -> Iterator[VendureWorld]:
    world = VendureWorld(started("vendure"))
    yield world
    world.http.close()
    stopped("vendure")


@pytest.fixture(scope="session")
def medusa() -> Iterator[MedusaWorld]:
    world = MedusaWorld(started("medusa"))
    yield world
    world.http.close()
    stopped("medusa")


@pytest.fixture(scope="session")
def oscar() -> Iterator[OscarWorld]:
    world = OscarWorld(started("oscar"))
    yield world
    world.http.close()
    stopped("oscar")
