"""What changed in a PIM between two snapshots of its structure, in words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._families import Family, FamilyVariant
from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue
from akeneo_erp_bridge.catalog._measurements import MeasurementFamily
from akeneo_erp_bridge.catalog._structure import PimStructure
from akeneo_erp_bridge.catalog._writing import encode
from akeneo_erp_bridge.codes import AttributeCode

__all__ = ["Drift", "drift"]

K = TypeVar("K", bound=str)
E = TypeVar("E", bound=Entity)

_COSMETIC: Final = frozenset(
    {"_links", "attribute_as_image", "attribute_as_label", "group_labels", "guidelines", "labels", "sort_order"}
    | {"position", "symbol", "useable_as_grid_filter"}
)
_CODES: Final = {"type": "type_changed", "localizable": "scope_changed", "scopable": "scope_changed"}
_SCOPE: Final = {
    ("localizable", True): "has a value for each locale now",
    ("localizable", False): "has one value for all locales now",
    ("scopable", True): "has a value for each channel now",
    ("scopable", False): "has one value for all channels now",
}
_ABSENT: Final = object()


@frozen
class Drift:
    """One change. `code` is stable and short, `subject` what changed, `detail` how.

    `is_cosmetic`: labels, orders and the like, which no value depends on.

    >>> str(Drift("family_lost_attribute", "family 'drills'", "lost attribute 'weight'"))
    "family 'drills': lost attribute 'weight'"
    """

    code: str
    subject: str
    detail: str
    is_cosmetic: bool = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.detail}"


def drift(before: PimStructure, after: PimStructure) -> list[Drift]:
    """Every change from one structure to the other, by kind and code; none when their hashes are equal.

    Options and categories are compared where both structures hold them.

    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> from akeneo_erp_bridge.catalog import Attribute
    >>> text = Attribute(code=AttributeCode("note"), type="pim_catalog_text")
    >>> [str(one) for one in drift(PimStructure(attributes={}), PimStructure(attributes={text.code: text}))]
    ["attribute 'note': added"]
    """
    found = [
        *_entities("attribute", before.attributes, after.attributes),
        *_options(before, after),
        *_entities("family", before.families, after.families),
        *_variants(before, after),
        *_entities("channel", before.channels, after.channels),
        *_activity("locale", before.locales, after.locales),
        *_activity("currency", before.currencies, after.currencies),
        *_entities("measurement_family", before.measurement_families, after.measurement_families),
        *_categories(before, after),
    ]
    return found or [*_asked_for(before, after)]


def _members(before: Collection[K], after: Collection[K]) -> Iterator[tuple[K, bool]]:
    """Those on one side only, in order, and whether they are there now."""
    yield from ((one, one in after) for one in sorted({*before} ^ {*after}))


def _shared(before: Mapping[K, E], after: Mapping[K, E]) -> Iterator[tuple[K, E, E]]:
    yield from ((one, before[one], after[one]) for one in sorted({*before} & {*after}))


# ---- things with a code ----
def _entities(kind: str, before: Mapping[K, E], after: Mapping[K, E]) -> Iterator[Drift]:
    word = kind.replace("_", " ")
    for code, is_there in _members(before, after):
        verb = "added" if is_there else "removed"
        yield Drift(f"{kind}_{verb}", f"{word} '{code}'", verb)
    for code, old, new in _shared(before, after):
        yield from _changes(f"{word} '{code}'", kind, old, new)


def _changes(subject: str, kind: str, old: Entity, new: Entity) -> Iterator[Drift]:
    was, now = encode(old, whole=True), encode(new, whole=True)
    if was == now:
        return
    if isinstance(old, Family) and isinstance(new, Family):
        yield from _family(subject, old, new)
    elif isinstance(old, FamilyVariant) and isinstance(new, FamilyVariant):
        yield from _variant(subject, old, new)
    elif isinstance(old, MeasurementFamily) and isinstance(new, MeasurementFamily):
        yield from _units(subject, old, new)
    for name in sorted({*was, *now} - _TOLD.get(kind, frozenset())):
        yield from _field(subject, kind, name, was, now)


_TOLD: Final = {
    "family": frozenset({"attributes", "attribute_requirements"}),
    "family_variant": frozenset({"variant_attribute_sets", "common_attributes"}),
    "measurement_family": frozenset({"units"}),
}
"""Fields that have words of their own."""


def _field(subject: str, kind: str, name: str, was: JsonObject, now: JsonObject) -> Iterator[Drift]:
    old, new = was.get(name), now.get(name)
    if was.get(name, _ABSENT) == now.get(name, _ABSENT):
        return
    if old == new:
        yield Drift("setting_changed", subject, f"the PIM tells {name} " + ("now" if name in now else "no more"), True)
    elif isinstance(old, list) and isinstance(new, list) and name not in _COSMETIC:
        yield from _list(subject, kind, name, [str(one) for one in old], [str(one) for one in new])
    elif isinstance(new, bool) and (name, new) in _SCOPE:
        yield Drift(_CODES[name], subject, _SCOPE[name, new])
    else:
        detail = f"{name} was {_shown(old)}, is {_shown(new)}"
        yield Drift(_CODES.get(name, "setting_changed"), subject, detail, name in _COSMETIC)


def _list(subject: str, kind: str, name: str, old: list[str], new: list[str]) -> Iterator[Drift]:
    word = name.rstrip("s").replace("_", " ")
    for one, is_there in _members(old, new):
        verb = "gained" if is_there else "lost"
        yield Drift(f"{kind}_{verb}_{name.rstrip('s')}", subject, f"{verb} {word} '{one}'")
    if {*old} == {*new}:
        yield Drift("setting_changed", subject, f"the order of {name} changed", True)


def _shown(value: JsonValue) -> str:
    if value is None:
        return "not set"
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else text[:79] + "…"


# ---- families ----
def _family(subject: str, old: Family, new: Family) -> Iterator[Drift]:
    if old.attributes != new.attributes:
        yield from _list(subject, "family", "attributes", [*old.attributes], [*new.attributes])
    for channel in sorted({*old.attribute_requirements, *new.attribute_requirements}):
        was, now = old.attribute_requirements.get(channel, ()), new.attribute_requirements.get(channel, ())
        for code, is_there in _members(was, now):
            verb = "requires" if is_there else "no more requires"
            yield Drift("requirement_changed", subject, f"{verb} attribute '{code}' on channel '{channel}'")
        if was != now and {*was} == {*now}:
            yield Drift("setting_changed", subject, f"the order of requirements on '{channel}' changed", True)
    for channel, is_there in _members(old.attribute_requirements, new.attribute_requirements):
        if not old.attribute_requirements.get(channel) and not new.attribute_requirements.get(channel):
            yield Drift("setting_changed", subject, f"{'lists' if is_there else 'no more lists'} '{channel}'", True)


def _variants(before: PimStructure, after: PimStructure) -> Iterator[Drift]:
    for family in sorted({*before.family_variants, *after.family_variants}):
        old, new = before.family_variants.get(family, {}), after.family_variants.get(family, {})
        yield from _entities("family_variant", old, new)


def _variant(subject: str, old: FamilyVariant, new: FamilyVariant) -> Iterator[Drift]:
    if old.axes != new.axes or old.levels != new.levels:
        detail = f"axes were {_axes(old)}, are {_axes(new)}"
        yield Drift("axes_changed", subject, detail)
    levels = {code: (old.level_of(code), new.level_of(code)) for code in sorted({*_held(old), *_held(new)})}
    for code, (was, now) in levels.items():
        if was != now:
            yield Drift("level_changed", subject, f"attribute '{code}' moved from level {was} to level {now}")
    if (old.variant_attribute_sets, old.common_attributes) != (new.variant_attribute_sets, new.common_attributes):
        yield Drift("setting_changed", subject, "the sets of attributes are listed in another way", True)


def _axes(variant: FamilyVariant) -> str:
    ordered = sorted(variant.variant_attribute_sets, key=lambda part: part.level)
    return " / ".join(", ".join(part.axes) for part in ordered) or "none"


def _held(variant: FamilyVariant) -> set[AttributeCode]:
    return {code for part in variant.variant_attribute_sets for code in (*part.attributes, *part.axes)}


# ---- units, options, locales, categories ----
def _units(subject: str, old: MeasurementFamily, new: MeasurementFamily) -> Iterator[Drift]:
    for code, is_there in _members(old.units, new.units):
        verb = "added" if is_there else "removed"
        yield Drift(f"unit_{verb}", subject, f"unit '{code}' {verb}")
    for code, was, now in _shared(old.units, new.units):
        if was.convert_from_standard != now.convert_from_standard:
            yield Drift("unit_changed", subject, f"unit '{code}' converts in another way")
        elif encode(was, whole=True) != encode(now, whole=True):
            yield Drift("setting_changed", subject, f"unit '{code}' is labelled in another way", True)


def _options(before: PimStructure, after: PimStructure) -> Iterator[Drift]:
    for attribute in sorted({*before.options} & {*after.options}):
        for code, is_there in _members(before.options[attribute], after.options[attribute]):
            verb = "added" if is_there else "removed"
            yield Drift(f"option_{verb}", f"attribute '{attribute}'", f"option '{code}' {verb}")


def _activity(kind: str, before: Collection[K], after: Collection[K]) -> Iterator[Drift]:
    for code, is_there in _members(before, after):
        verb = "activated" if is_there else "deactivated"
        yield Drift(f"{kind}_{verb}", f"{kind} '{code}'", verb)


def _categories(before: PimStructure, after: PimStructure) -> Iterator[Drift]:
    if before.categories is None or after.categories is None:
        return
    for code, is_there in _members(before.categories, after.categories):
        verb = "added" if is_there else "removed"
        yield Drift(f"category_{verb}", f"category '{code}'", verb)
    for code in sorted({*before.categories} & {*after.categories}):
        was, now = before.categories[code], after.categories[code]
        if was != now:
            yield Drift(
                "category_moved", f"category '{code}'", f"moved from '{was or 'the roots'}' to '{now or 'the roots'}'"
            )


def _asked_for(before: PimStructure, after: PimStructure) -> Iterator[Drift]:
    """What one of them was not asked for; nothing in the PIM changed."""
    if before.hash != after.hash:
        yield Drift("asked_for_differs", "structure", "one was read with other options or without categories", True)
