"""A mapping joined with the PIM's structure: each cell knows how its value travels and compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Final, Generic, TypeVar, cast

from attrs import frozen

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributeType,
    JsonValue,
    PimStructure,
    canonical,
    canonical_rows,
    encode_data,
    encode_rows,
    table_columns,
)
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import TemperatureRefused
from akeneo_erp_bridge.mapping._checks._admission import admit
from akeneo_erp_bridge.mapping._checks._as_data import as_data
from akeneo_erp_bridge.mapping._checks._left_out import LeftOut
from akeneo_erp_bridge.mapping._checks._misfit import Misfit
from akeneo_erp_bridge.mapping._cuts import Cuts
from akeneo_erp_bridge.mapping._mapping import ItemMapping, Mapped
from akeneo_erp_bridge.mapping._reference import Downgrade, find_reference, misplaced
from akeneo_erp_bridge.mapping._shapes._lines import TableRows, merges_rows
from akeneo_erp_bridge.mapping._shapes._links import LinkField, Links, canonical_links, wanted_links
from akeneo_erp_bridge.mapping._shapes._media import MediaFound
from akeneo_erp_bridge.rules import Binding, Catch, Owner, Problem, Step, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

_TEXTS: Final = frozenset({AttributeType.TEXT, AttributeType.TEXTAREA})
_MEDIA: Final = frozenset({AttributeType.IMAGE, AttributeType.FILE})
_SHARED: Final = frozenset(
    {
        AttributeType.MULTI_SELECT,
        AttributeType.PRICE_COLLECTION,
        AttributeType.REFERENCE_ENTITY_COLLECTION,
        AttributeType.REFERENCE_DATA_COLLECTION,
        AttributeType.ASSET_COLLECTION,
    }
)


@frozen
class CompiledCell(Generic[S]):
    """One binding with what the PIM says about its cell; `attribute` is `None` for a field such as family.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import CATEGORIES, ProductMapping, as_set
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     group = cold(str, "group")
    >>> drills = ProductMapping(Drill, (Drill.group >> as_set()).to(CATEGORIES))
    >>> with PimSimulator(sample=True).client() as pim:
    ...     cell = CompiledMapping(drills, pim.structure()).cells["categories"]
    >>> cell.is_shared, cell.encode(frozenset({"Drills"})), cell.canonical(["Drills", "clearance"])
    (True, ['Drills'], ['clearance', 'drills'])
    """

    key: str
    binding: Binding[S]
    attribute: Attribute | None
    is_shared: bool
    """Whether the PIM replaces the whole list on a write, so that we may own only a part of it: codes, prices, links."""
    member_key: str
    """The key that names a member of a shared list, such as the currency of a price; empty for codes."""
    is_ordered: bool
    """Whether the order of a shared list says something, as with assets."""
    link: LinkField | None
    """The links the cell stands for."""
    is_media: bool
    """Whether the cell holds a file."""
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
            return self._encoded(value)
        except ValueError as error:
            # what is wrong with a price is told without the price, which its terms may not have let in
            told = str(error) if self.reference is None else f"the PIM cannot hold the price in '{self.key}' as it is"
            return Problem("wrong_value", "", told, "skip_cell" if self.is_caught else "skip_item")

    def _encoded(self, value: object) -> JsonValue:
        if isinstance(value, MediaFound):
            return value.digest  # what stands for the file; its code is the PIM's to give
        if self.link is not None:
            return value.there if isinstance(value, Links) else list(wanted_links(value, self.link))
        if self.attribute is None:
            return _encode_field(self.key, value)
        if self.attribute.type == AttributeType.TABLE:
            return encode_rows(_as_rows(value), self.attribute)
        return encode_data(as_data(value), self.attribute)

    def canonical(self, wire: JsonValue) -> JsonValue:
        """One form for equal values, whatever their spelling."""
        if self.is_text and isinstance(wire, str):
            return wire
        if self.is_media:
            return wire  # the codes of files are no matter of case
        if self.attribute is not None and self.attribute.type == AttributeType.TABLE:
            return canonical_rows(wire, self.attribute)
        if self.attribute is not None:
            return canonical(wire, self.attribute.type)
        if self.link is not None and self.link.is_quantified:
            return canonical_links(wire)
        if isinstance(wire, list | tuple):
            return sorted({str(code).lower() for code in wire})
        return wire.lower() if isinstance(wire, str) and not self.key.startswith("labels") else wire

    def found(self, raw: JsonValue) -> JsonValue:
        """The canonical form of what the PIM holds; what is not as its type says equals nothing of ours."""
        try:
            return self.canonical(raw)
        except ValueError:
            return raw


def _as_rows(value: object) -> TableRows:
    seen = value
    # the casts: what a rule gave is untyped by now; `encode_rows` checks each cell
    rows = cast("tuple[object, ...]", tuple(value)) if isinstance(value, list | tuple) else (None,)  # pyright: ignore[reportUnknownArgumentType]  # as above
    if all(isinstance(row, Mapping) for row in rows):
        return cast("TableRows", rows)
    raise ValueError(f"a table takes rows, which table(...) makes, seen {shown(seen)}")


def _encode_field(key: str, value: object) -> JsonValue:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, set | frozenset | list | tuple):
        return sorted(str(code) for code in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # str() takes whatever the rule gave
    raise ValueError(f"field '{key}' takes a code, codes or a boolean, seen {shown(value)}")


class CompiledMapping(Generic[ItemT]):
    """A mapping ready to run against one structure. `context` changes when either does.

    `misfits` are those that the run goes on without; `cells` holds no cell that is left out as a whole.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import ProductMapping
    >>> from akeneo_erp_bridge.rules import Cell
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> with PimSimulator(sample=True).client() as pim:
    ...     drills = CompiledMapping(ProductMapping(Drill, Drill.number.to(Cell("sku"))), pim.structure())
    >>> drills.identifier, drills.cells["sku"].is_text, drills.run(Drill({"number": "DR-18"})).outcomes["sku"].value
    ('sku', False, 'DR-18')
    """

    def __init__(self, mapping: ItemMapping[ItemT], structure: PimStructure, misfits: Sequence[Misfit] = ()) -> None:
        self.mapping = mapping
        self.structure = structure
        self.left_out = LeftOut.of(misfits)
        self._misfits = tuple(misfits)
        self._strip = self.left_out.strip if misfits else None
        bindings = tuple(mapping.bindings)
        # again: the mapping may be of a class that overrides what its base checks
        admit(mapping.source, bindings)
        self._cuts = Cuts(mapping.source, bindings)
        self.cells = MappingProxyType(
            {
                one.cell.key: _compile(one, structure, mapping.fields)
                for one in bindings
                if one.cell.key not in self.left_out.cells
            }
        )
        self.context = blake2b((mapping.hash + structure.hash).encode(), digest_size=16).hexdigest()
        self.identifier = structure.identifier_attribute if mapping.resource == "product" else "code"

    def __reduce__(
        self,
    ) -> tuple[type[CompiledMapping[ItemT]], tuple[ItemMapping[ItemT], PimStructure, Sequence[Misfit]]]:
        return CompiledMapping, (self.mapping, self.structure, self._misfits)

    def run(self, item: ItemT) -> Mapped:
        """The rules that were checked, on one item, without what the PIM has no place for.

        A mapping of a class that overrides `run` has no say in it.
        """
        mapped = Mapped(item.key, self._cuts.outcomes(item))
        return self._strip(mapped) if self._strip is not None else mapped


def _compile(binding: Binding[S], structure: PimStructure, fields: frozenset[str]) -> CompiledCell[S]:
    code, rule = binding.cell.attribute, binding.rule
    link = LinkField.of(code)
    attribute = None if code in fields or link is not None else structure.attributes[AttributeCode(code)]
    is_text = attribute is not None and attribute.type in _TEXTS
    reference = find_reference(rule)
    # again: the mapping may be of a class whose preflight checks nothing
    wrong_door = misplaced(binding, attribute)
    if wrong_door is not None:
        raise TemperatureRefused(f"cell '{binding.cell}': {wrong_door}")
    return CompiledCell(
        binding.cell.key, binding, attribute,
        is_shared=_is_shared(code, attribute, link, rule), member_key=_member_key(attribute, link),
        is_ordered=attribute is not None and attribute.type in (AttributeType.ASSET_COLLECTION, AttributeType.TABLE),
        link=link, is_media=attribute is not None and attribute.type in _MEDIA,
        reference=reference, label=rule.label, is_text=is_text,
        is_plain=is_text and binding.owner is Owner.ERP and reference is None,
        is_caught=isinstance(rule, Catch),
    )  # fmt: skip


def _is_shared(code: str, attribute: Attribute | None, link: LinkField | None, rule: Step) -> bool:
    if attribute is None:
        return link is not None or code in ("categories", "groups")
    return attribute.type in _SHARED or (attribute.type == AttributeType.TABLE and merges_rows(rule))


def _member_key(attribute: Attribute | None, link: LinkField | None) -> str:
    if link is not None:
        return "target" if link.is_quantified else ""
    if attribute is not None and attribute.type == AttributeType.TABLE:
        return table_columns(attribute)[0].code
    return "currency" if attribute is not None and attribute.type == AttributeType.PRICE_COLLECTION else ""
