"""Values of offers as JSON, each under the name of its kind, so that it comes back equal. Amounts are texts of digits.

``{"decimal": "9.90"}``, ``{"integer": 7}``, ``{"boolean": true}``, ``{"text": "new"}``, ``{"prices": [...]}``,
``{"stock": [...]}``; null is a value that is withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce._values import OfferPrice, PriceList, Stock, StockLevel
from akeneo_erp_bridge.commerce.interfaces import OfferValue


def to_wire(value: OfferValue) -> JsonObject | None:
    """The value as JSON.

    >>> to_wire(Decimal("9.90")), to_wire(0), to_wire(None)
    ({'decimal': '9.90'}, {'integer': 0}, None)
    """
    match value:
        case None:
            return None
        case bool():
            return {"boolean": value}
        case int():
            return {"integer": value}
        case Decimal():
            return {"decimal": format(value, "f")}
        case str():
            return {"text": value}
        case PriceList():
            return {"prices": [_price(one) for one in value.prices]}
        case Stock():
            return {"stock": [_level(one) for one in value.levels]}


def from_wire(raw: JsonValue) -> OfferValue:
    """The value again. Raises `ValueError` for what is none.

    >>> from_wire({"decimal": "9.90"}), from_wire({"integer": 0}), from_wire(None)
    (Decimal('9.90'), 0, None)
    """
    match raw:
        case None:
            return None
        case {"boolean": bool(flag)}:
            return flag
        case {"integer": int(number)} if not isinstance(number, bool):
            return number
        case {"decimal": str(digits)}:
            return _number(digits)
        case {"text": str(text)}:
            return text
        case {"prices": list(prices)} if prices:
            return PriceList(tuple(_price_of(one) for one in prices))
        case {"stock": list(levels)}:
            return Stock(tuple(_level_of(one) for one in levels))
        case _:
            raise ValueError(f"{raw!r} is no value of an offer")


def canonical(value: OfferValue) -> JsonObject | None:
    """What means the same is the same: zeros at the end, the order of prices and places, the zone of a moment.

    >>> canonical(Decimal("9.90")) == canonical(Decimal("9.9")), canonical(7) == canonical(Decimal("7.00"))
    (True, True)
    >>> canonical(0) == canonical(False), canonical(0) == canonical(None)
    (False, False)
    """
    match value:
        case bool() | str() | None:
            return to_wire(value)
        case int() | Decimal():
            return {"decimal": digits_of(value)}
        case PriceList():
            return {"prices": _sorted([_plain_price(one) for one in value.prices])}
        case Stock():
            return {"stock": _sorted([_plain_level(one) for one in value.levels])}


def same_value(wanted: OfferValue, found: OfferValue) -> bool:
    """Whether a shop that shows *found* has what is *wanted*; a shop may keep as a text what is none.

    >>> same_value(Decimal("9.90"), "9.9"), same_value(None, None), same_value(0, None)
    (True, True, False)
    """
    if (type(wanted) is type(found) and wanted == found) or canonical(wanted) == canonical(found):
        return True
    if not isinstance(found, str) or isinstance(wanted, str | None):
        return False
    try:
        return canonical(wanted) == canonical(_of_text(wanted, found))
    except ValueError:
        return False


def text_of(value: OfferValue) -> str | None:
    """The value in a column of text: digits, words, and JSON for what has parts.

    >>> text_of(Decimal("9.90")), text_of(True), text_of(Stock())
    ('9.90', 'true', '{"stock":[]}')
    """
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case int():
            return str(value)
        case PriceList() | Stock():
            return json.dumps(to_wire(value), ensure_ascii=False, separators=(",", ":"))


def digits_of(value: Decimal | int) -> str:
    """A number without zeros at the end, however many digits it has.

    >>> digits_of(Decimal("-0.00")), digits_of(Decimal("1E+2")), digits_of(Decimal("1.50"))
    ('0', '100', '1.5')
    """
    text = format(Decimal(value), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _of_text(wanted: OfferValue, text: str) -> OfferValue:
    match wanted:
        case bool():
            return {"true": True, "false": False}.get(text, text)
        case int() | Decimal():
            return _number(text)
        case _:
            return from_wire(json.loads(text))


def _number(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{digits!r} is no number")
    return number


def _sorted(parts: list[JsonObject]) -> list[JsonValue]:
    return [*sorted(parts, key=lambda one: json.dumps(one, sort_keys=True))] if len(parts) > 1 else [*parts]


# ---- prices ----
def _price(one: OfferPrice) -> JsonObject:
    return {
        "amount": format(one.amount, "f"),
        "currency": one.currency,
        "tax_included": one.tax_included,
        "group": one.group,
        "from_quantity": format(one.from_quantity, "f"),
        "valid_from": one.valid_from.isoformat() if one.valid_from is not None else None,
        "valid_until": one.valid_until.isoformat() if one.valid_until is not None else None,
    }


def _plain_price(one: OfferPrice) -> JsonObject:
    return {
        **_price(one),
        "amount": digits_of(one.amount),
        "from_quantity": digits_of(one.from_quantity),
        "valid_from": _utc(one.valid_from),
        "valid_until": _utc(one.valid_until),
    }


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None


def _price_of(raw: JsonValue) -> OfferPrice:
    match raw:
        case {
            "amount": str(amount),
            "currency": str(currency),
            "tax_included": bool(tax_included),
            "group": str() | None as group,
            "from_quantity": str(quantity),
            "valid_from": str() | None as begin,
            "valid_until": str() | None as end,
        }:
            return OfferPrice(
                _number(amount),
                CurrencyCode(currency),
                tax_included=tax_included,
                group=group,
                from_quantity=_number(quantity),
                valid_from=_moment(begin),
                valid_until=_moment(end),
            )
        case _:
            raise ValueError(f"{raw!r} is no price")


def _moment(text: str | None) -> datetime | None:
    moment = datetime.fromisoformat(text) if text is not None else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment


# ---- stock ----
def _level(one: StockLevel) -> JsonObject:
    return {
        "location": one.location,
        "on_hand": format(one.on_hand, "f"),
        "reserved": format(one.reserved, "f"),
        "incoming": format(one.incoming, "f"),
    }


def _plain_level(one: StockLevel) -> JsonObject:
    counts: Mapping[str, Decimal] = {"on_hand": one.on_hand, "reserved": one.reserved, "incoming": one.incoming}
    return {"location": one.location, **{name: digits_of(number) for name, number in counts.items()}}


def _level_of(raw: JsonValue) -> StockLevel:
    match raw:
        case {"location": str(location), "on_hand": str(hand), "reserved": str(reserved), "incoming": str(incoming)}:
            return StockLevel(location, _number(hand), reserved=_number(reserved), incoming=_number(incoming))
        case _:
            raise ValueError(f"{raw!r} is no stock of a place")
