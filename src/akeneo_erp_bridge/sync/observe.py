"""Who is told of a run: the protocol of observers, and the one that writes structured logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.errors import StopAsked
from akeneo_erp_bridge.sync._words import counted, told
from akeneo_erp_bridge.sync.report import SyncReport

__all__ = ["JsonLines", "LogObserver", "PageTook", "Run", "RunMode", "RunObserver"]

RunMode: TypeAlias = Literal["plan", "run"]
"""Whether a run writes, or only says what it would write."""


@frozen(kw_only=True)
class Run:
    """One stream of one run, from its beginning to its end.

    `id` is also in the report, the run history and each log record. The streams of a `VariantsToPim` share it, and come
    one after the other. `started` is in UTC.

    >>> run = Run(id="4f2c", stream="products", mode="run", started=datetime(2026, 6, 10, 3, tzinfo=UTC))
    >>> f"{run.mode} {run.id} of {run.stream} began {run.started:%H:%M} UTC"
    'run 4f2c of products began 03:00 UTC'
    """

    id: str
    stream: str
    mode: RunMode
    started: datetime


@frozen(kw_only=True)
class PageTook:
    """Where the time of one page went: `read` to the ERP, `draft` to mapping and comparing, `write` to the PIM and the state.

    Pages overlap: while one is on its way to the PIM, later ones are read. What a draft waits for, such as a page before
    it that is about the same items, is in it. `HotRelay` maps and sends in one, which is all in `write`.

    >>> PageTook(read=timedelta(seconds=2), write=timedelta(seconds=1)).total
    datetime.timedelta(seconds=3)
    """

    read: timedelta = timedelta(0)
    draft: timedelta = timedelta(0)
    write: timedelta = timedelta(0)

    @property
    def total(self) -> timedelta:
        """From when the page was asked for until it was settled."""
        return self.read + self.draft + self.write


class RunObserver:
    """Is told what a run does. Override what you need; each method does nothing by itself.

    Called in the thread of the run, which waits: be quick. One that raises is logged, and left out for the rest of the run,
    which goes on. After `began` comes `ended` or `failed`, unless the process is killed.

    >>> class Loud(RunObserver):
    ...     def ended(self, run: Run, report: SyncReport) -> None:
    ...         print(f"{run.stream}: {report.written} written")
    """

    def began(self, run: Run) -> None:
        """A run begins; nothing is checked, read or written yet."""

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        """A page is settled, or in a plan: drafted. Pages come in the order of the ERP.

        `so_far` is the account up to here. It balances at the end of the run only: pages that are still on their way to
        the PIM are counted as read.
        """

    def ended(self, run: Run, report: SyncReport) -> None:
        """The run came to its end, or a brake stopped it: see `report.stopped_by`."""

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        """The run raised *error*, which goes on to the caller. What was settled until then stays.

        A `StopAsked` is no trouble: somebody wanted it to end.
        """


class LogObserver(RunObserver):
    """Tells a run to `logging`: its begin and end at INFO, pages at DEBUG, parked items once at WARNING, failures at ERROR.

    Each record carries, for a formatter such as `JsonLines`, `event` (``began``, ``page``, ``ended``, ``parked``, ``stopped``,
    ``failed``), `run_id`, `stream` and `run_mode`; all but the first also the counts, `took_seconds` and the like. No
    record holds values of items. Of an error that is not a `BridgeError` it names class and place only, since its text may
    hold anything, also a password; the exception itself goes to the caller.

    >>> import sys
    >>> log = logging.Logger("connector")
    >>> log.addHandler(logging.StreamHandler(sys.stdout))
    >>> LogObserver(log).began(Run(id="4f2c", stream="products", mode="run", started=datetime(2026, 6, 10, 3, tzinfo=UTC)))
    products: run 4f2c began
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._log = logger or logging.getLogger("akeneo_erp_bridge.sync")

    def began(self, run: Run) -> None:
        """At INFO."""
        self._tell(logging.INFO, "began", run, f"{run.stream}: {run.mode} {run.id} began")

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        """At DEBUG."""
        text = f"{run.stream}: {so_far.read} read so far, {so_far.written} written, {so_far.parked} parked"
        seconds = {
            "took_seconds": took.total.total_seconds(),
            "read_seconds": took.read.total_seconds(),
            "draft_seconds": took.draft.total_seconds(),
            "write_seconds": took.write.total_seconds(),
        }
        self._tell(logging.DEBUG, "page", run, text, {**_counts(so_far), **seconds})

    def ended(self, run: Run, report: SyncReport) -> None:
        """At INFO; what is parked at WARNING, and a brake at ERROR."""
        numbers = {**_counts(report), "items_waiting": report.waiting}
        if report.waits_for is not None:
            numbers["oldest_waits_seconds"] = report.waits_for.total_seconds()
        numbers |= {"took_seconds": report.took.total_seconds(), "exit_code": report.exit_code}
        if report.stopped_by:
            text = f"{run.stream}: {run.mode} {run.id} was stopped by a brake: {report.stopped_by}"
            self._tell(logging.ERROR, "stopped", run, text, {**numbers, "stopped_by": report.stopped_by})
        else:
            text = f"{run.stream}: {run.mode} {run.id} ended: {report.balance}, in {report.took.total_seconds():.1f} s"
            self._tell(logging.INFO, "ended", run, text, numbers)
        if report.parked:
            text = f"{run.stream}: {report.parked} of {counted(report.read, 'item')} parked; the report and the state tell why"
            self._tell(logging.WARNING, "parked", run, text, numbers)

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        """At ERROR, or at INFO where it was asked to end."""
        name, text = type(error).__name__, " ".join(told(error).split())
        numbers = {**_counts(so_far), "took_seconds": so_far.took.total_seconds()}
        about = {**numbers, "error": name, "error_text": text}
        if isinstance(error, StopAsked):
            self._tell(logging.INFO, "ended", run, f"{run.stream}: {run.mode} {run.id} ended early: {text}", about)
        else:
            self._tell(logging.ERROR, "failed", run, f"{run.stream}: {run.mode} {run.id} failed: {name}: {text}", about)

    def _tell(
        self, level: int, event: str, run: Run, text: str, about: dict[str, int | float | str] | None = None
    ) -> None:
        who = {"event": event, "run_id": run.id, "stream": run.stream, "run_mode": run.mode}
        self._log.log(level, "%s", text, extra={**who, **(about or {})})


def _counts(report: SyncReport) -> dict[str, int | float | str]:
    """The numbers, under names that `logging` has no other meaning for, as it has for "created"."""
    return {
        "items_read": report.read,
        "items_unchanged": report.unchanged,
        "items_created": report.created,
        "items_updated": report.updated,
        "items_held": report.held,
        "items_parked": report.parked,
        "cells_written": report.cells,
    }


_STANDARD: Final = frozenset((*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"))


class JsonLines(logging.Formatter):
    r"""One JSON object a line for each log record: time in UTC, level, logger, message, and all that is extra.

    >>> record = logging.makeLogRecord({"msg": "products: run 4f2c began", "levelname": "INFO", "run_id": "4f2c", "created": 0})
    >>> print(JsonLines().format(record))
    {"time": "1970-01-01T00:00:00.000+00:00", "level": "INFO", "logger": null, "message": "products: run 4f2c began", "run_id": "4f2c"}
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD and name not in line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, default=repr)
