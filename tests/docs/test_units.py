"""The units for systemd that the guide shows: systemd finds nothing to complain of, and what they start runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-a-schedule.md"
UNITS = re.findall(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
CRON = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("* * * * * "))
PROGRAM = """
import sys
from datetime import timedelta
from akeneo_erp_bridge.sync import Every, Periodicity, ScheduleFile, run_if_due

def job(kind):
    with open("ran.txt", "a") as file:
        print(kind, file=file)
    return int(sys.argv[1]) if sys.argv[1:] else 0

sys.exit(run_if_due(Periodicity(delta=Every(timedelta(days=7))), job, memory=ScheduleFile("schedule.json")))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """What stands for /srv/bridge: a program, and this Python in its environment."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "sync_articles.py").write_text(PROGRAM)
    return tmp_path


def laid_out(place: Path, *units: str) -> list[Path]:
    """The units as files, each named as the guide says."""
    files: list[Path] = []
    for text in units:
        file = place / ("bridge.timer" if "[Timer]" in text else "bridge.service")
        file.write_text(text.replace("/srv/bridge", str(place)))
        files.append(file)
    return files


def complaints(files: list[Path]) -> str:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("no systemd here")
    done = subprocess.run([systemd, "verify", *map(str, files)], capture_output=True, text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "bridge" in line]
    return "\n".join(ours)


def test_the_page_shows_a_service_and_a_timer_with_its_own() -> None:
    assert ["[Timer]" in one for one in UNITS] == [False, False, True]


@pytest.mark.parametrize("units", [UNITS[:1], UNITS[1:]])
def test_systemd_finds_nothing_to_complain_of(units: list[str], place: Path) -> None:
    assert complaints(laid_out(place, *units)) == ""


def test_systemd_would_complain(place: Path) -> None:
    service, timer = UNITS[1:]
    broken = timer.replace("OnCalendar=minutely", "OnCalendar=every minute").replace("AccuracySec", "Accuracy")
    told = complaints(laid_out(place, service, broken))
    assert "every minute" in told
    assert "Accuracy" in told


@pytest.mark.parametrize("unit", UNITS[:2])
def test_what_a_unit_starts_runs_and_remembers(unit: str, place: Path) -> None:
    (file,) = laid_out(place, unit)
    told = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    for _ in range(2):
        subprocess.run(shlex.split(told["ExecStart"]), cwd=told["WorkingDirectory"], check=True, timeout=60)
    assert (place / "ran.txt").read_text() == "delta\n", "the second was not due"


BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def accepted(unit: str) -> set[int]:
    """The exit codes that the unit takes for a success."""
    return {
        0,
        *(int(one) for line in re.findall(r"^SuccessExitStatus=(.*)$", unit, re.MULTILINE) for one in line.split()),
    }


@pytest.mark.parametrize("unit", UNITS[:2])
@pytest.mark.parametrize(
    ("job", "is_well"),
    [("return 0", True), ("return 1", True), ("return 3", False), ("return 5", False), ("return 1 // 0", False)],
)
def test_a_unit_is_well_where_a_run_came_to_its_end(unit: str, job: str, is_well: bool, place: Path) -> None:
    (ending,) = [one for one in BLOCKS if "def cron" in one]
    program = f"{BLOCKS[0]}\nwhen = Periodicity(full=when.full)\ndef job(kind):\n    {job}\n{ending}"
    (place / "sync_articles.py").write_text(program)
    done = subprocess.run([sys.executable, "sync_articles.py"], cwd=place, check=False, capture_output=True)
    assert (done.returncode in accepted(unit)) == is_well, done


@pytest.mark.parametrize("unit", UNITS[:2])
@pytest.mark.parametrize("start", ["import no_such_module", "def (", "from akeneo_erp_bridge.mapping import *\nsku(1)"])
def test_a_unit_is_not_well_where_the_file_itself_fails(unit: str, start: str, place: Path) -> None:
    (place / "sync_articles.py").write_text(f"{start}\n{PROGRAM}")
    done = subprocess.run([sys.executable, "sync_articles.py"], cwd=place, check=False, capture_output=True)
    assert done.returncode not in accepted(unit)


def test_what_cron_starts_runs_and_remembers(place: Path) -> None:
    command = CRON.removeprefix("* * * * * ").replace("/srv/bridge", str(place))
    for _ in range(2):
        subprocess.run(["/bin/sh", "-c", command], check=True, timeout=60)
    assert (place / "ran.txt").read_text() == "delta\n"


@pytest.mark.parametrize("code", [0, 1, 3])
def test_cron_sees_the_code_of_the_run_and_is_not_mailed_by_a_call_that_is_not_due(code: int, place: Path) -> None:
    command = f"{CRON.removeprefix('* * * * * ').replace('/srv/bridge', str(place))} {code}"
    first, second = (
        subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
        for _ in range(2)
    )
    assert (first.returncode, second.returncode) == (code, 0)
    assert (place / "ran.txt").read_text() == "delta\n"
    assert second.stdout + second.stderr == ""
    assert ("delta run failed, time 1 in a row: it ended with exit code 3" in first.stderr) is (code == 3)
    assert bool(first.stdout + first.stderr) is (code == 3), "cron mails what is printed"
