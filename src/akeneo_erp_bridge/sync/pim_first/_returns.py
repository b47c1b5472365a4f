"""The way back: of what the ERP changed, the items whose product was born in the PIM."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar, cast

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, ChoiceReader, Cursor, ErpItem, ErpSchema, Health, Page, PimFirstErp
from akeneo_erp_bridge.sync._state import LedgerEntry, Settled
from akeneo_erp_bridge.sync.engine import ErpToPim
from akeneo_erp_bridge.sync.pim_first._edits import Edits, Memory
from akeneo_erp_bridge.sync.pim_first._own_cells import Known
from akeneo_erp_bridge.sync.pim_first._shelf import Reads

ItemT = TypeVar("ItemT", bound=ErpItem)

Elsewhere: TypeAlias = Callable[[Mapping[ErpKey, Product]], Mapping[ErpKey, frozenset[str]]]
"""By the things' names in the PIM."""


@frozen
class BoundItems(Generic[ItemT]):
    """An ERP that has no items but the bound ones. Those whose product is no longer in the PIM are bound no more.

    `moved` are keys under which the ERP has bound items now: to be read by them, since no delta shows them.
    """

    erp: PimFirstErp[ItemT]
    memory: Memory
    shelf: Reads
    paths: tuple[str, ...]
    moved: list[ErpKey]
    edits: Edits[ItemT]
    known: Known
    elsewhere: Elsewhere | None = None
    """Which cells of products another level holds, where there are models."""
    looks_at_all: bool = False

    def describe(self) -> ErpSchema:
        return self.erp.describe()

    def check(self) -> Health:
        return self.erp.check()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        for page in self.erp.read_items(since, fields=fields | self.edits.paths, limit=limit):
            yield self._bound(page)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        erp: object = self.erp
        if not isinstance(erp, ChoiceReader):
            yield from self.read_items(None, fields=fields, limit=limit)
            return
        # the cast: the check sees the method and not its types; what one class reads is of one kind
        for page in cast("ChoiceReader[ItemT]", erp).read_some(choice, fields=fields | self.edits.paths, limit=limit):
            yield self._bound(page)

    def lost(self, keys: Sequence[ErpKey]) -> list[ErpKey]:
        """Those of the bound items that the ERP has no more, under any key. They are to be tagged again to be made anew."""
        state = self.memory.state
        known = state.entries(self.memory.back, keys)
        lost: list[LedgerEntry] = []
        for key, entry in known.items():
            now = self.edits.erp.find_by_key(entry.ref)
            if now is None or (now.key != key and self._is_others(now.key, entry.ref)):
                lost.append(entry)  # deleted, or merged into the item of another product, which keeps it
            elif now.key != key:
                self._rename(entry, now.key)
        gone = state.entries(self.memory.out, [ErpKey(one.ref) for one in lost])
        if gone:
            settled = Settled([evolve(one, gone=True) for one in gone.values()], closed=list(gone), answered=list(gone))
            state.settle(self.memory.out, settled)
        return [one.key for one in lost]

    def _is_others(self, key: ErpKey, ref: str) -> bool:
        bound = self.memory.state.entries(self.memory.back, [key]).get(key)
        return bound is not None and not bound.gone and bound.ref != ref

    def _rename(self, entry: LedgerEntry, key: ErpKey) -> None:
        product = ErpKey(entry.ref)
        self.memory.state.settle(
            self.memory.back, Settled([evolve(entry, key=key, fingerprint="")], forgotten=[entry.key])
        )
        out = self.memory.state.entries(self.memory.out, [product])
        self.memory.state.amend(self.memory.out, [evolve(one, ref=str(key)) for one in out.values()])
        self.moved.append(key)

    def _bound(self, page: Page[ItemT]) -> Page[ItemT]:
        keys = [*(item.key for item in page.items if item.key), *page.tombstones]
        known = self.memory.state.entries(self.memory.back, keys)
        living = {key for key, entry in known.items() if not entry.gone}
        items = [item for item in page.items if item.key in living]
        by_ref = {ErpKey(known[item.key].ref): item for item in items}
        unseen = self.edits.unseen(by_ref)
        looked = {
            ref: item
            for ref, item in by_ref.items()
            if self.looks_at_all or ref in unseen or item.fingerprint(self.paths) != known[item.key].fingerprint
        }
        products = self._products(list(looked))
        self.edits.look(looked, products)
        self.known.codes.update({looked[ref].key: str(ref) for ref in products})
        if self.elsewhere is not None:
            cells = self.elsewhere(products)
            self.known.elsewhere.update({looked[ref].key: cells[ref] for ref in products})
        lost = {item.key for ref, item in looked.items() if ref not in products}
        shown = {item.key for item in items}
        dead = self.lost([key for key in page.tombstones if key in living and key not in shown])
        return Page([item for item in items if item.key not in lost], dead, page.resume)

    def _products(self, refs: Sequence[ErpKey]) -> dict[ErpKey, Product]:
        """The products of items. One that a PIM user deleted is forgotten: to write to it would make it anew."""
        there = self.shelf.read(refs) if refs else {}
        lost = [ref for ref in refs if ref not in there]
        if lost:
            forget_products(self.memory, lost)
        return {ErpKey(ref): product for ref, product in there.items()}


class Returns(ErpToPim[ItemT]):
    """The way back: an import of what is bound. What a reading of everything has not shown may have another key now."""

    bound: BoundItems[ItemT] | None = None
    """The same as `erp`, as what it is."""

    def _lost(self, keys: Sequence[ErpKey]) -> Sequence[ErpKey]:
        return keys if self.bound is None else self.bound.lost(keys)


def forget_products(memory: Memory, refs: Sequence[ErpKey]) -> int:
    """Products that are no longer in the PIM: their items stay in the ERP, and are nobody's. How many there were."""
    state = memory.state
    bound = [one for one in state.entries(memory.out, refs).values() if not one.gone]
    items = state.entries(memory.back, [ErpKey(one.ref) for one in bound])
    if items:
        state.settle(memory.back, Settled([evolve(one, gone=True) for one in items.values()]))
    gone = [evolve(one, gone=True) for one in bound]
    state.settle(memory.out, Settled(gone, closed=refs, answered=refs))
    return len(gone)
