"""Schedules that really wait: a process in the foreground that gets signals, and the schedulers of APScheduler."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.errors import ConfigurationError, ErpUnreachable, MissingExtra, StateError
from akeneo_erp_bridge.sync import (
    Due,
    ErpToPim,
    Every,
    LastRuns,
    Periodicity,
    ScheduleFile,
    SqliteState,
    Stop,
    SyncOptions,
    run_forever,
    run_if_due,
    run_in,
)
from akeneo_erp_bridge.sync._turns._scheduler import _Placed
from akeneo_erp_bridge.sync._turns._turns import Turns
from akeneo_erp_bridge.testing import PimSimulator
from world import ListErp, fill, make_mapping, row

WEEKLY = Periodicity(full=Every(timedelta(days=7)), delta=Every(timedelta(days=7)), retry=timedelta(seconds=1))
EACH_SECOND = Periodicity(delta=Every(timedelta(seconds=1)), retry=timedelta(seconds=1))
PROGRAM = Path(__file__).with_name("scheduled.py")


class Program:
    """The process, and what it logs."""

    def __init__(self, folder: Path, job: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder), job], stderr=subprocess.PIPE, text=True
        )
        self.log: list[str] = []

    def until(self, text: str) -> None:
        """Read its log up to a line."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.rstrip())
            if text in line:
                return
        pytest.fail(f"it ended without {text!r}:\n" + "\n".join(self.log))

    def go(self) -> None:
        (self.folder / "go").touch()

    def end(self) -> int:
        assert self.process.stderr is not None
        self.log += self.process.stderr.read().splitlines()
        return self.process.wait()


@contextmanager
def program(folder: Path, job: str) -> Iterator[Program]:
    one = Program(folder, job)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()
        assert one.process.stderr is not None
        one.process.stderr.close()


# ---- in the foreground ----
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_waits_for_the_running_job_and_the_exit_code_is_its_own(tmp_path: Path, number: int) -> None:
    with program(tmp_path, "whole") as one:
        one.until("in the middle")
        one.process.send_signal(number)
        one.until("asked to end; waiting for the running job")
        assert not (tmp_path / "ended").exists()
        one.go()
        assert one.end() == 1
    assert (tmp_path / "ended").exists()
    runs = ScheduleFile(tmp_path / "schedule.json").read()
    assert runs.full.ended is not None
    assert WEEKLY.next(runs, datetime.now(UTC)).at > datetime.now(UTC)
    assert not [line for line in one.log if "Traceback" in line or "Error" in line], one.log


def test_a_signal_while_nothing_runs_ends_the_program_at_once(tmp_path: Path) -> None:
    with program(tmp_path, "whole") as one:
        one.go()
        one.until("run ended with exit code 1")
        one.process.send_signal(signal.SIGTERM)
        assert one.end() == 1
    assert one.log[-1] == "akeneo_erp_bridge: asked to end"


def test_a_run_that_looks_at_the_wish_ends_between_two_pages(tmp_path: Path) -> None:
    fill(PimSimulator(tmp_path / "pim.db"))
    with program(tmp_path, "paged") as one:
        one.until("in the middle")
        one.process.send_signal(signal.SIGTERM)
        one.until("asked to end")
        one.go()
        assert one.end() == 0
    assert ScheduleFile(tmp_path / "schedule.json").read() == LastRuns(), "it is due again when the program starts"
    simulator = PimSimulator(tmp_path / "pim.db")
    client = AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport())
    with client as pim, SqliteState(tmp_path / "state.db") as state:
        erp, options = ListErp([row(number) for number in range(30)]), SyncOptions(page_size=10)
        report = ErpToPim(erp, make_mapping(), pim, state, options=options).run()
    assert (report.read, report.created) == (10, 10)


def test_a_second_signal_ends_the_process_though_the_job_runs(tmp_path: Path) -> None:
    with program(tmp_path, "whole") as one:
        one.until("in the middle")
        one.process.send_signal(signal.SIGINT)
        one.until("asked to end")
        one.process.send_signal(signal.SIGINT)
        assert one.end() == -signal.SIGINT
    assert not (tmp_path / "ended").exists()
    assert ScheduleFile(tmp_path / "schedule.json").read() == LastRuns()


def test_a_job_that_raises_ends_no_loop(tmp_path: Path) -> None:
    """The first is the full run, which fails; then the delta, which fails; then the full one again."""
    with program(tmp_path, "failing") as one:
        one.until("in the middle")
        one.process.send_signal(signal.SIGTERM)
        one.until("asked to end")
        one.go()
        assert one.end() == 3
    told = [line.partition(";")[0] for line in one.log if "failed" in line]
    assert told == [
        "akeneo_erp_bridge: full run failed, time 1 in a row: no answer from the ERP",
        "akeneo_erp_bridge: delta run failed, time 1 in a row: no answer from the ERP",
        "akeneo_erp_bridge: full run failed, time 2 in a row: no answer from the ERP",
    ]


def test_a_process_that_is_killed_leaves_its_run_due(tmp_path: Path) -> None:
    with program(tmp_path, "whole") as one:
        one.until("in the middle")
        one.process.kill()
        one.process.wait()
    ran: list[Due] = []
    assert run_if_due(WEEKLY, lambda due: ran.append(due) or 0, memory=ScheduleFile(tmp_path / "schedule.json")) == 0
    assert ran == ["full"]


def test_the_foreground_gives_the_signals_back(tmp_path: Path) -> None:
    before, stop = signal.getsignal(signal.SIGTERM), Stop()

    def job(due: Due) -> int:
        stop.request()
        return 0

    assert run_forever(WEEKLY, job, memory=ScheduleFile(tmp_path / "schedule.json"), stop=stop) == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_foreground_belongs_into_the_main_thread(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool, pytest.raises(ConfigurationError, match="run_in"):
        pool.submit(run_forever, WEEKLY, lambda due: 0, memory=ScheduleFile(tmp_path / "schedule.json")).result()


def test_the_foreground_does_not_begin_with_a_memory_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "schedule.json").write_text("{")
    with pytest.raises(StateError, match="delete it"):
        run_forever(WEEKLY, lambda due: 0, memory=ScheduleFile(tmp_path / "schedule.json"))


def test_the_extra_is_named_where_it_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apscheduler.schedulers.background", None)
    with pytest.raises(MissingExtra, match=r"run_forever .*akeneo_erp_bridge\[schedule\]"):
        run_forever(WEEKLY, lambda due: 0, memory=ScheduleFile(tmp_path / "schedule.json"))


# ---- in the program's own scheduler ----
class Steps:
    """A job whose runs are held until the test lets them go."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.running = 0
        self.most = 0
        self.kinds: list[Due] = []

    def __call__(self, due: Due) -> int:
        self.running += 1
        self.most = max(self.most, self.running)
        self.kinds.append(due)
        self.began.release()
        self.may_end.acquire()
        self.running -= 1
        if len(self.kinds) == 1:
            raise ErpUnreachable("no answer")
        return 0


def moved() -> None:
    """Wait for what sets the next time, behind a turn."""
    for one in threading.enumerate():
        if one.name.endswith(" moves"):
            one.join()


def test_a_scheduler_in_the_background_runs_again_and_again_after_a_failure_too(tmp_path: Path) -> None:
    scheduler, job, memory = BackgroundScheduler(timezone=UTC), Steps(), ScheduleFile(tmp_path / "schedule.json")
    run_in(scheduler, EACH_SECOND, job, memory=memory)
    scheduler.start()
    for _ in range(3):
        job.began.acquire()
        job.may_end.release()
    scheduler.shutdown(wait=True)
    moved()
    assert job.kinds == ["delta"] * 3
    assert job.most == 1
    assert memory.read().delta.failures == 0


def test_no_run_begins_while_one_is_going_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scheduler, job, refused = BackgroundScheduler(timezone=UTC), Steps(), threading.Event()
    scheduler.add_listener(lambda _: refused.set(), EVENT_JOB_MAX_INSTANCES)
    run_in(scheduler, EACH_SECOND, job, memory=ScheduleFile(tmp_path / "schedule.json"), name="products")
    scheduler.start()
    job.began.acquire()
    assert scheduler.get_job("products").next_run_time > datetime.now(UTC) + timedelta(hours=20), "out of the way"
    assert lines_of_apscheduler(caplog) == []
    scheduler.modify_job("products", next_run_time=datetime.now(UTC))  # and all the same
    refused.wait()
    assert job.kinds == ["delta"]
    job.may_end.release()
    job.began.acquire()
    job.may_end.release()
    scheduler.shutdown(wait=True)
    moved()
    assert (job.most, len(job.kinds)) == (1, 2)


def lines_of_apscheduler(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name.startswith("apscheduler")]


def test_a_scheduler_that_is_shut_down_waits_for_the_run_and_stands_in_nobodys_way(tmp_path: Path) -> None:
    """The run ends while `shutdown` holds the scheduler's locks."""
    scheduler, job, memory = BackgroundScheduler(timezone=UTC), Steps(), ScheduleFile(tmp_path / "schedule.json")
    run_in(scheduler, EACH_SECOND, job, memory=memory)
    scheduler.start()
    job.began.acquire()
    with ThreadPoolExecutor() as pool:
        ended = pool.submit(scheduler.shutdown, wait=True)
        while scheduler.running:
            pass
        job.may_end.release()
        ended.result()
    moved()
    assert memory.read().delta.failures == 1, "it was remembered"
    assert len(job.kinds) == 1


@pytest.mark.parametrize("do", ["remove_job", "pause_job"])
def test_a_job_that_is_removed_or_paused_while_it_runs_stays_so(tmp_path: Path, do: str) -> None:
    scheduler, job = BackgroundScheduler(timezone=UTC), Steps()
    run_in(scheduler, EACH_SECOND, job, memory=ScheduleFile(tmp_path / "schedule.json"), name="products")
    scheduler.start()
    job.began.acquire()
    getattr(scheduler, do)("products")
    job.may_end.release()
    while job.running:
        pass
    pool = scheduler._lookup_executor("default")._pool
    pool.shutdown(wait=True)  # the turn has ended
    moved()
    left = scheduler.get_job("products")
    assert left is None if do == "remove_job" else left.next_run_time is None
    scheduler.shutdown(wait=False)


def test_a_scheduler_of_an_event_loop_runs_the_job_beside_the_loop(tmp_path: Path) -> None:
    threads: list[str] = []

    async def program() -> None:
        loop, twice = asyncio.get_running_loop(), asyncio.Event()

        def job(due: Due) -> int:
            threads.append(threading.current_thread().name)
            if len(threads) == 2:
                loop.call_soon_threadsafe(twice.set)
            return 0

        scheduler = AsyncIOScheduler(timezone=UTC)
        run_in(scheduler, EACH_SECOND, job, memory=ScheduleFile(tmp_path / "schedule.json"))
        scheduler.start()
        await twice.wait()
        scheduler.shutdown()

    asyncio.run(program())
    moved()
    assert len(threads) >= 2
    assert "MainThread" not in threads


def test_a_job_that_is_removed_at_the_last_moment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = BackgroundScheduler(timezone=UTC)
    turns = Turns(WEEKLY, lambda due: 0, ScheduleFile(tmp_path / "schedule.json"))
    placed, look = _Placed(turns, scheduler, "products"), scheduler.get_job
    placed.place()
    scheduler.start(paused=True)

    def look_and_remove(name: str) -> object:
        found = look(name)
        scheduler.remove_job(name)
        return found

    monkeypatch.setattr(scheduler, "get_job", look_and_remove)
    placed.move()
    assert look("products") is None
    scheduler.shutdown()


def test_an_event_loop_that_ends_before_the_run_does_is_left_alone(tmp_path: Path) -> None:
    job, memory, loop = Steps(), ScheduleFile(tmp_path / "schedule.json"), asyncio.new_event_loop()

    async def program() -> None:
        scheduler = AsyncIOScheduler(timezone=UTC)
        run_in(scheduler, EACH_SECOND, job, memory=memory)
        scheduler.start()
        await asyncio.to_thread(job.began.acquire)

    loop.run_until_complete(program())
    pool = loop._default_executor  # type: ignore[attr-defined]  # asyncio tells of its pool in no other way
    loop.close()
    job.may_end.release()
    pool.shutdown(wait=True)
    moved()  # what a thread raised would fail the test
    assert memory.read().delta.failures == 1


def test_what_is_no_scheduler_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="APScheduler 3, seen object"):
        run_in(object(), WEEKLY, lambda due: 0, memory=ScheduleFile(tmp_path / "schedule.json"))


def test_a_clock_that_was_set_is_noticed_by_the_foreground(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process ran, or the clock was set: what is next is asked for again and again."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("akeneo_erp_bridge.sync._turns._scheduler._LOOK", timedelta(seconds=0.2))
    memory, stop, ran = ScheduleFile(tmp_path / "schedule.json"), Stop(), list[Due]()
    memory.write(LastRuns().done("full", at=datetime.now(UTC)))

    def job(due: Due) -> int:
        ran.append(due)
        stop.request()
        return 0

    forget = threading.Timer(0.5, memory.write, [LastRuns()])
    forget.start()
    assert run_forever(WEEKLY, job, memory=memory, stop=stop) == 0
    forget.join()
    assert ran == ["full"]
