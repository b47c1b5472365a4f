"""Imports of shirts in processes that are killed, beside one that is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from akeneo_erp_bridge.testing import PimSimulator
from rich_shirts import content, filled

SCRIPT = Path(__file__).parent / "sync" / "killed_shirts.py"
SOAK = "SOAK" in os.environ
"""Whether hours are given: then each boundary is killed at."""

STEPS = (0, 3)
"""A first import, and one in which a third of the shirts has changed."""


def fatal_boundaries(passed: Sequence[str]) -> list[int]:
    """Which boundaries of a run to kill it at, counted from 1: all where hours are given, else the first and last of each kind."""
    places: dict[str, list[int]] = {}
    for place, kind in enumerate(passed, start=1):
        places.setdefault(kind, []).append(place)
    return sorted({place for some in places.values() for place in (some if SOAK else (some[0], some[-1]))})


@frozen
class World:
    """A served PIM, and the folder of a state."""

    simulator: PimSimulator
    url: str
    folder: Path
    shirts: int

    def start(self, step: int, fatal: int = 0, kind: str = "") -> subprocess.Popen[str]:
        """Begin a run in a process of its own."""
        told = (self.url, self.folder, self.shirts, step, fatal, kind)
        line = [sys.executable, str(SCRIPT), *map(str, told)]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, step: int, fatal: int = 0, kind: str = "") -> list[str] | None:
        """Run, and tell the boundaries that were passed; `None` where the run was killed."""
        with self.start(step, fatal, kind) as process:
            out, errors = process.communicate()
        if process.returncode == -signal.SIGKILL:
            return None
        assert process.returncode == 0, errors
        return out.split()[1:]

    def run_for(self, step: int, seconds: float) -> bool:
        """Run, and kill so many seconds after it has begun its work; whether it was killed."""
        with self.start(step) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(seconds)
            process.kill()
            _, errors = process.communicate()
        assert process.returncode in {0, -signal.SIGKILL}, errors
        return process.returncode != 0

    def content(self) -> dict[str, object]:
        """What the PIM holds, and how many of each thing that could be there twice."""
        found = content(self.simulator)
        with self.simulator.client() as pim:
            found["products"] = sum(1 for _ in pim.products.list())
            found["pictures"] = sum(1 for _ in pim.media_files.list())
        return found

    def makes_no_call(self, step: int) -> None:
        """A run that finds all as it is to be writes nothing."""
        self.simulator.forget_calls()
        assert self.run(step) is not None
        assert [f"{one.method} {one.path}" for one in self.simulator.mutating_calls] == []


@contextmanager
def world(folder: Path, shirts: int) -> Iterator[World]:
    """A world in which nothing has happened."""
    folder.mkdir()
    simulator = filled()
    with simulator.serve() as server:
        yield World(simulator, server.url, folder, shirts)
    simulator.close()


@frozen
class Undisturbed:
    """What comes of runs that nobody kills: the PIM after each step, the boundaries passed, the seconds it took."""

    contents: tuple[dict[str, object], ...]
    boundaries: tuple[list[str], ...]
    seconds: tuple[float, ...]


def undisturbed(folder: Path, shirts: int) -> Undisturbed:
    """Run both steps without a kill."""
    contents: list[dict[str, object]] = []
    boundaries: list[list[str]] = []
    seconds: list[float] = []
    with world(folder, shirts) as one:
        for step in STEPS:
            begun = time.monotonic()
            passed = one.run(step)
            seconds.append(time.monotonic() - begun)
            assert passed is not None
            boundaries.append(passed)
            contents.append(one.content())
    return Undisturbed(tuple(contents), tuple(boundaries), tuple(seconds))
