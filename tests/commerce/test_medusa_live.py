"""`MedusaSink` and a real Medusa."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce import (
    HotSink,
    MedusaSink,
    Offer,
    OfferPrice,
    OfferValue,
    PriceList,
    ShopKey,
    ShopLogin,
    Stock,
    StockLevel,
)
from akeneo_erp_bridge.commerce._shops import _medusa
from akeneo_erp_bridge.errors import ConfigurationError, SinkError
from akeneo_erp_bridge.mapping import decimal
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from akeneo_erp_bridge.testing.sinks import InterruptedTransport, Interruptions, ShopWorld, SinkConformance
from shop_faults import Between, reset, status
from shop_worlds import KEYS, MedusaWorld, started, stopped
from world import Article, ListErp, row

EUR, USD, CHF = CurrencyCode("EUR"), CurrencyCode("USD"), CurrencyCode("CHF")
MAIN, SECOND = "Main warehouse", "Second warehouse"
SOON = (timedelta(milliseconds=1),) * 3
SECRET = "a password that is nowhere"
LEVELS = "/admin/inventory-items/location-levels/batch"


@pytest.fixture(scope="module")
def medusa() -> Iterator[MedusaWorld]:
    world = MedusaWorld(started("medusa"))
    yield world
    world.http.close()
    stopped("medusa")


def sink_of(world: MedusaWorld, between: httpx.BaseTransport | None = None, **settings: Any) -> MedusaSink:
    login = settings.pop("login", ShopLogin(world.facts["username"], world.facts["password"]))
    settings = {"currency": EUR, "location": MAIN, "pauses": SOON, **settings}
    return MedusaSink(world.facts["url"], login, transport=between, **settings)


def error_of(sink: MedusaSink, key: str, **values: OfferValue) -> str | None:
    (result,) = sink.deliver([Offer(ErpKey(key), values)])
    assert result.key == key
    return result.error


def listed(**amounts: Any) -> PriceList:
    return PriceList(tuple(OfferPrice(Decimal(amount), CurrencyCode(code)) for code, amount in amounts.items()))


def test_a_price_and_a_stock_of_the_erp_are_in_the_shop_after_one_run(medusa: MedusaWorld, state: SqliteState) -> None:
    rows = [row(number, number=KEYS[number], price=f"{number},50", stock=number) for number in range(1, 20)]
    feeds = [(Article.price >> decimal("de_DE")).feed("price"), Article.stock.feed("available")]
    between = Between()
    with sink_of(medusa, between) as sink:
        assert HotRelay(ListErp(rows), feeds, sink, state).run().written == 19
        rows[6] = {**rows[6], "price": "77,25", "stock": 70}
        between.calls.clear()
        assert HotRelay(ListErp(rows), feeds, sink, state).run().written == 1
        assert len(between.calls) == 3, "the prices that are there, the price, the stock"
    assert medusa.prices([KEYS[7], KEYS[8]]) == [Decimal("77.25"), Decimal("8.5")]
    assert medusa.stocks([KEYS[7], KEYS[8]]) == [70, 8]


def test_stock_alone_is_one_call_for_all(medusa: MedusaWorld) -> None:
    between = Between()
    with sink_of(medusa, between) as sink:
        sink.read_offers(KEYS[:400])
        between.calls.clear()
        assert all(one.ok for one in sink.deliver([Offer(key, {"available": 12}) for key in KEYS[:400]]))
    assert between.calls == [f"POST {LEVELS}"]
    assert set(medusa.stocks(KEYS[:400])) == {12}


def test_a_price_that_is_there_is_not_written_again(medusa: MedusaWorld) -> None:
    with sink_of(medusa) as sink:
        assert error_of(sink, KEYS[20], price=Decimal("3.30")) is None
    between = Between()
    with sink_of(medusa, between) as sink:
        assert error_of(sink, KEYS[20], price=Decimal("3.3")) is None
    assert [call for call in between.calls if call.endswith("/variants/batch")] == []


# ---- prices ----
@pytest.fixture
def region(medusa: MedusaWorld) -> Iterator[str]:
    made = medusa.post("/admin/regions", {"name": "North", "currency_code": "eur", "countries": []})["region"]["id"]
    yield made
    medusa.http.delete(f"/admin/regions/{made}").raise_for_status()


def prices_of(medusa: MedusaWorld, key: ErpKey) -> set[tuple[str, Decimal, int | None, str | None]]:
    return {
        (one["currency_code"], Decimal(one["amount"]), one["min_quantity"], one["rules"].get("region_id"))
        for one in medusa.variants([key])[key]["prices"]
    }


def write_prices(medusa: MedusaWorld, key: ErpKey, *prices: Any) -> None:
    one = medusa.variants([key])[key]
    body = {"update": [{"id": one["id"], "prices": list(prices)}]}
    medusa.post(f"/admin/products/{one['product_id']}/variants/batch", body)


def test_other_currencies_regions_and_quantities_stay_as_they_are(medusa: MedusaWorld, region: str) -> None:
    key = KEYS[24]
    write_prices(
        medusa, key,
        {"currency_code": "eur", "amount": 10}, {"currency_code": "usd", "amount": 11}, {"currency_code": "gbp", "amount": 8},
        {"currency_code": "eur", "amount": 7.5, "min_quantity": 10}, {"currency_code": "eur", "amount": 9, "rules": {"region_id": region}},
    )  # fmt: skip
    others = {("usd", Decimal(11), None, None), ("gbp", Decimal(8), None, None)}
    others |= {("eur", Decimal("7.5"), 10, None), ("eur", Decimal(9), None, region)}
    with sink_of(medusa) as sink:
        assert error_of(sink, key, price=Decimal("19.99")) is None
        assert prices_of(medusa, key) == others | {("eur", Decimal("19.99"), None, None)}
        assert error_of(sink, key, price=None) is None
    assert prices_of(medusa, key) == others


def test_a_rule_that_the_api_does_not_show_in_full_is_not_written_over(medusa: MedusaWorld) -> None:
    key = KEYS[25]
    rule = {"currency_code": "eur", "amount": 5, "rules": {"customer_tier": "gold"}}
    try:
        write_prices(medusa, key, {"currency_code": "eur", "amount": 10}, rule)
        before = medusa.variants([key])[key]["prices"]
        with sink_of(medusa) as sink:
            error = error_of(sink, key, price=Decimal(12))
        assert error is not None
        assert "a price with a rule for customer_tier" in error
        assert medusa.variants([key])[key]["prices"] == before
    finally:
        write_prices(medusa, key, {"currency_code": "eur", "amount": 10}, {"currency_code": "usd", "amount": 11})


def test_no_variant_beside_is_deleted(medusa: MedusaWorld) -> None:
    article = KEYS[28:32]
    with sink_of(medusa) as sink:
        assert error_of(sink, article[0], price=Decimal(51)) is None
    assert sorted(medusa.variants(article)) == sorted(article)


def test_a_price_list_in_two_currencies(medusa: MedusaWorld) -> None:
    key = KEYS[33]
    with sink_of(medusa, currencies=[USD]) as sink:
        assert error_of(sink, key, price=listed(EUR="12.34", USD="14.56", CHF="99")) is None
        assert sink.read_offers([key])[0].values["price"] == listed(EUR="12.34", USD="14.56")
        assert error_of(sink, key, price=listed(EUR="12.34")) is None, "dollars end"
        assert sink.read_offers([key])[0].values["price"] == listed(EUR="12.34")
    assert medusa.other_price(key) is None


def test_the_tax_of_a_list_is_that_of_the_shop(medusa: MedusaWorld) -> None:
    preferences = medusa.get("/admin/price-preferences", attribute="currency_code", value="usd")["price_preferences"]
    place = f"/admin/price-preferences/{preferences[0]['id']}"
    with_tax = PriceList((OfferPrice(Decimal(60), USD, tax_included=True),))
    with sink_of(medusa, currency=USD) as sink:
        error = error_of(sink, KEYS[34], price=with_tax)
        assert error is not None
        assert "60 USD is with tax, and this shop's prices are without" in error
    medusa.post(place, {"is_tax_inclusive": True})
    try:
        with sink_of(medusa, currency=USD) as sink:
            assert error_of(sink, KEYS[34], price=with_tax) is None
            assert "is without tax" in (error_of(sink, KEYS[34], price=listed(USD=61)) or "")
    finally:
        medusa.post(place, {"is_tax_inclusive": False})
    assert medusa.other_price(KEYS[34]) == Decimal(60)


def test_a_currency_of_no_store_is_refused_though_medusa_would_take_it(medusa: MedusaWorld) -> None:
    with (
        sink_of(medusa, currency=CHF) as sink,
        pytest.raises(ConfigurationError, match="does not sell in CHF, but in EUR, USD"),
    ):
        error_of(sink, KEYS[0], price=Decimal(1))


# ---- stock ----
def delete_level(medusa: MedusaWorld, key: ErpKey, place: str) -> None:
    (item,) = medusa.variants([key])[key]["inventory_items"]
    found = [one["id"] for one in item["inventory"]["location_levels"] if one["location_id"] == medusa.places[place]]
    medusa.post(LEVELS, {"delete": found, "force": True})


def test_a_level_is_made_where_there_is_none(medusa: MedusaWorld) -> None:
    key = KEYS[40]
    delete_level(medusa, key, MAIN)
    with sink_of(medusa) as sink:
        assert error_of(sink, key, available=3) is None
        assert error_of(sink, key, available=4) is None
    assert (medusa.stocks([key]), medusa.stocks([key], SECOND)) == ([4], [3])


def test_levels_that_came_and_went_meanwhile_are_looked_up_again(medusa: MedusaWorld) -> None:
    gone, made, ended = KEYS[41:44]
    delete_level(medusa, made, MAIN)
    with sink_of(medusa) as sink, sink_of(medusa) as other:
        sink.read_offers([gone, made, ended])  # the ids of the levels are known now
        delete_level(medusa, gone, MAIN)
        assert error_of(other, made, available=1) is None
        delete_level(medusa, ended, MAIN)
        assert error_of(other, ended, available=1) is None  # the same place, another level
        assert error_of(sink, ended, available=None) is None
        assert medusa.stocks([ended]) == [None], "Medusa says 'deleted' of an id that it does not have"
        offers = [Offer(gone, {"available": 5}), Offer(made, {"available": 6})]
        assert [one.error for one in sink.deliver(offers)] == [None, None]
    assert medusa.stocks([gone, made]) == [5, 6]


def test_stock_goes_to_the_place_of_each_location(medusa: MedusaWorld) -> None:
    key = KEYS[44]
    stock = Stock((StockLevel("WH1", Decimal(8), reserved=Decimal(3)), StockLevel("WH2", Decimal(2))))
    with sink_of(medusa, location=None, locations={"WH1": MAIN, "WH2": SECOND}) as sink:
        assert error_of(sink, key, available=stock) is None
        assert sink.read_offers([key])[0].values["available"] == Stock(
            (StockLevel("WH1", Decimal(5)), StockLevel("WH2", Decimal(2)))
        )
    assert (medusa.stocks([key]), medusa.stocks([key], SECOND)) == ([5], [2])


def test_places_of_one_item_may_go_in_several_calls(medusa: MedusaWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_medusa, "_MOST", 1)
    key = KEYS[47]
    for place in (MAIN, SECOND):
        delete_level(medusa, key, place)
    stock = Stock((StockLevel("WH1", Decimal(6)), StockLevel("WH2", Decimal(7))))
    with sink_of(medusa, location=None, locations={"WH1": MAIN, "WH2": SECOND}) as sink:
        assert error_of(sink, key, available=stock) is None
    assert (medusa.stocks([key]), medusa.stocks([key], SECOND)) == ([6], [7])


def test_a_variant_of_several_items_has_no_stock_of_its_own(medusa: MedusaWorld) -> None:
    one = medusa.variants([KEYS[45]])[KEYS[45]]
    (extra,) = medusa.variants([KEYS[46]])[KEYS[46]]["inventory_items"]
    place = f"/admin/products/{one['product_id']}/variants/{one['id']}/inventory-items"
    medusa.post(place, {"inventory_item_id": extra["inventory_item_id"], "required_quantity": 1})
    try:
        with sink_of(medusa) as sink:
            error = error_of(sink, KEYS[45], available=1)
        assert error is not None
        assert "has 2 inventory items, not one" in error
    finally:
        medusa.http.delete(f"{place}/{extra['inventory_item_id']}").raise_for_status()


def test_one_line_that_the_shop_refuses_leaves_the_others(medusa: MedusaWorld) -> None:
    """A place that holds reservations cannot be given up; the rest of the batch is taken."""
    held = KEYS[50]
    (item,) = medusa.variants([held])[held]["inventory_items"]
    place = {"inventory_item_id": item["inventory_item_id"], "location_id": medusa.places[MAIN]}
    with sink_of(medusa) as sink:
        assert error_of(sink, held, available=5) is None
        reservation = medusa.post("/admin/reservations", {**place, "quantity": 2})["reservation"]["id"]
        try:
            offers = [Offer(key, {"available": None if key == held else 8}) for key in KEYS[48:80]]
            results = sink.deliver(offers)
        finally:
            medusa.http.delete(f"/admin/reservations/{reservation}").raise_for_status()
    refused = {one.key: one.error for one in results if one.error is not None}
    assert list(refused) == [held]
    assert "reserved" in str(refused[held])
    assert medusa.stocks(KEYS[48:80]) == [5 if key == held else 8 for key in KEYS[48:80]]


# ---- signing in, and a bad day ----
def test_a_sign_in_that_has_ended_is_renewed_once(medusa: MedusaWorld) -> None:
    def old_token(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != LEVELS:
            return None
        headers = {**request.headers, "authorization": "Bearer of-yesterday"}
        return httpx.post(request.url, content=request.content, headers=headers)  # the shop's own refusal

    between = Between(old_token)
    with sink_of(medusa, between) as sink:
        assert error_of(sink, KEYS[81], available=9) is None
    assert between.calls[-3:] == [f"POST {LEVELS}", "POST /auth/user/emailpass", f"POST {LEVELS}"]
    assert medusa.stocks([KEYS[81]]) == [9]


def test_a_wrong_password_is_told_without_it(medusa: MedusaWorld) -> None:
    login = ShopLogin("admin@example.com", "guessed")
    with sink_of(medusa, login=login) as sink, pytest.raises(SinkError, match="check the e-mail address") as caught:
        error_of(sink, KEYS[0], price=Decimal(1))
    assert "guessed" not in f"{caught.value!r}"


def test_a_secret_key_signs_each_call(medusa: MedusaWorld) -> None:
    key = medusa.post("/admin/api-keys", {"title": "sync", "type": "secret"})["api_key"]
    try:
        between = Between()
        with sink_of(medusa, between, login=ShopKey(key["token"])) as sink:
            assert error_of(sink, KEYS[82], price=Decimal(44)) is None
        assert "POST /auth/user/emailpass" not in between.calls
        assert medusa.prices([KEYS[82]]) == [Decimal(44)]
    finally:
        medusa.post(f"/admin/api-keys/{key['id']}/revoke", {})


@pytest.mark.parametrize(
    "faults", [[reset], [status(502), status(503)], [status(429, Retry_After="0"), status(504), reset]]
)
def test_faults_that_pass_change_nothing(medusa: MedusaWorld, faults: list[Any]) -> None:
    with sink_of(medusa, Between(*faults)) as sink:
        assert error_of(sink, KEYS[83], price=Decimal(42), available=1) is None
    assert medusa.prices([KEYS[83]]) == [Decimal(42)]


# ---- the laws of all sinks ----
class TestLaws(SinkConformance):
    secrets = (SECRET,)
    large_batch = 400  # a call for each product

    @pytest.fixture(autouse=True)
    def shop(self, medusa: MedusaWorld) -> None:
        self.world = medusa

    def make_world(self) -> ShopWorld:
        return self.world

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        return sink_of(self.world, InterruptedTransport(httpx.HTTPTransport(), interruptions))

    def make_unreachable_sink(self) -> HotSink:
        return MedusaSink("http://127.0.0.1:9", ShopLogin("erp@example.com", SECRET), currency=EUR, pauses=SOON)
