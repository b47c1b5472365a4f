"""Schedules of all kinds, asked at random moments of random clocks, with runs that end as they like."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import event, given, reject, settings
from hypothesis import strategies as st

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync import Between, Daily, Due, Every, LastRun, LastRuns, Periodicity

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/Havana",  # changes its clock at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # four times a year
    "Asia/Kathmandu",
    "Pacific/Apia",
]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST_RUN = 3 * HOUR

times_of_day = st.builds(time, st.integers(0, 23), st.integers(0, 59))
daily = st.builds(Daily, times_of_day, on=st.none() | st.sets(st.sampled_from(Daily(time(0)).on), min_size=1))
every = st.builds(Every, st.sampled_from([timedelta(minutes=m) for m in (5, 7, 10, 60, 420, 1440, 2160)]))
spans = st.integers(1, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001  # without a zone: the test is about that, or gives one
# close to the clock changes of all these zones but one
changes = st.builds(
    lambda day, seconds: datetime(*day, tzinfo=UTC) + timedelta(seconds=seconds),
    st.sampled_from([(2026, 3, 7), (2026, 3, 28), (2026, 4, 4), (2026, 10, 3), (2026, 10, 24), (2026, 10, 31)]),
    st.integers(0, 2 * 86_400),
)


@st.composite
def periodicities(draw: st.DrawFn, *, full: bool = False, jitter: bool = True) -> Periodicity:
    kinds = daily | every
    chosen = {"full": draw(kinds if full else st.none() | kinds), "delta": draw(st.none() | kinds)}
    try:
        return Periodicity(
            **chosen,
            quiet=draw(st.lists(st.builds(Between, *[times_of_day] * 2), max_size=3)),
            jitter=draw(st.sampled_from([timedelta(0), timedelta(seconds=30), timedelta(minutes=4)]))
            if jitter
            else timedelta(0),
            retry=draw(st.sampled_from([timedelta(seconds=1), timedelta(minutes=1), HOUR])),
            zone=ZoneInfo(draw(st.sampled_from(ZONES))),
            seed=draw(st.sampled_from("abc")),
        )
    except ConfigurationError:
        reject()


def is_quiet(when: Periodicity, now: datetime) -> bool:
    """As the clock on the wall tells it."""
    local = now.astimezone(when.zone).time()
    return any(
        one.start <= local < one.end if one.start < one.end else local >= one.start or local < one.end
        for one in when.quiet
    )


def times_between(planned: Daily | Every, when: Periodicity, after: datetime, until: datetime) -> int:
    """How many times lie in (after, until], counted the long way."""
    if isinstance(planned, Every):
        seconds, step = int(after.timestamp()), int(planned.period.total_seconds())
        return sum(
            1 for one in range(seconds - seconds % step, int(until.timestamp()) + 1, step) if one > after.timestamp()
        )
    day, found = after.date() - 2 * DAY, 0
    while day <= until.date() + 2 * DAY:
        at = datetime.combine(day, planned.at, when.zone).astimezone(UTC)
        found += f"{day:%A}".lower() in planned.on and after < at <= until
        day = date.fromordinal(day.toordinal() + 1)
    return found


def ends(runs: LastRuns, due: Due, how: str, at: datetime) -> LastRuns:
    if how == "done":
        return runs.done(due, at=at)
    return runs.failed(due, at=at) if how == "failed" else runs.put_off(due, at=at)


ENDS = st.sampled_from(["done", "done", "done", "failed", "put off"])


@given(periodicities(), moments | changes, st.data())
def test_a_clock_that_goes_on(when: Periodicity, now: datetime, data: st.DataObject) -> None:
    """Never in quiet hours, never twice for one time, never two at once, and nothing between now and what is told as next."""
    runs = LastRuns()
    for _ in range(25):
        one = when.next(runs, now)
        assert one.at >= now
        assert when.due(runs, one.at) == one.kind
        assert not is_quiet(when, one.at)
        if one.at > now:
            before = now + (one.at - now) * data.draw(st.floats(0, 0.999), label="share of the wait")
            assert when.due(runs, before) is None
        # asked late, as by cron, or when it said
        now = one.at if data.draw(st.booleans(), label="at once") else now + data.draw(spans, label="asked after")
        due = when.due(runs, now)
        assert (due is None) or not is_quiet(when, now)
        if due is None:
            continue
        now += data.draw(st.timedeltas(timedelta(0), LONGEST_RUN), label="took")
        how = data.draw(ENDS, label="how it ended")
        runs = ends(runs, due, how, now)
        after = when.due(runs, now)
        assert after != due, "it has just ended"
        if how == "done" and due == "full":
            assert after is None, "a full run does a delta's work"


@given(periodicities(), moments | changes, st.data())
def test_a_clock_that_jumps(when: Periodicity, now: datetime, data: st.DataObject) -> None:
    """Back and forth, with runs between: never in quiet hours, and nobody waits for years to come again."""
    runs = LastRuns()
    for _ in range(25):
        now += data.draw(st.timedeltas(-400 * DAY, 400 * DAY) | st.timedeltas(-HOUR, HOUR), label="the clock jumps")
        due = when.due(runs, now)
        if due is not None:
            assert not is_quiet(when, now)
            runs = ends(runs, due, data.draw(ENDS, label="how it ended"), now)
        longest = min(one.longest for one in (when.full, when.delta) if one is not None)
        wait = when.next(runs, now).at - now
        assert timedelta(0) <= wait <= 2 * longest + when.jitter + 28 * HOUR  # a clock change, and a day's quiet hours


@given(
    periodicities(full=True, jitter=False),
    st.datetimes(datetime(2026, 6, 1), datetime(2026, 6, 10)).map(lambda one: one.replace(tzinfo=UTC)),  # noqa: DTZ001  # without a zone: the test is about that, or gives one
    st.timedeltas(timedelta(0), 30 * DAY),
    st.integers(1, 40),
)
def test_after_a_stop_a_full_run_is_made_up_for_once(
    when: Periodicity, ended: datetime, stop: timedelta, minutes: int
) -> None:
    """However many were missed: one before the next time comes, and then one for each time at most."""
    assert when.full is not None
    runs, fulls = LastRuns().done("full", at=ended), list[datetime]()
    back = ended + stop
    missed = times_between(when.full, when, ended, back)
    polls = [back + timedelta(minutes=minutes) * number for number in range(60)]
    for now in polls:
        due = when.due(runs, now)
        if due is not None:
            runs = runs.done(due, at=now)
            fulls += [now] if due == "full" else []
    before_next = [one for one in polls if times_between(when.full, when, back, one) == 0]
    room = any(not is_quiet(when, one) for one in before_next)
    event(f"missed {'none' if not missed else 'one' if missed == 1 else 'several'}, room: {room}")
    assert sum(one in before_next for one in fulls) == (1 if missed and room else 0)
    for one, other in pairwise(fulls):
        assert times_between(when.full, when, one, other) >= 1, "a time of its own for each"


facts = st.builds(
    lambda shift, tried, failures: (shift, tried, failures),
    st.none() | st.timedeltas(-60 * DAY, 60 * DAY),
    st.none() | st.timedeltas(-60 * DAY, 60 * DAY),
    st.integers(0, 50),
)


@settings(max_examples=40)
@given(periodicities(), moments | changes, facts, facts, st.data())
def test_nothing_starves(
    when: Periodicity,
    begin: datetime,
    full: tuple[timedelta | None, timedelta | None, int],
    delta: tuple[timedelta | None, timedelta | None, int],
    data: st.DataObject,
) -> None:
    """Whatever is remembered and however runs end, each kind is tried within two of its periods and a day's quiet hours."""
    runs = LastRuns(*(LastRun(*(None if s is None else begin + s for s in one[:2]), one[2]) for one in (full, delta)))
    kinds: dict[Due, timedelta] = {}
    kinds |= {"full": when.full.longest} if when.full is not None else {}
    kinds |= {"delta": when.delta.longest} if when.delta is not None else {}
    last = {kind: begin + 2 * longest + when.jitter + 28 * HOUR + LONGEST_RUN for kind, longest in kinds.items()}
    random = data.draw(st.randoms(use_true_random=False))
    tried: dict[Due, datetime] = {}
    now = begin
    while now <= max(last.values()) and len(tried) < len(kinds):
        one = when.next(runs, now)
        how = random.choice(["done", "failed", "put off"])
        for kind in kinds:
            if kind == one.kind or (one.kind, how) == ("full", "done"):
                tried.setdefault(kind, one.at)
        now = one.at + LONGEST_RUN * random.random()
        runs = ends(runs, one.kind, how, now)
    assert tried.keys() == kinds.keys()
    assert {kind: at for kind, at in tried.items() if at > last[kind]} == {}
