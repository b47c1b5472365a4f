"""Models from JSON: the only module that knows `cattrs`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs
from cattrs import BaseValidationError, Converter, transform_error
from cattrs.cols import (
    is_mapping,
    mapping_structure_factory,  # pyright: ignore[reportUnknownVariableType]  # cattrs leaves two defaults untyped
)
from cattrs.gen import make_dict_structure_fn, override

from akeneo_erp_bridge.catalog._entity import OWN_FIELDS, Entity
from akeneo_erp_bridge.catalog._json import JsonValue, as_bool, as_decimal, as_moment, as_object, as_text, describe

__all__ = ["build_converter", "structure"]

E = TypeVar("E", bound=Entity)

_LONGEST_LIST_OF_ERRORS: Final = 3


def build_converter() -> Converter:
    """Make the one converter: strict on kinds, tolerant of unknown fields, nulls and PHP's empty maps."""
    converter = Converter()
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook_func(_is_anything, _as_it_is)
    converter.register_structure_hook(bool, _boolean)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(datetime.datetime, _moment)
    converter.register_structure_hook_factory(is_mapping, _mapping_hook)
    converter.register_structure_hook_factory(_is_entity, _entity_hook)
    return converter


def structure(kind: type[E], raw: JsonValue) -> E:
    """Read one thing; raises `ValueError` naming it, the path inside it, and what was seen there."""
    try:
        return _converter.structure(raw, kind)
    except (BaseValidationError, ValueError) as error:
        raise ValueError(f"{_name(kind, raw)}: {_explain(error)}") from None


# ---- hooks: named functions, so that a trace can be read ----
# `Any` is cattrs' own signature, here and in what makes a hook: a type is handed over as it was written, which may be
# no class but a form of `typing`, and what a hook gives is of that type.
def _text(raw: JsonValue, _: Any) -> str:
    return as_text(raw, "")


def _is_anything(kind: Any) -> bool:
    return kind is object


def _as_it_is(raw: JsonValue, _: Any) -> JsonValue:
    return raw


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
    return as_moment(raw, "")


def _mapping_hook(kind: Any, converter: Converter) -> Callable[[JsonValue, Any], Any]:
    inner = mapping_structure_factory(kind, converter)

    def hook(raw: JsonValue, _: Any) -> Any:
        return inner(dict(as_object(raw, "")), kind)

    return hook


def _is_entity(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Entity)


def _entity_hook(kind: type[E], converter: Converter) -> Callable[[JsonValue, Any], E]:
    inner = make_dict_structure_fn(kind, converter, extra=override(omit=True), received=override(omit=True))
    names = frozenset(spec.name for spec in attrs.fields(kind)) - OWN_FIELDS
    seen: dict[frozenset[str], frozenset[str]] = {}

    def hook(raw: JsonValue, _: Any) -> E:
        parts = as_object(raw, "")
        known = {name: part for name, part in parts.items() if name in names and part is not None}
        extra = {name: part for name, part in parts.items() if name not in names and name != "_links"}
        received = frozenset(parts)
        return attrs.evolve(inner(known, kind), extra=extra, received=seen.setdefault(received, received))

    return hook


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


_converter: Final = build_converter()
