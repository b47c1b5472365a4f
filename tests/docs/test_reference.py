"""The reference has a page for each public room, and the page of codes names each code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from akeneo_erp_bridge import codes

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SRC = ROOT / "src" / "akeneo_erp_bridge"
ROOMS = sorted(
    path.stem for path in SRC.iterdir() if path.suffix == ".py" or path.is_dir() if not path.name.startswith("_")
)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_its_page(room: str) -> None:
    assert f".. automodule:: akeneo_erp_bridge.{room}\n" in (REFERENCE / f"{room}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", codes.__all__)
def test_a_code_is_described(code: str) -> None:
    assert f".. py:class:: {code}\n" in (REFERENCE / "codes.md").read_text(encoding="utf-8")


IN_SECTIONS = ["akeneo", "catalog", "classification", "commerce", "erp", "mapping", "rules", "sync"]


@pytest.mark.parametrize("room", IN_SECTIONS)
def test_a_page_in_sections_forgets_no_name(room: str) -> None:
    page = (REFERENCE / f"{room}.md").read_text(encoding="utf-8")
    described = re.findall(r"^\.\. auto(?:class|function|data):: (\w+)$", page, flags=re.MULTILINE)
    assert sorted(described) == sorted(importlib.import_module(f"akeneo_erp_bridge.{room}").__all__)


@pytest.mark.parametrize("room", IN_SECTIONS)
def test_a_section_begins_with_a_line_about_it(room: str) -> None:
    page = (REFERENCE / f"{room}.md").read_text(encoding="utf-8")
    first = re.findall(r"^## (.+)\n\n(.+)$", page, flags=re.MULTILINE)
    assert [head for head, text in first if text.startswith("```")] == []
