"""From OData's JSON to values: numbers as `Decimal`, moments with a zone (OASIS "OData JSON Format", section 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._odata._edm import EdmModel, EdmType
from akeneo_erp_bridge.erp._odata._literals import WHOLE

_NUMBERS: Final = frozenset({"Edm.Decimal", "Edm.Double", "Edm.Single"})
_STREAM: Final = frozenset({"odata.mediaReadLink", "mediaReadLink"})
"""A stream, such as a picture, is not in the answer: where it is, is."""
_NO_DATE: Final = date(1, 1, 1)


def row_of(wire: Mapping[str, object], kind: EdmType, model: EdmModel, *, no_date_is_null: bool) -> dict[str, object]:
    """A row without control information; a value that its type does not explain stays as it came."""
    row: dict[str, object] = {}
    for name, value in wire.items():
        target, is_control, term = name.partition("@")
        if is_control:
            if term in _STREAM and target:
                row[target] = value
            continue
        way = kind.navigations.get(name)
        if way is not None:
            row[name] = _nested(value, model.types.get(way.target), model, no_date_is_null=no_date_is_null)
        elif name in kind.properties:
            row[name] = _value(value, kind.properties[name].kind, model, no_date_is_null=no_date_is_null)
        else:
            row[name] = value
    return row


def _value(value: object, kind: str, model: EdmModel, *, no_date_is_null: bool) -> object:
    if value is None:
        return None
    several = lines(value)
    if several is not None:
        return [_value(one, kind, model, no_date_is_null=no_date_is_null) for one in several]
    if members(value) is not None:
        return _nested(value, model.types.get(kind), model, no_date_is_null=no_date_is_null)
    found = scalar(value, kind)
    if no_date_is_null and isinstance(found, date):
        day = found.date() if isinstance(found, datetime) else found
        return None if day == _NO_DATE else found
    return found


def _nested(value: object, kind: EdmType | None, model: EdmModel, *, no_date_is_null: bool) -> object:
    several, one_inside = lines(value), members(value)
    if several is not None:
        return [_nested(one, kind, model, no_date_is_null=no_date_is_null) for one in several]
    if one_inside is not None and kind is not None:
        return row_of(one_inside, kind, model, no_date_is_null=no_date_is_null)
    return value


def scalar(value: object, kind: str) -> object:
    """One value by its type, as a number or as the text that `IEEE754Compatible=true` makes of it.

    >>> scalar("12.50", "Edm.Decimal"), scalar("2026-03-07T00:35:30.1234567Z", "Edm.DateTimeOffset").microsecond
    (Decimal('12.50'), 123456)
    """
    if isinstance(value, bool):
        return value
    try:
        if kind in _NUMBERS and isinstance(value, str | int):
            number = Decimal(value)
            return number if number.is_finite() else value
        if kind in WHOLE and isinstance(value, str):
            return int(value)
        if kind == "Edm.DateTimeOffset" and isinstance(value, str):
            return _aware(value)
        if kind == "Edm.Date" and isinstance(value, str):
            return date.fromisoformat(value)
    except (ValueError, InvalidOperation):
        pass  # it stays as it came, and the field that reads it says what is wrong
    return value


def _aware(text: str) -> datetime | str:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return text
    return moment if moment.year == 1 else moment.astimezone(UTC)
