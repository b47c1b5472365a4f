"""The rows of a table attribute: what each column takes, and what the table takes as a whole."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from akeneo_erp_bridge.testing.pim._json import (
    JsonObject,
    JsonValue,
    child,
    children,
    flag,
    kind_name,
    text,
    whole,
)
from akeneo_erp_bridge.testing.pim._numbers import NUMERIC, decimal_of
from akeneo_erp_bridge.testing.pim._refusal import Complaint, structure
from akeneo_erp_bridge.testing.pim._world import Attribute, World

MOST_ROWS = 100
LONGEST_TEXT = 100


class TableReader:
    """Reads the data of a table value against the columns of its attribute."""

    def __init__(self, world: World) -> None:
        self._world = world
        # cells of other types (dates, links, running numbers) are kept as they are
        self._types: dict[str, Callable[[JsonObject, JsonValue], JsonValue]] = {
            "select": self._option,
            "reference_entity": self._record,
            "text": _text,
            "number": _number,
            "boolean": _boolean,
            "measurement": self._measurement,
        }

    def read(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        """The rows as they are stored: cells by the columns' own codes, empty ones left out."""
        rows = children(data)
        if not isinstance(data, list) or len(rows) != len(data):
            raise structure(f'Property "{attribute.code}" expects an array of objects as data.')
        if len(rows) > MOST_ROWS:
            raise Complaint(f"The {attribute.code} table has {len(rows)} rows, at most {MOST_ROWS} are allowed.")
        columns = columns_of(attribute.settings)
        read = [self._row(columns, row) for row in rows]
        _check_first(next(iter(columns.values())), read)
        return list[JsonValue](read)

    def _row(self, columns: dict[str, JsonObject], row: JsonObject) -> JsonObject:
        found: JsonObject = {}
        for name, cell in row.items():
            column = columns.get(name.lower())
            if column is None:
                raise Complaint(f'The "{name}" column does not exist.')
            if cell is None or cell == "":
                continue
            read = self._types.get(text(column, "data_type"))
            found[text(column, "code")] = cell if read is None else read(column, cell)
        return found

    def _option(self, column: JsonObject, cell: JsonValue) -> JsonValue:
        if not isinstance(cell, str):
            raise _wrong_cell(column, "string", cell)
        for option in children(column.get("options")):
            if text(option, "code").lower() == cell.lower():
                return text(option, "code")
        raise Complaint(f'The "{cell}" option does not exist in the "{text(column, "code")}" column.')

    def _record(self, column: JsonObject, cell: JsonValue) -> JsonValue:
        if not isinstance(cell, str):
            raise _wrong_cell(column, "string", cell)
        owner = text(column, "reference_entity_identifier")
        found = self._world.table("record").get(f"{owner}\x00{cell}")
        if found is None:
            raise Complaint(f'The record "{cell}" of "{owner}" does not exist.')
        return text(found, "code")

    def _measurement(self, column: JsonObject, cell: JsonValue) -> JsonValue:
        if not isinstance(cell, dict) or set(cell) != {"amount", "unit"}:
            raise _wrong_cell(column, 'measurement of "amount" and "unit"', cell)
        amount, wanted = cell["amount"], cell["unit"]
        if decimal_of(amount) is None:
            raise _wrong_cell(column, "number as amount", amount)
        family = self._world.find("measurement_family", text(column, "measurement_family_code")) or {}
        units = {code.lower(): code for code in child(family, "units")}
        unit = units.get(wanted.lower()) if isinstance(wanted, str) else None
        if unit is None:
            raise Complaint(f'The "{text(column, "code")}" column does not know the unit "{wanted}".')
        return {"amount": str(amount), "unit": unit}


def columns_of(attribute: JsonObject) -> dict[str, JsonObject]:
    """The columns of a table attribute by their codes in lower case, the first one first."""
    return {text(one, "code").lower(): one for one in children(attribute.get("table_configuration"))}


def _check_first(column: JsonObject, rows: list[JsonObject]) -> None:
    """The first column stands for the row: filled, and never twice the same."""
    code = text(column, "code")
    seen: set[str] = set()
    for row in rows:
        cell = row.get(code)
        if not isinstance(cell, str):
            raise Complaint(f'The "{code}" column is mandatory.')
        if cell in seen:
            raise Complaint(f'The "{code}" column holds "{cell}" twice.')
        seen.add(cell)


def _text(column: JsonObject, cell: JsonValue) -> JsonValue:
    if not isinstance(cell, str):
        raise _wrong_cell(column, "string", cell)
    longest = whole(child(column, "validations"), "max_length", LONGEST_TEXT)
    if len(cell) > longest:
        raise Complaint(f'The "{text(column, "code")}" column takes {longest} characters, {len(cell)} given.')
    return cell


def _number(column: JsonObject, cell: JsonValue) -> JsonValue:
    # the documentation shows numbers of tables as texts, whether they have decimals or not
    if not isinstance(cell, str) or not NUMERIC.fullmatch(cell):
        raise _wrong_cell(column, "number as a string", cell)
    code, amount, rules = text(column, "code"), Decimal(cell), child(column, "validations")
    if not flag(rules, "decimals_allowed") and amount != amount.to_integral_value():
        raise Complaint(f'The "{code}" column takes no decimals, "{cell}" given.')
    lowest, highest = decimal_of(rules.get("min")), decimal_of(rules.get("max"))
    if lowest is not None and amount < lowest:
        raise Complaint(f'The "{code}" column takes {lowest} or more, "{cell}" given.')
    if highest is not None and amount > highest:
        raise Complaint(f'The "{code}" column takes {highest} or less, "{cell}" given.')
    return cell


def _boolean(column: JsonObject, cell: JsonValue) -> JsonValue:
    if not isinstance(cell, bool):
        raise _wrong_cell(column, "boolean", cell)
    return cell


def _wrong_cell(column: JsonObject, expected: str, given: JsonValue) -> Complaint:
    shown = given if isinstance(given, str) else kind_name(given)
    return Complaint(f'The "{text(column, "code")}" column expects a {expected}, "{shown}" given.')
