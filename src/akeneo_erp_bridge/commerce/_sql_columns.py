"""Values of offers in columns of a database: what fits into which, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from akeneo_erp_bridge.catalog import JsonObject
from akeneo_erp_bridge.commerce._wire import digits_of, from_wire, text_of, to_wire
from akeneo_erp_bridge.commerce.interfaces import OfferValue
from akeneo_erp_bridge.rules import shown

if TYPE_CHECKING:
    from sqlalchemy import Column

ColumnValue: TypeAlias = str | int | bool | Decimal | JsonObject | None
"""What is bound to a statement."""


_BEYOND: Final = 2**63


class Misfit(ValueError):
    """A value that a column cannot hold as it is."""


def key_value(column: Column[object], key: str) -> str | int | None:
    """The key as its column has it; `None` where a column of whole numbers cannot hold it."""
    from sqlalchemy import Integer

    if not isinstance(column.type, Integer):
        return key
    # a key such as 007 would come back as another one
    return int(key) if key.isascii() and key.isdecimal() and str(int(key)) == key else None


def unfit(column: Column[object], dialect: str) -> str | None:
    """Why no offer may go into a column; `None` for one that is good."""
    from sqlalchemy import Float, Numeric

    if isinstance(column.type, Float):
        return "it holds floats, which are no amounts; make it NUMERIC, or TEXT"
    if isinstance(column.type, Numeric) and dialect == "sqlite":
        return "SQLite keeps decimals as floats; make it TEXT"
    return None


def column_value(column: Column[object], value: OfferValue, dialect: str) -> ColumnValue:
    """The value as it is bound. Raises `Misfit` where something of it would be lost."""
    from sqlalchemy import JSON, Boolean, Integer, Numeric

    kind = column.type
    reason = unfit(column, dialect)
    if reason is not None:
        raise Misfit(reason)
    if value is None:
        return None
    if isinstance(kind, JSON):
        return to_wire(value)
    if isinstance(kind, Boolean):
        return _as_boolean(value)
    if isinstance(kind, Integer):
        return _as_integer(value)
    if isinstance(kind, Numeric):
        return _as_decimal(kind.scale, value)
    return text_of(value)


def kept_value(raw: object) -> OfferValue:
    """What a column holds, as a value of an offer; an amount in a column of text stays a text."""
    if raw is None or isinstance(raw, bool | int | Decimal):
        return raw
    if isinstance(raw, Mapping):
        return _of_json(raw)  # pyright: ignore[reportUnknownArgumentType]  # what is in it is looked at there
    text = str(raw)
    if text.startswith(('{"prices":', '{"stock":')):
        try:
            return from_wire(json.loads(text))
        except ValueError:
            return text
    return text


def _of_json(raw: JsonObject) -> OfferValue:
    try:
        return from_wire(dict(raw))
    except ValueError:
        return json.dumps(dict(raw), default=str)  # somebody else's: it differs from whatever is offered


def _as_boolean(value: OfferValue) -> bool:
    if isinstance(value, bool):
        return value
    raise Misfit(f"it holds booleans, and the value is a {type(value).__name__}")


def _as_integer(value: OfferValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Misfit(f"it holds whole numbers, and the value is a {type(value).__name__}")
    if value != int(value):
        raise Misfit(f"it holds whole numbers, and the value is {value}; round it in the rule, or make it NUMERIC")
    if not -_BEYOND <= value < _BEYOND:
        raise Misfit(f"it holds whole numbers of 64 bits at most, and the value is {shown(value)}")
    return int(value)


def _as_decimal(scale: int | None, value: OfferValue) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Misfit(f"it holds numbers, and the value is a {type(value).__name__}")
    decimals = len(digits_of(value).partition(".")[2])
    if scale is not None and decimals > scale:
        raise Misfit(f"it holds {scale} decimals, and the value is {value}; round it in the rule with rounded({scale})")
    return Decimal(value)
