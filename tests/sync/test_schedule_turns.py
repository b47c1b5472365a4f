"""What becomes of a run that was due: remembered, logged, told by an exit code, and tried again where it failed."""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from attrs import define

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.errors import ErpUnreachable, StateError, StateInUse, StopAsked
from akeneo_erp_bridge.sync import (
    Account,
    Daily,
    Due,
    ErpToPim,
    Every,
    LastRun,
    LastRuns,
    Periodicity,
    ScheduledJob,
    ScheduleFile,
    SqliteState,
    Stop,
    SyncOptions,
    run_if_due,
)
from akeneo_erp_bridge.sync._turns._turns import Turns
from world import ListErp, make_mapping, row

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WHEN = Periodicity(full=Daily(time(2, 30)), delta=Every(10 * MINUTE))
AFTER_A_FULL_RUN = LastRuns().done("full", at=NOON - timedelta(hours=9))


@define
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@define
class Kept:
    """A memory whose disk may be full, or gone."""

    runs: LastRuns = AFTER_A_FULL_RUN
    is_readable: bool = True
    is_writable: bool = True

    def read(self) -> LastRuns:
        if not self.is_readable:
            raise StateError("the disk is gone")
        return self.runs

    def write(self, runs: LastRuns) -> None:
        if not self.is_writable:
            raise StateError("the disk is full")
        self.runs = runs


@define
class Report:
    exit_code: int


def raising(error: BaseException) -> ScheduledJob:
    def job(due: Due) -> Account:
        raise error

    return job


def lines(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= level]


# ---- what is done ----
@pytest.mark.parametrize("given", [0, 1, Report(0), Report(1)])
def test_a_run_that_came_to_its_end_is_done_and_due_no_more(given: Account | int) -> None:
    clock, memory, ran = Clock(), Kept(), list[Due]()

    def job(due: Due) -> Account | int:
        ran.append(due)
        clock.now += MINUTE
        return given

    code = given if isinstance(given, int) else given.exit_code
    assert run_if_due(WHEN, job, memory=memory, clock=clock) == code
    assert run_if_due(WHEN, job, memory=memory, clock=clock) == 0
    assert ran == ["delta"]
    assert memory.runs.delta == LastRun(ended=NOON + MINUTE)
    assert memory.runs.full == AFTER_A_FULL_RUN.full


def test_the_job_is_told_which_kind_is_due() -> None:
    clock, ran = Clock(), list[Due]()
    memory = Kept(LastRuns())
    for _ in range(24 * 6):
        run_if_due(WHEN, lambda due: ran.append(due) or 0, memory=memory, clock=clock)
        clock.now += 10 * MINUTE
    assert ran.count("full") == 2, "the first, and that of the night"
    assert len(ran) == 24 * 6
    assert ran.index("full", 1) == 87, "at half past two"


# ---- what fails ----
@pytest.mark.parametrize(
    ("job", "code", "told"),
    [
        (raising(ErpUnreachable("no answer")), 3, "delta run failed, time 1 in a row: no answer; next: delta at 2026-06-10T12:01"),
        (raising(ZeroDivisionError("by nothing")), 70, "ZeroDivisionError: by nothing"),
        (lambda due: Report(5), 5, "it ended with exit code 5"),
        (lambda due: None, 2, "the job gave NoneType; let it return its report"),  # type: ignore[arg-type, return-value]  # what the test is about
    ],
    ids=["a known error", "any other", "a brake", "forgot to return"],
)  # fmt: skip
def test_a_run_that_fails_is_told_counted_and_tried_again(
    job: ScheduledJob, code: int, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock, memory = Clock(), Kept()
    assert run_if_due(WHEN, job, memory=memory, clock=clock) == code
    (line,) = lines(caplog, logging.ERROR)
    assert told in line
    assert ("Traceback" in caplog.text) == ("ZeroDivisionError" in told), "only where the reason is in the code"
    assert memory.runs.delta == LastRun(ended=AFTER_A_FULL_RUN.delta.ended, tried=NOON, failures=1)
    assert WHEN.due(memory.runs, NOON + MINUTE) == "delta"


def test_a_job_that_ends_the_program_has_failed() -> None:
    memory = Kept()
    with pytest.raises(SystemExit):
        run_if_due(WHEN, raising(SystemExit(7)), memory=memory, clock=Clock())
    assert memory.runs.delta.failures == 1


def test_a_loop_goes_on_after_failures_until_a_success() -> None:
    clock, memory, results = Clock(), Kept(), iter([True, True, False])

    def job(due: Due) -> int:
        if next(results):
            raise ErpUnreachable("no answer")
        return 0

    turns, failures = Turns(WHEN, job, memory, clock=clock), list[int]()
    for _ in range(3):
        clock.now = turns.next().at
        assert turns.take() == "delta"
        failures.append(memory.runs.delta.failures)
    assert failures == [1, 2, 0]
    assert clock.now == NOON + 3 * MINUTE
    assert turns.exit_code == 0


# ---- another run has the state ----
def test_a_run_is_put_off_in_one_line_while_another_has_the_state(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock, memory, opened = Clock(), Kept(), list[Due]()

    def job(due: Due) -> int:
        with SqliteState(tmp_path / "state.db"):
            opened.append(due)
        return 0

    with SqliteState(tmp_path / "state.db"):
        assert run_if_due(WHEN, job, memory=memory, clock=clock) == 0
    assert lines(caplog)[0] == "delta run begins"
    (line,) = lines(caplog)[1:]
    assert line.startswith("delta run put off: state file ")
    assert "in use by another run" in line
    assert lines(caplog, logging.WARNING) == []
    assert memory.runs.delta.failures == 0
    clock.now += MINUTE
    assert run_if_due(WHEN, job, memory=memory, clock=clock) == 0
    assert opened == ["delta"]


def test_other_reasons_against_a_state_file_are_failures(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("no database, and longer than the head of one" * 100)
    memory = Kept()

    def job(due: Due) -> int:
        with SqliteState(tmp_path / "state.db"):
            return 0

    assert run_if_due(WHEN, job, memory=memory, clock=Clock()) == 4
    assert memory.runs.delta.failures == 1
    assert issubclass(StateInUse, StateError)


# ---- asked to end ----
def test_a_run_that_is_asked_to_end_does_so_behind_a_page_and_stays_due(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    stop, memory, erp, read = Stop(), Kept(LastRuns()), ListErp([row(number) for number in range(30)]), list[int]()

    def job(due: Due) -> Account:
        def hook(boundary: str) -> None:
            if boundary == "erp.read":
                read.append(10)
            if len(read) == 2:
                stop.request()

        options = SyncOptions(page_size=10)
        return ErpToPim(erp, make_mapping(), pim, state, options=options, stop=stop, hook=hook).run()

    turns = Turns(WHEN, job, memory, clock=Clock(), stop=stop)
    assert turns.take() == "full"
    assert turns.exit_code == 0
    assert sum(read) == 20
    assert lines(caplog, logging.WARNING) == []
    assert memory.runs == LastRuns(), "still due"
    assert turns.take() is None, "nothing begins any more"
    report = ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=10)).run()
    assert (report.read, report.created) == (10, 10), "it goes on behind the second page"


def test_a_stop_that_nobody_asked_for_waits_its_time() -> None:
    stop = Stop()
    assert not stop.wait(timedelta(seconds=0.01))
    stop.request()
    assert stop.wait(timedelta(days=1))
    with pytest.raises(StopAsked, match="behind the last page"):
        stop.check()


# ---- the memory ----
def test_a_disk_that_is_full_makes_no_run_begin_twice(caplog: pytest.LogCaptureFixture) -> None:
    clock, memory, ran = Clock(), Kept(is_writable=False), list[Due]()
    turns = Turns(WHEN, lambda due: ran.append(due) or 0, memory, clock=clock)
    for _ in range(3):
        turns.take()
    assert ran == ["delta"]
    assert "the disk is full; this program goes on with what it remembers" in lines(caplog, logging.ERROR)[0]
    memory.is_writable = True
    clock.now += 10 * MINUTE
    assert turns.take() == "delta"
    assert memory.runs.delta.ended == clock.now
    memory.runs = memory.runs.done("full", at=clock.now + MINUTE)
    clock.now += 2 * MINUTE
    assert turns.next().at == NOON + 20 * MINUTE, "what others write counts again"
    memory.runs = LastRuns()
    assert turns.take() == "full"


def test_a_disk_that_is_gone_for_a_while_stops_no_loop(caplog: pytest.LogCaptureFixture) -> None:
    memory = Kept()
    turns = Turns(WHEN, lambda due: 0, memory, clock=Clock())
    memory.is_readable = False
    assert turns.take() == "delta"
    assert "the disk is gone" in lines(caplog, logging.ERROR)[0]


@pytest.mark.parametrize(("given", "code"), [(0, 4), (1, 1), (3, 3)])
def test_a_program_that_cannot_remember_says_so_by_its_exit_code(given: int, code: int) -> None:
    memory = Kept()

    def job(due: Due) -> int:
        memory.is_writable = False  # the run itself has filled the disk
        return given

    assert run_if_due(WHEN, job, memory=memory, clock=Clock()) == code


def test_a_disk_that_is_full_makes_no_run_begin_each_minute(caplog: pytest.LogCaptureFixture) -> None:
    """Each call by cron is a program of its own, which remembers nothing."""
    clock, memory, ran = Clock(), Kept(is_writable=False), list[Due]()
    for _ in range(5):
        assert run_if_due(WHEN, lambda due: ran.append(due) or 0, memory=memory, clock=clock) == 4
        clock.now += MINUTE
    assert ran == []
    assert "the disk is full; the delta run does not begin" in lines(caplog, logging.ERROR)[0]
    memory.is_writable = True
    for _ in range(5):
        assert run_if_due(WHEN, lambda due: ran.append(due) or 0, memory=memory, clock=clock) == 0
        clock.now += MINUTE
    assert ran == ["delta"]


def test_a_memory_that_cannot_be_written_hurts_nobody_while_nothing_is_due() -> None:
    memory = Kept(AFTER_A_FULL_RUN.done("delta", at=NOON), is_writable=False)
    assert run_if_due(WHEN, raising(AssertionError("it ran")), memory=memory, clock=Clock()) == 0


def test_nothing_runs_where_the_memory_cannot_be_read() -> None:
    with pytest.raises(StateError, match="the disk is gone"):
        run_if_due(WHEN, raising(AssertionError("it ran")), memory=Kept(is_readable=False), clock=Clock())


def test_another_process_that_ran_meanwhile_counts(tmp_path: Path) -> None:
    file = ScheduleFile(tmp_path / "schedule.json")
    file.write(AFTER_A_FULL_RUN)
    turns = Turns(WHEN, raising(AssertionError("it ran")), file, clock=Clock())
    ScheduleFile(tmp_path / "schedule.json").write(AFTER_A_FULL_RUN.done("delta", at=NOON))
    assert turns.take() is None
    assert turns.next().at == NOON + 10 * MINUTE


# ---- the file ----
def test_the_file_gives_back_what_was_written_and_is_private(tmp_path: Path) -> None:
    file = ScheduleFile(tmp_path / "schedule.json")
    assert file.read() == LastRuns()
    for runs in (LastRuns(), AFTER_A_FULL_RUN.failed("delta", at=NOON), AFTER_A_FULL_RUN.put_off("full", at=NOON)):
        file.write(runs)
        assert ScheduleFile(str(file.path)).read() == runs
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["schedule.json"], "no half file is left"


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ScheduleFile(tmp_path / "schedule.json")
    file.write(AFTER_A_FULL_RUN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StateError, match=r"schedule\.json cannot be written \(No space left on device\)"):
        file.write(LastRuns())
    assert file.read() == AFTER_A_FULL_RUN
    assert [one.name for one in tmp_path.iterdir()] == ["schedule.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"full": null, "delta": null}',
        '{"full": {"ended": "soon", "tried": null, "failures": 0}, "delta": {}}',
        '{"full": {"ended": "2026-06-10T12:00:00", "tried": null, "failures": 0}, "delta": {}}',
        '{"full": {"ended": null, "tried": null, "failures": "many"}, "delta": {}}',
        '{"full": {"ended": null, "tried": null, "failures": -1}, "delta": {}}',
        "[" * 100_000,
    ],
)
def test_a_file_that_holds_something_else_is_told_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "schedule.json").write_text(text)
    with pytest.raises(StateError, match=r"schedule\.json does not hold a schedule's last runs .*delete it"):
        ScheduleFile(tmp_path / "schedule.json").read()


@pytest.mark.parametrize(
    ("do", "told"),
    [
        (lambda folder: ScheduleFile(folder / "none" / "s.json").write(LastRuns()), "cannot be written"),
        (lambda folder: ScheduleFile(folder).read(), "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, do: Callable[[Path], object], told: str) -> None:
    with pytest.raises(StateError, match=told):
        do(tmp_path)
