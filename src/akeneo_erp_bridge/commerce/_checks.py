"""What no shop must be sent: amounts and stock that are wrong whatever the shop says to them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce._values import Stock
from akeneo_erp_bridge.commerce.interfaces import OfferValue

# Source: ISO 4217, list one; every other currency has two decimals
_DECIMALS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_LONGEST: Final = 12  # digits before the point: no price, and beyond it shops that count in floats are inexact


class Refused(Exception):
    """An offer that is not sent, or that the shop did not take: the reason, in words."""


def decimals_of(currency: CurrencyCode) -> int:
    """How many decimals an amount of a currency has.

    >>> [decimals_of(CurrencyCode(code)) for code in ("EUR", "JPY", "KWD")]
    [2, 0, 3]
    """
    return _DECIMALS.get(currency, 2)


def check_currency(currency: str) -> CurrencyCode:
    """A code in the form of ISO 4217. Raises `Refused` for any other text.

    >>> check_currency("EUR")
    'EUR'
    """
    if re.fullmatch(r"[A-Z]{3}", currency) is None:
        raise Refused(f"{currency!r} is no currency code; write the three capital letters of ISO 4217, as in EUR")
    return CurrencyCode(currency)


def check_amount(amount: Decimal, currency: CurrencyCode) -> Decimal:
    """An amount that a price in this currency may have. Raises `Refused` where it may not.

    >>> check_amount(Decimal("19.90"), CurrencyCode("EUR"))
    Decimal('19.90')
    >>> check_amount(Decimal("500.5"), CurrencyCode("JPY"))
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.commerce._checks.Refused: the price 500.5 has more than the 0 decimals of JPY; round it in the feed
    """
    if not amount.is_finite():
        raise Refused(f"the price {amount} is no number; leave it out, or send None where there is no price")
    if amount < 0:
        raise Refused(f"the price {plain(amount)} {currency} is below zero; correct it in the ERP")
    places = decimals_of(currency)
    if not fits(amount, places):
        raise Refused(
            f"the price {plain(amount)} has more than the {places} decimals of {currency}; round it in the feed"
        )
    if amount >= Decimal(10) ** _LONGEST:
        raise Refused(f"the price {plain(amount)} {currency} has more than {_LONGEST} digits; correct it in the ERP")
    return amount


def fits(amount: Decimal, places: int) -> bool:
    """Whether an amount needs no more decimals than these; trailing zeros need none.

    >>> fits(Decimal("1.500"), 1), fits(Decimal("1.55"), 1)
    (True, False)
    """
    exponent = amount.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= places


def plain(amount: Decimal) -> str:
    """An amount as a person writes it: databases add zeros.

    >>> plain(Decimal("-1.0000000000")), plain(Decimal("1E+2")), plain(Decimal("0.50"))
    ('-1', '100', '0.5')
    """
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_of(value: OfferValue, feed: str) -> Decimal:
    """A plain number of a feed. Raises `Refused` for a text, a boolean, or a value of another kind.

    >>> number_of(7, "available")
    Decimal('7')
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refused(f"feed '{feed}' holds {_kind(value)}, not a number; mend the feed's rule")
    return Decimal(value)


def check_pieces(amount: Decimal) -> int:
    """A stock of whole pieces. Raises `Refused` for less than none, and for parts of a piece.

    >>> check_pieces(Decimal("7.000"))
    7
    >>> check_pieces(Decimal("0.5"))
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.commerce._checks.Refused: the stock 0.5 is no whole number of pieces; round it down in the feed
    """
    if not amount.is_finite():
        raise Refused(f"the stock {amount} is no number; leave it out, or send None where none is kept")
    if amount < 0:
        raise Refused(f"the stock {plain(amount)} is below zero; correct it in the ERP, or send 0")
    if not fits(amount, 0):
        raise Refused(f"the stock {plain(amount)} is no whole number of pieces; round it down in the feed")
    if amount > 2**31 - 1:
        raise Refused(f"the stock {plain(amount)} is more than shops can count ({2**31 - 1}); correct it in the ERP")
    return int(amount)


def check_levels(stock: Stock) -> Stock:
    """A stock by location whose numbers can be counted. Raises `Refused` for the first that cannot, naming its place."""
    for level in stock.levels:
        for name, amount in (("on hand", level.on_hand), ("reserved", level.reserved)):
            try:
                check_pieces(amount)
            except Refused as error:
                raise Refused(f"location {level.location!r}, {name}: {error}") from None
    return stock


def _kind(value: OfferValue) -> str:
    return "a boolean" if isinstance(value, bool) else "a text" if isinstance(value, str) else type(value).__name__
