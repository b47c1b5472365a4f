"""Rows that know where they stand, for messages to those who look for them."""

from __future__ import annotations

from collections.abc import Mapping

from akeneo_erp_bridge.erp._item import ErpItem


class PlacedRow(dict[str, object]):
    """A row of a file; to everybody else it is a dictionary.

    >>> place_of(PlacedRow({"number": "007"}, "articles.csv", "line", 12))
    'articles.csv, line 12'
    """

    __slots__ = ("_at",)

    def __init__(self, values: Mapping[str, object], file: str, word: str, number: int) -> None:
        super().__init__(values)
        self._at = (file, word, number)

    @property
    def place(self) -> str:
        """File, and line or row."""
        file, word, number = self._at
        return f"{file}, {word} {number}"

    def __reduce__(self) -> tuple[type[PlacedRow], tuple[dict[str, object], str, str, int]]:
        return PlacedRow, (dict(self), *self._at)


def place_of(one: ErpItem | Mapping[str, object]) -> str:
    """Where an item or its row stands; empty where its adapter does not tell."""
    row = one.row if isinstance(one, ErpItem) else one
    return row.place if isinstance(row, PlacedRow) else ""
