"""Which records and assets a list shows, and which of their values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from akeneo_erp_bridge.testing.pim._filters import conditions_of, unsupported
from akeneo_erp_bridge.testing.pim._http import Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, maybe_text, text, texts
from akeneo_erp_bridge.testing.pim._refusal import Refusal

Keep = Callable[[JsonObject], bool]


def keep(request: Request) -> Keep:
    """What `search` asks for: `code` and `updated`."""
    keeps = [
        _one(name, condition)
        for name, conditions in conditions_of(request.argument("search")).items()
        for condition in conditions
    ]
    return lambda thing: all(one(thing) for one in keeps)


def _one(name: str, condition: JsonObject) -> Keep:
    operator, value = condition["operator"], condition.get("value")
    if name == "code" and operator == "IN":
        wanted = {code.lower() for code in texts(value)}
        return lambda thing: text(thing, "code").lower() in wanted
    if name == "updated" and operator in (">", "<"):
        edge = _moment(value)
        if operator == ">":
            return lambda thing: _updated(thing) > edge
        return lambda thing: _updated(thing) < edge
    if name == "updated" and operator in ("BETWEEN", "NOT BETWEEN"):
        edges = [_moment(one) for one in value] if isinstance(value, list) and len(value) == 2 else []
        if not edges:
            raise Refusal(422, 'Property "updated" expects an array with two dates.')
        inside = operator == "BETWEEN"
        return lambda thing: (edges[0] <= _updated(thing) <= edges[1]) is inside
    raise unsupported(name, operator)


def _updated(thing: JsonObject) -> datetime:
    return datetime.fromisoformat(text(thing, "updated"))


def _moment(value: JsonValue) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refusal(422, f'Property "updated" expects an ISO-8601 date with a zone, "{value}" given.')
    return found


def trimmed(request: Request, thing: JsonObject) -> JsonObject:
    """The thing with the values of one channel and some locales, where the caller asks for those."""
    channel, locales = request.argument("channel"), request.argument("locales")
    if channel is None and locales is None:
        return thing
    wanted = {one.strip() for one in locales.split(",")} if locales is not None else None
    values: JsonObject = {}
    for code, entries in child(thing, "values").items():
        found: list[JsonValue] = [
            one
            for one in children(entries)
            if (channel is None or maybe_text(one, "channel") in (None, channel))
            and (wanted is None or maybe_text(one, "locale") is None or maybe_text(one, "locale") in wanted)
        ]
        if found:
            values[code] = found
    return {**thing, "values": values}
