"""The SQL database of the examples, as a newcomer runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_database_is_read_and_one_change_is_one_cell() -> None:
    command = [sys.executable, str(ROOT / "examples" / "sql_import.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    _, first, second, third = re.split(r"^=== \d\. .*$", answer.stdout, flags=re.MULTILINE)
    assert "2 read = 0 unchanged + 2 written" in first
    assert "1 read = 0 unchanged + 1 written" in second
    assert "(0 created, 1 updated, 1 cells" in second or "(0 created, 1 updated, 1 cell" in second
    assert "2 read = 0 unchanged + 2 written" in third
