"""Looking into JSON, comparing it, and showing it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from akeneo_erp_bridge.catalog import JsonObject, JsonValue

__all__ = ["codes_in", "covers", "fold", "object_in", "objects_in", "shown_json"]


def fold(code: str) -> str:
    """A code as the PIM compares it: its case does not count."""
    return code.lower()


def object_in(value: JsonValue) -> JsonObject:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def codes_in(value: JsonValue) -> list[str]:
    """The texts of a list; what is none is left out."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [one for one in value if isinstance(one, str)]


def objects_in(value: JsonValue) -> list[JsonObject]:
    """The objects of a list; what is none is left out."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def covers(wanted: JsonValue, found: JsonValue, *, codes: bool = False) -> bool:
    """Whether *found* says all that *wanted* says: null is false, numbers are compared as numbers.

    >>> covers({"min": "5", "rule": None}, {"min": "5.0000", "more": 1})
    True
    """
    if wanted is None or wanted is False:
        return found is None or found is False
    if isinstance(wanted, Mapping):
        there = object_in(found)
        return isinstance(found, Mapping) and all(covers(value, there.get(name)) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        if isinstance(found, str) or not isinstance(found, Sequence) or len(found) != len(wanted):
            return False
        return all(covers(one, other) for one, other in zip(wanted, found, strict=True))
    if codes and isinstance(wanted, str) and isinstance(found, str):
        return fold(wanted) == fold(found)
    return wanted == found or (_number(wanted) is not None and _number(wanted) == _number(found))


def _number(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def shown_json(value: JsonValue, longest: int = 60) -> str:
    """A value for people: texts bare where nothing is hidden by that, all else as JSON, long ones cut."""
    if value is None:
        return "nothing"
    plain = isinstance(value, str) and value.isprintable() and value == value.strip() and value
    text = value if isinstance(value, str) and plain else json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= longest else text[: longest - 1] + "…"
