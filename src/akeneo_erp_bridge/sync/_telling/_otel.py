"""Runs as traces and metrics of OpenTelemetry (extra `otel`)."""

from __future__ import annotations

import time
from contextvars import Token
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import define

from akeneo_erp_bridge.errors import MissingExtra, StopAsked
from akeneo_erp_bridge.sync._words import told
from akeneo_erp_bridge.sync.observe import PageTook, Run, RunObserver
from akeneo_erp_bridge.sync.report import SyncReport

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

_NAME: Final = "akeneo_erp_bridge"
_OUTCOMES: Final = ("unchanged", "created", "updated", "held", "parked")


@define
class _Open:
    span: Span
    context: Context
    token: Token[Context]
    counted: dict[str, int]


class OtelObserver(RunObserver):
    """Tells runs to OpenTelemetry: a span each, with spans for its pages, and metrics.

    Spans: ``akeneo_erp_bridge.run`` with ``.page`` below it, and below that ``.read`` (the ERP), ``.draft`` (mapping and
    comparing) and ``.write`` (the PIM and the state). The run's span is current while it lasts, so that those of an
    instrumented HTTP client go below it.

    Metrics: counters ``akeneo_erp_bridge.items.read``, ``.items`` (attribute ``outcome``: unchanged, created, updated, held or
    parked), ``.cells`` and ``.runs`` (``outcome``: ended, stopped or failed), the histogram ``.page.duration`` in seconds, and
    the gauges ``.items.waiting`` and ``.items.oldest``: parked items that a run did not look at, and the seconds for which the
    oldest parked item has been waiting.
    All carry ``akeneo_erp_bridge.stream`` and ``akeneo_erp_bridge.run.mode``; the run id is on spans only.

    Without providers those that the program has set for the process are used. Raises `MissingExtra`.

    >>> from datetime import UTC, datetime, timedelta
    >>> from opentelemetry.sdk.trace import TracerProvider
    >>> from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    >>> from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    >>> from akeneo_erp_bridge.sync import Tally
    >>> provider, spans = TracerProvider(), InMemorySpanExporter()
    >>> provider.add_span_processor(SimpleSpanProcessor(spans))
    >>> observer = OtelObserver(tracer_provider=provider)
    >>> run = Run(id="4f2c", stream="products", mode="run", started=datetime(2026, 6, 10, 3, tzinfo=UTC))
    >>> observer.began(run)
    >>> observer.ended(run, Tally(read=300, unchanged=300).report("products", timedelta(seconds=2)))
    >>> [span.name for span in spans.get_finished_spans()]
    ['akeneo_erp_bridge.run']
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        try:
            from opentelemetry import metrics, trace
        except ImportError:
            raise MissingExtra("OtelObserver", "otel") from None
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
        meter = metrics.get_meter(_NAME, meter_provider=meter_provider)
        self._read = meter.create_counter(f"{_NAME}.items.read", "{item}", "Items read from the ERP")
        self._items = meter.create_counter(f"{_NAME}.items", "{item}", "Items by what became of them")
        self._cells = meter.create_counter(f"{_NAME}.cells", "{cell}", "Values written")
        self._runs = meter.create_counter(f"{_NAME}.runs", "{run}", "Runs by how they ended")
        self._pages = meter.create_histogram(
            f"{_NAME}.page.duration", "s", "From the end of one page to that of the next"
        )
        waiting = f"{_NAME}.items.waiting"
        self._waiting = meter.create_gauge(waiting, "{item}", "Items parked earlier that a run did not look at")
        self._oldest = meter.create_gauge(f"{_NAME}.items.oldest", "s", "For how long the oldest parked item waits")
        self._open: dict[Run, _Open] = {}

    def began(self, run: Run) -> None:
        """Open the span of the run."""
        from opentelemetry import context, trace

        span = self._tracer.start_span(
            f"{_NAME}.run",
            attributes={**_about(run), f"{_NAME}.run.id": run.id},
            start_time=_ns(run.started.timestamp()),
        )
        inside = trace.set_span_in_context(span)
        self._open[run] = _Open(span, inside, context.attach(inside), {})

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        """Count what is new, and draw the page as a span with its parts."""
        from opentelemetry import trace

        new = self._count(run, so_far)
        self._pages.record(took.total.total_seconds(), _about(run))
        end = time.time_ns()
        at = end - _nanoseconds(took.total)
        numbers = {f"{_NAME}.items.{name}": number for name, number in new.items()}
        page = self._tracer.start_span(
            f"{_NAME}.page", self._open[run].context, attributes={**_about(run), **numbers}, start_time=at
        )
        inside = trace.set_span_in_context(page)
        for step, part in (("read", took.read), ("draft", took.draft), ("write", took.write)):
            span = self._tracer.start_span(f"{_NAME}.{step}", inside, start_time=at)
            at += _nanoseconds(part)
            span.end(at)
        page.end(end)

    def ended(self, run: Run, report: SyncReport) -> None:
        """Close the span; a brake makes it an error."""
        self._waiting.set(report.waiting, _about(run))
        self._oldest.set(report.waits_for.total_seconds() if report.waits_for is not None else 0, _about(run))
        self._close(run, report, "stopped" if report.stopped_by else "ended", report.stopped_by)

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        """Close the span as an error."""
        if isinstance(error, StopAsked):
            self._close(run, so_far, "stopped", None)
            return
        self._open[run].span.set_attribute("error.type", type(error).__name__)
        self._close(run, so_far, "failed", f"{type(error).__name__}: {told(error)}")

    # ---- inside ----
    def _close(self, run: Run, report: SyncReport, outcome: str, problem: str | None) -> None:
        from opentelemetry import context, trace

        self._count(run, report)
        self._runs.add(1, {**_about(run), "outcome": outcome})
        one = self._open.pop(run)
        one.span.set_attributes({f"{_NAME}.items.{name}": getattr(report, name) for name in ("read", *_OUTCOMES)})
        if problem is not None:
            one.span.set_status(trace.StatusCode.ERROR, problem)
        context.detach(one.token)
        one.span.end()

    def _count(self, run: Run, so_far: SyncReport) -> dict[str, int]:
        """Add to the counters what came since the last time."""
        counted = self._open[run].counted
        now = {name: int(getattr(so_far, name)) for name in ("read", *_OUTCOMES, "cells")}
        new = {name: number - counted.get(name, 0) for name, number in now.items()}
        counted.update(now)
        self._read.add(new["read"], _about(run))
        self._cells.add(new.pop("cells"), _about(run))
        for outcome in _OUTCOMES:
            self._items.add(new[outcome], {**_about(run), "outcome": outcome})
        return new


def _about(run: Run) -> dict[str, str]:
    return {f"{_NAME}.stream": run.stream, f"{_NAME}.run.mode": run.mode}


def _nanoseconds(took: timedelta) -> int:
    return took // timedelta(microseconds=1) * 1000


def _ns(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
