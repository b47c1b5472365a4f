"""A schedule in a scheduler: the program's own, or one in the foreground. APScheduler 3 does the waiting."""

from __future__ import annotations

import importlib
import logging
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Final, Protocol, runtime_checkable

from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._turns._last_runs import ScheduleMemory
from akeneo_erp_bridge.sync._turns._turns import ScheduledJob, Turns
from akeneo_erp_bridge.sync.schedule import Periodicity

_log: Final = logging.getLogger("akeneo_erp_bridge")

_LOOK: Final = timedelta(seconds=30)
"""How often the foreground looks whether the clock was set, or another process ran."""


# The library has no types; what we use of it is here.
class _Entry(Protocol):
    @property
    def next_run_time(self) -> datetime | None: ...


@runtime_checkable
class Scheduler(Protocol):
    """What `run_in` needs of a scheduler; those of APScheduler 3 have it."""

    def add_job(
        self,
        func: Callable[[], None],
        trigger: str,
        *,
        id: str,  # noqa: A002 - the library's own name
        name: str,
        days: int,
        next_run_time: datetime,
        max_instances: int,
        coalesce: bool,
        misfire_grace_time: None,
    ) -> object:
        """Add a job."""
        ...

    def get_job(self, job_id: str) -> _Entry | None:
        """The job, if it is there."""
        ...

    def modify_job(self, job_id: str, *, next_run_time: datetime) -> object:
        """Change a job."""
        ...


class _Foreground(Scheduler, Protocol):
    def start(self) -> None: ...
    def shutdown(self, wait: bool = True) -> None: ...  # noqa: FBT001, FBT002 - the library's own


class _Placed:
    """The turns as a job of a scheduler, which moves to its next time after each turn."""

    def __init__(self, turns: Turns, scheduler: Scheduler, name: str) -> None:
        self.turns = turns
        self._scheduler = scheduler
        self._name = name

    def place(self) -> None:
        self._scheduler.add_job(
            self.take_turn,
            "interval",
            days=1,  # only until `move`, which knows better
            id=self._name,
            name=self._name,
            next_run_time=self.turns.next().at,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def take_turn(self) -> None:
        """In a thread of the scheduler."""
        try:
            self.turns.take()
        finally:
            # shutdown() holds the scheduler's locks while it waits for this thread, so another one waits for them
            threading.Thread(target=self.move, name=f"{self._name} moves", daemon=True).start()

    def move(self) -> None:
        """Set the next time, unless the job was removed or paused meanwhile, or runs."""
        try:
            job = self._scheduler.get_job(self._name)
            if job is not None and job.next_run_time is not None and not self.turns.is_running:
                self._scheduler.modify_job(self._name, next_run_time=self.turns.next().at)
        except (KeyError, RuntimeError) as error:  # removed at this moment, or the event loop has ended
            _log.debug("%s is scheduled no longer: %s", self._name, error)


def run_in(
    scheduler: object, when: Periodicity, job: ScheduledJob, *, memory: ScheduleMemory, name: str = "akeneo_erp_bridge"
) -> None:
    """Add a job to the program's own scheduler of APScheduler 3: `BackgroundScheduler`, `AsyncIOScheduler` and others.

    It becomes one job with *name* as its id, which runs in a thread of the scheduler, one instance at a time, however late.
    It may be paused, resumed and removed. What it remembers is in *memory*, so it needs a job store in memory, which is the
    usual one, and is added at each start of the program.

    Raises `ConfigurationError` for what is no scheduler of APScheduler 3, and `StateError` when *memory* cannot be read.

    >>> from datetime import time
    >>> from tempfile import TemporaryDirectory
    >>> from apscheduler.schedulers.background import BackgroundScheduler
    >>> from akeneo_erp_bridge.sync import Daily, ScheduleFile
    >>> scheduler = BackgroundScheduler(timezone=UTC)
    >>> with TemporaryDirectory() as folder:
    ...     memory = ScheduleFile(f"{folder}/schedule.json")
    ...     run_in(scheduler, Periodicity(full=Daily(time(2, 30))), lambda due: 0, memory=memory, name="products")
    >>> [job.id for job in scheduler.get_jobs()]
    ['products']
    """
    if not isinstance(scheduler, Scheduler):
        raise ConfigurationError(f"run_in takes a scheduler of APScheduler 3, seen {type(scheduler).__name__}")
    _Placed(Turns(when, job, memory), scheduler, name).place()


def run_forever(when: Periodicity, job: ScheduledJob, *, memory: ScheduleMemory, stop: Stop | None = None) -> int:
    """Run the job whenever it is due, until SIGTERM or SIGINT, or until *stop* is asked. Gives the exit code to end with.

    ::

        sys.exit(run_forever(when, job, memory=ScheduleFile("schedule.json")))

    A signal waits for the running job to end. A job that looks at *stop* ends behind its next page:
    ``ErpToPim(..., stop=stop)``. A second signal ends the process at once, which harms nothing that is stored.

    The code is that of the last run, or 0 where none began or one was asked to end. What a job raises ends nothing: it
    is logged, and tried again.

    Raises `MissingExtra` without APScheduler (extra ``schedule``), `StateError` when *memory* cannot be read at the start, and
    `ConfigurationError` outside of the main thread, which alone gets signals.

    >>> from datetime import timedelta
    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge.sync import Every, ScheduleFile
    >>> stop = Stop()
    >>> def job(due):
    ...     stop.request()  # as SIGTERM does
    ...     return 1
    >>> with TemporaryDirectory() as folder:
    ...     hourly = Periodicity(delta=Every(timedelta(hours=1)))
    ...     run_forever(hourly, job, memory=ScheduleFile(f"{folder}/schedule.json"), stop=stop)
    1
    """
    stop = stop or Stop()
    if threading.current_thread() is not threading.main_thread():
        raise ConfigurationError(
            "run_forever belongs into the main thread, which gets the signals; elsewhere use run_in"
        )
    scheduler = _background_scheduler()
    placed = _Placed(Turns(when, job, memory, stop=stop), scheduler, "akeneo_erp_bridge")
    placed.place()
    with _signals(stop):
        scheduler.start()
        try:
            while not stop.wait(_LOOK):
                placed.move()
            _log.info("asked to end%s", "; waiting for the running job" if placed.turns.is_running else "")
        finally:
            scheduler.shutdown(wait=True)
    return placed.turns.exit_code


def _background_scheduler() -> _Foreground:
    try:
        make: Callable[..., _Foreground] = importlib.import_module(
            "apscheduler.schedulers.background"
        ).BackgroundScheduler
    except ImportError:
        raise MissingExtra("run_forever", "schedule") from None
    return make(timezone=UTC)


@contextmanager
def _signals(stop: Stop) -> Generator[None]:
    """The first signal asks to end, the next one does what signals do."""
    caught = (signal.SIGTERM, signal.SIGINT)

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.request()
        for one in caught:
            signal.signal(one, signal.SIG_DFL)

    before = {one: signal.signal(one, ask) for one in caught}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)  # `None`: not set by Python
