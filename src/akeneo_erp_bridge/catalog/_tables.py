"""Tables as their attribute describes them: the columns, their types, rows as they travel and as they compare."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, cast

from attrs import frozen

from akeneo_erp_bridge.catalog._attributes import Attribute
from akeneo_erp_bridge.catalog._data import Metric, day_text, decimal_text
from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue, as_decimal, as_list, as_object, as_text, describe

__all__ = ["TableCell", "TableColumn", "canonical_rows", "encode_rows", "table_columns"]

TableCell: TypeAlias = str | bool | int | Decimal | datetime.date | Metric
"""What one cell of a table can hold; a cell without a value is left out of its row."""

_CODES: Final = frozenset({"select", "reference_entity"})
_LARGEST: Final = 100
"""Rows of one table. Source: Akeneo's documentation of product values."""


@frozen
class TableColumn:
    """One column: its code, and the type of its cells by Akeneo's name, such as `select` or `measurement`.

    Source: Akeneo's documentation of table attributes.

    >>> TableColumn("part", "select").data_type
    'select'
    """

    code: str
    data_type: str


def table_columns(attribute: Attribute) -> tuple[TableColumn, ...]:
    """Return the columns of a table attribute in order; the first one names the row.

    Raises `ValueError` for an attribute without columns.

    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> columns = [{"code": "part", "data_type": "select"}, {"code": "count", "data_type": "number"}]
    >>> parts = Attribute(code=AttributeCode("parts"), type="pim_catalog_table", extra={"table_configuration": columns})
    >>> [column.code for column in table_columns(parts)]
    ['part', 'count']
    """
    configured = attribute.extra.get("table_configuration")
    columns: list[TableColumn] = []
    # the cast: what is in `extra` came as JSON, and is looked at one by one
    for raw in cast("Sequence[JsonValue]", configured) if isinstance(configured, list | tuple) else ():
        column = as_object(raw, "table_configuration[]")
        columns.append(TableColumn(as_text(column.get("code")), as_text(column.get("data_type"))))
    if not columns:
        raise ValueError(f"attribute {attribute.code!r} is no table: the PIM tells no columns of it")
    return tuple(columns)


def encode_rows(rows: Sequence[Mapping[str, TableCell]], attribute: Attribute) -> list[JsonValue]:
    """Return rows as the PIM takes them; raises `ValueError` naming the column, what it needs and what was given.

    Source: Akeneo's documentation of product values: 100 rows, each with its first cell, and that one unique.

    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> columns = [{"code": "part", "data_type": "select"}, {"code": "count", "data_type": "number"}]
    >>> parts = Attribute(code=AttributeCode("parts"), type="pim_catalog_table", extra={"table_configuration": columns})
    >>> encode_rows([{"part": "chuck", "count": 2}], parts)
    [{'part': 'chuck', 'count': '2'}]
    """
    columns = table_columns(attribute)
    if len(rows) > _LARGEST:
        raise ValueError(f"attribute {attribute.code!r}: a table has at most {_LARGEST} rows, seen {len(rows)}")
    types = {column.code: column.data_type for column in columns}
    first = columns[0].code
    seen: set[str] = set()
    written: list[JsonValue] = []
    for row in rows:
        unknown = sorted(set(row) - set(types))
        if unknown:
            listed = ", ".join(types)
            raise ValueError(f"attribute {attribute.code!r}: no column {', '.join(unknown)} (there are {listed})")
        key = row.get(first)
        if not isinstance(key, str) or not key:
            raise ValueError(f"attribute {attribute.code!r}: a row without its first cell {first!r}")
        if key.lower() in seen:
            raise ValueError(f"attribute {attribute.code!r}: two rows of {first!r} {key!r}; join them into one")
        seen.add(key.lower())
        cells: dict[str, JsonValue] = {code: _cell(row[code], types[code], code) for code in types if code in row}
        written.append(cells)
    return written


def _cell(value: TableCell, data_type: str, code: str) -> JsonValue:
    if data_type == "measurement":
        if isinstance(value, Metric):
            return {"amount": decimal_text(value.amount), "unit": value.unit}
        raise ValueError(f"column {code!r} needs a Metric(amount, unit), got {describe(value)}")
    if data_type == "boolean":
        if isinstance(value, bool):
            return value
        raise ValueError(f"column {code!r} needs True or False, got {describe(value)}")
    if data_type == "number":
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return decimal_text(Decimal(value))
        raise ValueError(f"column {code!r} needs an int or a Decimal, got {describe(value)}")
    if data_type == "date" and isinstance(value, datetime.date):
        return day_text(value)
    if isinstance(value, str):
        return value
    raise ValueError(f"column {code!r} ({data_type}) needs a text, got {describe(value)}")


def canonical_rows(data: JsonValue, attribute: Attribute) -> JsonValue:
    """Return a table in one form: sorted by the first cell, numbers without superfluous zeros, codes in lower case.

    The order of rows has no meaning of its own: a row is named by its first cell. Never write this form.
    Raises `ValueError` for what is no table.

    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> columns = [{"code": "part", "data_type": "select"}, {"code": "count", "data_type": "number"}]
    >>> parts = Attribute(code=AttributeCode("parts"), type="pim_catalog_table", extra={"table_configuration": columns})
    >>> canonical_rows([{"part": "Chuck", "count": "2.0"}, {"part": "bit", "count": "6"}], parts)
    [{'part': 'bit', 'count': '6'}, {'part': 'chuck', 'count': '2'}]
    """
    if data is None:
        return None
    columns = table_columns(attribute)
    types = {column.code: column.data_type for column in columns}
    first = columns[0].code
    rows = {
        str(row.get(first)).lower(): row
        for row in (_same_row(as_object(row, "data[]"), types) for row in as_list(data, "data"))
    }
    return [rows[key] for key in sorted(rows)] or None


def _same_row(row: JsonObject, types: Mapping[str, str]) -> dict[str, JsonValue]:
    return {code: _same_cell(value, types.get(code, "text")) for code, value in row.items() if value is not None}


def _same_cell(value: JsonValue, data_type: str) -> JsonValue:
    if data_type in _CODES and isinstance(value, str):
        return value.lower()
    if data_type == "number":
        return _same_number(value)
    if data_type == "measurement":
        parts = as_object(value, "data[]")
        return {"amount": _same_number(parts.get("amount")), "unit": as_text(parts.get("unit")).lower()}
    return value


def _same_number(value: JsonValue) -> str:
    number = as_decimal(value, "data[]")
    text = decimal_text(number)
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return text if number else "0"
