"""Filters on the values of an attribute, by its type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from akeneo_erp_bridge.testing.pim._filters import unsupported
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, maybe_text, text, texts
from akeneo_erp_bridge.testing.pim._refusal import Refusal
from akeneo_erp_bridge.testing.pim._values import read_day
from akeneo_erp_bridge.testing.pim._world import Attribute, World

Holds = Callable[[JsonObject], bool]
Matches = Callable[[JsonValue], bool]

_EMPTY: Final = ("EMPTY", "NOT EMPTY")
_TEXT: Final = ("STARTS WITH", "CONTAINS", "DOES NOT CONTAIN", "=", "!=", *_EMPTY)
_LIST: Final = ("IN", "NOT IN", *_EMPTY)
_AMOUNT: Final = ("<", "<=", "=", "!=", ">=", ">", *_EMPTY)
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "pim_catalog_identifier": (*_TEXT, "IN", "NOT IN"),
    "pim_catalog_text": (*_TEXT, "IN", "NOT IN"),
    "pim_catalog_textarea": (*_TEXT, "IN", "NOT IN"),
    "pim_catalog_number": _AMOUNT,
    "pim_catalog_metric": _AMOUNT,
    "pim_catalog_price_collection": _AMOUNT,
    "pim_catalog_simpleselect": _LIST,
    "pim_catalog_multiselect": _LIST,
    "pim_catalog_boolean": ("=", "!=", *_EMPTY),
    "pim_catalog_date": ("<", "=", "!=", ">", "BETWEEN", "NOT BETWEEN", *_EMPTY),
    "pim_catalog_image": _TEXT,
    "pim_catalog_file": _TEXT,
    "akeneo_reference_entity": _LIST,
    "akeneo_reference_entity_collection": _LIST,
    "pim_catalog_asset_collection": _LIST,
}
MOST_IDENTIFIERS = 100


def value_condition(world: World, attribute: Attribute, condition: JsonObject, defaults: JsonObject) -> Holds:
    """A predicate over an entry's values; refuses what the type does not offer."""
    operator = text(condition, "operator")
    if operator not in OPERATORS.get(attribute.type, ()):
        raise unsupported(attribute.code, condition["operator"])
    locale = _place(attribute, "locale", condition, defaults, expected=attribute.localizable)
    scope = _place(attribute, "scope", condition, defaults, expected=attribute.scopable)
    if scope is not None and world.find("channel", scope) is None:
        raise Refusal(422, f'Attribute "{attribute.code}" expects an existing scope, "{scope}" given.')
    if locale is not None and locale not in world.active_locales():
        raise Refusal(422, f'Attribute "{attribute.code}" expects an existing and activated locale, "{locale}" given.')
    matches = _matcher(world, attribute, operator, condition.get("value"))

    def holds(values: JsonObject) -> bool:
        found: JsonValue = None
        for one in children(values.get(attribute.code)):
            if (scope is None or one["scope"] == scope) and (locale is None or one["locale"] == locale):
                found = one["data"]
        return matches(found)

    return holds


def _place(
    attribute: Attribute, name: str, condition: JsonObject, defaults: JsonObject, *, expected: bool
) -> str | None:
    given = maybe_text(condition, name)
    if not expected:
        if given is not None:
            raise Refusal(422, f'Attribute "{attribute.code}" does not expect a {name}, "{given}" given.')
        return None
    given = given if given is not None else maybe_text(defaults, name)
    if given is None:
        raise Refusal(422, f'Attribute "{attribute.code}" expects a {name}, none given.')
    return given


def _matcher(world: World, attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    if operator == "EMPTY":
        return lambda data: data is None
    if operator == "NOT EMPTY":
        return lambda data: data is not None
    match attribute.type:
        case "pim_catalog_number":
            return _compare(operator, _number(attribute, value), _plain_number)
        case "pim_catalog_metric":
            return _metric(world, attribute, operator, value)
        case "pim_catalog_price_collection":
            return _price(attribute, operator, value)
        case "pim_catalog_boolean":
            return _boolean(attribute, operator, value)
        case "pim_catalog_date":
            return _date(attribute, operator, value)
        case _:
            return (
                _list(world, attribute, operator, value)
                if operator in ("IN", "NOT IN")
                else _text(attribute, operator, value)
            )


def _wrong(attribute: Attribute, expected: str) -> Refusal:
    return Refusal(422, f'Property "{attribute.code}" expects {expected} as data, checked by the filter.')


def _text(attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    if not isinstance(value, str):
        raise _wrong(attribute, "a string")
    wanted = value.lower()

    def of(data: JsonValue) -> str | None:
        return data.lower() if isinstance(data, str) else None

    match operator:
        case "STARTS WITH":
            return lambda data: (found := of(data)) is not None and found.startswith(wanted)
        case "CONTAINS":
            return lambda data: (found := of(data)) is not None and wanted in found
        case "DOES NOT CONTAIN":
            return lambda data: (found := of(data)) is not None and wanted not in found
        case "=":
            return lambda data: of(data) == wanted
        case _:
            return lambda data: data is not None and of(data) != wanted


def _list(world: World, attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    if not isinstance(value, list):
        raise _wrong(attribute, "an array")
    codes = texts(value)
    if attribute.type == "pim_catalog_identifier" and len(codes) > MOST_IDENTIFIERS:
        raise Refusal(422, f"Filter on the identifier accepts {MOST_IDENTIFIERS} values at most.")
    if attribute.type in ("pim_catalog_simpleselect", "pim_catalog_multiselect"):
        for code in codes:
            if world.find("option", f"{attribute.code}\x00{code}") is None:
                raise Refusal(422, f'Object "{attribute.code}" with code "{code}" does not exist.')
    wanted = {code.lower() for code in codes}

    def overlaps(data: JsonValue) -> bool:
        own = texts(data) if isinstance(data, list) else texts([data])
        return not wanted.isdisjoint(code.lower() for code in own)

    return overlaps if operator == "IN" else (lambda data: data is not None and not overlaps(data))


def _boolean(attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    if not isinstance(value, bool):
        raise _wrong(attribute, "a boolean")
    return (lambda data: data is value) if operator == "=" else (lambda data: data is not None and data is not value)


def _date(attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    given = texts(value) if isinstance(value, list) else texts([value])
    days = [day.isoformat() for one in given if len(one) == 10 and (day := read_day(one))]
    if len(days) != (2 if "BETWEEN" in operator else 1):
        raise _wrong(attribute, 'a string with the format "yyyy-mm-dd"')
    first, last = days[0], days[-1]

    def holds(data: JsonValue) -> bool:
        if not isinstance(data, str):
            return False
        day = data[:10]
        match operator:
            case "<":
                return day < first
            case ">":
                return day > first
            case "=" | "BETWEEN":
                return first <= day <= last
            case _:
                return not first <= day <= last

    return holds


def _number(attribute: Attribute, value: JsonValue) -> Decimal:
    found = _plain_number(value)
    if found is None:
        raise _wrong(attribute, "a numeric")
    return found


def _plain_number(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return Decimal(repr(value) if isinstance(value, float) else str(value))
    except InvalidOperation:
        return None


def _compare(operator: str, edge: Decimal, read: Callable[[JsonValue], Decimal | None]) -> Matches:
    def holds(data: JsonValue) -> bool:
        found = read(data)
        if found is None:
            return False
        match operator:
            case "<":
                return found < edge
            case "<=":
                return found <= edge
            case ">":
                return found > edge
            case ">=":
                return found >= edge
            case "=":
                return found == edge
            case _:
                return found != edge

    return holds


def _metric(world: World, attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    if not isinstance(value, dict) or "amount" not in value or "unit" not in value:
        raise _wrong(attribute, 'an array with the keys "amount" and "unit"')
    family = world.find("measurement_family", text(attribute.settings, "metric_family")) or {}
    units = child(family, "units")

    def standard(data: JsonValue) -> Decimal | None:
        if not isinstance(data, dict):
            return None
        amount = _plain_number(data.get("amount"))
        return None if amount is None else to_standard(amount, child(units, text(data, "unit")))

    if text(value, "unit") not in units:
        raise Refusal(422, f'Property "{attribute.code}" expects a valid unit, "{value["unit"]}" given.')
    edge = standard(value)
    if edge is None:
        raise _wrong(attribute, "a numeric amount")
    return _compare(operator, edge, standard)


def to_standard(amount: Decimal, unit: JsonObject) -> Decimal:
    """Convert by the unit's operations, in their order."""
    for one in children(unit.get("convert_from_standard")):
        value = Decimal(text(one, "value"))
        match text(one, "operator"):
            case "mul":
                amount *= value
            case "div":
                amount /= value
            case "add":
                amount += value
            case _:
                amount -= value
    return amount


def _price(attribute: Attribute, operator: str, value: JsonValue) -> Matches:
    if not isinstance(value, dict) or "amount" not in value or "currency" not in value:
        raise _wrong(attribute, 'an array with the keys "amount" and "currency"')
    currency = text(value, "currency")

    def amount(data: JsonValue) -> Decimal | None:
        return next((_plain_number(one["amount"]) for one in children(data) if one["currency"] == currency), None)

    return _compare(operator, _number(attribute, value["amount"]), amount)
