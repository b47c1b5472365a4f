"""How a run tells its observers, and the run history, what it does."""

from __future__ import annotations

import logging
import time
import uuid
from collections import deque
from collections.abc import Collection, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from attrs import evolve, frozen

from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError, StopAsked
from akeneo_erp_bridge.sync._occupied import occupied
from akeneo_erp_bridge.sync._state import RunRecord, SyncState
from akeneo_erp_bridge.sync._words import told
from akeneo_erp_bridge.sync.observe import PageTook, Run, RunMode, RunObserver
from akeneo_erp_bridge.sync.report import SyncReport, Tally

if TYPE_CHECKING:  # a relay has an announcer, and nothing of the PIM in reach
    from akeneo_erp_bridge.sync._drafts._draft import Draft
    from akeneo_erp_bridge.sync._writer import Hook, Writer

_log: Final = logging.getLogger("akeneo_erp_bridge")


class Announcer:
    """Of one run, which may have several streams, and has each of them to itself; plans may be made beside it.

    `part_of` is the name under which something larger has the streams already, of which the run is a part.
    """

    def __init__(
        self,
        observers: Iterable[RunObserver],
        mode: RunMode,
        state: SyncState,
        *,
        keeps_history: bool = True,
        part_of: str | None = None,
    ) -> None:
        self.run_id = uuid.uuid4().hex
        self._seat = part_of or self.run_id
        self.mode: RunMode = mode
        self.history = state if mode == "run" and keeps_history else None
        self._state = state
        self.observers = list(observers)
        self._streams: dict[str, StreamAnnouncer] = {}
        self._current: StreamAnnouncer | None = None
        self._failure: BaseException | None = None

    @contextmanager
    def stream(self, name: str, tally: Tally) -> Generator[StreamAnnouncer]:
        """From the begin of a stream to its end, which `StreamAnnouncer.close` tells, or its failure.

        Raises `StateInUse`, and tells nobody, while another run has it.
        """
        with self._alone(name):
            one = self._current = self._streams[name] = StreamAnnouncer(self, name, tally)
            one.began()
            try:
                yield one
            except BaseException as error:
                self._failure = error
                one.failed(error, one)
                raise

    def _alone(self, name: str) -> AbstractContextManager[None]:
        return occupied(self._state, name, self._seat) if self.mode == "run" else nullcontext()

    def watching(self, hook: Hook) -> Hook:
        """The same hook, by which each settled page is told."""

        def told(boundary: str) -> None:
            hook(boundary)
            if boundary == "state.settled" and self._current is not None:
                self._current.settled()

        return told

    @contextmanager
    def whole(self, name: str) -> Generator[None]:
        """What fails before, between or behind the streams is told as a failure of this one. Raises as `stream` does."""
        with self._alone(name):
            try:
                yield
            except BaseException as error:
                if error is not self._failure:
                    one = StreamAnnouncer(self, name, Tally())
                    one.began()
                    one.failed(error, self._streams.get(name, one))
                raise


class StreamAnnouncer:
    """Of one stream: begin, pages, end or failure."""

    def __init__(self, announcer: Announcer, stream: str, tally: Tally) -> None:
        self.run = Run(id=announcer.run_id, stream=stream, mode=announcer.mode, started=datetime.now(UTC))
        self.tally = tally
        self._announcer = announcer
        self._laps: dict[str, timedelta] = {}
        self._under_way: deque[tuple[PageTook, float]] = deque()
        self._last = time.perf_counter()

    def began(self) -> None:
        """The run begins."""
        for observer in self._audience():
            with self._safely(observer):
                observer.began(self.run)

    def over(self, writer: Writer) -> Writer:
        """The same writer, whose pages are told. The first one begins now."""
        self.start()
        return _Told(writer, self)

    def start(self) -> None:
        """A page begins."""
        self._last = time.perf_counter()

    def lap(self, step: Literal["read", "draft"]) -> None:
        """The time since the page began, or since the last lap, went to this step."""
        now = time.perf_counter()
        self._laps[step] = timedelta(seconds=now - self._last)
        self._last = now

    def handed_over(self) -> None:
        """The page goes to the writer. It is settled after those before it, perhaps while others are read."""
        self._under_way.append((PageTook(**self._laps), time.perf_counter()))
        self._laps = {}

    def settled(self) -> None:
        """The oldest page under way is settled, or in a plan: drafted."""
        now = time.perf_counter()
        # what another writer settles has no times; to tell it must not fail the run
        took, since = self._under_way.popleft() if self._under_way else (PageTook(), now)
        if self._announcer.observers:
            took = evolve(took, write=timedelta(seconds=now - since))
            so_far = self._report(None)
            for observer in self._audience():
                with self._safely(observer):
                    observer.page(self.run, so_far, took)

    def close(self, stopped_by: str | None) -> SyncReport:
        """The run came to its end, or was stopped: remember it, and tell it."""
        self._remember(stopped_by=stopped_by)
        report = self._report(stopped_by)
        for observer in self._audience():
            with self._safely(observer):
                observer.ended(self.run, report)
        return report

    def failed(self, error: BaseException, remembered: StreamAnnouncer) -> None:
        """The run raised. What ends the process is not remembered, and neither is what the state itself raised."""
        if isinstance(error, Exception) and not isinstance(error, StateError):
            asked = isinstance(error, StopAsked)
            why = told(error) if asked else f"{type(error).__name__}: {told(error)}"
            try:
                remembered._remember(stopped_by=why if asked else None, error=None if asked else why)
            except StateError as other:
                error.add_note(f"the run history does not tell of it: {other}")
        so_far = self._report(None)
        for observer in self._audience():
            with self._safely(observer):
                observer.failed(self.run, error, so_far)

    # ---- inside ----
    def _audience(self) -> list[RunObserver]:
        return list(self._announcer.observers)

    @contextmanager
    def _safely(self, observer: RunObserver) -> Generator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - an observer may raise anything, and the run goes on without it
            self._announcer.observers.remove(observer)
            _log.warning(
                "%s: run %s goes on without its observer %s, which raised %s: %s; mend it",
                self.run.stream, self.run.id, type(observer).__name__, type(error).__name__, told(error),
            )  # fmt: skip

    def _remember(self, *, stopped_by: str | None = None, error: str | None = None) -> None:
        run, history = self.run, self._announcer.history
        if history is not None:
            counts, ended = self.tally.counts(), self._now()
            what = (self.tally.kind, self.tally.writes)
            record = RunRecord(run.id, run.stream, run.started, ended, counts, stopped_by, error, *what)
            history.record_run(record)

    def _report(self, stopped_by: str | None) -> SyncReport:
        return self.tally.report(self.run.stream, self._now() - self.run.started, stopped_by, run_id=self.run.id)

    def _now(self) -> datetime:
        return max(datetime.now(UTC), self.run.started)  # the clock may have been set back meanwhile


@frozen
class _Told:
    """A writer whose pages are told: those of a plan when it has them, others when they are settled."""

    writer: Writer
    told: StreamAnnouncer

    def make_way(self, names: Collection[str] | None) -> None:
        self.writer.make_way(names)

    def write(self, draft: Draft, resume: Cursor | None, tally: Tally, now: datetime) -> None:
        self.told.lap("draft")
        self.told.handed_over()
        self.writer.write(draft, resume, tally, now)
        if self.told.run.mode == "plan":
            self.told.settled()
        self.told.start()

    def finish(self) -> None:
        self.writer.finish()
        self.told.start()

    def close(self) -> None:
        self.writer.close()
