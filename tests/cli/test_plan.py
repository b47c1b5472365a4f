"""`akeneo-erp-bridge plan`, as a shell sees it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.cli import show_plan
from akeneo_erp_bridge.cli._loading import job_named
from akeneo_erp_bridge.sync import ErpToPim, Plan, SqliteState, VariantPlan, WavesPlan
from akeneo_erp_bridge.testing import PimSimulator
from shell import SECRET, Shell
from shirts import fill as fill_for_shirts
from waves_bench import STREAMS, connector
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
    cut = shell.run("show", "plan.json", "--most", "0").stdout
    assert "… 1 more" in cut
    assert all(words in " ".join(cut.split()) for words in ("to see the rest: --most", "--lines", "--html"))
    assert "to see the rest" not in answer.stdout


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


def test_what_is_no_plan_file_is_said(shell: Shell) -> None:
    files = {
        "artikel.csv": "number,name\n000123,Hammer\n",
        "structure.json": '{"format": 1, "attributes": {}, "families": {}}',
        "list.json": "[]",
        "cut.json": '{\n"format": 1,\n"stream": "prod',
    }
    for name, text in files.items():
        (shell.folder / name).write_text(text)
    words = "it is no plan file; name one that `plan make` or `save` wrote, or make a new plan"
    for name in ("artikel.csv", "structure.json", "list.json"):
        answer = shell.run("show", name)
        assert (answer.returncode, answer.stderr) == (2, f"error: plan file '{name}': {words}\n")
    cut = shell.run("show", "cut.json").stderr
    assert "it is not whole (Unterminated string" in cut
    assert cut.endswith("; make a new plan\n")
    gone = shell.run("show", "nope.json")
    assert (gone.returncode, gone.stderr) == (
        2, "error: plan file 'nope.json' cannot be read (No such file or directory); check the path and your rights\n"
    )  # fmt: skip


def test_a_note_of_a_new_item_is_seen(plan: Plan) -> None:
    out = StringIO()
    show_plan(plan, out=Console(file=out, width=160))
    assert "(name[en_US]: cleaned from ' New')" in out.getvalue()


# ---- by a connector of one's own ----
CONNECTOR = """
import sys
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, {tests!r})

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.sync import Brakes, SqliteState
from waves_bench import TOOL_ROWS, connector

@contextmanager
def waves(**what):
    with AkeneoClient.from_env() as pim, SqliteState("state.db") as state:
        yield connector(pim, state, Path.cwd(), **what)
    print("all is closed")

@contextmanager
def shirts():
    with waves() as one:
        yield one.jobs[1]

@contextmanager
def groups():
    with waves() as one:
        yield one.jobs[0]

@contextmanager
def stopped():
    with waves(tools=[{{**one, "number": ""}} for one in TOOL_ROWS], brakes=Brakes(after=1)) as one:
        yield one

def needs(pim):
    return None

THING = 7
"""


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[Shell]:
    with PimSimulator(secret=SECRET) as simulator:
        fill_for_shirts(simulator)
        with simulator.serve() as server:
            text = CONNECTOR.format(tests=str(Path(__file__).parents[1]))
            (tmp_path / "my_connector.py").write_text(text)
            yield Shell(simulator, server, tmp_path, "plan")


def test_waves_are_planned_shown_and_applied(connected: Shell) -> None:
    made = connected.run("make", "my_connector.py:waves", "-o", "plan.json", "--html", "plan.html")
    assert (made.returncode, made.stderr) == (0, "")
    assert [line.split(":")[0] for line in made.stdout.splitlines() if line.startswith("plan for ")] == [
        f"plan for {stream}" for stream in STREAMS
    ]
    assert "all is closed" in made.stdout
    assert made.stdout.endswith("akeneo-erp-bridge plan apply my_connector.py:waves plan.json\n")
    assert connected.simulator.mutating_calls == []
    assert (connected.folder / "plan.html").read_text() == WavesPlan.load(connected.folder / "plan.json").to_html()

    connected.simulator.forget_calls()
    shown = connected.run("show", "plan.json", AKENEO_URL="")
    assert (shown.returncode, shown.stdout.count("plan for "), connected.simulator.calls) == (0, 5, [])
    lines = connected.run("show", "plan.json", "--lines").stdout.splitlines()
    assert list(dict.fromkeys(json.loads(line)["stream"] for line in lines)) == STREAMS

    applied = connected.run("apply", "my_connector.py:waves", "plan.json")
    assert (applied.returncode, applied.stderr) == (0, "")
    assert "tools: 5 read = 0 unchanged + 5 written + 0 held + 0 parked" in applied.stdout
    connected.simulator.forget_calls()
    again = connected.run("apply", "my_connector.py:waves", "plan.json", "--replan")
    assert "tools: 5 read = 5 unchanged + 0 written + 0 held + 0 parked" in again.stdout
    assert connected.simulator.mutating_calls == []


@pytest.mark.parametrize(("job", "kind", "count"), [("groups", Plan, 1), ("shirts", VariantPlan, 3)])
def test_other_jobs_are_planned_and_applied_too(
    job: str, kind: type[Plan | VariantPlan], count: int, connected: Shell
) -> None:
    made = connected.run("make", f"my_connector.py:{job}", "-o", "plan.json")
    assert (made.returncode, made.stderr, made.stdout.count("plan for ")) == (0, "", count)
    lines = str(kind.load(connected.folder / "plan.json")).splitlines()
    assert [line for line in made.stdout.splitlines() if line.startswith("plan for ")] == lines
    applied = connected.run("apply", f"my_connector.py:{job}", "plan.json")
    assert (applied.returncode, applied.stdout.count(" + 0 parked")) == (0, count)


def test_what_cannot_be_made_or_applied_is_one_line(connected: Shell) -> None:
    stopped = connected.run("make", "my_connector.py:stopped", "-o", "stopped.json")
    assert (stopped.returncode, "a brake would stop this run" in stopped.stdout) == (5, True)
    connected.run("make", "my_connector.py:waves", "-o", "plan.json")
    connected.run("make", "my_connector.py:groups", "-o", "groups.json")
    text = (connected.folder / "plan.json").read_text()
    (connected.folder / "altered.json").write_text(text.replace("Drill 4", "Drill 5"))
    cases = {
        ("waves", "altered.json"): (2, "plan file 'altered.json': it was altered after it was made; make a new plan"),
        ("waves", "groups.json"): (2, "plan file 'groups.json': it is a Plan, which has a load of its own"),
        ("groups", "plan.json"): (2, "plan file 'plan.json': it is a WavesPlan, which has a load of its own"),
        ("shirts", "plan.json"): (2, "plan file 'plan.json': it is a WavesPlan"),
        ("waves", "nowhere.json"): (2, "No such file"),
        ("waves", "stopped.json"): (5, "stream 'tools' is not whole, nothing was written"),
        ("THING", "plan.json"): (2, "my_connector.py:THING is a int, not an ErpToPim, VariantsToPim or Waves"),
        ("needs", "plan.json"): (2, "my_connector.py:needs cannot be called without arguments (missing a required"),
        ("nothing", "plan.json"): (2, "has no attribute 'nothing'"),
    }
    for (job, file), (code, words) in cases.items():
        answer = connected.run("apply", f"my_connector.py:{job}", file)
        assert (answer.returncode, len(answer.stderr.splitlines())) == (code, 1), answer
        assert answer.stderr.startswith("error: ")
        assert words in answer.stderr
    assert connected.simulator.mutating_calls == []


def test_a_job_may_stand_there_or_be_given_by_a_function(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, waves = ModuleType("made_here"), connector(pim, state, tmp_path)
    jobs: list[object] = [waves, *waves.jobs]
    monkeypatch.setitem(sys.modules, "made_here", program)
    for job in jobs:
        program.__dict__.update(JOB=job, job=lambda job=job: job)
        for name in ("made_here:JOB", "made_here:job"):
            with job_named(name) as found:
                assert found is job
