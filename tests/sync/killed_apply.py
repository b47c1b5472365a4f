"""Applies a stored plan and kills itself at the n-th effect boundary. Run by test_apply.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.sync import ErpToPim, Plan, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from apply_bench import OPTIONS, then
from fatal import FatalAt
from world import make_mapping


def main(folder: Path, fatal: int) -> None:
    """Apply; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    with PimSimulator(folder / "pim.db").client() as pim, SqliteState(folder / "state.db") as state:
        job = ErpToPim(then(), make_mapping(), pim, state, options=OPTIONS, hook=hook)
        report = job.apply(Plan.load(folder / "plan.json"))
        assert report.accounts_for_everything()
        assert (report.parked, report.undeleted) == (0, 0), report
        print(" ".join(hook.passed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
