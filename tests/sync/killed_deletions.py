"""A re-reading with missing items, whose products are deleted, that kills itself at the n-th effect boundary."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from collections.abc import Iterator

from akeneo_erp_bridge.erp import Cursor, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.sync import Brakes, Deletions, ErpToPim, SqliteState, SyncOptions
from akeneo_erp_bridge.testing import PimSimulator
from fatal import FatalAt
from world import Article, make_mapping, row


class Erp:
    """It reads what is behind a number; in its second life it knows the cursors of its first no more."""

    def __init__(self, life: int) -> None:
        self.life = life
        gone = range(0, 120, 9) if life == 2 else ()
        self.rows = [
            row(number, colour="blue" if number % life else "red") for number in range(120) if number not in gone
        ]

    def describe(self) -> ErpSchema:
        return ErpSchema("two lives")

    def check(self) -> Health:
        return Health(ok=True, message="alive")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        life, start = (int(one) for one in since.blob.split("/")) if since is not None else (self.life, 0)
        if life != self.life:
            raise CursorExpired("410 Gone")
        for first in range(start, len(self.rows), limit):
            end = min(first + limit, len(self.rows))
            yield Page([Article(one) for one in self.rows[first:end]], (), Cursor("token", f"{life}/{end}"))


def main(folder: Path, life: int, fatal: int) -> None:
    """Import; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    with PimSimulator(folder / "pim.db").client() as pim, SqliteState(folder / "state.db") as state:
        policy = Deletions.delete(confirm=pim.url)
        options = SyncOptions(page_size=40, deletions=policy, brakes=Brakes(deleted_share=0.2))
        report = ErpToPim(Erp(life), make_mapping(), pim, state, options=options, hook=hook).run()
        assert report.accounts_for_everything()
        assert report.exit_code == 0, report
        print(" ".join(hook.passed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
