"""Law 2 with conflicts: killed at each effect boundary, the same is written and the same is held."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import warm
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState, resolve
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import cells
from conflict_bench import edit
from killing import fatal_boundaries
from world import fill


def run_killed(folder: Path, fatal: int, step: int) -> subprocess.CompletedProcess[str]:
    return warm.run(Path(__file__).with_name("killed_conflicts.py"), folder, fatal, step)


def content(folder: Path) -> tuple[dict[str, object], list[str]]:
    """What a PIM user sees, and what is held."""
    with PimSimulator(folder / "pim.db") as simulator, SqliteState(folder / "state.db") as state:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            products = {str(one.values.text("sku")): cells(one) for one in pim.products.list()}
        return dict(sorted(products.items())), [str(one) for one in state.held("products")]


def test_what_is_held_survives_a_kill_at_each_boundary(tmp_path: Path) -> None:
    """A run that finds conflicts, and one that carries out decisions of which the ERP shows nothing any more."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    with PimSimulator(folder / "pim.db") as simulator:
        fill(simulator)
    assert run_killed(folder, 0, 0).returncode == 0
    with PimSimulator(folder / "pim.db") as simulator:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            edit(pim, "P1", colour=None)  # changes in the ERP as well
            edit(pim, "P2", colour=None)  # does not
            edit(pim, "P3", name="Julia", colour=None, categories=("master",))
            edit(pim, "P4", name="two")  # agrees
    folder = survives(tmp_path, folder, "found", held=5)
    with SqliteState(folder / "state.db") as state:
        resolve(state, "key of P1", "colour", take="erp")
        resolve(state, "key of P2", "colour", take="pim")
        resolve(state, "key of P3", "categories", take="erp")
    folder = survives(tmp_path, folder, "decided", held=2)
    products, _ = content(folder)
    assert products["P1"] == {"sku": "P1", "name": "two", "colour": "blue", "categories": ["shirts"]}
    assert products["P2"] == {"sku": "P2", "name": "two", "categories": ["shirts"]}
    assert products["P3"] == {"sku": "P3", "name": "Julia", "categories": ["master", "shirts"]}


def survives(tmp_path: Path, prepared: Path, name: str, *, held: int) -> Path:
    """The folder after the whole run; each run that dies, and is run again, ends like it."""
    whole = shutil.copytree(prepared, tmp_path / f"{name}-whole")
    answer = run_killed(whole, 0, 1)
    assert answer.returncode == 0, answer.stderr
    boundaries = answer.stdout.split()
    assert {"state.intended", "pim.sent", "state.settled"} <= set(boundaries)
    expected = content(whole)
    assert len(expected[1]) == held
    for fatal in fatal_boundaries(boundaries):
        one = shutil.copytree(prepared, tmp_path / f"{name}-{fatal}")
        assert run_killed(one, fatal, 1).returncode == -9
        again = run_killed(one, 0, 1)
        assert again.returncode == 0, again.stderr
        assert content(one) == expected, f"killed at boundary {fatal} ({boundaries[fatal - 1]})"
    return whole
