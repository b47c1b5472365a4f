"""The clock is set back, during a run and between runs: nothing is out of order, and nothing takes less than no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.sync import (
    Brakes,
    ErpToPim,
    HotRelay,
    LedgerEntry,
    Plan,
    RunRecord,
    Settled,
    SqliteState,
    SyncOptions,
    _state,
    engine,
    hot_relay,
)
from akeneo_erp_bridge.sync._plans import _apply, _planner
from akeneo_erp_bridge.sync._stored import _stored_state
from akeneo_erp_bridge.sync._telling import _announce
from world import Article, ListErp, make_mapping, row

AHEAD = datetime(2036, 6, 1, tzinfo=UTC)


class Backward(datetime):
    """A clock that goes back by an hour each time somebody looks at it."""

    moment = AHEAD

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # always aware here
        cls.moment -= timedelta(hours=1)
        return cls.moment


@pytest.fixture
def backward(monkeypatch: pytest.MonkeyPatch) -> type[Backward]:
    monkeypatch.setattr(Backward, "moment", AHEAD)
    for module in (_announce, engine, hot_relay, _state):
        monkeypatch.setattr(module, "datetime", Backward)
    return Backward


def test_a_clock_that_goes_back_during_runs(pim: AkeneoClient, state: SqliteState, backward: type[Backward]) -> None:
    rows = [row(number, weight="heavy" if number == 3 else "0,250") for number in range(30)]
    job = ErpToPim(ListErp(rows), make_mapping(), pim, state, options=SyncOptions(page_size=10))
    reports = [job.run() for _ in range(3)]
    assert all(one.accounts_for_everything() and one.took >= timedelta(0) for one in reports)
    assert all(one.waits_for is None or one.waits_for >= timedelta(0) for one in reports)
    runs = list(state.runs("products"))
    assert [one.counts["created"] for one in runs] == [0, 0, 29], "the run that was recorded last comes first"
    assert all(one.ended is not None and one.ended >= one.started for one in runs)
    (parked,) = state.parked("products")
    assert parked.since is not None
    assert parked.since <= runs[0].started, "it waits since the latest run, as far as that clock can tell"


def test_a_relay_takes_no_less_than_no_time(state: SqliteState, backward: type[Backward]) -> None:
    with SqliteSink(":memory:") as sink:
        report = HotRelay(ListErp([row(1), row(2)]), [Article.stock.feed("available")], sink, state).run()
    assert (report.created, report.took >= timedelta(0)) == (2, True)


def test_a_clock_that_was_ten_years_ahead_holds_no_reference_price_back(
    pim: AkeneoClient, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp = ListErp([row(1)])
    with monkeypatch.context() as ahead:
        ahead.setattr(Backward, "moment", AHEAD)
        ahead.setattr(engine, "datetime", Backward)
        ErpToPim(erp, make_mapping(), pim, state).run()
    stamps = state.entries("products", [ErpKey("000001")])[ErpKey("000001")].stamps
    assert str(stamps["msrp"]).startswith("2036")
    erp.rows[0]["price"] = "19,90"
    report = ErpToPim(erp, make_mapping(), pim, state).run()
    assert [one.cell for one in report.references] == ["msrp"], "a moment to come is no age"
    erp.rows[0]["price"] = "29,90"
    assert ErpToPim(erp, make_mapping(), pim, state).run().references == (), "now the stamp is of this clock"


@pytest.mark.on_both
def test_what_is_gone_is_gone_since_the_first_moment_that_can_be(state: SqliteState) -> None:
    entry = LedgerEntry(ErpKey("1"), "f", "c", "r", gone=True)
    now = datetime.now(UTC)
    for at in (now + timedelta(days=9000), now - timedelta(days=20), now - timedelta(days=2)):
        state.settle("products", Settled(entries=[entry], at=at))
    assert state.compact(gone_older_than=timedelta(days=30)).gone == 0
    assert state.compact(gone_older_than=timedelta(days=10)).gone == 1, "since twenty days, not two, and not to come"


def test_a_plan_made_by_a_clock_that_was_ahead_is_applied_by_one_that_goes_back(
    pim: AkeneoClient, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new item, a changed one, and one that is gone: what moved is told by what is there, never by when."""
    erp = ListErp([row(1), row(2)])
    job = ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(brakes=Brakes(deleted_share=1.0)))
    job.run()
    erp.rows, erp.dead = [row(1, name="Anew"), row(3)], ["000002"]
    with monkeypatch.context() as wrong:
        wrong.setattr(Backward, "moment", AHEAD)
        for module in (_announce, _apply, _planner, _state, engine):
            wrong.setattr(module, "datetime", Backward)
        plan = Plan.from_json(job.plan(reads="all").to_json())
        assert plan.made_at is not None
        assert plan.made_at.year == 2036
        erp.rows.append(row(4))
        report = job.apply(plan)
    assert (report.created, report.updated, report.tombstoned, report.parked, report.undeleted) == (1, 1, 1, 0, 0)
    assert report.accounts_for_everything()
    assert report.took >= timedelta(0)
    report = job.run(reads="all")
    assert (report.unchanged, report.created, report.tombstoned) == (2, 1, 0), "by the clock that is right"


@pytest.mark.on_both
def test_what_a_clock_that_was_ahead_wrote_down_is_dropped_in_its_time(
    state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set back, the clock sees runs and deletions to come: they are of no age, and stay."""
    now = datetime.now(UTC)
    for stream, at in (("products", AHEAD), ("products", now - timedelta(days=2)), ("old", now - timedelta(days=40))):
        state.settle(stream, Settled(entries=[LedgerEntry(ErpKey(f"{at}"), "f", "c", f"{at}", gone=True)], at=at))
        for number in range(2):
            state.record_run(RunRecord(f"{at} {number}", stream, at, at, {}))
    dropped = state.compact(runs_older_than=timedelta(days=30), gone_older_than=timedelta(days=30))
    assert (dropped.runs, dropped.gone) == (1, 1), "of what is old; the last run of a stream stays"
    monkeypatch.setattr(Backward, "moment", AHEAD + timedelta(days=31))
    monkeypatch.setattr(_stored_state, "datetime", Backward)
    dropped = state.compact(runs_older_than=timedelta(days=30), gone_older_than=timedelta(days=30))
    assert (dropped.runs, dropped.gone) == (3, 2)
