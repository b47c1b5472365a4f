"""A mapping joined with the PIM's structure: each cell knows how its value travels and compares."""

from __future__ import annotations

from hashlib import blake2b
from types import MappingProxyType
from typing import Final, Generic, TypeVar, cast

from attrs import frozen

from akeneo_erp_bridge.catalog import Attribute, AttributeType, Data, JsonValue, PimStructure, canonical, encode_data
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping._admission import admit
from akeneo_erp_bridge.mapping._mapping import ItemMapping, Mapped, run_bindings
from akeneo_erp_bridge.mapping._reference import Downgrade, find_reference
from akeneo_erp_bridge.rules import Binding, Catch, Owner, Problem, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

_TEXTS: Final = frozenset({AttributeType.TEXT, AttributeType.TEXTAREA})
_SHARED: Final = frozenset({AttributeType.MULTI_SELECT, AttributeType.PRICE_COLLECTION})
FIELDS: Final = frozenset({"family", "categories", "enabled", "parent", "code", "labels"})


@frozen
class CompiledCell(Generic[S]):
    """One binding with what the PIM says about its cell; `attribute` is `None` for a field such as family."""

    key: str
    binding: Binding[S]
    attribute: Attribute | None
    is_shared: bool
    """Whether the PIM replaces the whole list on a write, so that we may own only a part of it: codes, prices."""
    reference: Downgrade | None
    """The audited rule behind a reference price."""
    label: str
    """The rule in one line."""
    is_text: bool
    """Whether a text is written and compared as it stands, as most cells of most products are."""
    is_plain: bool
    """Whether it is also the ERP's alone, and no reference price."""
    is_caught: bool
    """Whether a wrong value gives up the cell, not the item."""

    def encode(self, value: object) -> JsonValue | Problem:
        """The value as JSON for the PIM, or the reason why this cell cannot hold it."""
        if self.is_text and isinstance(value, str):
            return value
        try:
            return (
                _encode_field(self.key, value)
                if self.attribute is None
                else encode_data(_as_data(value), self.attribute)
            )
        except ValueError as error:
            return Problem("wrong_value", "", str(error), "skip_cell" if self.is_caught else "skip_item")

    def canonical(self, wire: JsonValue) -> JsonValue:
        """One form for equal values, whatever their spelling."""
        if self.is_text and isinstance(wire, str):
            return wire
        if self.attribute is not None:
            return canonical(wire, self.attribute.type)
        if isinstance(wire, list):
            return sorted({str(code).lower() for code in wire})
        return wire.lower() if isinstance(wire, str) and not self.key.startswith("labels") else wire

    def found(self, raw: JsonValue) -> JsonValue:
        """The canonical form of what the PIM holds; what is not as its type says equals nothing of ours."""
        try:
            return self.canonical(raw)
        except ValueError:
            return raw


def _as_data(value: object) -> Data:
    """Sets become sorted lists; what no attribute can hold is refused by `encode_data` itself."""
    if isinstance(value, set | frozenset):
        return sorted(str(code) for code in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # as above
    return cast("Data", value)  # checked at once by encode_data, which raises for anything else


def _encode_field(key: str, value: object) -> JsonValue:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, set | frozenset | list | tuple):
        return sorted(str(code) for code in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # str() takes whatever the rule gave
    raise ValueError(f"field '{key}' takes a code, codes or a boolean, seen {shown(value)}")


class CompiledMapping(Generic[ItemT]):
    """A mapping ready to run against one structure. `context` changes when either does."""

    def __init__(self, mapping: ItemMapping[ItemT], structure: PimStructure) -> None:
        self.mapping = mapping
        self._structure = structure
        self._bindings = tuple(mapping.bindings)
        admit(
            mapping.source, self._bindings
        )  # again: the mapping may be of a class that overrides what its base checks
        self.cells = MappingProxyType({one.cell.key: _compile(one, structure) for one in self._bindings})
        self.context = blake2b((mapping.hash + structure.hash).encode(), digest_size=16).hexdigest()
        self.identifier = structure.identifier_attribute if mapping.resource == "product" else "code"

    def __reduce__(self) -> tuple[type[CompiledMapping[ItemT]], tuple[ItemMapping[ItemT], PimStructure]]:
        return CompiledMapping, (self.mapping, self._structure)

    def run(self, item: ItemT) -> Mapped:
        """The rules that were checked, on one item; a mapping of a class that overrides `run` has no say in it."""
        return run_bindings(self._bindings, self.mapping.paths, item)


def _compile(binding: Binding[S], structure: PimStructure) -> CompiledCell[S]:
    code = binding.cell.attribute
    attribute = None if code in FIELDS else structure.attributes[AttributeCode(code)]
    is_shared = code == "categories" if attribute is None else attribute.type in _SHARED
    rule = binding.rule
    is_text = attribute is not None and attribute.type in _TEXTS
    reference = find_reference(rule)
    is_plain = is_text and binding.owner is Owner.ERP and reference is None
    return CompiledCell(
        binding.cell.key, binding, attribute, is_shared, reference, rule.label, is_text, is_plain,
        is_caught=isinstance(rule, Catch),
    )  # fmt: skip
