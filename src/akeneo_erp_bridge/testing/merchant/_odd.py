"""What twenty years do to an article table: each oddity, how often, and how to see that a row has none."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.testing._sample import CATEGORY_CODES, COLOURS, UNITS
from akeneo_erp_bridge.testing.merchant._rows import Row, ean13
from akeneo_erp_bridge.testing.merchant._words import (
    AMBIGUOUS_WEIGHTS,
    SCRIPTS,
    UNKNOWN_CATEGORIES,
    UNKNOWN_COLOURS,
    UNKNOWN_UNITS,
)

DUPLICATES: Final = 4


@frozen
class Oddity:
    """Something wrong with *times* rows; *spoil* does it to a row, told which one of them it is.

    *where* is the kind of rows it happens to: those with a style (clothing), those without, or any.
    """

    name: str
    times: int
    spoil: Callable[[Row, int], None]
    where: str = "any"


def _leading_zero(row: Row, nth: int) -> None:
    row["number"] = f"{123 + 37 * nth:06d}"


def _bad_number(row: Row, nth: int) -> None:
    number = row["number"]
    pasted = "/".join(f"{number[:4]}{9000 + 7 * step:05d}" for step in range(28))
    row["number"] = (f"{number[:4]},{number[4:]}", f"{number},B", pasted)[nth]


def _ambiguous_weight(row: Row, nth: int) -> None:
    row["net_weight"] = AMBIGUOUS_WEIGHTS[nth]


def _unknown_unit(row: Row, nth: int) -> None:
    row["weight_unit"] = UNKNOWN_UNITS[nth]


def _blank_english(row: Row, nth: int) -> None:
    row["name_en"] = "" if nth % 3 else "   "


def _blank_german(row: Row, nth: int) -> None:
    row["name_de"] = "" if nth % 3 else "   "


def _zero_price(row: Row, nth: int) -> None:  # noqa: ARG001 - all of them alike
    row["list_price"] = "0,00"


def _discontinued(row: Row, nth: int) -> None:
    row["discontinued_on"] = f"{2024 + nth % 2}-{('03-31', '06-30', '09-30', '12-31')[nth % 4]}"


def _script(row: Row, nth: int) -> None:
    page = SCRIPTS[nth % len(SCRIPTS)]
    row["text_en"] = page.format(row["name_en"], "Quality &amp; service&nbsp;&ndash; since 1987")
    row["text_de"] = page.format(row["name_de"], "Qualit&auml;t &amp; Service&nbsp;&ndash; seit 1987")


def _unknown_category(row: Row, nth: int) -> None:
    row["category"] = UNKNOWN_CATEGORIES[nth]


def _unknown_colour(row: Row, nth: int) -> None:
    row["colour"] = UNKNOWN_COLOURS[nth]


def _untidy_name(row: Row, nth: int) -> None:
    for column in ("name_en", "name_de"):
        name = row[column]
        untidy = (
            f"{name}  ",
            name.replace(" ", "\u00a0", 1),
            f"\t{name}",
            f"{name}\r\n",
            name.replace(" ", "\u0007 ", 1),  # a bell, from a terminal of the nineties
        )
        row[column] = untidy[nth % len(untidy)]


def _long_name(row: Row, nth: int) -> None:
    models = ", ".join(f"{letter}{100 + 5 * step + nth}" for letter in "ABCD" for step in range(12))
    row["name_en"] += f", fits models {models}"
    row["name_de"] += f", passend für die Modelle {models}"


def _wrong_ean(row: Row, nth: int) -> None:
    ean = row["ean"]
    row["ean"] = ean[:-1] + str((int(ean[-1]) + 1 + nth) % 10)


def _inactive(row: Row, nth: int) -> None:  # noqa: ARG001 - all of them alike
    row["active"] = "N"


ODDITIES: Final = (
    Oddity("leading_zero_number", 40, _leading_zero, "tools"),
    Oddity("bad_number", 3, _bad_number, "tools"),
    Oddity("unknown_colour", 10, _unknown_colour, "clothing"),
    Oddity("ambiguous_weight", 12, _ambiguous_weight),
    Oddity("unknown_unit", 6, _unknown_unit),
    Oddity("blank_english_name", 9, _blank_english),
    Oddity("blank_german_name", 35, _blank_german),
    Oddity("zero_price", 20, _zero_price),
    Oddity("discontinued", 45, _discontinued),
    Oddity("script_in_text", 60, _script),
    Oddity("unknown_category", 7, _unknown_category),
    Oddity("untidy_name", 15, _untidy_name),
    Oddity("long_name", 2, _long_name),
    Oddity("wrong_ean", 5, _wrong_ean),
    Oddity("inactive", 30, _inactive),
)
"""No row has two of them, so that each can be counted by what comes of it."""


def spoil(rows: list[Row], rng: random.Random) -> dict[str, tuple[str, ...]]:
    """Put every oddity into *rows*; the numbers of the articles that have it, by the oddity's name."""
    pools = {
        "clothing": rng.sample(clothing := [row for row in rows if row["style"]], len(clothing)),
        "tools": rng.sample(tools := [row for row in rows if not row["style"]], len(tools)),
    }
    found = {"duplicate_number": tuple(_duplicate(pools["tools"]) for _ in range(DUPLICATES))}
    for oddity in ODDITIES:
        spoilt: list[str] = []
        for nth in range(oddity.times):
            where = ("clothing", "tools")[nth % 2] if oddity.where == "any" else oddity.where
            row = pools[where].pop()
            oddity.spoil(row, nth)
            spoilt.append(row["number"])
        found[oddity.name] = tuple(spoilt)
    return found


def _duplicate(tools: list[Row]) -> str:
    """Make one row a second version of another: the same number, an older name."""
    one, other = tools.pop(), tools.pop()
    ean = other["ean"]
    other.update(one, ean=ean, name_en=f"{one['name_en']} (old model)", name_de=f"{one['name_de']} (Vorgänger)")
    return one["number"]


def clean_numbers(rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """The numbers of the active articles with no oddity, in order."""
    rows = list(rows)
    times = Counter(row["number"] for row in rows)
    return tuple(sorted(row["number"] for row in rows if times[row["number"]] == 1 and _is_clean(row)))


def _is_clean(row: Mapping[str, str]) -> bool:
    return (
        re.fullmatch(r"[A-Z]{2}-[0-9A-Z-]{3,30}", row["number"]) is not None
        and row["active"] == "J"
        and not row["discontinued_on"]
        and all(_is_tidy(row[column]) for column in ("name_en", "name_de"))
        and not any("<script" in row[column] for column in ("text_en", "text_de"))
        and row["category"] in CATEGORY_CODES
        and re.fullmatch(r"[0-9]+,[0-9]+", row["net_weight"]) is not None
        and row["weight_unit"] in UNITS
        and (not row["colour"] or row["colour"].casefold() in COLOURS)
        and row["ean"] == ean13(row["ean"][:12])
        and row["list_price"] != "0,00"
    )


def _is_tidy(name: str) -> bool:
    return 0 < len(name) <= 255 and name.isprintable() and name == " ".join(name.split())
