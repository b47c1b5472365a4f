"""Batches on their way to the shop: compared with what it has, noted, delivered, remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import HotSink, Offer, OfferValue
from akeneo_erp_bridge.commerce._wire import same_value
from akeneo_erp_bridge.errors import SinkError
from akeneo_erp_bridge.sync._hot._batch import Tail
from akeneo_erp_bridge.sync._hot._items import Made, is_older, newest
from akeneo_erp_bridge.sync._hot._ledger import Last, fingerprint, last_of
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, Settled, SyncState
from akeneo_erp_bridge.sync.report import Tally

Hook = Callable[[str], None]
"""Is told each effect: ``shop.intended``, ``shop.delivered``, ``state.settled``."""

Shown = Mapping[ErpKey, Offer]
"""What the shop shows, by key."""

_REFUSED: Final = "refused"
_UNANSWERED: Final = "unanswered"


@define
class _Sending:
    """What becomes of one batch."""

    offers: dict[ErpKey, Offer] = field(factory=dict[ErpKey, Offer])
    noted: dict[ErpKey, LedgerEntry] = field(factory=dict[ErpKey, LedgerEntry])
    entries: list[LedgerEntry] = field(factory=list[LedgerEntry])
    parked: list[ParkedItem] = field(factory=list[ParkedItem])
    closed: list[ErpKey] = field(factory=list[ErpKey])


@frozen
class Courier:
    """Takes batches of one stream to one shop, one after the other, so that the offers of a key come in their order."""

    sink: HotSink
    state: SyncState
    stream: str
    context: str
    hook: Hook

    def take(
        self,
        part: Sequence[Made],
        tally: Tally,
        run: str,
        *,
        tail: Tail,
        shown: Shown | None = None,
        again: bool = True,
    ) -> None:
        """One batch, from the comparison to its settlement. With *shown* it is compared with the shop, else with the ledger.

        With *again* what was refused earlier is sent again.
        """
        keys = [one.key for one in part]
        entries, intents = self.state.entries(self.stream, keys), self.state.intents(self.stream, keys)
        made = {one.key: one for one in part}
        last = {key: last_of(key, entries, intents) for key in keys}
        sending = _Sending()
        for one in part:
            _weigh(one, last[one.key], sending, tally, shown)
        if not again:
            self._leave_refused(sending)
        self._deliver(sending, made, last, tally)
        for item in sending.parked:
            _park(item, made, tally)
        for item in tail.aside:
            tally.park(item)
        settled = Settled(
            sending.entries,
            self._noted(sending, tail.aside),
            sending.closed,
            answered=[one.key for one in sending.entries],
            cursor=tail.cursor,
            context=self.context,
            run=run,
            shown=tail.shown,
            begins=tail.begins,
        )
        self.state.settle(self.stream, settled)
        self.hook("state.settled")

    def _noted(self, sending: _Sending, aside: Sequence[ParkedItem]) -> list[ParkedItem]:
        """What is parked in the state, one reason for each key. That of the shop stays, or it would be asked again and again."""
        keys = [one.key for one in aside if one.key]
        if not keys:
            return [*sending.parked, *aside]
        done = {*sending.closed, *(one.key for one in sending.entries)}
        before = {key: one for key, one in self.state.parked_among(self.stream, keys).items() if key not in done}
        now = {one.key: one for one in sending.parked}
        refused = {key for key, one in {**before, **now}.items() if one.code in (_REFUSED, _UNANSWERED)}
        keyed = {one.key: one for one in aside if one.key and one.key not in refused}
        return [*({**now, **keyed}).values(), *(one for one in aside if not one.key)]

    def _leave_refused(self, sending: _Sending) -> None:
        """What the shop refused is not sent to it each time that it is read, while nothing of it changes."""
        known = self.state.parked_among(self.stream, list(sending.offers))
        for key, item in known.items():
            if item.code in (_REFUSED, _UNANSWERED) and item.fingerprint == fingerprint(sending.noted[key].cells):
                del sending.offers[key], sending.noted[key]
                sending.parked.append(item)

    def _deliver(
        self, sending: _Sending, made: Mapping[ErpKey, Made], last: Mapping[ErpKey, Last], tally: Tally
    ) -> None:
        """Hand the offers over; those that are not taken are parked."""
        if not sending.offers:
            return
        # before anything is sent: a process that is killed knows afterwards what the shop may have, and under which version
        self.state.intend(self.stream, list(sending.noted.values()))
        self.hook("shop.intended")
        waiting = dict(sending.offers)
        refused: dict[ErpKey, str] = {}
        for result in self.sink.deliver(list(sending.offers.values())):
            offer = waiting.pop(result.key, None)
            if offer is None:
                raise SinkError(
                    f"the shop answered for {result.key!r}, which was not sent to it, or twice; mend the sink"
                )
            if result.error is not None:
                refused[result.key] = result.error
                continue
            one = made[result.key]
            sending.entries.append(last[result.key].taken(sending.noted[result.key]))
            _count(one, last[result.key], tally, len(offer.values))
        self.hook("shop.delivered")
        for key, reason in refused.items():
            sending.parked.append(_parked(sending, key, _REFUSED, f"the shop refused it: {reason}"))
        for key in waiting:
            sending.parked.append(_parked(sending, key, _UNANSWERED, "the shop gave no answer for this offer"))


def _parked(sending: _Sending, key: ErpKey, code: str, detail: str) -> ParkedItem:
    return ParkedItem(key, code, "", detail, fingerprint(sending.noted[key].cells))


def _weigh(one: Made, last: Last, sending: _Sending, tally: Tally, shown: Shown | None) -> None:
    """Where an item goes: nowhere, since it is stale or unchanged; among the parked ones; or to the shop."""
    if one.is_gone and (last.is_gone or not (last.is_known or last.is_open)):
        _unchanged(one, tally)
        sending.closed.append(one.key)
        return
    if is_older(one.stamp, last.stamp):
        tally.unchanged += 1
        return
    if one.problem is not None:
        sending.parked.append(one.problem)
        return
    for cell in one.skipped:
        tally.skip(cell)
    agrees = last.agrees(one.values)
    if agrees if shown is None else _shows(shown.get(one.key), one.values):
        _unchanged(one, tally)
        sending.closed.append(one.key)
        if not agrees or one.is_gone or newest(one.stamp, last.stamp) != last.stamp:
            sending.entries.append(last.found(one))
        return
    offer = last.next(one)
    sending.offers[one.key] = offer
    sending.noted[one.key] = last.sending(one, offer)


def _unchanged(one: Made, tally: Tally) -> None:
    # a deletion is beside the items that were read
    tally.tombstoned += one.is_gone
    tally.unchanged += not one.is_gone


def _shows(found: Offer | None, values: Mapping[str, OfferValue]) -> bool:
    return all(
        same_value(value, found.values.get(feed) if found is not None else None) for feed, value in values.items()
    )


def _count(one: Made, last: Last, tally: Tally, values: int) -> None:
    if one.is_gone:
        tally.tombstoned += 1
        return
    tally.created += not last.is_known
    tally.updated += last.is_known
    tally.cells += values
    if isinstance(one.stamp, datetime) and last.is_known:
        tally.latency.add((datetime.now(UTC) - one.stamp).total_seconds())
    else:  # the stamp of a key's first offer is as old as the item, and tells nothing of the way to the shop
        tally.latency.add(time.monotonic() - one.since)


def _park(item: ParkedItem, made: Mapping[ErpKey, Made], tally: Tally) -> None:
    one = made.get(item.key)
    if one is not None and one.is_gone:
        tally.tombstoned += 1
        tally.refuse_deletion(evolve(item, detail=f"the ERP deleted it, and {item.detail}"))
    else:
        tally.park(item)
