"""A tool and clothing merchant's ERP: a SQLite database with what real ERPs have.

Nothing in it is random noise. Prices are texts with decimal commas, weights come in mixed units, categories are legacy
codes, clothing is flat rows of a style, texts hold HTML, some names are blank, some SKUs begin with zeros, some
numbers stand in the table twice. `MerchantFacts.oddities` names the articles of each kind.

Tables: ``articles``, ``prices``, ``stock``, and the view ``articles_hot`` with what changes all day.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import cycle, islice, product
from pathlib import Path
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.testing._merchant_words import CATEGORIES, COLOUR_WORDS, STYLES, TOOLS

__all__ = [
    "CATEGORY_CODES",
    "CATEGORY_TO_FAMILY",
    "COLOURS",
    "UNITS",
    "MerchantFacts",
    "build_merchant",
    "change_prices_and_stock",
    "rename",
    "touch_all",
]

CATEGORY_TO_FAMILY: Final = {code: one.family for code, one in CATEGORIES.items()}
"""The merchant's category codes, and the families of the sample PIM."""

CATEGORY_CODES: Final = {code: one.category for code, one in CATEGORIES.items()}
"""The merchant's category codes, and the categories of the sample PIM."""

COLOURS: Final = {word: code for code, words in COLOUR_WORDS.items() for word in words}
"""Every way the merchant writes a colour, and the option it means."""

UNITS: Final = {"KG": "KILOGRAM", "G": "GRAM", "LB": "POUND"}
"""The merchant's units of weight; "Stk" and "VPE" are mistakes, and not among them."""

_SCHEMA: Final = """
CREATE TABLE articles (
    number TEXT, name_en TEXT, name_de TEXT, text_en TEXT, text_de TEXT, category TEXT, net_weight TEXT,
    weight_unit TEXT, colour TEXT, size TEXT, ean TEXT, style TEXT, active TEXT, discontinued_on TEXT,
    list_price TEXT, currency TEXT, cost TEXT, supplier TEXT, modified_at TEXT);
CREATE INDEX articles_number ON articles (number);
CREATE TABLE prices (number TEXT PRIMARY KEY, price TEXT, changed_at TEXT);
CREATE TABLE stock (number TEXT, warehouse TEXT, quantity INTEGER, changed_at TEXT, PRIMARY KEY (number, warehouse));
CREATE VIEW articles_hot AS
    SELECT prices.number AS number, prices.price AS price, coalesce(sum(stock.quantity), 0) AS stock
    FROM prices LEFT JOIN stock ON stock.number = prices.number GROUP BY prices.number;
"""
_FIRST_DAY: Final = "2026-01-05T06:00:00+00:00"
_SIZES: Final = ("XS", "S", "M", "L", "XL", "XXL")

# how many articles of each kind of oddity; the kinds do not overlap
_ODDITIES: Final = {
    "leading_zeros": 40,
    "wrong_weight": 12,
    "unknown_unit": 6,
    "blank_english_name": 9,
    "blank_german_name": 35,
    "zero_price": 20,
    "discontinued": 45,
    "html_with_script": 60,
    "unknown_category": 7,
    "unknown_colour": 10,
    "untidy_name": 15,
    "bad_number": 3,
    "too_long_name": 2,
}
_WRONG_WEIGHTS: Final = ("ca. 2", "1.2.5", "12,,5", "leicht", "1,5 kg", "?")


@frozen
class MerchantFacts:
    """What was built: the number of rows, and the article numbers of each oddity."""

    items: int
    oddities: Mapping[str, tuple[str, ...]]


_Row = dict[str, str]


def build_merchant(path: Path | str, *, items: int = 2_000, seed: int = 7) -> MerchantFacts:
    """Write the database anew; equal `items` and `seed` give equal rows.

    `items` counts rows, four pairs of doubled numbers included; at least 500, so that each oddity finds room.

    >>> from tempfile import mkdtemp
    >>> build_merchant(Path(mkdtemp()) / "erp.db", items=500).items
    500
    """
    if items < 500:
        raise ValueError(f"a merchant needs at least 500 items, not {items}")
    rows = list(islice(_plain_rows(), items - 4))
    oddities = _make_odd(rows, random.Random(seed))  # noqa: S311 - a choice of examples, no secret
    doubled = rows[100:104]
    rows += [{**row, "name_en": f"{row['name_en']} (old)"} for row in doubled]
    oddities["doubled"] = tuple(row["number"] for row in doubled)
    _write(Path(path), rows)
    return MerchantFacts(items=len(rows), oddities=oddities)


# ---- plain rows ----
def _plain_rows() -> Iterator[_Row]:
    clothing, tools = _clothing(), _tools()
    while True:
        yield from islice(clothing, 2)
        yield from islice(tools, 3)


def _clothing() -> Iterator[_Row]:
    """Flat variant rows: a style in colours and sizes."""
    for round_, style in zip(_rounds(len(STYLES)), cycle(STYLES), strict=False):
        english = f"{style.english} {style.model(round_)}"
        german = f"{style.german} {style.model(round_)}"
        group = f"{style.prefix}{round_:03d}"
        for (code, words), size in product(islice(COLOUR_WORDS.items(), 4), _SIZES):
            yield _row(
                number=f"{group}-{code.upper()}-{size}", names=(f"{english}, {code}, {size}", f"{german}, {words[0]}, {size}"),
                category=style.category, weight=f"0,{style.grams:03d}", unit="KG", price=style.cents + round_ % 9 * 100,
                colour=words[round_ % len(words)], size=size, style=group,
            )  # fmt: skip


def _tools() -> Iterator[_Row]:
    for round_, tool in zip(_rounds(len(TOOLS)), cycle(TOOLS), strict=False):
        grams, unit = tool.grams + round_ * 10, "KG" if round_ % 3 else "G"
        weight = f"{grams // 1000},{grams % 1000:03d}" if unit == "KG" else str(grams)
        yield _row(
            number=f"{tool.prefix}-{1000 + round_}", names=(f"{tool.english} {tool.model(round_)}", f"{tool.german} {tool.model(round_)}"),
            category=tool.category, weight=weight, unit=unit if round_ % 2 else unit.lower(), price=tool.cents + round_ * 10,
        )  # fmt: skip


def _rounds(length: int) -> Iterator[int]:
    """0 for the first `length` items, then 1, and so on."""
    round_ = 0
    while True:
        for _ in range(length):
            yield round_
        round_ += 1


def _row(
    *, number: str, names: tuple[str, str], category: str, weight: str, unit: str, price: int,
    colour: str = "", size: str = "", style: str = "",
) -> _Row:  # fmt: skip
    english, german = names
    return {
        "number": number, "name_en": english, "name_de": german,
        "text_en": f"<p>{english}: made to last &amp; easy to repair.</p>",
        "text_de": f"<p>{german}: langlebig &amp; leicht zu reparieren.</p>",
        "category": category, "net_weight": weight, "weight_unit": unit, "colour": colour, "size": size,
        "ean": "", "style": style, "active": "J", "discontinued_on": "", "list_price": _comma(price), "currency": "EUR",
        "cost": _comma(price * 6 // 10), "supplier": f"L-{price % 17:03d}", "modified_at": _FIRST_DAY,
    }  # fmt: skip


def _comma(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


# ---- oddities ----
def _make_odd(rows: list[_Row], chance: random.Random) -> dict[str, tuple[str, ...]]:
    """Change some rows, each in one way only; the first 110 stay as they are."""
    chosen = iter(chance.sample(rows[110:], sum(_ODDITIES.values())))
    return {
        kind: tuple(_spoil(kind, place, next(chosen)) for place in range(count)) for kind, count in _ODDITIES.items()
    }


def _spoil(kind: str, place: int, row: _Row) -> str:
    changes: dict[str, _Row] = {
        "leading_zeros": {"number": f"{place + 100:06d}"},
        "wrong_weight": {"net_weight": _WRONG_WEIGHTS[place % len(_WRONG_WEIGHTS)]},
        "unknown_unit": {"weight_unit": "Stk" if place % 2 else "VPE"},
        "blank_english_name": {"name_en": " " * (place % 3)},
        "blank_german_name": {"name_de": ""},
        "zero_price": {"list_price": "0,00"},
        "discontinued": {"active": "N", "discontinued_on": "2025-11-30"},
        "html_with_script": {"text_en": f"<h2>New!</h2>{row['text_en']}<script>track('{place}')</script>"},
        "unknown_category": {"category": f"ALT-{place:03d}"},
        "unknown_colour": {"colour": "mauve"},
        "untidy_name": {"name_en": f" {row['name_en'].replace(' ', chr(160) + ' ', 1)}\t"},
        "bad_number": {"number": (f"A,{place}", f"B;{place}", "C" * 300)[place % 3]},
        "too_long_name": {"name_en": row["name_en"] + " extra strong" * 25},
    }
    row.update(changes[kind])
    return row["number"]


# ---- the file ----
def _write(path: Path, rows: list[_Row]) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(_SCHEMA)
        marks = ", ".join(f":{name}" for name in rows[0])
        db.executemany(f"INSERT INTO articles VALUES ({marks})", rows)
        db.executemany(
            "INSERT OR IGNORE INTO prices VALUES (:number, :list_price, :modified_at)",
            [row for row in rows if row["list_price"] != "0,00"],
        )
        db.executemany(
            "INSERT OR IGNORE INTO stock VALUES (?, ?, ?, ?)",
            [
                (row["number"], house, (place * step) % 90, _FIRST_DAY)
                for place, row in enumerate(rows)
                for house, step in (("main", 7), ("south", 3))
            ],
        )


def change_prices_and_stock(path: Path | str, *, count: int) -> int:
    """Change price and stock of the first `count` offers; the article table is not touched. Returns how many."""
    with closing(sqlite3.connect(path)) as db, db:
        numbers = db.execute("SELECT number FROM prices ORDER BY number LIMIT ?", (count,)).fetchall()
        db.executemany("UPDATE stock SET quantity = quantity + 1, changed_at = '2026-02-01' WHERE number = ?", numbers)
        db.executemany("UPDATE prices SET price = '1' || price, changed_at = '2026-02-01' WHERE number = ?", numbers)
    return len(numbers)


def rename(path: Path | str, *, count: int) -> tuple[str, ...]:
    """Change the English name of `count` tidy, active articles; returns their numbers."""
    with closing(sqlite3.connect(path)) as db, db:
        found = db.execute(
            "SELECT number FROM articles WHERE active = 'J' AND name_en = trim(name_en) AND length(name_en) BETWEEN 5 AND 200 "
            "AND category NOT LIKE 'ALT%' GROUP BY number HAVING count(*) = 1 ORDER BY rowid LIMIT ?",
            (count,),
        ).fetchall()
        db.executemany(
            "UPDATE articles SET name_en = name_en || ' PLUS', modified_at = '2026-02-01T00:00:00+00:00' WHERE number = ?",
            found,
        )
    return tuple(number for (number,) in found)


def touch_all(path: Path | str) -> None:
    """Move every article's time stamp, and change nothing else."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE articles SET modified_at = '2026-03-01T00:00:00+00:00'")
