"""Filters of products and models on what is not an attribute value, and how all conditions come together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from akeneo_erp_bridge.testing.pim._conditions import value_condition
from akeneo_erp_bridge.testing.pim._draft import inherited_categories
from akeneo_erp_bridge.testing.pim._filters import unsupported
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, maybe_text, text, texts, whole
from akeneo_erp_bridge.testing.pim._refusal import Refusal
from akeneo_erp_bridge.testing.pim._views import completenesses, merged_values
from akeneo_erp_bridge.testing.pim._world import Entry, World

Holds = Callable[[Entry], bool]

_IN: Final = ("IN", "NOT IN")
_EMPTY: Final = ("EMPTY", "NOT EMPTY")
_DATES: Final = ("=", "!=", "<", ">", "BETWEEN", "NOT BETWEEN", "SINCE LAST N DAYS")
_TREE: Final = (*_IN, "IN OR UNCLASSIFIED", "IN CHILDREN", "NOT IN CHILDREN", "UNCLASSIFIED")
_RATIO: Final = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "=": "=",
    "!=": "!=",
    "GREATER THAN": ">",
    "GREATER OR EQUALS THAN": ">=",
    "LOWER THAN": "<",
    "LOWER OR EQUALS THAN": "<=",
}
_ON_ALL = " ON ALL LOCALES"
OF_PRODUCTS: Final[dict[str, tuple[str, ...]]] = {
    "uuid": _IN,
    "categories": _TREE,
    "enabled": ("=", "!="),
    "family": (*_IN, *_EMPTY),
    "groups": (*_IN, *_EMPTY),
    "created": _DATES,
    "updated": _DATES,
    "parent": ("=", "IN", *_EMPTY),
    "completeness": (*_RATIO, *(name + _ON_ALL for name in _RATIO if " " in name)),
}
OF_MODELS: Final[dict[str, tuple[str, ...]]] = {
    "identifier": _IN,
    "categories": _TREE,
    "family": (*_IN, *_EMPTY),
    "created": _DATES,
    "updated": _DATES,
    "parent": ("IN", *_EMPTY),
}


class Predicates:
    """Turns conditions into one predicate over entries."""

    def __init__(self, world: World) -> None:
        self._world = world

    def of(
        self, conditions: dict[str, list[JsonObject]], arguments: dict[str, str], scope: str | None, *, models: bool
    ) -> Holds:
        """All conditions, joined by AND; with a *scope* also the channel's category tree."""
        defaults: JsonObject = {"locale": arguments.get("search_locale"), "scope": arguments.get("search_scope")}
        heads: list[Holds] = []
        values: list[Callable[[JsonObject], bool]] = []
        offered = OF_MODELS if models else OF_PRODUCTS
        for name, alternatives in conditions.items():
            for condition in alternatives:
                operator = condition["operator"]
                if name in offered:
                    if operator not in offered[name]:
                        raise unsupported(name, operator)
                    heads.append(self._head(name, text(condition, "operator"), condition, models=models))
                    continue
                attribute = self._world.attribute(name)
                if attribute is None:
                    raise unsupported(name, operator)
                values.append(value_condition(self._world, attribute, condition, defaults))
        if scope is not None:
            heads.append(self._in_tree(scope))

        def holds(entry: Entry) -> bool:
            if not all(head(entry) for head in heads):
                return False
            if not values:
                return True
            own = merged_values(self._world, entry)
            return all(one(own) for one in values)

        return holds

    def _in_tree(self, scope: str) -> Holds:
        channel = self._world.find("channel", scope) or {}
        tree = self._world.with_descendants([text(channel, "category_tree")])
        return lambda entry: not tree.isdisjoint(self._categories(entry))

    def _categories(self, entry: Entry) -> set[str]:
        above = inherited_categories(self._world.ancestors(entry)) if entry.parent is not None else []
        return {code.lower() for code in (*entry.categories, *above)}

    def _head(self, name: str, operator: str, condition: JsonObject, *, models: bool) -> Holds:
        value = condition.get("value")
        match name:
            case "uuid" | "identifier":
                return _listed(operator, _codes(name, value), lambda entry: entry.key)
            case "categories":
                return self._category(operator, value)
            case "enabled":
                return _enabled(operator, value)
            case "family":
                return self._family(operator, value)
            case "groups":
                return _grouped(operator, value)
            case "parent":
                return self._parent(operator, value)
            case "completeness":
                return self._completeness(operator, condition)
            case _:
                return self._date(name, operator, value, models=models)

    def _category(self, operator: str, value: JsonValue) -> Holds:
        if operator == "UNCLASSIFIED":
            return lambda entry: not self._categories(entry)
        codes = _codes("categories", value)
        for code in codes:
            if self._world.find("category", code) is None:
                raise Refusal(422, f'Category "{code}" does not exist.')
        wanted = self._world.with_descendants(codes) if "CHILDREN" in operator else {code.lower() for code in codes}
        if operator.startswith("NOT"):
            return lambda entry: wanted.isdisjoint(self._categories(entry))
        if operator == "IN OR UNCLASSIFIED":
            return lambda entry: not (own := self._categories(entry)) or not wanted.isdisjoint(own)
        return lambda entry: not wanted.isdisjoint(self._categories(entry))

    def _family(self, operator: str, value: JsonValue) -> Holds:
        if operator in _EMPTY:
            return lambda entry: (entry.family is None) is (operator == "EMPTY")
        codes = _codes("family", value)
        for code in codes:
            if self._world.find("family", code) is None:
                raise Refusal(422, f'Family "{code}" does not exist.')
        return _listed(operator, codes, lambda entry: entry.family)

    def _parent(self, operator: str, value: JsonValue) -> Holds:
        if operator in _EMPTY:
            return lambda entry: (entry.parent is None) is (operator == "EMPTY")
        codes = [value] if isinstance(value, str) else _codes("parent", value)
        for code in codes:
            if self._world.models.get(code) is None:
                raise Refusal(422, f'Product model "{code}" does not exist.')
        wanted = {code.lower() for code in codes}
        if operator == "IN":
            return lambda entry: (entry.parent or "").lower() in wanted
        # "=" means all descendants, not the direct children alone
        return lambda entry: any(model.key.lower() in wanted for model in self._world.ancestors(entry))

    def _completeness(self, operator: str, condition: JsonObject) -> Holds:
        scope = maybe_text(condition, "scope")
        if scope is None:
            raise Refusal(422, 'Property "completeness" expects a valid scope.')
        if self._world.find("channel", scope) is None:
            raise Refusal(422, f'Scope "{scope}" does not exist.')
        edge = condition.get("value")
        if not isinstance(edge, int) or isinstance(edge, bool):
            raise Refusal(422, 'Property "completeness" expects a numeric as data.')
        on_all = operator.endswith(_ON_ALL)
        sign = _RATIO[operator.removesuffix(_ON_ALL)]
        locales = set(texts(condition.get("locales"))) | set(texts([condition.get("locale")]))

        def holds(entry: Entry) -> bool:
            ratios = [
                whole(one, "data")
                for one in completenesses(self._world, entry)
                if one["scope"] == scope and (not locales or one["locale"] in locales)
            ]
            met = [_compare(sign, ratio, edge) for ratio in ratios]
            return bool(met) and (all(met) if on_all else any(met))

        return holds

    def _date(self, name: str, operator: str, value: JsonValue, *, models: bool) -> Holds:
        def moments(entry: Entry) -> list[datetime]:
            found = [entry.created if name == "created" else entry.updated]
            # a variant was "updated" when one of its models was
            if name == "updated" and not models:
                found += [model.updated for model in self._world.ancestors(entry)]
            return [datetime.fromisoformat(one) for one in found]

        if operator == "SINCE LAST N DAYS":
            if not isinstance(value, int) or isinstance(value, bool):
                raise Refusal(422, f'Property "{name}" expects a numeric as data.')
            since = self._world.clock() - timedelta(days=value)
            return lambda entry: any(one >= since for one in moments(entry))
        edges = [self._moment(name, one) for one in (value if isinstance(value, list) else [value])]
        if len(edges) != (2 if "BETWEEN" in operator else 1):
            raise Refusal(422, f'Property "{name}" expects an array with the key "value".')
        first, last = edges[0], edges[-1]
        tests: dict[str, Callable[[datetime], bool]] = {
            "=": lambda one: one == first,
            "!=": lambda one: one != first,
            "<": lambda one: one < first,
            ">": lambda one: one > first,
            "BETWEEN": lambda one: first <= one <= last,
            "NOT BETWEEN": lambda one: not first <= one <= last,
        }
        test = tests[operator]
        return lambda entry: any(test(one) for one in moments(entry))

    def _moment(self, name: str, value: JsonValue) -> datetime:
        try:
            moment = datetime.strptime(value, "%Y-%m-%d %H:%M:%S") if isinstance(value, str) else None  # noqa: DTZ007  # the zone is the PIM's own, added below
        except ValueError:
            moment = None
        if moment is None:
            raise Refusal(
                422, f'Property "{name}" expects a string with the format "yyyy-mm-dd H:i:s" as data, "{value}" given.'
            )
        # the text has no offset: it is meant in the server's zone
        return moment.replace(tzinfo=self._world.clock().tzinfo)


def _grouped(operator: str, value: JsonValue) -> Holds:
    if operator in _EMPTY:
        return lambda entry: (not _groups(entry)) is (operator == "EMPTY")
    wanted = {code.lower() for code in _codes("groups", value)}
    return lambda entry: (not wanted.isdisjoint(_groups(entry))) is (operator == "IN")


def _groups(entry: Entry) -> set[str]:
    return {code.lower() for code in texts(entry.parts().get("groups"))}


def _enabled(operator: str, value: JsonValue) -> Holds:
    if not isinstance(value, bool):
        raise Refusal(422, 'Property "enabled" expects a boolean as data.')
    return lambda entry: (entry.enabled is value) is (operator == "=")


def _listed(operator: str, codes: list[str], of: Callable[[Entry], str | None]) -> Holds:
    wanted = {code.lower() for code in codes}
    return lambda entry: ((of(entry) or "").lower() in wanted) is (operator == "IN")


def _codes(name: str, value: JsonValue) -> list[str]:
    if not isinstance(value, list):
        raise Refusal(422, f'Property "{name}" expects an array as data.')
    return texts(value)


def _compare(sign: str, one: int, other: int) -> bool:
    match sign:
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case ">=":
            return one >= other
        case "=":
            return one == other
        case _:
            return one != other
