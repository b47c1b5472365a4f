"""JSON of any shape, and how to walk it without a surprise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | Decimal | bool | None"
Row: TypeAlias = Mapping[str, Json]


def read_json(content: bytes) -> Json:
    """Numbers with a point come as `Decimal`. Raises `ValueError` where it is no JSON."""
    found: Json = json.loads(content, parse_float=Decimal)
    return found


def write_json(value: Json) -> bytes:
    """The shortest form; a `Decimal` becomes a number with its own digits."""
    return _text(value).encode()


def _text(value: Json) -> str:
    # json has no hook that writes a number by its digits, and a float has not all of them
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{_text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(_text(one) for one in value) + "]"
    return json.dumps(value)


def inside(value: Json, *path: str) -> Json:
    """A member of a member; `None` where one is missing.

    >>> inside({"data": {"login": 1}}, "data", "login"), inside({"data": None}, "data", "login")
    (1, None)
    """
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def rows(value: Json, *path: str) -> list[Row]:
    """The objects of a list; none where there is no list."""
    found = inside(value, *path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [one for one in found if isinstance(one, Mapping)]


def text(value: Json, *path: str) -> str:
    """A text or a number as text; empty where there is none."""
    found = inside(value, *path)
    return str(found) if isinstance(found, str | int | Decimal) and not isinstance(found, bool) else ""


def number(value: Json, *path: str) -> Decimal | None:
    """A number, or a text that is one."""
    found = inside(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return None
    try:
        return Decimal(found)
    except ArithmeticError:
        return None
