"""A state file of SQLite: opened by one writer, after a look at what it is, and never half written."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Final, TypeVar

from akeneo_erp_bridge._private_file import keep_name
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._stored import _sqlite_faults as faults
from akeneo_erp_bridge.sync._stored._database import Session, number
from akeneo_erp_bridge.sync._stored._tables import VERSION, migrate

T = TypeVar("T")

MEMORY: Final = ":memory:"

_APPLICATION: Final = 0x41455262
"""Tells a state from any other file of SQLite; files from before it was kept have none."""
_TRIES: Final = 12  # two that begin in the same moment may both find the file locked


class SqliteDatabase:
    """One file, mode 0600, which has only one writer.

    Opening checks the file, before anything is written to it. `StateError` says what it is where it is no state.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self.name = f"state file {self.path}"
        self._lock = RLock()
        self.connection = self._open()

    def read(self, work: Callable[[Session], T]) -> T:
        """Do what only reads."""
        with self._lock, self._blamed():
            return work(self.connection)

    def write(self, work: Callable[[Session], T]) -> T:
        """Do it as one transaction."""
        db = self.connection
        with self._lock, self._blamed():
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk has ended it already
                    db.execute("ROLLBACK")
                raise
            return result

    def size(self) -> int:
        """The bytes of the file and of what is not yet in it."""
        if self.path == MEMORY:
            return self.read(
                lambda db: number(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            )
        files = (Path(self.path), Path(f"{self.path}-wal"))
        return sum(one.stat().st_size for one in files if one.exists())

    def shrink(self) -> None:
        """Write the file anew, without holes."""
        with self._lock, self._blamed():
            self.connection.execute("VACUUM")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def back_up(self, path: Path) -> None:
        """Copy the file, page by page, into a new one; no transaction comes in between."""
        with new_back_up(path) as made, self._lock, closing(sqlite3.connect(made, isolation_level=None)) as copy:
            self.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, also where nobody may write

    def keep_in_one_file(self) -> None:
        """Leave nothing beside the file when it is closed, now or where nobody may write."""
        with self._lock, self._blamed():
            self.connection.execute("PRAGMA journal_mode = DELETE").fetchone()

    def close(self) -> None:
        """Close the file and give up the writer's place."""
        with self._lock:
            self.connection.close()

    @contextmanager
    def _blamed(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # a defect of the program, not of the file
        except sqlite3.DatabaseError as error:
            raise faults.explained(self.path, error) from error

    # ---- opening ----
    def _open(self) -> sqlite3.Connection:
        if self.path != MEMORY:
            faults.check_place(Path(self.path))
            if not Path(self.path).exists():
                self._make()
        for left in reversed(range(_TRIES)):
            try:
                with self._blamed():
                    return self._opened()
            except StateError as error:
                if left == 0 or not faults.is_locked(error.__cause__):
                    raise
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - no secret: two that wait wait differently
        raise AssertionError("unreachable")

    def _opened(self) -> sqlite3.Connection:
        # never made here: a file that goes away meanwhile must not come back empty
        place = self.path if self.path == MEMORY else f"{Path(self.path).absolute().as_uri()}?mode=rw"
        db = sqlite3.connect(place, uri=True, isolation_level=None, timeout=0, check_same_thread=False)
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            found = self._checked(db)
            db.execute("COMMIT")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            if found < VERSION:
                _bring_up_to_date(db, found)
        except BaseException:
            db.close()
            raise
        return db

    def _checked(self, db: sqlite3.Connection) -> int:
        """The version of the tables that are there; nothing is written."""
        application, version = (
            int(db.execute(f"PRAGMA {one}").fetchone()[0]) for one in ("application_id", "user_version")
        )
        tables = {str(name) for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        is_new = not tables and version == 0 and application in (0, _APPLICATION)
        is_old = application == 0 and version > 0 and {"ledger", "cursor"} <= tables
        if not (is_new or is_old or application == _APPLICATION):
            raise StateError(faults.STRANGER.format(path=self.path))
        if version > VERSION:
            raise StateError(faults.NEWER.format(path=self.path, found=version, known=VERSION))
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StateError(faults.DAMAGED.format(path=self.path, error="SQLite's quick check finds errors"))
        return version

    def _make(self) -> None:
        """A new file appears whole: one of no bytes has lost what it held, and is not taken for a new one."""
        try:
            with (
                new_file(Path(self.path)) as made,
                self._blamed(),
                closing(sqlite3.connect(made, isolation_level=None)) as db,
            ):
                _bring_up_to_date(db, 0)
        except FileExistsError:
            pass  # another run was quicker; who may use it is decided below
        except OSError as error:
            raise StateError(faults.UNWRITABLE.format(path=self.path, error=error.strerror)) from error


@contextmanager
def new_file(path: Path) -> Generator[Path]:
    """A file (mode 0600) that gets its name when it is finished: nobody sees half of it, and nothing is replaced.

    Raises `FileExistsError` where there is one of that name, and `OSError` where it cannot be made.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    os.close(handle)
    try:
        yield Path(name)
        _put_in_place(Path(name), path)
        keep_name(path)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def new_back_up(path: Path) -> Generator[Path]:
    """A new file for a back-up; what keeps it from being written is a `StateError`."""
    if os.path.lexists(path):
        raise StateError(faults.BACK_UP_IS_THERE.format(path=path))
    try:
        with new_file(path) as made:
            yield made
    except FileExistsError as error:
        raise StateError(faults.BACK_UP_IS_THERE.format(path=path)) from error
    except (OSError, sqlite3.Error) as error:
        raise StateError(faults.BACK_UP.format(path=path, error=getattr(error, "strerror", None) or error)) from error


def _put_in_place(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        raise
    except OSError:
        # a file system without links; the new name is taken first, so that no other file is overwritten
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        made.replace(path)


def _bring_up_to_date(db: sqlite3.Connection, found: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    migrate(db, found)
    db.execute(f"PRAGMA application_id = {_APPLICATION}")
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")
