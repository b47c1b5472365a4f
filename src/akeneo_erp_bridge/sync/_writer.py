"""The last stage of the path: the only place that sends anything to the PIM."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from attrs import evolve

from akeneo_erp_bridge.classification import PIM_SAFE, may_reach, names
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem
from akeneo_erp_bridge.errors import BridgeError, TemperatureRefused
from akeneo_erp_bridge.rules import Cell, taint_of
from akeneo_erp_bridge.sync._braking import Braking
from akeneo_erp_bridge.sync._drafts._deletions import DISABLE, Deletions
from akeneo_erp_bridge.sync._drafts._diff import ENABLED
from akeneo_erp_bridge.sync._drafts._draft import DELETION, Draft
from akeneo_erp_bridge.sync._drafts._known import lost
from akeneo_erp_bridge.sync._links._deleted import LinksToDeleted, sent
from akeneo_erp_bridge.sync._refusals import refusal_of
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, ParkedItem, Settled
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found, Verdict
from akeneo_erp_bridge.sync._under_way import PageUnderWay, UnderWay
from akeneo_erp_bridge.sync.plan import ItemChange
from akeneo_erp_bridge.sync.report import Tally

ItemT = TypeVar("ItemT", bound=ErpItem)

_ENABLED_CELL: Final[Cell[str]] = Cell(ENABLED)

Hook = Callable[[str], None]
"""Called with the name of each effect boundary; tests kill the process there."""


def no_hook(_: str) -> None:
    """At a boundary nothing happens."""


class Writer(Protocol):
    """Takes drafts, counts them, and perhaps writes them."""

    def make_way(self, names: Collection[str] | None) -> None:
        """Settle what is under way of these keys and names; `None`: all of it."""
        ...

    def write(self, draft: Draft, resume: Cursor | None, tally: Tally, now: datetime) -> None:
        """Take on one page; a page without a cursor is a matter of our own, not of the ERP."""
        ...

    def finish(self) -> None:
        """Carry out all that was taken on."""
        ...

    def close(self) -> None:
        """Send no more."""
        ...


def count(draft: Draft, tally: Tally) -> None:
    """The part of the account that does not depend on the PIM's answer."""
    tally.read += draft.read
    tally.passed_over += draft.passed_over
    tally.ignored += draft.ignored
    tally.unchanged += draft.unchanged
    tally.held += draft.waiting
    tally.tombstoned += len(draft.tombstones)
    tally.unpark(draft.heirs)
    for item in draft.parked:
        tally.park(item)
    for cell in draft.skipped:
        tally.skip(cell)
    for cell in draft.unlinked:
        tally.unlink(cell)


def count_conflicts(draft: Draft, tally: Tally) -> None:
    """The cells that are held, and those that are told, once it is known what the PIM had lost."""
    for met in draft.held:
        tally.hold(met)
    for met in draft.told:
        tally.tell(met)


class Completer(Protocol):
    """Knows what an item still needs of which the PIM surprised the writer: see `Drafter.recheck`."""

    def recheck(self, draft: Draft, changes: Sequence[ItemChange], now: datetime) -> list[ItemChange]:
        """The changes to send; one without cells is complete."""
        ...


class PimWriter(Generic[ItemT]):
    """Writes pages, and settles each in its turn: ledger, parked items and cursor in one transaction.

    A run of a part leaves the cursor where it is.
    """

    def __init__(
        self,
        stream: Stream[ItemT],
        drafter: Completer,
        run: str,
        hook: Hook,
        *,
        moves_cursor: bool = True,
        deletions: Deletions = DISABLE,
        braking: Braking | None = None,
    ) -> None:
        self._moves_cursor = moves_cursor
        self._deletions = deletions
        self._braking = braking
        self._links = LinksToDeleted(stream)
        self._taints = {key: taint_of(cell.binding.rule) for key, cell in stream.compiled.cells.items()}
        self._drafter = drafter
        self._stream = stream
        self._run = run
        self._hook = hook
        self._under_way = UnderWay(self._send, self._settle, side_by_side=not stream.target.is_ordered)
        self.make_way = self._under_way.make_way
        self.finish = self._under_way.finish
        self.close = self._under_way.close

    def write(self, draft: Draft, resume: Cursor | None, tally: Tally, now: datetime) -> None:
        """Intend, send, settle. A kill between any two of them is mended by the next run."""
        changes = [*draft.changes, *draft.tombstones, *draft.late]
        for change in changes:
            self.check_seal(change)
        if changes:
            self._stream.state.intend(self._stream.name, [change.after for change in changes], draft.marks)
            self._hook("state.intended")
        count(draft, tally)
        self._under_way.add(PageUnderWay(draft, resume, tally, now, len(changes)), changes)
        draft.let_go()

    def _settle(self, page: PageUnderWay) -> None:
        draft, tally, now = page.draft, page.tally, page.now
        verdicts, failure = page.verdicts, page.failure
        if verdicts:
            self._hook("pim.sent")
        late = {one.key for one in draft.late}
        linked = [one for one in verdicts if one.change.key in late and one.cause is None]
        verdicts = [one for one in verdicts if one.change.key not in late]
        if failure is None:
            told = len(draft.parked)
            verdicts = self._unmake(draft, verdicts)
            verdicts, failure = self._complete(draft, verdicts, now)
            for item in draft.parked[told:]:
                tally.park(item)
        count_conflicts(draft, tally)
        judged = [_without_failed(one, tally) for one in verdicts if one.cause is None and not _is_stub(one)]
        parked = [*draft.parked, *draft.kept, *self._book(judged, draft, tally)]
        done = [one.change for one in judged if one.ok]
        entries = [*draft.entries, *(one.after for one in done if one.action != "delete"), *_linked(linked, tally)]
        deleted = [one.after for one in done if one.action == "delete"]
        lost_links = [*deleted, *self._made_anew(done, draft)]
        if lost_links:
            entries = self._without_links(entries, lost_links)
        self._stream.state.settle(
            self._stream.name,
            Settled(
                entries=entries,
                parked=draft.sampled(parked),
                closed=draft.closed,
                answered=[*draft.answered, *(one.change.key for one in [*judged, *linked])],
                forgotten=[*draft.forgotten, *(one.key for one in deleted)],
                shown=draft.shown,
                baseline=draft.baseline,
                begins=draft.begins,
                deletions=self._braking.settled(draft, page.verdicts) if self._braking is not None else None,
                cursor=page.resume if failure is None and self._moves_cursor else None,
                context=self._stream.compiled.context,
                run=self._run,
                held=[*draft.held, *self._still_held(draft, [*entries, *parked], linked)],
                at=now,
            ),
        )
        self._hook("state.settled")
        if page.failure is None and failure is not None:
            raise failure

    def _made_anew(self, done: Sequence[ItemChange], draft: Draft) -> list[LedgerEntry]:
        """Items that were back before a run that had deleted their products could note it: links to them went too."""
        if self._deletions.action != "delete":
            return []
        made = (
            draft.candidates[one.key].entry for one in done if one.action == "create" and one.key in draft.candidates
        )
        return [one for one in made if one is not None]

    def _without_links(self, entries: Sequence[LedgerEntry], deleted: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """The page's entries without links to deleted products; those of other items are put right before they are settled."""
        for some in self._links.of(deleted):
            self._stream.state.amend(self._stream.name, some)
            self._hook("state.amended")
        return self._links.cut(entries, deleted)

    def _unmake(self, draft: Draft, verdicts: list[Verdict]) -> list[Verdict]:
        """Products of deleted items that a PIM user deleted too, and that came back as stubs when we put them away."""
        buried = {one.key for one in draft.tombstones}
        stubs = {one.change.key: one.change.ref for one in verdicts if _is_stub(one) and one.change.key in buried}
        for key, ref in stubs.items():
            self._stream.target.delete(ref)
            draft.forgotten.append(key)
        return [one for one in verdicts if one.change.key not in stubs]

    def _still_held(
        self, draft: Draft, settled: Sequence[LedgerEntry | ParkedItem], linked: Sequence[Verdict]
    ) -> list[HeldCell]:
        """What stays held of items whose conflicts this page did not weigh: to be parked, or linked late, decides nothing."""
        keys = dict.fromkeys(one.key for one in settled if one.key and one.key not in draft.weighed)
        deleted = {one.key for one in settled if isinstance(one, LedgerEntry) and one.gone}
        written = {(one.change.key, cell) for one in linked if one.ok for cell in one.change.cells}
        known = written | {(one.key, one.cell) for one in draft.held}
        held = self._stream.state.held_among(self._stream.name, [key for key in keys if key not in deleted])
        return [one for one in held if (one.key, one.cell) not in known]

    def _complete(
        self, draft: Draft, verdicts: list[Verdict], now: datetime
    ) -> tuple[list[Verdict], BridgeError | None]:
        """What somebody deleted in the PIM came back as a stub of the changed cells, or not at all: send the others too."""
        is_lost = {one.change.key for one in verdicts if _is_stub(one) or self._is_lost(one, draft)}
        is_lost |= self._made_by_others(verdicts, draft)
        if not is_lost:
            return verdicts, None
        changes = self._drafter.recheck(draft, [one.change for one in verdicts if one.change.key in is_lost], now)
        for change in changes:
            self.check_seal(change)
        complete = [Verdict(change, ok=True, created=False) for change in changes if not change.cells]
        sent_as = {one.change.key: one.change.ref for one in verdicts}
        moved = [change.after for change in changes if change.ref != sent_as[change.key]]
        if moved:
            self._stream.state.intend(self._stream.name, moved, draft.marks)
            self._hook("state.intended")
        again, failure = self._send([change for change in changes if change.cells])
        rest = [one for one in verdicts if one.change.key not in is_lost]
        # what the PIM refused to complete has nothing that is ours: all of it is sent when its time has come
        refused = [one.change for one in again if not one.ok and one.cause is None]
        draft.entries += [lost(one.after) for one in refused if one.action == "update"]
        draft.forgotten += [one.key for one in refused if one.action == "create"]
        return [*rest, *complete, *again], failure

    def _is_lost(self, verdict: Verdict, draft: Draft) -> bool:
        """Whether the PIM refused a change of what it does not have any more."""
        change = verdict.change
        is_refused = not verdict.ok and verdict.cause is None and change.action == "update"
        return is_refused and change.key in draft.candidates and not self._stream.target.has(change.ref)

    def _made_by_others(self, verdicts: Sequence[Verdict], draft: Draft) -> set[ErpKey]:
        """The new items that the PIM refused, and of whose SKU it has a product: somebody made it meanwhile."""
        refused = [one.change for one in verdicts if not one.ok and one.cause is None and one.change.action == "create"]
        if not refused or not self._stream.target.is_bare():
            return set()
        names = {draft.candidates[one.key].name.lower(): one for one in refused if one.key in draft.candidates}
        found: Mapping[str, Found] = self._stream.target.find(sorted(names), {}) if names else {}
        return {one.key for name, one in names.items() if name in found and found[name].ref != one.ref}

    def _send(self, changes: Sequence[ItemChange]) -> tuple[list[Verdict], BridgeError | None]:
        """The verdicts there are, and what kept the others from being given: that is no fault of the items."""
        verdicts: list[Verdict] = []
        failure: BridgeError | None = None
        try:
            for verdict in sent(self._stream.target, changes, {ENABLED: _ENABLED_CELL, **self._stream.cells}):
                verdicts.append(verdict)
                failure = failure or verdict.cause
        except BridgeError as error:
            failure = error
        return verdicts, failure

    def check_seal(self, change: ItemChange) -> None:
        """Refuse whatever was not made by this mapping, or could carry a hot value."""
        for key, cell in change.cells.items():
            taint = self._taints.get(key)
            if taint is None and key == ENABLED and isinstance(cell.new, bool):
                continue  # the lifecycle of a deleted item, which no rule states
            if taint is None:
                raise TemperatureRefused(
                    f"{change.key}: cell '{key}' is bound by no rule of the mapping; it is not written"
                )
            if not may_reach(taint, PIM_SAFE):
                raise TemperatureRefused(f"{change.key}: cell '{key}' comes from a rule that is {names(taint)}")
        deletes = change.action == "delete"
        if deletes and self._deletions.action != "delete":
            raise TemperatureRefused(f"{change.key}: its product would be deleted, which nobody ordered; it is not")
        is_ours = change.after.context == self._stream.compiled.context and change.after.key == change.key
        if not is_ours or change.seal != ItemChange.seal_of(change.after, change.cells, deletes=deletes):
            raise TemperatureRefused(
                f"{change.key}: this change was not made by the mapping, or was altered afterwards; make a new plan"
            )

    def _book(self, verdicts: Sequence[Verdict], draft: Draft, tally: Tally) -> list[ParkedItem]:
        """Count the verdicts; what was refused is parked."""
        tombstones = {one.key for one in draft.tombstones}
        parked: list[ParkedItem] = []
        for verdict in verdicts:
            after, is_deletion = verdict.change.after, verdict.change.key in tombstones
            if verdict.ok and not is_deletion:
                _count_written(verdict, tally)
            elif verdict.ok:
                tally.deleted += verdict.change.action == "delete" and verdict.created
            else:
                code = DELETION if is_deletion else "refused"
                one = draft.candidates.get(after.key)
                # the item's own fingerprint, also where the ledger's is left out to have it looked at again
                fingerprint = after.fingerprint if one is None or is_deletion else one.fingerprint
                path, reason = refusal_of(verdict, self._stream.compiled)
                item = ParkedItem(after.key, code, path, reason, fingerprint, after.context)
                parked.append(item)
                tally.refuse_deletion(item) if is_deletion else tally.park(item)
        return parked


def _is_stub(verdict: Verdict) -> bool:
    return verdict.ok and verdict.created and verdict.change.action == "update"


def _without_failed(verdict: Verdict, tally: Tally) -> Verdict:
    """What stands when the PIM has taken all but some files: those are told, and not sent again."""
    if not verdict.failed or not verdict.ok:
        return verdict
    change, after = verdict.change, verdict.change.after
    cells, stamps = dict(after.cells), dict(after.stamps)
    for key, reason in verdict.failed.items():
        tally.skip(ParkedItem(after.key, "refused", key, reason))
        one = change.cells[key]
        stamps.pop(key, None)
        if key not in verdict.forbidden:
            stamps[key] = {"refused": one.new, "reason": reason}
        cells.pop(key, None)
        if one.old is not None:
            cells[key] = one.old
    written = {key: one for key, one in change.cells.items() if key not in verdict.failed}
    # without a fingerprint: the item is looked at again, and the report tells it again
    return evolve(
        verdict, change=evolve(change, cells=written, after=evolve(after, fingerprint="", cells=cells, stamps=stamps))
    )


def _linked(verdicts: Sequence[Verdict], tally: Tally) -> list[LedgerEntry]:
    """The entries after links were added late; what the PIM refused, or had lost, is looked at with its item."""
    entries: list[LedgerEntry] = []
    for verdict in verdicts:
        after = verdict.change.after
        if not verdict.ok:
            cell = ", ".join(verdict.change.cells)
            tally.skip(ParkedItem(after.key, "refused", cell, verdict.reason))
            before = {key: one.old for key, one in verdict.change.cells.items()}
            rest = {key: one for key, one in after.unlinked.items() if key not in before}
            entries.append(evolve(after, fingerprint="", cells={**after.cells, **before}, unlinked=rest))
        elif verdict.created:
            entries.append(lost(after))
        else:
            tally.cells += len(verdict.change.cells)
            entries.append(after)
    return entries


def _count_written(verdict: Verdict, tally: Tally) -> None:
    cells = verdict.change.cells
    tally.created += verdict.created
    tally.updated += not verdict.created
    tally.cells += len(cells)
    tally.let_pass(one.reference for one in cells.values())
