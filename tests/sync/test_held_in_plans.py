"""What a plan does not write, since a PIM user changed it: all of it is told, with both versions, and stays."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.cli import show_plan
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import Conflicts, ErpToPim, HeldCell, Plan, SqliteState, SyncOptions, resolve
from akeneo_erp_bridge.sync._plans._sealed import sealed
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Part, Rows, cells, only, part, parts
from conflict_bench import HOLD, MAPPING, REPORT, edit, go, held

KEY = ErpKey("key of X")
DIFF = "[-Cordless drill-]{+Drill+} 18 V{+ Pro+}"


def planned(erp: Rows[Part], pim: AkeneoClient, state: SqliteState, conflicts: Conflicts = HOLD) -> Plan:
    plan = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=conflicts)).plan()
    text = plan.to_json()
    back = Plan.from_json(text)
    assert back.to_json() == text
    assert (list(back.held), list(back.kept)) == (list(plan.held), list(plan.kept))
    assert [one.since for one in back.held] == [one.since for one in plan.held]
    return back


@pytest.fixture
def erp(pim: AkeneoClient, state: SqliteState) -> Rows[Part]:
    """A red part, whose name a PIM user changes and the ERP changes, too; its colour changes in the ERP alone."""
    erp = parts(part("X", name="Drill 18 V", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Cordless drill 18 V")
    erp.rows = [part("X", name="Drill 18 V Pro", colour="blue")]
    return erp


def test_a_held_cell_is_in_the_plan_with_both_versions(erp: Rows[Part], pim: AkeneoClient, state: SqliteState) -> None:
    plan = planned(erp, pim, state)
    assert [list(one.cells) for one in plan.changes] == [["colour"]]
    assert list(plan.held) == [HeldCell(KEY, "name[en_US]", "Drill 18 V", "Drill 18 V Pro", "Cordless drill 18 V")]
    assert plan.kept == []
    assert str(plan).endswith("0 unchanged, 0 parked, 1 cell held")
    change, line = map(json.loads, plan.lines())
    assert (change["action"], list(change["cells"])) == ("update", ["colour"])
    assert line == {
        "action": "held", "stream": "products", "key": "key of X",
        "cells": {"name[en_US]": {
            "before": "Drill 18 V", "erp": "Drill 18 V Pro", "pim": "Cordless drill 18 V",
            "diff": DIFF, "since": None,
        }},
    }  # fmt: skip


def test_the_terminal_shows_what_would_change(erp: Rows[Part], pim: AkeneoClient, state: SqliteState) -> None:
    out = StringIO()
    show_plan(planned(erp, pim, state), out=Console(file=out, width=220))
    lines = [[part.strip() for part in line.split("│")[1:-1]] for line in out.getvalue().splitlines() if "│" in line]
    assert "Held until somebody decides: 1 cell" in out.getvalue()
    assert lines[-1] == [
        "key of X", "name[en_US]", "Drill 18 V", "Drill 18 V Pro", "Cordless drill 18 V",
        DIFF,
    ]  # fmt: skip


def test_apply_leaves_it_and_the_next_run_holds_it(
    erp: Rows[Part], pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    job = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=HOLD))
    report = job.apply(planned(erp, pim, state))
    assert (report.updated, report.parked) == (1, 0)
    assert cells(only(pim)) == {"sku": "X", "name": "Cordless drill 18 V", "colour": "blue", "categories": []}
    simulator.forget_calls()
    assert (go(erp, MAPPING, pim, state).held, simulator.mutating_calls) == (1, [])
    assert held(state) == {"name[en_US]": ("Drill 18 V", "Drill 18 V Pro", "Cordless drill 18 V")}


def test_since_when_it_is_held_and_what_was_decided(erp: Rows[Part], pim: AkeneoClient, state: SqliteState) -> None:
    go(erp, MAPPING, pim, state)
    (waiting,) = state.held("products")
    assert waiting.since is not None
    plan = planned(erp, pim, state)
    assert [(one.cell, one.since) for one in plan.held] == [("name[en_US]", waiting.since)]
    assert plan.changes == []
    assert f"held since {waiting.since:%Y-%m-%d}" in plan.to_html()
    erp.rows = []  # an ERP that tells what changed does not show it again
    assert [(one.cell, one.since) for one in planned(erp, pim, state).held] == [("name[en_US]", waiting.since)]
    resolve(state, KEY, "name[en_US]", take="erp")
    plan = planned(erp, pim, state)
    assert ([list(one.cells) for one in plan.changes], plan.held) == ([["name[en_US]"]], [])


def test_what_is_only_told_is_kept_or_noted(erp: Rows[Part], pim: AkeneoClient, state: SqliteState) -> None:
    """Under "report": where the ERP has news they are written, and the reader is told; else the PIM user's stays."""
    plan = planned(erp, pim, state, REPORT)
    (change,) = plan.changes
    note = "a PIM user changed it, and the ERP has something new: theirs is replaced"
    assert {key: one.notes for key, one in change.cells.items()} == {"name[en_US]": (note,), "colour": ()}
    assert (plan.held, plan.kept) == ([], [])

    erp.rows = [part("X", name="Drill 18 V", colour="blue")]
    plan = planned(erp, pim, state, REPORT)
    assert [list(one.cells) for one in plan.changes] == [["colour"]]
    assert list(plan.kept) == [HeldCell(KEY, "name[en_US]", "Drill 18 V", "Drill 18 V", "Cordless drill 18 V")]
    assert [json.loads(line)["action"] for line in plan.lines()] == ["update", "kept"]
    out = StringIO()
    show_plan(plan, out=Console(file=out, width=220))
    assert "Kept as PIM users have it, since the ERP has nothing new: 1 cell" in out.getvalue()


def test_all_of_them_are_told_however_many(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    """A report names a hundred; a plan is for review."""
    rows = [part(f"{number:03}", name="one", colour="red") for number in range(120)]
    erp = parts(*rows)
    go(erp, MAPPING, pim, state)
    for number in range(120):
        edit(pim, f"{number:03}", name=f"Julia's {number}")
    erp.rows = [{**row, "name": "two"} for row in rows]
    plan = planned(erp, pim, state)
    assert (len(plan.report.held_items), len(plan.held)) == (100, 120)
    assert plan.to_html().count("data-action=held") == 120
    assert len(list(plan.lines())) == 120


def test_a_file_from_before_tells_what_its_report_does(erp: Rows[Part], pim: AkeneoClient, state: SqliteState) -> None:
    body = json.loads(planned(erp, pim, state).to_json())
    for name in ("held", "kept", "check_sum"):
        del body[name]
    back = Plan.from_json(sealed(body))
    assert ([one.cell for one in back.held], back.kept) == (["name[en_US]"], ())
