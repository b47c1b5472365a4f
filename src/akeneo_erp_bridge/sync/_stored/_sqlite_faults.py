"""What can be wrong with a state file: one line each, with what to do."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.errors import StateError, StateInUse

_RESTORE: Final = (
    "restore a back-up in its place, without the old {path}-wal beside it, or move both files away to start anew"
)
DAMAGED: Final = f"state file {{path}} is damaged ({{error}}); {_RESTORE}"
NEWER: Final = "state file {path} was written by a newer version (format {found}, this one knows {known}); upgrade akeneo_erp_bridge"
STRANGER: Final = "{path} is another program's database, not a state file; give the state a file of its own"
UNWRITABLE: Final = "state file {path} cannot be opened for writing ({error}); check its folder and your rights on it"
BACK_UP: Final = (
    "back-up {path} cannot be written ({error}); check its folder, its disk and your rights; the state is as it was"
)
BACK_UP_IS_THERE: Final = "{path} is there already, and a back-up replaces no file; give this one a name of its own"

_NO_FILE: Final = f"state file {{path}} is not a usable SQLite file ({{error}}); {_RESTORE}"
_EMPTY: Final = f"state file {{path}} is empty: what it held is lost; {_RESTORE}"
_LEFT_ALONE: Final = (
    "state file {path} is missing, and {path}-wal is still there with its last changes; put the two together again, or move "
    "that one away to start anew"
)
_IN_USE: Final = "state file {path} is in use by another run; wait for it, or give this one a file of its own"
_FULL: Final = (
    "state file {path} cannot grow: the disk is full ({error}); make space and run again, what is settled is safe"
)
_FAILED: Final = (
    "state file {path} cannot be read or written ({error}); check the disk, its space and your rights, and run again, "
    "what is settled is safe"
)
_OTHER: Final = "state file {path} cannot be used ({error}); check its folder and your rights on it"

_TEXTS: Final = {
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FAILED,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: _NO_FILE,
    sqlite3.SQLITE_READONLY: UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: UNWRITABLE,
    sqlite3.SQLITE_PERM: UNWRITABLE,
}


def explained(path: str, error: sqlite3.Error) -> StateError:
    """What SQLite says, in words for the person who can mend it."""
    kind = StateInUse if is_locked(error) else StateError
    return kind(_TEXTS.get(_code(error), _OTHER).format(path=path, error=error))


def is_locked(error: BaseException | None) -> bool:
    """Whether another process has the file."""
    return isinstance(error, sqlite3.Error) and _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def check_place(path: Path) -> None:
    """Raise `StateError` for what is no file, or has lost its content; nothing is opened."""
    if path.is_dir():
        raise StateError(f"state file {path} is a folder; name a file in it, such as {path / 'bridge.db'}")
    if not path.exists():
        if os.path.lexists(path):
            raise StateError(UNWRITABLE.format(path=path, error="a link that leads nowhere"))
        if Path(f"{path}-wal").exists():
            raise StateError(_LEFT_ALONE.format(path=path))
    elif path.is_file() and path.stat().st_size == 0:
        raise StateError(_EMPTY.format(path=path))
    elif not os.access(path, os.R_OK | os.W_OK):
        raise StateError(UNWRITABLE.format(path=path, error="it is read-only, or another user's"))


def _code(error: sqlite3.Error) -> int:
    # Python's own errors have none; the lowest byte is the kind, the others tell more
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
