"""The power fails right after a file was made: its name is on the disk by then, and not its content alone."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import LastRuns, Plan, ScheduleFile, SqliteState, Tally

MAKERS: list[tuple[str, Callable[[Path], object]]] = [
    ("state.db", lambda path: SqliteState(path).close()),
    ("schedule.json", lambda path: ScheduleFile(path).write(LastRuns())),
    ("plan.json", lambda path: Plan(Tally().report("products", timedelta(0))).save(path)),
]


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_the_folder_is_brought_to_the_disk_once_the_name_is_in_it(
    name: str, make: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, seen = os.fsync, list[list[str]]()

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            seen.append(os.listdir(handle))
        true(handle)

    monkeypatch.setattr("os.fsync", fsync)
    make(tmp_path / name)
    assert [name in there for there in seen] == [True]


@pytest.mark.parametrize(("number", "is_told"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_disk_that_cannot_do_it_is_left_alone_and_one_that_fails_is_told(
    number: int, is_told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        true(handle)

    monkeypatch.setattr("os.fsync", fsync)
    file = ScheduleFile(tmp_path / "schedule.json")
    if not is_told:
        file.write(LastRuns())
        assert file.read() == LastRuns()
        return
    with pytest.raises(StateError, match="cannot be written"):
        file.write(LastRuns())
