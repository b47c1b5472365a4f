"""Processes: run one to its end, keep one as a server, stop it again."""

from __future__ import annotations

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


class Failed(Exception):
    """Something is missing, or did not work: what, and what to do."""


def say(text: str) -> None:
    """A line for the person who waits; results go to the standard output."""
    sys.stderr.write(f"{text}\n")


def run(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> None:
    """Run a program to its end. Raises `Failed` with the end of its log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment, cwd=folder, check=False
        )
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} {' '.join(command[1:3])} failed; the end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert isinstance(port, int)
        return port


def start(
    folder: Path, command: Sequence[str], environment: Mapping[str, str], health: str, *, wait: int = 300
) -> None:
    """Start a server that outlives this program, and wait until it answers. Raises `Failed` with the end of its log."""
    log = folder / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip
    (folder / "server.pid").write_text(f"{server.pid} {_started(server.pid)}")
    for _ in range(wait * 5):
        if server.poll() is not None:
            (folder / "server.pid").unlink(missing_ok=True)
            raise Failed(f"the server stopped; the end of {log}:\n{tail(log)}")
        if answers(health):
            return
        time.sleep(0.2)
    stop(folder)
    raise Failed(f"the server does not answer after {wait} seconds; the end of {log}:\n{tail(log)}")


def answers(url: str) -> bool:
    """Whether there is a healthy server."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def alive(folder: Path) -> bool:
    """Whether the server of a folder runs."""
    return _server(folder) is not None


def stop(folder: Path) -> bool:
    """Stop the server of a folder; whether there was one."""
    pid = _server(folder)
    if pid is not None:
        os.killpg(pid, signal.SIGTERM)
        for _ in range(100):
            _reap(pid)
            if _server(folder) is None:
                break
            time.sleep(0.1)
        else:
            os.killpg(pid, signal.SIGKILL)
            _reap(pid)
    (folder / "server.pid").unlink(missing_ok=True)
    return pid is not None


def _reap(pid: int) -> None:
    """A child that has ended is there until its parent asks for it; servers of an earlier call are no children."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _server(folder: Path) -> int | None:
    """The id of the process in the pid file, unless another process has that id by now."""
    try:
        pid, started = (folder / "server.pid").read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if _started(int(pid)) == started else None


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty where there is none, or it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
