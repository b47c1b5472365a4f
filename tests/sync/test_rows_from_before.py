"""The rows' file is older than the state beside it, as after a back-up of one without the other: the end is right all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from attrs import define, field

from akeneo_erp_bridge.sync import SqliteState, SyncOptions, VariantsToPim
from akeneo_erp_bridge.testing import PimSimulator
from killing import SOAK
from rich_shirts import MAPPING, RichShirts, content, filled, put

STEPS = (0, 3, 6)
"""A first import, and two in which a third of the shirts has changed."""


Calm = dict[int, tuple[list[str], dict[str, object]]]
"""Of each step, where nothing is lost: the boundaries, and the PIM after it."""


class PowerLoss(BaseException):
    """Nothing that follows is done."""


@define
class World:
    """A PIM, an ERP, and the folder of a state and its rows."""

    folder: Path
    simulator: PimSimulator = field(factory=filled)
    erp: RichShirts = field(factory=lambda: RichShirts([]))

    def run(self, hook: Callable[[str], None] = lambda _: None) -> None:
        with self.simulator.client() as pim, SqliteState(self.folder / "state.db") as state:
            rows, options = self.folder / "rows.db", SyncOptions(page_size=7)
            job = VariantsToPim(self.erp, MAPPING, pim, state, rows=rows, options=options, hook=hook)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
            report = job.run()
        assert report.exit_code == 0, report

    def content(self) -> dict[str, object]:
        """What the PIM holds, and how many of each thing that could be there twice."""
        found = content(self.simulator)
        with self.simulator.client() as pim:
            found["products"] = sum(1 for _ in pim.products.list())
            found["pictures"] = sum(1 for _ in pim.media_files.list())
        return found

    def loses_power(self, old: int, last: int) -> None:
        """A run that ends at its boundary *last*, and leaves the rows as they were at its boundary *old*; 0 is before it."""
        passed = 0
        if old == 0:
            self.copy(self.folder / "rows.db", self.folder / "old.db")

        def hook(_: str) -> None:
            nonlocal passed
            passed += 1
            if passed == old:
                self.copy(self.folder / "rows.db", self.folder / "old.db")
            if passed == last:
                raise PowerLoss

        with pytest.raises(PowerLoss):
            self.run(hook)
        for file in self.folder.glob("rows.db*"):
            file.unlink()
        (self.folder / "old.db").replace(self.folder / "rows.db")

    @staticmethod
    def copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    world = World(tmp_path_factory.mktemp("calm"))
    found: Calm = {}
    for step in STEPS:
        passed: list[str] = []
        put(world.erp, step)
        world.run(passed.append)
        found[step] = passed, world.content()
    return found


def some_pairs(count: int) -> list[tuple[int, int]]:
    """Of which boundary the rows are, and of which the state."""
    if SOAK:
        return [(old, last) for last in range(2, count + 1) for old in range(1, last)]
    return [(old, last) for last in (count // 2, count) for old in (1, last // 2, last - 1)]


@pytest.mark.parametrize("step", STEPS[:2])
def test_older_rows_beside_a_newer_state(step: int, calm: Calm, tmp_path: Path) -> None:
    for old, last in some_pairs(len(calm[step][0])):
        world = World(tmp_path / f"{old} {last}")
        world.folder.mkdir()
        for now in STEPS:
            put(world.erp, now)
            if now == step:
                world.loses_power(old, last)
            world.run()
            assert world.content() == calm[now][1], f"rows of boundary {old}, state of boundary {last}, step {now}"
        world.simulator.forget_calls()
        world.run()
        assert world.simulator.mutating_calls == []


def test_what_changes_before_the_next_run_is_not_passed_over(calm: Calm, tmp_path: Path) -> None:
    """The changes get the numbers of those that were lost, up to which the state has settled all."""
    first, second, third = STEPS
    count = len(calm[second][0])
    for last in range(1, count + 1) if SOAK else (count // 2, count - 3, count):
        world = World(tmp_path / str(last))
        world.folder.mkdir()
        put(world.erp, first)
        world.run()
        known = len(world.erp.log)
        put(world.erp, second)
        world.loses_power(0, last)
        del world.erp.log[known:]  # as ERPs do that tell of each row the latest alone
        put(world.erp, third)
        world.run()
        # fewer pictures were ever uploaded
        assert {**world.content(), "pictures": None} == {**calm[third][1], "pictures": None}, f"boundary {last}"
