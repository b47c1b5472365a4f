"""JSON as a type, and the narrowing functions that replace `Any`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, ForwardRef, TypeAlias

__all__ = [
    "JsonObject",
    "JsonValue",
    "as_bool",
    "as_decimal",
    "as_list",
    "as_moment",
    "as_object",
    "as_text",
    "describe",
]

if TYPE_CHECKING:
    JsonValue: TypeAlias = "bool | int | float | Decimal | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
else:
    # With its module, so that `typing.get_type_hints` finds these names wherever the alias is used.
    JsonValue = ForwardRef(
        "bool | int | float | Decimal | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None", module=__name__
    )
JsonObject: TypeAlias = Mapping[str, JsonValue]

_LONGEST_SHOWN = 60


def describe(value: object) -> str:
    """Name the JSON kind of *value* and show its beginning, for error messages.

    >>> describe(["a"])
    "an array: ['a']"
    """
    shown = repr(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[: _LONGEST_SHOWN - 3] + "..."
    return "null" if value is None else f"{_kind(value)}: {shown}"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float | Decimal):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "an object"
    return "an array" if isinstance(value, Sequence) else type(value).__name__


def as_object(value: JsonValue, path: str = "$") -> JsonObject:
    """Return *value* as an object; the empty list PHP writes for an empty map counts as one.

    Raises `ValueError` naming *path* for anything else.
    """
    # `dict` first: the check against the abstract class is several times slower.
    if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101  # the exact kind first, for speed
        return value
    if isinstance(value, list) and not value:
        return {}
    raise ValueError(f"{path}: expected an object, got {describe(value)}")


def as_list(value: JsonValue, path: str = "$") -> Sequence[JsonValue]:
    """Return *value* as a list; an object numbered from PHP, which a list with a gap becomes, counts as one.

    Raises `ValueError` naming *path* for anything else.
    """
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, Mapping) and all(key.isdecimal() for key in value):
        return list(value.values())
    raise ValueError(f"{path}: expected an array, got {describe(value)}")


def as_text(value: JsonValue, path: str = "$") -> str:
    """Return *value* as a text; raises `ValueError` naming *path* otherwise, never converts."""
    if isinstance(value, str):
        return value
    raise ValueError(f"{path}: expected a text, got {describe(value)}")


def as_bool(value: JsonValue, path: str = "$") -> bool:
    """Return *value* as a boolean; raises `ValueError` naming *path* otherwise, never converts."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"{path}: expected a boolean, got {describe(value)}")


def is_whole(value: JsonValue) -> bool:
    r"""Tell whether every text in *value* can be sent: broken decoders leave halves of characters, without UTF-8.

    >>> is_whole("café"), is_whole(["caf\udce9"])
    (True, False)
    """
    if isinstance(value, str):
        return value.isascii() or value.encode("utf-8", "ignore").decode() == value
    return all(is_whole(one) for one in value) if isinstance(value, list) else True


def as_decimal(value: JsonValue, path: str = "$") -> Decimal:
    """Return a number or a numeric text as an exact, finite `Decimal`; raises `ValueError` otherwise.

    >>> as_decimal("12.5000")
    Decimal('12.5000')
    """
    # Amounts come as texts. A tuple, not a union: a union would be built anew in each call.
    if type(value) is str or (isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)):
        try:
            number = Decimal(value if type(value) is str else str(value))
        except ArithmeticError:
            pass
        else:
            if number.is_finite():
                return number
    raise ValueError(f"{path}: expected a number, got {describe(value)}")


def as_moment(raw: JsonValue, path: str) -> datetime.datetime:
    """Read a point in time, always aware; a PIM that names no zone is taken to mean UTC."""
    text = raw if type(raw) is str else as_text(raw, path)
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{path}: expected a time like 2026-06-13T10:00:00+00:00, got {text!r}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)
