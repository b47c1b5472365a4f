"""Killed at every step, there is exactly one ERP item for each tagged product."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from born_erp import BornErp, fill, product
from born_job import AUTH, both_ways_once
from killing import SOAK, fatal_boundaries
from warm import run

SCRIPT = Path(__file__).parents[2] / "born_job.py"
COUNT = 12


class Killed(BaseException):
    """What ends a run at a boundary, as a kill does: nothing catches it, and what is not on disk is lost."""


class World:
    """A PIM, an ERP in a file, and the folder of both and of the state."""

    with_models = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.simulator = fill(PimSimulator())
        self.url: str | None = None

    @contextmanager
    def served(self) -> Iterator[None]:
        """Over HTTP for a while, at one address: a state is bound to it."""
        with self.simulator.serve() as served:
            self.url = served.url
            yield

    def client(self) -> AkeneoClient:
        return self.simulator.client() if self.url is None else AkeneoClient(self.url, AUTH)

    def run(self, fatal: int = 0) -> list[str] | None:
        """Run once; the boundaries it passed, or `None` where it died."""
        passed: list[str] = []

        def hook(name: str) -> None:
            passed.append(name)
            if len(passed) == fatal:
                raise Killed

        try:
            with self.client() as pim:
                report = both_ways_once(
                    pim, self.folder, hook, lambda name: hook(f"erp.{name}"), with_models=self.with_models
                )
        except Killed:
            return None
        assert report.accounts_for_everything(), report
        return passed

    def spawn(self, fatal: int = 0, *, failing: int = 0, seed: int = 0) -> bool:
        """Run once in a process; whether it came to its end, and was not killed, nor failed for good by the ERP."""
        numbers = [str(int(one)) for one in (fatal, failing, seed, self.with_models)]
        done = run(SCRIPT, str(self.url), self.folder, *numbers)
        assert done.returncode in (0, 3, -signal.SIGKILL), done.stderr
        return done.returncode == 0

    def make(self, count: int) -> None:
        """Users tag products; the ERP will refuse the fourth."""
        made = [{"uuid": uuid_of(n), **product(f"T-{n:05d}", tag="to_export")} for n in range(count)]
        made[3]["values"] = {**_values(made[3]), "name": [{"locale": "en_US", "scope": None, "data": "long " * 9}]}
        self.simulator.load("/api/rest/v1/products-uuid", made)

    def change(self) -> None:
        """Both sides change something of what is there, and a user tries the refused one again."""
        story = [{"locale": "en_US", "scope": None, "data": "Renamed"}]
        changes: list[dict[str, object]] = [{"uuid": uuid_of(n), "values": {"name": story}} for n in (0, 5)]
        again = {"name": story, "erp_state": [{"locale": None, "scope": None, "data": "to_export"}]}
        changes.append({"uuid": uuid_of(3), "values": again})
        self.simulator.load("/api/rest/v1/products-uuid", changes)
        erp = BornErp(self.folder / "erp.db")
        erp.edit("T-00001", weight="1.25")
        erp.edit("T-00005", weight="0.5", status="listed")
        erp.db.close()

    def content(self) -> dict[str, object]:
        """What both sides hold in the end; each number is there once, or SQLite would refuse it."""
        erp = BornErp(self.folder / "erp.db")
        rows = erp.rows()
        items = erp.db.execute("SELECT count(*), count(DISTINCT born_by) FROM article").fetchone()
        erp.db.close()
        with self.simulator.client() as pim:
            products = {str(one.uuid): list(one.values) for one in pim.products.list()}
        return {"erp": rows, "items and their products": items, "pim": products}


def uuid_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _values(one: dict[str, object]) -> dict[str, object]:
    values = one["values"]
    assert isinstance(values, dict)
    return values


def prepare(one: World, *, changed: bool) -> World:
    """Products that are tagged, or that went out before and are changed now."""
    one.make(COUNT)
    if changed:
        assert one.run() is not None
        one.change()
    return one


def ends_right(one: World, expected: dict[str, object], place: object) -> None:
    """The next run makes it as if nothing had happened, and the one behind it has nothing to do."""
    assert one.run() is not None
    assert one.content() == expected, place
    one.simulator.forget_calls()
    assert one.run() is not None
    assert one.simulator.mutating_calls == [], place


@pytest.mark.parametrize("changed", [False, True])
def test_killed_at_every_step_there_is_exactly_one_item(tmp_path: Path, changed: bool) -> None:
    whole = prepare(World(tmp_path / "whole"), changed=changed)
    passed = whole.run()
    assert passed is not None
    assert {
        "export.queued", "export.intended", "export.looked", "export.written", "export.bound", "export.settled",
        "export.untagged", "export.polled", "erp.wrote", "erp.find", "erp.read", "pim.sent",
        "state.settled",
    } <= set(passed)  # fmt: skip
    expected = whole.content()
    for place in fatal_boundaries(passed):
        kind = passed[place - 1]
        one = prepare(World(tmp_path / str(place)), changed=changed)
        assert one.run(place) is None, (place, kind)
        ends_right(one, expected, (place, kind))


@pytest.mark.parametrize("changed", [False, True])
def test_a_process_that_is_killed_leaves_no_more_behind(tmp_path: Path, changed: bool) -> None:
    """As above, at the first of each kind, by a real SIGKILL: what was not on disk is lost for certain."""
    whole = prepare(World(tmp_path / "whole"), changed=changed)
    passed = whole.run()
    assert passed is not None
    expected = whole.content()
    for place in {kind: passed.index(kind) + 1 for kind in passed}.values():
        one = World(tmp_path / str(place))
        with one.served():
            prepare(one, changed=changed)
            assert not one.spawn(place)
            ends_right(one, expected, passed[place - 1])


def test_random_kills_and_faults_make_no_twins(tmp_path: Path) -> None:
    """A short one of the long run in `soak`: a tenth of the calls of both systems fail, and processes die."""
    whole, one = World(tmp_path / "whole"), World(tmp_path / "killed")
    count, kills = (10_000, 100) if SOAK else (60, 6)
    seed = random.randrange(2**32)
    luck = random.Random(seed)
    print(f"seed {seed}")
    for each in (whole, one):
        each.make(count + 1)  # one of them is refused
    assert whole.run() is not None
    expected = whole.content()
    assert expected["items and their products"] == (count, count)
    with one.served():
        for _ in range(kills):
            one.spawn(luck.randrange(1, 6 * count // kills), failing=10, seed=luck.randrange(2**32))
        while not one.spawn(failing=10, seed=luck.randrange(2**32)):
            pass
        ends_right(one, expected, seed)


@pytest.mark.parametrize("kind", ["export.intended", "erp.wrote"])
def test_a_tag_that_is_taken_away_after_a_kill_leaves_no_orphan(tmp_path: Path, kind: str) -> None:
    """The ERP may have the item already: then it is bound, and not only half of it is known."""
    one = World(tmp_path / "one")
    one.make(COUNT)
    passed = World(tmp_path / "whole")
    passed.make(COUNT)
    boundaries = passed.run()
    assert boundaries is not None
    assert one.run(boundaries.index(kind) + 1) is None
    untagged = {"values": {"erp_state": [{"locale": None, "scope": None, "data": None}]}}
    one.simulator.load("/api/rest/v1/products-uuid", [{"uuid": uuid_of(n), **untagged} for n in range(COUNT)])
    erp = BornErp(one.folder / "erp.db")
    numbers = list(erp.rows())
    assert numbers == (["T-00000"] if kind == "erp.wrote" else [])
    assert one.run() is not None
    for number in numbers:
        erp.edit(number, status="listed")
    assert one.run() is not None
    assert list(erp.rows()) == numbers
    with one.client() as pim:
        told = [p.values.text("erp_status") for p in pim.products.list() if p.values.text("erp_status")]
    assert told == ["listed"] * len(numbers)
    with SqliteState(one.folder / "state.db") as state:
        assert state.open_intents("exports", "", 10) == []
    erp.db.close()
