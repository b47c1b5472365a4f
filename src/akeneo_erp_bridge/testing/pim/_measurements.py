"""Measurement families: their own shape, their own batch form, their own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, text
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, unknown_property
from akeneo_erp_bridge.testing.pim._world import World

FIELDS = ("code", "labels", "standard_unit_code", "units")
UNIT_FIELDS = ("code", "labels", "convert_from_standard", "symbol")
OPERATORS = ("mul", "div", "add", "sub")
MOST_FAMILIES = 100
MOST_UNITS = 50
MOST_OPERATIONS = 5
BROKEN = "The measurement family has data that does not comply with the business rules."
SHAPE = "The measurement family has an invalid format."


class Measurements:
    """Reads and writes measurement families."""

    def __init__(self, world: World) -> None:
        self._world = world

    def all(self) -> list[JsonValue]:
        """Every family, as the API shows them: a bare array."""
        return [{name: one[name] for name in FIELDS} for one in self._world.tables["measurement_family"].values()]

    def upsert(self, code: str, body: JsonObject) -> bool:
        """Create a family or merge into one; tells whether it was created."""
        table = self._world.tables["measurement_family"]
        old = table.get(code)
        new = self._merge(code, body, old)
        violations = [*self._check(new, old)]
        if old is None and len(table) >= MOST_FAMILIES:
            violations.append(Violation("", f"You've reached the limit of {MOST_FAMILIES} measurement families."))
        if violations:
            raise Refusal(422, BROKEN, violations=violations)
        if new != old:
            table.put(code, new)
        return old is None

    def _merge(self, code: str, body: JsonObject, old: JsonObject | None) -> JsonObject:
        for name in body:
            if name not in FIELDS:
                raise unknown_property(name)
        for name, kind in (("labels", dict), ("units", dict), ("standard_unit_code", str)):
            if name in body and not isinstance(body[name], kind) and body[name] != []:
                raise Refusal(422, SHAPE, violations=[Violation(name, "The property has the wrong type.")])
        known = old or {"code": code, "labels": {}, "standard_unit_code": "", "units": {}}
        units = dict(child(known, "units"))
        for unit, sent in child(body, "units").items():
            if not isinstance(sent, dict) or any(name not in UNIT_FIELDS for name in sent):
                raise Refusal(422, SHAPE, violations=[Violation(f"units[{unit}]", "The unit has the wrong shape.")])
            before = child(units, unit)
            labels = _labels({**child(before, "labels"), **child(sent, "labels")})
            blank: JsonObject = {"code": unit, "labels": {}, "convert_from_standard": [], "symbol": ""}
            units[unit] = {**blank, **before, **sent, "labels": labels}
        return {
            "code": text(known, "code"),
            "labels": _labels({**child(known, "labels"), **child(body, "labels")}),
            "standard_unit_code": text(body, "standard_unit_code") or text(known, "standard_unit_code"),
            "units": units,
        }

    def _check(self, new: JsonObject, old: JsonObject | None) -> Iterator[Violation]:
        code, standard, units = text(new, "code"), text(new, "standard_unit_code"), child(new, "units")
        if not re.fullmatch(r"[a-zA-Z0-9_]+", code):
            yield Violation("code", "This field can only contain letters, numbers, and underscores.")
        if old is not None and old["standard_unit_code"] != standard:
            yield Violation(
                "standard_unit_code",
                f'The standard unit code of the "{code}" measurement family cannot be changed',
            )
        elif standard not in units:
            yield Violation("standard_unit_code", f'The "{standard}" standard unit code does not exist in the units.')
        elif children(child(units, standard)["convert_from_standard"]) != [{"operator": "mul", "value": "1"}]:
            yield Violation("units", f'The standard unit "{standard}" can only be multiplied by 1.')
        if len(units) > MOST_UNITS:
            yield Violation("units", f"You've reached the limit of {MOST_UNITS} conversion operations per family.")
        for unit in units:
            yield from _check_unit(unit, child(units, unit))


def _check_unit(unit: str, settings: JsonObject) -> Iterator[Violation]:
    place = f"units[{unit}]"
    if settings.get("code") != unit:
        yield Violation(f"{place}[code]", "The unit code must match its key.")
    operations = children(settings.get("convert_from_standard"))
    if not 1 <= len(operations) <= MOST_OPERATIONS:
        yield Violation(f"{place}[convert_from_standard]", f"There should be 1 to {MOST_OPERATIONS} operations.")
    for one in operations:
        value = one.get("value")
        numeric = isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)
        if one.get("operator") not in OPERATORS or not numeric:
            yield Violation(f"{place}[convert_from_standard]", "An operation needs an operator and a numeric text.")


def _labels(labels: JsonObject) -> JsonObject:
    return {locale: label for locale, label in labels.items() if label}
