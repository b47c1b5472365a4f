"""Tables inside rules cannot be changed afterwards and still travel between processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class FrozenTable(Mapping[str, T], Generic[T]):
    """A read-only copy of a mapping, with a stable `repr`, that pickles (a mapping proxy does not)."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Mapping[str, T]) -> None:
        self._rows = dict(sorted(rows.items()))

    def __getitem__(self, key: str) -> T:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: str, default: T | None = None) -> T | None:  # type: ignore[override]  # one default type is all rules need
        return self._rows.get(key, default)

    def __repr__(self) -> str:
        return repr(self._rows)

    def __hash__(self) -> int:
        return hash(tuple(self._rows))


def frozen_table(rows: Mapping[str, T]) -> FrozenTable[T]:
    """The converter for attrs fields."""
    return FrozenTable(rows)
