"""A relay that is killed at any effect boundary: the shop ends as the ERP, and no older value takes a newer one's place."""

from __future__ import annotations

import json
import signal
from collections import defaultdict
from pathlib import Path

import pytest

import warm
from akeneo_erp_bridge.commerce import SqliteSink
from places import Place
from relay_bench import KEYS, changes, relay_step

SCRIPT = Path(__file__).parent / "killed_relay.py"
BOUNDARIES = ["shop.intended", "shop.reached", "shop.delivered", "state.settled"]


def relay(place: Place, folder: Path, step: int) -> list[str]:
    """Run to the end, here; the boundaries it passed."""
    passed: list[str] = []
    relay_step(folder, step, place.told(), passed.append)
    return passed


def killed(place: Place, folder: Path, step: int, fatal: int) -> bool:
    """Run in a process of its own, which is killed at a boundary; whether it was."""
    answer = warm.run(SCRIPT, folder, step, fatal, *place.told())
    assert answer.returncode in (0, -signal.SIGKILL), answer.stderr
    return answer.returncode != 0


def wanted(step: int) -> dict[str, dict[str, str]]:
    """What the ERP says of each key, without the rows that come later than newer ones."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    serials: dict[str, int] = defaultdict(int)
    for one in changes(step).log:
        key, serial = str(one["number"]), int(str(one["serial"]))
        if serial >= serials[key]:
            serials[key] = serial
            told = {"price": one.get("price"), "available": one.get("stock")}
            found[key] |= {feed: str(value) for feed, value in told.items() if value is not None}
    return dict(found)


def shown(folder: Path) -> dict[str, dict[str, str | None]]:
    with SqliteSink(folder / "shop.db") as shop:
        return {f"K{n:02}": shop.offer(f"K{n:02}") for n in range(KEYS)}


def check_order(folder: Path) -> None:
    """Of each key, versions only grow, one version is one offer, and nothing old is offered behind something newer."""
    versions: dict[str, int] = defaultdict(int)
    offers: dict[tuple[str, int], object] = {}
    for line in (folder / "notes").read_text().splitlines():
        key, version, values = json.loads(line)
        assert version >= versions[key], (key, version)
        assert offers.setdefault((key, version), values) == values, "a version is one offer"
        assert values.get("available") != {"integer": 99}, "the late row reached the shop"
        versions[key] = version


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.on_both
def test_killed_at_each_boundary_the_shop_ends_as_the_erp(place: Place, tmp_path: Path, step: int) -> None:
    """The kill comes in one step, and the ERP has moved on to the next one when the relay is started again."""
    (tmp_path / "whole").mkdir()
    undisturbed = place.beside(tmp_path / "whole")
    passed: list[str] = []
    for earlier in range(step + 1):
        passed = relay(undisturbed, tmp_path / "whole", earlier)
    assert set(passed) == set(BOUNDARIES)
    # on PostgreSQL, which takes longer, some of them, of each kind
    every = 1 if place.path is not None else 5
    for fatal in range(1, len(passed) + 1, every):
        folder = tmp_path / f"at{fatal}"
        folder.mkdir()
        there = place.beside(folder)
        for earlier in range(step):
            relay(there, folder, earlier)
        assert killed(there, folder, step, fatal)
        last = min(step + 1, 2)
        relay(there, folder, last)
        assert shown(folder) == wanted(last), f"killed at {passed[fatal - 1]}"
        check_order(folder)
        notes = (folder / "notes").read_text()
        assert relay(there, folder, last) == [], "and nothing is left to do"
        assert (folder / "notes").read_text() == notes


def test_the_end_without_a_kill_is_what_is_wanted(tmp_path: Path) -> None:
    for step in range(3):
        relay(Place(path=tmp_path / "state.db"), tmp_path, step)
        assert shown(tmp_path) == wanted(step)
    check_order(tmp_path)
