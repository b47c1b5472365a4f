"""The drop folder of the examples, as a newcomer runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_folder_is_read_archived_and_told_what_is_wrong() -> None:
    command = [sys.executable, str(ROOT / "examples" / "files_import.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1, answer.stderr  # an item is parked
    _, first, second, third, fourth = re.split(r"^=== \d\. .*$", answer.stdout, flags=re.MULTILINE)
    assert "2 read = 0 unchanged + 2 written" in first
    assert "the run ends with exit code 2" in second
    assert "articles_3.csv: column 'Article No.' is missing" in second
    assert "archive/: articles_1.csv, articles_2.csv" in third
    assert "failed/: articles_3.csv, articles_3.csv.txt" in third
    assert "articles_2.csv, line 3: 2 values for 4 columns" in third
    assert "1 read = 0 unchanged + 1 written" in fourth
