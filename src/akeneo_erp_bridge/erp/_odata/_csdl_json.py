"""`$metadata` in JSON (OASIS "OData Common Schema Definition Language JSON Representation")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._odata._edm import (
    EdmModel,
    EdmNavigation,
    EdmProperty,
    EdmSet,
    Note,
    TypeDraft,
    assemble,
)
from akeneo_erp_bridge.errors import ErpRefused

Wire: TypeAlias = Mapping[str, object]


def parse_csdl(document: object) -> EdmModel:
    """The model. Raises `ErpRefused` for what is no metadata of OData 4."""
    root = _map(document)
    version = str(root.get("$Version", ""))
    if not version.startswith("4"):
        raise ErpRefused(f"$metadata says version '{version}'; ODataAdapter needs OData 4")
    drafts: list[TypeDraft] = []
    sets: list[EdmSet] = []
    notes: list[Note] = []
    enums: set[str] = set()
    aliases: dict[str, str] = {}
    for space, schema in _members(root):
        aliases[str(schema.get("$Alias", space))] = space
        for name, one in _members(schema):
            match one.get("$Kind"):
                case "EntityType" | "ComplexType":
                    drafts.append(_type(f"{space}.{name}", one))
                case "EnumType":
                    enums.add(f"{space}.{name}")
                case "EntityContainer":
                    sets += [
                        EdmSet(inner, str(member.get("$Type")))
                        for inner, member in _members(one)
                        if member.get("$Collection") is True and "$Type" in member
                    ]
                case _:
                    continue
        notes += [
            note
            for target, block in _map(schema.get("$Annotations", {})).items()
            for note in _notes(target, _map(block))
        ]
    return assemble(drafts, sets, frozenset(enums), aliases, notes)


def _type(name: str, wire: Wire) -> TypeDraft:
    keys = lines(wire.get("$Key")) or []
    base = wire.get("$BaseType")
    found = list(_members(wire))
    return TypeDraft(
        name,
        str(base) if base is not None else None,
        tuple(one for one in keys if isinstance(one, str)),
        tuple(_property(inner, one) for inner, one in found if one.get("$Kind", "Property") == "Property"),
        tuple(
            EdmNavigation(inner, str(one.get("$Type")), one.get("$Collection") is True)
            for inner, one in found
            if one.get("$Kind") == "NavigationProperty"
        ),
    )


def _property(name: str, wire: Wire) -> EdmProperty:
    longest = wire.get("$MaxLength")
    return EdmProperty(
        name,
        str(wire.get("$Type", "Edm.String")),
        wire.get("$Collection") is True,
        nullable=wire.get("$Nullable") is True,  # the default differs from that in XML
        max_length=longest if isinstance(longest, int) else None,
        is_computed=any(note.value is True for note in _notes("", wire) if note.term.endswith(".Computed")),
        is_fixed=any(note.value is True for note in _notes("", wire) if note.term.endswith(".Immutable")),
    )


def _notes(target: str, block: Wire) -> list[Note]:
    return [Note(target, name[1:], value) for name, value in block.items() if name.startswith("@")]


def _members(wire: Wire) -> Iterator[tuple[str, Wire]]:
    """What has a name of the model's: neither a keyword nor an annotation."""
    for name, value in wire.items():
        inside = members(value)
        if not name.startswith("$") and "@" not in name and inside is not None:
            yield name, inside


def _map(value: object) -> Wire:
    found = members(value)
    if found is None:
        raise ErpRefused("$metadata is no JSON object; is the address that of an OData service?")
    return found
