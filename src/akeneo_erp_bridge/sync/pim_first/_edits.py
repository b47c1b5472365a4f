"""Fields that the PIM owns and somebody changed in the ERP: what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, Literal, TypeVar

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ErpRef, ItemWriter
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.rules import shown
from akeneo_erp_bridge.sync._conflicts._policy import ConflictPolicy
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, Settled, SyncState, Wire
from akeneo_erp_bridge.sync.pim_first._outward import Outward
from akeneo_erp_bridge.sync.pim_first._placing import ABOVE, WITHHELD, withheld

ItemT = TypeVar("ItemT", bound=ErpItem)

_KEPT: Final = "kept "
"""Before a cell's key, in the stamps of an entry: what the ERP made of what it was given. No cell's key has a space."""
_SEEN: Final = "seen"
"""The stamp that holds the fingerprint of the item's own fields when they were last compared."""
VERSION: Final = "version"
"""The stamp that holds what our last write told, and the version of the item behind it."""
_TOLD: Final = 100


@frozen
class Memory:
    """Where the two ways are remembered: `out` by product, `back` by the ERP's key."""

    state: SyncState
    out: str
    back: str

    @property
    def unread(self) -> str:
        """Where the keys of items stand that are to be read by them: no delta of the ERP may show those."""
        return f"{self.back} by key"

    def want(self, items: Sequence[LedgerEntry]) -> None:
        """Have the next way back read these entries of `back`, wherever this run dies."""
        if items:
            self.state.intend(self.unread, items)


def is_others(memory: Memory, erp: ItemWriter[ItemT], key: ErpKey, ref: str) -> bool:
    """Whether the item of this key is that of another product than *ref*: the ERP tells, since numbers may have moved."""
    bound = memory.state.entries(memory.back, [key]).get(key)
    if bound is None or bound.gone or bound.ref == ref:
        return False
    there = erp.find_by_key(bound.ref)
    return there is not None and there.key == key


@define
class Edits(Generic[ItemT]):
    """Looks at items that the ERP shows as changed.

    ``"overwrite"``: the next export gives the ERP the PIM's value again. ``"hold"``: neither side is written until a person
    decides. ``"report"``: the ERP's value stands until the PIM's changes. `cells` are the first hundred that were met.

    An ERP may keep another value than it was given, say a rounded one. Where nobody wrote to the item since we did, its
    value is how it keeps what it is given, and nobody's edit. An ERP without versions is told a second time before that.
    """

    outward: Outward[ItemT]
    erp: ItemWriter[ItemT]
    memory: Memory
    policy: ConflictPolicy
    cells: list[HeldCell] = field(factory=list[HeldCell], init=False)
    count: int = field(default=0, init=False)

    @property
    def paths(self) -> frozenset[str]:
        """What the ERP has to be asked for, to see it."""
        return frozenset(pair.field.path for pair in self.outward.pairs.values())

    def unseen(self, items: Mapping[ErpKey, ItemT]) -> set[ErpKey]:
        """Those of the items, by their products' names in the PIM, that are not as they were when we last looked."""
        entries = self.memory.state.entries(self.memory.out, list(items))
        return {key for key, entry in entries.items() if entry.stamps.get(_SEEN) != self._print(items[key])}

    def _print(self, item: ItemT) -> str:
        return item.fingerprint(tuple(sorted(self.paths)))

    def look(self, items: Mapping[ErpKey, ItemT], products: Mapping[ErpKey, Product]) -> None:
        """Compare items with what their products last told them. Both are by the product's name in the PIM."""
        state, stream = self.memory.state, self.memory.out
        known: dict[ErpKey, dict[str, HeldCell]] = {}
        for cell in state.held_among(stream, list(items)):
            known.setdefault(cell.key, {})[cell.cell] = cell
        after: list[LedgerEntry] = []
        for key, entry in state.entries(stream, list(items)).items():
            if not entry.gone and key in products:
                there, wires = self.outward.found(items[key]), _own(entry, self.outward.wires(products[key]))
                after += self._look(_Side(entry, there, wires, known.get(key, {})), self._print(items[key]))
        if after:
            state.amend(stream, after)

    def _look(self, side: _Side, seen: str) -> list[LedgerEntry]:
        """What is to stand in the ledger then; nothing where it stands there."""
        pairs = [key for key in self.outward.pairs if key not in withheld(side.entry)]
        edited = [key for key in pairs if side.found.get(key) != side.entry.cells.get(key)]
        stamps, cells = {**side.entry.stamps, _SEEN: seen}, dict(side.entry.cells)
        held: list[HeldCell] = []
        fresh = [key for key in edited if stamps.get(f"{_KEPT}{key}") != [cells.get(key), side.found.get(key)]]
        ours = self._written(side.entry) if fresh else frozenset[str]()
        for key in fresh:
            told, found, pim = cells.get(key), side.found.get(key), side.wires.get(key)
            if key in ours and key not in side.held:
                stamps[f"{_KEPT}{key}"] = [told, found]
            elif found == pim:
                _put(cells, key, found)
            else:
                cell = HeldCell(side.entry.key, key, told, found, pim, wire=pim)
                self.count += 1
                self.cells += [cell] if len(self.cells) < _TOLD else []
                if self.policy == "hold":
                    before = side.held.get(key)
                    held.append(before if before is not None and _says(before) == _says(cell) else cell)
                elif self.policy == "overwrite":
                    stamps[f"{_KEPT}{key}"] = [pim, found]
                    _put(cells, key, found)
        return self._remember(side, evolve(side.entry, cells=cells, stamps=stamps), held)

    def _remember(self, side: _Side, entry: LedgerEntry, held: Sequence[HeldCell]) -> list[LedgerEntry]:
        state, stream = self.memory.state, self.memory.out
        told_anew = any(entry.cells.get(key) != side.wires.get(key) for key in entry.cells.keys() | side.wires.keys())
        if told_anew and entry.cells != side.entry.cells:
            state.intend(stream, [entry])  # so the next export looks at the product, wherever this run dies
        if list(side.held.values()) != list(held):
            parked = state.parked_among(stream, [entry.key])  # it stays so: nothing of it was sent
            state.settle(stream, Settled([entry], list(parked.values()), held=held))
            return []
        return [entry] if entry != side.entry else []

    def _written(self, entry: LedgerEntry) -> frozenset[str]:
        """The cells of our last write, where nobody wrote to the item since."""
        last = entry.stamps.get(VERSION)
        cells = last.get("cells") if isinstance(last, Mapping) else None
        if not isinstance(last, Mapping) or not isinstance(cells, list):
            return frozenset()
        ref = self.erp.find_by_key(str(entry.key))
        is_ours = ref is not None and ref.version is not None and ref.version == last.get("is")
        return frozenset(map(str, cells)) if is_ours else frozenset()


def decide(memory: Memory, product: ErpKey, cell: str, take: Literal["erp", "pim"]) -> HeldCell:
    """Decide a held cell; the next export looks at the product. Raises `StateError` where nothing is held."""
    state, stream = memory.state, memory.out
    held = state.held_among(stream, [product])
    one = next((each for each in held if each.cell == cell), None)
    entry = state.entries(stream, [product]).get(product)
    if one is None or entry is None:
        raise StateError(
            f"nothing is held for product {shown(str(product))} and cell {shown(cell)} of stream {shown(stream)}; "
            "state.held(stream) lists what is"
        )
    cells, stamps = dict(entry.cells), dict(entry.stamps)
    if take == "erp":  # as if it were how the ERP keeps what the PIM says
        stamps[f"{_KEPT}{cell}"] = [one.pim, one.erp]
    _put(cells, cell, one.pim if take == "erp" else one.erp)
    after = evolve(entry, cells=cells, stamps=stamps, fingerprint="")
    state.intend(stream, [after])  # first: who dies in between is asked again, and loses nothing
    parked = state.parked_among(stream, [product])  # it stays so until the ERP has taken it
    state.settle(stream, Settled([after], list(parked.values()), held=[each for each in held if each is not one]))
    return one


@frozen
class _Side:
    """An item beside its product: what was told, what the ERP and the PIM say now, and what is held."""

    entry: LedgerEntry
    found: Mapping[str, Wire]
    wires: Mapping[str, Wire]
    held: Mapping[str, HeldCell]


def written(ref: ErpRef, changed: frozenset[str]) -> Wire:
    """What is to be remembered of a write: the version that the item has now, and the cells that were told."""
    return {"is": ref.version, "cells": sorted(changed)}


def kept(stamps: Mapping[str, Wire], changed: frozenset[str] = frozenset()) -> dict[str, Wire]:
    """What is known of how the ERP keeps values, without the cells that it is told anew."""
    return {one: stamp for one, stamp in stamps.items() if one != WITHHELD and one.removeprefix(_KEPT) not in changed}


def _own(entry: LedgerEntry, wires: Mapping[str, Wire]) -> dict[str, Wire]:
    """What a product tells itself, and its template not in its place."""
    place = {ABOVE: entry.cells[ABOVE]} if ABOVE in entry.cells else {}
    return {**{key: wire for key, wire in wires.items() if key not in withheld(entry)}, **place}


def _says(cell: HeldCell) -> tuple[Wire, Wire]:
    return cell.erp, cell.pim


def _put(cells: dict[str, Wire], key: str, value: Wire) -> None:
    if value is None:
        cells.pop(key, None)
    else:
        cells[key] = value
