"""A plan that somebody has seen becomes true, as far as its base still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import BrakeApplied, ConfigurationError, StopAsked
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.rules import shown
from akeneo_erp_bridge.sync._brakes import Brakes
from akeneo_erp_bridge.sync._braking import Braking
from akeneo_erp_bridge.sync._changes import ItemChange, PlanBase, digest_of_entry
from akeneo_erp_bridge.sync._drafts._deletions import DISABLE, Deletions
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._drafts._known import lost
from akeneo_erp_bridge.sync._drafts._matching import Adopt
from akeneo_erp_bridge.sync._plans._appeared import Appeared
from akeneo_erp_bridge.sync._plans._base import cells_of, found_in, is_same
from akeneo_erp_bridge.sync._plans._files import bound
from akeneo_erp_bridge.sync._plans._judged import Differences, Judged, Known
from akeneo_erp_bridge.sync._plans._marks import moved as moved_places
from akeneo_erp_bridge.sync._plans._replan import NotReplanned, replanned
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, SyncState
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync._writer import Hook, PimWriter
from akeneo_erp_bridge.sync.plan import Plan
from akeneo_erp_bridge.sync.report import Tally

ItemT = TypeVar("ItemT", bound=ErpItem)

Moved: TypeAlias = Literal["refuse", "replan"]
"""What `apply` does with items that are no longer as the plan saw them."""

MOVED: Final = "moved"
"""The code an item is parked with that is no longer as the plan saw it."""

_TREES: Final = frozenset({"category", "product_model"})  # a parent may be behind its child in the plan
_LOT: Final = 500  # ledger entries looked at together
_TOLD: Final = 5  # places of a product that are named; the others are counted
_STOPPED: Final = "the plan was asked to end before all of it was written; apply the same plan again for the rest"
_APPLY: Final = "apply"  # under which name deletions are counted
_AGAIN: Final = "make a new plan"
_OR_REPLAN: Final = "make a new plan, or apply this one with moved='replan'"


def only_part(parts: Sequence[Plan], stream: str) -> Plan:
    """The plan of a job that makes one; raises `ConfigurationError` where there are more, or none."""
    if len(parts) != 1:
        told = f"{counted(len(parts), 'part')} for stream '{stream}', and its job makes 1"
        raise ConfigurationError(f"this plan has {told}; {_AGAIN}")
    return parts[0]


def check_plan(plan: Plan, compiled: CompiledMapping[ItemT], stream: str, origin: str) -> None:
    """Raise `ConfigurationError` for a plan of something else, and `BrakeApplied` for one that a brake stopped."""
    name = f"this plan for stream '{plan.stream}'"
    mapping, structure = compiled.mapping.hash, compiled.structure.hash
    if plan.report.stopped_by:
        raise BrakeApplied(f"{name} is not whole, nothing was written; a brake stopped it: {plan.report.stopped_by}")
    if plan.stream != stream:
        raise ConfigurationError(f"{name} is not for '{stream}'; apply it with the job that made it, or {_AGAIN}")
    if plan.origin != origin:
        raise ConfigurationError(f"{name} is for {plan.origin or 'nothing'}, and this job for {origin}; {_AGAIN}")
    if plan.mapping != mapping:
        raise ConfigurationError(f"{name} was made by another mapping; {_AGAIN} with this one")
    if plan.structure != structure:
        raise ConfigurationError(f"{name} was made when the PIM had another structure; {_AGAIN}")
    baseless = [one.key for one in plan.changes if one.base is None]
    if baseless:
        raise ConfigurationError(f"{name} does not tell what it rests on, for {shown(str(baseless[0]))}; {_AGAIN}")


def braking_of_plan(plan: Plan, brakes: Brakes, state: SyncState, stream: str) -> Braking:
    """The brakes for a plan: a plan of all that there is does not go on where a brake has stopped a run."""
    is_part = plan.report.kind == "partial" or plan.report.writes != "both"
    return Braking(brakes, state, stream, _APPLY, beside=[] if is_part else [""])


class Applier(Generic[ItemT]):
    """Writes a plan batch by batch; each change is held against ledger and PIM just before.

    Raises `ConfigurationError` and `TemperatureRefused` for what this mapping has not made, and `BrakeApplied` for more
    deletions than the brake lets through, before any is written.
    """

    def __init__(
        self,
        stream: Stream[ItemT],
        plan: Plan,
        run: str,
        hook: Hook,
        *,
        moved: Moved,
        adopt: Adopt,
        deletions: Deletions = DISABLE,
        braking: Braking,
        stop: Stop | None = None,
    ) -> None:
        if moved not in ("refuse", "replan"):
            raise ConfigurationError(f"moved={moved!r} is neither 'refuse' nor 'replan'")
        self._cells = cells_of(stream)
        self.left_out = stream.compiled.left_out.told
        self._stream = stream
        self._moved = moved
        self._stop = stop or Stop()
        self._tally = Tally()
        self._standing: set[ErpKey] = set()
        self._writer = PimWriter(stream, self, run, hook, deletions=deletions, braking=braking)
        self._appeared = Appeared(stream, adopt)
        self._changes = [bound(one, stream.compiled) for one in plan.changes]
        for one in self._changes:
            self._writer.check_seal(one)
        self._braking = braking
        reason = braking.reason_for_all(self._living([one.key for one in self._changes if one.is_deletion]))
        if reason is not None:
            raise BrakeApplied(f"this plan for stream '{stream.name}' is not applied, nothing was written: {reason}")

    def write(self, tally: Tally, *, at_once: int) -> None:
        """Write and settle, batch by batch. Raises `StopAsked` between two of them, once somebody asked."""
        self._tally = tally
        changes = self._changes
        self._standing = self._still_standing()
        size = max(1, len(changes)) if self._stream.compiled.mapping.resource in _TREES else at_once
        try:
            for start in range(0, len(changes), size):
                if self._stop.is_requested:
                    raise StopAsked(_STOPPED)
                draft = self._draft(changes[start : start + size])
                self._writer.write(self._braking.let_through(draft), None, tally, datetime.now(UTC))
                self._writer.finish()
            self._braking.over()
        finally:
            self._writer.close()

    def recheck(self, draft: Draft, changes: Sequence[ItemChange], now: datetime) -> list[ItemChange]:
        """Deleted in the PIM after we looked, and made anew of the changed cells alone: a run sends the rest."""
        for one in changes:
            draft.entries.append(lost(one.after))
            self._park(
                one, "it was deleted in the PIM while the plan was applied; the next run writes it as a whole", draft
            )
        return []

    def _still_standing(self) -> set[ErpKey]:
        """The items to delete whose ledger entry is as planned, before any is: each deletion takes its links from others."""
        bases = {base.key: base.ledger for base in (_base(one) for one in self._changes if one.action == "delete")}
        keys, found = list(bases), set[ErpKey]()
        for start in range(0, len(keys), _LOT):
            entries = self._stream.state.entries(self._stream.name, keys[start : start + _LOT])
            found |= {key for key, one in entries.items() if digest_of_entry(one) == bases[key]}
        return found

    def _living(self, keys: Sequence[ErpKey]) -> Sequence[ErpKey]:
        """Those whose deletion is still to be written."""
        return [one.key for one in self._stream.state.entries(self._stream.name, keys).values() if not one.gone]

    # ---- one batch ----
    def _draft(self, changes: Sequence[ItemChange]) -> Draft:
        before = self._stream.state.parked_among(self._stream.name, [one.key for one in changes])
        known, draft = self._look(changes), Draft(before=before)
        for change in changes:
            judged = self._judge(change, known)
            draft.read += _is_item(change)
            if judged.reason:
                self._tally.tombstoned += change.is_deletion
                self._park(change, judged.reason, draft)
            elif judged.is_done:
                self._note(judged, draft)
            else:
                self._send(judged, draft)
        sent = {one.key for one in draft.changes}
        draft.marks = [one for one in known.appeared.marks if one.key in sent]
        return draft

    def _look(self, changes: Sequence[ItemChange]) -> Known:
        keys = list({key for one in changes for key in (one.key, _base(one).key)})
        intents = self._stream.state.intents(self._stream.name, keys)
        owners = {one.ref: one for one in self._stream.state.owners(self._stream.name, [one.ref for one in changes])}
        wanted = [self._name(one) for one in changes if one.action == "create"]
        refs = [one.ref for one in changes if one.action == "update" or one.key in intents]
        named: Mapping[str, Found] = self._stream.target.find(wanted, self._cells) if wanted else {}
        there = dict(self._stream.target.read(refs, self._cells)) if refs else {}
        for ref in refs:  # the PIM's lists lag behind, so what is not in them is asked for itself
            found = self._stream.target.get(ref, self._cells) if ref not in there else None
            if found is not None:
                there[ref] = found
        doomed = [one.ref for one in changes if one.action == "delete"]
        marks: Mapping[str, Mapping[str, str]] = self._stream.target.marks(doomed) if doomed else {}
        entries = self._stream.state.entries(self._stream.name, keys)
        refs_of = {key: one.ref for key, one in entries.items()}
        had = {one.key for one in changes if one.ref in (refs_of.get(one.key), refs_of.get(_base(one).key))}
        appeared = self._appeared.look([one for one in changes if not one.is_deletion], had)
        return Known(entries, intents, owners, named, there, marks, appeared)

    def _name(self, change: ItemChange) -> str:
        cell = change.cells.get(self._stream.compiled.identifier)
        return cell.new if cell is not None and isinstance(cell.new, str) else change.ref

    # ---- one change ----
    def _judge(self, change: ItemChange, known: Known) -> Judged:
        base, entry = _base(change), known.entries.get(change.key)
        on, intent = known.entries.get(base.key), known.intents.get(change.key)
        if change.action == "delete" and entry is None:
            return Judged(change, is_done=True, is_noted=True)
        is_based = base.key in self._standing if change.action == "delete" else digest_of_entry(on) == base.ledger
        if not is_based or (base.key != change.key and entry is not None):
            if _is_of(entry, change):
                return Judged(change, is_done=True, is_noted=True)
            return Judged(change, reason=f"a sync has written it since; {_AGAIN}")
        owner = known.owners.get(change.ref)
        if owner is not None and owner.key not in (change.key, base.key):
            return Judged(change, reason=f"the product is {shown(str(owner.key))}'s by now; {_AGAIN}")
        is_ours = intent is not None and _is_like(intent, change.after)
        if intent is not None and not is_ours and digest_of_entry(intent) != base.intent:
            return Judged(change, reason=f"a run that was stopped was writing it; run again, and {_AGAIN}")
        if change.action == "delete":
            return Judged(change, on=on, reason=_undeletable(base.marks, known.marks.get(change.ref)))
        now = known.there.get(change.ref)
        if change.action == "create":
            return self._judge_create(change, now, known, on, is_ours=is_ours)
        if now is None:
            return Judged(
                change, reason="it is not in the PIM any more; a run writes it as a whole, if the ERP still has it"
            )
        appeared = known.appeared.reasons.get(change.key)
        if appeared is not None and not is_ours:
            return Judged(change, reason=f"{appeared}; {_AGAIN}")
        return self._judged(change, now, self._against(change, now, base.pim or {}), on)

    def _judge_create(
        self, change: ItemChange, now: Found | None, known: Known, on: LedgerEntry | None, *, is_ours: bool
    ) -> Judged:
        name = self._name(change)
        now = known.named.get(name.lower()) if now is None else now
        if now is None:
            reason = known.appeared.reasons.get(change.key)
            return Judged(change, on=on, reason=f"{reason}; {_AGAIN}" if reason else "")
        differences = self._against(change, now, {})
        if is_ours and now.ref == change.ref:  # an apply that was killed made it
            return self._judged(change, now, differences, on)
        appeared = {key: f"{shown(name)} is in the PIM by now, and was to be created" for key in change.cells}
        owner = next(iter(self._stream.state.owners(self._stream.name, [now.ref])), None)
        if owner is not None and owner.key != change.key:
            return Judged(change, reason=f"{shown(name)} is in the PIM for {shown(str(owner.key))} by now; {_AGAIN}")
        return self._judged(change, now, Differences(appeared), on)

    def _judged(self, change: ItemChange, now: Found, seen: Differences, on: LedgerEntry | None) -> Judged:
        if seen.is_done:
            return Judged(change, is_done=True, on=on)
        if not seen.moved:
            return Judged(change, on=on)
        told = "; ".join(dict.fromkeys(seen.moved.values()))
        if self._moved == "refuse":
            return Judged(change, reason=f"{told}; {_OR_REPLAN}")
        try:
            anew = replanned(change, frozenset(seen.moved), now, on, self._stream.compiled, self._stream.target)
        except NotReplanned as error:
            return Judged(change, reason=f"{error}; {_AGAIN}")
        return Judged(anew, is_done=not anew.cells, on=on)

    def _against(self, change: ItemChange, now: Found, seen: Mapping[str, JsonValue]) -> Differences:
        moved: dict[str, str] = {}
        done = 0
        for key, one in change.cells.items():
            value, planned = found_in(now.cells, key, self._stream.compiled), seen.get(key)
            cell = self._stream.compiled.cells.get(key)
            new = one.new if cell is None else cell.found(one.new)
            if cell is not None and cell.is_media:
                is_new = value != planned and isinstance(value, str) and self._stream.target.digest(value) == new
            else:
                is_new = is_same(value, new)
            done += is_new
            if not is_new and not is_same(value, planned):
                moved[key] = f"{key}: planned on {shown(planned)}, and it is {shown(value)} now"
        return Differences(moved, is_done=done == len(change.cells))

    # ---- what becomes of it ----
    def _park(self, change: ItemChange, reason: str, draft: Draft) -> None:
        # without a fingerprint: the next run looks at the item, whatever this says
        before = draft.before.get(change.key)
        item = ParkedItem(change.key, MOVED, "", reason, "", change.after.context)
        if change.is_late:
            draft.unlinked.append(item)
        elif change.is_deletion:
            self._tally.refuse_deletion(item)
        elif before is None or before.code == MOVED:
            draft.parked.append(item)
        else:
            # what an earlier run found wrong says more of the item; the report tells what became of the plan
            self._tally.park(item)
            draft.kept.append(evolve(before, fingerprint=""))

    def _note(self, judged: Judged, draft: Draft) -> None:
        change = judged.change
        draft.unchanged += _is_item(change)
        self._tally.tombstoned += change.is_deletion
        draft.answered.append(change.key)
        if not judged.is_noted:
            self._inherit(judged, draft)
            draft.entries.append(change.after)

    def _send(self, judged: Judged, draft: Draft) -> None:
        change = judged.change
        self._inherit(judged, draft)
        if change.is_late:
            draft.late.append(change)
        elif change.is_deletion:
            draft.tombstones.append(change)
        else:
            draft.changes.append(change)
        for cell in () if change.is_deletion else change.after.unlinked:
            detail = "not all it names was in the PIM when the plan was made; each run tries again"
            draft.unlinked.append(ParkedItem(change.key, "no_target", cell, detail))

    def _inherit(self, judged: Judged, draft: Draft) -> None:
        """An item that the ERP renumbered takes the place of its old key."""
        owner, key = judged.on, judged.change.key
        if owner is not None and owner.key != key:
            draft.entries.append(evolve(owner, key=key, fingerprint=""))
            draft.forgotten.append(owner.key)


def _base(change: ItemChange) -> PlanBase:
    if change.base is None:
        raise AssertionError("refused by `check_plan`")
    return change.base


def _undeletable(seen: Mapping[str, str] | None, now: Mapping[str, str] | None) -> str:
    """Why a product may not be deleted that a person has not seen as it is; empty where it may.

    Nothing brings it back, so that it is never drawn up anew: a person looks at it again.
    """
    if now is None:
        return ""  # what is not there any more is as it was to be
    if seen is None:
        return f"the plan is of an older form and does not tell what the product held, so it is not deleted; {_AGAIN}"
    places = moved_places(seen, now)
    if not places:
        return ""
    if not seen:
        return f"it was not in the PIM when the plan was made, and is there now, so it is not deleted; {_AGAIN}"
    told = ", ".join(shown(one) for one in places[:_TOLD])
    more = f" and {counted(len(places) - _TOLD, 'other place')}" if len(places) > _TOLD else ""
    return f"it was changed in the PIM since the plan was made, in {told}{more}, so it is not deleted; {_AGAIN}"


def _is_item(change: ItemChange) -> bool:
    """Whether it is an item that was read, and neither a deletion nor links that came late."""
    return not change.is_late and not change.is_deletion


def _is_of(entry: LedgerEntry | None, change: ItemChange) -> bool:
    """Whether the ledger has what the plan wanted: of this plan, or of a run that read the same row."""
    if entry is None:
        return False
    is_row = bool(entry.fingerprint) and not change.is_late and entry.gone is change.after.gone
    if (is_row and _is_like(entry, change.after)) or digest_of_entry(entry) == digest_of_entry(change.after):
        return True
    # of the same row and with the same content, whoever wrote it: by a program of another name, say
    theirs = evolve(change.after, context=entry.context, ref=entry.ref, stamps=entry.stamps)
    return is_row and digest_of_entry(entry) == digest_of_entry(theirs)


def _is_like(entry: LedgerEntry, after: LedgerEntry) -> bool:
    # by no reference: what was to be created may have been adopted instead
    return (entry.fingerprint, entry.context) == (after.fingerprint, after.context)
