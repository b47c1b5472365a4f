"""Pages under way to the PIM: sent side by side, settled in the order in which the ERP gave them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Event
from typing import Final, TypeAlias

from attrs import define, field, frozen

from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._targets._target import Verdict
from akeneo_erp_bridge.sync.plan import ItemChange
from akeneo_erp_bridge.sync.report import Tally

__all__ = ["MakeWay", "PageUnderWay", "Sent", "UnderWay"]

Sent: TypeAlias = tuple[Sequence[Verdict], BridgeError | None]
"""The verdicts there are, and what kept the others from being given."""

MakeWay: TypeAlias = Callable[[Collection[str] | None], None]
"""Asks for what is under way of these keys and names, or for all of it, to be settled first."""

_LOT: Final = 100  # changes in one request: Akeneo's limit
_AT_ONCE: Final = 4  # requests at the same time: Akeneo's limit for a connection
_MOST_CHANGES: Final = 16 * _LOT  # sent and not settled, so that the four never wait for us; bounds memory too
_MOST_PAGES: Final = 128  # of few changes each, that wait for a full request
_LONGEST: Final = 5.0  # seconds that a change waits for a full request


@define(eq=False)
class PageUnderWay:
    """A page that was drafted and is not settled. `open` counts its changes without an answer."""

    draft: Draft
    resume: Cursor | None
    tally: Tally
    now: datetime
    open: int
    verdicts: list[Verdict] = field(factory=list[Verdict])
    failure: BridgeError | None = None
    names: frozenset[str] = frozenset()
    begun: float = field(factory=time.monotonic)


@frozen
class _Flight:
    parts: Sequence[tuple[PageUnderWay, ItemChange]]
    answer: Future[Sent]


class UnderWay:
    """Sends the changes of several pages in full requests, four at a time; a slow PIM slows the reading.

    *settle* is called for each page in turn, once all of its changes have an answer, and in the thread that calls
    here: only *send* runs in other threads. A page that fails keeps its cursor, as do all behind it. Where changes of a
    page wait for each other (not *side_by_side*), pages are sent one after the other, each as a whole.
    """

    def __init__(
        self,
        send: Callable[[Sequence[ItemChange]], Sent],
        settle: Callable[[PageUnderWay], None],
        *,
        side_by_side: bool,
    ) -> None:
        self._send = send
        self._settle = settle
        self._side_by_side = side_by_side
        self._pages: deque[PageUnderWay] = deque()
        self._ready: deque[tuple[PageUnderWay, ItemChange]] = deque()
        self._flights: deque[_Flight] = deque()
        self._flying = 0
        self._busy: dict[str, PageUnderWay] = {}
        self._failure: BridgeError | None = None
        self._is_broken = False  # a page in front was not settled, so that no cursor behind it counts
        self._is_over = False
        self._stop = Event()
        self._workers: ThreadPoolExecutor | None = None

    def add(self, page: PageUnderWay, changes: Sequence[ItemChange]) -> None:
        """Take a page; raises what kept it, or one before it, from being written."""
        self._pages.append(page)
        if not self._side_by_side:
            verdicts, failure = self._send(changes) if changes else ((), None)
            page.verdicts, page.failure, page.open = list(verdicts), failure, 0
            self._failure = failure
        elif changes or len(self._pages) > 1:
            page.names = page.draft.names()
            self._busy.update(dict.fromkeys(page.names, page))
            self._ready.extend((page, change) for change in changes)
            self._push()
        self._settle_answered()

    def make_way(self, names: Collection[str] | None) -> None:
        """Settle what is under way, where it is about one of these names; `None`: in any case."""
        if self._pages and (names is None or not self._busy.keys().isdisjoint(names)):
            self.finish()

    def finish(self) -> None:
        """Settle all; raises what kept a page from being written."""
        if self._is_over:
            return
        while self._ready:
            self._launch(min(_LOT, len(self._ready)))
        while self._flights:
            self._land()
        self._settle_answered()

    def close(self) -> None:
        """Wait for what is being sent, and send no more. What was not settled is looked at by the next run."""
        self._stop.set()
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)

    # ---- inside ----
    def _push(self) -> None:
        """Send what fills a request, or has waited for long; take the answers that are there, and wait for those that must be."""
        while len(self._ready) >= _LOT:
            self._launch(_LOT)
        if self._ready and (len(self._pages) > _MOST_PAGES or time.monotonic() - self._pages[0].begun > _LONGEST):
            self._launch(len(self._ready))
        while self._flights and (self._flying > _MOST_CHANGES or self._flights[0].answer.done()):
            self._land()

    def _launch(self, count: int) -> None:
        if self._workers is None:
            self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="akeneo-write")
        parts = [self._ready.popleft() for _ in range(count)]
        self._flights.append(_Flight(parts, self._workers.submit(self._carry, [change for _, change in parts])))
        self._flying += count

    def _carry(self, changes: Sequence[ItemChange]) -> Sent:
        if self._stop.is_set():
            return (), None  # a request before this one failed, and so would this one
        verdicts, failure = self._send(changes)
        if failure is not None:
            self._stop.set()
        return verdicts, failure

    def _land(self) -> None:
        flight = self._flights.popleft()
        verdicts, failure = flight.answer.result()
        self._flying -= len(flight.parts)
        self._failure = self._failure or failure
        for place, (page, _) in enumerate(flight.parts):
            page.open -= 1
            page.verdicts += verdicts[place : place + 1]
            if place >= len(verdicts) or verdicts[place].cause is not None:
                page.failure = page.failure or self._failure
        if self._failure is not None:
            self._give_up()

    def _give_up(self) -> None:
        """Nothing more is sent; what was sent is heard."""
        for page, _ in self._ready:
            page.open -= 1
            page.failure = self._failure
        self._ready.clear()
        while self._flights:
            self._land()

    def _settle_answered(self) -> None:
        while self._pages and not self._pages[0].open:
            page = self._pages.popleft()
            if self._is_broken:
                page.failure = page.failure or self._failure
            self._is_broken = page.failure is not None
            try:
                self._settle(page)
            except BaseException:
                self._is_over = True
                raise
            self._forget(page)
        if self._failure is not None:
            self._is_over = True
            raise self._failure

    def _forget(self, page: PageUnderWay) -> None:
        for name in page.names:
            if self._busy.get(name) is page:
                del self._busy[name]
