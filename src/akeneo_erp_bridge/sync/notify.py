"""Notifications by mail, chat or webhook: when a run fails, when a brake stops it, and when it works again."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from attrs import evolve

from akeneo_erp_bridge.errors import BridgeError, ConfigurationError, MissingExtra, StateError, StateInUse, StopAsked
from akeneo_erp_bridge.sync._telling._trouble import RECOVERY, Trouble, TroubleMemory
from akeneo_erp_bridge.sync._telling._trouble_file import TroubleFile
from akeneo_erp_bridge.sync._turns._turns import utc_now
from akeneo_erp_bridge.sync._words import counted, told
from akeneo_erp_bridge.sync.observe import Run, RunObserver
from akeneo_erp_bridge.sync.report import SyncReport, Tally

if TYPE_CHECKING:
    from apprise import Apprise, NotifyBase

__all__ = ["Notify", "Trouble", "TroubleFile", "TroubleMemory"]

_log: Final = logging.getLogger("akeneo_erp_bridge")

_DAY: Final = timedelta(days=1)
_RELAPSE: Final = 24
"""By what `again_after` is divided for how long a failure that has come back may last untold."""

_Addresses: TypeAlias = "str | Sequence[str] | Apprise"


class _Courier(Protocol):
    """What is used of `Apprise`, which leaves some of its types open."""

    def add(self, services: NotifyBase) -> bool: ...

    def notify(self, body: str, *, title: str, notify_type: str, body_format: str) -> object: ...


class Notify(RunObserver):
    """Tells people when a run fails, when a brake stops it, and when it works again; never once per record.

    ::

        notify = Notify(["mailto://bridge:secret@example.com?to=it@example.com", "slack://..."], state)
        ErpToPim(erp, mapping, pim, state, observers=[notify]).run()

    Addresses are URLs of the library apprise (extra `notify`), which knows some hundred services; an `Apprise` object is
    taken as it is. *memory* is the state, which remembers what people were told of: the same failure of a stream is told
    once, again after *again_after* if it lasts (`None`: never), another failure at once, and its end once. A failure that
    comes back after its end is not told each time: again after *again_after* (of `None`: after a day), with how often it was,
    or as soon as it has lasted for a twenty-fourth of that, which is an hour of a day.
    *name* stands in each title, to know one bridge from another. Plans are not told, nor is Ctrl-C.

    A message that no address takes is logged and tried again by the next run; the run itself never fails for it. An
    address shows in no log: it may hold a password. Raises `MissingExtra`, and `ConfigurationError` for an
    address that apprise does not understand.

    >>> from apprise.decorators import notify
    >>> from akeneo_erp_bridge.sync import SqliteState, Tally
    >>> @notify(on="shown")  # a service of one's own; apprise knows mailto://, slack:// and some hundred others
    ... def show(body, title, notify_type, *args, **options):
    ...     print(title)
    >>> run = Run(id="4f2c", stream="products", mode="run", started=datetime(2026, 6, 10, 3, tzinfo=UTC))
    >>> stopped = Tally(read=300).report("products", timedelta(seconds=2), "45 of 300 items are parked")
    >>> with SqliteState(":memory:") as state:
    ...     for _ in range(2):  # told once
    ...         Notify("shown://", state, name="ACME").ended(run, stopped)
    [ACME] products: stopped by a brake
    """

    def __init__(
        self,
        to: _Addresses,
        memory: TroubleMemory,
        *,
        name: str = "akeneo_erp_bridge",
        again_after: timedelta | None = _DAY,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._services = _services(to)
        self._memory = memory
        self._name = name
        self._again_after = again_after
        self._calm = _DAY if again_after is None else again_after
        self._clock = clock
        self._heard: list[BaseException] | None = None  # inside `around`, what runs failed with

    def ended(self, run: Run, report: SyncReport) -> None:
        """Tell a brake, or the end of a trouble."""
        if run.mode == "plan":
            return
        if report.stopped_by:
            text = _text(
                report,
                happened=f"a brake stopped the run: {report.stopped_by}",
                to_do="look at the parked items or the deletions first. Raise the brake only if they are meant.",
            )
            self._trouble(run, "brake", "stopped by a brake", text)
            return
        trouble = self._recall(run.stream)
        if trouble is not None:
            self._over(run, trouble, report)

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        """Tell a failure."""
        if self._heard is not None:
            self._heard.append(error)
        if run.mode == "plan" or not isinstance(error, Exception) or isinstance(error, StopAsked):
            return
        kind = type(error).__name__
        text = _text(so_far, happened=f"the run failed with {kind}: {told(error)}", to_do=_remedy(error))
        self._trouble(run, kind, "the run failed", text)

    @contextmanager
    def around(self, name: str) -> Generator[None]:
        """Tell what keeps a program from its runs, such as a state that cannot be opened, and when that is over.

        ::

            notify = Notify(people, TroubleFile("told.json"))  # not in the state, which may be what fails

            def job(kind):
                with notify.around("articles"), SqliteState("bridge.db") as state:
                    return ErpToPim(erp, mapping, pim, state, observers=[notify]).run()

        What a run has told is not told again, and another run that has the state is no failure. Everything is raised on.
        """
        run = Run(id=uuid.uuid4().hex, stream=f"job {name}", mode="run", started=self._clock())
        report = Tally().report(run.stream, timedelta(0), run_id=run.id)
        heard = self._heard = []
        try:
            yield
        except Exception as error:
            if not any(error is one for one in heard) and not isinstance(error, StopAsked | StateInUse):
                kind = type(error).__name__
                happened = f"the program failed outside of a run with {kind}: {told(error)}"
                text = _text(report, happened=happened, to_do=_remedy(error))
                self._safely(run, lambda: self._trouble(run, kind, "no run", text))
            raise
        else:
            self._safely(run, lambda: self.ended(run, report))
        finally:
            self._heard = None

    # ---- inside ----
    def _safely(self, run: Run, tell: Callable[[], None]) -> None:
        """What goes wrong while people are told does not stand in the way of what they are told of."""
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - a service may raise anything, as an observer may
            _log.warning("%s: people could not be told, or may be told twice: %s", run.stream, told(error))

    def _trouble(self, run: Run, kind: str, title: str, text: str) -> None:
        now = self._clock()
        known = self._known(run.stream, now).failed(kind)
        last = known.told.get(kind)
        if last is not None and not self._is_time(known, last, now):
            self._memory.keep_trouble(run.stream, known)
            return
        if last is not None:
            is_back, often = known.since > last, counted(known.again[kind], "time")
            added = (
                f"It failed again, {often} since {_moment(last)}."
                if is_back
                else f"It lasts since {_moment(known.since)}."
            )
            title, text = f"{title}, {'again' if is_back else 'still'}", f"{text}\n{added}"
        if self._send(run, title, text, "failure"):
            self._memory.keep_trouble(run.stream, known.told_at(kind, now))

    def _known(self, stream: str, now: datetime) -> Trouble:
        """The trouble that a failure belongs to: a new one, unless the last has ended only a while ago."""
        known = self._recall(stream)
        if known is None or (known.ended is not None and not timedelta(0) <= now - known.ended < self._calm):
            return Trouble(now, {})
        return evolve(known, since=min(known.since, now) if known.ended is None else now, ended=None)

    def _is_time(self, known: Trouble, last: datetime, now: datetime) -> bool:
        """Whether to tell again what was told at that moment."""
        if last > now:
            return True  # the clock was wrong then, and nobody knows how long ago it was
        if known.since > last:  # it has come back, and people were told that it works
            return now - last >= self._calm or now - known.since >= self._calm / _RELAPSE
        return self._again_after is not None and now - last >= self._again_after

    def _over(self, run: Run, trouble: Trouble, report: SyncReport) -> None:
        """A run works: tell it to people who believe that it fails."""
        now = self._clock()
        if trouble.ended is not None:
            if not timedelta(0) <= now - trouble.ended < self._calm:
                self._memory.keep_trouble(run.stream, None)
            return
        if trouble.is_open:
            text = _text(report, happened=f"the run works again, after trouble since {_moment(trouble.since)}.")
            if not self._send(run, "works again", text, "success"):
                return
            trouble = trouble.told_at(RECOVERY, now)
        self._memory.keep_trouble(run.stream, evolve(trouble, ended=now))

    def _recall(self, stream: str) -> Trouble | None:
        try:
            return self._memory.trouble(stream)
        except StateError as error:
            _log.warning("%s: what people were told of is not known, so they may be told twice: %s", stream, error)
            return None

    def _send(self, run: Run, title: str, text: str, kind: str) -> bool:
        """Whether one address at least has taken it."""
        titled = f"[{self._name}] {run.stream}: {title}"
        taken = 0
        for service in self._services:
            if _deliver(service, titled, text, kind):
                taken += 1
            else:
                _log.warning(
                    "%s: run %s could not notify by %s; see why with: apprise -vv -b test ADDRESS",
                    run.stream, run.id, service.service_name,
                )  # fmt: skip
        return taken > 0


def _services(to: _Addresses) -> list[NotifyBase]:
    try:
        from apprise import Apprise
    except ImportError:
        raise MissingExtra("Notify", "notify") from None
    if isinstance(to, Apprise):
        services: list[NotifyBase] = list(to)
    else:
        services, addresses = [], [to] if isinstance(to, str) else to
        for place, address in enumerate(addresses, start=1):
            with _quiet():
                service = Apprise.instantiate(address)  # pyright: ignore[reportUnknownMemberType]  # it may also be a dict, of what is open
            if service is None:
                scheme = address.partition("://")[0] if "://" in address else "none"
                raise ConfigurationError(
                    f"address {place} of {len(addresses)} for notifications (its scheme is {scheme[:20]!r}) is none that "
                    "apprise understands; see its list of services"
                )
            services.append(service)
    if not services:
        raise ConfigurationError("no address for notifications is given; give one, or leave Notify out")
    return services


def _deliver(service: NotifyBase, title: str, text: str, kind: str) -> bool:
    one = _courier()
    one.add(service)
    with _quiet():
        return bool(one.notify(text, title=title, notify_type=kind, body_format="text"))


def _courier() -> _Courier:
    from apprise import Apprise

    return Apprise()


@contextmanager
def _quiet() -> Generator[None]:
    """Without the logs of apprise and of what sends for it, in whatever thread: they show the addresses they are about."""

    def nothing(_: logging.LogRecord) -> bool:  # made anew each time: another thread takes away its own only
        return False

    logs = [logging.getLogger(name) for name in ("apprise", "urllib3.connectionpool", "urllib3.util.retry")]
    for log in logs:
        log.addFilter(nothing)
    try:
        yield
    finally:
        for log in logs:
            log.removeFilter(nothing)


def _text(report: SyncReport, *, happened: str, to_do: str = "nothing.") -> str:
    counts = f"{report.balance}." if report.read else "nothing was read."
    return (
        f"Stream: {report.stream}\n"
        f"What happened: {happened}\n"
        f"Items: {counts}\n"
        f"What to do: {to_do}\n"
        f"Run: {report.run_id}, ended {_moment(datetime.now(UTC))}"
    )


def _remedy(error: Exception) -> str:
    if not isinstance(error, BridgeError):
        return "mend the program or its adapter: this is a defect. Nothing is lost, and the next run goes on here."
    if error.exit_code == 3:
        return "wait: nothing is lost, and the next run goes on here. If it fails too, see that both systems answer."
    return "mend what it says; until then each run ends like this. Nothing is lost, and the next run goes on here."


def _moment(one: datetime) -> str:
    return f"{one.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
