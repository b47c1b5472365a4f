"""Entries of the ledger and intents, as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import LedgerEntry, Wire
from akeneo_erp_bridge.sync._stored._database import Bound, Row, Session, Table, among

_REST: Final = ("fingerprint", "context", "ref", "cells", "stamps", "shared", "gone", "unlinked")
LEDGER: Final = Table("ledger", ("stream", "key"), _REST)
INTENT: Final = Table("intent", ("stream", "key"), _REST)

# the moment at which an item was gone, in seconds: 0 of one that is there; the first stays, unless a clock was wrong
_SINCE: Final = "CASE WHEN ledger.gone BETWEEN 1 AND excluded.gone THEN ledger.gone ELSE excluded.gone END"
_PUT: Final = {LEDGER: LEDGER.put({"gone": _SINCE}), INTENT: INTENT.put()}
_COLUMNS: Final = ", ".join(LEDGER.columns[1:])


def put_entries(db: Session, table: Table, stream: str, entries: Iterable[LedgerEntry], now: int) -> None:
    """Write entries in place of those of their keys; *now* is in seconds."""
    db.executemany(_PUT[table], [_row(stream, one, now) for one in entries])


def entries_by(db: Session, table: Table, stream: str, column: str, values: Sequence[str]) -> list[LedgerEntry]:
    """The entries of which the column, key or ref, holds one of these values."""
    query = f"SELECT {_COLUMNS} FROM {table.name} WHERE stream = ? AND {column} IN"
    return [entry(row) for row in among(db, query, stream, values)]


def unlinked_entries(db: Session, stream: str, context: str, after: str, limit: int) -> list[LedgerEntry]:
    """Entries of this context with links to what was not there, by key, from behind the key *after*."""
    query = (
        f"SELECT {_COLUMNS} FROM ledger WHERE unlinked <> '{{}}' AND stream = ? AND context = ? AND key > ? AND gone = 0 "
        "ORDER BY key LIMIT ?"
    )
    return [entry(row) for row in db.execute(query, (stream, context, after, limit))]


def linked_entries(db: Session, stream: str, cell: str, after: str, limit: int) -> list[LedgerEntry]:
    """Entries of items that are there which may hold something in this cell, by key, from behind the key *after*."""
    query = (
        f"SELECT {_COLUMNS} FROM ledger WHERE stream = ? AND key > ? AND gone = 0 AND cells LIKE ? ORDER BY key LIMIT ?"
    )
    return [entry(row) for row in db.execute(query, (stream, after, f'%"{cell}"%', limit))]


def living_keys(db: Session, stream: str, after: str, limit: int) -> list[ErpKey]:
    """The keys of items that are there, in order, from behind the key *after*."""
    query = "SELECT key FROM ledger WHERE stream = ? AND key > ? AND gone = 0 ORDER BY key LIMIT ?"
    return [ErpKey(key) for (key,) in db.execute(query, (stream, after, limit))]


def intended_keys(db: Session, stream: str, after: str, limit: int) -> list[ErpKey]:
    """The keys of open intents, in order, from behind the key *after*."""
    query = "SELECT key FROM intent WHERE stream = ? AND key > ? ORDER BY key LIMIT ?"
    return [ErpKey(key) for (key,) in db.execute(query, (stream, after, limit))]


SIZE: Final = "SELECT (SELECT count(*) FROM ledger WHERE stream = ?) - (SELECT count(*) FROM ledger WHERE stream = ? AND gone <> 0)"
"""How many entries are of items that are there. Two indexes answer it; to look at each row takes ten times as long."""


class LazyCells(Mapping[str, Wire]):
    """The cells of a ledger row, parsed when one is looked at: an unchanged item never pays for it."""

    __slots__ = ("_cells", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._cells: dict[str, Wire] | None = None

    def _parsed(self) -> dict[str, Wire]:
        if self._cells is None:
            self._cells = json.loads(self._text)
        return self._cells or {}

    def __getitem__(self, key: str) -> Wire:
        return self._parsed()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    @property
    def text(self) -> str:
        """The JSON as it is stored."""
        return self._text


def entry(row: Row) -> LedgerEntry:
    """An entry of a row, without its stream."""
    key, fingerprint, context, ref, cells, stamps, shared, gone, unlinked = row
    lazy = (LazyCells(cells), LazyCells(stamps), LazyCells(shared))
    return LedgerEntry(ErpKey(key), fingerprint, context, ref, *lazy, bool(gone), LazyCells(unlinked))


def _row(stream: str, e: LedgerEntry, now: int) -> tuple[Bound, ...]:
    texts = (_text(e.cells), _text(e.stamps), _text(e.shared))
    return (stream, e.key, e.fingerprint, e.context, e.ref, *texts, now if e.gone else 0, _text(e.unlinked))


def _text(cells: Mapping[str, Wire]) -> str:
    if type(cells) is LazyCells:  # `isinstance` asks the abstract class of mappings, which takes ten times as long
        return cells.text
    if not cells:
        return "{}"  # most are: of an offer half of the columns
    return json.dumps(dict(cells), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
