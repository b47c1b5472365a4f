"""What runs: one import or sending at a time, in a thread of its own, to be watched, stopped, and gone on with after a kill."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Final, Literal, Protocol

from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.errors import BridgeError, PreflightFailed, StateInUse, StopAsked
from akeneo_erp_bridge.sync import Due, Notify, PageTook, Run, RunObserver, SqliteState, Stop, SyncReport, resolve
from erp_app.archive import Archive
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.erp import Erp
from erp_app.files import read_json, write_json
from erp_app.imports import Imports
from erp_app.sends import Sends
from erp_app.settings import ChoicesFile
from erp_app.wanted import SENT, Direction, Progress, Wanted

_log: Final = logging.getLogger("erp_app")
_GAP: Final = 0.5
"""Seconds in which a run that is over puts its things away."""


class Busy(BridgeError):
    """Something runs, and it alone may touch the state."""


class Work(Protocol):
    """One direction: `Imports` or `Sends`."""

    def total(self, wanted: Wanted) -> int | None:
        """How many will be read, where that is known before."""
        ...

    def preflight(self, pim: AkeneoClient) -> None:
        """Raises `PreflightFailed`."""
        ...

    def run(self, pim: AkeneoClient, wanted: Wanted, observers: Sequence[RunObserver], stop: Stop) -> int:
        """Do it; the exit code."""
        ...


class Jobs:
    """Starts what somebody wants, or a schedule, and tells how it comes along."""

    def __init__(
        self, config: Config, connection: Connection, erp: Erp, choices: ChoicesFile, state: SqliteState
    ) -> None:
        self._connection = connection
        self._choices = choices
        self._state = state
        self._sends = Sends(config, erp, state)
        self._work_of: Mapping[Direction, Work] = {
            "import": Imports(config, erp, choices, state),
            "send": self._sends,
        }
        self._marker = config.folder / "running.json"
        self._turn = Lock()
        self._telling = Lock()
        self._stop = Stop()
        self._thread: Thread | None = None
        self._is_closing = False
        self._notify = [Notify(list(config.notify), state, name="ERP bridge")] if config.notify else []
        self.archive = Archive(config.folder / "runs")
        self.progress = Progress()

    # ---- starting and stopping ----
    def start(self, wanted: Wanted) -> None:
        """Begin in the background. Raises `Busy` where something runs already."""
        self._take_turn(wanted)
        self._thread = Thread(target=self._work, args=(wanted,), name="work")
        self._thread.start()

    def run_due(self, due: Due, direction: Direction = "import") -> int:
        """What a schedule calls, and waits for. Raises `StateInUse` where something runs: then it is put off."""
        wanted = Wanted("full" if due == "full" else "new", direction=direction)
        try:
            self._take_turn(wanted)
        except Busy as error:
            raise StateInUse(str(error)) from error
        return self._work(wanted)

    def resume(self) -> bool:
        """Go on with what a killed process left; whether there was anything."""
        found = read_json(self._marker)
        if found is None or not self._connection.is_there:
            return False
        self.start(Wanted.of(found))
        return True

    def stop(self) -> None:
        """Ask what runs to end behind its next page."""
        self._stop.request()
        self._tell(lambda now: evolve(now, is_stopping=now.wanted is not None))

    def close(self) -> None:
        """End with the program: what runs stops behind its next page, and the next start goes on there."""
        self._is_closing = True
        self.stop()
        if self.progress.wanted is not None:
            _log.info("what runs stops behind its next page, and goes on at the next start")
        self.wait()

    def wait(self) -> None:
        """Until what `start` began has ended."""
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def between_runs(self) -> Generator[SqliteState]:
        """The state, for a decision: while something runs it is its own. Raises `Busy`."""
        if not self._turn.acquire(timeout=_GAP):
            raise Busy(f"{self._what_runs()}; decide when it has ended, or stop it first")
        try:
            yield self._state
        finally:
            self._turn.release()

    def decide(self, stream: str, key: str, cell: str, take: Literal["erp", "pim"]) -> None:
        """Take one of two versions. Raises `StateError` where nothing is held, and `Busy`."""
        with self.between_runs() as state:
            if stream != SENT:
                resolve(state, key, cell, take=take, stream=stream)
                return
            with self._connection.client() as pim:
                self._sends.resolve(pim, key, cell, take)

    def misfits(self) -> list[str]:
        """What does not fit between the choices, the PIM and the ERP, in words of the library."""
        found: list[str] = []
        directions: list[Direction] = ["import", "send"] if self._choices.load().sends else ["import"]
        with self._connection.client() as pim:
            for direction in directions:
                try:
                    self._work_of[direction].preflight(pim)
                except PreflightFailed as error:
                    found += [str(one) for one in error.problems if str(one) not in found]
        return found

    # ---- inside ----
    def _take_turn(self, wanted: Wanted) -> None:
        if self._is_closing or not self._turn.acquire(timeout=_GAP):
            raise Busy(f"{self._what_runs()} already")
        try:
            self._stop = Stop()
            # written before anything is read, so that whoever starts after a kill knows what to go on with
            write_json(self._marker, wanted.as_json())
            self._tell(lambda now: Progress(now.number, wanted))
        except BaseException:
            self._turn.release()
            raise

    def _what_runs(self) -> str:
        wanted = self.progress.wanted
        is_sending = wanted is not None and wanted.direction == "send"
        return "products are being sent" if is_sending else "an import is running"

    def _work(self, wanted: Wanted) -> int:
        """Do it, and tell its exit code. Nobody waits for what it raises, so it is told on the page."""
        trouble, code, is_over = "", 0, True
        work, watcher = self._work_of[wanted.direction], _Watcher(self._account)
        try:
            total = work.total(wanted)
            self._tell(lambda now: evolve(now, total=total))
            with self._connection.client() as pim:
                code = work.run(pim, wanted, [watcher, self.archive.observer(), *self._notify], self._stop)
        except StopAsked:
            is_over = not self._is_closing
        except BridgeError as error:
            trouble, code = f"{type(error).__name__}: {error}", error.exit_code
            _log.warning("a run failed: %s", error)
        except Exception:  # noqa: BLE001 - whatever it is, the page has to tell that the run is over
            trouble, code = "The program has a defect; its log tells where.", 1
            _log.exception("a run failed")
        finally:
            self._keep(watcher.reports)
            if is_over:
                self._marker.unlink(missing_ok=True)
            failed = wanted.direction if trouble else None
            self._tell(lambda now: evolve(now, wanted=None, is_stopping=False, trouble=trouble, failed=failed))
            self._turn.release()
        return code

    def _keep(self, reports: Sequence[SyncReport]) -> None:
        for report in reports:
            try:
                self.archive.keep(report, self._state)
            except BridgeError as error:
                _log.warning("the report is not kept: %s", error)

    def _account(self, so_far: SyncReport) -> None:
        self._tell(lambda now: evolve(now, so_far=so_far))

    def _tell(self, change: Callable[[Progress], Progress]) -> None:
        with self._telling:
            self.progress = evolve(change(self.progress), number=self.progress.number + 1)


class _Watcher(RunObserver):
    """Keeps the account of the run up to its last settled page, and the reports of what has ended: a sending has two."""

    def __init__(self, tell: Callable[[SyncReport], None]) -> None:
        self._tell = tell
        self.reports: list[SyncReport] = []

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        self._tell(so_far)

    def ended(self, run: Run, report: SyncReport) -> None:
        self._tell(report)
        self.reports.append(report)

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        self._tell(so_far)
        self.reports.append(so_far)
