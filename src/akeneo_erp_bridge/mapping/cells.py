"""The cells of a product or category that are no attributes.

Akeneo reserves these words, so no attribute can bear the same code.
"""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge.rules import Cell

__all__ = ["CATEGORIES", "CODE", "ENABLED", "FAMILY", "PARENT", "label"]

FAMILY: Final[Cell[str]] = Cell("family")
"""The family code."""

CATEGORIES: Final[Cell[frozenset[str]]] = Cell("categories")
"""The category codes that we own; those that PIM users added stay."""

ENABLED: Final[Cell[bool]] = Cell("enabled")
"""Whether the product is enabled. Never null."""

PARENT: Final[Cell[str]] = Cell("parent")
"""The code of the parent category."""

CODE: Final[Cell[str]] = Cell("code")
"""The code of a category."""


def label(locale: str) -> Cell[str]:
    """The label of a category in one locale.

    >>> str(label("de_DE"))
    'labels[de_DE]'
    """
    return Cell("labels", locale=locale)
