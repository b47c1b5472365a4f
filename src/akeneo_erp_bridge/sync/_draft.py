"""From a page of ERP items to the changes it asks for: nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, Page
from akeneo_erp_bridge.mapping import CompiledMapping, Mapped
from akeneo_erp_bridge.rules import Cell, Put
from akeneo_erp_bridge.sync._diff import Diff, diff_item, listed
from akeneo_erp_bridge.sync._seen import SeenKeys
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, SyncState
from akeneo_erp_bridge.sync._targets import Found, Target
from akeneo_erp_bridge.sync.plan import NEW, Base, CellChange, ItemChange

ItemT = TypeVar("ItemT", bound=ErpItem)

ENABLED = "enabled"


@define
class Draft:
    """What one page asks for. `entries` are ledger rows that need no write to the PIM.

    `closed` are keys that were parked once and are now as the PIM has them; `forgotten` are deleted on both sides.
    """

    read: int = 0
    unchanged: int = 0
    changes: list[ItemChange] = field(factory=list[ItemChange])
    parked: list[ParkedItem] = field(factory=list[ParkedItem])
    closed: list[ErpKey] = field(factory=list[ErpKey])
    skipped: list[ParkedItem] = field(factory=list[ParkedItem])
    entries: list[LedgerEntry] = field(factory=list[LedgerEntry])
    tombstones: list[ItemChange] = field(factory=list[ItemChange])
    forgotten: list[ErpKey] = field(factory=list[ErpKey])
    candidates: dict[ErpKey, Candidate] = field(factory=dict[ErpKey, "Candidate"])
    ledger: dict[ErpKey, LedgerEntry] = field(factory=dict[ErpKey, LedgerEntry])


@frozen
class Candidate:
    """An item that may have changed, on its way through the draft."""

    mapped: Mapped
    fingerprint: str
    entry: LedgerEntry | None
    base: Base = NEW
    ref: str = ""
    exists: bool = False


class Drafter(Generic[ItemT]):
    """Drafts pages against the state and the PIM, reading both, writing neither."""

    def __init__(
        self,
        compiled: CompiledMapping[ItemT],
        target: Target,
        state: SyncState,
        stream: str,
        *,
        retry_parked: bool,
    ) -> None:
        self._compiled = compiled
        self._target = target
        self._state = state
        self._stream = stream
        self._retry_parked = retry_parked
        self._seen = SeenKeys()
        self._cells: Mapping[str, Cell[str]] = {
            key: Cell(one.binding.cell.attribute, one.binding.cell.locale, one.binding.cell.channel)
            for key, one in compiled.cells.items()
        }

    @property
    def cells(self) -> Mapping[str, Cell[str]]:
        """The cells by key, as the target needs them."""
        return self._cells

    def draft(self, page: Page[ItemT], now: datetime) -> Draft:
        """The changes, parked items and silent ledger updates of one page."""
        draft = Draft(read=len(page.items))
        found = self._identify(self._changed(page.items, draft))
        for candidate in self._with_lists(found, now):
            self._settle_candidate(candidate, draft, now)
        self._tombstones(page.tombstones, draft)
        return draft

    # ---- what may have changed ----
    def _changed(self, items: Sequence[ItemT], draft: Draft) -> list[Candidate]:
        paths, context = self._compiled.mapping.paths, self._compiled.context
        rows = [(item.key, item.fingerprint(paths)) for item in items]
        keys = list({key for key, _ in rows})
        draft.ledger = self._state.entries(self._stream, keys)
        parked = self._state.parked_among(self._stream, keys)
        changed: list[Candidate] = []
        for item, (key, fingerprint), first in zip(items, rows, self._seen.meet(rows), strict=True):
            entry = draft.ledger.get(key)
            if not key:
                draft.parked.append(_no_key(item, self._compiled.mapping.source.key_spec().path))
            elif first is not None and first != fingerprint:
                draft.parked.append(_rival(key, context))
            elif first is not None or (
                entry is not None and (entry.fingerprint, entry.context) == (fingerprint, context)
            ):
                draft.unchanged += 1
                draft.closed += [key] if key in parked else []
            elif not self._retry_parked and _still_parked(parked.get(key), fingerprint, context):
                draft.parked.append(parked[key])
            else:
                changed.append(Candidate(self._compiled.mapping.run(item), fingerprint, entry))
        return changed

    # ---- what the PIM knows of it ----
    def _identify(self, candidates: list[Candidate]) -> list[Candidate]:
        intents = self._state.intents(self._stream, [one.mapped.key for one in candidates])
        names = sorted({self._name(one.mapped) for one in candidates if one.entry is None} - {""})
        found: Mapping[str, Found] = self._target.find(names, self._cells) if names else {}
        # an open intent: the last run sent this item and did not live to hear, or to note, what became of it
        unsure = [one.entry.ref for one in candidates if one.entry is not None and one.mapped.key in intents]
        there: Mapping[str, Found] = self._target.read(unsure, self._cells) if unsure else {}
        return [self._based(one, found, intents, there) for one in candidates]

    def _name(self, mapped: Mapped) -> str:
        """The SKU or code; empty where the rule has a problem, which parks the item anyway."""
        outcome = mapped.outcomes.get(self._compiled.identifier)
        return str(outcome.value) if isinstance(outcome, Put) else ""

    def _based(
        self, one: Candidate, found: Mapping[str, Found], intents: Mapping[ErpKey, str], there: Mapping[str, Found]
    ) -> Candidate:
        # Built by hand, not evolved: this runs for every item that changed.
        mapped, fingerprint, entry = one.mapped, one.fingerprint, one.entry
        if entry is not None and mapped.key in intents:
            return self._as_found(one, entry, there.get(entry.ref))
        if entry is not None:
            base = Base(entry.cells, entry.stamps, {})
            return Candidate(mapped, fingerprint, entry, base, entry.ref, exists=True)
        name = self._name(mapped)
        known = found.get(name.casefold())
        if known is not None:
            return Candidate(mapped, fingerprint, None, self._adopted(known), known.ref, exists=True)
        return Candidate(mapped, fingerprint, None, NEW, intents.get(mapped.key) or self._target.new_ref(name))

    def _as_found(self, one: Candidate, entry: LedgerEntry, there: Found | None) -> Candidate:
        """An item of ours, compared with what the PIM has now instead of what we remember."""
        if there is None:
            return Candidate(one.mapped, one.fingerprint, None, NEW, entry.ref)
        cells: dict[str, JsonValue] = {}
        for key, ours in entry.cells.items():
            compiled = self._compiled.cells.get(key)
            if compiled is None or there.cells.get(key) is None:
                continue
            now = compiled.canonical(there.cells[key])
            # of a list, what we added and is still there
            cells[key] = [one for one in listed(ours) if one in listed(now)] if compiled.is_set else now
        base = Base(cells, entry.stamps, self._lists(there))
        return Candidate(one.mapped, one.fingerprint, entry, base, entry.ref, exists=True)

    def recheck(self, draft: Draft, changes: Sequence[ItemChange]) -> list[ItemChange]:
        """The changes that items still need of which the PIM surprised us: it had lost them, and made them anew."""
        there = self._target.read([one.ref for one in changes], self._cells)
        again: list[ItemChange] = []
        for change in changes:
            entry = draft.ledger[change.key]
            one = self._as_found(draft.candidates[change.key], entry, there.get(change.ref))
            diff = diff_item(one.mapped, self._compiled, one.base, datetime.now(UTC))
            again += [self._change(one, diff)] if diff.cells else []
        return again

    def _adopted(self, there: Found) -> Base:
        cells = {key: self._compiled.cells[key].canonical(raw) for key, raw in there.cells.items() if raw is not None}
        return Base(cells, {}, self._lists(there), adopted=True)

    def _lists(self, there: Found) -> dict[str, list[str]]:
        return {
            key: [str(code) for code in raw]
            for key, raw in there.cells.items()
            if self._compiled.cells[key].is_set and isinstance(raw, list | tuple)
        }

    def _with_lists(self, candidates: list[Candidate], now: datetime) -> list[Candidate]:
        """Where a list of shared ownership changes, read the PIM's own list first."""
        touched = [one for one in candidates if one.entry is not None and self._touches_list(one, now)]
        if not touched:
            return candidates
        there = self._target.read([one.ref for one in touched], self._cells)
        wanted = {one.mapped.key for one in touched}
        return [
            evolve(one, base=evolve(one.base, theirs=self._lists(there[one.ref])))
            if one.mapped.key in wanted and one.ref in there
            else one
            for one in candidates
        ]

    def _touches_list(self, one: Candidate, now: datetime) -> bool:
        changes = diff_item(one.mapped, self._compiled, one.base, now).cells
        return any(key in self._compiled.cells and self._compiled.cells[key].is_set for key in changes)

    # ---- the verdict ----
    def _settle_candidate(self, one: Candidate, draft: Draft, now: datetime) -> None:
        key, context = one.mapped.key, self._compiled.context
        diff = diff_item(one.mapped, self._compiled, one.base, now)
        fatal = [problem for problem in diff.problems if problem.severity != "skip_cell"]
        if fatal:
            reason = "; ".join(str(problem) for problem in fatal)
            draft.parked.append(ParkedItem(key, fatal[0].code, "", reason, one.fingerprint, context))
            return
        draft.skipped += [ParkedItem(key, problem.code, problem.path, problem.detail) for problem in diff.problems]
        if diff.cells:
            draft.candidates[key] = one
            draft.changes.append(self._change(one, diff))
        else:
            draft.unchanged += 1
            draft.entries.append(
                LedgerEntry(key, one.fingerprint, context, one.ref, self.settled_cells(one.base, {}), one.base.stamps)
            )

    def _change(self, one: Candidate, diff: Diff) -> ItemChange:
        key, context = one.mapped.key, self._compiled.context
        return ItemChange(
            key=key,
            action="update" if one.exists else "create",
            ref=one.ref,
            cells=diff.cells,
            fingerprint=one.fingerprint,
            seal=ItemChange.seal_of(context, key, diff.cells),
            base=one.base,
        )

    def settled_cells(self, base: Base, changes: Mapping[str, CellChange]) -> dict[str, JsonValue]:
        """The ledger's cells once these changes are in the PIM."""
        cells = dict(base.cells)
        if base.adopted:
            # of a list that was there before us, nothing is ours yet
            cells = {key: value for key, value in cells.items() if not self._compiled.cells[key].is_set}
        for key, change in changes.items():
            compiled = self._compiled.cells.get(key)
            if change.owned is not None:
                cells[key] = change.owned
            elif change.new is None:
                cells.pop(key, None)
            else:
                cells[key] = compiled.canonical(change.new) if compiled is not None else change.new
        return cells

    # ---- deletions ----
    def _tombstones(self, keys: Sequence[ErpKey], draft: Draft) -> None:
        if self._compiled.mapping.resource != "product":
            return
        known = self._state.entries(self._stream, keys)
        enabled = {key: entry for key, entry in known.items() if entry.cells.get(ENABLED) is not False}
        refs = [entry.ref for entry in enabled.values()]
        there: Mapping[str, Found] = self._target.read(refs, self._cells) if refs else {}
        for key, entry in enabled.items():
            if entry.ref not in there:
                draft.forgotten.append(key)  # to disable what is not there would make it
                continue
            cells = {ENABLED: CellChange(ENABLED, entry.cells.get(ENABLED), False, "deleted in the ERP")}
            draft.tombstones.append(
                ItemChange(
                    key, "update", entry.ref, cells, "", ItemChange.seal_of(self._compiled.context, key, cells),
                    base=Base(entry.cells, entry.stamps, {}),
                )
            )  # fmt: skip

    def close(self) -> None:
        """Give the temporary file back."""
        self._seen.close()


def _no_key(item: ErpItem, path: str) -> ParkedItem:
    return ParkedItem(
        ErpKey(""),
        "no_key",
        path,
        f"the item has no key in field '{path}' (row: {sorted(item.row)[:5]}...); give it one",
    )


def _rival(key: ErpKey, context: str) -> ParkedItem:
    detail = "the ERP has this key twice with different content; the first row counts, remove or renumber the other"
    # without a fingerprint: when the first row goes, this one is looked at anew
    return ParkedItem(key, "duplicate", "", detail, "", context)


def _still_parked(item: ParkedItem | None, fingerprint: str, context: str) -> bool:
    return item is not None and (item.fingerprint, item.context) == (fingerprint, context)
