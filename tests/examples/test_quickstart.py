"""The main job, as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_quickstart_runs_and_its_numbers_add_up() -> None:
    command = [sys.executable, str(ROOT / "examples" / "quickstart.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    out = answer.stdout
    assert "plan for products: 1957 creates, 0 updates" in out
    assert "2000 read = 0 unchanged + 1957 written + 0 held + 43 parked" in out
    assert out.count("2000 read = 1957 unchanged + 0 written + 0 held + 43 parked") == 1
    assert "mutating calls to the PIM: 0" in out
    assert "calls to the PIM: 0; offers in the shop: 1976" in out
    assert "1826 unchanged + 150 written" in out
    assert "plan for products: 0 creates, 10 updates (10 cells), 1947 unchanged, 43 parked" in out
    assert "(0 created, 10 updated, 10 cells" in out
