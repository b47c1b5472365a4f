"""The table of faults names each of their tests, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_each_row_names_its_test_and_each_test_has_a_row() -> None:
    page = (ROOT / "docs" / "reference" / "misbehaviour.md").read_text(encoding="utf-8")
    named = re.findall(r"\| `(test_\w+)` \|$", page, re.MULTILINE)
    source = (ROOT / "tests" / "akeneo" / "test_faults.py").read_text(encoding="utf-8")
    tests = [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert sorted(named) == sorted(tests)
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| What", "| ---"))]
    assert len(rows) == len(named)
