"""How a program ends where it is not by its own account: output that nobody takes, Ctrl-C, a defect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal, TypedDict

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import ParkedItem, Settled, SqliteState

HEAD = "from akeneo_erp_bridge.cli import run_and_exit\n"
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as users have it
LONG = "def main():\n    for n in range(200_000): print('a long line', n)\n    return 0\n"
SHORT = "def main():\n    print('one line')\n    return {code}\n"
TABLE = """
from rich.console import Console
def main():
    for n in range(20_000): Console().print('a long line', n)
    return 0
"""


class Pipes(TypedDict):
    stdout: int
    stderr: int
    text: Literal[True]


PIPES: Pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def python(*arguments: str, stdout: int, folder: Path | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=folder,
        env=BUFFERED,
    )
    return done.returncode, done.stderr


def run(program: str, stdout: int) -> tuple[int, str]:
    return python("-c", f"{HEAD}{program}\nrun_and_exit(main)", stdout=stdout)


@pytest.fixture
def gone() -> int:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.fixture
def full() -> int:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    return os.open("/dev/full", os.O_WRONLY)


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A state in which so much is parked that no pipe holds the list."""
    with SqliteState(tmp_path / "bridge.db") as state:
        items = [ParkedItem(ErpKey(f"k{n}"), "refused", "", "no" * 40) for n in range(2_000)]
        state.settle("products", Settled(parked=items))
    return tmp_path


# ---- output that nobody takes ----
@pytest.mark.parametrize("program", [LONG, SHORT.format(code=0), SHORT.format(code=1), TABLE])
def test_a_closed_pipe_ends_in_silence(program: str, gone: int) -> None:
    assert run(program, gone) == (141, "")


def test_what_went_wrong_is_told_before_a_closed_pipe(gone: int) -> None:
    assert run(SHORT.format(code=3), gone) == (3, "")
    code, told = run("def main():\n    print('x')\n    raise ErpRefused('no such table')\n"
                     "from akeneo_erp_bridge.errors import ErpRefused\n", gone)  # fmt: skip
    assert (code, told) == (2, "error: no such table\n")


def test_a_pipe_of_the_program_itself_is_a_defect() -> None:
    program = "import os\ndef main():\n    r, w = os.pipe(); os.close(r)\n    os.write(w, b'x')\n    return 0\n"
    code, told = run(program, subprocess.DEVNULL)
    assert code == 70
    assert "BrokenPipeError" in told


@pytest.mark.parametrize("program", [LONG, SHORT.format(code=0), SHORT.format(code=1), TABLE])
def test_a_full_disk_is_one_line(program: str, full: int) -> None:
    code, told = run(program, full)
    assert code == 74
    assert told.startswith("error: standard output")
    assert told.endswith("(No space left on device); make room and run it again, what is settled stays\n")
    assert len(told.splitlines()) == 1


def test_a_file_that_does_not_fit_is_named_where_python_knows_it() -> None:
    program = "def main():\n    raise OSError(28, 'No space left on device', 'report.html')\n"
    code, told = run(program, subprocess.DEVNULL)
    assert (code, told.split(" cannot")[0], len(told.splitlines())) == (74, "error: report.html", 1)


@pytest.mark.parametrize("command", ["state inspect", "state parked", "state parked --lines", "adapters", "--help"])
def test_the_commands_end_so_too(command: str, waiting: Path, gone: int, full: int) -> None:
    arguments = ["-m", "akeneo_erp_bridge", *command.split()]
    if "state" in command:
        arguments += ["--state", "bridge.db"]
    assert python(*arguments, stdout=gone, folder=waiting) == (141, "")
    code, told = python(*arguments, stdout=full, folder=waiting)
    assert (code, len(told.splitlines()), told[:22]) == (74, 1, "error: standard output")


def test_a_reader_that_has_enough_ends_a_command(waiting: Path) -> None:
    parked = ["state", "parked", "--most", "2000", "--state", "bridge.db"]
    for _ in range(3):
        command = [sys.executable, "-m", "akeneo_erp_bridge", *parked]
        with subprocess.Popen(command, cwd=waiting, env=BUFFERED, **PIPES) as one:
            assert one.stdout is not None
            assert one.stderr is not None
            one.stdout.readline()
            one.stdout.close()
            assert (one.wait(60), one.stderr.read()) == (141, "")


# ---- Ctrl-C ----
STOPPED = "stopped by Ctrl-C; what is settled stays, and the next run goes on there\n"


@pytest.mark.parametrize(
    "start",
    [
        ["-c", f"{HEAD}import time\ndef main():\n    print('up', flush=True)\n    time.sleep(60)\nrun_and_exit(main)"],
        ["-m", "akeneo_erp_bridge", "plan", "make", "waits.py:job", "-o", "plan.json"],
    ],
)
def test_who_stops_a_program_is_told_what_becomes_of_it(start: list[str], tmp_path: Path) -> None:
    (tmp_path / "waits.py").write_text("import time\ndef job():\n    print('up', flush=True)\n    time.sleep(60)\n")
    # a shell starts what goes on in the background with this signal ignored, and so it may have started these tests
    with subprocess.Popen(["env", "--default-signal=INT", sys.executable, *start], cwd=tmp_path, **PIPES) as one:
        assert one.stdout is not None
        one.stdout.readline()
        one.send_signal(signal.SIGINT)
        _, told = one.communicate(timeout=60)
    assert (one.returncode, told) == (130, STOPPED)


# ---- a defect ----
def test_a_defect_keeps_its_traceback_and_has_a_code_of_its_own() -> None:
    code, told = run("def main():\n    return 1 // 0\n", subprocess.DEVNULL)
    assert code == 70
    assert told.startswith("Traceback")
    assert told.endswith("ZeroDivisionError: integer division or modulo by zero\n") or "ZeroDivisionError" in told


def test_a_defect_in_a_program_that_a_command_loads(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("secret = 'hunter2'\njob = 1 // 0\n")
    start = ["-m", "akeneo_erp_bridge", "plan", "make", "broken.py:job", "-o", "plan.json"]
    code, told = python(*start, stdout=subprocess.DEVNULL, folder=tmp_path)
    assert code == 70
    assert "ZeroDivisionError" in told.splitlines()[-1]
    assert "hunter2" not in told


def test_a_hook_for_exceptions_is_asked() -> None:
    hook = "import sys\nsys.excepthook = lambda kind, error, trace: print('seen by', kind.__name__, file=sys.stderr)\n"
    assert run(f"{hook}def main():\n    return 1 // 0\n", subprocess.DEVNULL) == (70, "seen by ZeroDivisionError\n")


@pytest.mark.parametrize(
    ("given", "code", "told"), [("5", 5, ""), ("", 0, ""), ("'no file named'", 2, "no file named\n")]
)
def test_a_program_that_ends_by_itself(given: str, code: int, told: str) -> None:
    assert run(f"import sys\ndef main():\n    sys.exit({given})\n", subprocess.DEVNULL) == (code, told)
