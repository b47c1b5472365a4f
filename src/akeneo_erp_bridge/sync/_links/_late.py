"""Links that came before their targets: looked at again at the end of each run."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import Links
from akeneo_erp_bridge.rules import Problem
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._conflicts._policy import still_taken
from akeneo_erp_bridge.sync._conflicts._weigh import Weigher
from akeneo_erp_bridge.sync._drafts._diff import Base, Diff, diff_links
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._drafts._known import lists, lost, remembered
from akeneo_erp_bridge.sync._drafts._members import names
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._links._graph import Inverse
from akeneo_erp_bridge.sync._links._linker import Linker, touched_by
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found
from akeneo_erp_bridge.sync.plan import ItemChange

ItemT = TypeVar("ItemT", bound=ErpItem)

_AT_ONCE: Final = 500  # items whose links are looked at together


class LateLinks(Generic[ItemT]):
    """Drafts what is to be linked now; what the items want is in the ledger, so that the ERP is not asked.

    A run of a part links those items only that are *among* what it dealt with.
    """

    def __init__(
        self,
        stream: Stream[ItemT],
        written: SeenKeys,
        weigher: Weigher[ItemT],
        among: Callable[[Sequence[ErpKey]], Container[ErpKey]] | None = None,
    ) -> None:
        self._stream = stream
        self._among = among
        self._weigher = weigher
        self._linker = Linker(stream, written)

    def drafts(self, now: datetime) -> Iterator[Draft]:
        """The links of this run and of earlier ones, some hundred items at a time."""
        after = ""
        while self._linker.cells:
            entries = self._stream.state.unlinked(self._stream.name, self._stream.compiled.context, after, _AT_ONCE)
            if not entries:
                return
            after = entries[-1].key
            if self._among is not None:
                ours = self._among([one.key for one in entries])
                entries = [one for one in entries if one.key in ours]
            parked = self._stream.state.parked_among(self._stream.name, [one.key for one in entries])
            # what the PIM refused of an item is told with the item; its links are looked at with it
            yield self._draft([one for one in entries if one.key not in parked], now)

    def _draft(self, entries: Sequence[LedgerEntry], now: datetime) -> Draft:
        draft = Draft()
        intents = self._stream.state.intents(self._stream.name, [one.key for one in entries])
        held = {
            (one.key, one.cell)
            for one in self._stream.state.held_among(self._stream.name, [one.key for one in entries])
        }
        pairs = [
            # what is held was looked at just now, and waits for more than its targets
            (one, self._told(one, {cell: each for cell, each in links.items() if (one.key, cell) not in held}, draft))
            for one, links in zip(entries, self._linker.again(entries), strict=True)
        ]
        touched = [
            one.ref
            for one, links in pairs
            if one.key in intents or diff_links(one.key, links, self._stream.compiled, remembered(one), now).changes
        ]
        there = self._read(touched)
        bases = {
            one.ref: self._base(one, intents.get(one.key), there[one.ref]) if one.ref in there else remembered(one)
            for one, _ in pairs
        }
        for ref, inverse in self._inverses(pairs, there, bases).items():
            bases[ref] = evolve(bases[ref], inverse=inverse)
        for one, links in pairs:
            if one.ref in touched and one.ref not in there:
                draft.entries.append(lost(one))
            else:
                self._link(one, links, bases[one.ref], draft, now, is_unsure=one.key in intents)
        return draft

    def _read(self, refs: Sequence[str]) -> dict[str, Found]:
        """What exists; the PIM's lists lag behind, so what is not in them is asked for itself."""
        there = dict(self._stream.target.read(refs, self._stream.cells)) if refs else {}
        for ref in refs:
            found = self._stream.target.get(ref, self._stream.cells) if ref not in there else None
            if found is not None:
                there[ref] = found
        return there

    def _told(self, one: LedgerEntry, found: Mapping[str, Links | Problem], draft: Draft) -> dict[str, Links]:
        """The cells that can be looked at; what keeps the others waiting is told."""
        links: dict[str, Links] = {}
        for cell, each in found.items():
            if isinstance(each, Problem):
                draft.unlinked.append(ParkedItem(one.key, each.code, cell, each.detail))
            else:
                links[cell] = each
                draft.unlinked += [words.unlinked(one.key, cell, each.missing)] if each.missing else []
        return links

    def _base(self, one: LedgerEntry, intent: LedgerEntry | None, there: Found) -> Base:
        base = self._stream.files.resumed(one, intent, there, is_first=False) if intent is not None else remembered(one)
        return evolve(base, theirs=lists(self._stream.compiled, there))

    def _inverses(
        self,
        pairs: Sequence[tuple[LedgerEntry, Mapping[str, Links]]],
        there: Mapping[str, Found],
        bases: Mapping[str, Base],
    ) -> dict[str, dict[str, Inverse]]:
        two_way = self._linker.two_way
        page = {
            one.ref: {key: frozenset(names(links[key].there)) for key in two_way & links.keys()} for one, links in pairs
        }
        return self._linker.inverses(page, [touched_by(ref, bases[ref], two_way) for ref in there])

    def _link(
        self, one: LedgerEntry, links: Mapping[str, Links], base: Base, draft: Draft, now: datetime, *, is_unsure: bool
    ) -> None:
        diff = diff_links(one.key, links, self._stream.compiled, base, now)
        held = self._held(one.key, diff, base, draft)
        if held:
            links = {cell: each for cell, each in links.items() if cell not in held}
            diff = diff_links(one.key, links, self._stream.compiled, base, now)
        draft.skipped += [ParkedItem(one.key, each.code, each.path, each.detail) for each in diff.problems]
        still = {key: wanted for key, wanted in one.unlinked.items() if key in self._linker.cells and key not in links}
        fingerprint, stamps = ("" if held else one.fingerprint), still_taken(diff.stamps, diff.cells)
        unlinked = {**still, **diff.unlinked}
        after = evolve(
            one, fingerprint=fingerprint, cells=diff.cells, stamps=stamps, shared=diff.shared, unlinked=unlinked
        )
        if diff.changes:
            draft.late.append(
                ItemChange(
                    one.key, "update", diff.changes, after, ItemChange.seal_of(after, diff.changes), is_late=True
                )
            )
        elif is_unsure or held or dict(one.unlinked) != after.unlinked:
            draft.entries.append(after)
            draft.answered.append(one.key)

    def _held(self, key: ErpKey, diff: Diff, base: Base, draft: Draft) -> set[str]:
        """The lists that are not written, since a PIM user changed our part of them."""
        held: set[str] = set()
        for cell, change in diff.changes.items():
            met = self._weigher.late(key, cell, diff.cells.get(cell), base)
            if met is not None:
                seen, is_held = met
                (draft.held if is_held else draft.told).append(seen)
                held |= {change.cell} if is_held else set()
        return held
