"""A drop folder: which files are complete, in which order they count, and where they go afterwards."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.errors import ErpUnreachable

T = TypeVar("T")

FileOrder: TypeAlias = Literal["name", "time"]
"""What the files of a folder are read in the order of."""

_HALF_WRITTEN: Final = (".part", ".tmp", ".temp", ".filepart", ".crdownload", ".swp")
_NUMBERED: Final = re.compile(r"(?P<stem>.*)~(?P<number>\d{1,9})(?P<suffix>(?:\.[^.~]*)?)", re.DOTALL)


@frozen
class Found:
    """A file as it was seen: a file of the same name with other contents is another one."""

    path: Path
    size: int
    changed: int
    """In nanoseconds; moving a file keeps it."""
    is_archived: bool = False

    @property
    def id(self) -> tuple[str, int, int]:
        """As a cursor keeps it."""
        return self.path.name, self.size, self.changed

    @property
    def original_id(self) -> tuple[str, int, int]:
        """As a cursor kept it before the file was archived."""
        return _original(self.path.name)[0] if self.is_archived else self.path.name, self.size, self.changed

    def is_same(self) -> bool:
        """Whether the file is still as it was seen."""
        try:
            facts = self.path.stat()
        except OSError:
            return False
        return (facts.st_size, facts.st_mtime_ns) == (self.size, self.changed)


@frozen
class Inbox:
    """A folder with its `archive` and `failed`. Raises `ErpUnreachable` where it cannot be read, or a file not moved."""

    folder: Path
    patterns: Sequence[str]
    order: FileOrder
    settle: timedelta
    marker: str | None

    @property
    def archive(self) -> Path:
        """Where files go whose rows are settled."""
        return self.folder / "archive"

    @property
    def failed(self) -> Path:
        """Where files go that cannot be read."""
        return self.folder / "failed"

    def waiting(self) -> list[Found]:
        """The complete files that were not archived, in their order."""
        return sorted((one for one in self._files(self.folder) if self._is_complete(one.path)), key=self.place)

    def archived(self) -> list[Found]:
        """The files that were, in their order."""
        there = self._files(self.archive, is_archived=True) if self.archive.is_dir() else ()
        return sorted(there, key=self.place)

    def place(self, one: Found) -> tuple[int | str, str, int]:
        """What files are ordered by. Of files with one name, the one not archived yet is the latest."""
        name, number = _original(one.path.name) if one.is_archived else (one.path.name, 10**9)
        return (one.changed if self.order == "time" else name, name, number)

    def require_writable(self) -> None:
        """Raises `ErpUnreachable` where files could not be moved."""
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise ErpUnreachable(f"{self.folder} may not be written by this user, and read files are moved out of it")

    def put_away(self, one: Found) -> None:
        """Move a file to the archive, with its marker."""
        self._move(one.path, self.archive)

    def set_aside(self, one: Found, reason: str) -> Path:
        """Move a file to `failed`, with a text beside it that says why."""
        there = self._move(one.path, self.failed)
        told = (
            f"{reason}\n\nNothing of this file is lost, and nothing more of it is read. "
            f"Mend it, and move it back to {self.folder}.\n"
        )
        self._try(lambda: there.with_name(f"{there.name}.txt").write_text(told, encoding="utf-8"), there)
        return there

    # ---- inside ----
    def _files(self, folder: Path, *, is_archived: bool = False) -> Iterator[Found]:
        try:
            paths = sorted(folder.iterdir())
        except OSError as error:
            raise ErpUnreachable(
                f"folder {folder.absolute()} cannot be read ({error.strerror}); check the path and your rights"
            ) from error
        for path in paths:
            name = _original(path.name)[0] if is_archived else path.name
            if self._fits(name):
                try:
                    facts = path.stat()
                except FileNotFoundError:
                    continue  # somebody took it back in the meantime
                if path.is_file():
                    yield Found(path, facts.st_size, facts.st_mtime_ns, is_archived)

    def _fits(self, name: str) -> bool:
        is_ours = any(fnmatchcase(name, pattern) for pattern in self.patterns)
        is_marker = self.marker is not None and name.endswith(self.marker)
        return is_ours and not (is_marker or name.startswith((".", "~$")) or name.lower().endswith(_HALF_WRITTEN))

    def _is_complete(self, path: Path) -> bool:
        if self.marker is not None:
            return self._marker_of(path) is not None
        facts, now, settle = path.stat(), time.time(), self.settle.total_seconds()
        # a copy may bring an old time of change along, or one that is still to come, but not its time of arrival
        stamps = [one for one in (facts.st_mtime, facts.st_ctime) if one <= now + settle]
        return all(now - one >= settle for one in stamps)

    def _marker_of(self, path: Path) -> Path | None:
        if self.marker is None:
            return None
        names = (path.name + self.marker, path.stem + self.marker)
        return next((path.with_name(one) for one in names if path.with_name(one).exists()), None)

    def _move(self, path: Path, target: Path) -> Path:
        there = self._try(lambda: _free(target, path.name), path)
        marker = self._marker_of(path)
        self._try(lambda: path.rename(there), path)
        if marker is not None:
            self._try(marker.unlink, marker)
        return there

    def _try(self, act: Callable[[], T], path: Path) -> T:
        try:
            return act()
        except OSError as error:
            raise ErpUnreachable(
                f"{path} cannot be moved or written ({error.strerror}); the bridge needs to write in {self.folder}"
            ) from error


def _free(folder: Path, name: str) -> Path:
    """A path for a file of that name in a folder, whose namesakes stay as they are."""
    folder.mkdir(exist_ok=True)
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}~{number}{Path(name).suffix}"
    return path


def _original(name: str) -> tuple[str, int]:
    """The name that a file came with, and the how manieth of it it is."""
    match = _NUMBERED.fullmatch(name)
    return (f"{match['stem']}{match['suffix']}", int(match["number"])) if match else (name, 1)
