"""An import of 300 items that kills itself at the n-th effect boundary. Run by test_laws.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.sync import ErpToPim, SyncOptions
from akeneo_erp_bridge.testing import PimSimulator
from fatal import FatalAt
from places import opened
from world import ListErp, make_mapping, row


def rows() -> list[dict[str, object]]:
    """300 shirts, every fiftieth wrong."""
    return [row(number, weight="heavy" if number % 50 == 7 else "0,250") for number in range(300)]


def main(folder: Path, fatal: int, told: list[str]) -> None:
    """Import; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    with PimSimulator(folder / "pim.db").client() as pim, opened(told) as state:
        options = SyncOptions(page_size=100)
        report = ErpToPim(ListErp(rows()), make_mapping(), pim, state, options=options, hook=hook).run()
        assert report.accounts_for_everything()
        # a cursor of "" means: the snapshot is complete
        print(" ".join(hook.passed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
