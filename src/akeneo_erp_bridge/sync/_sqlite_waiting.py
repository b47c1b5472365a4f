"""How `SqliteState` keeps what waits for somebody: parked items and held cells."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem, Settled, Wire

MIGRATION: Final = """
ALTER TABLE parked ADD COLUMN sample TEXT NOT NULL DEFAULT '{}';
ALTER TABLE parked ADD COLUMN since TEXT;
CREATE TABLE held (
    stream TEXT NOT NULL, key TEXT NOT NULL, cell TEXT NOT NULL, base TEXT NOT NULL, erp TEXT NOT NULL,
    pim TEXT NOT NULL, since TEXT NOT NULL,
    PRIMARY KEY (stream, key, cell)) WITHOUT ROWID
"""

PARKED: Final = "key, code, path, detail, fingerprint, context, sample, since"


def parked_item(row: tuple[str, ...]) -> ParkedItem:
    """A parked item of a row of `PARKED`."""
    key, code, path, detail, fingerprint, context, sample, since = row
    moment = datetime.fromisoformat(since) if since else None
    return ParkedItem(ErpKey(key), code, path, detail, fingerprint, context, json.loads(sample), moment)


def read_held(db: sqlite3.Connection, stream: str) -> Iterator[HeldCell]:
    """The held cells of a stream."""
    query = "SELECT key, cell, base, erp, pim, since FROM held WHERE stream = ? ORDER BY key, cell"
    for key, cell, base, erp, pim, since in db.execute(query, (stream,)):
        values = (json.loads(base), json.loads(erp), json.loads(pim))
        yield HeldCell(ErpKey(key), cell, *values, datetime.fromisoformat(since))


def write_waiting(db: sqlite3.Connection, stream: str, settled: Settled) -> None:
    """What a page leaves waiting, and what waits no longer; within a transaction."""
    # a keyless item is parked beside the others of its kind, all else in place of what it was parked for
    keyed = [one.key for one in settled.parked if one.key]
    gone = [*(one.key for one in settled.entries), *settled.forgotten]
    since = dict(_since(db, stream, "parked", "key", keyed))
    _delete(db, "parked", stream, [*settled.closed, *gone, *keyed])
    db.executemany(
        "INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_parked_row(stream, one, settled, since.get(one.key)) for one in settled.parked],
    )
    seen = [*gone, *keyed]
    held_since = dict(_since(db, stream, "held", "key || char(0) || cell", seen))
    _delete(db, "held", stream, seen)
    db.executemany(
        "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?)",
        [_held_row(stream, one, settled, held_since.get(f"{one.key}\0{one.cell}")) for one in settled.held],
    )


def _since(
    db: sqlite3.Connection, stream: str, table: str, name: str, keys: Sequence[ErpKey]
) -> Iterator[tuple[str, str]]:
    """Since when each of them waits, of those that do."""
    query = f"SELECT {name}, min(since) FROM {table} WHERE stream = ? AND key = ? GROUP BY 1"
    for key in keys:
        yield from db.execute(query, (stream, key))


def _delete(db: sqlite3.Connection, table: str, stream: str, keys: Iterable[ErpKey]) -> None:
    db.executemany(f"DELETE FROM {table} WHERE stream = ? AND key = ?", [(stream, key) for key in keys])


def _parked_row(stream: str, one: ParkedItem, settled: Settled, since: str | None) -> tuple[str, ...]:
    path, detail = writable(one.path), writable(one.detail)
    sample = json.dumps(dict(one.sample))  # in ASCII: half a character of a broken row is spelled out
    moment = since or (one.since or settled.at).isoformat()
    return (stream, one.key, one.code, path, detail, one.fingerprint, one.context, settled.run, sample, moment)


def _held_row(stream: str, one: HeldCell, settled: Settled, since: str | None) -> tuple[str, ...]:
    moment = since or (one.since or settled.at).isoformat()
    return (stream, one.key, one.cell, _wire(one.base), _wire(one.erp), _wire(one.pim), moment)


def _wire(value: Wire) -> str:
    return json.dumps(value)


def writable(text: str) -> str:
    """Half characters of a broken row, spelled out: SQLite takes none."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
