"""A shop in a SQLite file: for learning, tests, and shops that read their offers from a database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce._wire import from_wire, text_of, to_wire
from akeneo_erp_bridge.commerce.interfaces import Offer, OfferResult, OfferValue
from akeneo_erp_bridge.errors import SinkError

_SCHEMA: Final = """CREATE TABLE IF NOT EXISTS offer (
    key TEXT NOT NULL, feed TEXT NOT NULL, value TEXT, kind TEXT, version INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key, feed)) WITHOUT ROWID"""
_ADDED: Final = {"kind": "TEXT", "version": "INTEGER NOT NULL DEFAULT 0"}
"""What files of older versions lack."""

# A value that is withdrawn stays as a row of null: its version tells that an older value comes too late.
_PUT: Final = """INSERT INTO offer (key, feed, value, kind, version) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (key, feed) DO UPDATE
    SET value = excluded.value, kind = excluded.kind, version = max(version, excluded.version)
    WHERE excluded.version = 0 OR excluded.version >= version"""

_SLICE: Final = 500  # keys in one query; SQLite's default allows at least 999 variables


class SqliteSink:
    """Writes each value of an offer as one row ``(key, feed, value, kind, version)``; amounts keep their digits as text.

    A `PriceList` or a `Stock` is JSON. An offer that is older than what is there has no effect.

    >>> from decimal import Decimal
    >>> with SqliteSink(":memory:") as shop:
    ...     shop.deliver([Offer(ErpKey("DR-18"), {"price": Decimal("9.90")}, version=2)])[0].ok
    ...     shop.deliver([Offer(ErpKey("DR-18"), {"price": Decimal("9.50")}, version=1)])[0].ok  # it comes too late
    ...     shop.offer("DR-18")
    ...     shop.read_offers([ErpKey("DR-18")])[0].values["price"]
    True
    True
    {'price': '9.90'}
    Decimal('9.90')
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(_SCHEMA)
            there = {str(column[1]) for column in self._db.execute("PRAGMA table_info(offer)")}
            for name, kind in _ADDED.items():
                if name not in there:
                    self._db.execute(f"ALTER TABLE offer ADD COLUMN {name} {kind}")
        except sqlite3.Error as error:
            raise SinkError(
                f"the shop's file {path} cannot be used ({error}); check its folder and your rights"
            ) from error

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """Replace the values that are named, unless they are newer; all offers of a call in one transaction."""
        rows = [
            (offer.key, feed, text_of(value), _kind(value), offer.version)
            for offer in offers
            for feed, value in offer.values.items()
        ]
        with self._blamed(f"did not take {len(offers)} offers"), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(_PUT, rows)
        return [OfferResult(offer.key) for offer in offers]

    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        """What the shop has for these keys; one that it never had is left out."""
        found: dict[ErpKey, dict[str, OfferValue]] = {}
        versions: dict[ErpKey, int] = {}
        with self._blamed("cannot be read"):
            for start in range(0, len(keys), _SLICE):
                some = keys[start : start + _SLICE]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, feed, value, kind, version FROM offer WHERE key IN ({marks})"
                for key, feed, value, kind, version in self._db.execute(query, some):
                    found.setdefault(ErpKey(key), {})[feed] = _value(value, kind)
                    versions[ErpKey(key)] = max(version, versions.get(ErpKey(key), 0))
        return [Offer(key, values, version=versions[key]) for key, values in found.items()]

    def offer(self, key: ErpKey | str) -> dict[str, str | None]:
        """What the shop shows for one key, by feed, as text."""
        query = "SELECT feed, value FROM offer WHERE key = ? AND value IS NOT NULL"
        return dict(self._db.execute(query, (key,)).fetchall())

    def __len__(self) -> int:
        query = "SELECT count(DISTINCT key) FROM offer WHERE value IS NOT NULL"
        return int(self._db.execute(query).fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _blamed(self, what: str) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SinkError(f"the shop's file {self._path} {what}: {error}") from error


def _kind(value: OfferValue) -> str | None:
    wire = to_wire(value)
    return None if wire is None else next(iter(wire))


def _value(text: str | None, kind: str | None) -> OfferValue:
    match kind:
        case "integer":
            return int(text or 0)
        case "boolean":
            return text == "true"
        case "decimal":
            return from_wire({"decimal": text})
        case "prices" | "stock":
            return from_wire(json.loads(text or "null"))
        case _:
            return text
