"""Runs as spans and numbers, by the SDK's own exporters in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import ErpUnreachable, MissingExtra
from akeneo_erp_bridge.sync import (
    ErpToPim,
    OtelObserver,
    PageTook,
    Run,
    RunObserver,
    SqliteState,
    SyncOptions,
    SyncReport,
)
from world import Article, ListErp, make_mapping, row

NAME = "akeneo_erp_bridge"
SECRET = "s3cret-of-the-test"


class Sight:
    """What a backend would see."""

    def __init__(self) -> None:
        self._spans, self._metrics = InMemorySpanExporter(), InMemoryMetricReader()
        traces = TracerProvider()
        traces.add_span_processor(SimpleSpanProcessor(self._spans))
        self.observer = OtelObserver(
            tracer_provider=traces, meter_provider=MeterProvider(metric_readers=[self._metrics])
        )

    def spans(self, name: str) -> list[ReadableSpan]:
        return [one for one in self._spans.get_finished_spans() if one.name == f"{NAME}.{name}"]

    def points(self, name: str) -> list[NumberDataPoint | HistogramDataPoint]:
        data = self._metrics.get_metrics_data()
        assert data is not None
        return [
            point
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == f"{NAME}.{name}"
            for point in metric.data.data_points
        ]

    def sums(self, name: str, by: str | None = None) -> dict[object, float]:
        return {
            dict(one.attributes or {}).get(by or f"{NAME}.stream"): one.value
            for one in self.points(name)
            if isinstance(one, NumberDataPoint)
        }


@pytest.fixture
def sight() -> Iterator[Sight]:
    yield Sight()
    assert trace.get_current_span() is trace.INVALID_SPAN, "no span is left current"


def job(erp: ListErp, pim: AkeneoClient, state: SqliteState, *observers: RunObserver) -> ErpToPim[Article]:
    return ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=2), observers=observers)


def attributes(span: ReadableSpan) -> Mapping[str, object]:
    return span.attributes or {}


def test_a_run_is_a_span_with_its_pages_below(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    report = job(ListErp([row(1), row(2), row(3, weight="heavy")]), pim, state, sight.observer).run()
    (run,) = sight.spans("run")
    assert attributes(run)[f"{NAME}.run.id"] == report.run_id
    assert (attributes(run)[f"{NAME}.stream"], attributes(run)[f"{NAME}.run.mode"]) == ("products", "run")
    assert (attributes(run)[f"{NAME}.items.read"], attributes(run)[f"{NAME}.items.parked"]) == (3, 1)
    assert run.status.status_code is StatusCode.UNSET
    assert run.context is not None
    pages = sight.spans("page")
    assert [one.parent.span_id if one.parent else None for one in pages] == [run.context.span_id] * 2
    assert [attributes(one)[f"{NAME}.items.created"] for one in pages] == [2, 0]
    for step in ("read", "draft", "write"):
        parts = sight.spans(step)
        assert [one.parent.span_id if one.parent else None for one in parts] == [
            one.context.span_id for one in pages if one.context
        ]


def test_the_parts_of_a_page_are_in_it_one_after_the_other(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    job(ListErp([row(1)]), pim, state, sight.observer).run()
    parts = [one for step in ("read", "draft", "write") for one in sight.spans(step)]
    (page,) = sight.spans("page")
    times = [moment for one in parts for moment in (one.start_time, one.end_time)]
    assert times == sorted(times, key=lambda one: one or 0)
    assert (times[0], times[-1]) == (page.start_time, page.end_time)
    assert (times[1], times[3]) == (times[2], times[4])


def test_numbers_add_up_over_runs(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    erp = ListErp([row(1), row(2), row(3, weight="heavy")])
    first = job(erp, pim, state, sight.observer).run()
    erp.rows[0]["name"] = "Another shirt"
    second = job(erp, pim, state, sight.observer).run()
    assert sight.sums("items.read") == {"products": 6}
    assert sight.sums("items", "outcome") == {"unchanged": 1, "created": 2, "updated": 1, "held": 0, "parked": 2}
    assert sight.sums("cells") == {"products": first.cells + second.cells}
    assert sight.sums("runs", "outcome") == {"ended": 2}
    (histogram,) = sight.points("page.duration")
    assert isinstance(histogram, HistogramDataPoint)
    assert histogram.count == 4
    assert histogram.sum > 0


def test_what_waits_is_a_gauge(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    job(ListErp([row(1), row(2, weight="heavy")]), pim, state, sight.observer).run()
    assert sight.sums("items.waiting") == {"products": 0}
    job(ListErp([row(1)]), pim, state, sight.observer).run(writes="update")
    assert sight.sums("items.waiting") == {"products": 1}
    assert 0 < sight.sums("items.oldest")["products"] < 60
    job(ListErp([row(1)]), pim, state, sight.observer).run()
    assert (sight.sums("items.waiting"), sight.sums("items.oldest")) == ({"products": 0}, {"products": 0})


def test_no_metric_has_an_attribute_of_many_values(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    one = job(ListErp([row(1)]), pim, state, sight.observer)
    for _ in range(3):
        one.run()
    one.plan()
    for name in ("items.read", "items", "cells", "runs", "page.duration"):
        seen = {tuple(sorted(dict(point.attributes or {}).items())) for point in sight.points(name)}
        assert {key for attributes in seen for key, _ in attributes} <= {
            f"{NAME}.stream",
            f"{NAME}.run.mode",
            "outcome",
        }
        assert len(seen) == len(sight.points(name))
    assert {dict(point.attributes or {})[f"{NAME}.run.mode"] for point in sight.points("runs")} == {"plan", "run"}


class BrokenErp(ListErp):
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        yield next(super().read_items(since, fields=fields, limit=limit))
        raise RuntimeError(f"odbc://sa:{SECRET}@erp")


def test_a_failure_is_an_error_without_its_secret(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    with pytest.raises(RuntimeError):
        job(BrokenErp([row(1), row(2), row(3)]), pim, state, sight.observer).run()
    (run,) = sight.spans("run")
    assert run.status.status_code is StatusCode.ERROR
    assert (run.status.description or "").startswith("RuntimeError: raised at test_otel.py, line")
    assert attributes(run)["error.type"] == "RuntimeError"
    assert SECRET not in run.to_json()
    assert sight.sums("runs", "outcome") == {"failed": 1}
    assert sight.sums("items", "outcome")["created"] == 2


def test_what_was_settled_before_a_failure_is_counted(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    """The page was written, and is not told as one."""

    def fail(boundary: str) -> None:
        if boundary == "state.settled":
            raise ErpUnreachable("the network is gone")

    one = ErpToPim(ListErp([row(1)]), make_mapping(), pim, state, observers=[sight.observer], hook=fail)
    with pytest.raises(ErpUnreachable):
        one.run()
    assert sight.spans("page") == []
    assert sight.sums("items.read") == {"products": 1}


def test_a_brake_is_an_error(pim: AkeneoClient, state: SqliteState, sight: Sight) -> None:
    erp = ListErp([row(n, weight="heavy") for n in range(300)])
    ErpToPim(erp, make_mapping(), pim, state, observers=[sight.observer]).run()
    (run,) = sight.spans("run")
    assert run.status.status_code is StatusCode.ERROR
    assert "are parked, more than 10%" in (run.status.description or "")
    assert sight.sums("runs", "outcome") == {"stopped": 1}


def test_the_span_of_the_run_is_current_for_what_is_called_in_it(
    pim: AkeneoClient, state: SqliteState, sight: Sight
) -> None:
    class Curious(RunObserver):
        seen: int = 0

        def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
            self.seen = trace.get_current_span().get_span_context().span_id

    curious = Curious()
    job(ListErp([row(1)]), pim, state, sight.observer, curious).run()
    (run,) = sight.spans("run")
    assert run.context is not None
    assert curious.seen == run.context.span_id


def test_without_an_sdk_nothing_happens(pim: AkeneoClient, state: SqliteState) -> None:
    assert job(ListErp([row(1)]), pim, state, OtelObserver()).run().created == 1


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(MissingExtra, match=r"akeneo_erp_bridge\[otel\]"):
        OtelObserver()
