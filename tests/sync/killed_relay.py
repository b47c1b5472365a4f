"""A relay that kills itself at the n-th effect boundary. Run by test_relay_killed.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fatal import FatalAt
from relay_bench import relay_step


def main(folder: Path, step: int, fatal: int, told: list[str]) -> None:
    """Relay; at boundary number `fatal` the process is gone, as by `kill -9`."""
    hook = FatalAt(fatal)
    relay_step(folder, step, told, hook)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
