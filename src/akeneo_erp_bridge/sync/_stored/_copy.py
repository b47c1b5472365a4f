"""All rows of a state, from one database into another."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._stored._database import Reader, Session, Table, number
from akeneo_erp_bridge.sync._stored._sqlite import SqliteDatabase, new_back_up
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._stored._tables import TABLES

_AT_ONCE: Final = 500


def move_state(source: StoredState, target: StoredState) -> Mapping[str, int]:
    """Copy all that a state holds into an empty one, from a file to PostgreSQL or back; how many rows of each table.

    ::

        with SqliteState("bridge.db") as source, PostgresState("postgresql://bridge@db.example/bridge") as target:
            move_state(source, target)

    The target has all of it or nothing, and the rows are counted on both sides. The source stays as it was; runs go on
    with the target, and the source is put aside. Raises `StateError` where the target holds anything.

    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> from akeneo_erp_bridge.sync import LedgerEntry, Settled, SqliteState
    >>> with SqliteState(":memory:") as source, SqliteState(":memory:") as target:
    ...     source.settle("products", Settled(entries=[LedgerEntry(ErpKey("DR-18"), "f1", "c1", ref="drill")]))
    ...     print(move_state(source, target)["ledger"], target.ledger_size("products"))
    1 1
    """
    return target.database.write(lambda db: _copied(source.database, db, source.database.name, target.database.name))


def into_file(source: Reader, path: Path) -> None:
    """Write a new state file."""
    with new_back_up(path) as made:
        made.unlink()
        database = SqliteDatabase(made)
        try:
            database.write(lambda db: _copied(source, db, "the state", f"back-up {path}"))
            database.keep_in_one_file()
        finally:
            database.close()


def _copied(source: Reader, target: Session, name: str, target_name: str) -> dict[str, int]:
    """Within the target's transaction."""
    full = [table.name for table in TABLES if _size(target, table)]
    if full:
        raise StateError(f"{target_name} is not empty ({', '.join(full)}); nothing was moved, give a new one")
    counts: dict[str, int] = {}
    for table in TABLES:
        rows, insert = table.walk(source), table.insert()
        while some := list(islice(rows, _AT_ONCE)):
            target.executemany(insert, some)
        counts[table.name] = _size(target, table)
        there = source.read(lambda db, table=table: _size(db, table))  # type: ignore[misc]  # bound to this turn of the loop
        if there != counts[table.name]:
            raise StateError(
                f"{name} has changed while it was moved: {there} rows of table '{table.name}', {counts[table.name]} arrived; "
                "nothing was moved, end the runs that use it and move it again"
            )
    return counts


def _size(db: Session, table: Table) -> int:
    return number(db, f"SELECT count(*) FROM {table.name}")
