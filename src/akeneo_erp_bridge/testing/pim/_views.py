"""What a GET shows of products and models: inheritance, trimming, and the extras a caller may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from attrs import frozen

from akeneo_erp_bridge.testing.pim._associations import Associations
from akeneo_erp_bridge.testing.pim._draft import inherited_categories, sorted_json
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, as_list, child, children, text, texts
from akeneo_erp_bridge.testing.pim._refusal import Refusal
from akeneo_erp_bridge.testing.pim._world import IDENTIFIER, Attribute, Entry, World

ROOT = "/api/rest/v1"


@frozen(kw_only=True)
class Wanted:
    """How a caller trims and extends what it reads."""

    base: str
    attributes: frozenset[str] | None = None
    locales: frozenset[str] | None = None
    scope: str | None = None
    attribute_options: bool = False
    completenesses: bool = False
    quality_scores: bool = False
    root_parent: bool = False

    @classmethod
    def of(cls, world: World, base: str, arguments: dict[str, str]) -> Wanted:
        """Read the arguments; refuses unknown attributes, locales and channels."""
        scope = arguments.get("scope")
        if scope is not None and world.find("channel", scope) is None:
            raise Refusal(422, f'Scope "{scope}" does not exist.')
        locales = _listed(arguments, "locales")
        for locale in sorted(locales or ()):
            if locale not in world.active_locales():
                raise Refusal(422, f'Locale "{locale}" does not exist or is not activated.')
        attributes = _listed(arguments, "attributes")
        for code in sorted(attributes or ()):
            if world.attribute(code) is None:
                raise Refusal(422, f'Attribute "{code}" does not exist.')

        def asked(name: str) -> bool:
            return arguments.get(name, "false").lower() in ("true", "1")

        return cls(
            base=base,
            attributes=frozenset(code.lower() for code in attributes) if attributes is not None else None,
            locales=locales,
            scope=scope,
            attribute_options=asked("with_attribute_options"),
            completenesses=asked("with_completenesses"),
            quality_scores=asked("with_quality_scores"),
            root_parent=asked("with_root_parent"),
        )


def _listed(arguments: dict[str, str], name: str) -> frozenset[str] | None:
    given = arguments.get(name)
    return frozenset(one.strip() for one in given.split(",") if one.strip()) if given is not None else None


def merged_values(world: World, entry: Entry) -> JsonObject:
    """An entry's values with its ancestors'."""
    own = child(entry.parts(), "values")
    if entry.parent is None:
        return own
    found: JsonObject = {}
    for model in world.ancestors(entry):
        found.update(child(model.parts(), "values"))
    found.update(own)
    return found


class Views:
    """Shows entries."""

    def __init__(self, world: World, links: Associations) -> None:
        self._world = world
        self._links = links

    def product(self, entry: Entry, wanted: Wanted, *, by_uuid: bool) -> JsonObject:
        """A product as one of its two routes shows it."""
        world = self._world
        above = world.ancestors(entry)
        key = f"products-uuid/{entry.key}" if by_uuid else f"products/{quote(entry.identifier or '', safe='')}"
        shown: JsonObject = {"_links": {"self": {"href": f"{wanted.base}{ROOT}/{key}"}}}
        if world.behaviour.has_uuid_routes:
            shown["uuid"] = entry.key
        if not by_uuid:
            shown["identifier"] = entry.identifier
        shown["enabled"] = entry.enabled
        shown["family"] = entry.family
        shown["categories"] = sorted_json({*entry.categories, *inherited_categories(above)})
        shown["groups"] = []
        shown["parent"] = entry.parent
        self._common(shown, entry, above, wanted, by_uuid=by_uuid, hidden=None if by_uuid else world.main_identifier())
        if wanted.root_parent:
            shown["root_parent"] = above[-1].key if above else None
        if wanted.completenesses:
            shown["completenesses"] = as_list(completenesses(world, entry))
        if wanted.quality_scores:
            shown["quality_scores"] = []
        return shown

    def model(self, entry: Entry, wanted: Wanted) -> JsonObject:
        """A product model."""
        above = self._world.ancestors(entry)
        href = f"{wanted.base}{ROOT}/product-models/{quote(entry.key, safe='')}"
        shown: JsonObject = {
            "_links": {"self": {"href": href}},
            "code": entry.key,
            "family": entry.family,
            "family_variant": entry.family_variant,
            "parent": entry.parent,
            "categories": sorted_json({*entry.categories, *inherited_categories(above)}),
        }
        self._common(shown, entry, above, wanted, by_uuid=False, hidden=None, is_model=True)
        if wanted.quality_scores:
            shown["quality_scores"] = []
        return shown

    def _common(
        self,
        shown: JsonObject,
        entry: Entry,
        above: list[Entry],
        wanted: Wanted,
        *,
        by_uuid: bool,
        hidden: str | None,
        is_model: bool = False,
    ) -> None:
        parts = [entry.parts(), *(model.parts() for model in above)]
        if not is_model:
            shown["groups"] = parts[0].get("groups", [])
        values: JsonObject = {}
        for one in reversed(parts):
            values.update(child(one, "values"))
        shown["values"] = self._map({code: shown for code, shown in self._values(values, wanted) if code != hidden})
        shown["created"] = entry.created
        shown["updated"] = entry.updated
        plain = self._links.show((child(one, "associations") for one in parts), by_uuid=by_uuid)
        quantified = (child(one, "quantified_associations") for one in parts)
        shown["associations"] = self._map(plain)
        shown["quantified_associations"] = self._map(self._links.show_quantified(quantified, by_uuid=by_uuid))
        if self._world.behaviour.has_enterprise:
            shown["metadata"] = {"workflow_status": self._status(entry, "product_model" if is_model else "product")}

    def _status(self, entry: Entry, kind: str) -> str:
        if self._world.behaviour.user_right == "own":
            return "working_copy"
        name = f"{kind}\x00{entry.key}"
        if name not in self._world.drafts:
            return "working_copy"
        waits = name in self._world.table("proposal")
        return "proposal_waiting_for_approval" if waits else "draft_in_progress"

    def _map(self, value: JsonObject) -> JsonValue:
        # PHP encodes an empty array as [], unless somebody took care
        return [] if not value and self._world.behaviour.empty_maps == "array" else value

    def _values(self, values: JsonObject, wanted: Wanted) -> Iterator[tuple[str, JsonValue]]:
        for code in values:
            attribute = self._world.attribute(code)
            if attribute is None or (wanted.attributes is not None and code.lower() not in wanted.attributes):
                continue
            entries = [
                self._value(attribute, one, wanted)
                for one in children(values[code])
                if _reaches(one, wanted) and self._is_live(attribute, one)
            ]
            if entries:
                yield attribute.code, as_list(entries)

    def _is_live(self, attribute: Attribute, value: JsonObject) -> bool:
        """Values of a channel's former locale stay stored, and unseen."""
        locale, scope = value["locale"], value["scope"]
        if isinstance(scope, str) and isinstance(locale, str) and attribute.localizable:
            return locale in texts((self._world.find("channel", scope) or {}).get("locales"))
        return not isinstance(locale, str) or locale in self._world.active_locales()

    def _value(self, attribute: Attribute, value: JsonObject, wanted: Wanted) -> JsonObject:
        data = value["data"]
        shown: JsonObject = {"locale": value["locale"], "scope": value["scope"], "data": data}
        behaviour = self._world.behaviour
        if behaviour.shows_attribute_type:
            shown["attribute_type"] = attribute.type
        if attribute.type == "pim_catalog_metric" and behaviour.shows_metric_symbol and isinstance(data, dict):
            shown["data"] = {**data, "symbol": self._symbol(attribute, text(data, "unit"))}
        if wanted.attribute_options and behaviour.shows_linked_data:
            if attribute.type == "pim_catalog_simpleselect" and isinstance(data, str):
                shown["linked_data"] = self._option(attribute, data)
            elif attribute.type == "pim_catalog_multiselect":
                shown["linked_data"] = {code: self._option(attribute, code) for code in texts(data)}
        return shown

    def _symbol(self, attribute: Attribute, unit: str) -> str:
        family = self._world.find("measurement_family", text(attribute.settings, "metric_family")) or {}
        return text(child(child(family, "units"), unit), "symbol")

    def _option(self, attribute: Attribute, code: str) -> JsonObject:
        stored = self._world.find("option", f"{attribute.code}\x00{code}") or {}
        return {"attribute": attribute.code, "code": code, "labels": child(stored, "labels")}


def _reaches(value: JsonObject, wanted: Wanted) -> bool:
    locale, scope = value["locale"], value["scope"]
    if wanted.scope is not None and isinstance(scope, str) and scope.lower() != wanted.scope.lower():
        return False
    return not (wanted.locales is not None and isinstance(locale, str) and locale not in wanted.locales)


def completenesses(world: World, entry: Entry) -> Iterator[JsonObject]:
    """How much of what the family requires is filled, by channel and locale."""
    family = world.find("family", entry.family or "")
    if family is None:
        return
    values = merged_values(world, entry)
    for channel in world.tables["channel"].values():
        scope = text(channel, "code")
        required = texts(child(family, "attribute_requirements").get(scope))
        for locale in sorted(texts(channel.get("locales"))):
            needed = [code for code in required if _is_asked_of(world, code, locale)]
            filled = sum(1 for code in needed if is_filled(values, code, scope, locale))
            ratio = 100 * filled // len(needed) if needed else 100
            yield {"scope": scope, "locale": locale, "data": ratio}


def _is_asked_of(world: World, code: str, locale: str) -> bool:
    attribute = world.attribute(code)
    if attribute is None or attribute.type == IDENTIFIER:
        return attribute is not None
    return not attribute.available_locales or locale in attribute.available_locales


def is_filled(values: JsonObject, code: str, scope: str, locale: str) -> bool:
    """Whether an attribute has data for a channel and a locale."""
    return any(
        one["data"] is not None and one["scope"] in (None, scope) and one["locale"] in (None, locale)
        for one in children(values.get(code))
    )
