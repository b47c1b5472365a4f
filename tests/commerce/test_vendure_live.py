"""`VendureSink` and a real Vendure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce import (
    HotSink,
    Offer,
    OfferPrice,
    OfferValue,
    PriceList,
    ShopKey,
    ShopLogin,
    Stock,
    StockLevel,
    VendureSink,
)
from akeneo_erp_bridge.commerce._shops import _vendure
from akeneo_erp_bridge.erp import ErpItem, SqlAdapter, cold, hot
from akeneo_erp_bridge.errors import ConfigurationError, SinkError
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from akeneo_erp_bridge.testing.sinks import InterruptedTransport, Interruptions, ShopWorld, SinkConformance
from shop_faults import Between, reset, status
from shop_worlds import KEYS, VendureWorld, started, stopped

EUR, USD, GBP = CurrencyCode("EUR"), CurrencyCode("USD"), CurrencyCode("GBP")
MAIN = "Default Stock Location"
SOON = (timedelta(milliseconds=1),) * 3
SECRET = "a password that is nowhere"


@pytest.fixture(scope="module")
def vendure() -> Iterator[VendureWorld]:
    world = VendureWorld(started("vendure"))
    yield world
    world.http.close()
    stopped("vendure")


def sink_of(world: VendureWorld, between: httpx.BaseTransport | None = None, **settings: Any) -> VendureSink:
    login = settings.pop("login", ShopLogin(world.facts["username"], world.facts["password"]))
    settings = {"currency": EUR, "location": MAIN, "pauses": SOON, **settings}
    return VendureSink(world.facts["url"], login, transport=between, **settings)


def error_of(sink: VendureSink, key: str, **values: OfferValue) -> str | None:
    (result,) = sink.deliver([Offer(ErpKey(key), values)])
    assert result.key == key
    return result.error


class Sold(ErpItem):
    number = cold(str, "number", key=True)
    price = hot(Decimal, "price")
    stock = hot(int, "stock")


FEEDS = [Sold.price.feed("price"), Sold.stock.feed("available")]


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A SQL ERP that has prices of forty items of the shop."""
    database = sqlite3.connect(tmp_path / "erp.db")
    database.execute("CREATE TABLE item (number TEXT PRIMARY KEY, price NUMERIC, stock INTEGER)")
    database.executemany("INSERT INTO item VALUES (?, '30.5', 9)", [(key,) for key in KEYS[200:240]])
    database.commit()
    yield database
    database.close()


def test_a_price_of_the_erp_is_in_the_shop_after_one_run_and_the_pim_hears_nothing(
    vendure: VendureWorld,
    erp: sqlite3.Connection,
    tmp_path: Path,
    state: SqliteState,
    simulator: PimSimulator,
    pim: AkeneoClient,
) -> None:
    pim.sign_in()
    simulator.forget_calls()
    between = Between()
    with sink_of(vendure, between) as sink:
        relay = HotRelay(SqlAdapter(f"sqlite:///{tmp_path}/erp.db", Sold, table="item"), FEEDS, sink, state)
        report = relay.run()
        assert (report.written, report.parked) == (40, 0), report
        changed, other = KEYS[217], KEYS[218]
        erp.execute("UPDATE item SET price = 27.35, stock = 4 WHERE number = ?", (changed,))
        erp.commit()
        between.calls.clear()
        report = relay.run()
        assert report.written == 1
        assert len(between.calls) == 1, "one mutation: the sign-in and the ids are known"
        assert relay.run().written == 0
        assert len(between.calls) == 1
    assert vendure.prices([changed, other]) == [Decimal("27.35"), Decimal("30.5")]
    assert vendure.stocks([changed, other]) == [4, 9]
    assert simulator.calls == []


def test_forty_new_offers_cost_four_calls(vendure: VendureWorld) -> None:
    between = Between()
    with sink_of(vendure, between) as sink:
        results = sink.deliver([Offer(key, {"price": Decimal(31), "available": 2}) for key in KEYS[:40]])
        assert all(one.ok for one in results)
    assert len(between.calls) == 4, "sign in, what the shop is like, the ids, the mutation"


# ---- prices ----
def listed(**amounts: Any) -> PriceList:
    return PriceList(tuple(OfferPrice(Decimal(amount), CurrencyCode(code)) for code, amount in amounts.items()))


def test_a_price_list_in_two_currencies(vendure: VendureWorld) -> None:
    key = KEYS[8]
    with sink_of(vendure, currencies=[USD]) as sink:
        assert error_of(sink, key, price=listed(EUR="12.34", USD="14.56", CHF="99")) is None
        assert sink.read_offers([key])[0].values["price"] == listed(EUR="12.34", USD="14.56")
    assert (vendure.prices([key]), vendure.other_price(key)) == ([Decimal("12.34")], Decimal("14.56"))


def test_a_price_with_tax_is_not_sent_to_a_channel_without(vendure: VendureWorld) -> None:
    key = KEYS[8]
    before = vendure.prices([key])
    with sink_of(vendure) as sink:
        error = error_of(sink, key, price=PriceList((OfferPrice(Decimal(50), EUR, tax_included=True),)))
    assert error is not None
    assert "50 EUR is with tax, and this shop's prices are without" in error
    assert vendure.prices([key]) == before


def test_one_currency_cannot_end_alone_because_vendure_would_sell_for_nothing(vendure: VendureWorld) -> None:
    key = KEYS[9]
    with sink_of(vendure, currencies=[USD]) as sink:
        assert error_of(sink, key, price=listed(EUR=5, USD=6)) is None
        error = error_of(sink, key, price=listed(EUR=7))
    assert error is not None
    assert "no price in USD any more" in error
    assert (vendure.prices([key]), vendure.other_price(key)) == ([Decimal(5)], Decimal(6))


def test_a_price_that_ends_is_refused_unless_the_sink_may_switch(vendure: VendureWorld) -> None:
    key = KEYS[10]
    with sink_of(vendure) as sink:
        assert error_of(sink, key, price=Decimal(3)) is None
        error = error_of(sink, key, price=None)
        assert error is not None
        assert "allow it with switch=True" in error
        assert vendure.prices([key]) == [Decimal(3)]
    with sink_of(vendure, switch=True) as sink:
        assert error_of(sink, key, price=None) is None
        assert vendure.prices([key]) == [None]
        assert error_of(sink, key, available=5) is None, "stock alone does not switch it on"
        assert vendure.prices([key]) == [None]
    with sink_of(vendure) as sink:  # without the right, what is off stays off
        assert error_of(sink, key, price=Decimal(4)) is None
        assert vendure.prices([key]) == [None]
    with sink_of(vendure, switch=True) as sink:
        assert error_of(sink, key, price=Decimal(4)) is None
    assert vendure.prices([key]) == [Decimal(4)]


def test_a_currency_that_the_channel_does_not_sell_in(vendure: VendureWorld) -> None:
    with (
        sink_of(vendure, currency=GBP) as sink,
        pytest.raises(ConfigurationError, match="does not sell in GBP, but in EUR, USD"),
    ):
        error_of(sink, KEYS[0], price=Decimal(1))


# ---- stock ----
def test_stock_goes_to_the_place_of_each_location(vendure: VendureWorld) -> None:
    key = KEYS[11]
    stock = Stock((StockLevel("WH1", Decimal(8), reserved=Decimal(3)), StockLevel("WH2", Decimal(2))))
    with sink_of(vendure, location=None, locations={"WH1": MAIN, "WH2": "Second warehouse"}) as sink:
        assert error_of(sink, key, available=stock) is None
        assert sink.read_offers([key])[0].values["available"] == Stock(
            (StockLevel("WH1", Decimal(5)), StockLevel("WH2", Decimal(2)))
        )
    assert (vendure.stocks([key]), vendure.stocks([key], "2")) == ([5], [2])


@pytest.mark.parametrize("settings", [{"location": None}, {"location": "Third"}, {"locations": {"WH1": "Third"}}])
def test_a_place_that_is_not_clear(vendure: VendureWorld, settings: dict[str, Any]) -> None:
    with (
        sink_of(vendure, **settings) as sink,
        pytest.raises(ConfigurationError, match=r"'Default Stock Location' \(1\), 'Second warehouse' \(2\)"),
    ):
        error_of(sink, KEYS[0], available=1)


def test_a_sink_of_prices_alone_needs_no_place(vendure: VendureWorld) -> None:
    with sink_of(vendure, location=None, stock=None) as sink:
        assert error_of(sink, KEYS[17], price=Decimal(43)) is None
        assert sink.read_offers([KEYS[17]])[0].values == {"price": Decimal(43)}
        assert "'available' has no place in this shop, which takes 'price'" in (
            error_of(sink, KEYS[17], available=1) or ""
        )


# ---- which variant ----
@pytest.fixture
def twin(vendure: VendureWorld) -> Iterator[tuple[str, str]]:
    """A second variant with the SKU of another: its SKU and its id."""
    made = vendure.admin(
        """mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }""",
        i={"translations": [{"languageCode": "en", "name": "Twin", "slug": "twin", "description": ""}]},
    )["createProduct"]["id"]
    variant = {
        "productId": made,
        "sku": KEYS[12],
        "price": 100,
        "translations": [{"languageCode": "en", "name": "Twin"}],
    }
    query = "mutation($i: [CreateProductVariantInput!]!) { createProductVariants(input: $i) { id } }"
    (one,) = vendure.admin(query, i=[variant])["createProductVariants"]
    yield KEYS[12], one["id"]
    vendure.admin("mutation($id: ID!) { deleteProduct(id: $id) { result } }", id=made)


def test_two_variants_of_one_sku_are_told_with_both_ids(vendure: VendureWorld, twin: tuple[str, str]) -> None:
    sku, second = twin
    with sink_of(vendure) as sink:
        results = sink.deliver([Offer(ErpKey(sku), {"price": Decimal(1)}), Offer(KEYS[13], {"price": Decimal(33)})])
    assert results[0].error == f"'{sku}' is the SKU of several variants (13, {second}); give each its own in the shop"
    assert results[1].ok
    assert vendure.prices([KEYS[13]]) == [Decimal(33)]


def test_a_variant_that_was_made_anew_is_found_and_one_that_is_gone_is_told(vendure: VendureWorld) -> None:
    make = "mutation($i: [CreateProductVariantInput!]!) { createProductVariants(input: $i) { id } }"
    delete = "mutation($id: ID!) { deleteProductVariant(id: $id) { result } }"
    product = vendure.admin(
        "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }",
        i={"translations": [{"languageCode": "en", "name": "Brief", "slug": "article-BRIE", "description": ""}]},
    )["createProduct"]["id"]
    variant = {
        "productId": product,
        "sku": "ERP-BRIEF",
        "price": 1,
        "translations": [{"languageCode": "en", "name": "B"}],
    }
    offers = [Offer(key, {"price": Decimal(34)}) for key in (*KEYS[300:349], ErpKey("ERP-BRIEF"))]
    between = Between()
    with sink_of(vendure, between) as sink:
        (first,) = vendure.admin(make, i=[variant])["createProductVariants"]
        assert all(one.ok for one in sink.deliver(offers))
        vendure.admin(delete, id=first["id"])
        vendure.admin(make, i=[variant])
        between.calls.clear()
        assert all(one.ok for one in sink.deliver([Offer(one.key, {"price": Decimal(35)}) for one in offers]))
        # refused as a whole, then in halves until one line is alone: 1 + 2 log2(50); then looked up and sent again
        assert len(between.calls) <= 13 + 2
        assert sink.read_offers([ErpKey("ERP-BRIEF")])[0].values["price"] == Decimal(35)
        vendure.admin("mutation($id: ID!) { deleteProduct(id: $id) { result } }", id=product)
        results = sink.deliver([Offer(one.key, {"price": Decimal(36)}) for one in offers])
        assert [one.error for one in results if not one.ok] == ["'ERP-BRIEF' is not known to the shop"]
    assert vendure.prices(KEYS[300:349]) == [Decimal(36)] * 49


def test_a_shop_that_takes_smaller_bodies_gets_them_in_halves(
    vendure: VendureWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vendure answers a body of more than 100 KB with an HTTP 500 without a word."""
    monkeypatch.setattr(_vendure, "_MOST", 10_000)
    monkeypatch.setattr(_vendure, "_MOST_BYTES", 10_000_000)
    between = Between()
    keys = KEYS[:900]
    with sink_of(vendure, between, location="1") as sink:
        sink.read_offers(keys)
        between.calls.clear()
        assert all(one.ok for one in sink.deliver([Offer(key, {"price": Decimal(37), "available": 7}) for key in keys]))
    assert len(between.calls) == 3, "all, and two halves"
    assert vendure.prices(keys) == [Decimal(37)] * 900


# ---- signing in ----
def test_a_sign_in_that_has_ended_is_renewed_once(vendure: VendureWorld) -> None:
    between = Between()
    with sink_of(vendure, between) as sink:
        assert error_of(sink, KEYS[14], price=Decimal(38)) is None
        token = sink._shop._signature
        assert token is not None
        httpx.post(vendure.facts["url"], json={"query": "mutation { logout { success } }"}, headers=dict(token))
        vendure.sign_in()  # Vendure ends all sessions of the user
        between.calls.clear()
        assert error_of(sink, KEYS[14], price=Decimal(39)) is None
    assert len(between.calls) == 3, "refused, signed in, taken"
    assert vendure.prices([KEYS[14]]) == [Decimal(39)]


def test_a_wrong_password_is_told_without_it(vendure: VendureWorld) -> None:
    with (
        sink_of(vendure, login=ShopLogin("superadmin", "guessed")) as sink,
        pytest.raises(SinkError, match="refused user 'superadmin'; check the user name and the password") as caught,
    ):
        error_of(sink, KEYS[0], price=Decimal(1))
    assert "guessed" not in f"{caught.value!r}"


def test_an_api_key_signs_each_call(vendure: VendureWorld) -> None:
    query = """mutation { createApiKey(input: {translations: [{languageCode: en, name: "sync"}], roleIds: ["1"]}) {
        apiKey } }"""
    key = vendure.admin(query)["createApiKey"]["apiKey"]
    between = Between()
    with sink_of(vendure, between, login=ShopKey(key)) as sink:
        assert error_of(sink, KEYS[15], price=Decimal(40)) is None
    assert len(between.calls) == 3, "no sign-in"
    assert vendure.prices([KEYS[15]]) == [Decimal(40)]
    with (
        sink_of(vendure, login=ShopKey("wrong")) as sink,
        pytest.raises(SinkError, match="It needs the right to change products"),
    ):
        error_of(sink, KEYS[15], price=Decimal(41))


# ---- a bad day ----
@pytest.mark.parametrize(
    "faults", [[reset], [status(502), status(503)], [status(429, Retry_After="0"), status(504), reset]]
)
def test_faults_that_pass_change_nothing(vendure: VendureWorld, faults: Sequence[Any]) -> None:
    with sink_of(vendure, Between(*faults)) as sink:
        assert error_of(sink, KEYS[16], price=Decimal(42), available=1) is None
    assert vendure.prices([KEYS[16]]) == [Decimal(42)]


# ---- the laws of all sinks ----
class TestLaws(SinkConformance):
    secrets = (SECRET,)
    withdrawn_stock = 0  # Vendure knows no place that keeps none

    @pytest.fixture(autouse=True)
    def shop(self, vendure: VendureWorld) -> None:
        self.world = vendure

    def make_world(self) -> ShopWorld:
        return self.world

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        return sink_of(self.world, InterruptedTransport(httpx.HTTPTransport(), interruptions), switch=True)

    def make_unreachable_sink(self) -> HotSink:
        return VendureSink("http://127.0.0.1:9/admin-api", ShopLogin("erp", SECRET), currency=EUR, pauses=SOON)
