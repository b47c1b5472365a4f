"""A shop in a SQLite file: for learning, tests, and shops that read their offers from a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Self

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce.interfaces import Offer, OfferResult, OfferValue
from akeneo_erp_bridge.errors import SinkError

_SCHEMA = """CREATE TABLE IF NOT EXISTS offer (
    key TEXT NOT NULL, feed TEXT NOT NULL, value TEXT, PRIMARY KEY (key, feed)) WITHOUT ROWID"""


class SqliteSink:
    """Writes each value of an offer as one row ``(key, feed, value)``; amounts keep their digits as text.

    >>> with SqliteSink(":memory:") as shop:
    ...     shop.deliver([Offer(ErpKey("DR-18"), {"price": Decimal("9.90")})])[0].ok
    ...     shop.offer("DR-18")
    True
    {'price': '9.90'}
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise SinkError(
                f"the shop's file {path} cannot be used ({error}); check its folder and your rights"
            ) from error

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """Replace the values that are named; all offers of a call in one transaction."""
        values = [(offer.key, feed, value) for offer in offers for feed, value in offer.values.items()]
        rows = [(key, feed, _text(value)) for key, feed, value in values if value is not None]
        gone = [(key, feed) for key, feed, value in values if value is None]
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("DELETE FROM offer WHERE key = ? AND feed = ?", gone)
                self._db.executemany("INSERT OR REPLACE INTO offer VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise SinkError(f"the shop's file did not take {len(offers)} offers: {error}") from error
        return [OfferResult(offer.key) for offer in offers]

    def offer(self, key: ErpKey | str) -> dict[str, str | None]:
        """What the shop shows for one key, by feed."""
        return dict(self._db.execute("SELECT feed, value FROM offer WHERE key = ?", (key,)).fetchall())

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(DISTINCT key) FROM offer").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _text(value: OfferValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
