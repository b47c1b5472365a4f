"""A shop as a process: its log and pid file in its folder, and whether it is healthy."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import background


def say(text: str) -> None:
    """A line for the person who waits; results go to the standard output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def start(folder: Path, command: Sequence[str], environment: Mapping[str, str], health: str) -> None:
    """Start a shop that outlives this program, and wait until it is healthy."""
    log = folder / "server.log"
    background.start(
        command, folder / "server.pid", log, lambda: _healthy(health), {**os.environ, **environment}, folder, within=300
    )


def stop(folder: Path) -> bool:
    """Stop the shop of a folder; whether there was one."""
    return background.stop(folder / "server.pid")


def alive(folder: Path) -> bool:
    """Whether the shop of a folder runs."""
    return background.alive(folder / "server.pid")


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
