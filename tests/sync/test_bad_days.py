"""What goes wrong around a run: a PIM that is away, an ERP that fails in the middle, calls that fail at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import ErpUnreachable, PimUnreachable
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, SyncReport, VariantsToPim
from akeneo_erp_bridge.testing import Fault, PimSimulator
from pim_process import QUICK, served
from rich_shirts import MAPPING, RichShirts, content, filled, put
from shaky import Shaky
from world import Article, ListErp, fill, make_mapping, row


def run(erp: ListErp, pim: AkeneoClient, state: SqliteState) -> SyncReport:
    return ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=50)).run()


# ---- the PIM is away ----
def test_a_pim_that_is_away_for_a_while_costs_nothing_but_the_while(tmp_path: Path, state: SqliteState) -> None:
    erp = ListErp([row(number) for number in range(2000)])  # more than may be under way when the first page is settled
    with PimSimulator(tmp_path / "pim.db") as simulator:
        fill(simulator)
    process, url = served(tmp_path / "pim.db")

    def outage(boundary: str) -> None:
        if boundary == "state.settled":
            process.kill()
            process.wait()

    auth = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")
    with AkeneoClient(url, auth, options=Options(retry=QUICK)) as pim:
        options = SyncOptions(page_size=50)
        with process, pytest.raises(PimUnreachable, match="127.0.0.1"):
            ErpToPim(erp, make_mapping(), pim, state, options=options, hook=outage).run()
        assert not list(state.parked("products")), "no item is at fault"
        assert 50 <= state.ledger_size("products") < 2000
        with pytest.raises(PimUnreachable):
            run(erp, pim, state)
        process, _ = served(tmp_path / "pim.db", int(url.rpartition(":")[2]))
        with process:
            assert run(erp, pim, state).accounts_for_everything()
            assert len(list(pim.products.list())) == 2000
            assert run(erp, pim, state).written == 0
            process.terminate()


# ---- the ERP fails ----
class Failing(ListErp):
    """Gives so many pages, then is gone."""

    pages_left: int | None = None

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        for page in super().read_items(since, fields=fields, limit=limit):
            if self.pages_left == 0:
                raise ErpUnreachable("the ERP does not answer")
            self.pages_left = None if self.pages_left is None else self.pages_left - 1
            yield page


def test_an_erp_that_fails_on_page_seven_of_twenty_goes_on_there(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Failing([row(number) for number in range(1000)])
    erp.pages_left = 6
    with pytest.raises(ErpUnreachable):
        run(erp, pim, state)
    assert len(list(pim.products.list())) == 300, "six pages are in the PIM"
    assert state.ledger_size("products") == 300
    erp.pages_left = None
    report = run(erp, pim, state)
    assert (report.read, report.written) == (700, 700), "the other fourteen"
    assert run(erp, pim, state).unchanged == 1000


# ---- calls fail at random ----
def counted(simulator: PimSimulator) -> dict[str, object]:
    """What the PIM holds, and how many products and pictures."""
    there = content(simulator)
    with simulator.client() as pim:
        there["products"] = sum(1 for _ in pim.products.list())
        there["pictures"] = sum(1 for _ in pim.media_files.list())
    return there


@pytest.mark.parametrize(("fault", "calls"), [({"reset": "before"}, 4), ({"reset": "after"}, 2), ({"status": 503}, 4)])
def test_a_picture_whose_answer_is_lost_is_looked_for_and_not_sent_twice(
    tmp_path: Path, fault: dict[str, Any], calls: int
) -> None:
    with filled() as simulator, SqliteState(tmp_path / "state.db") as state:
        simulator.fail_next(Fault(method="POST", path="media-files", times=2, **fault))
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, options=Options(retry=QUICK), transport=simulator.transport()) as pim:
            erp = put(RichShirts([]), 0, 6)
            job = VariantsToPim(erp, MAPPING, pim, state, rows=tmp_path / "rows.db")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
            assert job.run().exit_code == 0
        uploads = [one for one in simulator.calls if one.method == "POST" and "media-files" in one.path]
        assert len(uploads) == calls
        assert counted(simulator)["pictures"] == 2


@pytest.mark.parametrize("step", [0, 3])
def test_one_call_in_ten_fails_for_a_whole_run(tmp_path: Path, step: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    patient = RetryPolicy(attempts=9, first_pause=timedelta(milliseconds=1), longest_pause=timedelta(milliseconds=5))
    found: list[dict[str, object]] = []
    for name in ("calm", "shaky"):
        with filled() as simulator, SqliteState(tmp_path / f"{name}.db") as state:
            shaky = Shaky(simulator.transport(), random.Random(seed))
            transport = simulator.transport() if name == "calm" else shaky
            auth, options = PasswordAuth(**simulator.auth_kwargs), Options(retry=patient)
            with AkeneoClient(simulator.url, auth, options=options, transport=transport) as pim:
                erp = RichShirts([])
                for earlier in range(0, step + 1, 3):
                    put(erp, earlier, 120)
                    job = VariantsToPim(erp, MAPPING, pim, state, rows=tmp_path / f"{name}.rows")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
                    report = job.run()
                    assert report.accounts_for_everything()
                    assert report.exit_code == 0, f"seed {seed}: {report}"
            assert name == "calm" or shaky.failed > 0
            found.append(counted(simulator))
    assert found[0] == found[1], f"seed {seed}"
