"""When a sync is due: pure decisions over the last runs and a moment. Nothing here waits, runs or remembers."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import blake2b
from typing import Final, Literal, TypeAlias, get_args

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync._turns._last_runs import Due, LastRun, LastRuns

__all__ = ["Between", "Daily", "Every", "NextRun", "Periodicity", "Weekday"]

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
"""A day of the week."""

_DAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _days(names: Iterable[Weekday] | None) -> tuple[Weekday, ...]:
    if names is None:
        return _DAYS
    given = set(names)
    unknown = sorted(given - set(_DAYS))
    if unknown or not given:
        raise ConfigurationError(f"no days of the week: {', '.join(unknown) or 'none given'}; give {', '.join(_DAYS)}")
    return tuple(one for one in _DAYS if one in given)


@frozen
class Daily:
    """Once a day at a time of the schedule's zone, or on some days of the week only.

    A time that the clock leaves out in spring is as much later; one that comes twice in autumn is the first of the two.

    >>> Daily(time(2, 30), on=["saturday"]).after(datetime(2026, 6, 10, tzinfo=UTC), UTC).isoformat()
    '2026-06-13T02:30:00+00:00'
    """

    at: time
    on: tuple[Weekday, ...] = field(default=None, converter=_days, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.at.tzinfo is not None:
            raise ConfigurationError(
                f"Daily takes a time of the schedule's zone, seen {self.at!r}; leave out its tzinfo"
            )

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The first time after a moment."""
        today = moment.astimezone(zone).date()
        ahead = (today + _DAY * number for number in range(-1, 10))  # a week, and what zones are away from each other
        times = (_instants(day, self.at, zone)[0] for day in ahead if _DAYS[day.weekday()] in self.on)
        return next(one for one in times if one > moment)

    @property
    def longest(self) -> timedelta:
        """What lies between two times at most, give or take the hour of a clock change."""
        return _DAY if len(self.on) == len(_DAYS) else 7 * _DAY


@frozen
class Every:
    """Again and again, counted from midnight UTC of 1970-01-01, so that calls by cron meet the times.

    A period is a second or longer.

    >>> Every(timedelta(minutes=10)).after(datetime(2026, 6, 10, 12, 3, tzinfo=UTC), UTC).isoformat()
    '2026-06-10T12:10:00+00:00'
    """

    period: timedelta

    def __attrs_post_init__(self) -> None:
        if self.period < timedelta(seconds=1):
            raise ConfigurationError(f"Every takes a period of a second or longer, seen {self.period}")

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The first time after a moment."""
        return _EPOCH + self.period * ((moment - _EPOCH) // self.period + 1)

    @property
    def longest(self) -> timedelta:
        """What lies between two times."""
        return self.period


@frozen
class Between:
    """Hours of each day in which no run begins: from `start` up to `end`, which may be after midnight.

    >>> Between(time(22), time(6)).holds(time(0, 30))
    True
    """

    start: time
    end: time

    def __attrs_post_init__(self) -> None:
        if self.start == self.end:
            raise ConfigurationError(f"quiet hours from {self.start} to {self.end} are none, or all; give two times")
        for one in (self.start, self.end):
            if one.tzinfo is not None or one.second or one.microsecond:
                raise ConfigurationError(f"quiet hours take whole minutes of the schedule's zone, seen {one!r}")

    def holds(self, moment: time) -> bool:
        """Whether a time of the day is among them."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def on(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """The hours that begin on a day, as two moments. Where the clock changes they are the longer of two readings."""
        last = day if self.start < self.end else day + _DAY
        return min(_instants(day, self.start, zone)), max(_instants(last, self.end, zone))


def _hours(quiet: Iterable[Between]) -> tuple[Between, ...]:
    return tuple(quiet)


@frozen
class NextRun:
    """The earliest run that may begin: of which kind, and when.

    >>> when = Periodicity(full=Daily(time(2, 30)), delta=Every(timedelta(minutes=10)))
    >>> ended = LastRuns().done("full", at=datetime(2026, 6, 10, 2, 41, tzinfo=UTC))
    >>> soon = when.next(ended, now=datetime(2026, 6, 10, 2, 45, tzinfo=UTC))
    >>> soon.kind, soon.at.isoformat()
    ('delta', '2026-06-10T02:50:00+00:00')
    """

    kind: Due
    at: datetime


@frozen(kw_only=True)
class Periodicity:
    """When syncs run: full ones, which read everything, and deltas, which read what changed.

    `full` and `delta` are a `Daily` or an `Every`; one of them may be left out. A run is due at the first of its times after
    the end of the last run of its kind. Times that passed during a stop, or while a run was going on, are made up for by
    one run; a kind that never ran is due at once. A full run does a delta's work, so it counts as one, and goes first unless
    it has just failed.

    In `quiet` hours no run begins: it waits for their end. One that began earlier goes on.

    `jitter` spreads the load of several machines: each run begins up to so much later, by a share that is drawn from `seed`
    (by default the machine's name) and the time, and so is the same whenever it is asked for.

    A run that failed is tried again after `retry`, after twice as long each further time, and at its next time at the latest.

    `zone` is what `Daily` and `quiet` are told in; times given and returned are aware. Raises `ConfigurationError` for
    what cannot be kept.

    >>> when = Periodicity(full=Daily(time(2, 30)), delta=Every(timedelta(minutes=10)), quiet=[Between(time(8), time(9))])
    >>> ended = LastRuns().done("full", at=datetime(2026, 6, 10, 7, 56, tzinfo=UTC))
    >>> when.due(ended, now=datetime(2026, 6, 10, 8, 0, tzinfo=UTC)) is None
    True
    >>> when.next(ended, now=datetime(2026, 6, 10, 8, 0, tzinfo=UTC)).at.isoformat()
    '2026-06-10T09:00:00+00:00'
    """

    full: Daily | Every | None = None
    delta: Daily | Every | None = None
    quiet: tuple[Between, ...] = field(default=(), converter=_hours)
    jitter: timedelta = timedelta(0)
    retry: timedelta = timedelta(minutes=1)
    zone: tzinfo = UTC
    seed: str = field(factory=platform.node)

    def __attrs_post_init__(self) -> None:
        times = self._times()
        if not times:
            raise ConfigurationError("a Periodicity needs full=..., delta=..., or both")
        shortest = min(_DAY if isinstance(one, Daily) else one.period for one in times.values())
        if not timedelta(0) <= self.jitter < shortest:
            raise ConfigurationError(f"jitter is {self.jitter}; give less than the shortest period, {shortest}")
        if not timedelta(seconds=1) <= self.retry <= _DAY:
            raise ConfigurationError(f"retry is {self.retry}; give a pause of a second to a day")
        # where there is room, it begins at the end of one of them
        if self.quiet and all(any(other.holds(one.end) for other in self.quiet) for one in self.quiet):
            raise ConfigurationError("the quiet hours leave no time of the day in which a run could begin")

    def due(self, runs: LastRuns, now: datetime) -> Due | None:
        """What should begin now, given the last runs; `None` for nothing."""
        one = self.next(runs, now)
        return one.kind if one.at <= now else None

    def next(self, runs: LastRuns, now: datetime) -> NextRun:
        """What should begin first, and when: now or later.

        The end of a run that lies in the future was told by a clock that has been set back since. It counts where it is
        within one period; what lies further ahead is not believed.
        """
        if now.tzinfo is None:
            raise ConfigurationError(f"a schedule needs to know the zone of {now.isoformat()}; give an aware datetime")
        now = now.astimezone(UTC)
        found: list[tuple[datetime, datetime, Due]] = []
        for kind, times in self._times().items():
            last = runs.of(kind).believed(now, times.longest)
            ready = self._ready(kind, times, last)
            found.append((self._after_quiet(max(now, ready or now)), last.tried or _EPOCH, kind))
        # of two at once the one that was not tried, or longer ago, so that a full run which fails lets deltas pass;
        # else the first, which is the full one
        at, _, kind = min(found, key=lambda one: one[:2])
        return NextRun(kind, at)

    # ---- inside ----
    def _times(self) -> dict[Due, Daily | Every]:
        named: tuple[tuple[Due, Daily | Every | None], ...] = (("full", self.full), ("delta", self.delta))
        return {kind: times for kind, times in named if times is not None}

    def _ready(self, kind: Due, times: Daily | Every, last: LastRun) -> datetime | None:
        """When the next run of a kind may begin, but for quiet hours after that; `None`: it is late already."""
        if last.tried is not None:
            pause = min(self.retry * (1 << min(max(last.failures - 1, 0), 16)), times.longest)
            return min(last.tried + pause, times.after(last.tried, self.zone))
        if last.ended is None:
            return None
        planned = times.after(last.ended, self.zone)
        # behind quiet hours too, where otherwise all machines would begin at once
        return self._after_quiet(planned) + self._share(kind, planned)

    def _share(self, kind: Due, planned: datetime) -> timedelta:
        digest = blake2b(f"{self.seed}|{kind}|{planned.isoformat()}".encode("utf-8", "backslashreplace"), digest_size=4)
        return self.jitter * (int.from_bytes(digest.digest(), "big") / 2**32)

    def _after_quiet(self, moment: datetime) -> datetime:
        while ends := [end for start, end in self._quiet_around(moment) if start <= moment < end]:
            moment = max(ends)
        return moment

    def _quiet_around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = moment.astimezone(self.zone).date()
        for one in self.quiet:
            for number in (-2, -1, 0, 1):  # hours over midnight, and clocks that change there
                yield one.on(today + _DAY * number, self.zone)


def _instants(day: date, at: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """A local time as moments. There are two where the clock shows it twice, or never: the usual reading is the first."""
    first, second = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return first, second
