"""What an offer may say: prices for whom and when, and stock by place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen, validators

from akeneo_erp_bridge.codes import CurrencyCode

__all__ = ["OfferPrice", "PriceList", "Stock", "StockLevel"]


@frozen
class OfferPrice:
    """One price: how much, in what currency, for whom, from what quantity on, and when.

    `amount` is in major units (9.90 euros, not 990 cents). `group` is the shop's or the ERP's name of a customer
    group, `None` for everyone. It is valid from `valid_from` (included) until `valid_until` (not included); both are
    aware moments, `None` is without end.

    >>> OfferPrice(Decimal("9.90"), CurrencyCode("EUR")).tax_included
    False
    """

    amount: Decimal
    currency: CurrencyCode
    tax_included: bool = field(default=False, kw_only=True)
    group: str | None = field(default=None, kw_only=True)
    from_quantity: Decimal = field(default=Decimal(1), kw_only=True)
    valid_from: datetime | None = field(default=None, kw_only=True)
    valid_until: datetime | None = field(default=None, kw_only=True)

    def holds(self, moment: datetime) -> bool:
        """Whether it is valid at an aware moment."""
        return (self.valid_from is None or self.valid_from <= moment) and (
            self.valid_until is None or moment < self.valid_until
        )


@frozen
class PriceList:
    """All prices of one item. A price of zero is a price; an item that is not sold any more has no `PriceList` at all.

    >>> euro = CurrencyCode("EUR")
    >>> prices = PriceList((OfferPrice(Decimal("9.90"), euro), OfferPrice(Decimal("8.50"), euro, from_quantity=Decimal(10))))
    >>> from datetime import UTC
    >>> found = prices.at(datetime(2026, 1, 1, tzinfo=UTC), currency=euro, quantity=Decimal(12))
    >>> found.amount if found else None
    Decimal('8.50')
    """

    prices: tuple[OfferPrice, ...] = field(validator=validators.min_len(1))

    def at(
        self, moment: datetime, *, currency: CurrencyCode, group: str | None = None, quantity: Decimal = Decimal(1)
    ) -> OfferPrice | None:
        """The price that a customer pays at a moment: of the own group before everyone's, of the greatest quantity reached.

        Of several that fit alike the one that begins last counts, as an action's price does while it lasts.
        """
        fitting = [
            one
            for one in self.prices
            if one.currency == currency
            and one.group in (None, group)
            and one.from_quantity <= quantity
            and one.holds(moment)
        ]
        return max(fitting, key=_rank, default=None)


def _rank(price: OfferPrice) -> tuple[bool, Decimal, float]:
    began = price.valid_from.timestamp() if price.valid_from is not None else float("-inf")
    return (price.group is not None, price.from_quantity, began)


@frozen
class StockLevel:
    """What lies in one place: `on_hand` in all, of which `reserved` is promised; `incoming` is on order.

    >>> StockLevel("MAIN", Decimal(7), reserved=Decimal(2)).available
    Decimal('5')
    """

    location: str
    on_hand: Decimal
    reserved: Decimal = field(default=Decimal(0), kw_only=True)
    incoming: Decimal = field(default=Decimal(0), kw_only=True)

    @property
    def available(self) -> Decimal:
        """On hand and not promised; below zero where more was promised than there is."""
        return self.on_hand - self.reserved


@frozen
class Stock:
    """The stock of one item by location. None anywhere is a `Stock` without levels; not known is no `Stock` at all.

    >>> stock = Stock((StockLevel("MAIN", Decimal(7), reserved=Decimal(2)), StockLevel("SHOP", Decimal(1))))
    >>> stock.sellable(), stock.sellable(locations={"MAIN"}, keep_back=Decimal(1)), stock.sellable(keep_back=Decimal(99))
    (Decimal('6'), Decimal('4'), Decimal('0'))
    """

    levels: tuple[StockLevel, ...] = ()

    def sellable(
        self,
        *,
        locations: Collection[str] | None = None,
        keep_back: Decimal = Decimal(0),
        count_incoming: bool = False,
    ) -> Decimal:
        """One number to sell: what is available, in some `locations` or in all, less what is kept back; never below zero.

        A place that promised more than it has takes from the others: its goods have to come from there.
        """
        counted = [one for one in self.levels if locations is None or one.location in locations]
        found = sum((one.available + (one.incoming if count_incoming else 0) for one in counted), Decimal(0))
        return max(found - keep_back, Decimal(0))
