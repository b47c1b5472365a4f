"""A value that the ERP and a PIM user both have, side by side, with what differs marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync import HeldCell
from erp_app.fields import LABELS
from erp_app.wanted import IMPORTED, SENT

_WORDS: Final = re.compile(r"\s+|[^\s]+")
_MOST_WORDS: Final = 2_000

Pieces = tuple[tuple[bool, str], ...]
"""A text in pieces, of which the marked ones differ."""


def label(cell: str) -> str:
    """A cell of the PIM in words.

    >>> label("name[en_US]"), label("grip[de_DE]")
    ('Name (English)', 'grip[de_DE]')
    """
    return LABELS.get(cell, cell)


def value_text(value: JsonValue) -> str:
    """A value as a person writes it.

    >>> value_text({"amount": "1.5", "unit": "kilogram"}), value_text(["drills", "saws"]), value_text(None)
    ('1.5 kilogram', 'drills, saws', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return " ".join(value_text(one) for one in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(value_text(one) for one in value)
    return str(value)


@frozen
class Versions:
    """A cell with two versions, each in pieces of which the marked ones differ."""

    stream: str
    key: str
    number: str
    """What people know the article by."""
    cell: str
    label: str
    erp: Pieces
    pim: Pieces
    before: str
    since: datetime | None
    is_edit: bool
    """Whether only the PIM has changed it."""
    is_decided: bool
    """Whether the ERP's version was chosen, and the next import writes it."""


def versions(held: HeldCell, stream: str = IMPORTED, number: str = "") -> Versions:
    """What a person has to decide. *number* is what the article is called, where that is another than its key."""
    if held.cell == "picture":  # of a file the hash of its content is kept, which tells people nothing
        pim, erp = _marked("the picture in the PIM", "another picture")
        before = ""
    else:
        pim, erp = _marked(value_text(held.pim), value_text(held.erp))
        before = value_text(held.base)
    return Versions(
        stream,
        str(held.key),
        number or str(held.key),
        held.cell,
        label(held.cell),
        erp,
        pim,
        before,
        held.since,
        held.erp == held.base,
        stream != SENT and held.base == held.pim,
    )


def _marked(old: str, new: str) -> tuple[Pieces, Pieces]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) + len(after) > _MOST_WORDS:
        return ((True, old),), ((True, new),)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    left = [(tag != "equal", one) for tag, i, j, _, _ in codes for one in before[i:j]]
    right = [(tag != "equal", one) for tag, _, _, k, m in codes for one in after[k:m]]
    return tuple(_joined(left)), tuple(_joined(right))


def _joined(words: Sequence[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    """Words as pieces; a blank is marked between two marked words, and nowhere else."""
    last = len(words) - 1
    marked = [
        (is_marked and not one.isspace())
        or (one.isspace() and 0 < place < last and words[place - 1][0] and words[place + 1][0])
        for place, (is_marked, one) in enumerate(words)
    ]
    for is_marked, some in groupby(zip(marked, words, strict=True), key=lambda one: one[0]):
        yield is_marked, "".join(one for _, (_, one) in some)
