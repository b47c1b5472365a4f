"""What is wanted against what the PIM has: field by field, adding and never taking away."""

from __future__ import annotations

from typing import Final

from attrs import define, field, frozen

from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.sync.setup._json import codes_in, covers, fold, object_in, objects_in, shown_json
from akeneo_erp_bridge.sync.setup._kinds import KINDS, Kind, Traits

__all__ = ["Change", "Difference", "compare"]

# what a PIM user may have set since: said at creation, and never again
_ONCE: Final = frozenset({"sort_order", "image", "attribute_as_label", "attribute_as_image"})
# a limit that is wider in the PIM does no harm to us
_WIDER: Final = frozenset({"decimals_allowed", "negative_allowed"})


@frozen
class Change:
    """One field, or one member of a list (`old` is `None`), of something that is there already.

    >>> print(Change("attributes", None, "ean"))
    attributes + ean
    >>> print(Change("max_characters", 13, 14))
    max_characters: 13 -> 14
    """

    path: str
    old: JsonValue
    new: JsonValue

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.path} + {shown_json(self.new)}"
        return f"{self.path}: {shown_json(self.old)} -> {shown_json(self.new)}"


@define
class Difference:
    """What to write so that the PIM has what is wanted, and why that cannot be."""

    changes: list[Change] = field(factory=list[Change])
    conflicts: list[str] = field(factory=list[str])
    body: dict[str, JsonValue] = field(factory=dict[str, JsonValue])
    """The fields to send, each whole, since the PIM replaces lists."""

    def add(self, path: str, old: JsonValue, new: JsonValue) -> None:
        self.changes.append(Change(path, old, new))


def compare(kind: Kind, wanted: JsonObject, found: JsonObject) -> Difference:
    """Compare one thing that is in the PIM with what is wanted of it.

    A text that is there already, such as a label, is a PIM user's and stays. Lists are added to. What cannot change
    after creation, or must not change without somebody's knowing, is a conflict.
    """
    traits, out = KINDS[kind], Difference()
    for name, value in wanted.items():
        old = found.get(name)
        if name == "code" or name in _ONCE:
            continue
        if name == "labels":
            _texts(out, name, value, old)
        elif name in traits.sets:
            out_of = _members(out, name, value, old)
            if out_of is not None:
                out.body[name] = out_of
        elif name == "attribute_requirements":
            _requirements(out, value, old)
        elif name == "variant_attribute_sets":
            _levels(out, value, old)
        elif name == "units":
            _units(out, value, old)
        elif name == "values":
            _values(out, value, old)
        else:
            _setting(out, traits, name, value, old)
    return out


def _setting(out: Difference, traits: Traits, name: str, wanted: JsonValue, old: JsonValue) -> None:
    if covers(wanted, old, codes=name in traits.codes) or _is_wider(name, wanted, old):
        return
    if name in traits.fixed:
        out.conflicts.append(f"has {name} {shown_json(old)}, wanted {shown_json(wanted)}")
        return
    out.add(name, old, wanted)
    out.body[name] = wanted


def _is_wider(name: str, wanted: JsonValue, old: JsonValue) -> bool:
    if name in _WIDER:
        return bool(old) and not wanted
    return name == "max_characters" and isinstance(wanted, int) and (not isinstance(old, int) or old >= wanted)


def _texts(out: Difference, name: str, wanted: JsonValue, old: JsonValue) -> None:
    there = object_in(old)
    missing = {locale: text for locale, text in object_in(wanted).items() if text and not there.get(locale)}
    for locale, text in missing.items():
        out.add(f"{name}[{locale}]", None, text)
    if missing:
        out.body[name] = missing


def _members(out: Difference, path: str, wanted: JsonValue, old: JsonValue) -> list[str] | None:
    """The list with what it lacks; `None` where it lacks nothing."""
    there = codes_in(old)
    known = {fold(one) for one in there}
    new = [one for one in dict.fromkeys(codes_in(wanted)) if fold(one) not in known]
    for one in new:
        out.add(path, None, one)
    return [*there, *new] if new else None


def _requirements(out: Difference, wanted: JsonValue, old: JsonValue) -> None:
    there, lists = object_in(old), dict[str, JsonValue]()
    for channel, codes in object_in(wanted).items():
        full = _members(out, f"attribute_requirements[{channel}]", codes, there.get(channel))
        if full is not None:
            lists[channel] = full
    if lists:
        out.body["attribute_requirements"] = lists


def _levels(out: Difference, wanted: JsonValue, old: JsonValue) -> None:
    mine = {str(one.get("level")): one for one in objects_in(wanted)}
    there = {str(one.get("level")): one for one in objects_in(old)}
    if len(mine) != len(there):
        out.conflicts.append(f"has {len(there)} level(s), wanted {len(mine)}")
        return
    at = {fold(code): number for number, one in there.items() for code in codes_in(one.get("attributes"))}
    sets: list[JsonValue] = []
    for number, one in sorted(mine.items()):
        before = there.get(number, {})
        axes, has = codes_in(one.get("axes")), codes_in(before.get("axes"))
        if {fold(code) for code in axes} != {fold(code) for code in has}:
            out.conflicts.append(f"has the axes {', '.join(has)} at level {number}, wanted {', '.join(axes)}")
            continue
        attributes = [code for code in codes_in(one.get("attributes")) if fold(code) not in {fold(c) for c in axes}]
        for code in attributes:
            if at.get(fold(code), number) != number:
                out.conflicts.append(f"has '{code}' at level {at[fold(code)]}, wanted at level {number}")
        full = _members(out, f"level {number}", attributes, before.get("attributes"))
        sets.append({"level": int(number), "axes": has, "attributes": full or codes_in(before.get("attributes"))})
    if out.changes and not out.conflicts:
        out.body["variant_attribute_sets"] = sets


def _units(out: Difference, wanted: JsonValue, old: JsonValue) -> None:
    there, new = object_in(old), dict[str, JsonValue]()
    for code, unit in object_in(wanted).items():
        known = there.get(code)
        if known is None:
            out.add("units", None, code)
            new[code] = unit
            continue
        steps = object_in(unit).get("convert_from_standard")
        if not covers(steps, object_in(known).get("convert_from_standard")):
            out.conflicts.append(
                f"converts {code} by {shown_json(object_in(known).get('convert_from_standard'))}, "
                f"wanted {shown_json(steps)}"
            )
    if new:
        out.body["units"] = new


def _values(out: Difference, wanted: JsonValue, old: JsonValue) -> None:
    """Values of a record or an asset: those that are there stay."""
    there, new = object_in(old), dict[str, JsonValue]()
    for attribute, entries in object_in(wanted).items():
        taken = {(one.get("locale"), one.get("channel")) for one in objects_in(there.get(attribute))}
        missing = [one for one in objects_in(entries) if (one.get("locale"), one.get("channel")) not in taken]
        for one in missing:
            place = ", ".join(str(part) for part in (one.get("locale"), one.get("channel")) if part)
            out.add(f"{attribute}[{place}]" if place else attribute, None, one.get("data"))
        if missing:
            new[attribute] = missing
    if new:
        out.body["values"] = new
