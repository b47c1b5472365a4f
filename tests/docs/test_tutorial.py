"""A tutorial, in one file and run by itself, prints what the page shows, and so does the page on reports; the page on CI too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from akeneo_erp_bridge.sync._stored._tables import VERSION

DOCS = Path(__file__).parents[2] / "docs"
SOURCE = str(DOCS.parent / "src")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    together = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    path = {"PYTHONPATH": SOURCE, "PYTHONWARNINGS": "", "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, text=True, check=False, env={**os.environ, **path}, **together)


def assert_printed(shown: Iterable[str], output: str) -> None:
    """Each line, in this order; what stands after three dots may differ."""
    printed = iter(output.splitlines())
    for line in shown:
        assert any(one.startswith(line.removesuffix("...").rstrip()) for one in printed), f"{line!r} not in\n{output}"


@pytest.mark.parametrize(
    ("page", "code"),
    [("tutorial/first-connector.md", 1), ("tutorial/pim-first.md", 0), ("how-to/operate-a-sync.md", 1)],
)
def test_the_tutorial_runs_as_one_file(tmp_path: Path, page: str, code: int) -> None:
    (tmp_path / "first.py").write_text("\n".join(blocks(page, "python")), encoding="utf-8")
    answer = run(tmp_path, "first.py")
    assert answer.returncode == code, answer.stdout
    assert "Traceback" not in answer.stdout
    shown = [line for block in blocks(page, "text") for line in block.splitlines()]
    assert len(shown) >= 5
    assert_printed(shown, answer.stdout)


def test_the_program_says_what_the_page_on_ci_shows(tmp_path: Path) -> None:
    (tmp_path / "my_connector.py").write_text(blocks("how-to/check-in-ci.md", "python")[0], encoding="utf-8")
    assert run(tmp_path, "my_connector.py").returncode == 0
    (console,) = [one for one in blocks("how-to/check-in-ci.md", "console") if "structure check" in one]
    command, *shown = console.splitlines()
    answer = run(tmp_path, "-m", *command.replace("$ akeneo-erp-bridge", "akeneo_erp_bridge").split())
    assert shown[-2:] == ["$ echo $?", str(answer.returncode)]
    assert sorted(line for line in shown[:-2] if line not in answer.stdout.splitlines()) == []


def test_the_page_on_the_state_shows_the_format_of_today() -> None:
    text = (DOCS / "how-to/keep-the-state.md").read_text(encoding="utf-8")
    assert re.findall(r"^state file .*: format (\d+), ", text, re.MULTILINE) == [str(VERSION)]


def test_the_page_on_installing_names_each_extra() -> None:
    text = (DOCS / "how-to/install.md").read_text(encoding="utf-8")
    extras = tomllib.loads((DOCS.parent / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [*sorted(extras.keys() - {"dev"}), "dev"]
