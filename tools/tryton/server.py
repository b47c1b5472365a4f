"""A Tryton server as a process in the background: started, watched, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_START = 90.0  # seconds until a server must answer
_STOP = 20.0  # seconds until it must be gone


class Failed(Exception):
    """Something is missing; the text says what, and what to do."""


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"tryton: {text}\n")
    sys.stderr.flush()


def run(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a command into a log; raises `Failed` with the end of the log."""
    with log.open("ab") as out:
        code = subprocess.call(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment)
    if code:
        raise Failed(f"'{' '.join(command[:4])} ...' ended with {code}; {_end_of(log)}")


def write_settings(folder: Path, port: int) -> None:
    """Tryton's settings: a database in the folder, and a door on this machine only."""
    (folder / "trytond.conf").write_text(
        f"[database]\nuri = sqlite://\npath = {folder / 'db'}\nlist = True\nlanguage = en\n\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n\n[session]\ntimeout = 86400\n"
    )


def start(folder: Path, program: str, database: str, port: int) -> None:
    """Start a server on the database of a folder, and wait until it answers."""
    if port_taken(port):
        raise Failed(f"port {port} of 127.0.0.1 is in use by another program; choose another with --port")
    write_settings(folder, port)
    log = folder / "server.log"
    with log.open("ab") as out:
        # `-d` loads what is in the database before the door opens
        process = subprocess.Popen(
            [program, "-c", str(folder / "trytond.conf"), "-d", database],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    (folder / "pid").write_text(f"{process.pid} {_began(process.pid)}")
    end = time.monotonic() + _START
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > end:
            stop(folder)
            raise Failed(f"the server did not come up; {_end_of(log)}")
        time.sleep(0.1)


def stop(folder: Path) -> bool:
    """Stop the server of a folder; whether there was one."""
    number = _pid(folder)
    if number is None:
        return False
    for how in (signal.SIGINT, signal.SIGKILL):
        os.kill(number, how)
        end = time.monotonic() + _STOP
        while _pid(folder) is not None and time.monotonic() < end:
            _reap(number)
            time.sleep(0.05)
        if _pid(folder) is None:
            break
    (folder / "pid").unlink(missing_ok=True)
    return True


def alive(folder: Path) -> bool:
    """Whether the server of a folder runs."""
    return _pid(folder) is not None


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def port_taken(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


# ---- inside ----
def _pid(folder: Path) -> int | None:
    """The process in the folder's pid file, if it is still the one that was started."""
    try:
        number, _, began = (folder / "pid").read_text().partition(" ")
        return int(number) if _began(int(number)) == began else None
    except (OSError, ValueError):
        return None


def _began(number: int) -> str | None:
    """When a process began: with its number, a name that no later process can have."""
    try:
        state, *parts = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        listed = subprocess.run(  # where there is no /proc
            ["ps", "-o", "lstart=", "-p", str(number)], capture_output=True, text=True, check=False
        )
        return listed.stdout.strip() or None
    return None if state == "Z" else parts[18]


def _reap(number: int) -> None:
    with suppress(ChildProcessError):  # raised where an earlier run of ours started it
        os.waitpid(number, os.WNOHANG)


def _answers(port: int) -> bool:
    # Not `common.db.list`: as the very first call it leaves Tryton 8.2 without a registry, and each log-in fails.
    body = json.dumps({"id": 0, "method": "common.server.version", "params": []}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/rpc/", body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=3) as answer:
            return bool(answer.read())
    except (OSError, urllib.error.URLError):
        return False


def _end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-12:]
    return f"the end of {log}:\n  " + "\n  ".join(lines)
