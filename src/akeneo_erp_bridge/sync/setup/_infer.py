"""What a mapping lets one conclude about the PIM it was written for. Guesses, each with its reason."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import AttributeType, CategoryPatch, PimStructure
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode
from akeneo_erp_bridge.erp import Column, ErpItem
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.mapping._checks._admission import admit
from akeneo_erp_bridge.rules import Binding, Rule, Step
from akeneo_erp_bridge.sync.setup._blueprint import Blueprint, Piece
from akeneo_erp_bridge.sync.setup._json import fold
from akeneo_erp_bridge.sync.setup._parts import attribute, attribute_group, attribute_with, family, options_of

__all__ = ["Given", "given_by", "guess_pieces"]

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

_FIELDS: Final = frozenset({"family", "categories", "enabled", "parent", "code", "labels"})
_SELECTS: Final = frozenset({AttributeType.SIMPLE_SELECT, AttributeType.MULTI_SELECT})
_TYPES: Final = {
    "bool": AttributeType.BOOLEAN,
    "int": AttributeType.NUMBER,
    "Decimal": AttributeType.NUMBER,
    "date": AttributeType.DATE,
    "datetime": AttributeType.DATE,
    "Price": AttributeType.PRICE_COLLECTION,
}


@frozen
class Given:
    """The name of the type that a rule gives, as far as it can be seen, and whether it gives several at once."""

    name: str
    many: bool = False


def guess_pieces(mapping: ItemMapping[ItemT], structure: PimStructure, *, group: str, root: str | None) -> list[Piece]:
    """The pieces that the mapping speaks of and the structure lacks."""
    # again: the mapping may be of a class that overrides what its base checks
    admit(mapping.source, mapping.bindings)
    if mapping.resource != "product":
        return []
    pieces = [piece for one in mapping.bindings for piece in _of_binding(mapping, one, structure, group)]
    if any(one.kind == "attribute" for one in pieces):
        pieces[:0] = _guessed(attribute_group(group), "the attributes of the mapping need one")
    return [*pieces, *_families(mapping.bindings, structure), *_categories(mapping.bindings, structure, root)]


def _guessed(blueprint: Blueprint, reason: str) -> list[Piece]:
    return [evolve(one, guess=reason) for one in blueprint.pieces]


# ---- attributes and options ----
def _of_binding(
    mapping: ItemMapping[ItemT], binding: Binding[ItemT], structure: PimStructure, group: str
) -> list[Piece]:
    code = binding.cell.attribute
    if code in _FIELDS:
        return []
    possible = sorted(binding.rule.possible() or ())
    known = structure.attributes.get(AttributeCode(code))
    if known is not None:
        return _options(code, possible, binding) if known.type in _SELECTS else []
    place = {"localizable": binding.cell.locale is not None, "scopable": binding.cell.channel is not None}
    settings: dict[str, object] = {"group": group, **place}
    given = given_by(binding.rule)
    reason = f"'{binding.rule.label}' gives {'several ' if given.many else ''}{given.name}"
    if _is_key(mapping, binding, structure):
        key = attribute(code, AttributeType.IDENTIFIER, group=group)
        return _guessed(key, f"it is filled with the ERP's key, {mapping.source.key_spec().name}")
    if given.name == "Metric":
        return _measured(code, possible, structure, settings, reason)
    if given.many or (given.name == "str" and possible):
        kind = AttributeType.MULTI_SELECT if given.many else AttributeType.SIMPLE_SELECT
        return [*_guessed(attribute_with(code, kind, settings), reason), *_options(code, possible, binding)]
    return _guessed(attribute_with(code, _TYPES.get(given.name, AttributeType.TEXT), settings), reason)


def _options(code: str, possible: Sequence[str], binding: Binding[ItemT]) -> list[Piece]:
    return _guessed(options_of(code, possible), f"'{binding.rule.label}' gives them")


def _is_key(mapping: ItemMapping[ItemT], binding: Binding[ItemT], structure: PimStructure) -> bool:
    """Whether this is the SKU of a PIM that has no identifier attribute at all: the first cell with the ERP's key."""
    if any(one.type == AttributeType.IDENTIFIER for one in structure.attributes.values()):
        return False
    key = frozenset({mapping.source.key_spec().path})
    return binding is next((one for one in mapping.bindings if one.rule.sources == key), None)


def _measured(
    code: str, units: Sequence[str], structure: PimStructure, settings: Mapping[str, object], reason: str
) -> list[Piece]:
    wanted = {fold(unit) for unit in units}
    fitting = sorted(
        one.code for one in structure.measurement_families.values() if wanted <= {fold(unit) for unit in one.units}
    )
    if not units or not fitting:
        return []
    others = f", and so would {', '.join(fitting[1:])}" if fitting[1:] else ""
    reason = f"{reason}, and {fitting[0]} has the units {', '.join(units)}{others}"
    unit = {"metric_family": fitting[0], "default_metric_unit": units[0], **settings}
    return _guessed(attribute_with(code, AttributeType.METRIC, unit), reason)


# ---- families and categories ----
def _families(bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Piece]:
    possible = _possible(bindings, "family")
    mapped = list(dict.fromkeys(one.cell.attribute for one in bindings if one.cell.attribute not in _FIELDS))
    known = {fold(code): one for code, one in structure.families.items()}
    used = [known[fold(code)] for code in possible if fold(code) in known]
    held = {fold(code) for one in used for code in one.attributes}
    homeless = [code for code in mapped if fold(code) not in held]
    for code in possible:
        if fold(code) not in known:
            yield from _guessed(family(code, mapped), "the mapping puts products into it")
    if homeless:
        for one in used:
            yield from _guessed(family(one.code, homeless), "no family that the mapping uses has these attributes")


def _categories(bindings: Sequence[Binding[S]], structure: PimStructure, root: str | None) -> Iterator[Piece]:
    known = {fold(code) for code in structure.categories or ()}
    for code in _possible(bindings, "categories") if root is not None else ():
        if fold(code) not in known:
            patch = CategoryPatch(code=CategoryCode(code), parent=CategoryCode(root or ""))
            yield Piece("category", patch, guess="the mapping puts products into it")


def _possible(bindings: Sequence[Binding[S]], field: str) -> list[str]:
    return sorted(code for one in bindings if one.cell.attribute == field for code in one.rule.possible() or ())


# ---- what a rule gives ----
def given_by(step: Step) -> Given:
    """What a rule gives, from the types it was declared with; of a plain function, from its annotation.

    >>> from akeneo_erp_bridge.mapping import as_set, in_unit
    >>> given_by(in_unit("KILOGRAM")), given_by(as_set())
    (Given(name='Metric', many=False), Given(name='str', many=True))
    """
    if isinstance(step, Column):
        return Given(step.spec.kind)  # pyright: ignore[reportUnknownMemberType]  # its source and value do not matter here
    declared = _declared(type(step))
    found = _named(_annotated(step) if isinstance(declared, TypeVar) else declared)
    if found.name != "text" or not step.parts:
        return Given("str", found.many) if found.name == "text" and step.possible() else found
    # `a >> b` gives what b gives; `a.when(b)` and `a | b` what a gives
    inner = given_by(step.parts[0] if step.heads == step.parts else step.parts[-1])
    return Given(inner.name, inner.many or found.many)


def _declared(kind: type[Step]) -> object:
    """The second of the types of `Rule[Source, Value, Temperature]`, as the class of a rule was declared."""
    for base in kind.__mro__:
        for one in getattr(base, "__orig_bases__", ()):
            if typing.get_origin(one) is Rule:
                return typing.get_args(one)[1]
    return None


def _annotated(step: Step) -> object:
    function = getattr(step, "function", None)
    try:
        return typing.get_type_hints(function).get("return") if isinstance(function, types.FunctionType) else None
    except Exception:  # noqa: BLE001  # annotations of a user's own may name anything; a guess does without
        return None


def _named(declared: object) -> Given:
    """A type in one word; what nobody knows is text."""
    origin, args = typing.get_origin(declared), typing.get_args(declared)
    if origin in (frozenset, set, list):
        return Given(_named(args[0]).name, many=True)
    if origin is tuple:
        return _named(args[0])
    if origin in (types.UnionType, typing.Union):
        return next((found for one in args if (found := _named(one)).name not in ("text", "NoneType")), Given("text"))
    return Given(declared.__name__) if isinstance(declared, type) else Given("text")
