"""Two rows of one key on the way to a shop: in a snapshot the first one counts, of changes the later one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from akeneo_erp_bridge.erp import Choice, CsvAdapter, Cursor, CursorKind, Page
from akeneo_erp_bridge.errors import SinkError
from akeneo_erp_bridge.sync import Batch, HotRelay, Run, RunObserver, SqliteState, Stop, SyncReport
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._words import TWICE
from bench_erp import Stopped, dying_after
from relay_bench import FEEDS, ChangeLog, Offered, OpenShop, Raw, Shop, row

SMALL = Batch(size=1)


class Whole:
    """Shows all its rows each time, some a page; with `goes_on` it begins where the cursor says."""

    kind: CursorKind = "snapshot"

    def __init__(self, *rows: Raw, page: int = 100, goes_on: bool = True) -> None:
        self.rows = list(rows)
        self.page = page
        self.goes_on = goes_on
        self.before_page: Callable[[int], None] = lambda _: None
        self.asked: list[list[str]] = []

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Offered]]:
        if keys is not None:
            self.asked.append(list(keys))
            yield Page([Offered(one) for one in self.rows if one["number"] in keys], (), Cursor(self.kind, ""))
            return
        start = int(since.blob) if since is not None and since.blob else 0
        while start < len(self.rows):
            self.before_page(start)
            end = start + self.page
            blob = str(end) if self.goes_on and end < len(self.rows) else ""
            yield Page([Offered(one) for one in self.rows[start:end]], (), Cursor(self.kind, blob))
            start = end


class Chooser(ChangeLog):
    """Tells changes, and can be asked for some items: it answers with what is in `table`."""

    def __init__(self, *rows: Raw, page: int = 100) -> None:
        super().__init__(*rows, page=page)
        self.table: list[Raw] = []
        self.choices: list[Choice] = []

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Offered]]:
        assert choice.path == "number"
        assert {"price", "stock", "number"} <= fields
        self.choices.append(choice)
        yield Page([Offered(one) for one in self.table], (), Cursor("snapshot", ""))


def ran(relay: HotRelay[Offered]) -> SyncReport:
    report = relay.run()
    assert report.accounts_for_everything(), report
    return report


class Rounds(RunObserver):
    """Ends it after some rounds."""

    def __init__(self, stop: Stop, last: int) -> None:
        self.reports: list[SyncReport] = []
        self.stop, self.last = stop, last

    def ended(self, run: Run, report: SyncReport) -> None:
        self.reports.append(report)
        if len(self.reports) == self.last:
            self.stop.request()


def waiting(state: StoredState) -> dict[str, str]:
    return {str(one.key): one.code for one in state.parked("offers")}


TWINS = (row("A", price=100), row("B", price=5), row("A", price=1))


# ---- snapshots ----
@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize("batch", [SMALL, Batch()])
@pytest.mark.on_both
def test_of_two_rows_in_a_snapshot_the_first_counts_and_the_second_is_parked(
    state: StoredState, page: int, batch: Batch
) -> None:
    shop = Shop()
    relay = HotRelay(Whole(*TWINS, page=page), FEEDS, shop, state, batch=batch)
    for written in (2, 0):
        report = ran(relay)
        assert (report.read, report.written, report.unchanged, report.parked) == (3, written, 2 - written, 1)
        assert (report.exit_code, report.parked_items[0].code) == (1, "duplicate")
        assert str(report.parked_items[0]) == f"A: {TWICE}"
        assert shop.shows["A"] == {"price": Decimal(100)}
        assert waiting(state) == {"A": "duplicate"}
    assert shop.sent == ["A", "B"]


@pytest.mark.parametrize("page", [1, 2])
def test_what_the_shop_refuses_is_told_beside_and_not_sent_each_round(state: SqliteState, page: int) -> None:
    shop, stop = Shop(), Stop()
    shop.refuses = {"A": "unknown article"}
    rounds = Rounds(stop, 4)
    relay = HotRelay(Whole(*TWINS, page=page), FEEDS, shop, state, batch=SMALL, observers=[rounds])
    relay.follow(every=timedelta(milliseconds=1), stop=stop)
    assert shop.sent == ["A", "B"]
    assert all(one.parked == 2 and one.accounts_for_everything() for one in rounds.reports)
    assert waiting(state) == {"A": "refused"}
    shop.refuses = {}
    assert (ran(relay).created, waiting(state)) == (1, {"A": "duplicate"})


def test_the_file_of_a_newcomer(tmp_path: Path, state: SqliteState) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("number,name,price\nA,drill,100\nB,saw,5\nA,screw,1\n")
    shop = Shop()
    relay = HotRelay(CsvAdapter(path, Offered), FEEDS[:1], shop, state)
    report = ran(relay)
    assert report.balance == "3 read = 0 unchanged + 2 written + 0 held + 1 parked"
    assert shop.shows["A"] == {"price": Decimal(100)}
    path.write_text("number,name,price\nB,saw,5\nA,screw,1\n")
    assert (ran(relay).exit_code, shop.shows["A"], waiting(state)) == (0, {"price": Decimal(1)}, {})


@pytest.mark.parametrize("page", [1, 3])
def test_the_same_row_again_is_no_duplicate(state: SqliteState, page: int) -> None:
    """Nor is one that differs in what no feed reads."""
    shop = Shop()
    erp = Whole(
        row("A", price=1, name="drill"), row("A", price=1, name="drill"), row("A", price=1, name="x"), page=page
    )
    report = ran(HotRelay(erp, FEEDS, shop, state, batch=SMALL))
    assert (report.written, report.unchanged, report.parked, report.exit_code) == (1, 2, 0, 0)


def test_a_first_row_that_is_wrong_gives_no_way_to_the_second(state: SqliteState) -> None:
    shop = Shop()
    report = ran(HotRelay(Whole(row("A", price="x"), row("A", price=1)), FEEDS, shop, state))
    assert (report.parked, shop.sent, waiting(state)) == (2, [], {"A": "duplicate"})


def test_rows_without_a_key_are_no_rivals(state: SqliteState) -> None:
    report = ran(HotRelay(Whole(row("", price=1), row("", price=2), page=1), FEEDS, Shop(), state))
    assert [one.code for one in report.parked_items] == ["no_key", "no_key"]


@pytest.mark.parametrize("page", [1, 3])
def test_a_comparison_takes_the_first_row_too(state: SqliteState, page: int) -> None:
    shop = OpenShop()
    relay = HotRelay(Whole(*TWINS, page=page), FEEDS, shop, state, batch=SMALL)
    found = relay.reconcile()
    assert (found.read, found.added, found.parked, found.exit_code) == (3, 2, 1, 1)
    shop.shows["A"] = {"price": Decimal(1)}
    assert (relay.reconcile().repaired, shop.shows["A"]) == (1, {"price": Decimal(100)})
    assert waiting(state) == {"A": "duplicate"}


# ---- a stop between two rows ----
@pytest.mark.parametrize("stop_at", [1, 2, 3, 4])
@pytest.mark.on_both
def test_a_second_row_behind_a_stop_is_parked(state: StoredState, stop_at: int) -> None:
    shop = Shop()
    rows = (row("A", price=100), row("W", price="x"), row("B", price=5), row("W", price=3), row("A", price=1))
    erp = Whole(*rows, page=1)
    relay = HotRelay(erp, FEEDS, shop, state, batch=SMALL)

    def stop(start: int) -> None:
        if start == stop_at:
            raise SinkError("the shop is down")

    erp.before_page = stop
    with pytest.raises(SinkError):
        relay.run()
    read: list[int] = []
    erp.before_page = read.append
    report = ran(relay)
    assert read == list(range(stop_at, 5)), "it goes on where it came to"
    assert (shop.shows, report.exit_code) == ({"A": {"price": Decimal(100)}, "B": {"price": Decimal(5)}}, 1)
    assert waiting(state) == {"A": "duplicate", "W": "duplicate"}
    assert shop.sent == ["A", "B"]


@pytest.mark.parametrize("goes_on", [True, False])
def test_what_changed_during_an_outage_is_no_duplicate(state: SqliteState, *, goes_on: bool) -> None:
    """Some readers begin a snapshot anew behind a stop, and show again what was shown before."""
    shop = Shop()
    erp = Whole(*(row(key, price=1) for key in "ABCD"), page=1, goes_on=goes_on)
    relay = HotRelay(erp, FEEDS, shop, state, batch=SMALL)

    def stop(start: int) -> None:
        if start == 2:
            raise SinkError("the shop is down")

    erp.before_page = stop
    with pytest.raises(SinkError):
        relay.run()
    erp.before_page = lambda _: None
    erp.rows = [row("A", price=2), *erp.rows[1:], row("D", price=9)]
    report = ran(relay)
    assert waiting(state) == {"D": "duplicate"}
    assert shop.shows["A"] == {"price": Decimal(1 if goes_on else 2)}, "what was passed, the next run reads"
    assert erp.asked == ([] if goes_on else [["A"]]), "what is as the shop has it needs no question"
    assert ran(relay).parked == report.parked == 1
    assert shop.shows["A"] == {"price": Decimal(2)}


def test_what_a_finished_run_has_shown_is_no_duplicate(state: SqliteState) -> None:
    erp, shop = Whole(row("A", price=1), row("B", price=1), row("C", price=1), page=1), Shop()
    relay = HotRelay(erp, FEEDS, shop, state, batch=SMALL)
    ran(relay)
    erp.rows = [row(key, price=2) for key in "CBA"]
    assert (ran(relay).updated, erp.asked) == (3, [])


# ---- changes ----
@pytest.mark.parametrize("page", [1, 2, 3])
def test_of_two_changes_the_later_one_counts(state: SqliteState, page: int) -> None:
    shop = Shop()
    report = ran(HotRelay(ChangeLog(*TWINS, page=page), FEEDS, shop, state, batch=SMALL))
    assert (report.parked, report.exit_code, shop.shows["A"]) == (0, 0, {"price": Decimal(1)})


@pytest.mark.parametrize("page", [1, 2, 3])
def test_an_erp_that_can_be_asked_tells_a_change_from_a_second_row(state: SqliteState, page: int) -> None:
    shop, erp = Shop(), Chooser(*TWINS, page=page)
    erp.table = [TWINS[2]]
    relay = HotRelay(erp, FEEDS, shop, state, batch=SMALL)
    assert (ran(relay).parked, shop.shows["A"]) == (0, {"price": Decimal(1)})
    assert [one.values for one in erp.choices] == [("A",)], "asked once"
    erp.log += [row("B", price=6), row("C", price=7), row("C", price=8)]
    erp.table = [row("C", price=7), row("C", price=8), row("D", price=1)]
    report = ran(relay)
    assert (report.parked, report.exit_code, shop.shows["C"]) == (1, 1, {"price": Decimal(7)})
    assert waiting(state) == {"C": "duplicate"}


def test_changes_of_different_feeds_are_joined_where_the_erp_is_asked(state: SqliteState) -> None:
    shop, erp = Shop(), Chooser(row("A", price=1, stock=1), row("A", price=2), row("A", stock=3))
    erp.table = [row("A", price=2, stock=3)]
    report = ran(HotRelay(erp, FEEDS, shop, state))
    assert (report.written, report.unchanged, shop.shows["A"]) == (1, 2, {"price": Decimal(2), "available": 3})


def test_a_duplicate_is_asked_for_again_until_the_erp_has_one_row(state: SqliteState) -> None:
    """A reading of changes does not come by it."""
    shop, erp = Shop(), Chooser(*TWINS)
    erp.table = [TWINS[0], TWINS[2]]
    relay = HotRelay(erp, FEEDS, shop, state)
    assert ran(relay).parked == 1
    assert (shop.shows["A"], waiting(state)) == ({"price": Decimal(100)}, {"A": "duplicate"})
    erp.table = [TWINS[2]]
    assert (ran(relay).parked, waiting(state), shop.shows["A"]) == (0, {}, {"price": Decimal(1)})


# ---- a process that dies ----
@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize("changes", [False, True])
def test_whatever_the_boundary_at_which_it_dies_the_first_rows_count(page: int, *, changes: bool) -> None:
    """In a first run, and in one that finds another price of each key in the shop."""
    prices = [("A", 100), ("B", 5), ("W", "x"), ("A", 100), ("C", 6), ("A", 1), ("W", 3), ("D", 7)]
    for boundaries in range(100):
        shop, is_over = Shop(), True
        with SqliteState(":memory:") as state:
            if changes:
                before = Whole(*(row(key, price=50) for key in "ABCDW"))
                ran(HotRelay(before, FEEDS, shop, state, batch=SMALL))
            erp = Whole(*(row(key, price=one) for key, one in prices), page=page)
            try:
                report = ran(HotRelay(erp, FEEDS, shop, state, batch=SMALL, hook=dying_after(boundaries)))
            except Stopped:
                report, is_over = ran(HotRelay(erp, FEEDS, shop, state, batch=SMALL)), False
            assert report.exit_code == 1
            assert waiting(state) == {"A": "duplicate", "W": "duplicate"}, boundaries
            shown = {key: one["price"] for key, one in shop.shows.items()}
            kept = {"W": Decimal(50)} if changes else {}
            assert shown == {"A": Decimal(100), "B": Decimal(5), "C": Decimal(6), "D": Decimal(7), **kept}, boundaries
        if is_over:
            assert boundaries > 5
            return
    raise AssertionError("no run came to its end")
