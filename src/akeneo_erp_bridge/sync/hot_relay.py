"""`HotRelay`: current prices and stock, straight from the ERP to a shop. No PIM client is in reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from akeneo_erp_bridge.classification import SHIPPABLE, names
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import HotSink, Offer, OfferValue
from akeneo_erp_bridge.erp import ErpItem, HotReader, Page
from akeneo_erp_bridge.errors import CursorExpired, MappingError, SinkError, TemperatureRefused
from akeneo_erp_bridge.rules import HotBinding, Problem, Put, shown
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, Settled, SyncState
from akeneo_erp_bridge.sync.report import SyncReport, Tally

__all__ = ["HotRelay"]

ItemT = TypeVar("ItemT", bound=ErpItem)


class HotRelay(Generic[ItemT]):
    """Relays what changed since the last run; the latest value of a key wins, unchanged offers are not sent.

    ::

        relay = HotRelay(erp, [Article.price.feed("price"), Article.stock.feed("available")], sink, state)
        report = relay.run()

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
    ) -> None:
        _check(feeds)
        self.erp = erp
        self.feeds = tuple(feeds)
        self.sink = sink
        self.state = state
        self.stream = stream

    def run(self) -> SyncReport:
        """Read, compare with what the shop has, deliver the difference, remember."""
        tally, started = Tally(), datetime.now(UTC)
        for page in self._pages():
            self._relay(page, tally)
        return tally.report(self.stream, max(datetime.now(UTC) - started, started - started))

    def _pages(self) -> Iterator[Page[ItemT]]:
        try:
            yield from self.erp.read_hot(self.state.cursor(self.stream), keys=None)
        except CursorExpired:
            yield from self.erp.read_hot(None, keys=None)

    def _relay(self, page: Page[ItemT], tally: Tally) -> None:
        tally.read += len(page.items)
        parked: dict[ErpKey, ParkedItem] = {}
        offers: dict[ErpKey, Offer] = {}
        for item in page.items:
            made = self._offer(item)
            if isinstance(made, ParkedItem):
                parked[item.key] = made
                tally.park(made)
            else:
                tally.unchanged += item.key in offers  # an older value of the same key gives way
                offers[item.key] = made
        known = self.state.entries(self.stream, list(offers))
        fresh = [one for one in offers.values() if not _same(known.get(one.key), one)]
        tally.unchanged += len(offers) - len(fresh)
        entries = self._deliver(fresh, known, parked, tally)
        closed = self.state.parked_among(self.stream, list(offers.keys() - {one.key for one in fresh}))
        self.state.settle(
            self.stream,
            Settled(entries=entries, parked=list(parked.values()), closed=list(closed), cursor=page.resume),
        )

    def _offer(self, item: ItemT) -> Offer | ParkedItem:
        if not item.key:
            path = item.key_spec().path
            return ParkedItem(item.key, "no_key", path, f"the item has no key in field '{path}'; give it one")
        values: dict[str, OfferValue] = {}
        for feed in self.feeds:
            outcome = feed.rule.run(item)
            if isinstance(outcome, Problem):
                return ParkedItem(item.key, outcome.code, feed.name, str(outcome))
            if isinstance(outcome, Put):
                if not isinstance(outcome.value, Decimal | int | str | None):
                    detail = f"a feed takes a number, text or boolean, seen {shown(outcome.value)}"
                    return ParkedItem(item.key, "wrong_type", feed.name, detail)
                values[feed.name] = outcome.value
        return Offer(item.key, values)

    def _deliver(
        self,
        offers: Sequence[Offer],
        known: dict[ErpKey, LedgerEntry],
        parked: dict[ErpKey, ParkedItem],
        tally: Tally,
    ) -> list[LedgerEntry]:
        if not offers:
            return []
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
                parked[result.key] = ParkedItem(result.key, "refused", "", f"the shop refused it: {result.error}")
        for key in by_key:
            item = parked.setdefault(key, ParkedItem(key, "unanswered", "", "the shop gave no answer for this offer"))
            tally.park(item)
        return entries


def _check(feeds: Sequence[HotBinding[ItemT]]) -> None:
    twice = {one.name for one in feeds if [other.name for other in feeds].count(one.name) > 1}
    if twice:
        raise MappingError(f"feed names are given twice: {', '.join(sorted(twice))}")
    for feed in feeds:
        if not feed.rule.temperatures <= SHIPPABLE:
            raise TemperatureRefused(
                f"feed '{feed.name}' is {names(feed.rule.temperatures)}: it leaves the ERP for nowhere"
            )


def _digest(offer: Offer) -> str:
    return repr(sorted((name, _plain(value)) for name, value in offer.values.items()))


def _plain(value: OfferValue) -> str:
    """Equal amounts compare equal, whatever their trailing zeros."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return repr(value)


def _same(entry: LedgerEntry | None, offer: Offer) -> bool:
    return entry is not None and entry.fingerprint == _digest(offer)
