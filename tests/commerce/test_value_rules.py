"""Price lists and stock out of columns and lines: what they hold, what is wrong in words, and how warm they are."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from akeneo_erp_bridge.classification import Cold, Hot, Internal
from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce import (
    Offer,
    OfferPrice,
    OfferResult,
    PriceList,
    Stock,
    StockLevel,
    price,
    price_list,
    sellable,
    stock_level,
    stock_levels,
)
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot, internal
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import decimal
from akeneo_erp_bridge.rules import CLEAR, KEEP, Cell, HotBinding, Problem, Put, Rule, identity
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from bench_erp import Changes

EUR = CurrencyCode("EUR")


class Break(ErpItem):
    amount = hot(Decimal, "amount")
    currency = hot(str, "currency")
    gross = hot(bool, "gross")
    group = hot(str, "group").nullable()
    pieces = hot(int, "pieces").nullable()
    begins = hot(datetime, "begins").nullable()
    ends = hot(datetime, "ends").nullable()
    cost = internal(Decimal, "cost")


class Place(ErpItem):
    name = hot(str, "name")
    on_hand = hot(Decimal, "on_hand")
    reserved = hot(Decimal, "reserved").nullable()
    incoming = hot(Decimal, "incoming").nullable()


class Offered(ErpItem):
    number = cold(str, "number", key=True)
    amount = hot(Decimal, "amount")
    tax = cold(bool, "tax")
    currency = cold(str, "currency")
    stock = hot(int, "stock")
    prices = hot(Lines, "prices")
    places = hot(Lines, "places")
    cost = internal(Decimal, "cost")


ALL = price_list(
    Break,
    amount=Break.amount,
    currency=Break.currency,
    tax_included=Break.gross,
    group=Break.group,
    from_quantity=Break.pieces,
    valid_from=Break.begins,
    valid_until=Break.ends,
)
PLACES = stock_levels(
    Place, location=Place.name, on_hand=Place.on_hand, reserved=Place.reserved, incoming=Place.incoming
)
LINE: dict[str, object] = {"amount": "9.90", "currency": "EUR", "gross": True}


def prices(*lines: dict[str, object]) -> object:
    return ALL.run(Lines(lines))


def test_every_column_of_a_price_arrives() -> None:
    line = {
        **LINE,
        "group": " dealers ",
        "pieces": 10,
        "begins": "2026-01-01T00:00:00+01:00",
        "ends": datetime(2026, 2, 1, tzinfo=UTC),
    }
    assert prices(line) == Put(
        PriceList(
            (
                OfferPrice(
                    Decimal("9.90"),
                    EUR,
                    tax_included=True,
                    group="dealers",
                    from_quantity=Decimal(10),
                    valid_from=datetime.fromisoformat("2026-01-01T00:00:00+01:00"),
                    valid_until=datetime(2026, 2, 1, tzinfo=UTC),
                ),
            )
        )
    )


def test_zero_missing_and_withdrawn_are_three_things() -> None:
    rule = price(Offered.amount, currency="EUR")
    zero = rule.run(Offered({"amount": 0}))
    assert isinstance(zero, Put)
    assert zero.value.prices[0].amount == 0
    assert rule.run(Offered({})) == KEEP
    assert rule.run(Offered({"amount": None})) == CLEAR
    lines = Offered.prices >> ALL
    assert lines.run(Offered({})) == KEEP
    assert lines.run(Offered({"prices": None})) == CLEAR
    assert lines.run(Offered({"prices": []})) == CLEAR
    stock = Offered.places >> PLACES
    assert stock.run(Offered({})) == KEEP
    assert stock.run(Offered({"places": None})) == CLEAR
    assert stock.run(Offered({"places": []})) == Put(Stock()), "none anywhere is a stock"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": "cheap"}, "line 2 > amount: holds 'cheap'"),
        ({"amount": None}, "line 2 > amount: the line has no amount"),
        ({"currency": "Euro"}, "line 2 > currency: 'Euro' is no currency of three capital letters"),
        ({"currency": None}, "line 2 > currency: there is no currency"),
        ({"gross": None}, "line 2 > tax_included: there is no word on whether the tax is in the price"),
        ({"gross": "yes"}, "line 2 > gross: holds 'yes', which is not a boolean"),
        ({"group": ["a"]}, "line 2 > group: holds ['a']"),
        ({"pieces": 0}, "line 2 > from_quantity: a price begins at a quantity above zero, seen 0"),
        ({"pieces": "ten"}, "line 2 > pieces: holds 'ten'"),
        ({"begins": "2026-01-01"}, "line 2 > begins: holds '2026-01-01'"),
        (
            {"begins": "2026-01-02T00:00:00+00:00", "ends": "2026-01-02T00:00:00+00:00"},
            "line 2 > valid_until: it ends at 2026-01-02T00:00:00+00:00 and begins at",
        ),
        ({"amount": "9.91"}, "line 2 > amount: it is another price for the same as line 1"),
    ],
)
def test_what_is_wrong_in_a_price_names_line_and_column(change: dict[str, object], told: str) -> None:
    outcome = prices(LINE, {**LINE, **change})
    assert isinstance(outcome, Problem)
    assert str(outcome).startswith(told)


def test_a_line_that_stands_there_twice_counts_once() -> None:
    outcome = prices(LINE, dict(LINE))
    assert isinstance(outcome, Put)
    assert len(outcome.value.prices) == 1


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([{"name": "MAIN", "on_hand": "x"}], "line 1 > on_hand: holds 'x'"),
        ([{"name": "MAIN"}], "line 1 > on_hand: the line does not say how much there is"),
        ([{"on_hand": 1}], "line 1 > location: there is no location"),
        ([{"name": "MAIN", "on_hand": 1, "reserved": "x"}], "line 1 > reserved: holds 'x'"),
        (
            [{"name": "MAIN", "on_hand": 1}, {"name": "MAIN", "on_hand": 2}],
            "line 2 > location: 'MAIN' stands there twice",
        ),
    ],
)
def test_what_is_wrong_in_a_stock_names_line_and_column(lines: list[dict[str, object]], told: str) -> None:
    outcome = PLACES.run(Lines(lines))
    assert isinstance(outcome, Problem)
    assert str(outcome).startswith(told)


def test_two_lines_of_a_place_are_counted_together_where_that_is_meant() -> None:
    rule = stock_levels(Place, location=Place.name, on_hand=Place.on_hand, reserved=Place.reserved, same_place="sum")
    lines = Lines([{"name": "A", "on_hand": 3, "reserved": 1}, {"name": "A", "on_hand": 4}])
    assert rule.run(lines) == Put(Stock((StockLevel("A", Decimal(7), reserved=Decimal(1)),)))


def test_the_policy_makes_one_number() -> None:
    lines = Lines(
        [
            {"name": "A", "on_hand": 7, "reserved": 2, "incoming": 10},
            {"name": "B", "on_hand": "0.5"},
            {"name": "C", "on_hand": 9},
        ]
    )
    rule = PLACES >> sellable(locations={"A", "B"}, keep_back=1)
    assert rule.run(lines) == Put(Decimal("4.5"))
    assert (PLACES >> sellable(locations={"A"}, count_incoming=True)).run(lines) == Put(Decimal(15))
    assert (PLACES >> sellable(locations={"B"}, keep_back=1)).run(lines) == Put(Decimal(0))
    with pytest.raises(MappingError, match="give a set of names"):
        sellable(locations="MAIN")
    with pytest.raises(MappingError, match="0 or more"):
        sellable(keep_back=-1)


def test_stock_of_one_place_comes_from_columns() -> None:
    rule = stock_level(Offered.stock, location="MAIN")
    assert rule.run(Offered({"stock": 7})) == Put(Stock((StockLevel("MAIN", Decimal(7)),)))
    assert rule.run(Offered({})) == KEEP
    blank = stock_level(Offered.stock, location=Offered.currency).run(Offered({"stock": 7, "currency": " "}))
    assert isinstance(blank, Problem)


def test_a_number_that_is_none_is_a_problem_and_no_exception() -> None:
    broken = Offered.stock.map(lambda _: Decimal("NaN"))
    for rule in (price(broken, currency="EUR"), stock_level(broken, location="MAIN")):
        outcome = rule.run(Offered({"stock": 7}))  # type: ignore[attr-defined]  # a price and a stock have no rule in common
        assert isinstance(outcome, Problem)
        assert "NaN" in outcome.detail


def test_they_are_as_warm_as_what_they_are_made_of() -> None:
    assert price(Offered.amount, currency=Offered.currency).taint == {Hot, Cold}
    assert price(Offered.amount, currency="EUR").taint == {Hot}
    assert (Offered.prices >> ALL).taint == {Hot}
    assert (Offered.places >> PLACES >> sellable()).taint == {Hot}
    assert (Offered.prices >> ALL).sources == {"prices"}


def test_what_is_internal_makes_no_offer() -> None:
    untyped: object = Offered.cost
    rule = price(untyped, currency="EUR")  # type: ignore[type-var, arg-type]  # the checkers refuse it: this is what a run does
    assert Internal in rule.taint
    with pytest.raises(TemperatureRefused):
        rule.feed("price")
    with pytest.raises(TemperatureRefused):
        rule.to(Cell("price"))  # type: ignore[misc]  # as above
    lines = price_list(Break, amount=Break.cost, currency="EUR")  # type: ignore[arg-type]  # as above
    with pytest.raises(TemperatureRefused):
        (Offered.prices >> lines).feed("prices")


class Shelf:
    """A shop that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[Offer] = []

    def deliver(self, offers: list[Offer]) -> list[OfferResult]:
        self.taken += offers
        return [OfferResult(one.key) for one in offers]


def test_an_internal_column_of_a_line_is_out_of_reach(state: SqliteState) -> None:
    class Careless(Rule[Break, Decimal, Hot]):
        """It says that it reads the amount, and looks at the cost."""

        label = "careless"
        temperatures = frozenset({Hot})
        sources = frozenset({"amount", "cost"})

        def run(self, source: Break) -> object:
            return Put(Decimal(str(source.row.get("cost", "0"))))

    rule = Offered.prices >> price_list(Break, amount=Careless(), currency="EUR")  # type: ignore[abstract, arg-type]  # on purpose
    row: dict[str, object] = {"number": "A", "prices": [{"amount": "9.90", "cost": "1.23"}]}
    shelf = Shelf()
    HotRelay(Changes(Offered, row), [HotBinding(rule, "prices")], shelf, state).run()  # type: ignore[arg-type]  # a list will do
    (offer,) = shelf.taken
    value = offer.values["prices"]
    assert isinstance(value, PriceList)
    assert [one.amount for one in value.prices] == [0], "the cost was taken out of the line before"


def test_they_are_data() -> None:
    rule = Offered.prices >> ALL
    assert pickle.loads(pickle.dumps(rule)) == rule
    other = price_list(Break, amount=Break.amount, currency="USD")
    assert identity(price_list(Break, amount=Break.amount, currency="EUR")) != identity(other)
    assert (
        "price_list(Break, amount, 'EUR', False)"
        in (Offered.prices >> price_list(Break, amount=Break.amount, currency="EUR")).explain()
    )


def test_a_german_amount_is_parsed_on_the_way() -> None:
    class Row(ErpItem):
        amount = hot(str, "amount")

    rule = price_list(Row, amount=Row.amount >> decimal("de_DE"), currency="EUR")
    outcome = rule.run(Lines([{"amount": "1.234,50"}]))
    assert isinstance(outcome, Put)
    assert outcome.value.prices[0].amount == Decimal("1234.50")
