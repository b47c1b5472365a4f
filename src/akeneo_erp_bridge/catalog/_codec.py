"""Models from JSON and back: the only module that knows `cattrs`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

import attrs
from cattrs import BaseValidationError, Converter, transform_error
from cattrs.cols import (
    is_mapping,
    mapping_structure_factory,  # pyright: ignore[reportUnknownVariableType]  # cattrs leaves two defaults untyped
)
from cattrs.gen import make_dict_structure_fn, override

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog._data import decimal_text
from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._json import JsonValue, as_bool, as_decimal, as_object, as_text, describe
from akeneo_erp_bridge.catalog._patches import Patch

__all__ = ["READ_ONLY", "build_converter", "decode", "encode", "plain", "read_moment"]

E = TypeVar("E", bound=Entity)

READ_ONLY: Final = frozenset(
    {
        "_links",
        "common_attributes",
        "completenesses",
        "created",
        "group_labels",
        "linked_data",
        "metadata",
        "position",
        "quality_scores",
        "readiness",
        "root_parent",
        "updated",
        "workflow_execution_statuses",
    }
)
"""Fields the PIM sends and refuses, or ignores, when they come back."""

_OWN_FIELDS: Final = frozenset({"extra", "received"})
_LONGEST_LIST_OF_ERRORS: Final = 3


def build_converter() -> Converter:
    """Make the one converter: strict on kinds, tolerant of unknown fields, nulls and PHP's empty maps."""
    converter = Converter()
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(bool, _boolean)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(datetime.datetime, _moment)
    converter.register_structure_hook_factory(is_mapping, _mapping_hook)
    converter.register_structure_hook_factory(_is_entity, _entity_hook)
    return converter


def decode(kind: type[E], raw: JsonValue) -> E:
    """Read one thing of the PIM.

    Raises `ValueError` naming the thing, the path inside it, and what was seen there.

    >>> from akeneo_erp_bridge.catalog import Locale
    >>> decode(Locale, {"code": "en_US", "enabled": "yes"})
    Traceback (most recent call last):
        ...
    ValueError: Locale 'en_US': $.enabled: expected a boolean, got a text: 'yes'
    """
    try:
        return _converter.structure(raw, kind)
    except (BaseValidationError, ValueError) as error:
        raise ValueError(f"{_name(kind, raw)}: {_explain(error)}") from None


def encode(thing: Entity | Patch, *, whole: bool = False) -> dict[str, JsonValue]:
    """Write one thing as the PIM takes it.

    A patch leaves out what is `UNSET`. A model leaves out what the PIM only reads, and what it never sent;
    with *whole* it keeps the former, for storing.
    """
    body: dict[str, JsonValue] = {}
    received = thing.received if isinstance(thing, Entity) else frozenset[str]()
    for spec in attrs.fields(type(thing)):
        name = spec.name
        value = getattr(thing, name)
        if name in _OWN_FIELDS or value is UNSET or (name in READ_ONLY and not whole):
            continue
        if isinstance(thing, Entity) and name not in received and value == _default(spec):
            continue
        body[name] = plain(value, whole=whole)
    for name, value in thing.extra.items():
        if whole or isinstance(thing, Patch) or name not in READ_ONLY:
            body[name] = plain(value, whole=whole)
    return body


def plain(value: object, *, whole: bool = False) -> JsonValue:
    """Return *value* as JSON; raises `ValueError` for what has no JSON form here."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Entity | Patch):
        return encode(value, whole=whole)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    kind = type(value)
    if attrs.has(kind):
        return {spec.name: plain(getattr(value, spec.name), whole=whole) for spec in attrs.fields(kind)}
    # The casts: of an `object` that is a mapping or a sequence, a checker cannot know what is inside.
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)
        return {str(key): plain(item, whole=whole) for key, item in pairs.items()}
    if isinstance(value, Sequence | frozenset | set):
        return [plain(item, whole=whole) for item in cast("Sequence[object]", value)]
    raise ValueError(f"cannot write {describe(value)} as JSON")


# ---- hooks: named functions, so that a trace can be read ----
# `Any` in the hooks' second argument is cattrs' own signature: it hands over the type, which they do not need.
def _text(raw: JsonValue, _: Any) -> str:
    return as_text(raw, "")


def _boolean(raw: JsonValue, _: Any) -> bool:
    return as_bool(raw, "")


def _integer(raw: JsonValue, _: Any) -> int:
    number = as_decimal(raw, "")
    if number != number.to_integral_value():
        raise ValueError(f": expected a whole number, got {describe(raw)}")
    return int(number)


def _decimal(raw: JsonValue, _: Any) -> Decimal:
    return as_decimal(raw, "")


def _moment(raw: JsonValue, _: Any) -> datetime.datetime:
    return read_moment(raw, "")


def read_moment(raw: JsonValue, path: str) -> datetime.datetime:
    """Read a point in time, always aware; a PIM that names no zone is taken to mean UTC."""
    text = as_text(raw, path)
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{path}: expected a time like 2026-06-13T10:00:00+00:00, got {text!r}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _mapping_hook(kind: Any, converter: Converter) -> Callable[[JsonValue, Any], Any]:
    inner = mapping_structure_factory(kind, converter)

    def structure(raw: JsonValue, _: Any) -> Any:
        return inner(dict(as_object(raw, "")), kind)

    return structure


def _is_entity(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Entity)


def _entity_hook(kind: type[E], converter: Converter) -> Callable[[JsonValue, Any], E]:
    inner = make_dict_structure_fn(kind, converter, extra=override(omit=True), received=override(omit=True))
    names = frozenset(spec.name for spec in attrs.fields(kind)) - _OWN_FIELDS
    seen: dict[frozenset[str], frozenset[str]] = {}

    def structure(raw: JsonValue, _: Any) -> E:
        parts = as_object(raw, "")
        known = {name: part for name, part in parts.items() if name in names and part is not None}
        extra = {name: part for name, part in parts.items() if name not in names and name != "_links"}
        received = frozenset(parts)
        return attrs.evolve(inner(known, kind), extra=extra, received=seen.setdefault(received, received))

    return structure


# ---- errors ----
def _name(kind: type[Entity], raw: JsonValue) -> str:
    code = raw.get("code") if isinstance(raw, Mapping) else None
    return f"{kind.__name__} {code!r}" if isinstance(code, str) else kind.__name__


def _explain(error: BaseValidationError | ValueError) -> str:
    if not isinstance(error, BaseValidationError):
        return _rooted("$", str(error))
    lines = transform_error(error, format_exception=_line)
    more = len(lines) - _LONGEST_LIST_OF_ERRORS
    shown = "; ".join(_at_front(line) for line in lines[:_LONGEST_LIST_OF_ERRORS])
    return f"{shown}; and {more} more" if more > 0 else shown


def _line(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return f": required field {error.args[0]!r} is missing"
    return str(error) or f": not a {getattr(kind, '__name__', kind)}"


def _at_front(line: str) -> str:
    # transform_error writes "<error> @ <path>"; a reader looks for the path first.
    text, _, path = line.rpartition(" @ ")
    return _rooted(path, text)


def _rooted(path: str, text: str) -> str:
    return f"{path}: {text.removeprefix(': ')}"


def _default(spec: attrs.Attribute[Any]) -> object:
    default = spec.default
    # attrs types Factory as a function for the sake of class bodies, so a checker cannot see the instance.
    factory: Any = getattr(default, "factory", None)
    return factory() if factory is not None else default


_converter: Final = build_converter()
