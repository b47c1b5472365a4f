"""The relay: bursts, order, what is stale, what was refused, how long it took, and its way through a bad day."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import Offer, OfferResult, SqliteSink
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import (
    ConfigurationError,
    ErpRefused,
    ErpUnreachable,
    MappingError,
    SinkError,
    StateError,
    StopAsked,
)
from akeneo_erp_bridge.rules import HotBinding
from akeneo_erp_bridge.sync import Batch, HotRelay, Run, RunObserver, SqliteState, Stop, SyncReport
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from relay_bench import FEEDS, ChangeLog, Offered, OpenShop, Shop, row

MORNING = datetime(2026, 6, 1, 8, tzinfo=UTC)


def ran(relay: HotRelay[Offered]) -> SyncReport:
    report = relay.run()
    assert report.accounts_for_everything(), report
    return report


# ---- bursts and batches ----
def test_of_a_burst_over_many_pages_the_latest_value_is_sent_once(state: SqliteState) -> None:
    erp = ChangeLog(*(row("A", price=n, stock=n) for n in range(50)), row("B", stock=1), page=7)
    shop = Shop()
    report = ran(HotRelay(erp, FEEDS, shop, state, batch=Batch(within=timedelta(minutes=1))))
    assert [[one.key for one in call] for call in shop.calls] == [["A", "B"]]
    assert shop.shows["A"] == {"price": Decimal(49), "available": 49}
    assert (report.read, report.written, report.unchanged) == (51, 2, 49)


def test_of_a_burst_each_feed_keeps_its_latest_value(state: SqliteState) -> None:
    """A row that says nothing of the price does not take the price of the row before away."""
    shop = Shop()
    erp = ChangeLog(row("A", price=1, stock=1), row("A", price=2), row("A", stock=3))
    ran(HotRelay(erp, FEEDS, shop, state))
    assert shop.shows["A"] == {"price": Decimal(2), "available": 3}


def test_no_call_holds_more_keys_than_a_batch(state: SqliteState) -> None:
    erp = ChangeLog(*(row(f"{n:03}", stock=n) for n in range(95)), page=40)
    shop = Shop()
    ran(HotRelay(erp, FEEDS, shop, state, batch=Batch(size=30)))
    assert [len(call) for call in shop.calls] == [30, 10, 30, 10, 15]
    with pytest.raises(ConfigurationError, match="one key at least"):
        Batch(size=0)


def test_a_batch_goes_when_its_time_has_come(state: SqliteState) -> None:
    erp = ChangeLog(row("A", stock=1), row("B", stock=1), row("C", stock=1), page=1)
    erp.before_page = lambda: time.sleep(0.03)
    shop = Shop()
    ran(HotRelay(erp, FEEDS, shop, state, batch=Batch(within=timedelta(milliseconds=20))))
    assert len(shop.calls) >= 2
    assert shop.sent == ["A", "B", "C"]


def test_the_cursor_is_never_ahead_of_what_was_delivered(state: SqliteState) -> None:
    erp = ChangeLog(*(row(f"{n:03}", stock=n) for n in range(100)), page=10)
    shop = Shop()
    relay = HotRelay(erp, FEEDS, shop, state, batch=Batch(size=20))

    def third_call() -> None:
        shop.is_down = len(shop.calls) == 2

    erp.before_page = third_call
    with pytest.raises(SinkError):
        relay.run()
    assert state.cursor("offers", relay._courier.context) == Cursor("sequence", "40")
    shop.is_down, erp.before_page = False, lambda: None
    ran(relay)
    assert erp.read_from[-1] == 40
    assert sorted(shop.sent) == [f"{n:03}" for n in range(100)]


def test_the_cursor_waits_for_all_parts_of_a_page(state: SqliteState) -> None:
    erp = ChangeLog(*(row(f"{n:03}", stock=n) for n in range(100)), page=50)

    class Tiring(Shop):
        def deliver(self, offers: object) -> object:
            self.is_down = len(self.calls) == 3
            return super().deliver(offers)

    shop = Tiring()
    relay = HotRelay(erp, FEEDS, shop, state, batch=Batch(size=10))
    with pytest.raises(SinkError):
        relay.run()
    assert state.cursor("offers", relay._courier.context) is None
    shop.calls.append([])
    ran(relay)
    assert sorted(shop.sent) == [f"{n:03}" for n in range(100)], "and what was taken is not sent twice"


# ---- versions ----
@pytest.mark.on_both
def test_versions_count_up_for_each_key(state: StoredState) -> None:
    shop = Shop()
    erp = ChangeLog(row("A", stock=1), row("B", stock=1))
    relay = HotRelay(erp, FEEDS, shop, state)
    ran(relay)
    for n in (2, 3):
        erp.log.append(row("A", stock=n))
        ran(relay)
    assert shop.versions == {"A": [1, 2, 3], "B": [1]}


@pytest.mark.on_both
def test_what_was_sent_and_not_answered_is_sent_again_with_a_greater_version(state: StoredState) -> None:
    """Also where the ERP has meanwhile what the ledger says: nobody knows what the shop has."""
    shop = Shop()
    erp = ChangeLog(row("A", stock=1))
    ran(HotRelay(erp, FEEDS, shop, state))

    class Lost(Shop):
        def deliver(self, offers: object) -> object:
            shop.deliver(offers)
            raise SinkError("the answer was lost")

    erp.log.append(row("A", stock=2))
    with pytest.raises(SinkError):
        HotRelay(erp, FEEDS, Lost(), state).run()
    assert shop.shows["A"] == {"available": 2}
    erp.log.append(row("A", stock=1))
    assert ran(HotRelay(erp, FEEDS, shop, state)).updated == 1
    assert shop.shows["A"] == {"available": 1}
    assert shop.versions["A"] == [1, 2, 3]
    assert ran(HotRelay(erp, FEEDS, shop, state)).read == 0


def test_what_was_sent_and_not_answered_is_not_forgotten_with_its_column(state: SqliteState) -> None:
    erp, shop = ChangeLog(row("A", price=1, stock=1)), Shop()
    ran(HotRelay(erp, FEEDS, shop, state))
    erp.log.append(row("A", price=2))
    shop.is_down = True
    with pytest.raises(SinkError):
        HotRelay(erp, FEEDS, shop, state).run()
    shop.is_down = False
    erp.log[-1] = row("A", stock=5)  # the ERP says nothing of the price now
    ran(HotRelay(erp, FEEDS, shop, state))
    assert shop.shows["A"] == {"price": Decimal(2), "available": 5}


# ---- what is stale ----
@pytest.mark.parametrize("kind", ["moment", "number"])
@pytest.mark.on_both
def test_a_stale_row_never_takes_the_place_of_a_newer_one(state: StoredState, kind: str) -> None:
    stamp = Offered.changed if kind == "moment" else Offered.serial

    def at(n: int, key: str = "A") -> dict[str, object]:
        return row(key, stock=n, changed=MORNING + timedelta(minutes=n), serial=n)

    late = {**at(3), "price": 1}
    shop, erp = Shop(), ChangeLog(at(5), late, at(4, "B"))
    relay = HotRelay(erp, FEEDS, shop, state, stamp=stamp)
    ran(relay)
    assert shop.shows == {"A": {"available": 5}, "B": {"available": 4}}, "within a batch"
    erp.log += [at(4), at(2, "B")]
    report = ran(HotRelay(erp, FEEDS, shop, state, stamp=stamp))
    assert (report.read, report.unchanged) == (2, 2), "across runs"
    erp.log += [at(6)]
    ran(HotRelay(erp, FEEDS, shop, state, stamp=stamp))
    assert shop.shows["A"] == {"available": 6}


def test_a_stamp_counts_also_where_the_value_stayed(state: SqliteState) -> None:
    """One, two, one: the two that comes late is older than the second one."""
    shop = Shop()
    erp = ChangeLog(row("A", stock=1, serial=1))
    relay = HotRelay(erp, FEEDS, shop, state, stamp=Offered.serial)
    ran(relay)
    erp.log += [row("A", stock=1, serial=3)]
    assert ran(relay).unchanged == 1
    erp.log += [row("A", stock=2, serial=2)]
    assert ran(relay).unchanged == 1
    assert shop.shows["A"] == {"available": 1}


def test_what_was_sent_and_not_answered_counts_as_newer(state: SqliteState) -> None:
    shop = Shop()
    erp = ChangeLog(row("A", stock=5, serial=5))
    shop.is_down = True
    with pytest.raises(SinkError):
        HotRelay(erp, FEEDS, shop, state, stamp=Offered.serial).run()
    shop.is_down = False
    erp.log[0] = row("A", stock=4, serial=4)
    assert ran(HotRelay(erp, FEEDS, shop, state, stamp=Offered.serial)).unchanged == 1
    assert shop.sent == []


def test_a_wrong_stamp_parks_one_far_ahead_is_not_believed_and_none_is_no_trouble(state: SqliteState) -> None:
    shop = Shop()
    erp = ChangeLog(row("A", stock=1, changed="2099-01-01T00:00:00+00:00"), row("B", stock=1, changed="now"))
    relay = HotRelay(erp, FEEDS, shop, state, stamp=Offered.changed)
    report = ran(relay)
    assert [str(one) for one in report.parked_items] == [
        "B: stamp: changed: holds 'now', which is not a moment with a time zone (ISO 8601); "
        "declare the field as str and parse it, or clean it"
    ]
    erp.log += [row("A", stock=2, changed=datetime.now(UTC)), row("B", stock=2, changed=None)]
    ran(relay)
    assert shop.shows == {"A": {"available": 2}, "B": {"available": 2}}


# ---- zero, missing, withdrawn, deleted ----
def test_zero_missing_withdrawn_and_deleted(state: SqliteState) -> None:
    shop = Shop()
    erp = ChangeLog(*(row(key, price=5, stock=5) for key in "ABCD"))
    relay = HotRelay(erp, FEEDS, shop, state)
    ran(relay)
    erp.log += [row("A", price=0, stock=0), row("B", stock=6), row("C", price=None)]
    erp.dead = ["D", "never heard of"]
    report = ran(relay)
    assert shop.shows == {
        "A": {"price": Decimal(0), "available": 0},
        "B": {"price": Decimal(5), "available": 6},
        "C": {"price": None, "available": 5},
        "D": {"price": None, "available": None},
    }
    assert (report.read, report.updated, report.tombstoned) == (3, 3, 2)
    erp.dead = ["D"]
    calls = len(shop.calls)
    assert ran(relay).tombstoned == 1
    assert len(shop.calls) == calls, "it is withdrawn once"
    erp.log += [row("D", price=5, stock=5)]
    ran(relay)
    assert shop.shows["D"] == {"price": Decimal(5), "available": 5}


def test_a_deletion_that_the_shop_refuses_is_told_and_tried_again(state: SqliteState) -> None:
    shop, erp = Shop(), ChangeLog(row("A", stock=5))
    relay = HotRelay(erp, FEEDS, shop, state)
    ran(relay)
    erp.dead, shop.refuses = ["A"], {"A": "busy"}
    report = ran(relay)
    assert (report.undeleted, report.exit_code) == (1, 1)
    assert "the ERP deleted it, and the shop refused it: busy" in str(report)


def test_a_feed_that_is_caught_is_given_up_alone(state: SqliteState) -> None:
    shop = Shop()
    feeds = [Offered.price.catch().feed("price"), Offered.stock.feed("available")]
    report = ran(HotRelay(ChangeLog(row("A", price="x", stock=1)), feeds, shop, state))
    assert shop.shows["A"] == {"available": 1}
    assert (report.written, report.skipped) == (1, 1)
    assert "price: price: holds 'x'" in str(report.skipped_cells[0])


def test_a_number_that_is_none_is_parked(state: SqliteState) -> None:
    feeds = [Offered.price.map(lambda _: Decimal("NaN")).feed("price")]
    report = ran(HotRelay(ChangeLog(row("A", price=1)), feeds, Shop(), state))
    assert "NaN is no number to count with" in str(report)


def test_names_that_stand_twice_are_refused(state: SqliteState) -> None:
    with pytest.raises(MappingError, match="given twice: price"):
        HotRelay(ChangeLog(), [HotBinding(Offered.price, "price")] * 2, Shop(), state)


# ---- parked ----
def test_a_refused_offer_is_sent_again_in_each_run_until_it_is_taken(state: SqliteState) -> None:
    shop, erp = Shop(), ChangeLog(row("A", stock=1), row("B", stock=1))
    shop.refuses = {"A": "unknown article"}
    relay = HotRelay(erp, FEEDS, shop, state)
    assert ran(relay).parked == 1
    assert ran(relay).parked == 1
    assert shop.sent == ["A", "B", "A"]
    shop.refuses = {}
    assert ran(relay).created == 1
    assert list(state.parked("offers")) == []


# ---- whose the stream is ----
def test_a_stream_of_a_sync_is_no_relays(state: SqliteState) -> None:
    """Its ledger tells of products, and a relay's of offers."""
    state.bind("products", "Article items of the PIM", claim=True)
    shop = OpenShop()
    relay = HotRelay(ChangeLog(row("A", stock=1)), FEEDS, shop, state, stream="products")
    for work in (relay.run, relay.reconcile, relay.follow):
        with pytest.raises(
            StateError, match="remembers Article items of the PIM, and this run is for offers to a shop"
        ):
            work()
    assert shop.calls == []
    assert state.ledger_size("products") == 0


# ---- latency ----
def test_latency_is_from_the_stamp_where_there_was_an_offer_before(state: SqliteState) -> None:
    erp, shop = ChangeLog(row("A", stock=1, changed=MORNING)), Shop()
    relay = HotRelay(erp, FEEDS, shop, state, stamp=Offered.changed)
    first = ran(relay).latency
    assert first is not None
    assert first.longest < timedelta(seconds=60), "the first offer of a key is not as old as its stamp"
    erp.log += [row("A", stock=2, changed=datetime.now(UTC) - timedelta(seconds=90))]
    second = ran(relay)
    assert second.latency is not None
    assert timedelta(seconds=85) < second.latency.p50 <= second.latency.longest < timedelta(seconds=150)
    assert second.latency.count == 1
    assert "to the shop: half of 1 offers within" in str(second)
    assert ran(relay).latency is None, "nothing was delivered"


# ---- follow ----
class Rounds(RunObserver):
    def __init__(self, stop: Stop, last: int) -> None:
        self.reports: list[SyncReport] = []
        self.failures: list[str] = []
        self.times: list[float] = []
        self.stop, self.last = stop, last

    def ended(self, run: Run, report: SyncReport) -> None:
        self.reports.append(report)
        self.times.append(time.monotonic())
        if len(self.reports) == self.last:
            self.stop.request()

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        self.failures.append(type(error).__name__)
        self.times.append(time.monotonic())


QUICK = timedelta(milliseconds=1)


def test_a_change_in_the_erp_is_in_the_shop_within_a_second(state: SqliteState) -> None:
    stop, shop, erp = Stop(), Shop(), ChangeLog(row("A", stock=1))
    relay = HotRelay(erp, FEEDS, shop, state)
    following = threading.Thread(target=relay.follow, kwargs={"stop": stop, "every": timedelta(milliseconds=50)})
    following.start()
    try:
        for n in range(2, 5):
            erp.log.append(row("A", stock=n))
            changed = time.monotonic()
            while shop.shows.get("A") != {"available": n}:
                assert time.monotonic() - changed < 1
                time.sleep(0.005)
    finally:
        stop.request()
        following.join()
    assert shop.versions["A"] == sorted(shop.versions["A"])


def test_following_outlives_a_shop_and_an_erp_that_are_down(state: SqliteState) -> None:
    stop, shop, erp = Stop(), Shop(), ChangeLog(row("A", stock=1))
    rounds = Rounds(stop, 2)
    troubles = iter([SinkError("down"), ErpUnreachable("down"), SinkError("down"), None])

    def trouble() -> None:
        error = next(troubles, None)
        if error is not None:
            raise error

    erp.before_page = trouble
    HotRelay(erp, FEEDS, shop, state, observers=[rounds]).follow(
        every=QUICK, stop=stop, longest_pause=timedelta(seconds=1)
    )
    assert rounds.failures == ["SinkError", "ErpUnreachable", "SinkError"]
    assert shop.sent == ["A"]
    first, second, third, fourth, _ = rounds.times
    assert second - first >= 0.35, "the pauses double"
    assert third - second >= 0.75
    assert fourth - third >= 0.95, "up to the longest"


def test_what_is_no_outage_ends_it(state: SqliteState) -> None:
    erp = ChangeLog(row("A", stock=1))

    def refuse() -> None:
        raise ErpRefused("no right")

    erp.before_page = refuse
    with pytest.raises(ErpRefused):
        HotRelay(erp, FEEDS, Shop(), state).follow(every=QUICK)


def test_what_the_shop_refused_is_not_sent_each_round(state: SqliteState) -> None:
    """A reader of everything meets it each time; it is sent again when it changes, or when it is time to."""
    stop, shop, erp = Stop(), Shop(), ChangeLog(row("A", stock=1), row("B", stock=1))
    shop.refuses = {"A": "unknown article"}

    class Everything(ChangeLog):
        def read_hot(self, since: Cursor | None, *, keys: object) -> object:
            yield Page([Offered(one) for one in erp.log], (), Cursor("snapshot", ""))

    rounds = Rounds(stop, 6)
    HotRelay(Everything(), FEEDS, shop, state, observers=[rounds]).follow(every=QUICK, stop=stop)
    assert shop.sent == ["A", "B"]
    assert all(one.parked == 1 and one.accounts_for_everything() for one in rounds.reports)
    assert [one.key for one in state.parked("offers")] == ["A"]
    erp.log[0] = row("A", stock=2)
    HotRelay(Everything(), FEEDS, shop, state, observers=[Rounds(stop := Stop(), 2)]).follow(every=QUICK, stop=stop)
    assert shop.sent == ["A", "B", "A"]


def test_asked_to_end_it_does_so_behind_the_batch_under_way(state: SqliteState) -> None:
    stop, erp = Stop(), ChangeLog(*(row(f"{n:03}", stock=n) for n in range(100)), page=10)

    class Asking(Shop):
        def deliver(self, offers: object) -> object:
            stop.request()
            return super().deliver(offers)

    shop = Asking()
    HotRelay(erp, FEEDS, shop, state, batch=Batch(size=10)).follow(stop=stop)
    assert len(shop.sent) == 10
    ran(HotRelay(erp, FEEDS, shop, state))
    assert sorted(shop.sent) == [f"{n:03}" for n in range(100)]
    HotRelay(erp, FEEDS, shop, state).follow(stop=stop)  # asked before it began
    with pytest.raises(StopAsked):
        stop.check()


# ---- reconciliation ----
def test_the_shop_is_compared_with_the_erp_and_repaired(state: SqliteState) -> None:
    shop = OpenShop()
    erp = ChangeLog(*(row(key, price="9.90", stock=5) for key in "ABCDE"))
    relay = HotRelay(erp, FEEDS, shop, state, batch=Batch(size=2))
    ran(relay)
    shop.shows["A"]["price"] = Decimal("9.9")  # the same
    shop.shows["B"]["price"] = Decimal("0.99")
    shop.shows["C"]["available"] = None
    del shop.shows["D"]
    erp.log += [row("F", price=1, stock=1), row("G", price="x", stock=1)]
    assert ran(relay).created == 1, "the run does not see what somebody changed in the shop"
    del shop.shows["F"]
    found = relay.reconcile()
    assert (found.read, found.right, found.repaired, found.added, found.parked) == (7, 2, 4, 0, 1)
    assert found.unknown == 3, "D and F, and G, which is wrong in the ERP"
    assert shop.shows["B"] == {"price": Decimal("9.90"), "available": 5}
    assert set(shop.shows) == set("ABCDEF")
    assert str(found).startswith(
        "offers: 7 compared = 2 right + 4 repaired + 0 added + 1 parked; 3 unknown to the shop"
    )
    assert found.exit_code == 1
    again = relay.reconcile()
    assert (again.right, again.repaired, again.added) == (6, 0, 0)
    assert ran(relay).read == 1, "the parked one; the cursor stayed where it was"


def test_what_the_shop_has_already_is_learned_without_a_call(state: SqliteState) -> None:
    """A state that was lost: nothing is sent that is there."""
    shop = OpenShop()
    shop.shows = {"A": {"price": Decimal(1), "available": 1}}
    relay = HotRelay(ChangeLog(row("A", price=1, stock=1)), FEEDS, shop, state)
    assert relay.reconcile().right == 1
    assert ran(relay).unchanged == 1
    assert shop.calls == []


def test_an_offer_that_was_left_open_is_closed_by_a_look_at_the_shop(state: SqliteState) -> None:
    shop, erp = OpenShop(), ChangeLog(row("A", stock=1))
    shop.is_down = True
    relay = HotRelay(erp, FEEDS, shop, state)
    with pytest.raises(SinkError):
        relay.run()
    shop.is_down = False
    shop.shows = {"A": {"available": 1}}
    assert relay.reconcile().right == 1
    assert state.intents("offers", [ErpKey("A")]) == {}
    assert shop.calls == []
    erp.log.append(row("A", stock=2))
    ran(relay)
    assert shop.versions["A"] == [2]


def test_a_sink_that_cannot_tell_is_named(state: SqliteState) -> None:
    with pytest.raises(ConfigurationError, match=r"Shop cannot tell what its shop shows; reconcile\(\) needs"):
        HotRelay(ChangeLog(), FEEDS, Shop(), state).reconcile()


def test_a_shop_that_fails_in_the_middle_keeps_what_was_repaired(state: SqliteState, tmp_path: Path) -> None:
    with SqliteSink(tmp_path / "shop.db") as shop:
        calls: list[int] = []

        class Flaky:
            def deliver(self, offers: list[Offer]) -> list[OfferResult]:
                calls.append(len(offers))
                if len(calls) == 2:
                    raise SinkError("down")
                return list(shop.deliver(offers))

            def read_offers(self, keys: list[ErpKey]) -> list[Offer]:
                return list(shop.read_offers(keys))

        erp = ChangeLog(*(row(f"{n:03}", stock=n) for n in range(60)), page=20)
        relay = HotRelay(erp, FEEDS, Flaky(), state, batch=Batch(size=20))
        with pytest.raises(SinkError):
            relay.reconcile()
        assert len(shop) == 20
        found = relay.reconcile()
        assert (found.right, found.added, found.repaired) == (20, 40, 0)
