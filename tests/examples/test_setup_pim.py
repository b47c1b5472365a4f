"""Set-up, as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "setup_pim.py"


def test_the_example_proposes_applies_and_does_nothing_twice() -> None:
    answer = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    out = " ".join(answer.stdout.split())
    assert "setup plan: 13 to create, 0 to change, 0 conflicts" in out
    assert "setup: 13 created, 0 changed, 0 there already, 0 refused" in out
    assert "problems of the mapping in this PIM: 0" in out
    assert "mutating calls to the PIM: 0" in out
    assert "to be added to the table: {'Mintgrün': 'mintgrun'}" in out
