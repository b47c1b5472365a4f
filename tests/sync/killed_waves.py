"""Applies a stored plan of waves and kills itself at the n-th effect boundary. Run by test_waves_plan_file.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.sync import SqliteState, WavesPlan
from akeneo_erp_bridge.testing import PimSimulator
from fatal import FatalAt
from waves_bench import connector


def main(folder: Path, fatal: int) -> None:
    """Apply; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    with PimSimulator(folder / "pim.db").client() as pim, SqliteState(folder / "state.db") as state:
        report = connector(pim, state, folder, hook=hook).apply(WavesPlan.load(folder / "plan.json"))
        assert report.accounts_for_everything()
        assert report.exit_code == 0, report
        print(" ".join(hook.passed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
