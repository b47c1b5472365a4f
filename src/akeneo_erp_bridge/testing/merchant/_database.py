"""The merchant's database: its tables, and the first filling of them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing.merchant._odd import spoil
from akeneo_erp_bridge.testing.merchant._rows import COLUMNS, Row, articles, moment, money
from akeneo_erp_bridge.testing.merchant._words import LEGACY_CATEGORIES, WAREHOUSES

FEWEST_ITEMS: Final = 400
"""Fewer articles would consist of oddities."""
_FIRST_HOT_DAY: Final = 1241
"""Prices and stock moved after the last change of an article, as they do."""

_SCHEMA: Final = f"""
CREATE TABLE articles ({", ".join(f"{column} TEXT" for column in COLUMNS)});
CREATE TABLE categories (code TEXT, parent TEXT, name_en TEXT, name_de TEXT);
CREATE TABLE prices (number TEXT, price TEXT, valid_from TEXT, changed_at TEXT);
CREATE TABLE stock (number TEXT, warehouse TEXT, quantity INTEGER, changed_at TEXT);
CREATE INDEX articles_number ON articles (number);
CREATE INDEX prices_number ON prices (number, valid_from, changed_at);
CREATE INDEX stock_number ON stock (number);
CREATE VIEW articles_hot AS
SELECT number,
    (SELECT price FROM prices WHERE prices.number = one.number ORDER BY valid_from DESC, changed_at DESC LIMIT 1) AS price,
    (SELECT sum(quantity) FROM stock WHERE stock.number = one.number) AS stock,
    max((SELECT max(changed_at) FROM prices WHERE prices.number = one.number),
        (SELECT max(changed_at) FROM stock WHERE stock.number = one.number)) AS changed_at
FROM (SELECT DISTINCT number FROM articles) AS one;
"""


def _frozen(oddities: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict(oddities))


@frozen(kw_only=True)
class MerchantFacts:
    """What a generated ERP holds, so that an import can be checked against it."""

    items: int
    """Rows of `articles`."""
    oddities: Mapping[str, tuple[str, ...]] = field(converter=_frozen)
    """The numbers of the articles that have an oddity, by its name; no article has two."""


def build_merchant(path: Path | str, *, items: int = 2000, seed: int = 7) -> MerchantFacts:
    """Write the ERP database of a merchant of tools and workwear to a new SQLite file.

    *items* is the number of rows of `articles`, at least 400. The same *items* and *seed* give the same rows. How often
    each oddity occurs depends on neither.

    Raises `ConfigurationError` for too few items, or if the file exists and is not empty.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = build_merchant(Path(folder) / "erp.db", items=500)
    >>> facts.items, len(facts.oddities["zero_price"]), facts.oddities["leading_zero_number"][0]
    (500, 20, '000123')
    """
    if items < FEWEST_ITEMS:
        raise ConfigurationError(f"build_merchant(items={items}): ask for at least {FEWEST_ITEMS}")
    file = Path(path)
    if file.exists() and file.stat().st_size:
        raise ConfigurationError(f"{file} exists and is not empty; delete it, or name another file")
    rng = random.Random(seed)  # noqa: S311 - sample data, not secrets
    rows = articles(items, rng)
    oddities = spoil(rows, rng)
    with connected(file) as database:
        _fill(database, rows, rng)
    return MerchantFacts(items=items, oddities=oddities)


@contextmanager
def connected(path: Path | str) -> Generator[sqlite3.Connection, None, None]:
    """The database, in one transaction, closed at the end; rows can be read by column."""
    with closing(sqlite3.connect(path)) as database, database:
        database.row_factory = sqlite3.Row
        yield database


def _fill(database: sqlite3.Connection, rows: list[Row], rng: random.Random) -> None:
    database.executescript(_SCHEMA)
    places = ", ".join("?" * len(COLUMNS))
    database.executemany(
        f"INSERT INTO articles VALUES ({places})", ([row[column] for column in COLUMNS] for row in rows)
    )
    database.executemany("INSERT INTO categories VALUES (?, ?, ?, ?)", LEGACY_CATEGORIES)
    offers = {row["number"]: row for row in reversed(rows)}
    for number in sorted(offers):
        database.executemany("INSERT INTO prices VALUES (?, ?, ?, ?)", _prices(offers[number], rng))
        database.executemany("INSERT INTO stock VALUES (?, ?, ?, ?)", _stock(offers[number], rng))


def _prices(row: Row, rng: random.Random) -> Iterator[tuple[str, str, str, str]]:
    """The current price, for every third article after an older one."""
    number, price = row["number"], row["list_price"]
    if rng.randrange(3) == 0:
        changed_at = moment(rng)
        older = money(int(price.replace(",", "")) * 94 // 100)
        yield number, older, changed_at[:10], changed_at
    changed_at = moment(rng, first_day=_FIRST_HOT_DAY, days=60)
    yield number, price, changed_at[:10], changed_at


def _stock(row: Row, rng: random.Random) -> Iterator[tuple[str, str, int, str]]:
    """A quantity in one to three warehouses; what is no longer sold is sold out."""
    for_sale = row["active"] == "J" and not row["discontinued_on"]
    for warehouse in WAREHOUSES[: rng.randrange(1, len(WAREHOUSES) + 1)]:
        quantity = rng.randrange(0, 180) if for_sale else 0
        yield row["number"], warehouse, quantity, moment(rng, first_day=_FIRST_HOT_DAY, days=60)
