"""The way back: of what the ERP changed, the items whose product was born in the PIM."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeAlias, TypeVar, cast

from attrs import evolve, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, ChoiceReader, Cursor, ErpItem, ErpSchema, Health, Page, PimFirstErp
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.sync._reading._scope import Reads
from akeneo_erp_bridge.sync._state import LedgerEntry, Settled
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._writer import Hook
from akeneo_erp_bridge.sync.engine import ErpToPim
from akeneo_erp_bridge.sync.observe import RunObserver
from akeneo_erp_bridge.sync.options import SyncOptions
from akeneo_erp_bridge.sync.pim_first._edits import Edits, Memory, is_others
from akeneo_erp_bridge.sync.pim_first._own_cells import Known
from akeneo_erp_bridge.sync.pim_first._shelf import ByName
from akeneo_erp_bridge.sync.report import SyncReport

ItemT = TypeVar("ItemT", bound=ErpItem)

_ASKED: Final = "asked"
"""In place of a fingerprint: the run under way has asked the ERP for the item by its key."""
_SLICE: Final = 500

Elsewhere: TypeAlias = Callable[[Mapping[ErpKey, Product]], Mapping[ErpKey, frozenset[str]]]
"""By the things' names in the PIM."""


@frozen
class BoundItems(Generic[ItemT]):
    """An ERP that has no items but the bound ones. Those whose product is no longer in the PIM are bound no more.

    Behind what the ERP tells come those that no delta may show: they were there before they were bound, or have another
    key now.
    """

    erp: PimFirstErp[ItemT]
    memory: Memory
    shelf: ByName
    mapping: ItemMapping[ItemT]
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
        reached, wanted = since, fields | self.edits.paths
        for page in self.erp.read_items(since, fields=wanted, limit=limit):
            reached = page.resume
            yield self._bound(page)
        if reached is None:
            return  # the ERP has no page at all
        for some in self._unread(limit):
            items = list(self._by_key(some, wanted, limit))
            self.memory.want([evolve(one, fingerprint=_ASKED) for one in some.values()])
            yield self._bound(Page(items, (), reached))

    def read(self) -> None:
        """The run came to its end: what was asked for by its key is dealt with, be it there or not."""
        for some in self._unread(_SLICE):
            asked = [key for key, one in some.items() if one.fingerprint == _ASKED]
            if asked:
                self.memory.state.settle(self.memory.unread, Settled(answered=asked))

    def _unread(self, limit: int) -> Iterator[dict[ErpKey, LedgerEntry]]:
        last = ""
        while some := self.memory.state.open_intents(self.memory.unread, last, limit):
            last = some[-1]
            yield self.memory.state.intents(self.memory.unread, some)

    def _by_key(self, keys: Collection[ErpKey], fields: frozenset[str], limit: int) -> Iterator[ItemT]:
        erp: object = self.erp
        if isinstance(erp, ChoiceReader):
            choice = Choice(self.mapping.source.key_spec().path, tuple(keys))
            # the cast: the check sees the method and not its types; what one class reads is of one kind
            pages = cast("ChoiceReader[ItemT]", erp).read_some(choice, fields=fields, limit=limit)
        else:
            pages = self.erp.read_items(None, fields=fields, limit=limit)
        for page in pages:
            yield from (item for item in page.items if item.key in keys)

    def lost(self, keys: Sequence[ErpKey]) -> list[ErpKey]:
        """Those of the bound items that the ERP has no more, under any key. They are to be tagged again to be made anew."""
        state = self.memory.state
        known = state.entries(self.memory.back, keys)
        lost: list[LedgerEntry] = []
        for key, entry in known.items():
            now = self.edits.erp.find_by_key(entry.ref)
            if now is None or (now.key != key and is_others(self.memory, self.edits.erp, now.key, entry.ref)):
                lost.append(entry)  # deleted, or merged into the item of another product, which keeps it
            elif now.key != key:
                self._rename(entry, now.key)
        gone = state.entries(self.memory.out, [ErpKey(one.ref) for one in lost])
        if gone:
            settled = Settled([evolve(one, gone=True) for one in gone.values()], closed=list(gone), answered=list(gone))
            state.settle(self.memory.out, settled)
        return [one.key for one in lost]

    def _rename(self, entry: LedgerEntry, key: ErpKey) -> None:
        product, now = ErpKey(entry.ref), evolve(entry, key=key, fingerprint="")
        self.memory.want([now])
        self.memory.state.settle(self.memory.back, Settled([now], forgotten=[entry.key]))
        out = self.memory.state.entries(self.memory.out, [product])
        self.memory.state.amend(self.memory.out, [evolve(one, ref=str(key)) for one in out.values()])

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
            if self.looks_at_all or ref in unseen or item.fingerprint(self.mapping.paths) != known[item.key].fingerprint
        }
        products = self._products(list(looked))
        self.edits.look(looked, products)
        # of this page alone: rules run on it before the next one is read
        self.known.codes = {looked[ref].key: str(ref) for ref in products}
        if self.elsewhere is not None:
            cells = self.elsewhere(products)
            self.known.elsewhere = {looked[ref].key: cells[ref] for ref in products}
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


def brought_back(
    items: BoundItems[ItemT],
    pim: AkeneoClient,
    reads: Reads,
    *,
    options: SyncOptions,
    observers: Sequence[RunObserver],
    stop: Stop,
    hook: Hook,
) -> SyncReport:
    """One way back, whole."""
    state = items.memory.state
    job = Returns(items, items.mapping, pim, state, options=options, observers=observers, stop=stop, hook=hook)
    job.bound = items
    report = job.run(reads=reads)
    items.read()
    return report


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
