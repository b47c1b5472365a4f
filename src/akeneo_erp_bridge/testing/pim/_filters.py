"""`search`: filters of products and models, as predicates over stored entries."""

from __future__ import annotations

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, loads
from akeneo_erp_bridge.testing.pim._refusal import Refusal


def conditions_of(text: str | None) -> dict[str, list[JsonObject]]:
    """The parameter `search` as conditions by property; refuses a broken one."""
    if text is None or text == "":
        return {}
    try:
        value = loads(text)
    except ValueError:
        raise Refusal(400, "Search query parameter should be valid JSON.") from None
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise Refusal(400, "Search query parameter should be valid JSON.")
    return {name: _conditions(name, conditions) for name, conditions in value.items()}


def _conditions(name: str, conditions: JsonValue) -> list[JsonObject]:
    found: list[JsonObject] = []
    for one in conditions if isinstance(conditions, list) else [None]:
        if not isinstance(one, dict):
            raise _shape(name)
        if "operator" not in one:
            raise Refusal(422, f'Operator is missing for the property "{name}".')
        found.append(one)
    return found


def _shape(name: str) -> Refusal:
    return Refusal(
        422,
        f'Structure of filter "{name}" should respect this structure:'
        f' {{"{name}":[{{"operator": "my_operator", "value": "my_value"}}]}}.',
    )


def unsupported(name: str, operator: JsonValue) -> Refusal:
    """The operator is not one of this property's."""
    return Refusal(422, f'Filter on property "{name}" is not supported or does not support operator "{operator}"')
