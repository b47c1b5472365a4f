"""JSON as the simulator sees it: one recursive type, and small checks that narrow it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias, cast

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]

# one encoder, since json.dumps with options builds a new one at each call
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def loads(content: bytes | str) -> JsonValue:
    """Decode JSON text; raises `ValueError` for anything else."""
    value: JsonValue = json.loads(content)
    return value


def dumps(value: JsonValue) -> bytes:
    """Encode to compact UTF-8."""
    return _encoder.encode(value).encode()


def dumps_any(value: object) -> bytes:
    """Encode what a test wrote by hand, mappings and tuples included; raises `TypeError` for what JSON lacks."""
    return json.dumps(value, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))  # of what a test wrote, no checker knows what is inside
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def kind_name(value: JsonValue) -> str:
    """The kind of a value in the words of Akeneo's messages, which are PHP's."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "double"
    return "string" if isinstance(value, str) else "array"


def text(owner: JsonObject, key: str) -> str:
    """The text under *key*, or an empty one."""
    value = owner.get(key)
    return value if isinstance(value, str) else ""


def maybe_text(owner: JsonObject, key: str) -> str | None:
    """The text under *key*, or `None`."""
    value = owner.get(key)
    return value if isinstance(value, str) else None


def flag(owner: JsonObject, key: str) -> bool:
    """Whether *key* holds `true`."""
    return owner.get(key) is True


def whole(owner: JsonObject, key: str, default: int = 0) -> int:
    """The integer under *key*, or *default*."""
    value = owner.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def child(owner: JsonObject, key: str) -> JsonObject:
    """The object under *key*, or an empty one."""
    value = owner.get(key)
    return value if isinstance(value, dict) else {}


def children(value: JsonValue) -> list[JsonObject]:
    """The objects in a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: JsonValue) -> list[str]:
    """The texts in a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def as_list(values: Iterable[JsonValue]) -> list[JsonValue]:
    """A JSON list of *values*; a `list[str]` is none, since lists are invariant."""
    return list(values)
