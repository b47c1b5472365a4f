"""Programs of tests in processes of their own, which begin with everything imported.

Each is a fork of a Python that has loaded the program and did nothing yet. So its life, its files and its death by SIGKILL
are as real as those of any process, and the second that Python takes to import the library is paid once, not once a kill.
Two such Pythons take turns: they order sets differently, as two runs on one machine do. Where hours are given, each
program is a Python of its own.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

_READY: dict[Path, list[subprocess.Popen[str]]] = {}
_TURNS = 2


def run(script: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, or to its death: a return code of -9."""
    told = [str(one) for one in arguments]
    if "SOAK" in os.environ:
        return subprocess.run([sys.executable, str(script), *told], capture_output=True, text=True, check=False)
    waiting = _READY.setdefault(script, [])
    if len(waiting) < _TURNS:
        line = [sys.executable, __file__, str(script)]
        # it ends where its standard input does, so at the latest when the process of the tests does
        waiting.insert(0, subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    python = waiting.pop(0)
    waiting.append(python)
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        out, errors = Path(folder, "out"), Path(folder, "errors")
        request = {"arguments": told, "out": str(out), "errors": str(errors), "cwd": str(Path.cwd())}
        assert python.stdin is not None
        assert python.stdout is not None
        python.stdin.write(json.dumps({**request, "environment": dict(os.environ)}) + "\n")
        python.stdin.flush()
        code = int(python.stdout.readline())
        return subprocess.CompletedProcess([str(script), *told], code, out.read_text(), errors.read_text())


@atexit.register
def _end() -> None:
    for one in (one for some in _READY.values() for one in some):
        with one:
            assert one.stdin is not None
            one.stdin.close()


def _serve(script: str) -> None:
    """Load a program, and fork for each request; returns in the fork, when the program has ended."""
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="loaded")
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
            sys.argv = [script, *request["arguments"]]
            runpy.run_path(script, run_name="__main__")
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(request: dict[str, object]) -> None:
    """Another process: its own output, and nothing of the chance of the one it comes from."""
    for stream, path in ((1, request["out"]), (2, request["errors"])):
        file = os.open(str(path), os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, stream)
        os.close(file)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.chdir(str(request["cwd"]))
    os.environ.clear()
    environment = request["environment"]
    assert isinstance(environment, dict)
    os.environ.update(environment)
    random.seed()


if __name__ == "__main__":
    _serve(sys.argv[1])
