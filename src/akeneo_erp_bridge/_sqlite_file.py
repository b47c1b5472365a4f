"""SQLite files that stand beside the state: what they hold may be lost, at the cost of reading more."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from akeneo_erp_bridge.errors import StateError

__all__ = ["FileKind", "SqliteFile"]


@frozen(kw_only=True)
class FileKind:
    """What a file is called in messages, and how it is made.

    `application` tells it from any other file of SQLite; `first_line` inserts the only line of table `store`, of which
    the first column is the file's id. `anew` says what to do with a file that cannot be used, and `patience` for how many
    seconds to wait while another process writes.
    """

    name: str
    holds: str
    application: int
    version: int = 0
    schema: tuple[str, ...]
    first_line: str
    pragmas: tuple[str, ...] = ()
    anew: str = "delete it to start anew"
    patience: float = 5.0


class SqliteFile:
    """A file of one kind, made where it is not there. A transaction is safe on disk when it ends, also when the power fails.

    Raises `StateError` for a file that cannot be used. Give it back with `close`.
    """

    def __init__(self, path: Path, kind: FileKind) -> None:
        self.path = path
        self._kind = kind
        with self.blamed():
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=kind.patience, isolation_level=None, check_same_thread=False)
        try:
            with self.blamed():
                # with FULL, a deleted journal may be there again after a power cut, and undo the last transaction
                self._db.execute("PRAGMA synchronous = EXTRA")
            with self.transaction():
                self._prepare()
                self.id = str(self._db.execute("SELECT id FROM store").fetchone()[0])
            with self.blamed():  # not before: some change the file, and it may be another program's
                for pragma in kind.pragmas:
                    self._db.execute(pragma)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All of it or nothing."""
        with self.blamed():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def blamed(self) -> Generator[None]:
        """What SQLite or the system refuses becomes a `StateError` that names the file."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"{self._kind.name} {self.path} cannot be used ({error}); check its folder and your rights on it, wait "
                f"for another run that has it open, or {self._kind.anew}"
            ) from error

    def _prepare(self) -> None:
        kind, db = self._kind, self._db
        if int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]) == 0:
            for statement in kind.schema:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {kind.application}")
            db.execute(f"PRAGMA user_version = {kind.version}")
            db.execute(kind.first_line, (uuid.uuid4().hex,))
        elif int(db.execute("PRAGMA application_id").fetchone()[0]) != kind.application:
            raise StateError(f"{self.path} is another program's database; give the {kind.holds} a file of their own")
        elif int(db.execute("PRAGMA user_version").fetchone()[0]) != kind.version:
            raise StateError(f"{self.path} was written by another version; {kind.anew}")
