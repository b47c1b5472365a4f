"""`$metadata` in XML (OASIS "OData Common Schema Definition Language XML Representation").

A document with a DOCTYPE is refused before any of it is read: metadata needs none, and entities are how a small document
becomes a huge one, or one that reads our files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat

from attrs import field, frozen

from akeneo_erp_bridge.erp._odata._edm import (
    EdmModel,
    EdmNavigation,
    EdmProperty,
    EdmSet,
    Note,
    TypeDraft,
    assemble,
    kind_of,
)
from akeneo_erp_bridge.errors import ErpRefused

_DEEPEST: Final = 60


@frozen
class _Node:
    name: str
    attributes: Mapping[str, str]
    children: list[_Node] = field(factory=list["_Node"])

    def all(self, *names: str) -> Iterator[_Node]:
        """The children of these names, whatever their namespace."""
        return (one for one in self.children if one.name in names)

    def get(self, name: str, otherwise: str = "") -> str:
        return self.attributes.get(name, otherwise)


def parse_edmx(content: bytes) -> EdmModel:
    """The model. Raises `ErpRefused` for what is no metadata of OData 4, or is not safe to read."""
    root = _tree(content)
    schemas = [schema for services in root.all("DataServices") for schema in services.all("Schema")]
    if root.name != "Edmx" or not schemas:
        raise ErpRefused("$metadata is no EDMX document with a schema; is the address that of an OData service?")
    if not root.get("Version").startswith("4"):
        raise ErpRefused(
            f"the service speaks OData {root.get('Version') or 'of an unknown version'}; ODataAdapter needs version 4"
        )
    drafts: list[TypeDraft] = []
    sets: list[EdmSet] = []
    notes: list[Note] = []
    enums: set[str] = set()
    aliases: dict[str, str] = {}
    for schema in schemas:
        space = schema.get("Namespace")
        aliases[schema.get("Alias") or space] = space
        drafts += [_type(space, one) for one in schema.all("EntityType", "ComplexType")]
        enums |= {f"{space}.{one.get('Name')}" for one in schema.all("EnumType")}
        for container in schema.all("EntityContainer"):
            sets += [EdmSet(one.get("Name"), one.get("EntityType")) for one in container.all("EntitySet")]
            for one in container.all("EntitySet"):
                notes += _notes(f"{space}.{container.get('Name')}/{one.get('Name')}", one)
        for block in schema.all("Annotations"):
            notes += _notes(block.get("Target"), block)
        for one in schema.all("EntityType", "ComplexType"):
            for inner in one.all("Property"):
                notes += _notes(f"{space}.{one.get('Name')}/{inner.get('Name')}", inner)
    return assemble(drafts, sets, frozenset(enums), aliases, notes)


def _type(space: str, node: _Node) -> TypeDraft:
    keys = tuple(ref.get("Name") for key in node.all("Key") for ref in key.all("PropertyRef"))
    return TypeDraft(
        f"{space}.{node.get('Name')}",
        node.get("BaseType") or None,
        keys,
        tuple(_property(one) for one in node.all("Property")),
        tuple(_navigation(one) for one in node.all("NavigationProperty")),
    )


def _property(node: _Node) -> EdmProperty:
    kind, is_list = kind_of(node.get("Type", "Edm.String"))
    longest = node.get("MaxLength")
    return EdmProperty(
        node.get("Name"),
        kind,
        is_list,
        nullable=node.get("Nullable", "true") != "false",
        max_length=int(longest) if longest.isdigit() else None,  # "max" is none
    )


def _navigation(node: _Node) -> EdmNavigation:
    target, is_list = kind_of(node.get("Type"))
    return EdmNavigation(node.get("Name"), target, is_list)


# ---- annotations: as much of them as is used ----
def _notes(target: str, block: _Node) -> list[Note]:
    return [Note(target, one.get("Term"), _value(one, otherwise=True)) for one in block.all("Annotation")]


def _value(node: _Node, *, otherwise: object = None) -> object:
    """What an annotation or a member of one says; without an expression, the term's default, which is true."""
    for name in ("Bool", "String", "EnumMember", "PropertyPath", "Path"):
        if name in node.attributes:
            said = node.attributes[name]
            return said == "true" if name == "Bool" else said
    for one in node.children:
        if one.name == "Record":
            return {member.get("Property"): _value(member) for member in one.all("PropertyValue")}
        if one.name == "Collection":
            return [inner.get("text") for inner in one.children]
        if one.name in ("Bool", "EnumMember", "String"):
            return one.get("text") == "true" if one.name == "Bool" else one.get("text")
    return otherwise


# ---- XML, without what makes it dangerous ----
def _tree(content: bytes) -> _Node:
    parser = expat.ParserCreate(namespace_separator=" ")
    top: list[_Node] = []
    open_nodes: list[_Node] = []
    texts: list[list[str]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(open_nodes) >= _DEEPEST:
            raise ErpRefused(f"$metadata is nested more than {_DEEPEST} deep, which no metadata is")
        node = _Node(name.rpartition(" ")[2], dict(attributes))
        (open_nodes[-1].children if open_nodes else top).append(node)
        open_nodes.append(node)
        texts.append([])

    def end(_: str) -> None:
        node = open_nodes.pop()
        said = "".join(texts.pop()).strip()
        if said and not node.children:
            # the attributes are this module's own dictionary
            node.attributes["text"] = said  # type: ignore[index]  # a Mapping to everybody else

    def character(text: str) -> None:
        texts[-1].append(text)

    def doctype(*_: object) -> None:
        raise ErpRefused(
            "$metadata has a DOCTYPE, which metadata needs none of; it is not read, for it may be an attack"
        )

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = character
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ErpRefused(f"$metadata is no XML ({error}); is the address that of an OData service?") from None
    return top[0]
