"""A day at the merchant's: prices and stock move, names are corrected, a batch job touches everything."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing.merchant._database import connected
from akeneo_erp_bridge.testing.merchant._odd import clean_numbers
from akeneo_erp_bridge.testing.merchant._rows import money, stamp

T = TypeVar("T")

_REVISION = re.compile(r", rev\. ([0-9]+)$")


def change_prices_and_stock(path: Path | str, *, count: int, seed: int = 11) -> tuple[str, ...]:
    """Give *count* articles a new price, another stock, or both; returns their numbers.

    Only `prices` and `stock` change, never `articles`, as in an ERP where offers are a module of their own. All get
    the same `changed_at`, a minute after the latest one. Articles without a price stay so.

    Raises `ConfigurationError` if there are fewer than *count* such articles.

    >>> import tempfile
    >>> from akeneo_erp_bridge.testing.merchant import build_merchant
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = build_merchant(Path(folder) / "erp.db", items=400)
    ...     len(change_prices_and_stock(Path(folder) / "erp.db", count=20))
    20
    """
    with connected(path) as database:
        offers = database.execute("SELECT * FROM articles_hot WHERE price <> '0,00' ORDER BY number").fetchall()
        now = _after(database, "SELECT max(changed_at) FROM articles_hot")
        chosen = _pick(offers, count, seed, "articles with a price")
        for nth, offer in enumerate(chosen):
            if nth % 3 != 1:
                price = _raised(str(offer["price"]), nth)
                database.execute("INSERT INTO prices VALUES (?, ?, ?, ?)", (offer["number"], price, now[:10], now))
            if nth % 3 != 0:
                first = "SELECT min(rowid) FROM stock WHERE number = ?"
                database.execute(
                    f"UPDATE stock SET quantity = quantity + ?, changed_at = ? WHERE rowid = ({first})",
                    (1 + nth % 25, now, offer["number"]),
                )
        return tuple(str(offer["number"]) for offer in chosen)


def rename(path: Path | str, *, count: int, seed: int = 13) -> tuple[str, ...]:
    """Give *count* articles a new English name and `modified_at`; returns their numbers.

    Only active articles without any oddity are renamed, so that each of them reaches the PIM.

    Raises `ConfigurationError` if there are fewer than *count* of them.

    >>> import tempfile
    >>> from akeneo_erp_bridge.testing.merchant import build_merchant
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = build_merchant(Path(folder) / "erp.db", items=400)
    ...     len(rename(Path(folder) / "erp.db", count=10))
    10
    """
    with connected(path) as database:
        rows = [dict(row) for row in database.execute("SELECT * FROM articles")]
        names = {str(row["number"]): str(row["name_en"]) for row in rows}
        now = _after(database, "SELECT max(modified_at) FROM articles")
        chosen = _pick(clean_numbers(rows), count, seed, "active articles without an oddity")
        for number in chosen:
            database.execute(
                "UPDATE articles SET name_en = ?, modified_at = ? WHERE number = ?",
                (_revised(names[number]), now, number),
            )
        return chosen


def touch_all(path: Path | str) -> None:
    """Give every article the same new `modified_at` and change nothing else, as a nightly batch job does.

    >>> import tempfile
    >>> from akeneo_erp_bridge.testing.merchant import build_merchant
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = build_merchant(Path(folder) / "erp.db", items=400)
    ...     touch_all(Path(folder) / "erp.db")
    ...     with connected(Path(folder) / "erp.db") as erp:
    ...         erp.execute("SELECT count(DISTINCT modified_at) FROM articles").fetchone()[0]
    1
    """
    with connected(path) as database:
        now = _after(database, "SELECT max(modified_at) FROM articles")
        database.execute("UPDATE articles SET modified_at = ?", (now,))


def _after(database: sqlite3.Connection, query: str) -> str:
    """A minute after the latest moment; the merchant's clock is its own, so that runs repeat."""
    (latest,) = database.execute(query).fetchone()
    return stamp(datetime.fromisoformat(str(latest)) + timedelta(minutes=1))


def _pick(candidates: Sequence[T], count: int, seed: int, what: str) -> tuple[T, ...]:
    if count > len(candidates):
        raise ConfigurationError(f"{count} changes wanted, but there are only {len(candidates)} {what}")
    return tuple(random.Random(seed).sample(candidates, count))  # noqa: S311 - sample data, not secrets


def _raised(price: str, nth: int) -> str:
    cents = int(price.replace(",", ""))
    return money(cents + max(1, cents * (1 + nth % 9) // 100))


def _revised(name: str) -> str:
    """A name with the next revision.

    >>> _revised("Jigsaw 750 W"), _revised("Jigsaw 750 W, rev. 2")
    ('Jigsaw 750 W, rev. 2', 'Jigsaw 750 W, rev. 3')
    """
    found = _REVISION.search(name)
    return f"{name}, rev. 2" if found is None else f"{name[: found.start()]}, rev. {int(found[1]) + 1}"
