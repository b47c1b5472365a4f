"""When a sync is due: each promise of `Periodicity`, by the clock on the wall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync import Between, Daily, Every, LastRun, LastRuns, NextRun, Periodicity

PARIS = ZoneInfo("Europe/Paris")
NIGHTLY = Daily(time(2, 30))
MINUTE = timedelta(minutes=1)
TEN_MINUTES = Every(timedelta(minutes=10))
BOTH = Periodicity(full=NIGHTLY, delta=TEN_MINUTES, zone=PARIS)


def paris(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


def ended(full: str, delta: str | None = None) -> LastRuns:
    runs = LastRuns().done("full", at=paris(full))
    return runs if delta is None else runs.done("delta", at=paris(delta))


@pytest.mark.parametrize(
    ("runs", "now", "expected"),
    [
        (LastRuns(), "2026-06-10 12:00", "full"),
        (ended("2026-06-10 02:50"), "2026-06-10 02:59:59", None),
        (ended("2026-06-10 02:50"), "2026-06-10 03:00:00", "delta"),
        (ended("2026-06-10 02:50", "2026-06-10 12:01"), "2026-06-10 12:09", None),
        (ended("2026-06-10 02:50", "2026-06-10 12:01"), "2026-06-10 12:10", "delta"),
        (ended("2026-06-10 02:50", "2026-06-11 02:21"), "2026-06-11 02:30", "full"),
        (ended("2026-06-10 01:10", "2026-06-10 02:21"), "2026-06-10 02:30", "full"),
        (ended("2026-06-10 02:50", "2026-06-10 12:01"), "2026-06-20 17:00", "full"),
    ],
    ids=[
        "never ran",
        "a full run is a delta too",
        "the next time after its end",
        "not yet",
        "at its time",
        "of two the full one",
        "later on the day of the last one",
        "after a stop of days",
    ],
)
def test_what_is_due(runs: LastRuns, now: str, expected: str | None) -> None:
    assert BOTH.due(runs, paris(now)) == expected


def test_the_next_run_is_told_by_kind_and_moment() -> None:
    runs = ended("2026-06-10 02:50", "2026-06-11 02:21")
    assert BOTH.next(runs, paris("2026-06-11 02:22")) == NextRun("full", paris("2026-06-11 02:30"))
    assert BOTH.next(ended("2026-06-10 02:50"), paris("2026-06-10 02:52")) == NextRun(
        "delta", paris("2026-06-10 03:00")
    )
    assert BOTH.next(runs, paris("2026-06-11 02:22")).at.tzinfo is UTC


def test_a_night_that_was_missed_five_times_is_made_up_for_once() -> None:
    now = paris("2026-06-15 11:00")
    runs = ended("2026-06-10 02:50", "2026-06-10 11:00")
    assert BOTH.due(runs, now) == "full"
    runs = runs.done("full", at=now + timedelta(minutes=7))
    later = [paris("2026-06-15 11:07") + timedelta(minutes=1) * number for number in range(20 * 60)]
    assert {BOTH.due(runs, one) for one in later[:3]} == {None}
    fulls = []
    for one in later:
        due = BOTH.due(runs, one)
        if due is not None:
            runs = runs.done(due, at=one)
            fulls += [one] if due == "full" else []
    assert fulls == [paris("2026-06-16 02:30")]


def test_times_that_passed_while_a_run_was_going_on_are_done_with_it() -> None:
    """It began at 02:30 and took until 06:15: the deltas of that time are due together, at the next one."""
    runs = ended("2026-06-10 06:15")
    assert BOTH.next(runs, paris("2026-06-10 06:15")) == NextRun("delta", paris("2026-06-10 06:20"))


def test_one_kind_alone_is_enough() -> None:
    assert Periodicity(full=NIGHTLY).due(LastRuns(), paris("2026-06-10 12:00")) == "full"
    assert Periodicity(delta=TEN_MINUTES).due(LastRuns(), paris("2026-06-10 12:00")) == "delta"


def test_only_some_days_of_the_week() -> None:
    when = Periodicity(full=Daily(time(2, 30), on=["saturday", "monday"]), zone=PARIS)
    assert when.next(ended("2026-06-13 02:40"), paris("2026-06-13 03:00")).at == paris("2026-06-15 02:30")
    assert when.next(ended("2026-06-15 02:40"), paris("2026-06-15 03:00")).at == paris("2026-06-20 02:30")


# ---- clocks that change ----
@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2026-03-27T02:31+01:00", "2026-03-28T02:30+01:00"),
        ("2026-03-28T02:31+01:00", "2026-03-29T03:30+02:00"),  # 02:30 does not exist
        ("2026-03-29T03:31+02:00", "2026-03-30T02:30+02:00"),
        ("2026-10-24T02:31+02:00", "2026-10-25T02:30+02:00"),  # the first of two
        ("2026-10-25T02:31+02:00", "2026-10-26T02:30+01:00"),  # and not the second as well
        ("2026-10-25T02:31+01:00", "2026-10-26T02:30+01:00"),
    ],
)
def test_a_night_of_a_clock_change_has_one_full_run(last: str, expected: str) -> None:
    runs = LastRuns().done("full", at=datetime.fromisoformat(last))
    found = Periodicity(full=NIGHTLY, zone=PARIS).next(runs, datetime.fromisoformat(last))
    assert found.at == datetime.fromisoformat(expected)


def test_a_period_is_of_elapsed_time_through_the_night_of_two_hours() -> None:
    runs, found = LastRuns(), []
    now = paris("2026-10-25 01:30")
    when = Periodicity(delta=Every(timedelta(minutes=30)), zone=PARIS)
    while now < paris("2026-10-25 03:30"):
        one = when.next(runs, now)
        runs, now = runs.done(one.kind, at=one.at + timedelta(seconds=1)), one.at + timedelta(seconds=1)
        found.append(one.at)
    assert {after - before for before, after in pairwise(found)} == {timedelta(minutes=30)}
    assert len(found) == 7  # from half past one to half past three: three hours


@pytest.mark.parametrize("fold", [0, 1])
def test_quiet_hours_are_quiet_both_times_the_clock_shows_them(fold: int) -> None:
    when = Periodicity(delta=TEN_MINUTES, quiet=[Between(time(2, 15), time(2, 45))], zone=PARIS)
    assert when.due(LastRuns(), paris("2026-10-25 02:14")) == "delta"
    assert when.due(LastRuns(), paris("2026-10-25 02:20", fold=fold)) is None
    assert when.next(LastRuns(), paris("2026-10-25 02:20")).at == paris("2026-10-25 02:45", fold=1)


CHANGES = [
    ("Europe/Paris", "2026-03-29T01:00"),
    ("Europe/Paris", "2026-10-25T01:00"),
    ("America/Havana", "2026-03-08T05:00"),  # from midnight to one
    ("America/Havana", "2026-11-01T05:00"),  # from one to midnight
    ("Australia/Lord_Howe", "2026-04-04T15:00"),  # by half an hour
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize("length", [timedelta(minutes=15), timedelta(minutes=45), timedelta(hours=20)])
def test_no_moment_around_a_clock_change_is_less_quiet_than_the_clock_shows(
    zone: str, change: str, length: timedelta
) -> None:
    at = datetime.fromisoformat(change).replace(tzinfo=UTC)
    assert len({(at + shift).astimezone(ZoneInfo(zone)).utcoffset() for shift in (-MINUTE, MINUTE)}) == 2
    for number in range(24):
        begins = (at - timedelta(hours=3) + timedelta(minutes=15) * number).astimezone(ZoneInfo(zone))
        quiet = Between(begins.time(), (begins.replace(tzinfo=None) + length).time())
        when = Periodicity(delta=TEN_MINUTES, quiet=[quiet], zone=ZoneInfo(zone))
        for step in range(-40, 40):
            now = at + timedelta(minutes=6) * step
            after = when.next(LastRuns(), now).at
            assert not quiet.holds(after.astimezone(ZoneInfo(zone)).time())
            assert (after == now) == (when.due(LastRuns(), now) == "delta")
            if quiet.holds(now.astimezone(ZoneInfo(zone)).time()):
                assert after > now


def test_quiet_hours_that_the_clock_leaves_out_in_part_hold_for_the_rest() -> None:
    when = Periodicity(delta=TEN_MINUTES, quiet=[Between(time(2, 30), time(3, 15))], zone=PARIS)
    assert when.due(LastRuns(), paris("2026-03-29 03:10")) is None
    assert when.due(LastRuns(), paris("2026-03-29 03:15")) == "delta"


def test_times_told_in_a_zone_count_as_moments() -> None:
    """Twenty minutes behind 02:50 in the night of two hours is 02:10, the second."""
    local = datetime(2026, 10, 25, 2, 50, tzinfo=PARIS)
    runs = LastRuns(delta=LastRun(ended=local, tried=local, failures=1))
    when = Periodicity(delta=Every(timedelta(hours=2)), retry=timedelta(minutes=20), zone=PARIS)
    assert when.next(runs, local).at == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert when.next(runs, local) == when.next(runs, local.astimezone(UTC))


# ---- quiet hours ----
QUIET = Periodicity(
    full=NIGHTLY, delta=TEN_MINUTES, quiet=[Between(time(22), time(3)), Between(time(3), time(4))], zone=PARIS
)


@pytest.mark.parametrize("now", ["2026-06-10 22:00", "2026-06-10 23:59:59", "2026-06-11 00:00", "2026-06-11 03:59:59"])
def test_a_run_waits_for_the_end_of_quiet_hours_over_midnight_and_of_those_that_follow(now: str) -> None:
    runs = ended("2026-06-09 02:50", "2026-06-10 21:55")
    assert QUIET.due(runs, paris(now)) is None
    assert QUIET.next(runs, paris(now)) == NextRun("full", paris("2026-06-11 04:00"))
    assert QUIET.due(runs, paris("2026-06-11 04:00")) == "full"


def test_quiet_hours_postpone_and_do_not_cancel() -> None:
    """The nightly run of 02:30 happens at 04:00, once, though nothing was asked in between."""
    runs = ended("2026-06-10 04:20")
    assert QUIET.due(runs, paris("2026-06-11 12:00")) == "full"
    assert QUIET.due(runs.done("full", at=paris("2026-06-11 12:20")), paris("2026-06-11 12:20")) is None


# ---- jitter ----
def test_jitter_is_bounded_and_the_same_whenever_it_is_asked_for() -> None:
    at: dict[str, datetime] = {}
    for seed in map(str, range(50)):
        when = Periodicity(delta=TEN_MINUTES, jitter=timedelta(seconds=30), seed=seed, zone=PARIS)
        found = {when.next(ended("2026-06-10 12:01"), paris(f"2026-06-10 12:0{minute}")).at for minute in range(1, 10)}
        (at[seed],) = found
    assert all(paris("2026-06-10 12:10") <= one <= paris("2026-06-10 12:10:30") for one in at.values())
    assert max(at.values()) - min(at.values()) > timedelta(seconds=20)
    assert Periodicity(delta=TEN_MINUTES, jitter=timedelta(seconds=30)).seed, "by default the machine's name"


def test_jitter_differs_from_time_to_time_and_adds_no_run() -> None:
    when = Periodicity(delta=TEN_MINUTES, jitter=timedelta(minutes=9), seed="a", zone=PARIS)
    now, runs, shares = paris("2026-06-10 12:00"), LastRuns(), []
    for _ in range(60):
        one = when.next(runs, now)
        now, runs = one.at, runs.done(one.kind, at=one.at)
        shares.append((one.at - paris("2026-06-10 12:00")) % timedelta(minutes=10))
    assert now < paris("2026-06-10 22:00"), "one run in each ten minutes"
    assert now >= paris("2026-06-10 21:50")
    assert len(set(shares)) > 50


def test_jitter_spreads_what_begins_after_quiet_hours_and_never_into_them() -> None:
    quiet = [Between(time(8), time(9)), Between(time(9, 1), time(9, 30))]
    for seed in map(str, range(50)):
        when = Periodicity(delta=TEN_MINUTES, quiet=quiet, jitter=timedelta(minutes=5), seed=seed, zone=PARIS)
        at = when.next(ended("2026-06-10 07:55"), paris("2026-06-10 08:10")).at
        assert paris("2026-06-10 09:00") <= at < paris("2026-06-10 09:01") or at == paris("2026-06-10 09:30")


# ---- failures ----
def test_the_pause_after_failures_grows_and_ends_at_the_next_time() -> None:
    runs, now, pauses = ended("2026-06-10 02:50"), paris("2026-06-10 12:00"), []
    for _ in range(8):
        assert BOTH.due(runs, now) == "delta"
        runs = runs.failed("delta", at=now)
        after = BOTH.next(runs, now).at
        pauses.append((after - now) // timedelta(minutes=1))
        now = after
    assert pauses == [1, 2, 4, 3, 10, 10, 10, 10]  # at 12:07 its next time, 12:10, comes before eight minutes are over


def test_a_full_run_that_fails_leaves_room_for_deltas() -> None:
    now = paris("2026-06-11 02:30")
    runs = ended("2026-06-10 02:50", "2026-06-11 02:21")
    for _ in range(5):
        runs = runs.failed("full", at=now)
    assert BOTH.next(runs, now) == NextRun("delta", paris("2026-06-11 02:30"))
    assert BOTH.next(runs.done("delta", at=now), now) == NextRun("delta", paris("2026-06-11 02:40"))
    assert BOTH.due(runs.done("delta", at=paris("2026-06-11 02:45")), paris("2026-06-11 02:46")) == "full"


def test_of_two_that_fail_none_stands_in_the_others_way() -> None:
    """A program that is called each minute finds both due each time."""
    runs, tried = ended("2026-06-10 02:50"), []
    when = Periodicity(full=Every(timedelta(minutes=1)), delta=Every(timedelta(minutes=1)), zone=PARIS)
    for minute in range(20, 26):
        now = paris(f"2026-06-10 03:{minute}")
        due = when.due(runs, now)
        assert due is not None
        runs = runs.failed(due, at=now + timedelta(seconds=1))
        tried.append(due)
    assert tried == ["full", "delta"] * 3


def test_a_success_ends_the_count() -> None:
    runs = ended("2026-06-10 02:50").failed("delta", at=paris("2026-06-10 03:00"))
    assert runs.delta.failures == 1
    done = runs.done("delta", at=paris("2026-06-10 03:01"))
    assert done.delta == LastRun(ended=paris("2026-06-10 03:01"))
    assert done.full == runs.full
    assert runs.done("full", at=paris("2026-06-10 03:01")).delta.failures == 0


def test_a_run_that_is_put_off_is_tried_soon_and_its_pause_does_not_grow() -> None:
    runs, now = ended("2026-06-10 02:50", "2026-06-11 02:21"), paris("2026-06-11 02:30")
    for _ in range(5):
        runs = runs.put_off("full", at=now).put_off("delta", at=now)
        assert BOTH.next(runs, now) == NextRun("full", now + timedelta(minutes=1))
        now += timedelta(minutes=1)
    assert runs.full.failures == 0


def test_many_failures_overflow_nothing() -> None:
    runs = LastRuns(full=LastRun(ended=paris("2026-06-10 02:50"), tried=paris("2026-06-10 02:50"), failures=10**6))
    when = Periodicity(full=NIGHTLY, retry=timedelta(days=1), zone=PARIS)
    assert when.next(runs, paris("2026-06-10 03:00")).at == paris("2026-06-11 02:30")


# ---- a clock that is set back ----
def test_a_clock_that_is_set_back_by_an_hour_repeats_no_full_run() -> None:
    runs = ended("2026-06-10 02:50")
    assert BOTH.due(runs, paris("2026-06-10 02:45")) is None
    for minute in range(60):  # deltas need not wait for the hour to come again
        assert BOTH.due(runs, paris(f"2026-06-10 01:{minute:02}")) == "delta"
        assert BOTH.due(runs.done("delta", at=paris("2026-06-10 01:00")), paris(f"2026-06-10 02:{minute:02}")) != "full"


def test_a_clock_that_was_years_ahead_stops_nothing() -> None:
    ahead = LastRuns().done("full", at=paris("2040-01-01 02:50")).failed("delta", at=paris("2040-01-01 02:51"))
    assert BOTH.due(ahead, paris("2026-06-10 12:00")) == "full"
    assert Periodicity(delta=TEN_MINUTES).due(ahead, paris("2026-06-10 12:00")) == "delta"
    mended = ahead.done("full", at=paris("2026-06-10 12:05"))
    assert BOTH.next(mended, paris("2026-06-10 12:05")).at == paris("2026-06-10 12:10")


# ---- what cannot be kept ----
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (Periodicity, "needs full"),
        (lambda: Daily(time(2, 30, tzinfo=UTC)), "leave out its tzinfo"),
        (lambda: Daily(time(2, 30), on=["caturday"]), "caturday"),  # type: ignore[list-item]  # no day of the week
        (lambda: Daily(time(2, 30), on=[]), "none given"),
        (lambda: Every(timedelta(0)), "a second or longer"),
        (lambda: Every(-timedelta(hours=1)), "a second or longer"),
        (lambda: Between(time(8), time(8)), "give two times"),
        (lambda: Between(time(8), time(8, 0, 30)), "whole minutes"),
        (lambda: Between(time(8, tzinfo=UTC), time(9)), "whole minutes"),
        (lambda: Periodicity(delta=TEN_MINUTES, jitter=timedelta(minutes=10)), "less than the shortest period"),
        (lambda: Periodicity(delta=TEN_MINUTES, jitter=-timedelta(seconds=1)), "less than the shortest period"),
        (lambda: Periodicity(delta=TEN_MINUTES, retry=timedelta(0)), "a second to a day"),
        (
            lambda: Periodicity(delta=TEN_MINUTES, quiet=[Between(time(8), time(20)), Between(time(20), time(8))]),
            "leave no time",
        ),
        (
            lambda: Periodicity(delta=TEN_MINUTES, quiet=[Between(time(23), time(12)), Between(time(11), time(23, 1))]),
            "leave no time",
        ),
        (lambda: BOTH.due(LastRuns(), datetime(2026, 6, 10)), "an aware datetime"),  # noqa: DTZ001  # without a zone: the test is about that, or gives one
        (lambda: LastRun(ended=datetime(2026, 6, 10)), "an aware datetime"),  # noqa: DTZ001  # without a zone: the test is about that, or gives one
    ],
)
def test_what_cannot_be_kept_is_told(make: Callable[[], object], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        make()


def test_quiet_hours_with_a_minute_of_room_are_taken() -> None:
    when = Periodicity(delta=TEN_MINUTES, quiet=[Between(time(8), time(20)), Between(time(20, 1), time(8))], zone=PARIS)
    assert when.next(LastRuns(), paris("2026-06-10 21:00")).at == paris("2026-06-11 20:00")
