"""The rules of families and of their variants."""

from __future__ import annotations

from akeneo_erp_bridge.testing.pim._json import (
    JsonObject,
    JsonValue,
    as_list,
    child,
    children,
    maybe_text,
    text,
    texts,
    whole,
)
from akeneo_erp_bridge.testing.pim._refusal import Violation, structure, wrong_kind
from akeneo_erp_bridge.testing.pim._world import Attribute, World

AXIS_TYPES = frozenset(
    {
        "pim_catalog_simpleselect",
        "pim_catalog_boolean",
        "pim_catalog_metric",
        "akeneo_reference_entity",
        "pim_reference_data_simpleselect",
    }
)
LABEL_TYPES = ("pim_catalog_text", "pim_catalog_identifier")


class FamilyRules:
    """Checks families and family variants, and shows them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def check(self, new: JsonObject, old: JsonObject | None, body: JsonObject) -> list[Violation]:
        """The broken rules of a family; its identifier attribute is put in, since it cannot be left out."""
        codes = self._existing(texts(new["attributes"]), "attributes")
        main = self._world.main_identifier()
        if main is not None and main not in codes:
            codes.append(main)
        new["attributes"] = as_list(sorted(dict.fromkeys(codes)))
        if new.get("attribute_as_label") is None:
            new["attribute_as_label"] = main
        found = self._label(new, codes)
        found += self._requirements(new, codes, body)
        if old is not None:
            found += self._axes_stay(text(new, "code"), codes)
        return found

    def _existing(self, codes: list[str], name: str) -> list[str]:
        found: list[str] = []
        for code in codes:
            attribute = self._world.attribute(code)
            if attribute is None:
                raise structure(
                    f'Property "{name}" expects a valid attribute code. The attribute does not exist, "{code}" given.'
                )
            found.append(attribute.code)
        return found

    def _label(self, new: JsonObject, codes: list[str]) -> list[Violation]:
        label = maybe_text(new, "attribute_as_label")
        if label is None:
            return [Violation("attribute_as_label", "This value should not be blank.")]
        found: list[Violation] = []
        attribute = self._world.attribute(self._existing([label], "attribute_as_label")[0])
        if label not in codes:
            found.append(Violation("attribute_as_label", 'Property "attribute_as_label" must belong to the family'))
        elif attribute is not None and attribute.type not in LABEL_TYPES:
            message = (
                'Property "attribute_as_label" only supports "pim_catalog_text" and "pim_catalog_identifier"'
                " attribute types for the family"
            )
            found.append(Violation("attribute_as_label", message))
        image = maybe_text(new, "attribute_as_image")
        if image is not None and self._existing([image], "attribute_as_image")[0] not in codes:
            found.append(Violation("attribute_as_image", 'Property "attribute_as_image" must belong to the family'))
        return found

    def _requirements(self, new: JsonObject, codes: list[str], body: JsonObject) -> list[Violation]:
        found: list[Violation] = []
        for scope, value in child(body, "attribute_requirements").items():
            if self._world.find("channel", scope) is None:
                raise structure(
                    'Property "attribute_requirements" expects a valid code.'
                    f' The channel does not exist, "{scope}" given.'
                )
            if not isinstance(value, list):
                raise wrong_kind("attribute_requirements", "array", value)
        required = child(new, "attribute_requirements")
        for scope, value in list(required.items()):
            names = self._existing(texts(value), "attribute_requirements")
            alien = [code for code in names if code not in codes]
            # one that leaves the family takes its requirement along; one that is sent must belong
            if alien and scope in child(body, "attribute_requirements"):
                found.append(
                    Violation(
                        "attribute_requirements",
                        f'The attribute "{alien[0]}" cannot be an attribute required for the channel "{scope}"'
                        " as it does not belong to this family",
                    )
                )
            required[scope] = as_list(sorted(code for code in names if code in codes))
        return found

    def _axes_stay(self, family: str, codes: list[str]) -> list[Violation]:
        found: list[Violation] = []
        for variant in self._world.tables["family_variant"].values():
            if text(variant, "family").lower() != family.lower():
                continue
            for level in children(variant["variant_attribute_sets"]):
                found += [
                    Violation(
                        "attributes",
                        f'Attribute "{axis}" is an axis in "{text(variant, "code")}" family variant.'
                        " It must belong to the family.",
                    )
                    for axis in texts(level.get("axes"))
                    if axis not in codes
                ]
        return found

    def show(self, stored: JsonObject) -> JsonObject:
        """The identifier is required for every channel, whether anybody asked for it or not."""
        main = self._world.main_identifier()
        required = child(stored, "attribute_requirements")
        shown: JsonObject = {}
        for channel in self._world.tables["channel"].values():
            scope = text(channel, "code")
            codes = set(texts(required.get(scope)))
            shown[scope] = as_list(sorted(codes | ({main} if main is not None else set())))
        return {**stored, "attribute_requirements": shown}

    # -- family variants -------------------------------------------------------------------------------------------

    def merged_sets(self, old: JsonValue, value: JsonValue) -> JsonValue:
        """The levels, merged by number: what a level does not say stays."""
        levels = {whole(one, "level"): dict(one) for one in children(old)}
        if not isinstance(value, list) or len(children(value)) != len(value):
            raise structure('Property "variant_attribute_sets" expects an array of objects as data.')
        for one in children(value):
            for name in one:
                if name not in ("level", "axes", "attributes"):
                    raise structure(f'Property "variant_attribute_sets" does not know "{name}".')
            number = whole(one, "level", -1)
            if number < 0:
                raise structure('Property "variant_attribute_sets" expects an array with the key "level".')
            levels[number] = {**levels.get(number, {"level": number, "axes": [], "attributes": []}), **one}
        return [levels[number] for number in sorted(levels)]

    def check_variant(self, new: JsonObject, old: JsonObject | None) -> list[Violation]:
        """The broken rules of a family variant."""
        family = self._world.find("family", text(new, "family")) or {}
        new["family"] = text(family, "code")
        sets = children(new["variant_attribute_sets"])
        numbers = [whole(one, "level") for one in sets]
        if numbers not in ([1], [1, 2]):
            message = "There should be one or two levels, numbered from 1."
            return [Violation("variant_attribute_sets", message)]
        found = self._frozen_axes(sets, old)
        taken: set[str] = set()
        for one in sets:
            axes = self._existing(texts(one.get("axes")), "axes")
            codes = list(dict.fromkeys([*axes, *self._existing(texts(one.get("attributes")), "attributes")]))
            found += self._axes(one, axes) + self._members(family, codes, taken)
            taken.update(codes)
            one["axes"], one["attributes"] = as_list(axes), as_list(codes)
        return found

    def _frozen_axes(self, sets: list[JsonObject], old: JsonObject | None) -> list[Violation]:
        before = {whole(one, "level"): one for one in children(old["variant_attribute_sets"])} if old else {}
        if before and len(before) != len(sets):
            return [Violation("variant_attribute_sets", "The number of variant attribute sets cannot be changed.")]
        return [
            Violation("variant_attribute_sets", f'Variant axes cannot be modified for the level "{number}"')
            for one in sets
            if (number := whole(one, "level")) in before
            and {code.lower() for code in texts(one.get("axes"))} != {c.lower() for c in texts(before[number]["axes"])}
        ]

    def _axes(self, level: JsonObject, axes: list[str]) -> list[Violation]:
        number, most = whole(level, "level"), self._world.behaviour.axes_per_level
        owner = "variant_attribute_sets"
        if not axes:
            return [Violation(owner, f'There should be at least one attribute defined as axis for level "{number}"')]
        found: list[Violation] = []
        if len(axes) > most:
            found.append(Violation(owner, f"There should not be more than {most} attributes defined as axis for level"))
        for code in axes:
            attribute = self._world.attribute(code)
            if attribute is not None and not self._can_be_axis(attribute):
                found.append(Violation(owner, f'Attribute "{code}" cannot be an axis of a family variant.'))
        return found

    def _can_be_axis(self, attribute: Attribute) -> bool:
        types = AXIS_TYPES
        if self._world.behaviour.multiselect_axes:
            types = types | {"pim_catalog_multiselect"}
        special = attribute.localizable or attribute.scopable or attribute.unique or attribute.available_locales
        return attribute.type in types and not special

    def _members(self, family: JsonObject, codes: list[str], taken: set[str]) -> list[Violation]:
        known = set(texts(family.get("attributes")))
        owner = "variant_attribute_sets"
        found = [
            Violation(owner, f'The attribute "{code}" does not belong to the family "{text(family, "code")}"')
            for code in codes
            if code not in known
        ]
        return found + [
            Violation(owner, f'The attribute "{code}" is in more than one level.') for code in codes if code in taken
        ]

    def show_variant(self, stored: JsonObject) -> JsonObject:
        """Levels as they are in force: unique attributes sit in the deepest one, whoever put them where."""
        levels = self._world.levels(text(stored, "code"))
        sets: list[JsonValue] = [
            {"level": number, "axes": as_list(level.axes), "attributes": as_list(sorted(level.attributes))}
            for number, level in enumerate(levels)
            if number > 0
        ]
        shown: JsonObject = {
            "code": stored["code"],
            "labels": stored["labels"],
            "variant_attribute_sets": sets,
            "common_attributes": as_list(sorted(levels[0].attributes)),
        }
        return shown
