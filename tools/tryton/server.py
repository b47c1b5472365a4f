"""A Tryton server: its settings, its start, and whether it answers."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

import background


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"tryton: {text}\n")
    sys.stderr.flush()


def write_settings(folder: Path, port: int) -> None:
    """Tryton's settings: a database in the folder, and a door on this machine only."""
    (folder / "trytond.conf").write_text(
        f"[database]\nuri = sqlite://\npath = {folder / 'db'}\nlist = True\nlanguage = en\n\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n\n[session]\ntimeout = 86400\n"
    )


def start(folder: Path, program: str, database: str, port: int) -> None:
    """Start a server on the database of a folder, and wait until it answers."""
    background.refuse_taken(port)
    write_settings(folder, port)
    # `-d` loads what is in the database before the door opens
    command = [program, "-c", str(folder / "trytond.conf"), "-d", database]
    background.start(command, folder / "pid", folder / "server.log", lambda: _answers(port))


def stop(folder: Path) -> bool:
    """Stop the server of a folder; whether there was one."""
    return background.stop(folder / "pid")


def alive(folder: Path) -> bool:
    """Whether the server of a folder runs."""
    return background.alive(folder / "pid")


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
