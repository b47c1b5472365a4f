"""`SqliteState`: the default memory of a sync, one SQLite file, mode 0600."""

from __future__ import annotations

from pathlib import Path

from akeneo_erp_bridge.sync._stored._sqlite import SqliteDatabase
from akeneo_erp_bridge.sync._stored._stored_state import StoredState


class SqliteState(StoredState):
    """Cursor, ledger, intents, parked items and run history in one file.

    Opening checks the file and takes the only writer's place: a second engine on the same file gets a
    `StateInUse`. A corrupt file, or one written by a newer version of this package, is a `StateError`. A file that is
    refused is left as it is.

    >>> with SqliteState(":memory:") as state:
    ...     state.cursor("products", context="") is None
    True
    """

    def __init__(self, path: Path | str) -> None:
        database = SqliteDatabase(path)
        super().__init__(database)
        self.path = database.path
