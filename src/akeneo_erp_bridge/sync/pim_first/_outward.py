"""From a product of the PIM to what the ERP is given of it: two-way bindings, read backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.catalog import AttributeType, JsonValue, PimStructure, Product, Unknown, is_whole
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem, Given
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import CompiledMapping, ItemMapping
from akeneo_erp_bridge.mapping._checks._erp_checks import TwoWay, both_ways
from akeneo_erp_bridge.rules import Cell, Owner, Problem, Put, identity, shown
from akeneo_erp_bridge.sync._targets._product_cells import product_cells

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")
T = TypeVar("T")

_MANY: Final = frozenset(
    {
        AttributeType.MULTI_SELECT,
        AttributeType.REFERENCE_ENTITY_COLLECTION,
        AttributeType.REFERENCE_DATA_COLLECTION,
    }
)


@frozen
class Drafted(Generic[ItemT]):
    """What the ERP is to be given, or why it cannot be made."""

    item: ItemT | None
    problems: tuple[str, ...] = ()


@frozen
class Outward(Generic[ItemT]):
    """The cells that the PIM owns, and how their values become fields of the ERP.

    `context` changes when any of it does.
    """

    source: type[ItemT]
    compiled: CompiledMapping[ItemT]
    pairs: Mapping[str, TwoWay]
    given: Sequence[Given[ItemT]] = ()
    beside: Sequence[str] = ()
    """What else decides how a product is told, such as the cells that its template is told."""
    context: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        told = identity([self.source, {key: (one.field.path, one.iso) for key, one in sorted(self.pairs.items())}])
        told += identity([(one.path, one.value) for one in self.given])
        told += identity(list(self.beside)) if self.beside else ""
        # the one way to set a field of a frozen class while it is made
        object.__setattr__(
            self, "context", blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
        )

    @classmethod
    def of(
        cls,
        mapping: ItemMapping[ItemT],
        structure: PimStructure,
        first: Sequence[Given[ItemT]] = (),
        beside: Sequence[str] = (),
    ) -> Outward[ItemT]:
        """Of those bindings that the PIM owns. Raises `MappingError` where there is none, or one that cannot be given."""
        pairs = {one.cell: one for one in both_ways(mapping.bindings) if one.owner is Owner.PIM}
        if not pairs:
            raise MappingError(
                "nothing goes out: no binding of the mapping is the PIM's; write e.g. "
                "two_way(Article.name, same(str), NAME, owner=Owner.PIM)"
            )
        compiled = CompiledMapping(mapping, structure)
        for key in pairs:
            cell = compiled.cells[key]
            if cell.link is not None or cell.is_media:
                kind = "links" if cell.link is not None else "a file"
                raise MappingError(
                    f"cell '{key}' holds {kind}, which no ERP field takes; leave it out of what goes out"
                )
        return cls(mapping.source, compiled, pairs, tuple(first), tuple(beside))

    @property
    def cells(self) -> dict[str, Cell[str]]:
        """The cells to be read, by key."""
        bound = {key: self.compiled.cells[key].binding.cell for key in self.pairs}
        return {key: Cell(one.attribute, one.locale, one.channel) for key, one in bound.items()}

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes among them."""
        return frozenset(
            cell.attribute for key, cell in self.cells.items() if self.compiled.cells[key].attribute is not None
        )

    def wires(self, product: Product) -> dict[str, JsonValue]:
        """What the product holds in these cells, each in one form for equal values; empty ones are left out."""
        found = self._cells(product, self.cells)
        return {
            key: self.compiled.cells[key].found(raw) for key, raw in sorted(found.items()) if raw not in (None, "", [])
        }

    def _cells(self, product: Product, cells: Mapping[str, Cell[str]]) -> dict[str, JsonValue]:
        found = product_cells(product, cells)
        if product.identifier is not None:  # what routes that speak identifiers do not have among the values
            found |= {key: product.identifier for key in cells if key == self.compiled.identifier}
        return found

    def found(self, item: ItemT) -> dict[str, JsonValue]:
        """What the ERP holds in these fields, as their cells hold it; what cannot be read there is as `None`."""
        mapped = self.compiled.run(item)
        found: dict[str, JsonValue] = {}
        for key in self.pairs:
            outcome, cell = mapped.outcomes[key], self.compiled.cells[key]
            wire = cell.encode(outcome.value) if isinstance(outcome, Put) and outcome.value is not None else None
            if wire in (None, "", []) or isinstance(wire, Problem):
                continue
            if is_whole(wire):  # half a character is neither kept nor compared
                found[key] = cell.found(wire)
        return found

    def draft(self, product: Product, changed: frozenset[str], *, is_new: bool, is_there: bool) -> Drafted[ItemT]:
        """An item that holds these cells, what the key is made of, and what is `given` to a new one.

        One that is new to us may be there, since a killed run made it: what was given then may be the ERP's by now.
        """
        row: dict[str, object] = {} if is_there else {one.path: one.value for one in self.given}
        problems: list[str] = []
        key_path = self.source.key_spec().path
        wires = self.wires(product)
        for key, pair in self.pairs.items():
            if key not in changed and pair.field.path != key_path:
                continue
            if key not in wires and pair.field.path == key_path:
                problems.append(f"the product has no {key}, by which the ERP knows an item; give it one in the PIM")
                continue
            if key not in wires:
                row.update({} if is_new else {pair.field.path: None})
                continue
            try:
                row[pair.field.path] = _as_declared(pair, pair.iso.back(self._value(product, key)))
            except Exception as error:  # noqa: BLE001 - a user's function may raise anything; the product is parked
                seen = shown(self._cells(product, {key: self.cells[key]}).get(key))
                problems.append(
                    f"{key}: {seen} cannot be given to the ERP's field '{pair.field.path}': {shown(str(error), longest=200)}"
                )
        return Drafted(None, tuple(problems)) if problems else Drafted(self.source(row))

    def _value(self, product: Product, key: str) -> object:
        """The value as its cell is typed."""
        cell, attribute = self.cells[key], self.compiled.cells[key].attribute
        if attribute is None or (key == self.compiled.identifier and product.identifier is not None):
            raw = self._cells(product, {key: cell})[key]
            return frozenset(str(one) for one in raw) if isinstance(raw, list) else raw
        typed = product.values.with_types({AttributeCode(cell.attribute): attribute.type})
        value = typed.decode(cell.attribute, locale=cell.locale, channel=cell.channel)
        if isinstance(value, Unknown):
            raise ValueError(f"values of type {attribute.type} cannot be read")
        if attribute.type in _MANY and isinstance(value, tuple):
            return frozenset(value)
        if isinstance(value, Decimal) and attribute.decimals_allowed is False:
            return int(value)
        return value


def _as_declared(pair: TwoWay, value: object) -> object:
    """A whole number for a field that takes no other."""
    kinds = pair.field.values or frozenset()
    if isinstance(value, Decimal) and int in kinds and Decimal not in kinds and value == int(value):
        return int(value)
    return value
