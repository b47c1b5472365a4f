"""`HotRelay`: current prices and stock, straight from the ERP to a shop. No PIM client is in reach."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from akeneo_erp_bridge.classification import Shippable
from akeneo_erp_bridge.commerce import HotSink, OfferReader
from akeneo_erp_bridge.erp import Cursor, ErpItem, HotReader, Page
from akeneo_erp_bridge.errors import ConfigurationError, ErpUnreachable, SinkError, StateInUse, StopAsked
from akeneo_erp_bridge.rules import HotBinding, Rule, identity
from akeneo_erp_bridge.sync._hot._batch import Batch, Gathered
from akeneo_erp_bridge.sync._hot._delivery import Courier, Hook
from akeneo_erp_bridge.sync._hot._items import OfferMaker, Stamp
from akeneo_erp_bridge.sync._hot._reconciled import Reconciliation
from akeneo_erp_bridge.sync._hot._rows import ASKED, HotRows
from akeneo_erp_bridge.sync._reading._reading import Reading
from akeneo_erp_bridge.sync._state import SyncState
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._telling._announce import Announcer, StreamAnnouncer
from akeneo_erp_bridge.sync._telling._watch import Observatory
from akeneo_erp_bridge.sync._words import OFFERS, rival
from akeneo_erp_bridge.sync.observe import RunObserver
from akeneo_erp_bridge.sync.report import SyncReport, Tally

__all__ = ["HotRelay"]

ItemT = TypeVar("ItemT", bound=ErpItem)

_BATCH: Final = Batch()
_EVERY: Final = timedelta(milliseconds=200)
_LONGEST_PAUSE: Final = timedelta(minutes=1)
_RETRY_PARKED: Final = timedelta(minutes=1)


class HotRelay(Generic[ItemT]):
    r"""Relays what changed since the last run; the latest value of a key wins, unchanged offers are not sent.

    ::

        relay = HotRelay(erp, [Article.price.feed("price"), Article.stock.feed("available")], sink, state)
        relay.run()                         # once, as a schedule does
        relay.follow(stop=stop)             # again and again, until it is asked to end
        relay.reconcile()                   # compare all that the shop shows with the ERP, and repair it

    An offer is delivered at least once, and none is lost: what is sent is noted before, and what a killed process left
    open is sent again, with a greater version. Versions count up per key, so that a shop can tell which offer is newer.

    Of two rows of one key in a snapshot the first counts, and the other is parked as ``duplicate``. In a reading of changes
    the later one does, unless the ERP can be asked (`ChoiceReader`) and has both.

    *stamp* is a field that tells which of two values of one key is newer, a moment or a number that counts up:
    ``stamp=Article.changed_at``. A row that is older than what was relayed before is counted as unchanged and not sent, in
    this run and all later ones. A moment of more than a day ahead is not believed. Without a stamp the change that was
    read last is the newest.

    *batch* says how many keys go to the shop in one call. *watched* is how many items are watched for the temperature
    audit, in each run the same; 0 watches none.

    Raises `TemperatureRefused` for an internal value, and in a run `SinkError` when the shop takes nothing at all. An
    item with a wrong value is parked, and its last offer stays as it was; so is an offer that the shop refuses. An item
    that the ERP tells as deleted is withdrawn: each of its feeds becomes `None`.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge import SqliteState
    >>> from akeneo_erp_bridge.commerce import SqliteSink
    >>> from akeneo_erp_bridge.erp import CsvAdapter, cold, hot
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     stock = hot(int, "stock")
    >>> with TemporaryDirectory() as folder, SqliteState(":memory:") as state, SqliteSink(":memory:") as shop:
    ...     _ = Path(folder, "drills.csv").write_text("number,stock\nDR-18,7\n")
    ...     relay = HotRelay(CsvAdapter(f"{folder}/drills.csv", Drill), [Drill.stock.feed("available")], shop, state)
    ...     print(relay.run().balance, relay.run().balance, shop.offer("DR-18"), sep="\n")
    1 read = 0 unchanged + 1 written + 0 held + 0 parked
    1 read = 1 unchanged + 0 written + 0 held + 0 parked
    {'available': '7'}
    """

    def __init__(
        self,
        erp: HotReader[ItemT],
        feeds: Sequence[HotBinding[ItemT]],
        sink: HotSink,
        state: SyncState,
        *,
        stream: str = "offers",
        stamp: Rule[ItemT, Stamp | None, Shippable] | None = None,
        batch: Batch = _BATCH,
        watched: int = 500,
        observers: Sequence[RunObserver] = (),
        hook: Hook | None = None,
    ) -> None:
        self._maker = OfferMaker(feeds, stamp)
        self.erp = erp
        self.feeds = self._maker.feeds
        self.sink = sink
        self.state = state
        self.stream = stream
        self.batch = batch
        self.watched = watched
        self.observers = observers
        context = blake2b(identity(self.feeds).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
        self._courier = Courier(sink, state, stream, context, hook or _no_hook)

    def run(self) -> SyncReport:
        """Read, compare with what the shop has, deliver the difference, remember.

        Offers that are parked are read again by their keys, whatever the cursor says. `SyncReport.latency` tells how long
        changes took.
        """
        return self._run(again=True, stop=Stop())

    def follow(
        self,
        *,
        every: timedelta = _EVERY,
        stop: Stop | None = None,
        longest_pause: timedelta = _LONGEST_PAUSE,
        retry_parked: timedelta = _RETRY_PARKED,
    ) -> None:
        """Run again and again, with a pause of *every* between two rounds, until *stop* is asked.

        Observers are told of each round. A shop or an ERP that does not answer (`SinkError`, `ErpUnreachable`) is no end: the
        pauses double up to *longest_pause*, and the next round goes on where the last one came to. What is parked is
        tried again each *retry_parked* only, or at once when it changes. Asked to end, it does so behind the batch that
        is under way. While another run of this program has the stream, such as `reconcile`, it waits. Anything else that
        a run raises ends it, and goes to the caller.
        """
        stop = stop or Stop()
        pause, retried = every, float("-inf")
        while not stop.is_requested:
            again = time.monotonic() - retried >= retry_parked.total_seconds()
            try:
                self._run(again=again, stop=stop)
            except StopAsked:
                return
            except StateInUse as error:
                if error.stream is None:
                    raise  # another program has the state
            except (SinkError, ErpUnreachable):
                pause = min(max(pause, _EVERY) * 2, longest_pause)  # its observers were told
            else:
                pause = every
                retried = time.monotonic() if again else retried
            stop.wait(pause)

    def reconcile(self) -> Reconciliation:
        """Read all that the ERP has, compare it with what the shop shows, and send what differs.

        It finds what no run can see, such as a price that somebody changed in the shop, or a shop that was restored from a
        back-up. It needs a sink that can tell what its shop shows (`commerce.OfferReader`), and works in batches. The
        cursor stays where it is. Raises `ConfigurationError` for another sink, and what `run` raises.
        """
        sink = self.sink
        if not isinstance(sink, OfferReader):
            raise ConfigurationError(
                f"{type(sink).__name__} cannot tell what its shop shows; reconcile() needs a sink with read_offers(keys)"
            )
        tally, unknown = Tally(), 0
        announcer = Announcer(self.observers, "run", self.state, keeps_history=False)
        with announcer.stream(self.stream, tally) as told, closing(self._rows()) as rows:
            self.state.bind(self.stream, OFFERS, claim=True)
            told.start()
            gathered = Gathered(tally)
            for page in self.erp.read_hot(None, keys=None):
                told.lap("read")
                told.handed_over()
                self._gather(page, gathered, rows, with_deletions=False)
                if gathered.is_full(self.batch, time.monotonic()):
                    unknown += self._compare(sink, gathered, announcer.run_id)
                    gathered = Gathered(tally)
                told.settled()
                told.start()
            unknown += self._compare(sink, gathered, announcer.run_id)
            return Reconciliation.of(told.close(None), unknown)

    # ---- inside ----
    def _run(self, *, again: bool, stop: Stop) -> SyncReport:
        tally = Tally()
        # it may run each second: no history is kept
        announcer = Announcer(self.observers, "run", self.state, keeps_history=False)
        with announcer.stream(self.stream, tally) as told:
            self.state.bind(self.stream, OFFERS, claim=True)
            reading = Reading[ItemT].resumed(self._read, self.state, self.stream, self._courier.context)
            with closing(self._rows(goes_on=not reading.covers_all)) as rows:
                reading.restarts = rows.begin_anew
                self._go(reading, rows, tally, announcer.run_id, told, again=again, stop=stop)
            return told.close(None)

    def _go(
        self,
        reading: Reading[ItemT],
        rows: HotRows[ItemT],
        tally: Tally,
        run: str,
        told: StreamAnnouncer,
        *,
        again: bool,
        stop: Stop,
    ) -> None:
        observatory = Observatory(self.state.watch(self.stream), self._maker.paths, size=self.watched)
        told.start()
        gathered = Gathered(tally)
        for page in reading.pages():
            told.lap("read")
            told.handed_over()
            self._gather(page, gathered, rows)
            observatory.meet(page.items, [(item.key, "") for item in page.items])
            if gathered.is_full(self.batch, time.monotonic()):
                self._send(gathered, tally, run, told, again=again)
                gathered = Gathered(tally)
                stop.check()
            told.start()
        gathered.shown.clear()  # the reading is at its end
        self._send(gathered, tally, run, told, again=again)
        if self.watched:
            self.state.look(self.stream, observatory.sum_up(datetime.now(UTC), covers_all=reading.covers_all))
        if self.state.finish(self.stream, run, covers_all=reading.covers_all) and again:
            self._retry(tally, run, told)

    def _read(self, since: Cursor | None) -> Iterator[Page[ItemT]]:
        return self.erp.read_hot(since, keys=None)

    def _rows(self, *, goes_on: bool = False) -> HotRows[ItemT]:
        return HotRows(self.erp, self._maker, self.state, self.stream, goes_on=goes_on)

    def _gather(
        self, page: Page[ItemT], gathered: Gathered, rows: HotRows[ItemT], *, with_deletions: bool = True
    ) -> None:
        since = time.monotonic()
        gathered.tally.read += len(page.items)
        for item, is_rival in zip(page.items, rows.rivals(page), strict=True):
            if is_rival:
                gathered.aside.append(rival(item.key, self._courier.context))
            else:
                gathered.add(self._maker.make(item, since))
        if page.resume.kind == "snapshot":
            gathered.shown += [key for item in page.items if (key := item.key)]
        gathered.begins, rows.begins = gathered.begins or rows.begins, False
        for key in page.tombstones if with_deletions else ():
            gathered.add(self._maker.withdraw(key, since))
        gathered.turned(page.resume, since, len(page.items))

    def _send(self, gathered: Gathered, tally: Tally, run: str, told: StreamAnnouncer, *, again: bool) -> None:
        """All that is gathered, in parts; the cursor goes on with the last of them."""
        if gathered.pages == 0:
            return
        for part, tail in gathered.parts(self.batch.size):
            self._courier.take(part, tally, run, tail=tail, again=again)
        for _ in range(gathered.pages):
            told.settled()

    def _compare(self, sink: OfferReader, gathered: Gathered, run: str) -> int:
        """Send what the shop shows otherwise; how many keys it does not know."""
        unknown = 0
        gathered.cursor = None  # it stays where it is
        for part, tail in gathered.parts(self.batch.size):
            found = {one.key: one for one in sink.read_offers([one.key for one in part])} if part else {}
            unknown += sum(one.key not in found for one in part)
            self._courier.take(part, gathered.tally, run, tail=tail, shown=found)
        return unknown

    def _retry(self, tally: Tally, run: str, told: StreamAnnouncer) -> None:
        """What earlier runs parked and this one has not met."""
        waiting = [one.key for one in self.state.parked_before(self.stream, run) if one.key]
        with closing(self._rows()) as rows:
            for start in range(0, len(waiting), ASKED):
                gathered = Gathered(tally)
                for page in self.erp.read_hot(None, keys=waiting[start : start + ASKED]):
                    self._gather(page, gathered, rows, with_deletions=False)
                gathered.cursor = None  # that of a reading by keys leads nowhere
                self._send(gathered, tally, run, told, again=True)
        self.state.finish(self.stream, run, covers_all=True)  # what the ERP did not show is no more


def _no_hook(_: str) -> None:
    """Nobody is told."""
