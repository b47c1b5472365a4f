"""Lists of the simple resources, with the few filters each of them has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from akeneo_erp_bridge.testing.pim._attributes import SELECTS
from akeneo_erp_bridge.testing.pim._entities import Entities
from akeneo_erp_bridge.testing.pim._filters import conditions_of, unsupported
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, children, flag, maybe_text, text, texts
from akeneo_erp_bridge.testing.pim._pages import page, pagination_type
from akeneo_erp_bridge.testing.pim._refusal import Refusal, not_found
from akeneo_erp_bridge.testing.pim._routes import ROOT
from akeneo_erp_bridge.testing.pim._world import World

Keep = Callable[[JsonObject], bool]

FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "attribute": {"code": ("IN",), "updated": (">",), "type": ("IN",), "is_main_identifier": ("=",)},
    "attribute_group": {"code": ("IN",), "updated": (">",)},
    "family": {"code": ("IN",), "updated": (">",), "has_products": ("=",)},
    "category": {"code": ("IN",), "updated": (">",), "is_root": ("=",), "parent": ("=",)},
    "locale": {"enabled": ("=",)},
    "currency": {"enabled": ("=",)},
}


class EntityLists:
    """Answers the list routes of the simple resources."""

    def __init__(self, world: World, entities: Entities) -> None:
        self._world = world
        self._entities = entities

    def owner(self, kind: str, code: str) -> str:
        """The stored code of a family, or of an attribute that has options; refuses with 404."""
        stored = self._entities.get(kind, code)
        if kind == "attribute" and text(stored, "type") not in SELECTS:
            raise not_found(
                f'Attribute "{code}" does not support options. Only attributes of type "{SELECTS[0]}",'
                f' "{SELECTS[1]}" support options.'
            )
        return text(stored, "code")

    def page(self, request: Request, kind: str, path: str, owner: str | None = None) -> Answer:
        """One page, by number only."""
        pagination_type(request, ("page",))
        keeps = [
            self._keep(kind, name, condition)
            for name, conditions in conditions_of(request.argument("search")).items()
            for condition in conditions
        ]
        found = [one for one in self._entities.all(kind, owner) if all(keep(one) for keep in keeps)]

        def show(stored: JsonObject) -> JsonObject:
            href = f"{request.base}{ROOT}/{path}/{quote(text(stored, 'code'), safe='')}"
            return {"_links": {"self": {"href": href}}, **self.shown(request, kind, stored)}

        return page(request, found, show)

    def shown(self, request: Request, kind: str, stored: JsonObject) -> JsonObject:
        """What a GET shows, with what the caller asked for beyond the usual."""
        shown = self._entities.show(kind, stored)
        if kind == "category":
            if request.argument("with_position") == "true":
                shown["position"] = self._position(stored)
            if not (self._world.behaviour.has_cloud and request.argument("with_enriched_attributes") == "true"):
                del shown["values"]
        if kind == "attribute" and request.argument("with_table_select_options") != "true":
            shown["table_configuration"] = _without_options(shown["table_configuration"])
        return shown

    def _position(self, category: JsonObject) -> int:
        siblings = [
            text(one, "code") for one in self._world.tables["category"].values() if one["parent"] == category["parent"]
        ]
        return siblings.index(text(category, "code")) + 1

    def _keep(self, kind: str, name: str, condition: JsonObject) -> Keep:
        operator = condition["operator"]
        if operator not in FILTERS.get(kind, {}).get(name, ()):
            raise unsupported(name, operator)
        value = condition.get("value")
        match name:
            case "code" | "type":
                wanted = {code.lower() for code in _list(name, value)}
                return lambda one: text(one, name).lower() in wanted
            case "updated":
                return _updated_after(value)
            case "parent":
                return self._below(value)
            case _:
                return self._yes_or_no(name, value)

    def _below(self, value: JsonValue) -> Keep:
        if not isinstance(value, str) or self._world.find("category", value) is None:
            raise Refusal(422, f'Category "{value}" does not exist.')
        below = self._world.with_descendants([value]) - {value.lower()}
        return lambda one: text(one, "code").lower() in below

    def _yes_or_no(self, name: str, value: JsonValue) -> Keep:
        if not isinstance(value, bool):
            raise Refusal(422, f'Filter on property "{name}" expects a boolean.')
        if name == "is_root":
            return lambda one: (maybe_text(one, "parent") is None) is value
        if name == "has_products":
            used = {product.family for product in self._world.products.values()}
            return lambda one: (text(one, "code") in used) is value
        return lambda one: flag(one, name) is value


def _without_options(columns: JsonValue) -> JsonValue:
    if not isinstance(columns, list):
        return columns
    return [{name: part for name, part in one.items() if name != "options"} for one in children(columns)]


def _updated_after(value: JsonValue) -> Keep:
    """These lists take ISO-8601 with a zone, unlike products."""
    try:
        edge = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        edge = None
    if edge is None or edge.tzinfo is None:
        raise Refusal(422, f'Property "updated" expects an ISO-8601 date with a zone, "{value}" given.')
    return lambda one: datetime.fromisoformat(text(one, "updated")) > edge


def _list(name: str, value: JsonValue) -> list[str]:
    if not isinstance(value, list):
        raise Refusal(422, f'Property "{name}" expects an array with the key "value".')
    return texts(value)
