"""Articles that were not imported, and products that were not sent: by their reason in words, with what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.sync import ParkedItem
from erp_app.fields import COLUMNS, ENGLISH_NAME, LABELS, SKU

_PLACE: Final = re.compile(r"([\w, ]+?) -> ([\w, \[\]]+)")

_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "not_a_number": ("{} is not a number that can be read", "Write it as a number in the ERP, such as 1,250."),
    "ambiguous_number": ("{} can be read as two numbers", "Write it in the ERP in one way, such as 1250,00."),
    "required": ("{} is missing", "Fill it in in the ERP."),
    "unknown_word": ("{} is one that the import does not know", "Correct it in the ERP, or have it added to the import."),
    "unknown_unit": ("{} has a unit that the import does not know", "Correct the unit in the ERP: kg, g or lb."),
    "too_long": ("{} is too long for the PIM", "Shorten it in the ERP."),
    "bad_sku": ("The article number has characters that the PIM does not take", "Renumber the article in the ERP."),
    "no_key": ("The article number is missing", "Give the article a number in the ERP."),
    "duplicate": ("The article number is there twice", "The first one was imported. Renumber or remove the other in the ERP."),
    "duplicate_identifier": ("Two articles come out as the same product", "Renumber one of them in the ERP."),
    "unreadable": ("The row of the ERP cannot be read", "Have the row mended in the ERP."),
    "refused": ("The PIM did not take the article", "Read its answer below, and correct the article in the ERP or the PIM."),
}  # fmt: skip
_UNSENT: Final[Mapping[str, tuple[str, str]]] = {
    "erp_refused": ("The ERP did not take it", "Read its answer below, correct the product in the PIM, and send it again."),
    "ambiguous": ("Its article in the ERP belongs to another product", "Part the two in the ERP, or take the tag away in the PIM."),
    "erp_lost": ("The ERP has its article no more", "Send it again to have it made anew, or leave it."),
    "wrong_value": ("It lacks what the ERP needs, or has it wrong", "Correct the product in the PIM, and send it again."),
    "erp_unreachable": ("The ERP gave no answer for it", "It is sent again by itself. Wait, or try again."),
    "tag_refused": ("The ERP has it, and the PIM keeps its tag", "Read the answer of the PIM below; correct the product there."),
}  # fmt: skip
_OTHER: Final = ("Another reason", "Read the exact message, or show it to whoever looks after the import.")


@frozen
class LeftOut:
    """An article that could not be imported, or a product that could not be sent.

    `key` is its name in the state, and `number` the one that people know.
    """

    key: str
    number: str
    name: str
    said: tuple[tuple[str, str], ...]
    """Texts, and what each of them is."""
    since: datetime | None
    exact: str


@frozen
class Cause:
    """A reason, what to do about it, and what it keeps out."""

    title: str
    to_do: str
    articles: tuple[LeftOut, ...]


def causes(parked: Iterable[ParkedItem]) -> list[Cause]:
    """Articles that could not be imported, by their reason; the reason that keeps out most comes first."""
    return _by_cause((_cause(item), _left_out(item)) for item in parked)


def unsent(parked: Iterable[ParkedItem], numbers: Mapping[str, str]) -> list[Cause]:
    """Products that could not be sent. *numbers* are those of the ERP, for products that it has."""
    return _by_cause((_UNSENT.get(item.code, _OTHER), _unsent(item, numbers)) for item in parked)


def _by_cause(found: Iterable[tuple[tuple[str, str], LeftOut]]) -> list[Cause]:
    by_cause: dict[tuple[str, str], list[LeftOut]] = {}
    for cause, one in found:
        by_cause.setdefault(cause, []).append(one)
    told = [Cause(title, to_do, tuple(some)) for (title, to_do), some in by_cause.items()]
    return sorted(told, key=lambda one: (-len(one.articles), one.title))


def _unsent(item: ParkedItem, numbers: Mapping[str, str]) -> LeftOut:
    number = _said(item.sample.get(SKU.key, "")) or numbers.get(str(item.key), "")
    name = _said(item.sample.get(ENGLISH_NAME.key, ""))
    return LeftOut(
        str(item.key), number, name, (("", item.detail),), item.since, f"{item.code}: {item.detail} ({item.key})"
    )


def _cause(item: ParkedItem) -> tuple[str, str]:
    title, to_do = _CAUSES.get(item.code, _OTHER)
    place = _PLACE.fullmatch(item.path)
    field = LABELS.get(place[2], place[2]) if place is not None else "A value"
    return title.format(field), to_do


def _left_out(item: ParkedItem) -> LeftOut:
    place = _PLACE.fullmatch(item.path)
    columns = place[1].split(", ") if place is not None else ["number"]
    said = tuple((COLUMNS.get(one, one), _said(item.sample[one])) for one in columns if one in item.sample)
    name = _said(item.sample.get("name_en", "")) if "name_en" in item.sample else ""
    exact = f"{item.path}: {item.detail}" if item.path else item.detail
    return LeftOut(str(item.key), str(item.key), name, said, item.since, exact)


def _said(shown: str) -> str:
    """What the ERP says, without the quotes in which the library shows it.

    >>> _said("'ca. 2'"), _said("'  '")
    ('ca. 2', '')
    """
    return (shown[1:-1] if len(shown) > 1 and shown[0] == shown[-1] and shown[0] in "'\"" else shown).strip()
