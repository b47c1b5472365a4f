"""The imports: one at a time, in a thread of its own, to be watched, stopped, and gone on with after a kill."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Final

from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import BridgeError, PreflightFailed, StateInUse, StopAsked
from akeneo_erp_bridge.sync import (
    Conflicts,
    Due,
    ErpToPim,
    Notify,
    Only,
    PageTook,
    Run,
    RunObserver,
    SqliteState,
    Stop,
    SyncOptions,
    SyncReport,
    by_field,
    by_key,
)
from erp_app.archive import Archive
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.fields import Article, Erp, mapping
from erp_app.files import read_json, write_json
from erp_app.settings import ChoicesFile
from erp_app.wanted import Progress, Wanted

_log: Final = logging.getLogger("erp_app")
_GAP: Final = 0.5
"""Seconds in which a run that is over puts its things away."""


class Busy(BridgeError):
    """An import runs, and it alone may touch the state."""


class Jobs:
    """Starts imports, and tells how they come along."""

    def __init__(
        self, config: Config, connection: Connection, erp: Erp, choices: ChoicesFile, state: SqliteState
    ) -> None:
        self._config = config
        self._connection = connection
        self._erp = erp
        self._choices = choices
        self._state = state
        self._marker = config.folder / "running.json"
        self._turn = Lock()
        self._telling = Lock()
        self._stop = Stop()
        self._thread: Thread | None = None
        self._is_closing = False
        self._notify = [Notify(list(config.notify), state, name="ERP import")] if config.notify else []
        self.archive = Archive(config.folder / "runs")
        self.progress = Progress()

    # ---- starting and stopping ----
    def start(self, wanted: Wanted) -> None:
        """Begin in the background. Raises `Busy` where an import runs already."""
        self._take_turn(wanted)
        self._thread = Thread(target=self._work, args=(wanted,), name="import")
        self._thread.start()

    def run_due(self, due: Due) -> int:
        """What a schedule calls, and waits for. Raises `StateInUse` where an import runs: then it is put off."""
        wanted = Wanted("full" if due == "full" else "new")
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
        """Ask the running import to end behind its next page."""
        self._stop.request()
        self._tell(lambda now: evolve(now, is_stopping=now.wanted is not None))

    def close(self) -> None:
        """End with the program: what runs stops behind its next page, and the next start goes on there."""
        self._is_closing = True
        self.stop()
        if self.progress.wanted is not None:
            _log.info("the import stops behind its next page, and goes on at the next start")
        self.wait()

    def wait(self) -> None:
        """Until what `start` began has ended."""
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def between_runs(self) -> Generator[SqliteState]:
        """The state, for a decision: while an import runs it is its own. Raises `Busy`."""
        if not self._turn.acquire(timeout=_GAP):
            raise Busy("an import is running; decide when it has ended, or stop it first")
        try:
            yield self._state
        finally:
            self._turn.release()

    def misfits(self) -> list[str]:
        """What does not fit between the choices and the PIM, in words of the library."""
        with self._connection.client() as pim:
            try:
                self._job(pim, Wanted("new")).preflight()
            except PreflightFailed as error:
                return [str(one) for one in error.problems]
        return []

    # ---- inside ----
    def _take_turn(self, wanted: Wanted) -> None:
        if self._is_closing or not self._turn.acquire(timeout=_GAP):
            raise Busy("an import is running already")
        try:
            self._stop = Stop()
            # written before anything is read, so that whoever starts after a kill knows what to go on with
            write_json(self._marker, wanted.as_json())
            self._tell(lambda now: Progress(now.number, wanted))
        except BaseException:
            self._turn.release()
            raise

    def _work(self, wanted: Wanted) -> int:
        """Do it, and tell its exit code. Nobody waits for what it raises, so it is told on the page."""
        trouble, code, is_over = "", 0, True
        try:
            if wanted.kind in ("full", "again") and not wanted.is_resumed:
                total = self._erp.count()
                self._tell(lambda now: evolve(now, total=total))
            with self._connection.client() as pim:
                code = self._run(self._job(pim, wanted), wanted).exit_code
        except StopAsked:
            is_over = not self._is_closing
        except BridgeError as error:
            trouble, code = f"{type(error).__name__}: {error}", error.exit_code
            _log.warning("an import failed: %s", error)
        except Exception:  # noqa: BLE001 - whatever it is, the page has to tell that the import is over
            trouble, code = "The program has a defect; its log tells where.", 1
            _log.exception("an import failed")
        finally:
            self._keep_report()
            if is_over:
                self._marker.unlink(missing_ok=True)
            self._tell(lambda now: evolve(now, wanted=None, is_stopping=False, trouble=trouble))
            self._turn.release()
        return code

    def _keep_report(self) -> None:
        if self.progress.so_far is not None:
            try:
                self.archive.keep(self.progress.so_far, self._state)
            except BridgeError as error:
                _log.warning("the report is not kept: %s", error)

    def _run(self, job: ErpToPim[Article], wanted: Wanted) -> SyncReport:
        if wanted.kind == "part":
            only: Only[ErpItem] | Only[Article]
            only = by_key(*wanted.keys) if wanted.keys else by_field(Article.category, wanted.category)
            return job.run(only=only)
        # a killed reading of everything is gone on with, not begun again
        return job.run(reads="all" if wanted.kind == "full" and not wanted.is_resumed else "new")

    def _job(self, pim: AkeneoClient, wanted: Wanted) -> ErpToPim[Article]:
        looks_at_all = wanted.kind == "full" and not wanted.is_resumed
        options = SyncOptions(
            page_size=self._config.page_size,
            retry_parked=wanted.kind == "again",
            # what PIM users changed waits for a person; a run of everything also finds edits that no news is about
            conflicts=Conflicts("hold", look="all" if looks_at_all else "changed"),
        )
        return ErpToPim(
            self._erp.articles(),
            mapping(self._choices.load().ticked, self._config.pictures),
            pim,
            self._state,
            options=options,
            observers=[_Watcher(self._account), self.archive.observer(), *self._notify],
            stop=self._stop,
        )

    def _account(self, so_far: SyncReport) -> None:
        self._tell(lambda now: evolve(now, so_far=so_far))

    def _tell(self, change: Callable[[Progress], Progress]) -> None:
        with self._telling:
            self.progress = evolve(change(self.progress), number=self.progress.number + 1)


class _Watcher(RunObserver):
    """Keeps the account of the run up to its last settled page."""

    def __init__(self, tell: Callable[[SyncReport], None]) -> None:
        self._tell = tell

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        self._tell(so_far)

    def ended(self, run: Run, report: SyncReport) -> None:
        self._tell(report)

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        self._tell(so_far)
