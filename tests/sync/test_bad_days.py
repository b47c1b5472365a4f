"""What goes wrong around a run: a PIM that is away, an ERP that fails in the middle, calls that fail at random."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.erp import Cursor, ErpItem, Page
from akeneo_erp_bridge.errors import BridgeError, ErpUnreachable, PimBroken, PimUnreachable, RateLimited
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, SyncReport, VariantReport, VariantsToPim
from akeneo_erp_bridge.testing import Fault, PimSimulator
from pim_process import QUICK, served
from rich_shirts import MAPPING, Rich, RichShirts, content, filled, put
from shaky import KINDS, Shaky, Side
from shirts import Shirt, Shirts
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
SHIRTS, STEPS = 120, (0, 3)


def counted(simulator: PimSimulator) -> dict[str, object]:
    """What the PIM holds, and how many products and pictures."""
    there = content(simulator)
    with simulator.client() as pim:
        there["products"] = sum(1 for _ in pim.products.list())
        there["pictures"] = sum(1 for _ in pim.media_files.list())
    return there


def rich_job(
    erp: Shirts, pim: AkeneoClient, state: SqliteState, rows: Path, page_size: int = 500
) -> VariantsToPim[Rich]:
    options = SyncOptions(page_size=page_size)
    return VariantsToPim(erp, MAPPING, pim, state, rows=rows, options=options)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich


@pytest.mark.parametrize(("fault", "calls"), [({"reset": "before"}, 4), ({"reset": "after"}, 2), ({"status": 503}, 4)])
def test_a_picture_whose_answer_is_lost_is_looked_for_and_not_sent_twice(
    tmp_path: Path, fault: dict[str, Any], calls: int
) -> None:
    with filled() as simulator, SqliteState(tmp_path / "state.db") as state:
        simulator.fail_next(Fault(method="POST", path="media-files", times=2, **fault))
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, options=Options(retry=QUICK), transport=simulator.transport()) as pim:
            assert rich_job(put(RichShirts([]), 0, 6), pim, state, tmp_path / "rows.db").run().exit_code == 0
        uploads = [one for one in simulator.calls if one.method == "POST" and "media-files" in one.path]
        assert len(uploads) == calls
        assert counted(simulator)["pictures"] == 2


def undisturbed(folder: Path) -> list[dict[str, object]]:
    """What the PIM holds after each step of a world where nothing fails."""
    ends: list[dict[str, object]] = []
    with filled() as simulator, SqliteState(folder / "calm.db") as state, simulator.client() as pim:
        erp = RichShirts([])
        for step in STEPS:
            assert rich_job(put(erp, step, SHIRTS), pim, state, folder / "calm.rows").run().exit_code == 0
            ends.append(counted(simulator))
    return ends


def in_small_lots(simulator: PimSimulator, shaky: Shaky, attempts: int) -> AkeneoClient:
    """A client that makes many calls, each tried so often."""
    retry = RetryPolicy(
        attempts=attempts, first_pause=timedelta(milliseconds=1), longest_pause=timedelta(milliseconds=5)
    )
    options = Options(retry=retry, batch_lines=3, page_size=3, requests_per_second=10_000.0)
    return AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), options=options, transport=shaky)


def assert_all_was_met(shaky: Shaky, share: float) -> None:
    sides: tuple[Side, Side] = ("read", "write")
    assert shaky.calls >= 400
    assert shaky.failed >= share * shaky.calls
    assert {(side, kind) for side in sides for kind in KINDS} <= shaky.met.keys()


def test_one_call_in_ten_fails_for_a_whole_run(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    found: list[dict[str, object]] = []
    with filled() as simulator, SqliteState(tmp_path / "shaky.db") as state:
        shaky = Shaky(simulator.transport(), random.Random(seed))
        with in_small_lots(simulator, shaky, attempts=9) as pim:
            erp = RichShirts([])
            for step in STEPS:
                report = rich_job(put(erp, step, SHIRTS), pim, state, tmp_path / "shaky.rows", page_size=10).run()
                assert report.accounts_for_everything()
                assert report.exit_code == 0, f"seed {seed}: {report}"
                found.append(counted(simulator))
    assert_all_was_met(shaky, 0.07)
    assert found == undisturbed(tmp_path), f"seed {seed}"


ItemT = TypeVar("ItemT", bound=ErpItem)


class Mood:
    """Of an ERP that is gone at one page in five."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.left: list[bool] = []

    def through(self, pages: Iterator[Page[ItemT]]) -> Iterator[Page[ItemT]]:
        for page in pages:
            self.left = self.left or self.chance.sample([True, False, False, False, False], 5)
            if self.left.pop():
                raise ErpUnreachable("the ERP does not answer")
            yield page


class Again:
    """Starts a run again until one ends well, and notes how the others ended."""

    def __init__(self) -> None:
        self.gave_up: Counter[type[BridgeError]] = Counter()

    def __call__(self, run: Callable[[], SyncReport | VariantReport]) -> None:
        while self.gave_up.total() < 500:
            try:
                report = run()
            except (PimUnreachable, PimBroken, RateLimited, ErpUnreachable) as error:
                self.gave_up[type(error)] += 1
                continue
            assert report.accounts_for_everything()
            assert report.exit_code == 0, report
            return
        pytest.fail("it comes to no end")

    def assert_both_gave_reason(self) -> None:
        assert self.gave_up[ErpUnreachable]
        assert self.gave_up.total() > self.gave_up[ErpUnreachable]


def test_runs_that_give_up_are_started_again_until_one_ends_well(tmp_path: Path) -> None:
    """With two tries a call and an ERP that fails too, most runs do not come to their end."""

    class Moody(RichShirts):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
            yield from mood.through(super().read_items(since, fields=fields, limit=limit))

    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, again = random.Random(seed), Again()
    mood, found = Mood(chance), list[dict[str, object]]()
    with filled() as simulator, SqliteState(tmp_path / "shaky.db") as state:
        shaky = Shaky(simulator.transport(), chance)
        with in_small_lots(simulator, shaky, attempts=2) as pim:
            erp = Moody([])
            for step in STEPS:
                job = rich_job(put(erp, step, SHIRTS), pim, state, tmp_path / "shaky.rows", page_size=10)
                again(job.run)
                found.append(counted(simulator))
    again.assert_both_gave_reason()
    assert_all_was_met(shaky, 0.07)
    assert found == undisturbed(tmp_path), f"seed {seed}"


def test_runs_that_go_on_at_their_cursor_lose_nothing_on_the_way(tmp_path: Path) -> None:
    """Flat items: what a cursor has passed is not read again."""

    class Moody(ListErp):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            yield from mood.through(super().read_items(since, fields=fields, limit=limit))

    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, again = random.Random(seed), Again()
    mood = Mood(chance)
    with fill(PimSimulator()) as simulator, SqliteState(tmp_path / "shaky.db") as state:
        shaky = Shaky(simulator.transport(), chance)
        with in_small_lots(simulator, shaky, attempts=2) as pim:
            erp = Moody([])
            for step in range(3):
                erp.rows = [row(number, name=f"Shirt {number}, {step if number % 2 else 0}") for number in range(600)]
                again(lambda: run(erp, pim, state))
                with simulator.client() as calm:
                    names = [one.values.text("name", locale="en_US") for one in calm.products.list()]
                assert sorted(map(str, names)) == sorted(str(one["name"]) for one in erp.rows), f"seed {seed}"
    again.assert_both_gave_reason()
    assert_all_was_met(shaky, 0.07)
