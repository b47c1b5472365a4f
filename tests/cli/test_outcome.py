"""A program that meets a wrong setting or a dead peer: one clear line, an exit code, nothing half-written."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import define

from akeneo_erp_bridge.testing import Fault, PimSimulator, SimulatorServer

CONNECTOR = Path(__file__).parent / "connector.py"


@define
class Stage:
    """A PIM over HTTP, an ERP in SQLite, and the program between them."""

    simulator: PimSimulator
    server: SimulatorServer
    folder: Path

    def run(self, **changes: str) -> subprocess.CompletedProcess[str]:
        plain = {
            "pim": self.server.url,
            "secret": "secret",
            "erp": f"sqlite:///{self.folder / 'erp.db'}",
            "table": "articles",
            "state": str(self.folder / "state.db"),
        }
        command = [sys.executable, str(CONNECTOR), *{**plain, **changes}.values()]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def products(self) -> int:
        return sum(call.method == "PATCH" for call in self.simulator.mutating_calls)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
        db.execute("CREATE TABLE articles (number TEXT, name TEXT)")
        db.execute("CREATE TABLE nameless (number TEXT, title TEXT)")
        db.executemany("INSERT INTO articles VALUES (?, ?)", [("A-1", "Hammer"), ("A-2", "Pliers"), ("A-3", "")])
    simulator = PimSimulator(sample=True)
    with simulator.serve() as server:
        yield Stage(simulator, server, tmp_path)


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in ended.stderr
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_parked_items_end_with_1_and_the_good_ones_are_written(stage: Stage) -> None:
    ended = stage.run()
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "3 read = 0 unchanged + 2 written + 0 held + 1 parked" in ended.stdout
    assert "A-3" in ended.stdout


def test_all_written_ends_with_0(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.folder / "erp.db")) as db, db:
        db.execute("DELETE FROM articles WHERE name = ''")
    assert stage.run().returncode == 0


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        (
            {"pim": "http://127.0.0.1:9"},
            3,
            "error: POST sign-in: .* no answer from http://127.0.0.1:9: .*; check the address",
        ),
        ({"secret": "wrong"}, 2, "error: .*(client|secret).*"),
        ({"erp": "sqlite:////nowhere/erp.db"}, 2, "error: there is no database /nowhere/erp.db .*; check the path"),
        ({"table": "artikel"}, 2, "error: table 'artikel' is not in the database; it has: articles, nameless"),
        ({"state": "/nowhere/state.db"}, 4, "error: .*/nowhere/state.db"),
    ],
)
def test_one_line_says_what_is_wrong(stage: Stage, changes: dict[str, str], code: int, words: str) -> None:
    ended = stage.run(**changes)
    line = one_line(ended)
    assert re.match(words, line), line
    assert "wrong" not in line or "secret" not in changes, "the secret itself is shown"
    assert (ended.returncode, stage.products()) == (code, 0)


def test_an_unknown_column_is_found_before_anything_is_written(stage: Stage) -> None:
    ended = stage.run(table="nameless")
    assert ended.returncode == 2
    assert "field 'name' is not in nameless; it has number, title" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert stage.products() == 0


def test_an_address_that_is_no_pim(stage: Stage) -> None:
    page = Fault(status=200, body=b"<html>Welcome</html>", path=".*", times=99)
    stage.simulator.fail_next(page)
    ended = stage.run()
    line = one_line(ended)
    assert ended.returncode == 2
    assert stage.server.url in line
    assert stage.products() == 0


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("GET", "Access forbidden. You are not allowed to list families."),
        ("PATCH", "Access forbidden. You are not allowed to create or update products."),
    ],
)
def test_a_missing_right_is_named_and_mended_by_a_second_run(stage: Stage, method: str, message: str) -> None:
    body = json.dumps({"code": 403, "message": message}).encode()
    fault = Fault(status=403, body=body, content_type="application/json", method=method, path="(families|products)")
    stage.simulator.fail_next(fault)
    ended = stage.run()
    assert ended.returncode == 2
    assert message in one_line(ended)
    again = stage.run()  # the right was given
    assert "3 read = 0 unchanged + 2 written + 0 held + 1 parked" in again.stdout


def test_a_broken_pim_ends_with_3(stage: Stage) -> None:
    stage.simulator.fail_next(Fault(status=503, path="products", method="PATCH", times=99))
    ended = stage.run()
    assert ended.returncode == 3, ended
    assert "503" in one_line(ended)
    stage.simulator._faults.clear()
    assert "3 read = 0 unchanged + 2 written + 0 held + 1 parked" in stage.run().stdout


def test_it_needs_no_extra() -> None:
    hidden = "import sys; sys.modules['rich'] = sys.modules['typer'] = None"
    program = f"{hidden}\nfrom akeneo_erp_bridge.cli import run_and_exit\nrun_and_exit(lambda: 3)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 3
    program = f"{hidden}\nfrom akeneo_erp_bridge.cli import run_and_exit, show_report"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "MissingExtra: the terminal display needs" in ended.stderr
