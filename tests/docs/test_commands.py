"""A command that a page tells to type is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from akeneo_erp_bridge.cli._app import app
from akeneo_erp_bridge.testing._serve import parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
TYPED = re.compile(r"akeneo-erp-bridge ([a-z]+)(?: ([a-z]+))?")
SERVED = re.compile(r"python -m akeneo_erp_bridge\.testing ([^`\n#&]*)")


def commands() -> set[str]:
    """As they are typed, such as `state move`."""
    top = get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    inner = {name: getattr(one, "commands", {}) for name, one in top.commands.items()}
    return {f"{name} {one}" for name, several in inner.items() for one in several} | {
        name for name, several in inner.items() if not several
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_commands_that_there_are(page: Path) -> None:
    known, text = commands(), page.read_text(encoding="utf-8")
    typed = [tuple(filter(None, one)) for one in TYPED.findall(text)]
    assert [one for one in typed if " ".join(one) not in known and one[0] not in known] == []
    for arguments in SERVED.findall(text):
        parser().parse_args(arguments.split())


def test_there_are_such_pages() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len(TYPED.findall(text)) > 10
    assert len(SERVED.findall(text)) > 2
