"""`akeneo-erp-bridge plan`, as a shell sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.cli import show_plan
from akeneo_erp_bridge.sync import ErpToPim, Plan, SqliteState, VariantPlan
from akeneo_erp_bridge.testing import PimSimulator
from shell import Shell
from world import ListErp, make_mapping, row


@pytest.fixture
def plan(pim: AkeneoClient, state: SqliteState) -> Plan:
    erp = ListErp([row(1)])
    ErpToPim(erp, make_mapping(), pim, state).run()
    erp.rows = [row(1, name=" Anew "), row(3, name=" New"), row(4, name=None)]
    return ErpToPim(erp, make_mapping(), pim, state).plan()


@pytest.fixture
def shell(tmp_path: Path, simulator: PimSimulator) -> Iterator[Shell]:
    with simulator.serve() as server:
        yield Shell(simulator, server, tmp_path, "plan")


def test_a_stored_plan_is_shown_without_a_pim(shell: Shell, plan: Plan) -> None:
    plan.save(shell.folder / "plan.json")
    shell.simulator.forget_calls()
    answer = shell.run("show", "plan.json", AKENEO_URL="")
    assert (answer.returncode, answer.stderr, shell.simulator.calls) == (0, "", [])
    for words in (
        str(plan),
        "Shirt 1",
        "Anew",
        "(cleaned from ' Anew ')",
        "(name[en_US]: cleaned from ' New')",
        "000004",
    ):
        assert words in answer.stdout
    assert "… 1 more" in shell.run("show", "plan.json", "--most", "0").stdout


def test_as_lines_and_as_a_page(shell: Shell, plan: Plan) -> None:
    VariantPlan([plan, plan]).save(shell.folder / "plan.json")
    answer = shell.run("show", "plan.json", "--lines")
    assert [json.loads(line)["key"] for line in answer.stdout.splitlines()] == ["000001", "000003", "000004"] * 2
    answer = shell.run("show", "plan.json", "--html", "plan.html")
    assert (answer.returncode, answer.stdout) == (0, "written to plan.html; open it in a browser\n")
    assert (shell.folder / "plan.html").read_text() == VariantPlan([plan, plan]).to_html()
    assert shell.run("show", "plan.json").stdout.count(str(plan)) == 2


def test_what_is_no_plan_is_one_line(shell: Shell, plan: Plan) -> None:
    plan.save(shell.folder / "plan.json")
    (shell.folder / "plan.json").write_text(plan.to_json().replace("Anew", "Otherwise"))
    for name, words in {"plan.json": "it was altered after it was made", "nowhere.json": "No such file"}.items():
        answer = shell.run("show", name)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith(f"error: plan file '{name}'")
        assert words in answer.stderr
        assert len(answer.stderr.splitlines()) == 1


def test_a_note_of_a_new_item_is_seen(plan: Plan) -> None:
    out = StringIO()
    show_plan(plan, out=Console(file=out, width=160))
    assert "(name[en_US]: cleaned from ' New')" in out.getvalue()
