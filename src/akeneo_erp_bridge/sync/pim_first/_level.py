"""Root models on their way to the ERP, always before the variants that hang on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Generic, TypeVar

from attrs import define, field

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure, Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, Given
from akeneo_erp_bridge.mapping import family_variants
from akeneo_erp_bridge.mapping._shapes._levels import level_of
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, Settled
from akeneo_erp_bridge.sync.pim_first._edits import Memory
from akeneo_erp_bridge.sync.pim_first._export import OPEN, UNTAGGED, Exporter
from akeneo_erp_bridge.sync.pim_first._model_shelf import Model, ModelShelf
from akeneo_erp_bridge.sync.pim_first._placing import Place
from akeneo_erp_bridge.sync.pim_first._returns import forget_products
from akeneo_erp_bridge.sync.pim_first._shelf import Change, lots, ref_of
from akeneo_erp_bridge.sync.pim_first._tag import Plain, Tag, TagChange, TagOutcome
from akeneo_erp_bridge.sync.report import Tally

TemplateT = TypeVar("TemplateT", bound=ErpItem)
ItemT = TypeVar("ItemT", bound=ErpItem)

_PAGE: Final = 100
_SLICE: Final = 500


@define
class Wanted(Plain):
    """What models have for a tag: a variant goes to the ERP. The tag of the variants is the job's own."""

    tag: Tag
    codes: frozenset[str] = frozenset()

    @property
    def moves_on_failure(self) -> bool:
        return self.tag.moves_on_failure

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        yield from ()

    def is_waiting(self, product: Product) -> bool:
        return ref_of(product) in self.codes

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        return TagChange()


@define
class ModelLevel(Generic[TemplateT, ItemT]):
    """The templates of the ERP, as the places of variants. `variants` is where those are remembered."""

    path: str
    given: Sequence[Given[ItemT]] | None
    structure: PimStructure
    shelf: ModelShelf
    exporter: Exporter[TemplateT]
    wanted: Wanted
    variants: Memory
    tally: Tally = field(factory=Tally, init=False)
    _taken: dict[str, bool] = field(factory=dict[str, bool], init=False)
    """The models that this run has brought, and whether somebody insisted."""
    _above: dict[str, tuple[Model, ...]] = field(factory=dict[str, tuple[Model, ...]], init=False)
    """The models above each variant of the page, the root first."""
    _marked: set[str] = field(factory=set[str], init=False)
    """Those that bear the tag of a variant that was dealt with."""

    def begin(self, tally: Tally, run: str) -> None:
        """A run begins, with what a killed one had sent, perhaps."""
        self.tally = tally
        self._taken.clear()
        self._marked.clear()
        last = ""
        memory = self.exporter.memory
        while some := memory.state.open_intents(memory.out, last, _SLICE):
            last = some[-1]
            found = self.shelf.models(some)
            self._look(found, some, run)
            self._forget([key for key in some if key not in found])

    # ---- places ----
    def places(self, products: Sequence[Product], insisting: Collection[str], run: str) -> dict[str, Place]:
        """The places of variants; see `Placing`. Their root models are brought to the ERP first."""
        variants = {ref_of(one): str(one.parent) for one in products if one.parent}
        self._above = self.shelf.chains(variants)
        wishes: dict[str, bool] = {}
        for ref, chain in self._above.items():
            if chain:
                wishes[chain[0].code] = wishes.get(chain[0].code, False) or ref in insisting
        roots = {chain[0].code: chain[0] for chain in self._above.values() if chain}
        self._bring(list(roots.values()), wishes, run)
        memory, codes = self.exporter.memory, [ErpKey(code) for code in wishes]
        there = memory.state.entries(memory.out, codes)
        parked = memory.state.parked_among(memory.out, codes)
        return {ref: self._place(variants[ref], chain, there, parked) for ref, chain in self._above.items()}

    def _place(
        self,
        parent: str,
        chain: Sequence[Model],
        there: Mapping[ErpKey, LedgerEntry],
        parked: Mapping[ErpKey, ParkedItem],
    ) -> Place:
        if not chain:
            return Place(reason=f"its model '{parent}' is not in the PIM any more")
        root = chain[0]
        entry, waits = there.get(ErpKey(root.code)), parked.get(ErpKey(root.code))
        if entry is not None and not entry.gone:
            withheld = self._withheld(root)
            if withheld is None:
                return Place(
                    reason=f"its family variant '{root.variant}' is newer than this run; the next one knows it"
                )
            return Place(entry.ref, withheld)
        if waits is not None:
            return Place(reason=f"its model '{root.code}' was refused: {waits.detail}")
        return Place(
            reason=f"the ERP has no template of its model '{root.code}' any more; tag the product again to have it made anew"
        )

    def _withheld(self, root: Model) -> frozenset[str] | None:
        """The cells that a template is told and its variants are not: those that the root model holds."""
        variant = family_variants(self.structure).get(str(root.variant))
        if variant is None:
            return None
        cells = self.exporter.outward.cells.items()
        return frozenset(
            key for key, cell in cells if level_of(cell.attribute, variant, self.structure, categories=0) == 0
        )

    # ---- models ----
    def _bring(self, roots: Sequence[Model], wishes: Mapping[str, bool], run: str) -> None:
        """Write root models, each once in a run, but again where somebody insists who did not before."""
        fresh = [one for one in roots if one.code not in self._taken or wishes[one.code] > self._taken[one.code]]
        memory = self.exporter.memory
        known = memory.state.entries(memory.out, [ErpKey(one.code) for one in fresh])
        # one that is known and gone was deleted in the ERP: it is not made again for a variant that only changed
        self.wanted.codes = frozenset(one.code for one in fresh if wishes[one.code] or ErpKey(one.code) not in known)
        self._take(fresh, run)
        self._taken.update((one.code, wishes[one.code]) for one in fresh)

    def _take(self, models: Sequence[Model], run: str) -> None:
        for some in lots(models, _PAGE):
            self.exporter.take([one.product for one in some], self.tally, run)

    def poll(self, after: datetime | None, met: Callable[[Product], None], run: str) -> None:
        """Look at the templates of models that changed since a moment."""
        memory = self.exporter.memory
        if memory.state.ledger_size(memory.out) == 0:
            return
        for some in lots(self.shelf.changed(after), _SLICE):
            for one in some:
                met(one.product)
            codes = [ErpKey(one.code) for one in some if one.code not in self._taken]
            bound = list(memory.state.entries(memory.out, codes))
            self._look(self.shelf.models(bound), bound, run)

    def look(self, codes: Sequence[str], run: str) -> list[str]:
        """Models that an event has told of: their templates; and the variants below them, which no event tells of."""
        found = self.shelf.models(codes)
        self._look({code: one for code, one in found.items() if one.parent is None}, codes, run)
        self._forget([ErpKey(code) for code in codes if code not in found])
        return [ref for code in found for ref in self.shelf.below(code)]

    def _forget(self, lost: Sequence[ErpKey]) -> None:
        """Models that are no longer in the PIM."""
        self.tally.tombstoned += forget_products(self.exporter.memory, lost) if lost else 0

    def _look(self, models: Mapping[str, Model], codes: Sequence[str], run: str) -> None:
        self.wanted.codes = frozenset()
        self._take([models[code] for code in codes if code in models], run)
        memory = self.exporter.memory
        # what is not in the ERP, and nobody wants there so far, a variant may want yet
        self._taken.update(
            (code, False) for code in memory.state.entries(memory.out, [ErpKey(code) for code in models])
        )

    # ---- tags that stand on models ----
    def marks(self, product: Product) -> bool:
        """Whether the product has its tag from a model above it; see `Placing`."""
        ref = ref_of(product)
        if product.parent and ref not in self._above:  # one that got no SKU asked for no place
            self._above |= self.shelf.chains({ref: str(product.parent)})
        for model in self._above.get(ref, ()):
            if self.wanted.tag.is_waiting(model.product):
                self._marked.add(model.code)
                return True
        return False

    def move_tags(self, run: str) -> None:
        """Move the tags of models all of whose variants are dealt with."""
        marked = sorted(self._marked)
        self._marked.clear()
        for some in lots(marked, _PAGE):
            outcomes: dict[str, TagOutcome] = {
                code: outcome for code in some if (outcome := self._outcome(code)) is not None
            }
            # as they are now: what a user did meanwhile stays
            now = self.shelf.read(list(outcomes)) if outcomes else {}
            changes = list(self._changes(now, outcomes))
            if not changes:
                continue
            refused = self.shelf.change(changes)
            self.exporter.hook("export.untagged")
            memory = self.exporter.memory
            words = "the PIM does not take the tag away"
            items = [ParkedItem(ErpKey(code), UNTAGGED, "", f"{words}: {reason}") for code, reason in refused.items()]
            if items:
                memory.state.settle(memory.out, Settled(parked=items, run=run))

    def _changes(self, models: Mapping[str, Product], outcomes: Mapping[str, TagOutcome]) -> Iterator[Change]:
        for code, product in models.items():
            moved = self.wanted.tag.moved(product, outcomes[code])
            if moved.values or moved.categories is not None:
                yield Change(code, moved.values, moved.categories)

    def _outcome(self, code: str) -> TagOutcome | None:
        """What became of the variants below a model; `None` while one was not looked at yet, or the ERP gave no answer."""
        state, stream = self.variants.state, self.variants.out
        failed, is_whole = False, True
        for some in lots(self.shelf.below(code), _SLICE):
            keys = [ErpKey(ref) for ref in some]
            waits = {key: one.code for key, one in state.parked_among(stream, keys).items()}
            if not OPEN.isdisjoint(waits.values()):
                return None
            parked = {key for key, code in waits.items() if code != UNTAGGED}
            there = {key for key, one in state.entries(stream, keys).items() if not one.gone}
            failed = failed or bool(parked)
            is_whole = is_whole and there | parked == {*keys}
        if not is_whole:
            return None
        return "failed" if failed else "exported"
