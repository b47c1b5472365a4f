"""What a service offers, as its `$metadata` says: entity sets, types, keys, lengths, and what may be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.errors import ErpRefused

_COLLECTION: Final = "Collection("


@frozen
class EdmProperty:
    """A property. `kind` is its type's full name, such as ``Edm.String``; `is_list` for a collection of them."""

    name: str
    kind: str
    is_list: bool = False
    nullable: bool = True
    max_length: int | None = None
    is_computed: bool = False
    """The service sets it (`Core.Computed`, or `Core.Permissions` to read)."""
    is_fixed: bool = False
    """It is set once, with a new entity (`Core.Immutable`)."""


@frozen
class EdmNavigation:
    """A way from one entity to another, or to several."""

    name: str
    target: str
    is_list: bool


@frozen
class EdmType:
    """An entity type or complex type, with what it inherits."""

    name: str
    keys: tuple[str, ...]
    properties: Mapping[str, EdmProperty]
    navigations: Mapping[str, EdmNavigation]

    @property
    def names(self) -> list[str]:
        """All that a path may begin with."""
        return sorted([*self.properties, *self.navigations])


@frozen
class EdmSet:
    """An entity set."""

    name: str
    type_name: str
    updatable: bool = True
    unfilterable: frozenset[str] = frozenset()


@frozen
class EdmModel:
    """All that `$metadata` says."""

    types: Mapping[str, EdmType]
    sets: Mapping[str, EdmSet]
    enums: frozenset[str] = field(factory=frozenset[str])

    def set_named(self, name: str) -> EdmSet:
        """An entity set; raises `ErpRefused` naming those that are there."""
        found = self.sets.get(name)
        if found is None:
            there = ", ".join(sorted(self.sets)[:20]) or "none"
            raise ErpRefused(f"the service has no entity set '{name}'; it has: {there}")
        return found

    def type_of(self, name: str) -> EdmType:
        """A type; raises `ErpRefused` for one that `$metadata` names and does not describe."""
        found = self.types.get(name)
        if found is None:
            raise ErpRefused(f"$metadata names the type {name}, and does not describe it")
        return found


# ---- from a draft of a model, which both formats are read into, to the model ----
@frozen
class TypeDraft:
    """A type as it stands in the document: without what it inherits."""

    name: str
    base: str | None
    keys: tuple[str, ...]
    properties: tuple[EdmProperty, ...]
    navigations: tuple[EdmNavigation, ...]


@frozen
class Note:
    """An annotation: of what, by which term, saying what. Of a record only its plain members are kept."""

    target: str
    term: str
    value: object


def assemble(
    drafts: Iterable[TypeDraft],
    sets: Iterable[EdmSet],
    enums: frozenset[str],
    aliases: Mapping[str, str],
    notes: Iterable[Note],
) -> EdmModel:
    """The model: aliases resolved, base types filled in, annotations applied."""
    known = {full(draft.name, aliases): draft for draft in drafts}
    told: dict[str, dict[str, object]] = {}
    for note in notes:
        told.setdefault(full(note.target, aliases), {})[_short(note.term)] = note.value
    types = {name: _inherited(name, known, aliases, told) for name in known}
    return EdmModel(
        types,
        {one.name: _annotated_set(one, aliases, told) for one in sets},
        frozenset(full(one, aliases) for one in enums),
    )


def full(name: str, aliases: Mapping[str, str]) -> str:
    """A name with its namespace in full, for one with an alias of it.

    >>> full("Self.Item/number", {"Self": "Catalog"})
    'Catalog.Item/number'
    """
    head, slash, rest = name.partition("/")
    space, dot, own = head.rpartition(".")
    return f"{aliases.get(space, space)}{dot}{own}{slash}{rest}"


def kind_of(text: str) -> tuple[str, bool]:
    """A type's name, and whether it is a collection of it."""
    return (text[len(_COLLECTION) : -1], True) if text.startswith(_COLLECTION) else (text, False)


def _short(term: str) -> str:
    """``Org.OData.Core.V1.Computed``, ``Core.Computed`` and whatever alias stands before it are one term."""
    return term.partition("#")[0].rpartition(".")[2]


def _inherited(
    name: str, known: Mapping[str, TypeDraft], aliases: Mapping[str, str], told: Mapping[str, Mapping[str, object]]
) -> EdmType:
    keys: tuple[str, ...] = ()
    properties: dict[str, EdmProperty] = {}
    navigations: dict[str, EdmNavigation] = {}
    for at in reversed(_line_of(name, known, aliases)):
        draft = known[at]
        keys = draft.keys or keys
        for one in draft.properties:
            properties[one.name] = _annotated(one, aliases, {**told.get(f"{at}/{one.name}", {})})
        for way in draft.navigations:
            navigations[way.name] = EdmNavigation(way.name, full(way.target, aliases), way.is_list)
    return EdmType(name, keys, properties, navigations)


def _line_of(name: str, known: Mapping[str, TypeDraft], aliases: Mapping[str, str]) -> list[str]:
    """A type and those it is based on; one that is based on itself ends the line."""
    line: list[str] = []
    here: str | None = name
    while here is not None and here in known and here not in line:
        line.append(here)
        base = known[here].base
        here = None if base is None else full(base, aliases)
    return line


def _annotated(one: EdmProperty, aliases: Mapping[str, str], notes: Mapping[str, object]) -> EdmProperty:
    reads_only = str(notes.get("Permissions", "")).endswith("Read")
    return EdmProperty(
        one.name,
        full(one.kind, aliases),
        one.is_list,
        one.nullable,
        one.max_length,
        is_computed=one.is_computed or notes.get("Computed") is True or reads_only,
        is_fixed=one.is_fixed or notes.get("Immutable") is True,
    )


def _annotated_set(one: EdmSet, aliases: Mapping[str, str], told: Mapping[str, Mapping[str, object]]) -> EdmSet:
    nothing: Mapping[str, object] = {}
    mine = next((notes for target, notes in told.items() if target.endswith(f"/{one.name}")), nothing)
    return EdmSet(
        one.name,
        full(one.type_name, aliases),
        updatable=_member(mine.get("UpdateRestrictions"), "Updatable") is not False,
        unfilterable=_names(_member(mine.get("FilterRestrictions"), "NonFilterableProperties")),
    )


def _member(record: object, name: str) -> object:
    return (members(record) or {}).get(name)


def _names(value: object) -> frozenset[str]:
    return frozenset(str(one) for one in lines(value) or [])
