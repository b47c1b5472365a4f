"""One turn of a schedule: what is due begins, and what became of it is remembered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol, TypeAlias

from akeneo_erp_bridge.errors import BridgeError, ConfigurationError, StateError, StateInUse, StopAsked
from akeneo_erp_bridge.errors._root import DEFECT
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._turns._last_runs import Due, LastRuns, ScheduleMemory
from akeneo_erp_bridge.sync.schedule import NextRun, Periodicity

_log: Final = logging.getLogger("akeneo_erp_bridge")


class Account(Protocol):
    """What a job gives back, as `SyncReport` and `VariantReport` are."""

    @property
    def exit_code(self) -> int:
        """0 and 1: the run came to its end, and 1 says that something is left to do. Anything else: it did not."""
        ...


ScheduledJob: TypeAlias = Callable[[Due], Account | int]
"""What a schedule runs: it takes the kind that is due, and gives the report, or the exit code."""

Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment, by the machine's clock."""
    return datetime.now(UTC)


class Turns:
    """The turns of one schedule in one process, one at a time."""

    def __init__(
        self,
        when: Periodicity,
        job: ScheduledJob,
        memory: ScheduleMemory,
        *,
        clock: Clock = utc_now,
        stop: Stop | None = None,
    ) -> None:
        self._when = when
        self._job = job
        self._memory = memory
        self._clock = clock
        self._stop = stop or Stop()
        self._runs = memory.read()
        self.is_kept = True
        self.is_running = False
        self.exit_code = 0

    def next(self) -> NextRun:
        """What begins first, and when: now or later."""
        return self._when.next(self._known(), self._clock())

    def can_remember(self) -> bool:
        """Whether what becomes of a run that is due now could be written down; tried by writing what is known already."""
        due = self._when.due(self._runs, self._clock())
        if due is None:
            return True
        try:
            self._memory.write(self._runs)
        except StateError as error:
            _log.error("%s; the %s run does not begin, since it would be due again at once", error, due)
            return False
        return True

    def take(self) -> Due | None:
        """Run what is due, if anything is, and remember what became of it: `exit_code` tells. Gives what was due.

        What a job raises is logged and counted, so that it is tried again; it goes on only where it is no `Exception`.
        """
        due = None if self._stop.is_requested else self._when.due(self._known(), self._clock())
        if due is not None:
            self.is_running = True
            try:
                self.exit_code = self._run(due)
            finally:
                self.is_running = False
        return due

    def _run(self, due: Due) -> int:
        _log.info("%s run begins", due)
        try:
            code = _exit_code(self._job(due))
        except StopAsked as error:
            _log.info("%s run: %s", due, error)
            return error.exit_code  # it stays due
        except StateInUse as error:
            self._keep(self._known().put_off(due, at=self._clock()))
            _log.info("%s run put off: %s", due, error)
            return 0
        except BridgeError as error:
            self._fail(due, str(error))
            return error.exit_code
        except Exception as error:  # noqa: BLE001 - a job of a user's own may raise anything; the schedule goes on
            self._fail(due, f"{type(error).__name__}: {error}", trace=error)
            return DEFECT
        except BaseException:
            self._keep(self._known().failed(due, at=self._clock()))
            raise
        if code not in (0, 1):
            self._fail(due, f"it ended with exit code {code}")
            return code
        self._keep(self._known().done(due, at=self._clock()))
        _log.info("%s run ended with exit code %d; next: %s", due, code, self._shown())
        return code

    def _fail(self, due: Due, reason: str, *, trace: Exception | None = None) -> None:
        self._keep(self._known().failed(due, at=self._clock()))
        times = self._runs.of(due).failures
        _log.error("%s run failed, time %d in a row: %s; next: %s", due, times, reason, self._shown(), exc_info=trace)

    def _shown(self) -> str:
        one = self.next()
        return f"{one.kind} at {one.at.astimezone(self._when.zone).isoformat(timespec='seconds')}"

    def _known(self) -> LastRuns:
        """The last runs, of other processes too. What cannot be read or written meanwhile, this process remembers itself."""
        if self.is_kept:
            try:
                self._runs = self._memory.read()
            except StateError as error:
                _log.error("%s; this program goes on with what it remembers", error)
        return self._runs

    def _keep(self, runs: LastRuns) -> None:
        self._runs = runs
        try:
            self._memory.write(runs)
        except StateError as error:
            self.is_kept = False
            _log.error("%s; this program goes on with what it remembers", error)
        else:
            self.is_kept = True


def _exit_code(account: Account | int) -> int:
    if isinstance(account, int):
        return account
    code: object = getattr(account, "exit_code", None)  # whatever the types say, a job may forget to return something
    if not isinstance(code, int):
        raise ConfigurationError(f"the job gave {type(account).__name__}; let it return its report, or an exit code")
    return code


def run_if_due(when: Periodicity, job: ScheduledJob, *, memory: ScheduleMemory, clock: Clock = utc_now) -> int:
    """Run the job if it is due, for a program that cron or systemd starts each minute. Gives the exit code to end with.

    ::

        sys.exit(run_if_due(when, job, memory=ScheduleFile("schedule.json")))

    0: nothing was due, all is well, or another run has the state. 1: the run left something to do. 70: the job raised
    something unexpected. Else the code of its report, or of the `BridgeError` that it raised. All of it is logged.

    Raises `StateError` when *memory* cannot be read, before anything runs. When it cannot be written, nothing runs either,
    and the code is 4: a run that nobody can remember would be due again in a minute.

    >>> from datetime import timedelta
    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge.sync import Every, ScheduleFile
    >>> hourly = Periodicity(delta=Every(timedelta(hours=1)))
    >>> def job(kind):
    ...     print(kind)
    ...     return 0
    >>> with TemporaryDirectory() as folder:
    ...     for minute in (58, 59, 60):
    ...         now = datetime(2026, 6, 10, 12, tzinfo=UTC) + timedelta(minutes=minute)
    ...         print(minute, run_if_due(hourly, job, memory=ScheduleFile(f"{folder}/schedule.json"), clock=lambda: now))
    delta
    58 0
    59 0
    delta
    60 0
    """
    turns = Turns(when, job, memory, clock=clock)
    if not turns.can_remember():
        return StateError.exit_code
    turns.take()
    return turns.exit_code if turns.is_kept else turns.exit_code or StateError.exit_code
