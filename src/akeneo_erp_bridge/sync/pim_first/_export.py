"""Some products on their way to the ERP: intended, looked for, written, bound, and only then untagged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from attrs import define, evolve, field

from akeneo_erp_bridge.catalog import Product, Value
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ErpRef, ItemWriter
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable, PimRefused, RateLimited, SignInRefused
from akeneo_erp_bridge.rules import shown
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, Settled, Wire
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._words import told
from akeneo_erp_bridge.sync._writer import Hook
from akeneo_erp_bridge.sync.pim_first._edits import VERSION, Memory, is_others, kept, written
from akeneo_erp_bridge.sync.pim_first._message import Message
from akeneo_erp_bridge.sync.pim_first._model_tags import ModelTags
from akeneo_erp_bridge.sync.pim_first._numbering import Numbering
from akeneo_erp_bridge.sync.pim_first._outward import Outward
from akeneo_erp_bridge.sync.pim_first._placing import ABOVE, NOWHERE, WITHHELD, Place, Placing, withheld
from akeneo_erp_bridge.sync.pim_first._shelf import Change, Changes, ref_of
from akeneo_erp_bridge.sync.pim_first._tag import Tag, TagChange, is_wanted
from akeneo_erp_bridge.sync.pim_first._work import Move, Settling, Work, hashed, held_back, news, says_the_same, stamped
from akeneo_erp_bridge.sync.report import Tally

ItemT = TypeVar("ItemT", bound=ErpItem)

_REFUSED: Final = "erp_refused"
UNTAGGED: Final = "tag_refused"
"""The ERP has it, and the PIM does not let its tag move."""
_UNANSWERED: Final = "erp_unreachable"
_BUSY: Final = "erp_conflict"
OPEN: Final = frozenset({_UNANSWERED, _BUSY})
"""Nobody knows whether the ERP takes it: the next run asks again."""
_SILENT: Final = 3  # products in a row for which the ERP gives no answer: it is away, and not they are at fault
_PAUSES: Final = tuple(timedelta(seconds=some) for some in (0.1, 0.2, 0.4, 0.8))


@define
class Exporter(Generic[ItemT]):
    """Brings products to the ERP, a page at a time."""

    outward: Outward[ItemT]
    erp: ItemWriter[ItemT]
    shelf: Changes
    tag: Tag
    memory: Memory
    message: Message | None
    hook: Hook
    stop: Stop
    numbering: Numbering | None = None
    placing: Placing[ItemT] | None = None
    model_tags: ModelTags | None = None
    retry_parked: bool = False
    _why: str = field(default="", init=False)

    def take(self, products: Sequence[Product], tally: Tally, run: str) -> None:
        """Write what is to be written of these products, and remember it.

        Raises what keeps the ERP or the PIM from answering, and `StopAsked` between two products; what was done before is
        settled then.
        """
        page = Settling()
        products, nameless = self._numbered(products)
        works = self._weighed(products, nameless, page, tally, run)
        sending = [one.entry for one in works if not one.is_same]
        if sending:
            # before anything is sent: who is killed knows afterwards what the ERP may have
            self.memory.state.intend(self.memory.out, sending)
            self.hook("export.intended")
        try:
            left = self._write_all(works, page, tally)
        except Exception:
            self._settle(page, run)
            raise
        self._settle(page, run)
        self._untag(page, tally, run)
        if left:
            self.stop.check()

    # ---- what is to be done ----
    def _numbered(self, products: Sequence[Product]) -> tuple[list[Product], dict[str, str]]:
        """The same products; those that are to go out and have no SKU get one, or a reason why not."""
        lacking = [one for one in products if self.numbering and self.numbering.lacks(one) and self.tag.is_waiting(one)]
        known = self.memory.state.entries(self.memory.out, [ErpKey(ref_of(one)) for one in lacking])
        lacking = [one for one in lacking if ErpKey(ref_of(one)) not in known]
        if self.numbering is None or not lacking:
            return list(products), {}
        there, reasons = self.numbering.number(lacking)
        deleted = {ref_of(one) for one in lacking} - there.keys() - reasons.keys()
        return [there.get(ref_of(one), one) for one in products if ref_of(one) not in deleted], reasons

    def _weighed(
        self, products: Sequence[Product], nameless: Mapping[str, str], page: Settling, tally: Tally, run: str
    ) -> list[Work]:
        keys = [ErpKey(ref_of(one)) for one in products]
        state, stream = self.memory.state, self.memory.out
        known, unsure = state.entries(stream, keys), state.intents(stream, keys)
        # one that was gone may be back, or have been hidden: the ERP tells whether it has it
        back = {key for key, entry in known.items() if entry.gone}
        known = {key: entry for key, entry in known.items() if not entry.gone}
        parked = state.parked_among(stream, keys)
        held = held_back(state.held_among(stream, keys))
        ours: dict[ErpKey, Product] = {}
        tagged: set[ErpKey] = set()
        for key, product in zip(keys, products, strict=True):
            if is_wanted(self.tag, product, was_there=key in known, is_gone=key in back):
                tagged.add(key)
            if key in known or key in unsure or key in tagged or key in back:
                ours[key] = product
            else:
                tally.passed_over += 1
                page.closed += [key] if key in parked else []
        tally.read += len(ours)
        places = self._places([ours[key] for key in ours if key not in nameless], tagged, run)
        works: list[Work] = []
        for key, product in ours.items():
            entry, place = known.get(key), places.get(key, NOWHERE)
            fresh = self._entry(key, product, place, held.get(key, {}), entry)
            is_same = key not in unsure and entry is not None and says_the_same(entry, fresh)
            work = Work(product, fresh, entry, key in tagged, is_same)
            waits = parked.get(key)
            if key in nameless:
                self._refuse(work, page, tally, "no_sku", nameless[key])
            elif is_same and not work.is_tagged:
                tally.unchanged += 1
                page.closed += [key] if key in parked else []
            elif place.reason:
                # what a killed run may have sent stays in doubt until there is a place for it
                self._refuse(work, page, tally, "no_template", place.reason, is_answered=False)
            elif waits is not None and key not in unsure and self._is_still_parked(waits, work):
                tally.park(waits)
            else:
                works.append(work)
        return works

    def _places(self, products: Sequence[Product], tagged: Collection[str], run: str) -> Mapping[str, Place]:
        if self.placing is None or not any(one.parent for one in products):
            return {}
        return self.placing.places(products, tagged, run)

    def _entry(
        self, key: ErpKey, product: Product, place: Place, held: Mapping[str, Wire], known: LedgerEntry | None
    ) -> LedgerEntry:
        """What stands when the ERP has been told this product at this place."""
        wires = {**self.outward.wires(product), **held}
        wires = {one: wire for one, wire in wires.items() if one not in place.withheld}
        if place.above is not None:
            wires[ABOVE] = place.above
        stamps: dict[str, Wire] = {WITHHELD: sorted(place.withheld)} if place.withheld else {}
        return LedgerEntry(key, hashed(wires), self.outward.context, known.ref if known else "", wires, stamps)

    def _is_still_parked(self, item: ParkedItem, work: Work) -> bool:
        """Whether the ERP would refuse it for the same reason; a person who tags it again wants it tried again."""
        is_wanted = self.retry_parked or (work.is_tagged and self.tag.moves_on_failure)
        if is_wanted or item.code == UNTAGGED:
            return False
        return (item.fingerprint, item.context) == (work.entry.fingerprint, work.entry.context)

    # ---- the ERP ----
    def _write_all(self, works: Sequence[Work], page: Settling, tally: Tally) -> int:
        """How many are left since somebody asked to stop: an ERP may take a second for each."""
        in_vain = 0
        for done, work in enumerate(works):
            if self.stop.is_requested:
                return len(works) - done
            in_vain = 0 if self._write(work, page, tally) else in_vain + 1
            if in_vain == _SILENT:
                raise ErpUnreachable(f"the ERP gave no answer for {_SILENT} products in a row; the last: {self._why}")
        return 0

    def _write(self, work: Work, page: Settling, tally: Tally) -> bool:
        """One product, in several tries; before each the ERP is asked what it has. Whether it has answered in the end."""
        try:
            for pause in _PAUSES:
                try:
                    self._write_once(work, page, tally)
                except ErpConflict:  # somebody else wrote it between our look and our write
                    continue
                except ErpUnreachable:
                    self.stop.wait(pause)
                    continue
                return True
            self._write_once(work, page, tally)
        except ErpConflict as error:  # no refusal: somebody is at work on it, and will not be for ever
            self._leave_open(work, page, tally, _BUSY, told(error))
            page.moves.append(Move(work.product, None, told(error)))
        except ErpRefused as error:
            self._refuse(work, page, tally, _REFUSED, told(error))
        except ErpUnreachable as error:
            self._why = told(error)
            self._leave_open(work, page, tally, _UNANSWERED, self._why)
            return False
        return True

    def _leave_open(self, work: Work, page: Settling, tally: Tally, code: str, reason: str) -> None:
        """Its intent stays, so that the next run asks again; the others must not wait for this one."""
        item = self._parked(work.entry, code, reason)
        page.parked.append(item)
        tally.park(item)

    def _write_once(self, work: Work, page: Settling, tally: Tally) -> None:
        found = self.erp.find_by_key(work.ref)
        self.hook("export.looked")
        if found is None and not work.is_tagged:
            self._miss(work, page, tally)
        elif found is not None and is_others(self.memory, self.erp, found.key, work.ref):
            reason = (
                f"the ERP's item '{found.key}' belongs to another product; part them in the ERP, or take the tag away"
            )
            self._refuse(work, page, tally, "ambiguous", reason)
        elif found is not None and work.known is not None and not news(work.known, work.entry):
            tally.unchanged += 1
            self._bind(stamped(work, kept(work.known.stamps)), found, page)
        else:
            self._send(work, found, page, tally)

    def _miss(self, work: Work, page: Settling, tally: Tally) -> None:
        """The ERP does not have it, and nobody wants it there."""
        if work.known is not None:
            reason = f"the ERP has no item '{work.known.ref}' any more; tag the product again to have it made anew"
            self._refuse(work, page, tally, "erp_lost", reason)
            return
        tally.read -= 1  # its tag was taken away before anything was written
        tally.passed_over += 1
        page.answered.append(work.entry.key)
        page.closed.append(work.entry.key)

    def _send(self, work: Work, found: ErpRef | None, page: Settling, tally: Tally) -> None:
        is_new = found is None or work.known is None
        changed = self._all(work.entry) if work.known is None or is_new else news(work.known, work.entry)
        drafted = self._outward_of(work.entry).draft(work.product, changed, is_new=is_new, is_there=found is not None)
        if drafted.item is None:
            self._refuse(work, page, tally, "wrong_value", "; ".join(drafted.problems))
            return
        if work.is_same:
            self.memory.state.intend(self.memory.out, [work.entry])
        version = found.version if found is not None else None
        item = self._placed(drafted.item, work.entry, changed)
        result = self.erp.write_item(item, idempotency_key=work.ref, if_version=version)
        self.hook("export.written")
        before = kept(work.known.stamps if work.known is not None else {}, changed)
        self._bind(stamped(work, {**before, VERSION: written(result.ref, changed)}), result.ref, page)
        if is_new and not result.created:  # it was there before it was bound
            page.unread.append(LedgerEntry(result.ref.key, "", "", work.ref))
        tally.created += is_new
        tally.updated += not is_new
        tally.cells += len(changed)

    def _all(self, entry: LedgerEntry) -> frozenset[str]:
        place = {ABOVE} & entry.cells.keys()
        return (frozenset(self.outward.pairs) | place) - withheld(entry)

    def _outward_of(self, entry: LedgerEntry) -> Outward[ItemT]:
        """The same for all but new variants, which may be given something else."""
        if self.placing is None or self.placing.given is None or ABOVE not in entry.cells:
            return self.outward
        return evolve(self.outward, given=self.placing.given)

    def _placed(self, item: ItemT, entry: LedgerEntry, changed: frozenset[str]) -> ItemT:
        if self.placing is None or ABOVE not in changed:
            return item
        return type(item)({**item.row, self.placing.path: entry.cells.get(ABOVE)})

    def _bind(self, work: Work, ref: ErpRef, page: Settling) -> None:
        """Product and item belong together, whatever key the item has now."""
        entry = evolve(work.entry, ref=str(ref.key))
        page.entries.append(entry)
        page.answered.append(entry.key)
        before = ErpKey(work.known.ref) if work.known is not None else ref.key
        known = self.memory.state.entries(self.memory.back, [before, ref.key])
        # a number may have been another product's until just now: what is not ours is neither moved nor kept
        ours = {key: one for key, one in known.items() if one.ref == work.ref}
        if before != ref.key and before in ours:
            page.unbound.append(before)
            page.bound.append(evolve(ours[before], key=ref.key, fingerprint="", gone=False))
        elif ref.key not in ours or ours[ref.key].gone:
            page.bound.append(LedgerEntry(ref.key, "", "", work.ref))
            page.unread += page.bound[-1:] if work.known is not None else []
        elif work.known is not None and work.known.cells.get(ABOVE) != entry.cells.get(ABOVE):
            # another level holds some of its cells now: what comes back is looked at anew
            page.bound.append(evolve(ours[ref.key], fingerprint=""))
            page.unread.append(page.bound[-1])
        page.moves.append(Move(work.product, "exported" if work.is_tagged else None))

    # ---- what people see ----
    def _refuse(
        self, work: Work, page: Settling, tally: Tally, code: str, reason: str, *, is_answered: bool = True
    ) -> None:
        entry = work.entry
        item = self._parked(entry, code, reason)
        page.parked.append(item)
        page.answered += [entry.key] if is_answered else []
        tally.park(item)
        page.moves.append(Move(work.product, "failed" if work.is_tagged else None, reason))

    def _parked(self, entry: LedgerEntry, code: str, reason: str) -> ParkedItem:
        """With what the product says, since nobody knows it by its UUID."""
        sample = {cell: shown(wire) for cell, wire in entry.cells.items() if cell in self.outward.pairs}
        return ParkedItem(entry.key, code, "", reason, entry.fingerprint, entry.context, sample)

    def _changes(self, moves: Sequence[Move]) -> tuple[list[Change], dict[str, str]]:
        """What is to be changed, and the reasons why a tag does not move that moves by itself, such as a task."""
        changes: list[Change] = []
        moving = [one.product for one in moves if self._is_moving(one)]
        refused = self.model_tags.reasons(moving) if self.model_tags is not None else {}
        for move in moves:
            ref, moved = ref_of(move.product), TagChange()
            try:
                if self._is_moving(move) and move.outcome is not None and ref not in refused:
                    moved = self.tag.moved(move.product, move.outcome)
            except (SignInRefused, RateLimited):
                raise  # that is nothing of this product
            except PimRefused as error:
                refused[ref] = told(error)
            values = (*moved.values, *self._said(move.product, move.reason))
            if values or moved.categories is not None:
                changes.append(Change(ref, values, moved.categories))
        return changes, refused

    def _is_seen(self, move: Move) -> bool:
        return self._is_moving(move) or any(True for _ in self._said(move.product, move.reason))

    def _is_moving(self, move: Move) -> bool:
        return move.outcome is not None and (self.placing is None or not self.placing.marks(move.product))

    def _said(self, product: Product, reason: str) -> Iterable[Value]:
        """The ERP's words where the PIM user reads them, or nothing where they stand there already."""
        return () if self.message is None else self.message.said(product, reason)

    # ---- remembering ----
    def _settle(self, page: Settling, run: str) -> None:
        state, now = self.memory.state, datetime.now(UTC)
        self.memory.want(page.unread)
        if page.bound or page.unbound:
            taken = {one.key for one in page.bound}
            forgotten = [key for key in page.unbound if key not in taken]
            state.settle(self.memory.back, Settled(page.bound, forgotten=forgotten, run=run, at=now))
            self.hook("export.bound")
        written = [*(one.key for one in page.entries), *(one.key for one in page.parked)]
        held = state.held_among(self.memory.out, written)  # it stays held, whatever else of the product was written
        settled = Settled(page.entries, page.parked, page.closed, page.answered, run=run, held=held, at=now)
        if page.entries or page.parked or page.closed or page.answered:
            state.settle(self.memory.out, settled)
            self.hook("export.settled")

    def _untag(self, page: Settling, tally: Tally, run: str) -> None:
        moves = {ref_of(one.product): one for one in page.moves if self._is_seen(one)}
        # the ERP took its time: what a user did meanwhile stays, and who was deleted is not made anew
        now = self.shelf.read(list(moves)) if moves else {}
        changes, refused = self._changes([evolve(moves[ref], product=product) for ref, product in now.items()])
        if changes:
            refused |= self.shelf.change(changes)
            self.hook("export.untagged")
        if refused:
            tally.waiting += len(refused)
            items = [
                ParkedItem(ErpKey(ref), UNTAGGED, "", f"the PIM does not take the tag away: {reason}")
                for ref, reason in refused.items()
            ]
            self.memory.state.settle(self.memory.out, Settled(parked=items, run=run))
