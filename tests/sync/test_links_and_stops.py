"""Law 2 with links and pictures: killed at each effect boundary, the end is the same."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import warm
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.testing import PimSimulator
from killing import fatal_boundaries
from link_bench import by_sku, links, parts_of, with_links
from world import fill


def run_killed(folder: Path, fatal: int, step: int) -> subprocess.CompletedProcess[str]:
    return warm.run(Path(__file__).with_name("killed_links.py"), folder, fatal, step)


def content(folder: Path) -> dict[str, object]:
    """What a PIM user sees of each product, links by SKU and pictures by their content."""
    with PimSimulator(folder / "pim.db") as simulator:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            plain, pairs, found = links(pim), links(pim, "PAIR"), by_sku(pim)
            return {
                sku: (
                    one.values.text("name", locale="en_US"),
                    plain.get(sku),
                    pairs.get(sku),
                    parts_of(pim, sku),
                    _content(pim, one.values.text("picture")),
                )
                for sku, one in sorted(found.items())
            }


def _content(pim: AkeneoClient, code: str | None) -> bytes | None:
    if code is None:
        return None
    file = BytesIO()
    pim.media_files.download(code, file)
    return file.getvalue()


def test_law_2_links_and_pictures_survive_a_kill_at_each_boundary(tmp_path: Path) -> None:
    """A first import, and a second one that changes half of it; after each, one more run makes no call."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    with PimSimulator(folder / "pim.db") as empty:
        with_links(fill(empty))
    for step in (0, 3):
        prepared, whole = folder, tmp_path / f"whole-{step}"
        shutil.copytree(prepared, whole)
        answer = run_killed(whole, 0, step)
        assert answer.returncode == 0, answer.stderr
        boundaries = answer.stdout.splitlines()[0].split()
        assert set(boundaries) == {"erp.read", "state.intended", "pim.sent", "state.settled"}
        expected = content(whole)
        assert len(expected) == 12
        for fatal in fatal_boundaries(boundaries):
            one = shutil.copytree(prepared, tmp_path / f"killed-{step}-{fatal}")
            assert run_killed(one, fatal, step).returncode == -9
            again = run_killed(one, 0, step)
            assert again.returncode == 0, again.stderr
            assert content(one) == expected, f"step {step}, killed at boundary {fatal} ({boundaries[fatal - 1]})"
        folder = whole
