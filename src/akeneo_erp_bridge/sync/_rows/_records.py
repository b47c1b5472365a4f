"""Rows and models as the row store takes them in and gives them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey

__all__ = [
    "DELETED",
    "LIVING",
    "MISSED",
    "ODD",
    "RIVAL",
    "Placed",
    "Settlement",
    "Standing",
    "StoredModel",
    "StoredRow",
    "folded",
]

LIVING: Final = 0
DELETED: Final = 1
MISSED: Final = 2
"""What became of a row: the ERP deleted it, or did not show it in a complete reading, and then its product stays."""

ODD: Final = "\0odd\0"
"""Stands in the key of a row that has none of its own: the ERP gave it none, or gave another row the same."""

RIVAL: Final = " (another row)"
"""Stands before it in the second case, behind the key."""


def folded(code: str) -> str:
    """A code without its case, as SQLite compares those of models: the case of ASCII letters alone.

    >>> folded("ÄPFEL_Rot")
    'Äpfel_rot'
    """
    return code.encode().lower().decode()


@frozen
class Placed:
    """A row, and what the grouping rules say of it. `axes` are its axis values in one comparable text."""

    key: ErpKey
    text: str
    model: str | None = None
    sub: str | None = None
    variant: str | None = None
    axes: str | None = None
    trouble: str | None = None


@frozen
class Standing:
    """Where a row stands among the others: its parent, or none for a simple product; `trouble` keeps it from there."""

    key: ErpKey
    parent: str | None
    trouble: str | None


@frozen
class StoredRow:
    """A row with its place. `turn` is how often it was given out again after the PIM had refused it."""

    key: ErpKey
    text: str
    parent: str | None
    variant: str | None
    trouble: str | None
    gone: int
    turn: int
    seq: int


@frozen
class StoredModel:
    """A root model (level 0) or sub model (level 1)."""

    code: str
    root: str | None
    variant: str | None
    trouble: str | None
    gone: bool = False
    turn: int = 0
    seq: int = 0


@frozen
class Settlement:
    """What one root model came to: itself, unless it is none, its sub models, and where its rows stand."""

    root: str
    models: Sequence[StoredModel]
    subs: Sequence[StoredModel]
    rows: Sequence[Standing]
