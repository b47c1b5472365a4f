"""The columns of a table attribute: which there may be, and what may be said of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, maybe_text, text, whole
from akeneo_erp_bridge.testing.pim._numbers import decimal_of
from akeneo_erp_bridge.testing.pim._refusal import Violation, structure
from akeneo_erp_bridge.testing.pim._tables import LONGEST_TEXT, columns_of
from akeneo_erp_bridge.testing.pim._world import World

PROPERTY: Final = "table_configuration"
FEWEST_COLUMNS, MOST_COLUMNS, MOST_TABLES = 2, 10, 50
CODE: Final = re.compile(r"[a-zA-Z0-9_]{1,100}")
RESERVED: Final = frozenset({"product", "product_model", "attribute"})
DATA_TYPES: Final = (
    "select", "text", "number", "boolean", "incremental_number", "reference_entity", "product_link", "measurement",
    "date",
)  # fmt: skip
FIRST_TYPES: Final = ("select", "reference_entity")
VALIDATIONS: Final = {"text": ("max_length",), "number": ("min", "max", "decimals_allowed")}
FIELDS: Final = frozenset(
    {
        "code", "data_type", "labels", "validations", "is_required_for_completeness", "options",
        "reference_entity_identifier", "measurement_family_code", "measurement_default_unit_code",
    }
)  # fmt: skip


class ColumnRules:
    """Checks the columns of table attributes, and completes them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def check(self, new: JsonObject, old: JsonObject | None) -> list[Violation]:
        """The broken rules of the table's columns."""
        columns = _objects(new.get(PROPERTY))
        if not columns:
            return [_broken("The table configuration is required.")]
        new[PROPERTY] = list[JsonValue](columns)
        found = [*_table(columns), *(self._room() if old is None else _against(columns, columns_of(old)))]
        for number, column in enumerate(columns):
            found += [_broken(message, number) for message in self._column(column)]
        if not found:
            _complete(columns, columns_of(old or {}))
        return found

    def _room(self) -> Iterator[Violation]:
        tables = [one for one in self._world.tables["attribute"].values() if one.get(PROPERTY)]
        if len(tables) >= MOST_TABLES:
            yield _broken(f"The maximum number of table attributes is reached ({MOST_TABLES}).")

    def _column(self, column: JsonObject) -> Iterator[str]:
        code, kind = text(column, "code"), text(column, "data_type")
        if not CODE.fullmatch(code):
            yield "A column code has 1 to 100 letters, numbers and underscores."
        if code.lower() in RESERVED:
            yield f'The column code "{code}" is not available.'
        if kind not in DATA_TYPES:
            yield f'The data type "{kind}" is unknown, it is one of "{", ".join(DATA_TYPES)}".'
        for name in column:
            if name not in FIELDS:
                yield f'A column has no property "{name}".'
        yield from _validations(kind, child(column, "validations"))
        yield from _options(kind, column.get("options"))
        yield from self._referred(kind, column)

    def _referred(self, kind: str, column: JsonObject) -> Iterator[str]:
        entity = maybe_text(column, "reference_entity_identifier")
        if (entity is not None) is not (kind == "reference_entity"):
            yield '"reference_entity_identifier" belongs to a "reference_entity" column, which needs it.'
        elif entity is not None and self._world.table("reference_entity").get(f"\x00{entity}") is None:
            yield f'The reference entity "{entity}" does not exist.'
        family = maybe_text(column, "measurement_family_code")
        unit = maybe_text(column, "measurement_default_unit_code")
        if kind != "measurement":
            if family is not None or unit is not None:
                yield f'A "{kind}" column has no measurement family and no unit.'
        elif unit not in child(self._world.find("measurement_family", family or "") or {}, "units"):
            yield 'A "measurement" column needs a "measurement_family_code" and one of its units as default.'


def _objects(value: JsonValue) -> list[JsonObject]:
    found = [dict(one) for one in children(value)]
    if isinstance(value, list) and len(found) != len(value):
        raise structure(f'Property "{PROPERTY}" expects an array of objects as data.')
    return found


def _table(columns: list[JsonObject]) -> Iterator[Violation]:
    if len(columns) < FEWEST_COLUMNS:
        yield _broken(f"The table attribute must contain at least {FEWEST_COLUMNS} columns.")
    if len(columns) > MOST_COLUMNS:
        yield _broken(f"The table attribute has {len(columns)} columns, at most {MOST_COLUMNS} are allowed.")
    for code, count in Counter(text(one, "code").lower() for one in columns).items():
        if count > 1:
            yield _broken(f'Each column requires a unique code, "{code}" is used {count} times.')
    if text(columns[0], "data_type") not in FIRST_TYPES:
        yield _broken(f'The first column is one of "{", ".join(FIRST_TYPES)}".')


def _against(columns: list[JsonObject], before: dict[str, JsonObject]) -> Iterator[Violation]:
    """What may not change: the first column, and the type of each."""
    if text(columns[0], "code").lower() != next(iter(before), None):
        yield _broken("The first column cannot be replaced.")
    for column in columns:
        known = before.get(text(column, "code").lower())
        if known is not None and text(known, "data_type") != text(column, "data_type"):
            yield _broken(f'The data type of the "{text(column, "code")}" column cannot be changed.')


def _validations(kind: str, rules: JsonObject) -> Iterator[str]:
    allowed = VALIDATIONS.get(kind, ())
    for name, rule in rules.items():
        if name not in allowed:
            yield f'The validation "{name}" does not work on a "{kind}" column.'
        elif name == "decimals_allowed":
            if not isinstance(rule, bool):
                yield f'The validation "{name}" is a boolean.'
        elif rule is not None and decimal_of(rule) is None:
            yield f'The validation "{name}" is a number.'
    if not 0 < whole(rules, "max_length", 1) <= LONGEST_TEXT:
        yield f"The maximum number of characters is between 1 and {LONGEST_TEXT}."
    lowest, highest = decimal_of(rules.get("min")), decimal_of(rules.get("max"))
    if lowest is not None and highest is not None and lowest > highest:
        yield "The maximum value should be greater than the minimum value."


def _options(kind: str, options: JsonValue) -> Iterator[str]:
    if options is None:
        return
    if kind != "select":
        yield f'A "{kind}" column has no options.'
    if not isinstance(options, list) or not all(
        isinstance(one, dict) and CODE.fullmatch(text(one, "code")) for one in options
    ):
        yield "Options are objects with a code of letters, numbers and underscores."


def _complete(columns: list[JsonObject], before: dict[str, JsonObject]) -> None:
    for column in columns:
        column.setdefault("labels", {})
        column.setdefault("validations", {})
        column.setdefault("is_required_for_completeness", False)
        if text(column, "data_type") == "select":
            # who does not speak of the options leaves them as they are
            column.setdefault("options", before.get(text(column, "code").lower(), {}).get("options", []))
    columns[0]["is_required_for_completeness"] = True


def _broken(message: str, number: int | None = None) -> Violation:
    return Violation(PROPERTY if number is None else f"{PROPERTY}[{number}]", message)
