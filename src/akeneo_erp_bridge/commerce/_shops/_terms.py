"""What an offer asks of a shop: one price in each currency, one stock in each place, and what is refused before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from attrs import define, field, frozen

from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce._checks import (
    Refused,
    check_amount,
    check_currency,
    check_levels,
    check_pieces,
    number_of,
    plain,
)
from akeneo_erp_bridge.commerce._values import OfferPrice, PriceList, Stock, StockLevel
from akeneo_erp_bridge.commerce.interfaces import OfferValue
from akeneo_erp_bridge.errors import ConfigurationError

TaxOf: TypeAlias = Callable[[CurrencyCode], bool]
"""Whether the shop's prices in a currency include tax."""


@define
class Wish:
    """What a shop shall have for one item; what is not named stays as it is, `None` shall be no more."""

    prices: dict[CurrencyCode, Decimal | None] = field(factory=dict[CurrencyCode, Decimal | None])
    stock: dict[str, int | None] = field(factory=dict[str, int | None])
    """By the shop's name of the place."""

    def add(self, later: Wish) -> None:
        """A later wish for the same item."""
        self.prices.update(later.prices)
        self.stock.update(later.stock)


@frozen(kw_only=True)
class Terms:
    """Which feed is what, and for which currencies and places a sink speaks."""

    price: str | None
    stock: str | None
    currency: CurrencyCode
    currencies: Sequence[CurrencyCode]
    location: str | None
    locations: Mapping[str, str]

    def __attrs_post_init__(self) -> None:
        if self.price is not None and self.price == self.stock:
            raise ConfigurationError(f"the feed '{self.price}' cannot be both the price and the stock; name two feeds")
        try:
            for one in self.spoken_for():
                check_currency(one)
        except Refused as error:
            raise ConfigurationError(str(error)) from None

    def spoken_for(self) -> tuple[CurrencyCode, ...]:
        """The currencies in which this sink sets and withdraws prices; it leaves all others alone."""
        return tuple(dict.fromkeys((self.currency, *self.currencies)))

    def wish(self, values: Mapping[str, OfferValue], *, place: str, tax_of: TaxOf, now: datetime) -> Wish:
        """What an offer asks. Raises `Refused` for a value that would be wrong in the shop, and for a strange feed."""
        made = Wish()
        for feed, value in values.items():
            if feed == self.price:
                made.prices.update(self._prices(feed, value, tax_of, now))
            elif feed == self.stock:
                made.stock.update(self._stock(feed, value, place))
            else:
                known = ", ".join(repr(one) for one in (self.price, self.stock) if one is not None)
                raise Refused(
                    f"feed '{feed}' has no place in this shop, which takes {known}; leave it out of the relay"
                )
        return made

    def price_value(self, found: Mapping[CurrencyCode, Decimal], tax_of: TaxOf) -> OfferValue:
        """What a shop has, in the form in which it is sent here: one amount, or a list where there are several."""
        if not self.currencies:
            return found.get(self.currency)
        prices = tuple(
            OfferPrice(found[one], one, tax_included=tax_of(one)) for one in self.spoken_for() if one in found
        )
        return PriceList(prices) if prices else None

    def stock_value(self, found: Mapping[str, int], place: str) -> OfferValue:
        """As `price_value`: one number, or levels by the ERP's places where those are mapped."""
        if not self.locations:
            return found.get(place)
        firsts: dict[str, str] = {}
        for erp, shop in self.locations.items():
            firsts.setdefault(shop, erp)
        levels = tuple(StockLevel(erp, Decimal(found[shop])) for shop, erp in firsts.items() if shop in found)
        return Stock(levels) if levels else None

    # ---- inside ----
    def _prices(
        self, feed: str, value: OfferValue, tax_of: TaxOf, now: datetime
    ) -> Mapping[CurrencyCode, Decimal | None]:
        if value is None:
            return dict.fromkeys(self.spoken_for())
        if not isinstance(value, PriceList):
            return {self.currency: check_amount(number_of(value, feed), self.currency)}
        for one in value.prices:
            check_amount(one.amount, check_currency(one.currency))
        found: dict[CurrencyCode, Decimal | None] = {}
        for currency in self.spoken_for():
            price = value.at(now, currency=currency)
            if price is not None and price.tax_included is not tax_of(currency):
                there, here = ("with", "without") if price.tax_included else ("without", "with")
                raise Refused(
                    f"the price {plain(price.amount)} {currency} is {there} tax, and this shop's prices are {here}; "
                    "send the other price of the ERP: nothing is converted"
                )
            found[currency] = None if price is None else price.amount
        return found

    def _stock(self, feed: str, value: OfferValue, place: str) -> Mapping[str, int | None]:
        places = tuple(dict.fromkeys(self.locations.values())) or (place,)
        if value is None:
            return dict.fromkeys(places)
        if not isinstance(value, Stock):
            return {place: check_pieces(number_of(value, feed))}
        check_levels(value)
        counted: dict[str, int] = dict.fromkeys(places, 0)
        for level in value.levels:
            where = self.locations.get(level.location) if self.locations else place
            if where is not None:  # a place that is not mapped does not sell in this shop
                counted[where] += int(level.available)
        return dict(_without_debts(counted))


def _without_debts(counted: Mapping[str, int]) -> Mapping[str, int]:
    """A place that promised more than it has takes from the others, in their order: its goods have to come from there."""
    owed = -sum(number for number in counted.values() if number < 0)
    left: dict[str, int] = {}
    for where, number in counted.items():
        taken = min(owed, max(number, 0))
        owed -= taken
        left[where] = max(number, 0) - taken
    return left
