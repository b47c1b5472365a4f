"""The merchant's articles before anything went wrong with them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, cycle, islice, product
from typing import Final

from akeneo_erp_bridge.testing.merchant._tools import CONSUMABLES, HAND_TOOLS, POWER_TOOLS, Department, Words
from akeneo_erp_bridge.testing.merchant._words import (
    CLOTHES,
    CLOTHES_SUPPLIERS,
    MODELS,
    SPELLINGS,
    TOOL_SUPPLIERS,
    Clothes,
)

Row = dict[str, str]
"""A row of `articles`, by column."""

COLUMNS: Final = (
    "number", "name_en", "name_de", "text_en", "text_de", "category", "net_weight", "weight_unit", "length_mm", "colour",
    "size", "ean", "style", "active", "discontinued_on", "list_price", "currency", "cost", "supplier", "modified_at",
)  # fmt: skip
CLOTHING_PERCENT: Final = 40
_FIRST_DAY: Final = datetime(2023, 1, 2, 6, 0, tzinfo=UTC)
_POUND: Final = 453.592


def articles(items: int, rng: random.Random) -> list[Row]:
    """Exactly *items* rows, clothing and tools mixed as they were entered; numbers and names are unique."""
    clothing = items * CLOTHING_PERCENT // 100
    tools = items - clothing
    power, hand = (tools * one.share // 100 for one in (POWER_TOOLS, HAND_TOOLS))
    rows = [
        *islice(_clothing(rng), clothing),
        *islice(_tools(POWER_TOOLS, rng), power),
        *islice(_tools(HAND_TOOLS, rng), hand),
        *islice(_tools(CONSUMABLES, rng), tools - power - hand),
    ]
    rng.shuffle(rows)
    for serial, row in enumerate(rows):
        row["ean"] = ean13(f"4012{serial:08d}")
    return rows


def ean13(twelve: str) -> str:
    """Append the check digit.

    >>> ean13("400638133393")
    '4006381333931'
    """
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return f"{twelve}{-weighted % 10}"


def money(cents: int) -> str:
    """An amount as the ERP writes it.

    >>> money(129_905)
    '1299,05'
    """
    return f"{cents // 100},{cents % 100:02d}"


def moment(rng: random.Random, *, first_day: int = 0, days: int = 1240) -> str:
    """A second in the *days* days from *first_day*, in ISO 8601 and UTC."""
    at = _FIRST_DAY + timedelta(days=first_day + rng.randrange(days), seconds=rng.randrange(12 * 3600))
    return stamp(at)


def stamp(at: datetime) -> str:
    """A moment as the ERP writes it.

    >>> stamp(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    '2026-03-04T05:06:07Z'
    """
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _clothing(rng: random.Random) -> Iterator[Row]:
    for serial, clothes in zip(count(), cycle(CLOTHES)):
        turn, model = divmod(serial, len(MODELS))
        # 11 kinds and 12 models share no divisor, so a pair comes again only after 132 styles
        generation = f" {turn // len(CLOTHES) + 1}" if turn >= len(CLOTHES) else ""
        colours = rng.sample(range(len(SPELLINGS)), 3 if clothes.category == "BK-240" else 4)
        yield from _style(clothes, f"BK-{20001 + serial}", MODELS[model] + generation, colours, rng)


def _style(clothes: Clothes, style: str, model: str, colours: Sequence[int], rng: random.Random) -> Iterator[Row]:
    price = clothes.price + rng.randrange(-4, 9) * 100
    supplier = rng.choice(CLOTHES_SUPPLIERS)
    phrases = rng.sample(clothes.phrases, 3)
    for colour, (place, size) in product(colours, enumerate(clothes.sizes)):
        (english, german), spellings = SPELLINGS[colour]
        yield _row(
            rng,
            number=f"{style}-{colour + 1:02d}-{size}",
            names=(f"{clothes.english} {model} {english} {size}", f"{clothes.german} {model} {german} {size}"),
            phrases=phrases,
            category=clothes.category,
            grams=clothes.weight * (92 + 4 * place) // 100,
            cents=price,
            supplier=supplier,
        ) | {"style": style, "colour": rng.choice(spellings), "size": size}


def _tools(department: Department, rng: random.Random) -> Iterator[Row]:
    offers = [
        (kind, place, line) for kind in department.kinds for place in range(len(kind.sizes)) for line in department.lines
    ]  # fmt: skip
    rng.shuffle(offers)
    for serial, (kind, place, line) in zip(count(), cycle(offers)):
        turn = serial // len(offers)
        series = (f" Series {turn + 1}", f" Serie {turn + 1}") if turn else ("", "")
        size = kind.sizes[place]
        growth = 100 + 18 * place
        yield _row(
            rng,
            number=f"{kind.category[:4]}{serial:05d}",
            names=(
                f"{kind.english} {size}{line.english}{series[0]}",
                f"{kind.german} {_german(size)}{line.german}{series[1]}",
            ),
            phrases=rng.sample(department.phrases, 3),
            category=kind.category,
            grams=max(1, kind.weight * growth * line.weight // 10_000),
            cents=max(5, kind.price * growth * line.price // 10_000),
            supplier=rng.choice(TOOL_SUPPLIERS),
        ) | {"length_mm": str(kind.length * growth // 100)}


def _german(size: str) -> str:
    return size.replace(".", ",").replace("inch", "Zoll")


def _row(
    rng: random.Random, *, number: str, names: Words, phrases: Sequence[Words], category: str, grams: int, cents: int,
    supplier: str,
) -> Row:  # fmt: skip
    weight, unit = _weight(grams, rng)
    return {
        "number": number,
        "name_en": names[0],
        "name_de": names[1],
        "text_en": _html(names[0], [english for english, _ in phrases]),
        "text_de": _html(names[1], [german for _, german in phrases]),
        "category": category,
        "net_weight": weight,
        "weight_unit": unit,
        "length_mm": "",
        "colour": "",
        "size": "",
        "style": "",
        "active": "J",
        "discontinued_on": "",
        "list_price": money(cents),
        "currency": "EUR",
        "cost": money(cents * rng.randrange(52, 71) // 100),
        "supplier": supplier,
        "modified_at": moment(rng),
    }


def _html(name: str, phrases: Sequence[str]) -> str:
    points = "".join(f"<li>{phrase}</li>" for phrase in phrases)
    return f"<p><b>{name}</b></p><ul>{points}</ul>"


def _weight(grams: int, rng: random.Random) -> tuple[str, str]:
    """Small things in grams, a few from an American supplier in pounds, the rest in kilograms."""
    if grams < 100:
        return f"{grams},0", rng.choice(("G", "g"))
    if rng.randrange(25) == 0:
        return f"{grams / _POUND:.3f}".replace(".", ","), "LB"
    return f"{grams / 1000:.3f}".replace(".", ","), rng.choice(("KG", "KG", "kg"))
