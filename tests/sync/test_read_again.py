"""An ERP that tells only what changed: what must be looked at again is read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.commerce import Offer, OfferResult, SqliteSink
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.mapping import clean, lookup
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import COLOUR, COLOURED, NAMED, Changes, Part, Rows, cells, only, part, parts, product, run


def test_a_parked_item_is_remembered_until_it_is_read_again(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Changes(Part, part("X", colour="green"), part("Y"))
    assert run(erp, product(COLOURED), pim, state).parked == 1
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    report = run(erp, product(COLOURED), pim, state)
    assert (report.read, report.parked, report.waiting, report.exit_code) == (0, 0, 1, 1)
    assert "1 item parked earlier and not read now" in str(report)
    report = run(erp, product(COLOURED), pim, state, retry_parked=True)
    assert (report.read, report.created, report.waiting, report.exit_code) == (2, 1, 0, 0)


@pytest.mark.parametrize("kind", [Rows, Changes])
def test_a_mapping_that_changed_reaches_what_was_read_before(
    pim: AkeneoClient, state: SqliteState, kind: type[Rows[Part]]
) -> None:
    erp = kind(Part, part(colour="red"))
    run(erp, product(NAMED), pim, state)
    assert run(erp, product(NAMED, COLOURED), pim, state).updated == 1
    assert cells(only(pim))["colour"] == "red"
    assert run(erp, product(NAMED, COLOURED), pim, state).written == 0


def test_a_structure_that_changed_does_too(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = Changes(Part, part())
    run(erp, product(NAMED), pim, state)
    assert run(erp, product(NAMED), pim, state).read == 0
    simulator.load("/api/rest/v1/families", [{"code": "workwear", "attributes": ["sku"]}])
    assert run(erp, product(NAMED), pim, state).read == 1
    assert run(erp, product(NAMED), pim, state).read == 0


def test_a_table_that_changed_is_another_mapping(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", colour="rot"), part("Y", colour="blau"))

    def mapping(table: dict[str, str]) -> object:
        return product((Part.colour >> clean() >> lookup(table)).to(COLOUR))

    run(erp, mapping({"rot": "blue"}), pim, state)  # type: ignore[arg-type]  # a mapping
    report = run(erp, mapping({"rot": "red", "blau": "blue"}), pim, state)  # type: ignore[arg-type]  # a mapping
    assert (report.created, report.updated, report.parked) == (1, 1, 0)
    assert {one.values.option("colour") for one in pim.products.list()} == {"red", "blue"}


# ---- the account of what is parked ----
def test_what_a_whole_read_no_longer_shows_is_parked_no_longer(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="x" * 300), {"number": "Y"}, {"number": "Z"})
    report = run(erp, product(NAMED), pim, state)
    assert (report.parked, len(list(state.parked("products")))) == (3, 3)
    erp.rows = [part("GOOD")]
    assert run(erp, product(NAMED), pim, state).exit_code == 0
    assert list(state.parked("products")) == []


def test_the_same_bad_row_again_is_still_parked(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", colour="green"), part("X", colour="green"))
    report = run(erp, product(COLOURED), pim, state, page_size=1)
    assert (report.parked, report.unchanged, report.exit_code) == (1, 1, 1)
    assert [one.code for one in state.parked("products")] == ["refused"]
    assert run(erp, product(COLOURED), pim, state, page_size=1).exit_code == 1


# ---- offers ----
class Busy:
    """A shop that refuses offers for a while."""

    def __init__(self) -> None:
        self.shop = SqliteSink(":memory:")
        self.is_busy = True

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        if self.is_busy:
            return [OfferResult(one.key, "the stock service is busy") for one in offers]
        return self.shop.deliver(offers)


@pytest.mark.parametrize("kind", [Rows, Changes])
def test_a_refused_offer_is_sent_again(state: SqliteState, kind: type[Rows[Part]]) -> None:
    erp, shop = kind(Part, part("X", price="2"), part("Y", price="3")), Busy()
    feeds = [Part.price.feed("price")]
    assert HotRelay(erp, feeds, shop, state).run().parked == 2
    shop.is_busy = False
    report = HotRelay(erp, feeds, shop, state).run()
    assert report.accounts_for_everything()
    assert (report.created, report.parked, report.exit_code) == (2, 0, 0)
    assert shop.shop.offer("key of X") == {"price": "2"}
    assert list(state.parked("offers")) == []
    assert HotRelay(erp, feeds, shop, state).run().created == 0


def test_a_feed_that_is_new_reaches_what_was_read_before(state: SqliteState) -> None:
    erp = Changes(Part, part(price="2", stock=3))
    with SqliteSink(":memory:") as shop:
        HotRelay(erp, [Part.price.feed("price")], shop, state).run()
        HotRelay(erp, [Part.price.feed("price"), Part.stock.feed("stock")], shop, state).run()
        assert shop.offer("key of X") == {"price": "2", "stock": "3"}


class Forgetful(Changes[Part]):
    """Knows no cursor of its own any more."""

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Part]]:
        if since is not None:
            raise CursorExpired("410")
        yield from super().read_hot(since, keys=keys)


def test_offers_behind_an_expired_cursor_are_all_compared_and_none_is_sent_twice(state: SqliteState) -> None:
    erp = Forgetful(Part, part("X", price="2"), part("Y", price="x"))
    with SqliteSink(":memory:") as shop:
        relay = HotRelay(erp, [Part.price.feed("price")], shop, state)
        assert (relay.run().created, len(list(state.parked("offers")))) == (1, 1)
        erp.rows = [part("X", price="2"), part("Z", price="4")]
        report = relay.run()
        assert (report.created, report.unchanged, report.parked) == (1, 1, 0)
        assert list(state.parked("offers")) == [], "what the ERP shows no more is done with"


def test_what_the_row_does_not_say_stays_and_what_it_denies_goes(state: SqliteState) -> None:
    feeds = [Part.price.feed("price"), Part.stock.feed("stock")]
    erp = parts(part(price="2", stock=3))
    with SqliteSink(":memory:") as shop:
        HotRelay(erp, feeds, shop, state).run()
        erp.rows = [part(price="4")]
        HotRelay(erp, feeds, shop, state).run()
        assert shop.offer("key of X") == {"price": "4", "stock": "3"}
        erp.rows = [part(price="4", stock=None)]
        HotRelay(erp, feeds, shop, state).run()
        assert shop.offer("key of X") == {"price": "4"}


def test_of_changes_the_last_row_of_a_key_decides_right_or_wrong(state: SqliteState) -> None:
    feeds = [Part.price.feed("price")]
    with SqliteSink(":memory:") as shop:
        erp = Changes(Part, part(price="x"), part(price="2"))
        report = HotRelay(erp, feeds, shop, state).run()
        assert (report.created, report.unchanged, report.parked) == (1, 1, 0)
        assert list(state.parked("offers")) == []
        erp.rows += [part(price="3"), part(price="x")]
        report = HotRelay(erp, feeds, shop, state).run()
        assert (report.updated, report.unchanged, report.parked) == (0, 1, 1)
        assert shop.offer("key of X") == {"price": "2"}
