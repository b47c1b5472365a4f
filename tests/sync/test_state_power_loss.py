"""The power fails while the state file is written: what is there afterwards is what some commit left."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import define

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.sync import LedgerEntry, ParkedItem, Settled, SqliteState
from akeneo_erp_bridge.sync._stored._tables import TABLES

COMMITS = 30
FRAME = 4096 + 24


def digest(state: SqliteState) -> str:
    """All that a state holds."""
    rows = [row for table in TABLES for row in table.walk(state.database)]
    return sha256(repr(rows).encode()).hexdigest()


def page(number: int) -> Settled:
    keys = [ErpKey(f"{number * 7 % 40 + place:05}") for place in range(20)]  # some are new, some written again
    entries = [LedgerEntry(key, f"f{number}", "c", f"ref {key}", {"name": f"{number} " * 80}) for key in keys]
    parked = [ParkedItem(ErpKey(f"p{number}"), "x", "", "x")]
    return Settled(
        entries=entries, parked=parked, answered=keys, forgotten=keys[:1], cursor=Cursor("sequence", str(number))
    )


@define
class Disk:
    """The two files as they stood on the disk, and what each commit had left."""

    main: bytes
    log: bytes
    commits: list[str]
    whole: bytes
    """The main file after the log went into it."""

    def lay(self, folder: Path, main: bytes, log: bytes) -> Path:
        path = folder / "state.db"
        path.write_bytes(main)
        (folder / "state.db-wal").write_bytes(log)
        return path

    def left(self, folder: Path, main: bytes, log: bytes) -> int:
        """Which commit's state it is; it must be one, and the next run must be able to go on."""
        with SqliteState(self.lay(folder, main, log)) as state:
            seen = digest(state)
            assert seen in self.commits
            state.settle("products", page(99))
            assert state.cursor("products", "") == Cursor("sequence", "99")
        return self.commits.index(seen)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    path = tmp_path_factory.mktemp("disk") / "state.db"
    SqliteState(path).close()
    with SqliteState(path) as state:
        commits = [digest(state)]
        for number in range(COMMITS):
            state.intend("products", page(number).entries)
            commits.append(digest(state))
            state.settle("products", page(number))
            commits.append(digest(state))
        main, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    assert len(set(commits)) == 2 * COMMITS + 1
    assert len(log) > 100 * FRAME, "the log holds it all"
    return Disk(main, log, commits, path.read_bytes())


def points(size: int, count: int) -> Iterator[int]:
    """Anywhere, and around the ends of frames."""
    chance = random.Random(7)
    for _ in range(count):
        frame = 32 + FRAME * chance.randrange(size // FRAME)
        yield min(size - 1, max(0, frame + chance.choice([0, 1, 23, 24, 25, 512, 4095, chance.randrange(FRAME), -1])))


def test_each_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """What that comes to is seen in test_power_loss_traced.py, where there is strace."""
    with SqliteState(tmp_path / "state.db") as state:
        told = [
            state.database.connection.execute(f"PRAGMA {one}").fetchone() for one in ("journal_mode", "synchronous")
        ]
        assert told == [("wal",), (2,)]


def test_nothing_happened(disk: Disk, tmp_path: Path) -> None:
    assert disk.left(tmp_path, disk.main, disk.log) == 2 * COMMITS


def test_the_log_ends_anywhere(disk: Disk, tmp_path: Path) -> None:
    found = [disk.left(tmp_path, disk.main, disk.log[:point]) for point in points(len(disk.log), 40)]
    assert len(set(found)) > 10, "early and late commits are among them"


def test_a_bit_of_the_log_is_another(disk: Disk, tmp_path: Path) -> None:
    for point in points(len(disk.log), 40):
        log = bytearray(disk.log)
        log[point] ^= 0x10
        disk.left(tmp_path, disk.main, bytes(log))


def test_the_last_sectors_were_never_written(disk: Disk, tmp_path: Path) -> None:
    """The file has its length, and zeros or old bytes where the disk had not come to."""
    for point in points(len(disk.log), 30):
        start = point // 512 * 512
        disk.left(tmp_path, disk.main, disk.log[:start].ljust(len(disk.log), b"\0"))
        older = (disk.log[FRAME:] + disk.log)[start : len(disk.log)]
        disk.left(tmp_path, disk.main, (disk.log[:start] + older)[: len(disk.log)])


def test_the_main_file_is_half_written_from_the_log(disk: Disk, tmp_path: Path) -> None:
    """A checkpoint overwrites pages of which the log still has all."""
    chance = random.Random(11)
    for _ in range(30):
        main = bytearray(disk.main.ljust(len(disk.whole), b"\0"))
        for sector in range(len(disk.whole) // 512):
            if chance.random() < 0.5:
                main[sector * 512 : sector * 512 + 512] = disk.whole[sector * 512 : sector * 512 + 512]
        assert disk.left(tmp_path, bytes(main), disk.log) == 2 * COMMITS, "the log makes it whole"
