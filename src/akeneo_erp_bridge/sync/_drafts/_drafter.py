"""From a page of ERP items to the changes it asks for: nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import is_whole
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import CursorKind, ErpItem, Page
from akeneo_erp_bridge.mapping import Mapped
from akeneo_erp_bridge.rules import Problem, Put
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._conflicts._held import held_mark
from akeneo_erp_bridge.sync._conflicts._policy import Conflicts
from akeneo_erp_bridge.sync._conflicts._weigh import Weigher
from akeneo_erp_bridge.sync._drafts._adoption import Adopter
from akeneo_erp_bridge.sync._drafts._deletions import DISABLE, Burial, Deletions
from akeneo_erp_bridge.sync._drafts._diff import NEW, Base, Diff, diff_item
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft, change_of, entry_of, name_of
from akeneo_erp_bridge.sync._drafts._heirs import Heirs
from akeneo_erp_bridge.sync._drafts._known import lists, remembered
from akeneo_erp_bridge.sync._drafts._later_rows import Ask, LaterRows
from akeneo_erp_bridge.sync._drafts._matching import Adopt
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._drafts._surprises import Surprises
from akeneo_erp_bridge.sync._links._graph import Inverse
from akeneo_erp_bridge.sync._links._linker import Linker, touched_by, wishes_of
from akeneo_erp_bridge.sync._reading._scope import Scope
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found
from akeneo_erp_bridge.sync._telling._watch import Observatory
from akeneo_erp_bridge.sync._under_way import MakeWay

ItemT = TypeVar("ItemT", bound=ErpItem)


def _no_way(_: Collection[str] | None) -> None:
    """Nothing is under way."""


class Drafter(Generic[ItemT]):
    """Drafts pages against the state and the PIM, reading both, writing neither.

    `seen` is what this run has met; `burial` drafts deletions. `goes_on`: an earlier run has shown the first pages.
    """

    def __init__(
        self,
        stream: Stream[ItemT],
        *,
        retry_parked: bool,
        observatory: Observatory | None = None,
        scope: Scope[ItemT] | None = None,
        deletions: Deletions = DISABLE,
        conflicts: Conflicts | None = None,
        adopt: Adopt | None = None,
        ask: Ask[ItemT] | None = None,
    ) -> None:
        self._stream = stream
        self._retry_parked = retry_parked
        self._observatory = observatory
        self._scope = scope or Scope[ItemT]()
        self.seen = SeenKeys()
        self._later = LaterRows(self.seen, ask)
        self._heirs = Heirs(stream, self.seen, ask if self._scope.is_whole else None)
        self._starts_over = False
        self._linker = Linker(stream)
        self.burial = Burial(stream, self.seen, deletions)
        self._adopter = Adopter(stream, adopt or Adopt(), self.seen)
        self.weigher = Weigher(stream, conflicts or Conflicts())
        self.recheck = Surprises(stream, self._adopter, self.weigher).recheck
        self.goes_on = False

    def draft(self, page: Page[ItemT], now: datetime, make_way: MakeWay = _no_way) -> Draft:
        """The changes, parked items and silent ledger updates of one page.

        What is under way is settled first where the page is about the same things, or links to them.
        """
        draft = Draft()
        page = self._scope.sift(page, draft, self._stream.compiled.context)
        if self.goes_on and page.resume.kind == "snapshot":
            self._recall([item.key for item in page.items if item.key])
        living = {item.key for item in page.items}
        dying = [key for key in page.tombstones if key not in living]
        heirs = self._heirs.of(dying, besides=living)
        draft.heirs = [one.key for one in heirs]
        # a snapshot shows whatever waits by itself
        is_told = bool(dying) and page.resume.kind != "snapshot"
        recalled = self._heirs.recalled(besides={*living, *dying, *draft.heirs}) if is_told else []
        draft.read += len(recalled)
        return self._drafted([*page.items, *heirs, *recalled], dying, page.resume.kind, draft, now, make_way)

    def _recall(self, keys: Sequence[ErpKey]) -> None:
        """Those of the keys that an earlier run of this snapshot has shown are met already, with the row that counts."""
        shown = sorted(self._stream.state.shown_among(self._stream.name, keys))
        entries = self._stream.state.entries(self._stream.name, shown) if shown else {}
        parked = self._stream.state.parked_among(self._stream.name, shown) if shown else {}
        rows = ((key, (parked.get(key), entries.get(key))) for key in shown)
        self.seen.meet(
            [(key, next((one.fingerprint for one in some if one and one.fingerprint), "")) for key, some in rows]
        )

    def bury(self, keys: Sequence[ErpKey], now: datetime) -> Draft:
        """The deletions alone, and what their products are given to."""
        heirs = self._heirs.of(keys, besides=())
        draft = Draft(heirs=[one.key for one in heirs])
        return self._drafted(heirs, keys, "snapshot", draft, now, _no_way)

    def _drafted(
        self,
        items: Sequence[ItemT],
        dying: Sequence[ErpKey],
        kind: CursorKind,
        draft: Draft,
        now: datetime,
        make_way: MakeWay,
    ) -> Draft:
        draft.items = {item.key: item for item in items}
        draft.starts_over, self._starts_over = self._starts_over, False
        if self._observatory is not None:
            self._observatory.lose(dying)
        make_way([*draft.items, *dying])
        changed = self._changed(items, kind, draft) if items else []
        if changed:
            make_way(None if self._linker.cells else [name_of(one.name) for one in changed])
        found = self._linked(self._identify(changed, set(dying), draft))
        weighed = self._adopter.claimed(self.weigher.weighed(found, draft, now), draft)
        for candidate in self._with_lists(weighed, now):
            self._judge(candidate, draft, now)
        if self._linker.cells:
            self.seen.name([(one.name.lower(), one.ref) for one in draft.candidates.values()])
        self._adopter.note(draft)
        self.burial.hear(dying)
        self.burial.bury([key for key in dying if key not in draft.forgotten], draft)
        draft.again.update(dying)
        if not self._scope.is_whole:
            self.seen.meet([(_looked_at(key), "") for key in draft.items.keys() - draft.over])
        draft.parked = draft.sampled(draft.parked)
        self.seen.meet([(held_mark(one.key), "") for one in draft.held])
        return draft

    def looked_at(self, keys: Sequence[ErpKey]) -> set[ErpKey]:
        """Those of the keys that this run of a part has dealt with."""
        met = self.seen.among([_looked_at(key) for key in keys])
        return {key for key in keys if _looked_at(key) in met}

    def begin_anew(self) -> None:
        """All is read from the start: what was met before says nothing any more."""
        self.seen.begin_anew()
        self._heirs.begin_anew()
        self._starts_over = True
        self.goes_on = False

    # ---- what may have changed ----
    def _changed(self, items: Sequence[ItemT], kind: CursorKind, draft: Draft) -> list[Candidate]:
        paths, context = self._stream.compiled.mapping.paths, self._stream.compiled.context
        rows = [(item.key, item.fingerprint(paths)) for item in items]
        if self._observatory is not None:
            self._observatory.meet(items, rows)
        keys = list({key for key, _ in rows})
        ledger = self._stream.state.entries(self._stream.name, keys)
        parked = self._stream.state.parked_among(self._stream.name, keys)
        unsure = self._stream.state.intents(self._stream.name, keys)
        changed: list[Candidate] = []
        still: list[tuple[ItemT, str]] = []
        met = self._later.meet(rows, kind)
        self._heirs.rows = {
            key: item for item, (key, _), one in zip(items, rows, met.verdicts, strict=True) if one == "counts"
        }
        draft.again |= met.renewed | self.burial.returned(keys)
        for item, (key, fingerprint), verdict in zip(items, rows, met.verdicts, strict=True):
            entry = ledger.get(key)
            if not key:
                draft.parked.append(words.no_key(item, fingerprint))
            elif self._scope.leaves(entry, is_parked=_still_parked(parked.get(key), fingerprint, context)):
                draft.pass_over(key)
            elif verdict == "rival":
                draft.parked.append(words.rival(key, context, item, self._heirs.rows.get(key)))
            elif verdict == "again":
                draft.unchanged += 1  # the same row, or one that a later row of the page takes the place of
            elif key not in unsure and self._is_as_written(entry, fingerprint):
                draft.unchanged += 1
                draft.closed += [key] if key in parked else []
            elif key not in unsure and not self._retry_parked and _still_parked(parked.get(key), fingerprint, context):
                still.append((item, fingerprint))
            else:
                changed.append(self._candidate(item, fingerprint, entry))
        if changed and self._stream.compiled.mapping.resource == "category":
            # a parent that is mended mends its children, in which nothing changes
            return changed + [self._candidate(item, fingerprint, ledger.get(item.key)) for item, fingerprint in still]
        draft.parked += [parked[item.key] for item, _ in still]
        return changed

    def _is_as_written(self, entry: LedgerEntry | None, fingerprint: str) -> bool:
        is_same = entry is not None and (entry.fingerprint, entry.context) == (
            fingerprint,
            self._stream.compiled.context,
        )
        return is_same and not self.weigher.looks_at_all

    def _candidate(self, item: ItemT, fingerprint: str, entry: LedgerEntry | None) -> Candidate:
        mapped = self._stream.files.examined(self._stream.compiled.run(item), is_known=entry is not None)
        return Candidate(mapped, fingerprint, entry, self._name(mapped))

    def _name(self, mapped: Mapped) -> str:
        outcome = mapped.outcomes.get(self._stream.compiled.identifier)
        text = outcome.value if isinstance(outcome, Put) else None
        return text if isinstance(text, str) and text.strip() and is_whole(text) else ""

    # ---- what the PIM knows of it ----
    def _identify(self, candidates: list[Candidate], dying: set[ErpKey], draft: Draft) -> list[Candidate]:
        intents = self._stream.state.intents(self._stream.name, [one.mapped.key for one in candidates])
        fresh = sorted({one.name for one in candidates if one.entry is None and one.name})
        # what somebody makes while a bare PIM is filled, the PIM refuses to have twice: `recheck` finds it
        look = bool(fresh) and not self._stream.target.is_bare()
        found: Mapping[str, Found] = self._stream.target.find(fresh, self._stream.cells) if look else {}
        # an open intent: the last run sent this item and did not live to hear, or to note, what became of it
        unsure = [one.ref for one in intents.values()]
        there = dict(self._stream.target.read(unsure, self._stream.cells)) if unsure else {}
        for one in candidates:
            intent = intents.get(one.mapped.key)
            # the PIM's lists lag behind; what is new may be sent again under its reference
            if intent is not None and one.entry is not None and intent.ref not in there:
                found_itself = self._stream.target.get(intent.ref, self._stream.cells)
                there |= {intent.ref: found_itself} if found_itself is not None else {}
        based = [self._based(one, found, intents, there) for one in candidates]
        admitted = self._scope.admitted(based, intents, self._stream.target, self._stream.cells)
        if len(admitted) < len(based):
            kept = {one.mapped.key for one in admitted}
            for one in based:
                draft.pass_over(one.mapped.key) if one.mapped.key not in kept else None
        return self._adopter.adopted(self._heirs.admitted(admitted, dying, draft), draft)

    def _based(
        self,
        one: Candidate,
        found: Mapping[str, Found],
        intents: Mapping[ErpKey, LedgerEntry],
        there: Mapping[str, Found],
    ) -> Candidate:
        # Built by hand, not evolved: this runs for every item that changed.
        mapped, fingerprint, entry, name = one.mapped, one.fingerprint, one.entry, one.name
        intent = intents.get(mapped.key)
        if intent is not None and intent.ref in there:
            base = self._stream.files.resumed(entry, intent, there[intent.ref], is_first=entry is None)
            return Candidate(mapped, fingerprint, entry, name, base, intent.ref, exists=True)
        if entry is not None and intent is not None:
            return Candidate(mapped, fingerprint, entry, name, NEW, entry.ref)  # the PIM has lost it
        if entry is not None:
            return Candidate(mapped, fingerprint, entry, name, remembered(entry), entry.ref, exists=True)
        known = found.get(name.lower())
        if known is not None:
            base = self._stream.files.adopted(known)
            return Candidate(mapped, fingerprint, None, name, base, known.ref, exists=True)
        ref = self._stream.target.new_ref(name, intent.ref if intent is not None else None) if name else ""
        return Candidate(mapped, fingerprint, None, name, NEW, ref)

    def _with_lists(self, candidates: list[Candidate], now: datetime) -> list[Candidate]:
        """Where a list of shared ownership changes, read the PIM's own list first."""
        changing = [one for one in candidates if one.exists and self._touches_list(one, now)]
        unread = [one.ref for one in changing if not one.base.theirs]
        there: Mapping[str, Found] = self._stream.target.read(unread, self._stream.cells) if unread else {}
        bases = {
            one.mapped.key: evolve(one.base, theirs=lists(self._stream.compiled, there[one.ref]))
            if one.ref in there
            else one.base
            for one in changing
        }
        inverses = self._inverses(candidates, [(one.ref, bases[one.mapped.key]) for one in changing])
        return [
            evolve(one, base=evolve(bases[one.mapped.key], inverse=inverses.get(one.ref, {})))
            if one.mapped.key in bases
            else one
            for one in candidates
        ]

    def _inverses(
        self, page: Sequence[Candidate], changing: Sequence[tuple[str, Base]]
    ) -> dict[str, dict[str, Inverse]]:
        """What the far sides of two-way links say, in this page and before it."""
        two_way = self._linker.two_way
        if not two_way or not changing:
            return {}
        wishes = {one.ref: wishes_of(one.mapped, two_way) for one in page}
        return self._linker.inverses(wishes, [touched_by(ref, base, two_way) for ref, base in changing])

    def _linked(self, candidates: list[Candidate]) -> list[Candidate]:
        """Links by the PIM's references in place of the ERP's names."""
        if not self._linker.cells:
            return candidates
        mapped = self._linker.resolve([(one.mapped, one.ref, one.name) for one in candidates])
        return [evolve(one, mapped=now) for one, now in zip(candidates, mapped, strict=True)]

    def _touches_list(self, one: Candidate, now: datetime) -> bool:
        changes = diff_item(one.mapped, self._stream.compiled, one.base, now).changes
        return any(key in self._stream.compiled.cells and self._stream.compiled.cells[key].is_shared for key in changes)

    # ---- the verdict ----
    def _judge(self, one: Candidate, draft: Draft, now: datetime) -> None:
        key = one.mapped.key
        draft.weigh(one)
        diff = diff_item(one.mapped, self._stream.compiled, one.base, now)
        wrong = [one for one in diff.problems if one.severity != "skip_cell"]
        # a row without a place says nothing that could be right or wrong
        fatal = words.unplaced(wrong) or [*self._nameless(one, diff), *self.weigher.guarded(one, diff), *wrong]
        if fatal:
            worst, *others = fatal
            reason = "; ".join([worst.detail, *map(str, others)])
            draft.parked.append(
                ParkedItem(key, worst.code, worst.path, reason, one.fingerprint, self._stream.compiled.context)
            )
            return
        first = draft.claim(one)
        if first != key:
            self._heirs.wait(one, first, draft)
            return
        twin = draft.twin(one)
        if twin is not None:
            draft.parked.append(words.ambiguous(key, words.made(twin), self._stream.compiled.context))
            return
        draft.told += one.told
        draft.skipped += [ParkedItem(key, problem.code, problem.path, problem.detail) for problem in diff.problems]
        if diff.changes:
            draft.candidates[key] = one
            draft.changes.append(change_of(one, diff, self._stream.compiled.context))
        else:
            draft.leave(one, entry_of(one, diff, self._stream.compiled.context))

    def _nameless(self, one: Candidate, diff: Diff) -> list[Problem]:
        """What keeps the item from having its SKU or code in the PIM, which no item can be without."""
        identifier = self._stream.compiled.identifier
        if not one.name:
            outcome = one.mapped.outcomes.get(identifier)
            reason = str(outcome) if isinstance(outcome, Problem) else "the rule gives no text"
            is_said = any(identifier in one.path for one in diff.problems if one.severity != "skip_cell")
            return [] if is_said else [words.nameless(identifier, reason)]
        if not one.exists and identifier not in diff.changes and identifier in self._stream.compiled.cells:
            return [words.nameless(identifier, "its cell is not the ERP's to fill")]
        is_there = one.exists or one.entry is not None
        if is_there and not self._stream.target.can_rename and one.name.lower() != one.ref.lower():
            return [words.renamed(one.ref, one.name)]
        return []

    def close(self) -> None:
        """Give the temporary file back."""
        self.seen.close()


def _looked_at(key: ErpKey) -> ErpKey:
    """How a key is kept that a run of a part deals with."""
    return ErpKey(f"\0looked at {key}")


def _still_parked(item: ParkedItem | None, fingerprint: str, context: str) -> bool:
    return item is not None and (item.fingerprint, item.context) == (fingerprint, context)
