"""`HotRelay`: current prices and stock, straight from the ERP to a shop. No PIM client is in reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from akeneo_erp_bridge.catalog import is_whole
from akeneo_erp_bridge.classification import SHIPPABLE, may_reach, names
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import HotSink, Offer, OfferValue
from akeneo_erp_bridge.erp import Cursor, ErpItem, HotReader, Page
from akeneo_erp_bridge.errors import MappingError, SinkError, TemperatureRefused
from akeneo_erp_bridge.mapping._checks._declared import hidden_in_lines
from akeneo_erp_bridge.rules import Clear, HotBinding, Problem, Put, identity, shown, taint_of
from akeneo_erp_bridge.sync._announce import Announcer, StreamAnnouncer
from akeneo_erp_bridge.sync._reading import Reading
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, Settled, SyncState
from akeneo_erp_bridge.sync._watch import Observatory
from akeneo_erp_bridge.sync._words import no_key
from akeneo_erp_bridge.sync.observe import RunObserver
from akeneo_erp_bridge.sync.report import SyncReport, Tally

__all__ = ["HotRelay"]

ItemT = TypeVar("ItemT", bound=ErpItem)

_RETRIED: Final = 500  # keys asked for in one read


class HotRelay(Generic[ItemT]):
    """Relays what changed since the last run; the latest value of a key wins, unchanged offers are not sent.

    ::

        relay = HotRelay(erp, [Article.price.feed("price"), Article.stock.feed("available")], sink, state)
        report = relay.run()

    `watched` is how many items are watched for the temperature audit, in each run the same; 0 watches none.
    Raises `TemperatureRefused` for an internal value, `SinkError` when the shop takes nothing at all. An
    item with a wrong value is parked, and its last offer stays as it was.
    """

    def __init__(
        self,
        erp: HotReader[ItemT],
        feeds: Sequence[HotBinding[ItemT]],
        sink: HotSink,
        state: SyncState,
        *,
        stream: str = "offers",
        watched: int = 500,
        observers: Sequence[RunObserver] = (),
    ) -> None:
        _check(feeds)
        self.erp = erp
        self.feeds = tuple(feeds)
        self.sink = sink
        self.state = state
        self.stream = stream
        self.watched = watched
        self.observers = observers
        self._paths = tuple(sorted({path for feed in feeds for path in feed.rule.sources}))
        self._hidden = hidden_in_lines(feed.rule for feed in feeds)
        self._context = blake2b(identity(self.feeds).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()

    def run(self) -> SyncReport:
        """Read, compare with what the shop has, deliver the difference, remember.

        Offers that are parked are read again by their keys, whatever the cursor says.
        """
        tally = Tally()
        announcer = Announcer(self.observers, "run", None)  # it may run each second: no history is kept
        with announcer.stream(self.stream, tally) as told:
            self._go(tally, announcer.run_id, told)
            return told.close(None)

    def _go(self, tally: Tally, run_id: str, told: StreamAnnouncer) -> None:
        reading = Reading[ItemT].resumed(self._read, self.state, self.stream, self._context)
        observatory = Observatory(self.state.watch(self.stream), self._paths, size=self.watched)
        told.start()
        for page in reading.pages():
            told.lap("read")
            told.handed_over()
            self._relay(page, tally, run_id, page.resume)
            told.settled()
            observatory.meet(page.items, [(item.key, "") for item in page.items])
        if self.watched:
            self.state.look(self.stream, observatory.sum_up(datetime.now(UTC), covers_all=reading.covers_all))
        if self.state.finish(self.stream, run_id, covers_all=reading.covers_all):
            self._retry(tally, run_id)

    def _read(self, since: Cursor | None) -> Iterator[Page[ItemT]]:
        return self.erp.read_hot(since, keys=None)

    def _retry(self, tally: Tally, run_id: str) -> None:
        """What earlier runs parked and this one has not met."""
        waiting = [one.key for one in self.state.parked_before(self.stream, run_id) if one.key]
        for start in range(0, len(waiting), _RETRIED):
            some = waiting[start : start + _RETRIED]
            for page in self.erp.read_hot(None, keys=some):
                self._relay(page, tally, run_id, None)
        self.state.finish(self.stream, run_id, covers_all=True)  # what the ERP did not show is no more

    def _relay(self, page: Page[ItemT], tally: Tally, run_id: str, cursor: Cursor | None) -> None:
        tally.read += len(page.items)
        latest: dict[ErpKey, Offer | ParkedItem] = {}
        parked: list[ParkedItem] = []
        for item in page.items:
            made = self._made(item)
            if not made.key and isinstance(made, ParkedItem):
                parked.append(made)
            else:
                tally.unchanged += made.key in latest  # an older value of the same key gives way
                latest[made.key] = made
        parked += [one for one in latest.values() if isinstance(one, ParkedItem)]
        for one in parked:
            tally.park(one)
        offers = [one for one in latest.values() if isinstance(one, Offer)]
        known = self.state.entries(self.stream, [one.key for one in offers])
        fresh = [one for one in offers if not _same(known.get(one.key), one)]
        tally.unchanged += len(offers) - len(fresh)
        entries = self._deliver(fresh, known, parked, tally)
        closed = [one.key for one in offers if one not in fresh] if len(fresh) < len(offers) else []
        self.state.settle(
            self.stream,
            Settled(entries, parked, closed, cursor=cursor, context=self._context, run=run_id),
        )

    def _made(self, item: ItemT) -> Offer | ParkedItem:
        try:
            return self._offer(item)
        except Exception as error:  # noqa: BLE001 - a rule of a user's own may raise anything; the item is parked with the reason
            seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
            return ParkedItem(item.key, "rule_failed", "", f"a rule {seen}; mend it, it should give a Problem")

    def _offer(self, item: ItemT) -> Offer | ParkedItem:
        if not item.key:
            return no_key(item, item.fingerprint(self._paths))
        values: dict[str, OfferValue] = {}
        seen = item.shippable(self._hidden)
        for feed in self.feeds:
            outcome = feed.rule.run(seen)
            if isinstance(outcome, Problem):
                return ParkedItem(item.key, outcome.code, feed.name, str(outcome))
            if isinstance(outcome, Clear):
                values[feed.name] = None
            elif isinstance(outcome, Put):
                value = outcome.value
                if not isinstance(value, Decimal | int | str | None):
                    detail = f"a feed takes a number, text or boolean, seen {shown(value)}"
                    return ParkedItem(item.key, "wrong_type", feed.name, detail)
                if isinstance(value, str) and not is_whole(value):
                    detail = f"the text {shown(value)} holds half a character; correct it, or the encoding"
                    return ParkedItem(item.key, "broken_text", feed.name, detail)
                values[feed.name] = value
        return Offer(item.key, values)

    def _deliver(
        self,
        offers: Sequence[Offer],
        known: dict[ErpKey, LedgerEntry],
        parked: list[ParkedItem],
        tally: Tally,
    ) -> list[LedgerEntry]:
        """Hand the offers over; those that are not taken are added to the parked ones."""
        if not offers:
            return []
        refused: dict[ErpKey, ParkedItem] = {}
        by_key = {one.key: one for one in offers}
        entries: list[LedgerEntry] = []
        for result in self.sink.deliver(offers):
            offer = by_key.pop(result.key, None)
            if offer is None:
                raise SinkError(
                    f"the shop answered for {result.key!r}, which was not sent to it, or twice; mend the sink"
                )
            if result.ok:
                entries.append(LedgerEntry(offer.key, _digest(offer), "", ""))
                tally.created += offer.key not in known
                tally.updated += offer.key in known
                tally.cells += len(offer.values)
            else:
                by_key[result.key] = offer
                refused[result.key] = ParkedItem(result.key, "refused", "", f"the shop refused it: {result.error}")
        for key in by_key:
            item = refused.get(key, ParkedItem(key, "unanswered", "", "the shop gave no answer for this offer"))
            parked.append(item)
            tally.park(item)
        return entries


def _check(feeds: Sequence[HotBinding[ItemT]]) -> None:
    twice = {one.name for one in feeds if [other.name for other in feeds].count(one.name) > 1}
    if twice:
        raise MappingError(f"feed names are given twice: {', '.join(sorted(twice))}")
    for feed in feeds:
        taint = taint_of(feed.rule)
        if not may_reach(taint, SHIPPABLE):
            raise TemperatureRefused(f"feed '{feed.name}' is {names(taint)}: it leaves the ERP for nowhere")


def _digest(offer: Offer) -> str:
    return repr(sorted((name, _plain(value)) for name, value in offer.values.items()))


def _plain(value: OfferValue) -> str:
    """Equal amounts compare equal, whatever their trailing zeros."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return repr(value)


def _same(entry: LedgerEntry | None, offer: Offer) -> bool:
    return entry is not None and entry.fingerprint == _digest(offer)
