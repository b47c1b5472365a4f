"""The first lock of law 1 is the type checker: both of them, with no plugin."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from akeneo_erp_bridge import mapping

HERE = Path(__file__).parent
SRC = HERE.parents[1] / "src"

PAGES = ("right.py", "misuse.py", "right_rules.py", "misuse_rules.py", "right_pim.py", "misuse_pim.py", "pim.py")


def refused(name: str) -> set[int]:
    lines = (HERE / name).read_text().splitlines()
    return {number for number, line in enumerate(lines, start=1) if line.endswith("# refused")}


def mypy_errors(name: str) -> set[int]:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", name]
    env = {**os.environ, "MYPYPATH": f"{SRC}:{HERE}", "MYPY_CACHE_DIR": str(HERE.parents[1] / ".mypy_cache" / "typing")}
    answer = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, check=False)
    lines = [re.match(rf"{re.escape(name)}:(\d+): error", line) for line in answer.stdout.splitlines()]
    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    return {int(found.group(1)) for found in lines if found}


def pyright_errors(name: str, tmp_path: Path) -> set[int]:
    settings = {"include": [name], "extraPaths": [str(SRC), "."], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    for page in PAGES:
        shutil.copy(HERE / page, tmp_path)
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(answer.stdout)
    assert report["summary"]["filesAnalyzed"] == 1, answer.stdout + answer.stderr
    found = [one for one in report["generalDiagnostics"] if one["severity"] == "error"]
    return {one["range"]["start"]["line"] + 1 for one in found}


def test_there_are_misuses_to_refuse() -> None:
    assert len(refused("misuse.py")) >= 16
    assert len(refused("misuse_pim.py")) >= 25
    assert len(refused("misuse_rules.py")) >= 90
    assert not refused("right_rules.py") | refused("right.py") | refused("right_pim.py") | refused("pim.py")


@pytest.mark.parametrize("name", PAGES)
def test_mypy_refuses_misuses_and_nothing_else(name: str) -> None:
    assert mypy_errors(name) == refused(name)


@pytest.mark.parametrize("name", PAGES)
def test_pyright_refuses_misuses_and_nothing_else(name: str, tmp_path: Path) -> None:
    assert pyright_errors(name, tmp_path) == refused(name)


# what is called with no typed rule: there is no wrong use of it that a checker could find
PLAIN = {"convert", "entity_structure", "lookup_from", "read_table", "unit_synonyms", "options_from", "wanted_links",
         "family_variants", "unit_factors"}  # fmt: skip


@pytest.mark.parametrize("page", ["right_rules.py", "misuse_rules.py"])
def test_every_primitive_is_used_rightly_and_wrongly(page: str) -> None:
    """A new one of `mapping` needs a line on both pages."""
    text = (HERE / page).read_text()
    primitives = {name for name in mapping.__all__ if name.islower()} - PLAIN
    assert {name for name in primitives if not re.search(rf"\bm\.{name}\b", text)} == set()
    for combinator in (".map(", ".required(", ".default(", ".when(", ".catch(", ".feed(", ">>", "|", "&"):
        assert combinator in text, combinator
