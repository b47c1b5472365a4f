"""What the starters of servers share: programs that run to their end into a log, and servers that outlive the starter."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_START = 120.0  # seconds until a server must answer
_STOP = 20.0  # seconds until it must be gone


class Failed(Exception):
    """Something is missing; the text says what, and what to do."""


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Two of us in one folder would undo each other's work."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    text: str = "",
) -> None:
    """Run a command into a log, with a text on its standard input; raises `Failed` with the end of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        code = subprocess.run(
            command, stdout=out, stderr=subprocess.STDOUT, input=text.encode(), env=environment, cwd=folder, check=False
        ).returncode
    if code:
        raise Failed(f"'{' '.join(command[:5])} ...' ended with {code}; {end_of(log)}")


def start(
    command: Sequence[str],
    pid_file: Path,
    log: Path,
    is_up: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    *,
    within: float = _START,
) -> None:
    """Start a server, and wait until it is up; raises `Failed` with the end of its log where it is not in time (seconds)."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    pid_file.write_text(f"{process.pid} {_began(process.pid)}")
    end = time.monotonic() + within
    while not is_up():
        if process.poll() is not None or time.monotonic() > end:
            stop(pid_file)
            raise Failed(f"the server did not come up; {end_of(log)}")
        time.sleep(0.1)


def stop(pid_file: Path) -> bool:
    """Stop a server and what it started; whether there was one."""
    number = _pid(pid_file)
    if number is not None:
        for how in (signal.SIGTERM, signal.SIGKILL):
            os.killpg(number, how)
            end = time.monotonic() + _STOP
            while _pid(pid_file) is not None and time.monotonic() < end:
                _reap(number)
                time.sleep(0.05)
            if _pid(pid_file) is None:
                break
    pid_file.unlink(missing_ok=True)
    return number is not None


def alive(pid_file: Path) -> bool:
    """Whether the server of a pid file runs."""
    return _pid(pid_file) is not None


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


def refuse_taken(port: int) -> None:
    """Raises `Failed` where something listens at the port that somebody chose."""
    if port_taken(port):
        raise Failed(f"port {port} of 127.0.0.1 is in use by another program; choose another with --port")


def end_of(log: Path) -> str:
    """The last lines of a log, for an error."""
    lines = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
    return f"the end of {log}:\n  " + "\n  ".join(lines)


def _pid(pid_file: Path) -> int | None:
    """The process in the file, if it is still the one that was started."""
    try:
        number, _, began = pid_file.read_text().partition(" ")
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
