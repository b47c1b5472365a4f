"""A run with conflicts that kills itself at the n-th effect boundary. Run by test_conflicts_killed.py."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import COLOURED, NAMED, Changes, Part, part, product
from conflict_bench import CATEGORISED, HOLD
from fatal import FatalAt

COUNT = 5
MAPPING = product(NAMED, COLOURED, CATEGORISED)


class Steps(Changes[Part]):
    """What changed since the cursor, a step to a page."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        for start in range(int(since.blob) if since is not None else 0, len(self.rows), COUNT):
            items = [self._made(row) for row in self.rows[start : start + COUNT]]
            yield Page(items, (), Cursor(self.kind, str(start + COUNT)))


def rows(step: int) -> Steps:
    """The second step changes every name, and every other colour; its rows come behind those of the first."""
    first = [part(f"P{number}", name="one", colour="red", category="shirts") for number in range(COUNT)]
    second = [
        part(f"P{number}", name="two", colour=("red", "blue")[number % 2], category="shirts") for number in range(COUNT)
    ]
    return Steps(Part, *first, *(second if step else []))


def main(folder: Path, fatal: int, step: int) -> None:
    """Run; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    with PimSimulator(folder / "pim.db").client() as pim, SqliteState(folder / "state.db") as state:
        job = ErpToPim(rows(step), MAPPING, pim, state, options=SyncOptions(conflicts=HOLD), hook=hook)
        report = job.run()
        assert report.accounts_for_everything()
        assert report.held_cells == len(list(state.held("products"))), "every held cell is told"
        print(" ".join(hook.passed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
