"""What the PIM did not take as we thought: a user had deleted it, or somebody else was faster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._changes import ItemChange
from akeneo_erp_bridge.sync._conflicts._weigh import Weigher
from akeneo_erp_bridge.sync._drafts._adoption import Adopter
from akeneo_erp_bridge.sync._drafts._diff import NEW, Diff, diff_item
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft, change_of
from akeneo_erp_bridge.sync._state import ParkedItem
from akeneo_erp_bridge.sync._stream import Stream

ItemT = TypeVar("ItemT", bound=ErpItem)


class Surprises(Generic[ItemT]):
    """Draws up anew what was lost, once it is known what the PIM has in its place."""

    def __init__(self, stream: Stream[ItemT], adopter: Adopter[ItemT], weigher: Weigher[ItemT]) -> None:
        self._stream = stream
        self._adopter = adopter
        self._weigher = weigher

    def recheck(self, draft: Draft, changes: Sequence[ItemChange], now: datetime) -> list[ItemChange]:
        """What items still need of which the PIM surprised us: it had lost them, and made them anew as stubs, or refuses
        to make what somebody else made.

        A change without cells is complete. Where a PIM user had made another product of the same SKU meanwhile, or one
        that a rule of adoption finds, that one is the item's from now on, and the stub goes. Where that one is another
        item's, or it is not clear, the item is parked.
        """
        draft.unhold({change.key for change in changes})
        candidates = [draft.candidates[change.key] for change in changes]
        stubs = self._stream.target.read([one.ref for one in candidates], self._stream.cells)
        kept = {one.mapped.key: one for one in self._found_again(candidates, draft)}
        again: list[ItemChange] = []
        for change in changes:
            one, stub = kept.get(change.key), stubs.get(change.ref)
            if one is not None and one.ref == change.ref and stub is not None:
                base = self._stream.files.resumed(one.entry, change.after, stub, is_first=True)
                one = evolve(one, base=base, exists=True)
            diff = diff_item(one.mapped, self._stream.compiled, one.base, now) if one is not None else None
            if one is not None and diff is not None and one.ref != change.ref:
                one = self._fitting(one, diff, draft)
            if change.action == "update" and (one is None or one.ref != change.ref):
                self._stream.target.discard(change.ref)
            if one is None or diff is None:
                draft.forgotten.append(change.key)
            else:
                draft.candidates[change.key] = one
                again.append(change_of(one, diff, self._stream.compiled.context))
        self._adopter.note(draft)
        return again

    def _fitting(self, one: Candidate, diff: Diff, draft: Draft) -> Candidate | None:
        """The item, unless its other product would change what does not change: then it is parked."""
        fatal = self._weigher.guarded(one, diff)
        for worst in fatal[:1]:
            key, context = one.mapped.key, self._stream.compiled.context
            detail = "; ".join([worst.detail, *map(str, fatal[1:])])
            draft.parked.append(ParkedItem(key, worst.code, worst.path, detail, one.fingerprint, context))
        return one if not fatal else None

    def _found_again(self, candidates: Sequence[Candidate], draft: Draft) -> list[Candidate]:
        """The items with what the PIM has of them, beside stubs: by their SKU, else by the rules. Others are parked."""
        names = sorted({one.name for one in candidates})
        named = self._stream.target.find(names, self._stream.cells)
        refs = [one.ref for one in named.values()]
        owned = {one.ref: one.key for one in self._stream.state.owners(self._stream.name, refs)}
        page: list[Candidate] = []
        for one in candidates:
            key, other = one.mapped.key, named.get(one.name.lower())
            if other is None or other.ref == one.ref:
                page.append(evolve(one, base=NEW, exists=False))
            elif other.ref in owned:
                draft.parked.append(words.second(key, one.name, owned[other.ref], self._stream.compiled.context))
            else:
                page.append(evolve(one, base=self._stream.files.adopted(other), ref=other.ref, exists=True))
        return self._adopter.adopted(page, draft, is_bare=False)
