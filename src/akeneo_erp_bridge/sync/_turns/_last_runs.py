"""What a schedule remembers: the last run of each kind, and the file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from attrs import evolve, field, frozen

from akeneo_erp_bridge._private_file import replace_private
from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import ConfigurationError, StateError

Due: TypeAlias = Literal["full", "delta"]
"""What is due: a run that reads everything, or one that reads what changed."""


def _utc(moment: datetime | None) -> datetime | None:
    """In UTC, since what is added to a local time is not what passes where the clock changes."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ConfigurationError(f"a last run at {moment.isoformat()} is of no zone; give an aware datetime")
    return moment.astimezone(UTC)


@frozen
class LastRun:
    """The last run of one kind; times are aware, and kept in UTC.

    `ended` is when the last one that came to its end did so. `tried` is when a later one failed, or found the state in use by
    another run; `failures` counts those that failed in a row. Raises `ConfigurationError` for a moment without a zone.

    >>> last = LastRun(ended=datetime.fromisoformat("2026-06-10T05:00:00+02:00"), failures=2)
    >>> last.ended.isoformat(), last.failures
    ('2026-06-10T03:00:00+00:00', 2)
    """

    ended: datetime | None = field(default=None, converter=_utc)
    tried: datetime | None = field(default=None, converter=_utc)
    failures: int = 0

    def believed(self, now: datetime, longest: timedelta) -> LastRun:
        """Without what a clock told that has been set back since: a try in the future, an end that is far in it."""
        ended, tried = self.ended, self.tried
        return LastRun(
            ended=None if ended is None or ended - now > longest else ended,
            tried=None if tried is None or tried > now else tried,
            failures=self.failures,
        )


@frozen
class LastRuns:
    """The last run of each kind, and what becomes of them.

    >>> runs = LastRuns().done("full", at=datetime(2026, 6, 10, 3, tzinfo=UTC))
    >>> runs = runs.failed("delta", at=datetime(2026, 6, 10, 4, tzinfo=UTC))
    >>> runs.full.failures, runs.delta.failures, runs.delta.ended == runs.full.ended
    (0, 1, True)
    """

    full: LastRun = LastRun()
    delta: LastRun = LastRun()

    def of(self, kind: Due) -> LastRun:
        """The last run of a kind."""
        return self.full if kind == "full" else self.delta

    def done(self, kind: Due, *, at: datetime) -> LastRuns:
        """A run came to its end. A full one did a delta's work too."""
        last = LastRun(ended=at)
        return LastRuns(full=last, delta=last) if kind == "full" else evolve(self, delta=last)

    def failed(self, kind: Due, *, at: datetime) -> LastRuns:
        """A run did not come to its end."""
        last = self.of(kind)
        return self._with(kind, evolve(last, tried=at, failures=last.failures + 1))

    def put_off(self, kind: Due, *, at: datetime) -> LastRuns:
        """Another run had the state, which is no failure."""
        return self._with(kind, evolve(self.of(kind), tried=at))

    def _with(self, kind: Due, last: LastRun) -> LastRuns:
        return evolve(self, full=last) if kind == "full" else evolve(self, delta=last)


class ScheduleMemory(Protocol):
    """Where a schedule keeps its last runs. `ScheduleFile` is one. Both methods raise `StateError` where they cannot."""

    def read(self) -> LastRuns:
        """What was written last; `LastRuns()` where nothing was."""
        ...

    def write(self, runs: LastRuns) -> None:
        """Keep the last runs in place of those before."""
        ...


class ScheduleFile:
    """The last runs in a small JSON file (mode 0600), which is replaced as a whole, never half. One for each schedule.

    Without the file the next run is a full one. Two programs that write it at the same moment cost one run more, never one
    less. Raises `StateError` for a file that cannot be read or written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     memory = ScheduleFile(Path(folder) / "schedule.json")
    ...     memory.write(LastRuns().done("full", at=datetime.fromisoformat("2026-06-10T03:00:00+00:00")))
    ...     print(oct(memory.path.stat().st_mode & 0o777), memory.read().full.ended)
    0o600 2026-06-10 03:00:00+00:00
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def read(self) -> LastRuns:
        """What was written last."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return LastRuns()
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"schedule file {self.path} cannot be read ({error}); check your rights on it") from error
        try:
            return _runs_of(json.loads(text))
        except (KeyError, TypeError, ValueError, RecursionError, ConfigurationError) as error:
            raise StateError(
                f"schedule file {self.path} does not hold a schedule's last runs ({type(error).__name__}: {error}); "
                "delete it: the next run will be a full one"
            ) from error

    def write(self, runs: LastRuns) -> None:
        """Keep the last runs in place of those before."""
        text = json.dumps({"full": _written(runs.full), "delta": _written(runs.delta)}, indent=2)
        try:
            replace_private(self.path, [f"{text}\n"])
        except OSError as error:
            raise StateError(
                f"schedule file {self.path} cannot be written ({error.strerror}); check its folder and your rights on it"
            ) from error


def _written(last: LastRun) -> JsonValue:
    ended, tried = (None if one is None else one.isoformat() for one in (last.ended, last.tried))
    return {"ended": ended, "tried": tried, "failures": last.failures}


def _runs_of(found: JsonValue) -> LastRuns:
    if not isinstance(found, Mapping):
        raise TypeError("no JSON object")
    return LastRuns(full=_read(found["full"]), delta=_read(found["delta"]))


def _read(found: JsonValue) -> LastRun:
    if not isinstance(found, Mapping):
        raise TypeError(f"no last run: {found!r}")
    failures = found["failures"]
    if not isinstance(failures, int) or failures < 0:
        raise ValueError(f"failures are {failures!r}")
    return LastRun(_moment(found["ended"]), _moment(found["tried"]), failures)


def _moment(found: JsonValue) -> datetime | None:
    return None if found is None else datetime.fromisoformat(str(found))
