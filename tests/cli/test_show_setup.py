"""A setup plan on the terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from akeneo_erp_bridge.catalog import Attribute, PimStructure
from akeneo_erp_bridge.cli import show_setup
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.sync import setup

SIZE = Attribute(code=AttributeCode("size"), type="pim_catalog_text")
STRUCTURE = PimStructure(attributes={SIZE.code: SIZE})
BLUEPRINT = setup.Blueprint.of(
    setup.attribute_group("erp"),
    setup.select("colour", {"red": {"en_US": "[bold]Red[/bold]\x1b[2J"}}),
    setup.select("size", ["s"]),
    group="erp",
)


def shown(plan: setup.SetupPlan, width: int = 100) -> str:
    out = Console(file=StringIO(), width=width)
    show_setup(plan, out=out)
    assert isinstance(out.file, StringIO)
    return out.file.getvalue()


def test_each_row_says_what_and_why() -> None:
    text = shown(setup.propose(BLUEPRINT, STRUCTURE))
    assert text.startswith("setup plan: 3 to create, 0 to change, 1 conflict, 1 waiting, 0 already there\n")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]
    assert ["create", "attribute colour", "simpleselect; group erp"] in rows
    assert ["blocked", "option s of size", "waits for attribute 'size'"] in rows
    assert any(row[:2] == ["conflict", "attribute size"] and "has type pim_catalog_text" in row[2] for row in rows)
    assert "at three a second" in text
    assert "by hand: the API cannot make attributes read-only." in text


def test_labels_neither_style_nor_steer_the_terminal() -> None:
    text = shown(setup.propose(BLUEPRINT, STRUCTURE))
    assert "[bold]Red[/bold]" in text
    assert "\x1b" not in text


def test_a_narrow_terminal_loses_nothing() -> None:
    text = "".join(shown(setup.propose(BLUEPRINT, STRUCTURE), width=50).split())
    assert "simpleselect;group" in text.replace("│", "")


def test_nothing_to_do_is_one_line() -> None:
    done = setup.propose(setup.Blueprint.of(setup.attribute("size", SIZE.type, group="erp")), STRUCTURE)
    assert not done.is_done  # its group differs
    assert shown(setup.propose(setup.Blueprint(), STRUCTURE)) == (
        "setup plan: 0 to create, 0 to change, 0 conflicts, 0 waiting, 0 already there\n"
    )
