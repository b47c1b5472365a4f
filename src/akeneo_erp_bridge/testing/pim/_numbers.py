"""Numbers as the PIM takes them: JSON numbers and plain digits, never with an exponent."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from akeneo_erp_bridge.testing.pim._json import JsonValue

PADDED = Decimal("0.0001")
CENTS = Decimal("0.01")
# a number with an exponent or a sign of its own is no amount for the PIM
NUMERIC = re.compile(r"[+-]?\d+(\.\d+)?")


def decimal_of(value: JsonValue) -> Decimal | None:
    """The number that a value is, or `None`."""
    if value is None or isinstance(value, (bool, list, dict)):
        return None
    shown = repr(value) if isinstance(value, float) else str(value)
    try:
        return Decimal(shown) if isinstance(value, (int, float)) or NUMERIC.fullmatch(shown) else None
    except InvalidOperation:
        return None


def quantized(amount: Decimal, places: Decimal) -> Decimal:
    """Rounded to *places*, however many digits stand before the point."""
    return amount.quantize(places, ROUND_HALF_UP, Context(prec=max(28, amount.adjusted() + 32)))
