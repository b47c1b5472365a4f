"""The power fails: what a program had brought to the disk by then, as `strace` saw it call the system.

A disk keeps what was synced. Of what was only written it keeps anything: all, nothing, or some sectors, in any order.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from attrs import Factory, define, frozen

CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,openat,link,linkat,unlink,unlinkat,rename,renameat,renameat2"
SECTOR = 512
_CALL = re.compile(r"(\w+)\((.*)\) = \d+")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OPEN_FILE = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")

Luck = Callable[[], bool]
"""Whether the disk had come to the next thing that was written and not synced."""


def unlucky() -> bool:
    """It had not."""
    return False


@define
class File:
    """What is safe of a file, and what was written since: bytes at a place, or a length."""

    safe: bytes = b""
    since: list[tuple[int, bytes | None]] = Factory(list)

    def sync(self) -> None:
        self.safe, self.since = self.left(lambda: True), []

    def left(self, luck: Luck) -> bytes:
        found = bytearray(self.safe)
        for place, data in self.since:
            if data is None:
                if luck():
                    found[:] = found[:place].ljust(place, b"\0")
                continue
            for start in range(0, len(data), SECTOR):
                if luck():
                    some, at = data[start : start + SECTOR], place + start
                    found[:] = found.ljust(at, b"\0")
                    found[at : at + len(some)] = some
        return bytes(found)


@define
class Folder:
    """A folder of a disk: its names as programs see them, and as they are safe."""

    path: str
    names: dict[str, File] = Factory(dict)
    safe: dict[str, File] = Factory(dict)

    def lay(self, target: Path, luck: Luck = unlucky) -> Path:
        """What is there after the power failed now."""
        target.mkdir()
        for name, file in (self.names if luck() else self.safe).items():
            (target / name).write_bytes(file.left(luck))
        return target

    def take(self, call: str, told: str) -> None:
        """Something is done to it, or elsewhere."""
        if (file := _OPEN_FILE.match(told)) is not None:
            self._on_file(call, _bytes(file[1]).decode(), told)
            return
        names = [self._name(_bytes(one).decode()) for one in _TEXT.findall(told)]
        if call == "openat" and "O_CREAT" in told and names[0] is not None:
            self.names.setdefault(names[0], File())
        elif call.startswith("link") and names[1] is not None:
            self.names[names[1]] = self.names[names[0] or ""]
        elif call.startswith("unlink") and names[0] is not None:
            del self.names[names[0]]
        elif call.startswith("rename") and names[1] is not None:
            self.names[names[1]] = self.names.pop(names[0] or "")

    def _on_file(self, call: str, path: str, told: str) -> None:
        if path == self.path and call.endswith("sync"):
            self.safe = dict(self.names)
        if (name := self._name(path)) is None:
            return
        file = self.names[name]
        if call.endswith("sync"):
            file.sync()
        elif call == "ftruncate":
            file.since.append((int(told.rpartition(", ")[2]), None))
        elif call == "pwrite64":
            ((text,), place) = _TEXT.findall(told), told.rpartition(", ")[2]
            file.since.append((int(place), _bytes(text)))
        else:
            raise AssertionError(f"{call} of {name}: nobody has taught this how it works")

    def _name(self, path: str) -> str | None:
        return os.path.relpath(path, self.path) if path.startswith(f"{self.path}/") else None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@frozen
class Watched:
    """What a program did: the calls it made, and the lines it printed."""

    path: Path
    lines: Sequence[str]
    _log: Path

    def moments(self) -> Iterator[tuple[Folder, int, bool]]:
        """The folder after each call, how many lines were printed by then, and whether the call printed one."""
        folder, printed = Folder(str(self.path)), 0
        with self._log.open(encoding="ascii") as log:
            for match in filter(None, map(_CALL.search, log)):
                call, told = match.groups()
                ended = told.count("\\x0a") if told.startswith("1<") else 0
                folder.take(call, told)
                printed += ended
                yield folder, printed, ended > 0


def watched(program: Sequence[str], folder: Path, log: Path) -> Watched:
    """Run a Python program that works in an empty folder, its last argument, and prints each line at once."""
    if shutil.which("strace") is None:
        told = "strace is needed to see what reaches the disk: apt-get install strace"
        pytest.fail(told) if "CI" in os.environ else pytest.skip(told)
    if subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets no process be traced")
    folder.mkdir()
    folder = folder.resolve()  # as the system tells it
    strace = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", str(log)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    line = [*strace, sys.executable, *program, str(folder)]
    answer = subprocess.run(line, capture_output=True, text=True, env=environment, check=False)
    assert answer.returncode == 0, answer.stderr
    return Watched(folder, answer.stdout.splitlines(), log)
