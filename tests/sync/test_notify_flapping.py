"""A failure that comes and goes is told once a day, and one that comes back to stay within an hour; whatever the clock did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import define

from akeneo_erp_bridge.errors import ErpRefused, PimUnreachable
from akeneo_erp_bridge.sync import Notify, Run, SqliteState, Tally
from webhooks import Webhook, webhook_served

DOWN = PimUnreachable("no answer within 30 s")
START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with webhook_served("s3cret-of-the-test") as hook:
        yield hook


@define
class Days:
    """Runs on a clock of the test's, one each ten minutes."""

    webhook: Webhook
    state: SqliteState
    again_after: timedelta | None = timedelta(days=1)
    now: datetime = START

    def run(self, *errors: Exception | None) -> list[str]:
        """A process for each run; `None` is one that works. Gives the titles of what was told."""
        before = len(self.webhook.got)
        for error in errors:
            notify = Notify(self.webhook.url, self.state, again_after=self.again_after, clock=lambda: self.now)
            run = Run(id="r", stream="products", mode="run", started=self.now)
            report = Tally(read=3, unchanged=3).report("products", timedelta(0))
            notify.ended(run, report) if error is None else notify.failed(run, error, report)
            self.now += timedelta(minutes=10)
        return [one.partition("products: ")[2] for one in self.webhook.titles[before:]]


@pytest.fixture
def days(webhook: Webhook, state: SqliteState) -> Days:
    return Days(webhook, state)


def test_a_pim_that_comes_and_goes_is_told_once_a_day(days: Days, webhook: Webhook) -> None:
    assert days.run(*[DOWN, None] * 72) == ["the run failed", "works again"]
    assert days.run(*[DOWN, None] * 72) == ["the run failed, again", "works again"]
    assert webhook.got[2]["message"].endswith("\nIt failed again, 72 times since 2026-03-02 00:00 UTC.")
    assert days.run(*[DOWN, None] * 72) == ["the run failed, again", "works again"]


def test_another_failure_among_those_that_come_and_go_is_told_at_once(days: Days) -> None:
    refused = ErpRefused("no right to read table 'articles'")
    days.run(*[DOWN, None] * 3)
    assert days.run(refused, None, DOWN, None, refused) == ["the run failed", "works again"]


@pytest.mark.parametrize("again_after", [timedelta(days=1), None])
def test_a_failure_that_comes_back_and_stays_is_told_within_an_hour(days: Days, again_after: timedelta | None) -> None:
    days.again_after = again_after
    days.run(DOWN, None)
    assert days.run(*[DOWN] * 6) == []
    assert days.run(DOWN) == ["the run failed, again"]
    assert days.run(*[DOWN] * 100) == []
    assert days.run(None, None) == ["works again"]


@pytest.mark.parametrize("again_after", [timedelta(days=1), None])
def test_a_day_without_failures_ends_the_matter(days: Days, state: SqliteState, again_after: timedelta | None) -> None:
    days.again_after = again_after
    days.run(DOWN, *[None] * 145)
    assert state.trouble("products") is None
    assert days.run(DOWN, None) == ["the run failed", "works again"]


def test_an_end_that_nobody_took_is_told_by_the_next_run(days: Days, webhook: Webhook) -> None:
    days.run(DOWN)
    webhook.status = 500
    days.run(None)
    webhook.status = 200
    assert days.run(None, None) == ["works again"]


@pytest.mark.parametrize("ahead", [timedelta(hours=5), timedelta(days=30_000)])
def test_what_a_clock_that_was_ahead_had_told_silences_nothing(days: Days, ahead: timedelta) -> None:
    days.now += ahead
    assert days.run(DOWN) == ["the run failed"]
    days.now = START
    assert days.run(DOWN, DOWN) == ["the run failed, still"]
    assert days.run(*[DOWN] * 141) == []
    assert days.run(*[DOWN] * 3) == ["the run failed, still"], "a day later, by the clock that is right"
    assert days.run(None, None) == ["works again"]


@pytest.mark.parametrize("ahead", [timedelta(hours=5), timedelta(days=30_000)])
def test_a_clock_that_was_ahead_at_the_end_of_a_trouble_silences_nothing(days: Days, ahead: timedelta) -> None:
    days.now += ahead
    days.run(DOWN, None)
    days.now = START
    assert days.run(DOWN, None, None) == ["the run failed", "works again"]
