"""What waits for somebody, as rows: parked items and held cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem, Settled, Wire
from akeneo_erp_bridge.sync._stored._database import Row, Session, Table, among, delete_among

PARKED: Final = Table(
    "parked", ("stream", "key", "fingerprint"), ("code", "path", "detail", "context", "run", "sample", "since")
)
HELD: Final = Table("held", ("stream", "key", "cell"), ("base", "erp", "pim", "since", "wire"))

# only items without a key are put over themselves; one that waited before waits since then
_PUT_PARKED: Final = PARKED.put(
    {"since": "CASE WHEN parked.since < excluded.since THEN parked.since ELSE excluded.since END"}
)
_PUT_HELD: Final = HELD.put()
_SELECT_HELD: Final = f"SELECT {', '.join(HELD.columns)} FROM held"
_SELECT: Final = f"SELECT {', '.join(PARKED.columns)} FROM parked"


def parked_item(row: Row) -> ParkedItem:
    """A parked item of a row."""
    _, key, fingerprint, code, path, detail, context, _, sample, since = row
    moment = datetime.fromisoformat(since) if since else None
    return ParkedItem(ErpKey(key), code, path, detail, fingerprint, context, json.loads(sample), moment)


def held_cell(row: Row) -> HeldCell:
    """A held cell of a row."""
    _, key, cell, base, erp, pim, since, wire = row
    values = (json.loads(base), json.loads(erp), json.loads(pim))
    return HeldCell(ErpKey(key), cell, *values, datetime.fromisoformat(since), json.loads(wire))


def held_among(db: Session, stream: str, keys: Sequence[ErpKey]) -> list[HeldCell]:
    """The cells held of these items, by key and cell."""
    found = map(held_cell, among(db, f"{_SELECT_HELD} WHERE stream = ? AND key IN", stream, keys))
    return sorted(found, key=lambda one: (one.key, one.cell))


def parked_among(db: Session, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, ParkedItem]:
    """The parked ones among these keys."""
    return {one.key: one for one in map(parked_item, among(db, f"{_SELECT} WHERE stream = ? AND key IN", stream, keys))}


def parked_before(db: Session, stream: str, run: str) -> list[ParkedItem]:
    """The parked items that this run has not met, by key."""
    query = f"{_SELECT} WHERE stream = ? AND run <> ? ORDER BY key, fingerprint"
    return [parked_item(row) for row in db.execute(query, (stream, run))]


def oldest_parked(db: Session, stream: str) -> datetime | None:
    """Since when the item waits that is parked for the longest time."""
    row = db.execute("SELECT min(since) FROM parked WHERE stream = ?", (stream,)).fetchone()
    return datetime.fromisoformat(row[0]) if row and row[0] else None


def write_waiting(db: Session, stream: str, settled: Settled) -> None:
    """What a page leaves waiting, and what waits no longer; within a transaction."""
    # a keyless item is parked beside the others of its kind, all else in place of what it was parked for
    keyed = [one.key for one in settled.parked if one.key]
    gone = [*(one.key for one in settled.entries), *settled.forgotten]
    since = {ErpKey(key): first for key, first in _since(db, "parked", "key", stream, keyed)}
    delete_among(db, PARKED, stream, [*settled.closed, *gone, *keyed])
    db.executemany(_PUT_PARKED, [_parked_row(stream, one, settled, since.get(one.key)) for one in settled.parked])
    seen = [*gone, *keyed]
    held_since = {(key, cell): first for key, cell, first in _since(db, "held", "key, cell", stream, seen)}
    delete_among(db, HELD, stream, (key for key, _ in held_since))
    db.executemany(
        _PUT_HELD, [_held_row(stream, one, settled, held_since.get((one.key, one.cell))) for one in settled.held]
    )


def _since(db: Session, table: str, names: str, stream: str, keys: Sequence[ErpKey]) -> list[Row]:
    """Since when each of them waits, of those that do."""
    query = f"SELECT {names}, since FROM {table} WHERE since IS NOT NULL AND stream = ? AND key IN"
    return sorted(among(db, query, stream, keys), key=lambda row: str(row[-1]), reverse=True)  # the first comes last


def _parked_row(stream: str, one: ParkedItem, settled: Settled, since: str | None) -> tuple[str, ...]:
    path, detail = writable(one.path), writable(one.detail)
    sample = json.dumps(dict(one.sample))  # in ASCII: half a character of a broken row is spelled out
    moment = _first(since, one.since, settled.at)
    return (stream, one.key, one.fingerprint, one.code, path, detail, one.context, settled.run, sample, moment)


def _held_row(stream: str, one: HeldCell, settled: Settled, since: str | None) -> tuple[str, ...]:
    values = (_wire(one.base), _wire(one.erp), _wire(one.pim))
    return (stream, one.key, one.cell, *values, _first(since, one.since, settled.at), _wire(one.wire))


def _first(known: str | None, told: datetime | None, now: datetime) -> str:
    """Since when something waits: never in the future, in which only a clock that was wrong can have put it."""
    moment = datetime.fromisoformat(known) if known else told or now
    return min(moment, now).isoformat()


def _wire(value: Wire) -> str:
    return json.dumps(value)


def writable(text: str) -> str:
    """Half characters of a broken row, spelled out: no database takes one."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
