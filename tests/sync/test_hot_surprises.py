"""Hot rows that no ERP should have, and shops that misbehave."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import Offer, OfferResult, SqliteSink
from akeneo_erp_bridge.errors import SinkError
from akeneo_erp_bridge.mapping import decimal
from akeneo_erp_bridge.sync import Batch, HotRelay, SqliteState
from world import Article, ListErp, row

FEEDS = [(Article.price >> decimal("de_DE")).feed("price"), Article.stock.feed("available")]


def test_hostile_rows_are_parked_and_the_good_ones_are_offered(state: SqliteState) -> None:
    rows = [
        row(1),
        row(2, price="NaN"),
        row(3, price=None),
        row(4, stock="x"),
        row(5, stock=None),
        row(7, number=None),
        row(1, stock=99),
        row(8, stock=10**30),
        row(9, stock=True),
        row(10, stock=Decimal("5.5")),
    ]
    with SqliteSink(":memory:") as shop:
        relay = HotRelay(ListErp(rows), FEEDS, shop, state)
        report = relay.run()
        assert report.accounts_for_everything()
        assert (report.written, report.parked, report.unchanged) == (4, 6, 0)
        assert shop.offer("000001") == {"available": "1", "price": "9.90"}, "the first row counts"
        assert shop.offer("000003") == {"available": "3"}
        assert shop.offer("") == {}
        again = relay.run()
        assert again.accounts_for_everything()
        assert (again.written, again.parked) == (0, 6)


class Down:
    """A shop that is down at its second call."""

    def __init__(self) -> None:
        self.calls = 0
        self.taken: list[ErpKey] = []

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        self.calls += 1
        if self.calls == 2:
            raise SinkError("the shop is down")
        self.taken += [one.key for one in offers]
        return [OfferResult(one.key) for one in offers]


def test_a_shop_that_was_down_gets_the_rest_and_nothing_twice(state: SqliteState) -> None:
    shop = Down()
    relay = HotRelay(ListErp([row(number) for number in range(300)]), FEEDS, shop, state, batch=Batch(size=100))
    with pytest.raises(SinkError):
        relay.run()
    report = relay.run()
    assert report.accounts_for_everything()
    assert sorted(shop.taken) == sorted(f"{number:06d}" for number in range(300))


class Rude:
    """A shop that answers for what it was not sent."""

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        return [OfferResult(ErpKey("nobody")), *(OfferResult(one.key) for one in offers)]


class Forgetful:
    """A shop that answers for all but the last."""

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        return [OfferResult(one.key) for one in offers[:-1]]


def test_an_answer_for_something_else_is_an_error_of_the_sink(state: SqliteState) -> None:
    with pytest.raises(SinkError, match="answered for 'nobody', which was not sent"):
        HotRelay(ListErp([row(1)]), FEEDS, Rude(), state).run()
    assert state.ledger_size("offers") == 0


def test_an_offer_without_an_answer_is_parked_and_sent_again(state: SqliteState) -> None:
    erp = ListErp([row(1), row(2)])
    report = HotRelay(erp, FEEDS, Forgetful(), state).run()
    assert (report.written, report.parked) == (1, 1)
    with SqliteSink(":memory:") as shop:
        assert HotRelay(erp, FEEDS, shop, state).run().written == 1
        assert list(state.parked("offers")) == []
