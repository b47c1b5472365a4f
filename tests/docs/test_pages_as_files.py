"""What a reader sees of a page, in one file and run by itself, runs: with the extras that the page names, and no others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

MODULES = {
    "cli": {"rich", "typer"},
    "excel": {"openpyxl"},
    "html": {"nh3"},
    "notify": {"apprise", "yaml"},
    "openid": {"jwt"},
    "otel": {"opentelemetry"},
    "postgres": {"psycopg"},
    "schedule": {"apscheduler"},
    "server": {"starlette", "uvicorn"},
    "speed": {"orjson"},
    "sql": {"sqlalchemy"},
    "testing": {"mypy", "pytest"},
    "yaml": {"yaml"},
}
"""What each extra brings, as far as a page could notice."""

ENDS_WITH = {"README.md": 1, "docs/tutorial/first-connector.md": 1, "docs/how-to/operate-a-sync.md": 1}
"""Pages whose last program ends with a code that says something."""

SEVERAL = {"docs/how-to/run-on-a-schedule.md": "A program has one of the endings below"}
"""Pages whose Python is several programs, and how they say so."""

RUN = "import runpy, sys; sys.modules.update(dict.fromkeys(sys.argv[2:])); runpy.run_path(sys.argv[1], run_name='__main__')"


def pages() -> list[str]:
    every = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [str(one.relative_to(ROOT)) for one in every if BLOCK.search(one.read_text(encoding="utf-8"))]


def named(text: str) -> set[str]:
    """The extras that stand before the first Python of a page: "the extra `html`", "the extras `cli` and `sql`"."""
    head = text.partition("```python")[0]
    lists = re.findall(r"\bextras? ((?:(?:, | and )?`\w+`)+)", head.replace("\n", " "))
    return {extra for one in lists for extra in re.findall(r"`(\w+)`", one)}


@pytest.mark.parametrize("page", [page for page in pages() if page not in SEVERAL])
def test_a_page_runs_as_one_file(tmp_path: Path, page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    (tmp_path / "page.py").write_text("\n".join(BLOCK.findall(text)), encoding="utf-8")
    there = {module for extra in named(text) for module in MODULES[extra]}
    hidden = {module for modules in MODULES.values() for module in modules} - there
    places = [str(ROOT / "src"), *([str(ROOT / "examples")] if "the folder `examples` in `PYTHONPATH`" in text else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYTHONWARNINGS": ""}
    answer = subprocess.run(
        [sys.executable, "-c", RUN, "page.py", *sorted(hidden)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert answer.returncode == ENDS_WITH.get(page, 0), answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("page", SEVERAL)
def test_a_page_of_several_programs_says_so(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert SEVERAL[page] in text.partition("```python")[0]
