"""An import of kits with links and pictures that kills itself at the n-th effect boundary. Run by test_links_and_stops.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.mapping import fetched
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Row
from fatal import FatalAt
from link_bench import NAMED, PACK, PAIR, PICTURE, UPSELL, Tool, tool, tool_mapping, tools

COUNT = 12


def rows(step: int) -> list[Row]:
    """Each tool names those around it, before and after; in the second step half of that is otherwise."""
    return [_row(number, step if number % 2 else 0) for number in range(COUNT)]


def _row(number: int, step: int) -> Row:
    near = [f"T{(number + offset + step) % COUNT}" for offset in (1, 5)]
    return tool(
        f"T{number}",
        name=f"Tool {number}",
        upsell=near,
        pair=near[:1],
        components=[
            {"number": f"T{part}", "count": part + step + 1} for part in range(number + 1, min(number + 3, COUNT))
        ],
        photo=f"{number}-{step}.jpg" if number % 3 else None,
    )


def photo(name: str) -> bytes:
    """Its name is its content."""
    return name.encode()


MAPPING = tool_mapping(NAMED, UPSELL, PAIR, PACK, (Tool.photo >> fetched(photo)).to(PICTURE))


def main(folder: Path, fatal: int, step: int) -> None:
    """Import; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    simulator = PimSimulator(folder / "pim.db")
    with simulator.client() as pim, SqliteState(folder / "state.db") as state:
        job = ErpToPim(tools(*rows(step)), MAPPING, pim, state, options=SyncOptions(page_size=6), hook=hook)
        report = job.run()
        assert report.accounts_for_everything()
        assert report.exit_code == 0, report
        print(" ".join(hook.passed))
        simulator.forget_calls()
        assert job.run().unchanged == COUNT
        assert simulator.mutating_calls == [], "no change, no call"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
