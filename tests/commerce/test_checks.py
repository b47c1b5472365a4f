"""What is judged before anything is sent, and a refused batch in halves."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce import OfferPrice, OfferValue, PriceList, Stock, StockLevel
from akeneo_erp_bridge.commerce._checks import Refused, check_amount, check_currency, check_pieces
from akeneo_erp_bridge.commerce._halving import cut, refused_lines
from akeneo_erp_bridge.commerce._shops._terms import Terms, Wish
from akeneo_erp_bridge.errors import ConfigurationError

EUR, USD, CHF = CurrencyCode("EUR"), CurrencyCode("USD"), CurrencyCode("CHF")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def terms(*currencies: CurrencyCode, **locations: str) -> Terms:
    return Terms(
        price="price", stock="available", currency=EUR, currencies=currencies, location=None, locations=locations
    )


def wish(value: OfferValue, feed: str = "price", which: Terms | None = None, *, taxed: bool = False) -> Wish:
    return (which or terms()).wish({feed: value}, place="main", tax_of=lambda _: taxed, now=NOW)


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        ("-0.01", "EUR", "below zero"),
        ("NaN", "EUR", "no number"),
        ("Infinity", "EUR", "no number"),
        ("1.999", "EUR", "more than the 2 decimals of EUR"),
        ("1.5", "JPY", "more than the 0 decimals of JPY"),
        ("1.2345", "KWD", "more than the 3 decimals of KWD"),
        ("1000000000000", "EUR", "more than 12 digits"),
    ],
)
def test_amounts_that_no_price_has(amount: str, currency: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        check_amount(Decimal(amount), CurrencyCode(currency))


@pytest.mark.parametrize(
    ("amount", "currency"), [("0", "EUR"), ("1.9900", "EUR"), ("500", "JPY"), ("1.234", "KWD"), ("1E+2", "JPY")]
)
def test_amounts_that_a_price_has(amount: str, currency: str) -> None:
    assert check_amount(Decimal(amount), CurrencyCode(currency)) == Decimal(amount)


@pytest.mark.parametrize("code", ["eur", "EU", "EURO", "", "zzz", "ÄÖÜ", "E R", "EUR\n"])
def test_what_is_no_currency(code: str) -> None:
    with pytest.raises(Refused, match="no currency code"):
        check_currency(code)


@pytest.mark.parametrize("pieces", ["-1", "0.5", "NaN", "-Infinity", "2147483648"])
def test_what_is_no_stock(pieces: str) -> None:
    with pytest.raises(Refused, match="the stock"):
        check_pieces(Decimal(pieces))


# ---- halves ----
@pytest.mark.parametrize("count", [1, 2, 3, 50, 64, 1000])
def test_one_bad_line_is_found_with_few_calls_wherever_it_is(count: int) -> None:
    for bad in range(count):
        calls: list[int] = []

        def send(lines: range, bad: int = bad, calls: list[int] = calls) -> str | None:
            calls.append(len(lines))
            return "bad" if bad in lines else None

        assert refused_lines(range(count), send) == [(bad, "bad")]
        assert len(calls) <= 1 + 2 * ceil(log2(count))


@given(st.lists(st.booleans(), max_size=80))
def test_each_bad_line_is_refused_alone_and_each_good_one_taken_once(good: list[bool]) -> None:
    taken: list[int] = []

    def send(lines: range) -> str | None:
        bad = [line for line in lines if not good[line]]
        if bad:
            return f"line {bad[0]}"
        taken.extend(lines)
        return None

    refused = refused_lines(range(len(good)), send)
    assert refused == [(line, f"line {line}") for line, one in enumerate(good) if not one]
    assert sorted(taken) == [line for line, one in enumerate(good) if one]


@given(st.lists(st.integers(1, 30), max_size=60), st.integers(1, 10), st.integers(1, 40))
def test_a_cut_keeps_the_order_and_the_bounds(sizes: list[int], most: int, most_bytes: int) -> None:
    batches = list(cut(sizes, lambda size: size, most=most, most_bytes=most_bytes))
    assert [size for batch in batches for size in batch] == sizes
    assert all(len(batch) <= most and (sum(batch) <= most_bytes or len(batch) == 1) for batch in batches)


# ---- what an offer asks ----
def test_a_plain_amount_is_a_price_in_the_one_currency() -> None:
    assert wish(Decimal("9.90")).prices == {EUR: Decimal("9.90")}
    assert wish(9, which=terms(USD)).prices == {EUR: Decimal(9)}
    assert wish(None, which=terms(USD)).prices == {EUR: None, USD: None}


@pytest.mark.parametrize("value", ["9.90", True, Stock()])
def test_what_is_no_price(value: OfferValue) -> None:
    with pytest.raises(Refused, match="feed 'price' holds"):
        wish(value)


def test_a_feed_that_the_shop_does_not_take_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="feed 'colour' has no place in this shop, which takes 'price', 'available'"):
        wish("red", "colour")


def test_of_a_price_list_everyones_price_now_at_one_piece_counts() -> None:
    prices = PriceList(
        (
            OfferPrice(Decimal(10), EUR),
            OfferPrice(Decimal(8), EUR, from_quantity=Decimal(10)),
            OfferPrice(Decimal(7), EUR, group="wholesale"),
            OfferPrice(
                Decimal(9),
                EUR,
                valid_from=datetime(2026, 5, 1, tzinfo=UTC),
                valid_until=datetime(2026, 7, 1, tzinfo=UTC),
            ),
            OfferPrice(Decimal(1), EUR, valid_from=datetime(2027, 1, 1, tzinfo=UTC)),
            OfferPrice(Decimal(12), CHF),
        )
    )
    assert wish(prices).prices == {EUR: Decimal(9)}
    assert wish(prices, which=terms(USD)).prices == {EUR: Decimal(9), USD: None}


@pytest.mark.parametrize("taxed", [False, True])
def test_a_price_of_the_other_tax_is_refused(taxed: bool) -> None:
    mine = PriceList((OfferPrice(Decimal(10), EUR, tax_included=taxed),))
    other = PriceList((OfferPrice(Decimal(10), EUR, tax_included=not taxed),))
    assert wish(mine, taxed=taxed).prices == {EUR: Decimal(10)}
    with pytest.raises(Refused, match="nothing is converted"):
        wish(other, taxed=taxed)


@pytest.mark.parametrize(("amount", "currency"), [("-1", "EUR"), ("1.999", "CHF"), ("1", "eur")])
def test_a_wrong_price_anywhere_in_a_list_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(Refused):
        wish(PriceList((OfferPrice(Decimal(10), EUR), OfferPrice(Decimal(amount), CurrencyCode(currency)))))


def level(place: str, on_hand: int, reserved: int = 0) -> StockLevel:
    return StockLevel(place, Decimal(on_hand), reserved=Decimal(reserved))


def test_stock_without_a_map_of_places_is_one_number() -> None:
    assert wish(Stock((level("A", 7, 2), level("B", 1))), "available").stock == {"main": 6}
    assert wish(Stock(), "available").stock == {"main": 0}
    assert wish(Decimal("7.000"), "available").stock == {"main": 7}


def test_stock_goes_to_the_places_of_the_map_and_no_other() -> None:
    which = terms(A="first", B="second", C="second")
    stock = Stock((level("A", 7, 2), level("B", 1), level("C", 4), level("QUARANTINE", 99)))
    assert wish(stock, "available", which).stock == {"first": 5, "second": 5}
    assert wish(Stock((level("B", 1),)), "available", which).stock == {"first": 0, "second": 1}
    assert wish(None, "available", which).stock == {"first": None, "second": None}


def test_a_place_that_promised_too_much_takes_from_the_others() -> None:
    which = terms(A="first", B="second")
    assert wish(Stock((level("A", 1, 3), level("B", 5))), "available", which).stock == {"first": 0, "second": 3}
    assert wish(Stock((level("A", 1, 3), level("B", 1))), "available", which).stock == {"first": 0, "second": 0}


def test_a_wrong_level_is_refused_by_its_place() -> None:
    with pytest.raises(Refused, match="location 'B', on hand: the stock -1 is below zero"):
        wish(Stock((level("A", 1), level("B", -1))), "available")


def test_terms_that_cannot_be() -> None:
    with pytest.raises(ConfigurationError, match="cannot be both"):
        Terms(price="x", stock="x", currency=EUR, currencies=(), location=None, locations={})
    with pytest.raises(ConfigurationError, match="no currency code"):
        Terms(price="x", stock="y", currency=CurrencyCode("euro"), currencies=(), location=None, locations={})


def test_what_a_shop_has_is_read_in_the_form_in_which_it_is_sent() -> None:
    found = {EUR: Decimal(9), CHF: Decimal(11)}
    assert terms().price_value(found, lambda _: False) == Decimal(9)
    assert terms().price_value({}, lambda _: False) is None
    one = OfferPrice(Decimal(9), EUR, tax_included=True)
    assert terms(USD).price_value(found, lambda _: True) == PriceList((one,))
    assert terms().stock_value({"main": 3}, "main") == 3
    assert terms(A="first", B="first", C="second").stock_value({"first": 3}, "first") == Stock((level("A", 3),))
