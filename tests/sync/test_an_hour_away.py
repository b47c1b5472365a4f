"""The PIM is down for an hour of the schedule's clock, then back: the process is killed, and started again at the same place."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import define, field

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth
from akeneo_erp_bridge.sync import (
    Due,
    ErpToPim,
    Every,
    Notify,
    Periodicity,
    ScheduleFile,
    SqliteState,
    SyncOptions,
    SyncReport,
)
from akeneo_erp_bridge.sync._turns._turns import Turns
from akeneo_erp_bridge.testing import PimSimulator
from pim_process import QUICK, served
from webhooks import webhook_served
from world import ListErp, fill, make_mapping, row

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@define
class Outage:
    """Kills the PIM at the first settled page."""

    process: subprocess.Popen[str]

    def __call__(self, boundary: str) -> None:
        if boundary == "state.settled":
            self.process.kill()
            self.process.wait()


@define
class Times:
    """The schedule's clock, which only the test moves."""

    now: datetime = NOON
    tried: list[datetime] = field(factory=list[datetime])

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("changes_meanwhile", [False, True])
def test_an_hour_without_the_pim(tmp_path: Path, changes_meanwhile: bool) -> None:
    erp = ListErp([row(number) for number in range(2000)])  # more than may be under way when the first page is settled
    with PimSimulator(tmp_path / "pim.db") as simulator:
        fill(simulator)
    process, url = served(tmp_path / "pim.db")
    outage, times = Outage(process), Times()
    auth = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")
    with (
        AkeneoClient(url, auth, options=Options(retry=QUICK)) as pim,
        SqliteState(tmp_path / "state.db") as state,
        webhook_served("s3cret") as chat,
    ):
        reports: list[SyncReport] = []
        job = ErpToPim(
            erp, make_mapping(), pim, state,
            options=SyncOptions(page_size=50), observers=[Notify(chat.url, state)], hook=outage,
        )  # fmt: skip

        def due(kind: Due) -> SyncReport:
            times.tried.append(times.now)
            reports.append(job.run())
            return reports[-1]

        turns = Turns(Periodicity(delta=Every(5 * MINUTE)), due, ScheduleFile(tmp_path / "schedule.json"), clock=times)
        with process:
            turns.take()
        assert turns.exit_code == 3
        done = state.ledger_size("products")
        assert 50 <= done < 2000
        while times.now < NOON + timedelta(hours=1):
            times.now = min(turns.next().at, NOON + timedelta(hours=1))
            if changes_meanwhile and len(times.tried) == 5:
                erp.rows[7] = row(7, name="renamed in the dark")
                erp.rows.append(row(2000))
            if times.now < NOON + timedelta(hours=1):
                assert turns.take() is not None
                assert turns.exit_code == 3
        assert len(times.tried) >= 12, "each five minutes at the latest"
        assert len(reports) == 0
        assert not list(state.parked("products")), "no item is at fault"
        assert state.ledger_size("products") == done

        job.hook = lambda _: None
        process, _ = served(tmp_path / "pim.db", int(url.rpartition(":")[2]))
        try:
            turns.take()
            assert turns.exit_code == 0
            assert reports[-1].accounts_for_everything()
            # what had been read before the PIM went is read again by the run after this one
            assert job.run().written == changes_meanwhile
            there = {one.values.text("sku"): one.values.text("name", locale="en_US") for one in pim.products.list()}
            assert len(there) == len(erp.rows)
            assert there["000007"] == erp.rows[7]["name"]
            assert job.run().written == 0
        finally:
            process.kill()
            process.communicate()
    assert len(chat.titles) == 2, chat.titles
    assert "works again" in chat.titles[1], chat.titles
