"""`OscarSink` and a real django-oscar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce import HotSink, Offer, OfferPrice, OfferValue, OscarSink, PriceList, ShopKey, ShopLogin
from akeneo_erp_bridge.errors import ConfigurationError, SinkError
from akeneo_erp_bridge.mapping import decimal
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from akeneo_erp_bridge.testing.sinks import InterruptedTransport, Interruptions, ShopWorld, SinkConformance
from shop_faults import Between, reset, status
from shop_worlds import KEYS, OscarWorld, started, stopped
from world import Article, ListErp, row

EUR, USD = CurrencyCode("EUR"), CurrencyCode("USD")
SOON = (timedelta(milliseconds=1),) * 3
SECRET = "a password that is nowhere"


@pytest.fixture(scope="module")
def oscar() -> Iterator[OscarWorld]:
    world = OscarWorld(started("oscar"))
    yield world
    world.http.close()
    stopped("oscar")


def sink_of(world: OscarWorld, between: httpx.BaseTransport | None = None, **settings: Any) -> OscarSink:
    login = settings.pop("login", ShopLogin(world.facts["username"], world.facts["password"]))
    return OscarSink(world.facts["url"], login, transport=between, **{"currency": EUR, "pauses": SOON, **settings})


def error_of(sink: OscarSink, key: str, **values: OfferValue) -> str | None:
    (result,) = sink.deliver([Offer(ErpKey(key), values)])
    assert result.key == key
    return result.error


@pytest.fixture(scope="module")
def admin(oscar: OscarWorld) -> httpx.Client:
    """The shop's back office."""
    user = {"username": oscar.facts["username"], "password": oscar.facts["password"]}
    oscar.http.headers["Authorization"] = f"Token {oscar.http.post('/token/', json=user).json()['token']}"
    return oscar.http


def test_a_price_and_a_stock_of_the_erp_are_in_the_shop_after_one_run(oscar: OscarWorld, state: SqliteState) -> None:
    rows = [row(number, number=KEYS[number], price=f"{number},50", stock=number) for number in range(1, 12)]
    feeds = [(Article.price >> decimal("de_DE")).feed("price"), Article.stock.feed("available")]
    between = Between()
    with sink_of(oscar, between) as sink:
        assert HotRelay(ListErp(rows), feeds, sink, state).run().written == 11
        rows[6] = {**rows[6], "price": "77,25", "stock": 70}
        between.calls.clear()
        assert HotRelay(ListErp(rows), feeds, sink, state).run().written == 1
        assert len(between.calls) == 1, "price and stock are one call, and the record is known"
    assert oscar.prices([KEYS[7], KEYS[8]]) == [Decimal("77.25"), Decimal("8.5")]
    assert oscar.stocks([KEYS[7], KEYS[8]]) == [70, 8]
    available = oscar.http.get(f"/products/{oscar.product(KEYS[7])}/availability/").json()
    assert (available["is_available_to_buy"], available["num_available"]) == (True, 70)


def test_an_item_without_a_price_or_a_stock_cannot_be_bought(oscar: OscarWorld) -> None:
    url = f"{oscar.facts['url']}/products/{oscar.product(KEYS[20])}/"

    def bought() -> int:
        return httpx.post(f"{oscar.facts['url']}/basket/add-product/", json={"url": url, "quantity": 1}).status_code

    with sink_of(oscar) as sink:
        assert error_of(sink, KEYS[20], price=Decimal(9), available=9) is None
        assert bought() == 200
        assert error_of(sink, KEYS[20], price=None) is None
        assert bought() == 500, "Oscar's own view fails: it has no price to add"
        assert error_of(sink, KEYS[20], price=Decimal(9), available=None) is None
        assert bought() == 406
        available = httpx.get(f"{url}availability/").json()
        assert (available["is_available_to_buy"], available["message"]) == (False, "Unavailable")


def test_a_typing_error_makes_no_second_stock_record(oscar: OscarWorld) -> None:
    before = oscar.rows("SELECT count(*) FROM partner_stockrecord")
    with sink_of(oscar) as sink:
        keys = [ErpKey("ERP-0006-RSS"), ErpKey("erp-0006-rs"), ErpKey(""), ErpKey("../1"), KEYS[21]]
        results = sink.deliver([Offer(key, {"price": Decimal(5), "available": 5}) for key in keys])
    assert [one.ok for one in results] == [False, False, False, False, True]
    assert all(repr(one.key) in str(one.error) for one in results[:4])
    assert oscar.rows("SELECT count(*) FROM partner_stockrecord") == before


def test_several_connections_write_at_once_and_no_more_than_are_allowed(oscar: OscarWorld) -> None:
    between = Between()
    with sink_of(oscar, between, workers=3) as sink:
        for price in (1, 2, 3):  # of one item in order: the last counts
            offers = [Offer(key, {"price": Decimal(number)}) for key in KEYS[40:70] for number in (price + 10, price)]
            assert all(one.ok for one in sink.deliver(offers))
    assert between.most_at_once == 3
    assert between.calls.count("PATCH /api/admin/products/") == 30, "each is looked up once"
    assert len([call for call in between.calls if "stockrecords" in call]) == 90, "each is written once in a delivery"
    assert set(oscar.prices(KEYS[40:70])) == {Decimal(3)}


def test_a_currency_that_is_not_that_of_the_record_is_refused(oscar: OscarWorld) -> None:
    before = oscar.prices([KEYS[22]])
    with sink_of(oscar, currency=USD) as sink:
        error = error_of(sink, KEYS[22], price=Decimal(1))
    assert error == f"the price is in USD, and the shop's stock record of '{KEYS[22]}' in EUR"
    assert oscar.prices([KEYS[22]]) == before


def test_the_tax_of_a_list_is_that_of_the_settings(oscar: OscarWorld) -> None:
    with_tax = PriceList((OfferPrice(Decimal(60), EUR, tax_included=True),))
    with sink_of(oscar) as sink:
        assert "60 EUR is with tax" in (error_of(sink, KEYS[23], price=with_tax) or "")
    with sink_of(oscar, prices_include_tax=True) as sink:
        assert error_of(sink, KEYS[23], price=with_tax) is None
    assert oscar.prices([KEYS[23]]) == [Decimal(60)]


def test_each_partner_has_a_record_of_its_own(oscar: OscarWorld, admin: httpx.Client) -> None:
    made = admin.post("/admin/partners/", json={"name": "Second", "code": "second", "users": []})
    assert made.status_code == 201, made.text
    try:
        with sink_of(oscar) as sink, pytest.raises(ConfigurationError, match="several places of stock: 'main'"):
            error_of(sink, KEYS[24], available=1)
        with sink_of(oscar, location="second") as sink:
            error = error_of(sink, KEYS[24], available=1)
            assert error is not None
            assert "and has: none; mend it in Oscar's dashboard" in error
        partner = {
            "partner": made.json()["url"],
            "partner_sku": f"2-{KEYS[24]}",
            "price_currency": "EUR",
            "price": "9.00",
        }
        answer = admin.patch("/admin/products/", json={"upc": KEYS[24], "stockrecords": [partner]})
        assert answer.status_code == 200, answer.text
        with sink_of(oscar, location="main", locations={"WH1": "main", "WH2": "second"}) as sink:
            assert error_of(sink, KEYS[24], price=Decimal(4), available=6) is None
        with sink_of(oscar, location="second") as sink:
            assert error_of(sink, KEYS[24], available=3) is None
            assert sink.read_offers([KEYS[24]])[0].values == {"price": Decimal(9), "available": 3}
        query = "SELECT partner_sku, price, num_in_stock FROM partner_stockrecord WHERE partner_sku LIKE ? ORDER BY id"
        assert oscar.rows(query, f"%{KEYS[24]}") == [(KEYS[24], 4, 6), (f"2-{KEYS[24]}", 9, 3)]
    finally:
        for (number,) in oscar.rows("SELECT id FROM partner_stockrecord WHERE partner_sku = ?", f"2-{KEYS[24]}"):
            admin.delete(f"/admin/stockrecords/{number}/").raise_for_status()
        admin.delete(f"/admin/partners/{made.json()['url'].rstrip('/').rpartition('/')[2]}/").raise_for_status()


def test_a_record_that_was_made_anew_is_found_and_one_that_is_gone_is_told(
    oscar: OscarWorld, admin: httpx.Client
) -> None:
    key = KEYS[25]
    partner = {"partner": f"{oscar.facts['url']}/admin/partners/1/", "partner_sku": key, "price_currency": "EUR"}
    with sink_of(oscar) as sink:
        assert error_of(sink, key, price=Decimal(5)) is None
        ((old,),) = oscar.rows("SELECT id FROM partner_stockrecord WHERE partner_sku = ?", key)
        admin.delete(f"/admin/stockrecords/{old}/").raise_for_status()
        assert "and has: none" in (error_of(sink, key, price=Decimal(6)) or "")
        admin.patch("/admin/products/", json={"upc": key, "stockrecords": [partner]}).raise_for_status()
        assert error_of(sink, key, price=Decimal(7), available=2) is None
        assert sink.read_offers([key])[0].values == {"price": Decimal(7), "available": 2}


def test_a_token_that_has_ended_is_renewed_once(oscar: OscarWorld) -> None:
    def old_token(request: httpx.Request) -> httpx.Response | None:
        if "stockrecords" not in request.url.path:
            return None
        headers = {**request.headers, "authorization": "Token of-yesterday"}
        return httpx.patch(request.url, content=request.content, headers=headers)  # the shop's own refusal

    between = Between(old_token)
    with sink_of(oscar, between) as sink:
        assert error_of(sink, KEYS[26], available=9) is None
    assert [call.rpartition("/api/")[2] for call in between.calls][-2:-1] == ["token/"]
    assert oscar.stocks([KEYS[26]]) == [9]


def test_a_shop_without_tokens_is_signed_with_http_basic(oscar: OscarWorld) -> None:
    between = Between(status(404))
    with sink_of(oscar, between) as sink:
        assert error_of(sink, KEYS[27], available=11) is None
    assert oscar.stocks([KEYS[27]]) == [11]


def test_a_token_signs_each_call(oscar: OscarWorld, admin: httpx.Client) -> None:
    token = admin.headers["Authorization"].removeprefix("Token ")
    between = Between()
    with sink_of(oscar, between, login=ShopKey(token)) as sink:
        assert error_of(sink, KEYS[28], available=12) is None
    assert len(between.calls) == 3, "partners, the product, its record"


def test_a_wrong_password_is_told_without_it(oscar: OscarWorld) -> None:
    login = ShopLogin("admin", "guessed")
    with sink_of(oscar, login=login) as sink, pytest.raises(SinkError, match="refused user 'admin'") as caught:
        error_of(sink, KEYS[0], price=Decimal(1))
    assert "guessed" not in f"{caught.value!r}"


@pytest.mark.parametrize(
    "faults", [[reset], [status(502), status(503)], [status(429, Retry_After="0"), status(504), reset]]
)
def test_faults_that_pass_change_nothing(oscar: OscarWorld, faults: list[Any]) -> None:
    with sink_of(oscar, Between(*faults)) as sink:
        assert error_of(sink, KEYS[29], price=Decimal(42), available=1) is None
    assert oscar.prices([KEYS[29]]) == [Decimal(42)]


# ---- the laws of all sinks ----
class TestLaws(SinkConformance):
    secrets = (SECRET,)
    several_currencies = False  # a stock record has one
    large_batch = 200  # two calls for each

    @pytest.fixture(autouse=True)
    def shop(self, oscar: OscarWorld) -> None:
        self.world = oscar

    def make_world(self) -> ShopWorld:
        return self.world

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        return sink_of(self.world, InterruptedTransport(httpx.HTTPTransport(), interruptions))

    def make_unreachable_sink(self) -> HotSink:
        return OscarSink("http://127.0.0.1:9/api", ShopLogin("erp", SECRET), currency=EUR, pauses=SOON)
