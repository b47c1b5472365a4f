"""Programs that run to their end into a log, and servers in the background: started, watched, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_START = 120.0  # seconds until a server must answer
_STOP = 20.0  # seconds until it must be gone


class Failed(Exception):
    """Something is missing; the text says what, and what to do."""


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"odoo: {text}\n")
    sys.stderr.flush()


def run(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    text: str = "",
) -> None:
    """Run a command into a log, with a text on its standard input; raises `Failed` with the end of the log."""
    with log.open("ab") as out:
        code = subprocess.run(
            command, stdout=out, stderr=subprocess.STDOUT, input=text.encode(), env=environment, cwd=folder, check=False
        ).returncode
    if code:
        raise Failed(f"'{' '.join(command[:5])} ...' ended with {code}; {end_of(log)}")


def start(
    command: Sequence[str], pid_file: Path, log: Path, is_up: Callable[[], bool], environment: Mapping[str, str]
) -> None:
    """Start a server, and wait until it is up."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    pid_file.write_text(f"{process.pid} {_began(process.pid)}")
    end = time.monotonic() + _START
    while not is_up():
        if process.poll() is not None or time.monotonic() > end:
            stop(pid_file)
            raise Failed(f"the server did not come up; {end_of(log)}")
        time.sleep(0.2)


def stop(pid_file: Path) -> bool:
    """Stop a server; whether there was one."""
    number = alive(pid_file)
    if number is None:
        return False
    for how in (signal.SIGINT, signal.SIGKILL):
        os.kill(number, how)
        end = time.monotonic() + _STOP
        while alive(pid_file) is not None and time.monotonic() < end:
            with suppress(ChildProcessError):  # raised where an earlier run of ours started it
                os.waitpid(number, os.WNOHANG)
            time.sleep(0.05)
        if alive(pid_file) is None:
            break
    pid_file.unlink(missing_ok=True)
    return True


def alive(pid_file: Path) -> int | None:
    """The process in the file, if it is still the one that was started."""
    try:
        number, _, began = pid_file.read_text().partition(" ")
        return int(number) if _began(int(number)) == began else None
    except (OSError, ValueError):
        return None


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


def answers(address: str, body: bytes) -> bool:
    """Whether a server answers a POST of JSON."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return bool(answer.read())
    except (OSError, urllib.error.URLError):
        return False


def end_of(log: Path) -> str:
    """The last lines of a log, for an error."""
    lines = log.read_text(errors="replace").splitlines()[-12:]
    return f"the end of {log}:\n  " + "\n  ".join(lines)


def _began(number: int) -> str | None:
    """When a process began: with its number, a name that no later process can have."""
    try:
        state, *parts = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state == "Z" else parts[18]
