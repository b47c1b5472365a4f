"""Observers are told what a run does; none of them can harm it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from attrs.exceptions import FrozenInstanceError

from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, PasswordAuth
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import ErpUnreachable, PreflightFailed, SignInRefused, StateError
from akeneo_erp_bridge.mapping import ProductMapping, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    ErpToPim,
    HotRelay,
    JsonLines,
    LogObserver,
    PageTook,
    ParkedItem,
    Run,
    RunObserver,
    RunRecord,
    Settled,
    SqliteState,
    SyncOptions,
    SyncReport,
    Tally,
    VariantsToPim,
)
from akeneo_erp_bridge.sync._drafts._draft import DELETION
from akeneo_erp_bridge.sync._telling._announce import Announcer
from akeneo_erp_bridge.testing import PimSimulator
from link_bench import UPSELL, made_by_hand, tool, tool_mapping, tools, with_links
from shirts import TWO_LEVELS, Shirt, Shirts, mapping, shirt
from shirts import fill as fill_with_shirts
from world import Article, ListErp, make_mapping, row


@frozen
class Event:
    what: str
    run: Run
    report: SyncReport | None = None
    error: BaseException | None = None
    took: PageTook | None = None


class Notes(RunObserver):
    """Keeps all it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def began(self, run: Run) -> None:
        self.events.append(Event("began", run))

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        self.events.append(Event("page", run, so_far, took=took))

    def ended(self, run: Run, report: SyncReport) -> None:
        self.events.append(Event("ended", run, report))

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        self.events.append(Event("failed", run, so_far, error))

    @property
    def told(self) -> list[str]:
        return [one.what for one in self.events]

    def report_of(self, what: str) -> SyncReport:
        (report,) = [one.report for one in self.events if one.what == what]
        assert report is not None
        return report


class BrokenErp(ListErp):
    """Fails after its first page, as a driver does that has a password in its mouth."""

    def __init__(self, rows: list[dict[str, object]], error: BaseException) -> None:
        super().__init__(rows)
        self.error = error

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        yield next(super().read_items(since, fields=fields, limit=limit))
        raise self.error


def job(erp: ListErp, pim: AkeneoClient, state: SqliteState, *observers: RunObserver) -> ErpToPim[Article]:
    return ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=2), observers=observers)


# ---- what they are told ----
def test_a_run_is_told_from_begin_to_end(pim: AkeneoClient, state: SqliteState) -> None:
    notes = Notes()
    report = job(ListErp([row(1), row(2), row(3), row(4), row(5, weight="heavy")]), pim, state, notes).run()
    assert notes.told == ["began", "page", "page", "page", "ended"]
    assert [one.report.created for one in notes.events if one.report] == [2, 4, 4, 4]
    assert [one.report.read for one in notes.events if one.report] == [5] * 4, "read, and under way to the PIM"
    (run,) = {one.run for one in notes.events}
    assert (run.id, run.stream, run.mode, run.started.tzinfo) == (report.run_id, "products", "run", UTC)
    assert notes.report_of("ended") == report
    assert next(state.runs("products")).run_id == report.run_id


def test_a_page_says_where_its_time_went(pim: AkeneoClient, state: SqliteState) -> None:
    notes = Notes()
    job(ListErp([row(1)]), pim, state, notes).run()
    (took,) = [one.took for one in notes.events if one.took]
    assert min(took.read, took.draft, took.write) > timedelta(0)
    assert took.total == took.read + took.draft + took.write


def test_links_that_are_made_late_are_a_page_too(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    with_links(simulator)
    erp = tools(tool("A", upsell=["X"]))
    assert ErpToPim(erp, tool_mapping(UPSELL), pim, state).run().unlinked == 1
    made_by_hand(pim, "X")
    notes = Notes()
    assert ErpToPim(erp, tool_mapping(UPSELL), pim, state, observers=[notes]).run().cells == 1
    assert [one.report.cells for one in notes.events if one.what == "page" and one.report] == [0, 1]
    late = [one.took for one in notes.events if one.took][-1]
    assert min(late.draft, late.write) > timedelta(0), "the targets were looked for, and the links written"


def test_a_deletion_that_is_tried_again_is_a_page_too(pim: AkeneoClient, state: SqliteState) -> None:
    job(ListErp([row(1), row(2)]), pim, state).run()
    refused = ParkedItem(ErpKey("000002"), DELETION, "", "not today")
    state.settle("products", Settled(parked=[refused]))
    notes = Notes()
    job(ListErp([row(1)]), pim, state, notes).run()
    assert [one.report.tombstoned for one in notes.events if one.what == "page" and one.report] == [0, 1]


def test_a_page_that_nobody_handed_over_is_told_without_times(state: SqliteState) -> None:
    notes = Notes()
    announcer = Announcer([notes], "run", state)
    with announcer.stream("products", Tally(read=7)) as told:
        announcer.watching(lambda _: None)("state.settled")
        told.close(None)
    assert notes.told == ["began", "page", "ended"]
    assert notes.events[1].took == PageTook()


def test_a_plan_is_told_as_a_plan_and_leaves_no_history(pim: AkeneoClient, state: SqliteState) -> None:
    notes = Notes()
    plan = job(ListErp([row(1)]), pim, state, notes).plan()
    assert notes.told == ["began", "page", "ended"]
    assert {one.run.mode for one in notes.events} == {"plan"}
    assert plan.report.run_id == notes.events[0].run.id
    assert list(state.runs("products")) == []


def test_each_run_has_an_id_of_its_own(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(ListErp([row(1)]), pim, state)
    assert one.run().run_id != one.run().run_id


def test_a_failure_is_told_with_what_was_done_until_then(pim: AkeneoClient, state: SqliteState) -> None:
    notes, error = Notes(), ErpUnreachable("the ERP does not answer")
    with pytest.raises(ErpUnreachable) as caught:
        job(BrokenErp([row(n) for n in range(6)], error), pim, state, notes).run()
    assert caught.value is error
    assert notes.told == ["began", "page", "failed"]
    assert notes.events[-1].error is error
    assert notes.report_of("failed").created == 2
    record = next(state.runs("products"))
    assert (record.run_id, record.counts["created"]) == (notes.events[0].run.id, 2)
    assert (record.error, record.stopped_by) == ("ErpUnreachable: the ERP does not answer", None)


def test_a_preflight_that_fails_is_told(pim: AkeneoClient, state: SqliteState) -> None:
    notes = Notes()
    wrong = ProductMapping(
        Article, (Article.number >> sku()).to(Cell[str]("sku")), Article.name.to(Cell[str]("nowhere"))
    )
    with pytest.raises(PreflightFailed):
        ErpToPim(ListErp([row(1)]), wrong, pim, state, observers=[notes]).run()
    assert notes.told == ["began", "failed"]
    assert "nowhere" in (next(state.runs("products")).error or "")


def test_a_brake_is_an_end_and_says_so(pim: AkeneoClient, state: SqliteState) -> None:
    notes = Notes()
    erp = ListErp([row(n, weight="heavy") for n in range(300)])
    report = ErpToPim(erp, make_mapping(), pim, state, observers=[notes]).run()
    assert report.stopped_by is not None
    assert notes.told == ["began", "ended"]
    assert notes.report_of("ended").stopped_by == report.stopped_by
    record = next(state.runs("products"))
    assert (record.stopped_by, record.error) == (report.stopped_by, None)


def test_what_ends_the_process_is_told_and_not_remembered(pim: AkeneoClient, state: SqliteState) -> None:
    notes = Notes()
    with pytest.raises(KeyboardInterrupt):
        job(BrokenErp([row(n) for n in range(6)], KeyboardInterrupt()), pim, state, notes).run()
    assert notes.told == ["began", "failed"]
    assert list(state.runs("products")) == []


class Forgetful(SqliteState):
    def record_run(self, record: RunRecord) -> None:
        raise StateError("the disk is full")


def test_a_history_that_cannot_be_written_hides_no_error(pim: AkeneoClient) -> None:
    with Forgetful(":memory:") as state, pytest.raises(ErpUnreachable) as caught:
        job(BrokenErp([row(1)], ErpUnreachable("the ERP does not answer")), pim, state).run()
    assert caught.value.__notes__ == ["the run history does not tell of it: the disk is full"]


def test_a_history_that_cannot_be_written_fails_the_run(pim: AkeneoClient) -> None:
    notes = Notes()
    with Forgetful(":memory:") as state, pytest.raises(StateError, match="disk is full"):
        job(ListErp([row(1)]), pim, state, notes).run()
    assert notes.told == ["began", "page", "failed"]


def test_a_run_on_the_stream_of_another_job_leaves_its_history_alone(pim: AkeneoClient, state: SqliteState) -> None:
    state.bind("products", "something else", claim=True)
    notes = Notes()
    with pytest.raises(StateError, match="something else"):
        job(ListErp([row(1)]), pim, state, notes).run()
    assert notes.told == ["began", "failed"]
    assert list(state.runs("products")) == []


# ---- what they cannot do ----
class Rude(Notes):
    """Raises when it is told this."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def _raise(self, what: str) -> None:
        if what == self._what:
            raise RuntimeError("password 4711")

    def began(self, run: Run) -> None:
        super().began(run)
        self._raise("began")

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        super().page(run, so_far, took)
        self._raise("page")

    def ended(self, run: Run, report: SyncReport) -> None:
        super().ended(run, report)
        self._raise("ended")

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        super().failed(run, error, so_far)
        self._raise("failed")


@pytest.mark.parametrize(("what", "told"), [("began", 1), ("page", 2), ("ended", 4)])
def test_one_that_raises_is_left_out_and_the_run_goes_on(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture, what: str, told: int
) -> None:
    rude, notes = Rude(what), Notes()
    one = job(ListErp([row(1), row(2), row(3)]), pim, state, rude, notes)
    report = one.run()
    assert report.created == 3
    assert notes.told == ["began", "page", "page", "ended"]
    assert len(rude.events) == told
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert report.run_id in line
    assert "its observer Rude, which raised RuntimeError: raised at test_observe.py, line" in line
    assert "4711" not in line
    one.run()
    assert len(rude.events) > told, "the next run tries it again"


def test_one_that_raises_at_a_failure_hides_no_error(pim: AkeneoClient, state: SqliteState) -> None:
    rude, notes = Rude("failed"), Notes()
    with pytest.raises(ErpUnreachable):
        job(BrokenErp([row(1)], ErpUnreachable("the ERP does not answer")), pim, state, rude, notes).run()
    assert rude.told[-1] == notes.told[-1] == "failed"


def test_what_they_are_told_they_cannot_change(pim: AkeneoClient, state: SqliteState) -> None:
    class Greedy(RunObserver):
        def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
            untyped: Any = so_far
            with pytest.raises(FrozenInstanceError):
                untyped.read = 4711
            with pytest.raises(AttributeError):
                untyped.parked_items.append(None)

    report = job(ListErp([row(1), row(2, weight="heavy")]), pim, state, Greedy()).run()
    assert (report.read, report.parked, len(report.parked_items)) == (2, 1, 1)


# ---- several streams, and the other way ----
@pytest.fixture
def shirts(tmp_path: Path) -> Iterator[Callable[[Shirts, RunObserver], VariantsToPim[Shirt]]]:
    simulator = fill_with_shirts(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):

        def one(erp: Shirts, observer: RunObserver) -> VariantsToPim[Shirt]:
            rows = tmp_path / "rows.db"
            return VariantsToPim(erp, mapping(TWO_LEVELS), pim, state, rows=rows, observers=[observer])

        yield one


MakeShirts = Callable[[Shirts, RunObserver], VariantsToPim[Shirt]]


def test_the_streams_of_a_variant_run_share_its_id(shirts: MakeShirts) -> None:
    notes = Notes()
    one = shirts(Shirts([shirt(n) for n in range(12)]), notes)
    report = one.run()
    streams = ["models of products", "sub models of products", "products"]
    assert [(one.what, one.run.stream) for one in notes.events] == [
        (what, stream) for stream in streams for what in ("began", "page", "ended")
    ]
    assert {one.run.id for one in notes.events} == {report.run_id}
    assert [next(one.state.runs(stream)).run_id for stream in streams] == [report.run_id] * 3
    assert {part.run_id for part in report.parts} == {report.run_id}


def test_an_erp_that_fails_before_the_first_stream_is_told_once(shirts: MakeShirts) -> None:
    class Gone(Shirts):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
            raise ErpUnreachable("the ERP does not answer")

    notes = Notes()
    one = shirts(Gone([]), notes)
    with pytest.raises(ErpUnreachable):
        one.run()
    assert [(event.what, event.run.stream) for event in notes.events] == [("began", "products"), ("failed", "products")]
    assert next(one.state.runs("products")).error == "ErpUnreachable: the ERP does not answer"


def test_a_stream_that_fails_is_told_once(shirts: MakeShirts) -> None:
    notes = Notes()
    one = shirts(Shirts([shirt(n) for n in range(12)]), notes)

    def hook(boundary: str) -> None:
        if boundary == "state.intended":
            raise ErpUnreachable("the ERP does not answer")

    one.hook = hook
    with pytest.raises(ErpUnreachable):
        one.run()
    assert [(event.what, event.run.stream) for event in notes.events] == [
        ("began", "models of products"),
        ("failed", "models of products"),
    ]
    assert list(one.state.runs("products")) == []


def test_what_fails_behind_the_last_stream_keeps_its_counts(
    shirts: MakeShirts, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes()
    one = shirts(Shirts([shirt(n) for n in range(12)]), notes)

    def fail(*_: object) -> None:
        raise ErpUnreachable("the ERP does not answer")

    monkeypatch.setattr("akeneo_erp_bridge.sync._rows._stages.Running.after", fail)
    with pytest.raises(ErpUnreachable):
        one.run()
    assert notes.told[-3:] == ["ended", "began", "failed"]
    record = next(one.state.runs("products"))
    assert (record.error, record.counts["created"]) == ("ErpUnreachable: the ERP does not answer", 12)


def test_parts_that_are_not_begun_have_the_id_too(shirts: MakeShirts) -> None:
    notes = Notes()
    one = shirts(Shirts([shirt(n, group="?") for n in range(1800)]), notes)
    report = one.run()
    assert report.parts[-1].stopped_by is not None
    assert "not begun" in report.parts[-1].stopped_by
    assert {part.run_id for part in report.parts} == {notes.events[0].run.id}
    assert [(event.what, event.run.stream) for event in notes.events] == [
        ("began", "models of products"),
        ("ended", "models of products"),
    ]


def test_the_relay_of_hot_data_is_told_too(state: SqliteState) -> None:
    notes = Notes()
    with SqliteSink(":memory:") as shop:
        report = HotRelay(ListErp([row(1)]), [Article.stock.feed("n")], shop, state, observers=[notes]).run()
    assert notes.told == ["began", "page", "ended"]
    assert notes.report_of("ended") == report
    assert (report.run_id, report.stream) == (notes.events[0].run.id, "offers")
    assert list(state.runs("offers")) == [], "it may run each second"


# ---- logs ----
def records(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(one) for one in caplog.records if one.name == "akeneo_erp_bridge.sync"]


def test_a_log_has_few_lines_with_numbers(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "akeneo_erp_bridge.sync")
    erp = ListErp([row(n, weight="heavy" if n < 3 else "1,0") for n in range(40)])
    report = ErpToPim(
        erp, make_mapping(), pim, state, options=SyncOptions(page_size=10), observers=[LogObserver()]
    ).run()
    lines = records(caplog)
    assert [(one["levelname"], one["event"]) for one in lines] == [
        ("INFO", "began"),
        *[("DEBUG", "page")] * 4,
        ("INFO", "ended"),
        ("WARNING", "parked"),
    ]
    assert {(one["run_id"], one["stream"], one["run_mode"]) for one in lines} == {(report.run_id, "products", "run")}
    assert (lines[-1]["items_read"], lines[-1]["items_created"], lines[-1]["items_parked"]) == (40, 37, 3)
    assert lines[-1]["message"] == "products: 3 of 40 items parked; the report and the state tell why"
    assert lines[-2]["exit_code"] == 1
    assert f"products: run {report.run_id} ended: 40 read = 0 unchanged + 37 written" in lines[-2]["message"]
    assert lines[1]["took_seconds"] == pytest.approx(
        sum(lines[1][f"{step}_seconds"] for step in ("read", "draft", "write"))
    )


def test_pages_are_for_who_looks_for_them(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akeneo_erp_bridge.sync")
    job(ListErp([row(n) for n in range(10)]), pim, state, LogObserver()).run()
    assert [one["event"] for one in records(caplog)] == ["began", "ended"]


def test_the_end_of_a_run_tells_what_waits(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akeneo_erp_bridge.sync")
    job(ListErp([row(1), row(2, weight="heavy")]), pim, state).run()
    job(ListErp([row(1)]), pim, state, LogObserver()).run(writes="update")
    (line,) = [one for one in records(caplog) if one["event"] == "ended"]
    assert (line["items_parked"], line["items_waiting"], line["exit_code"]) == (0, 1, 0)
    assert line["oldest_waits_seconds"] > 0


def test_a_brake_is_an_error_in_the_log(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    erp = ListErp([row(n, weight="heavy") for n in range(300)])
    ErpToPim(erp, make_mapping(), pim, state, observers=[LogObserver()]).run()
    (line,) = records(caplog)
    assert (line["levelname"], line["event"], line["exit_code"]) == ("ERROR", "stopped", 5)
    assert "are parked, more than 10%" in line["stopped_by"]


SECRET = "s3cret-of-the-test"
DEFECT = RuntimeError(f"could not connect to odbc://sa:{SECRET}@erp")


def no_secret(caplog: pytest.LogCaptureFixture, state: SqliteState, notes: Notes) -> None:
    """Not in a record, not in its line, not in the history."""
    assert caplog.records
    texts = [f"{vars(one)} {one.getMessage()} {JsonLines().format(one)} {caplog.text}" for one in caplog.records]
    assert notes.told[-1] == "failed"
    for text in [*texts, str(list(state.runs("products")))]:
        assert SECRET not in text


@pytest.mark.parametrize("wrong", ["password", "client secret", "token"])
def test_no_secret_of_a_refused_sign_in_is_logged(
    simulator: PimSimulator, state: SqliteState, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    caplog.set_level(logging.DEBUG)
    known, notes = simulator.auth_kwargs, Notes()
    auth = {
        "password": PasswordAuth(**{**known, "password": SECRET}),
        "client secret": PasswordAuth(**{**known, "secret": SECRET}),
        "token": AppAuth(access_token=SECRET),
    }[wrong]
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        pytest.raises(SignInRefused) as caught,
    ):
        job(ListErp([row(1)]), pim, state, LogObserver(), notes).run()
    no_secret(caplog, state, notes)
    line = records(caplog)[-1]
    assert (line["levelname"], line["event"], line["error"]) == ("ERROR", "failed", "SignInRefused")
    assert line["error_text"] == " ".join(str(caught.value).split())


def test_the_text_of_a_foreign_error_is_not_logged(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notes = Notes()
    with pytest.raises(RuntimeError):
        job(BrokenErp([row(1)], DEFECT), pim, state, LogObserver(), notes).run()
    no_secret(caplog, state, notes)
    line = records(caplog)[-1]
    assert line["error"] == "RuntimeError"
    assert line["error_text"].startswith("raised at test_observe.py, line")


def test_an_error_of_many_lines_is_one_line_of_the_log(
    pim: AkeneoClient, state: SqliteState, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = ProductMapping(
        Article, Article.number.to(Cell[str]("nowhere")), Article.name.to(Cell[str]("not_here_either"))
    )
    with pytest.raises(PreflightFailed) as caught:
        ErpToPim(ListErp([row(1)]), wrong, pim, state, observers=[LogObserver()]).run()
    assert "\n" in str(caught.value)
    (line,) = records(caplog)
    assert "\n" not in line["message"]
    assert "not_here_either" in line["message"]


def test_a_json_line_is_one_line_whatever_is_in_it() -> None:
    try:
        raise ValueError("two\nlines")  # noqa: TRY301 - to have a traceback
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("a.b", logging.ERROR, "x.py", 7, "seen %s", ("half \ud800\n\x00",), info)
    record.run_id, record.value = "4f2c", {1, 2}
    line = JsonLines().format(record)
    assert "\n" not in line
    assert line.isascii()
    told = json.loads(line)
    assert list(told) == ["time", "level", "logger", "message", "run_id", "value", "exception"]
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "a.b", "seen half \ud800\n\x00")
    assert (told["run_id"], told["value"]) == ("4f2c", "{1, 2}")
    assert told["exception"].endswith("ValueError: two\nlines")
    assert told["time"].endswith("+00:00")
