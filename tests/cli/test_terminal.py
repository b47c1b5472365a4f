"""What an ERP says reaches a terminal as a text, whatever it holds: nothing hides a line of a plan under review."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.cli import run_and_exit, show_held, show_plan, show_report
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.sync import ErpToPim, HeldCell, ParkedItem, Plan, SqliteState, SyncOptions
from bench_erp import NAME, SKU, Part, Revisions, part
from conflict_bench import HOLD, edit

ERASE, TURN, BREAK = "\x1b[2K\x1b[1A", "\u202e", "\n"
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
MAPPING = ProductMapping(Part, SKU, Part.name.to(NAME))


def printed(show: object, *things: object) -> str:
    out = StringIO()
    show(*things, out=Console(file=out, width=200))  # type: ignore[operator]  # one of the three that print
    return out.getvalue()


def test_no_line_of_a_plan_is_hidden(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, part("N1", name="a"), part("N2", name=f"Hammer{ERASE}"))
    job = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=HOLD))
    creating = job.plan()
    job.run()
    erp.put({**part("N1"), "name": f"b{TURN}c"})
    erp.put({**part("N2"), "id": f"key{ERASE}of N3", "number": "N3", "name": "x" * 300})
    updating = job.plan()
    texts = [printed(show_plan, one) for one in (creating, updating)]
    assert [text for text in texts if STEERING.search(text)] == []
    assert "Hammer[U+001B][2K[U+001B][1A" in texts[0]
    assert "b[U+202E]c" in texts[1]
    assert "key[U+001B][2K" in texts[1]
    for one in (creating, updating):
        assert Plan.from_json(one.to_json()).changes == one.changes, "a file is exact"


def test_what_waits_is_told_in_lines_of_its_own(pim: AkeneoClient, state: SqliteState) -> None:
    key = f"k{ERASE}{TURN}{BREAK}  parked  nobody: all is well"
    erp = Revisions(Part, {"id": key, "number": "N2", "name": "x" * 300}, part("N1", name="a"))
    job = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=HOLD))
    report = job.run()
    for text in (str(report), printed(show_report, report), *map(str, state.parked("products"))):
        assert STEERING.search(text) is None
        assert "[U+001B][2K" in text
    assert len(str(report).splitlines()) == 3, "a line is a line"
    assert [one.key for one in state.parked("products")] == [key], "what is kept is exact"
    edit(pim, "N1", name=f"Julia{TURN}")
    erp.put(part("N1", name=f"b{ERASE}"))
    report = job.run()
    held = list(state.held("products"))
    for text in (str(report), printed(show_report, report), printed(show_held, held), *map(str, held)):
        assert STEERING.search(text) is None


@pytest.mark.parametrize("mark", ["\x00", "\x07", "\x7f", "\x9b", "\u2028", "\u2067", "\ud800", "\r", "\t", "\n"])
def test_what_would_not_be_seen_is_spelled_out(mark: str) -> None:
    spelled = f"[U+{ord(mark):04X}]"
    parked = ParkedItem(ErpKey(f"a{mark}"), "code", f"b{mark}", f"c{mark}")
    assert str(parked) == f"a{spelled}: b{spelled}: c{spelled}"
    held = str(HeldCell(ErpKey(f"a{mark}"), f"b{mark}", f"c{mark}", f"d{mark}", f"e{mark}"))
    assert held.startswith(f"a{spelled}: b{spelled}: ")
    assert mark not in held
    assert held.isprintable()


def test_an_error_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> int:
        raise ErpRefused(f"no column 'a{ERASE}'\n  - look there")

    with pytest.raises(SystemExit):
        run_and_exit(program)
    assert capsys.readouterr().err == "error: no column 'a[U+001B][2K[U+001B][1A'\n  - look there\n"
