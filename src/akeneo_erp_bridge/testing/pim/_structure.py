"""What each simple resource demands beyond its schema, and what writing one does to the others."""

from __future__ import annotations

import uuid

from akeneo_erp_bridge.testing.pim._attributes import AttributeRules
from akeneo_erp_bridge.testing.pim._families import FamilyRules
from akeneo_erp_bridge.testing.pim._json import (
    JsonObject,
    JsonValue,
    as_list,
    child,
    children,
    flag,
    maybe_text,
    text,
    texts,
)
from akeneo_erp_bridge.testing.pim._refusal import Violation, structure
from akeneo_erp_bridge.testing.pim._world import World

ALWAYS_ACTIVE = ("en_US",)


class StructureRules:
    """Checks, side effects and read form of the simple resources, by kind."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._families = FamilyRules(world)
        self._attributes = AttributeRules(world)

    def check(self, kind: str, new: JsonObject, old: JsonObject | None, body: JsonObject) -> list[Violation]:
        """The broken rules; also completes *new* with what the PIM adds by itself."""
        match kind:
            case "family":
                return self._families.check(new, old, body)
            case "family_variant":
                return self._families.check_variant(new, old)
            case "attribute":
                return self._attributes.check(new, old)
            case "attribute_group":
                return self._check_group(body)
            case "association_type":
                both = flag(new, "is_quantified") and flag(new, "is_two_way")
                message = "A quantified association type cannot be two-way."
                return [Violation("is_quantified", message)] if both else []
            case "category":
                return self._check_category(new)
            case "channel":
                return self._check_channel(new, body)
            case _:
                return []

    def merged_sets(self, old: JsonValue, value: JsonValue) -> JsonValue:
        """The levels of a family variant, merged by their number."""
        return self._families.merged_sets(old, value)

    def after(self, kind: str, new: JsonObject, body: JsonObject) -> None:
        """What the write does to other objects."""
        if kind == "attribute_group" and "attributes" in body:
            self._move_attributes(text(new, "code"), texts(body["attributes"]))
        if kind == "channel":
            self._activate(new)

    def show(self, kind: str, stored: JsonObject) -> JsonObject:
        """The read form of a copy of a stored object."""
        match kind:
            case "family":
                stored = self._families.show(stored)
            case "family_variant":
                stored = self._families.show_variant(stored)
            case "attribute":
                group = self._world.find("attribute_group", text(stored, "group")) or {}
                stored["group_labels"] = child(group, "labels")
            case "attribute_group":
                stored["attributes"] = as_list(self._members(text(stored, "code")))
            case "category":
                stored["values"] = _keyed(stored.get("values"))
            case _:
                pass
        if kind != "category":
            stored.pop("updated", None)
        return stored

    # -- attribute groups ------------------------------------------------------------------------------------------

    def _members(self, group: str) -> list[str]:
        found = [one for one in self._world.tables["attribute"].values() if text(one, "group") == group]
        return [text(one, "code") for one in sorted(found, key=lambda one: (one["sort_order"], text(one, "code")))]

    def _check_group(self, body: JsonObject) -> list[Violation]:
        for code in texts(body.get("attributes")):
            if self._world.attribute(code) is None:
                raise structure(
                    'Property "attributes" expects a valid attribute code.'
                    f' The attribute does not exist, "{code}" given.'
                )
        return []

    def _move_attributes(self, group: str, wanted: list[str]) -> None:
        # the group "other" is where attributes fall to; writing to it has no effect
        if group == "other":
            return
        table = self._world.tables["attribute"]
        lower = {code.lower() for code in wanted}
        for code in self._members(group):
            if code.lower() not in lower:
                self._set_group(code, "other")
        for code in wanted:
            stored = table.get(code)
            if stored is not None and text(stored, "group") != group:
                self._set_group(code, group)

    def _set_group(self, attribute: str, group: str) -> None:
        table = self._world.tables["attribute"]
        stored = table.get(attribute)
        if stored is not None:
            table.put(attribute, {**stored, "group": group})

    # -- categories and channels -----------------------------------------------------------------------------------

    def _check_category(self, new: JsonObject) -> list[Violation]:
        code, parent = text(new, "code"), maybe_text(new, "parent")
        if parent is None:
            return []
        found = self._world.find("category", parent)
        if found is None and parent.lower() != code.lower():
            raise structure(
                f'Property "parent" expects a valid category code. The category does not exist, "{parent}" given.'
            )
        above: str | None = parent
        while above is not None:
            if above.lower() == code.lower():
                return [Violation("parent", "Cannot set a category below itself or one of its children.")]
            above = maybe_text(self._world.find("category", above) or {}, "parent")
        new["parent"] = text(found or {}, "code")
        return []

    def _check_channel(self, new: JsonObject, body: JsonObject) -> list[Violation]:
        found: list[Violation] = []
        tree = maybe_text(new, "category_tree")
        category = self._world.find("category", tree) if tree is not None else None
        if tree is None:
            found.append(Violation("category_tree", "This value should not be blank."))
        elif category is None:
            raise structure(
                f'Property "category_tree" expects a valid code. The category does not exist, "{tree}" given.'
            )
        elif category["parent"] is not None:
            found.append(Violation("category_tree", f'The "{tree}" has to be a root category.'))
        for name, kind in (("locales", "locale"), ("currencies", "currency")):
            codes = texts(new[name])
            for code in texts(body.get(name)):
                if self._world.find(kind, code) is None:
                    raise structure(
                        f'Property "{name}" expects a valid code. The {kind} does not exist, "{code}" given.'
                    )
            if not codes:
                found.append(Violation(name, "This collection should contain 1 element or more."))
        return found + self._check_units(new)

    def _check_units(self, new: JsonObject) -> list[Violation]:
        found: list[Violation] = []
        for code, unit in child(new, "conversion_units").items():
            attribute = self._world.attribute(code)
            family = text(attribute.settings, "metric_family") if attribute is not None else ""
            units = child(self._world.find("measurement_family", family) or {}, "units")
            if unit not in units:
                found.append(Violation("conversionUnits", f'"{unit}" is no unit of the attribute "{code}".'))
        return found

    def _activate(self, channel: JsonObject) -> None:
        tables = self._world.tables
        for code in texts(channel.get("currencies")):
            tables["currency"].put(code, {"code": code, "enabled": True})
        used = {code for one in tables["channel"].values() for code in texts(one.get("locales"))} | {*ALWAYS_ACTIVE}
        for locale in list(tables["locale"].values()):
            code, active = text(locale, "code"), text(locale, "code") in used
            if flag(locale, "enabled") is not active:
                tables["locale"].put(code, {"code": code, "enabled": active})


def _keyed(values: JsonValue) -> JsonObject:
    """Enriched values of a category: sent as a list, read as an object keyed by code, UUID, channel and locale."""
    found: JsonObject = {}
    for one in children(values):
        code = text(one, "attribute_code")
        parts = [code, str(uuid.uuid5(uuid.NAMESPACE_URL, code)), *(text(one, name) for name in ("channel", "locale"))]
        found["|".join(part for part in parts if part)] = one
    return found
