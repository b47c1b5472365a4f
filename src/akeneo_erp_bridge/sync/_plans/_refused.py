"""Items of a plan that the PIM will refuse, since an option that they name is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from akeneo_erp_bridge.sync._changes import ItemChange

_NOTE: Final = re.compile(r"option to create: (.*); the PIM refuses the item before it is there", re.DOTALL)
_TOLD: Final = 5  # options that are named; the others are counted


def option_note(missing: str) -> str:
    """What stands at a cell whose options, named in a text, have to be created first."""
    return f"option to create: {missing}; the PIM refuses the item before it is there"


def missing_options(change: ItemChange) -> list[str]:
    """What an item waits for: options with their attribute; nothing where the PIM takes it.

    >>> from akeneo_erp_bridge.sync import CellChange, LedgerEntry
    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> colour = CellChange("colour", None, "teal", "colour", notes=(option_note("'teal'"),))
    >>> missing_options(ItemChange(ErpKey("DR-18"), "create", {"colour": colour}, LedgerEntry(ErpKey("DR-18"), "f", "c", "")))
    ["'teal' of colour"]
    """
    return [
        f"{found.group(1)} of {key.partition('[')[0]}"
        for key, one in change.cells.items()
        for note in one.notes
        if (found := _NOTE.fullmatch(note)) is not None
    ]


def refused_items(changes: Iterable[ItemChange]) -> int:
    """How many items the PIM will refuse."""
    return sum(bool(missing_options(one)) for one in changes)


def refusal(changes: Sequence[ItemChange]) -> str:
    """How many items the PIM will refuse, and what for, in a sentence; empty for none."""
    found = [some for one in changes if (some := missing_options(one))]
    if not found:
        return ""
    options = list(dict.fromkeys(option for some in found for option in some))
    more = f" and {len(options) - _TOLD} more" if len(options) > _TOLD else ""
    wanted = "an option is" if len(options) == 1 else "options are"
    return f"{len(found)} will be refused until {wanted} made: {', '.join(options[:_TOLD])}{more}"
