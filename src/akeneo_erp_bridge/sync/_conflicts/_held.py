"""Held cells of items that a run did not meet: an ERP that tells what changed does not show them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync._conflicts._policy import Standing, still_taken
from akeneo_erp_bridge.sync._conflicts._weigh import Weigher
from akeneo_erp_bridge.sync._drafts._diff import Base, diff_wires
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._drafts._known import lists, remembered
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found
from akeneo_erp_bridge.sync.plan import ItemChange

ItemT = TypeVar("ItemT", bound=ErpItem)

_AT_ONCE: Final = 100  # items that are looked at together: one request


class HeldAgain(Generic[ItemT]):
    """Drafts what can be written now; the ERP's version is in the state, so that the ERP is not asked."""

    def __init__(self, stream: Stream[ItemT], seen: SeenKeys, weigher: Weigher[ItemT]) -> None:
        self._stream = stream
        self._seen = seen
        self._weigher = weigher

    def drafts(self) -> Iterator[Draft]:
        """The held cells of earlier runs, a hundred items at a time."""
        some: dict[ErpKey, list[HeldCell]] = {}
        for key, cells in groupby(self._stream.state.held(self._stream.name), lambda one: one.key):
            some[key] = list(cells)
            if len(some) == _AT_ONCE:
                yield self._draft(some)
                some = {}
        if some:
            yield self._draft(some)

    def _draft(self, held: Mapping[ErpKey, Sequence[HeldCell]]) -> Draft:
        draft = Draft()
        keys = list(held)
        parked = self._stream.state.parked_among(self._stream.name, keys)
        met = self._seen.among([*keys, *map(held_mark, keys)])
        entries = self._stream.state.entries(self._stream.name, keys)
        left: list[LedgerEntry] = []
        for key, some in held.items():
            entry = entries.get(key)
            if held_mark(key) in met:
                continue  # weighed and told with its page
            if entry is None or entry.gone:
                # deleted in the ERP: nothing is to be decided any more
                (draft.entries.append(entry) if entry is not None else draft.forgotten.append(key))
                draft.weighed.add(key)
            elif key in parked:
                draft.held += some  # told with the item, and looked at when that is mended
            elif key not in met:
                left.append(entry)
        there: Mapping[str, Found] = (
            self._stream.target.read([one.ref for one in left], self._stream.cells) if left else {}
        )
        intents = self._stream.state.intents(self._stream.name, [one.key for one in left])
        for entry in left:
            if entry.ref in there and entry.context == self._stream.compiled.context:
                self._look(entry, intents.get(entry.key), held[entry.key], there[entry.ref], draft)
            else:
                draft.held += held[entry.key]  # for the run that meets the item
        return draft

    def _look(
        self, entry: LedgerEntry, intent: LedgerEntry | None, held: Sequence[HeldCell], there: Found, draft: Draft
    ) -> None:
        files = self._stream.files
        base = files.resumed(entry, intent, there, is_first=False) if intent is not None else remembered(entry)
        there = files.by_content(there, [one.cell for one in held if one.cell in files.cells])
        base = evolve(base, theirs=lists(self._stream.compiled, there))
        cells = dict(base.cells)
        wires: dict[str, JsonValue] = {}
        still: list[HeldCell] = []
        for one in held:
            cell = self._stream.compiled.cells.get(one.cell)
            if cell is None:
                still.append(one)
                continue
            standing = Standing.of(cell, base, one.erp, there.cells.get(one.cell))
            policy = self._weigher.policies.get(one.cell, "overwrite")
            is_open = standing.kind in ("edit", "conflict")
            now = evolve(one, base=standing.base, pim=standing.pim)
            # a file, and a price with terms of its own, are for the run that meets the item
            is_for_later = cell.is_media or cell.reference is not None
            if is_open and policy == "report":
                draft.told.append(evolve(now, is_replaced=standing.has_news and not is_for_later))
            if is_open and policy == "hold":
                still.append(now)
            elif standing.kind == "agree" and not cell.is_shared:
                cells[one.cell] = one.erp
            elif standing.has_news or (is_open and policy == "overwrite"):
                if is_for_later:
                    still.append(now)
                    continue
                wires[one.cell] = one.wire
                if is_open:
                    cells[one.cell] = standing.pim  # what is there now is what is replaced
        self._settle(entry, evolve(base, cells=cells), wires, still, draft)

    def _settle(
        self,
        entry: LedgerEntry,
        base: Base,
        wires: Mapping[str, JsonValue],
        still: Sequence[HeldCell],
        draft: Draft,
    ) -> None:
        diff = diff_wires(wires, self._stream.compiled, base)
        after = evolve(entry, cells=diff.cells, shared=diff.shared, stamps=still_taken(diff.stamps, diff.cells))
        draft.held += still
        if diff.changes:
            draft.late.append(
                ItemChange(
                    entry.key, "update", diff.changes, after, ItemChange.seal_of(after, diff.changes), is_late=True
                )
            )
        else:
            draft.entries.append(after)
            draft.answered.append(entry.key)
            draft.weighed.add(entry.key)


def held_mark(key: ErpKey) -> ErpKey:
    """How a key is kept among the keys met whose held cells this run has told; no item has such a key of its own."""
    return ErpKey(f"\0held {key}")
