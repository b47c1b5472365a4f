"""The table of what the simulator does names each of its tests, and only tests there are."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SURE = {"documented", "formerly", "source", "changelog", "one client", "inferred"}


def rows() -> list[list[str]]:
    page = (ROOT / "docs" / "reference" / "fidelity.md").read_text(encoding="utf-8")
    lines = [
        line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| Behaviour", "| ---"))
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_each_row_names_a_test_and_each_test_has_a_row() -> None:
    there = [
        node.name
        for file in (ROOT / "tests" / "testing" / "pim").glob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert [name for name, count in Counter(there).items() if count > 1] == [], "a name stands for one test"
    named = {re.fullmatch(r"`(test_\w+)`", row[-1])[1] for row in rows()}  # type: ignore[index]  # a row without one is an error too
    assert named == set(there)


def test_each_row_says_how_sure_it_is() -> None:
    assert {row[2] for row in rows() if len(row) == 4} == SURE
    assert all(len(row) in (2, 4) for row in rows())
