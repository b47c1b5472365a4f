"""A dry run that notes what it rests on, so that it can be applied later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem
from akeneo_erp_bridge.rules import Cell, shown
from akeneo_erp_bridge.sync._changes import CellChange, ItemChange, PlanBase, digest_of_entry
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._drafts._drafter import Drafter
from akeneo_erp_bridge.sync._plans._base import cells_of, found_in, is_same
from akeneo_erp_bridge.sync._plans._dry_writer import DryWriter
from akeneo_erp_bridge.sync._plans._options import with_option_notes
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found, Target, Verdict
from akeneo_erp_bridge.sync._writer import Writer
from akeneo_erp_bridge.sync.plan import Plan
from akeneo_erp_bridge.sync.report import SyncReport, Tally

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Seen:
    """What the PIM held of one thing, in the cells that were asked for."""

    asked: frozenset[str]
    cells: Mapping[str, JsonValue]


@define
class Watched:
    """A target that remembers what the plan saw of each thing first, and writes nothing.

    The first sight: what was read again later was merged or compared no earlier, so that whatever moved in between
    shows as moved when the plan is applied.
    """

    target: Target
    seen: dict[str, Seen] = field(factory=dict[str, Seen])
    can_rename: bool = field(init=False)
    is_ordered: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.can_rename = self.target.can_rename
        self.is_ordered = self.target.is_ordered

    def is_bare(self) -> bool:
        return self.target.is_bare()

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found = self.target.find(names, cells)
        self._note(found.values(), cells)
        return found

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found = self.target.read(refs, cells)
        self._note(found.values(), cells)
        return found

    def search(
        self, where: Mapping[str, Sequence[Mapping[str, JsonValue]]], cells: Mapping[str, Cell[str]]
    ) -> Iterator[Found]:
        for one in self.target.search(where, cells):
            self._note([one], cells)
            yield one

    def get(self, ref: str, cells: Mapping[str, Cell[str]]) -> Found | None:
        found = self.target.get(ref, cells)
        self._note([found] if found is not None else [], cells)
        return found

    def has(self, ref: str) -> bool:
        return self.target.has(ref)

    def new_ref(self, name: str, intended: str | None) -> str:
        return self.target.new_ref(name, intended)

    def discard(self, ref: str) -> None:
        """A dry run has made nothing that could be in the way."""

    def delete(self, ref: str) -> bool:
        raise AssertionError("a plan deletes nothing")

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        raise AssertionError("a plan sends nothing")

    def resolve(self, kind: str, names: Sequence[str]) -> Mapping[str, str]:
        return self.target.resolve(kind, names)

    def marks(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        return self.target.marks(refs)

    def is_two_way(self, type_code: str) -> bool:
        return self.target.is_two_way(type_code)

    def digest(self, code: str) -> str | None:
        return self.target.digest(code)

    def _note(self, found: Iterable[Found], cells: Mapping[str, Cell[str]]) -> None:
        asked = frozenset(cells)
        for one in found if asked else ():
            self.seen.setdefault(one.ref, Seen(asked, one.cells))


class PlanWriter(DryWriter, Generic[ItemT]):
    """Keeps the changes, each with what it rests on."""

    def __init__(self, stream: Stream[ItemT], drafter: Drafter[ItemT], pim: Watched) -> None:
        super().__init__()
        self.compiled = stream.compiled
        self._drafter = drafter
        self._pim = pim
        self._stream = stream

    def write(self, draft: Draft, resume: Cursor | None, tally: Tally, now: datetime) -> None:
        """Collect one page."""
        self._look([*draft.changes, *draft.tombstones, *draft.late])
        lost = [one for one in draft.changes if one.action == "update" and one.ref not in self._pim.seen]
        if lost:
            self._make_anew(draft, lost, now)
        based = self._based([*draft.changes, *draft.tombstones, *draft.late])
        draft.changes = [based[id(one)] for one in draft.changes]
        draft.tombstones = [based[id(one)] for one in draft.tombstones]
        draft.late = [based[id(one)] for one in draft.late]
        draft.held = self._since_when(draft.held)
        super().write(draft, resume, tally, now)
        self._pim.seen.clear()

    def _since_when(self, held: Sequence[HeldCell]) -> list[HeldCell]:
        """Those that an earlier run has held already wait since then."""
        keys = list(dict.fromkeys(one.key for one in held))
        known = (
            {(one.key, one.cell): one.since for one in self._stream.state.held_among(self._stream.name, keys)}
            if keys
            else {}
        )
        return [evolve(one, since=known.get((one.key, one.cell), one.since)) for one in held]

    def _look(self, changes: Sequence[ItemChange]) -> None:
        """Read what the draft had no need to read: the cells that will change, as the PIM has them."""
        cells = cells_of(self._stream)
        unseen = [one.ref for one in changes if one.action == "update" and not self._is_seen(one)]
        for ref in unseen:
            self._pim.seen.pop(ref, None)
        if unseen:
            self._pim.read(unseen, cells)
        for ref in unseen:
            if ref not in self._pim.seen:
                self._pim.get(ref, cells)  # the PIM's lists lag behind

    def _is_seen(self, change: ItemChange) -> bool:
        seen = self._pim.seen.get(change.ref)
        return seen is not None and change.cells.keys() <= seen.asked

    def _make_anew(self, draft: Draft, lost: Sequence[ItemChange], now: datetime) -> None:
        """What the PIM has lost is sent as a whole, as the run would find out."""
        keys = {one.key for one in lost}
        whole = self._drafter.recheck(draft, lost, now)
        draft.changes = [one for one in draft.changes if one.key not in keys] + [one for one in whole if one.cells]
        draft.unchanged += sum(not one.cells for one in whole)
        self._look(draft.changes)

    def _based(self, changes: Sequence[ItemChange]) -> dict[int, ItemChange]:
        keys = [one.key for one in changes]
        entries = self._stream.state.entries(self._stream.name, keys)
        intents = self._stream.state.intents(self._stream.name, keys)
        doomed = [one.ref for one in changes if one.action == "delete"]
        marks: Mapping[str, Mapping[str, str]] = self._pim.marks(doomed) if doomed else {}
        fresh = [one.ref for one in changes if one.key not in entries]
        owners = {one.ref: one for one in self._stream.state.owners(self._stream.name, fresh)} if fresh else {}
        based = {
            id(one): self._on(one, entries.get(one.key) or owners.get(one.ref), intents.get(one.key)) for one in changes
        }
        return {place: _marked(one, marks) for place, one in based.items()}

    def _on(self, change: ItemChange, entry: LedgerEntry | None, intent: LedgerEntry | None) -> ItemChange:
        seen = self._pim.seen.get(change.ref) if change.action == "update" else None
        pim = None if seen is None else {key: found_in(seen.cells, key, self.compiled) for key in change.cells}
        key = change.key if entry is None else entry.key
        base = PlanBase(key, digest_of_entry(entry), digest_of_entry(intent), pim)
        if entry is None or pim is None:
            return evolve(change, base=base)
        cells = {key: self._edited(one, pim[key]) for key, one in change.cells.items()}
        return evolve(change, base=base, cells=cells)

    def _edited(self, one: CellChange, now: JsonValue) -> CellChange:
        """A reviewer is told what the run would overwrite."""
        cell = self.compiled.cells.get(one.cell)
        if cell is None or cell.is_shared or cell.is_media or is_same(one.old, now):
            return one
        return evolve(one, notes=(*one.notes, f"the PIM holds {shown(now)} there, not what the last run left"))


def _marked(change: ItemChange, marks: Mapping[str, Mapping[str, str]]) -> ItemChange:
    """A deletion is of the whole product, so it rests on the whole of it."""
    if change.action != "delete" or change.base is None:
        return change
    return evolve(change, base=evolve(change.base, marks=marks.get(change.ref, {})))


class Planner(Generic[ItemT]):
    """Makes one plan: what it goes past the PIM with, where it keeps the changes, and what becomes of them."""

    def __init__(self) -> None:
        self._writer: PlanWriter[ItemT] | None = None

    def watched(self, target: Target) -> Target:
        """The target to plan against."""
        return Watched(target)

    def writer(self, stream: Stream[ItemT], drafter: Drafter[ItemT]) -> Writer:
        """The writer to plan with."""
        if not isinstance(stream.target, Watched):
            raise AssertionError("a plan is made against what `watched` gives")
        self._writer = PlanWriter(stream, drafter, stream.target)
        return self._writer

    def plan(self, report: SyncReport, origin: str, pim: AkeneoClient) -> Plan:
        """All that was collected."""
        made = self._writer
        if made is None:
            raise AssertionError("a plan has a writer")
        mapping, structure = made.compiled.mapping.hash, made.compiled.structure.hash
        told = {(one.key, one.cell) for one in made.told}
        changes = [_with_told(one, told) for one in with_option_notes(made.changes, made.compiled, pim)]
        written = {(one.key, cell) for one in changes for cell in one.cells}
        kept = [one for one in made.told if (one.key, one.cell) not in written]
        now = datetime.now(UTC)
        return Plan(report, changes, made.parked, origin, mapping, structure, now, held=made.held, kept=kept)


def _with_told(change: ItemChange, told: Collection[tuple[ErpKey, str]]) -> ItemChange:
    """The change, with a note at each cell in which it replaces what a PIM user wrote."""
    replaced = [key for key in change.cells if (change.key, key) in told]
    if not replaced:
        return change
    note = "a PIM user changed it, and the ERP has something new: theirs is replaced"
    noted = {key: evolve(change.cells[key], notes=(*change.cells[key].notes, note)) for key in replaced}
    return evolve(change, cells={**change.cells, **noted})
