"""Which choices of items a column can be asked for, so that the database leaves out none that Python would take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

T = TypeVar("T")

_AT_ONCE: Final = 500
"""Values in one query; SQL Server takes about two thousand."""

_LARGEST: Final = 2**31
"""Beyond, a server may refuse to compare a number with a column that could not hold it."""


def comparable(column: ColumnElement[object], values: Sequence[str | int], dialect: str) -> list[str | int] | None:
    """The values as the column is compared with them; `None` where a database may find fewer than Python does.

    A text column equals texts, one of whole numbers equals their digits; decimals, dates and what has no type are
    compared in Python, where 1.5 is 1.50.
    """
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return None
    if kind is str and all(isinstance(one, str) for one in values):
        return list(values)
    if kind is int and dialect == "sqlite" and all(isinstance(one, str) for one in values):
        return list(values)  # there a column of numbers may hold texts, and compares both
    if kind is int:
        numbers = [number for one in values if (number := _whole(one)) is not None]
        return [*numbers] if all(abs(one) < _LARGEST for one in numbers) else None
    return None


def _whole(value: str | int) -> int | None:
    """The number whose digits a text is: "7", not "007", which no whole number is written as."""
    if isinstance(value, int):
        return value
    try:
        number = int(value)
    except ValueError:
        return None
    return number if str(number) == value else None


def lots(values: Sequence[T]) -> Iterator[list[T]]:
    """As many values as one query may hold."""
    for start in range(0, len(values), _AT_ONCE):
        yield list(values[start : start + _AT_ONCE])
