"""From what Odoo answers for a field to a value: `false` is its only null, and money is a float."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.erp._odoo._wire import Raw
from akeneo_erp_bridge.errors import ErpRefused

OdooValue: TypeAlias = (
    "str | int | bool | Decimal | date | datetime | bytes | Sequence[OdooValue] | Mapping[str, Raw] | None"
)
FieldsOf: TypeAlias = "Callable[[str], Mapping[str, FieldDefinition]]"
"""The definitions of a model's fields, by name."""

# a double holds 15 digits for certain; those behind are what its arithmetic left over
_DOUBLE: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
_TEXTS: Final = frozenset({"char", "text", "html", "selection"})
TO_ONE: Final = frozenset({"many2one"})
TO_MANY: Final = frozenset({"many2many", "one2many"})
MOMENT: Final = "%Y-%m-%d %H:%M:%S"


@frozen
class FieldDefinition:
    """What `fields_get` tells of a field."""

    name: str
    kind: str
    relation: str | None = None
    decimals: int | None = None
    """The digits behind the point, where Odoo tells them."""
    readonly: bool = False
    searchable: bool = True
    required: bool = False
    max_length: int | None = None

    @classmethod
    def of(cls, name: str, told: Mapping[str, Raw]) -> FieldDefinition:
        relation, digits, size = told.get("relation"), told.get("digits"), told.get("size")
        decimals = digits[1] if isinstance(digits, list) and len(digits) == 2 else None
        return cls(
            name,
            str(told.get("type")),
            relation if isinstance(relation, str) else None,
            decimals if isinstance(decimals, int) else None,
            readonly=told.get("readonly") is True,
            searchable=told.get("searchable") is not False,
            required=told.get("required") is True,
            max_length=size if isinstance(size, int) and size > 0 else None,
        )

    @property
    def is_relation(self) -> bool:
        """Whether a path goes on behind it."""
        return self.relation is not None and self.kind in TO_ONE | TO_MANY


def value_of(raw: Raw, field: FieldDefinition) -> OdooValue:
    """The value of a field; raises `ErpRefused` for a date or picture that is none."""
    if field.kind == "boolean":
        return raw is True or raw == 1
    if raw is False or raw is None:
        return None
    if isinstance(raw, str) and field.kind in _TEXTS:
        return raw
    match field.kind:
        case "float" | "monetary":
            return _number(raw, field)
        case "date" | "datetime" | "binary":
            return _parsed(raw, field)
        case "many2one":
            return first_of(raw)
        case _ if isinstance(raw, list):
            return list(raw)
        case _:
            return raw if isinstance(raw, str | int | Decimal | Mapping) else str(raw)


def first_of(raw: Raw) -> int | None:
    """The id of a many2one, which comes as ``[id, name]`` or `false`."""
    one = raw[0] if isinstance(raw, list) and raw else raw
    return one if isinstance(one, int) and not isinstance(one, bool) else None


def moment_of(raw: Raw) -> datetime:
    """Odoo's moments are in UTC, and name no zone. Raises `ValueError`."""
    return datetime.fromisoformat(str(raw)[:19]).replace(tzinfo=UTC)


def _number(raw: Raw, field: FieldDefinition) -> Decimal:
    """By the field's digits where it has some; else without what a double adds behind its fifteenth digit."""
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise _wrong(raw, field)
    number = Decimal(raw)
    if field.decimals is not None and number.is_finite() and number.adjusted() < 20:
        return number.quantize(Decimal(1).scaleb(-field.decimals), rounding=ROUND_HALF_EVEN)
    return number.normalize(_DOUBLE) if len(number.as_tuple().digits) > _DOUBLE.prec else number


def _parsed(raw: Raw, field: FieldDefinition) -> date | bytes:
    text = str(raw)
    try:
        if field.kind == "binary":
            return base64.b64decode(text, validate=True)
        return moment_of(text) if field.kind == "datetime" else date.fromisoformat(text)
    except (ValueError, binascii.Error):
        raise _wrong(raw, field) from None


def _wrong(raw: Raw, field: FieldDefinition) -> ErpRefused:
    return ErpRefused(f"Odoo's field '{field.name}' is {field.kind}, but holds {str(raw)[:60]!r}; correct it there")
