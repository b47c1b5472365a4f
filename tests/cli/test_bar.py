"""The bar of a real run, in a real terminal and where there is none."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.testing import Fault, PimSimulator

CONNECTOR = Path(__file__).parent / "connector.py"
ITEMS = 4000
SLOW = Fault(method="PATCH", path="products", latency=timedelta(seconds=0.25), times=100)
ERASE, SHOW_CURSOR, BAR = "\x1b[2K", "\x1b[?25h", "━"


@pytest.fixture
def simulator() -> PimSimulator:
    return PimSimulator(sample=True)


@pytest.fixture
def command(simulator: PimSimulator, tmp_path: Path) -> Iterator[list[str]]:
    """The connector between an ERP of some pages and a PIM that takes its time."""
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
        db.execute("CREATE TABLE articles (number TEXT, name TEXT)")
        db.executemany("INSERT INTO articles VALUES (?, ?)", [(f"A-{n:04}", f"Tool {n}") for n in range(ITEMS)])
    with simulator.serve() as server:
        erp = f"sqlite:///{tmp_path / 'erp.db'}"
        yield [sys.executable, str(CONNECTOR), server.url, "secret", erp, "articles", str(tmp_path / "state.db")]


def in_a_terminal(command: list[str]) -> tuple[int, str]:
    """What a program writes to its terminal, up to its end."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    written: list[bytes] = []
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as program:
        os.close(theirs)
        try:
            while some := os.read(ours, 65536):
                written.append(some)
        except OSError:  # nobody is left who writes
            pass
    os.close(ours)
    return program.returncode, b"".join(written).decode()


def counts(shown: str) -> list[int]:
    """How many items the bar has told, one drawing after the other."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    return [int(one) for one in re.findall(r"(\d+)/\?", plain)]


def test_the_bar_moves_while_a_run_goes_on_and_leaves_the_report_alone(
    simulator: PimSimulator, command: list[str]
) -> None:
    simulator.fail_next(SLOW)
    code, shown = in_a_terminal(command)
    assert code == 0, shown
    told = counts(shown)
    assert told == sorted(told)
    assert len({*told}) >= 3, "it moved"
    assert max(told) <= ITEMS
    drawn, _, left = shown.rpartition(ERASE)
    assert "products" in drawn
    assert BAR in drawn
    assert BAR not in left
    assert f"{ITEMS} read = 0 unchanged + {ITEMS} written + 0 held + 0 parked" in re.sub(r"\x1b\[[0-9;]*m", "", left)
    assert shown.count(SHOW_CURSOR) == 1


def test_a_run_that_fails_takes_its_bar_away(simulator: PimSimulator, command: list[str]) -> None:
    simulator.fail_next(Fault(method="PATCH", path="products", latency=timedelta(seconds=0.3), times=8))
    simulator.fail_next(Fault(method="PATCH", path="products", status=503, times=100))
    code, shown = in_a_terminal(command)
    assert code == 3, shown
    drawn, _, left = shown.rpartition(ERASE)
    assert BAR in drawn
    assert BAR not in left
    assert left.strip().startswith("error: ")
    assert shown.count(SHOW_CURSOR) == 1


def test_no_bar_where_the_output_goes_to_a_file(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    (line,) = ended.stdout.splitlines()
    assert f"{ITEMS} read = 0 unchanged + {ITEMS} written + 0 held + 0 parked" in line
    assert line.isprintable(), "nothing steers a terminal"
