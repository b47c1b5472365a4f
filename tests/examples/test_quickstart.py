"""The main job, as a newcomer runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def out() -> str:
    command = [sys.executable, str(ROOT / "examples" / "quickstart.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_numbers_of_the_quickstart_add_up(out: str) -> None:
    steps = re.split(r"^=== \d\. .*$", out, flags=re.MULTILINE)
    _, plan, run, again, hot, renamed, followed = steps
    assert "plan for products: 1957 creates, 0 updates" in plan
    assert "2000 read = 0 unchanged + 1957 written + 0 held + 43 parked" in run
    assert "2000 read = 1957 unchanged + 0 written + 0 held + 43 parked" in again
    assert "mutating calls to the PIM: 0" in again
    assert "153 read = 3 unchanged + 150 written" in hot, "what changed is read, and what has the last stamp"
    assert re.search(r"to the shop: half of 150 offers within \d+", hot)
    assert "calls to the PIM: 0; offers in the shop: 1996" in hot
    assert "plan for products: 0 creates, 10 updates (10 cells), 1947 unchanged, 43 parked" in renamed
    assert "(0 created, 10 updated, 10 cells" in renamed
    assert re.search(r"costs (\d+),(\d\d) in the ERP, and \1\.\2 in the shop", followed)
    assert "within a second: yes" in followed
    assert "calls to the PIM: 0, by its own log" in followed


def test_the_plan_says_old_new_rule_and_reason(out: str) -> None:
    table = " ".join(out.split())
    for word in ("item", "family", "cells", "cell", "old", "new", "rule", "why, and what to do"):
        assert f" {word} " in table
    assert "'ca. 2' is not a number as written in de_DE" in table


def test_the_readme_shows_what_is_printed(out: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("$ make demo\n")[2].partition("\n$ make test")[0]
    lines = [line for line in shown.splitlines() if line and line != "..."]
    assert len(lines) > 8
    printed = iter(out.splitlines())
    for line in lines:
        assert any(one.startswith(line) for one in printed), f"not printed, or not in this order: {line}"
