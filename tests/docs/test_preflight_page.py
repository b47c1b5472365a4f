"""The page on CI names every check of preflight, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "check-in-ci.md"
MAPPING = ROOT / "src" / "akeneo_erp_bridge" / "mapping"
PLACE_OF_THE_CODE = {"at_cell": 1, "of_mapping": 0}


def codes() -> Iterator[str]:
    """Every code that a check gives: constants, f-strings over locale and channel, and variables."""
    for path in MAPPING.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in PLACE_OF_THE_CODE:
                code = call.args[PLACE_OF_THE_CODE[call.func.id]]
                if isinstance(code, ast.Constant):
                    yield str(code.value)
                elif isinstance(code, ast.JoinedStr):
                    end = code.values[-1]
                    assert isinstance(end, ast.Constant)
                    yield from (f"{what}{end.value}" for what in ("locale", "channel"))
                else:
                    yield from re.findall(r'"(no_(?:unit|currency|option|record))"', path.read_text(encoding="utf-8"))


def test_the_table_is_complete() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = re.findall(r"`(\w+)`", " ".join(rows))
    assert sorted(named) == sorted(set(codes()))
