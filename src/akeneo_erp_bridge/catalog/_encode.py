"""Data as an attribute takes it, and data in one comparable form."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from akeneo_erp_bridge.catalog._attributes import Attribute
from akeneo_erp_bridge.catalog._data import (
    Data,
    Metric,
    Price,
    ProductLink,
    Unknown,
    day_text,
    decimal_text,
    plain_data,
    read_codes,
    read_day,
    read_metric,
    read_prices,
)
from akeneo_erp_bridge.catalog._json import JsonValue, as_decimal, describe
from akeneo_erp_bridge.catalog._types import CODE_LISTS, CODE_SETS, MEDIA, SINGLE_CODES, TEXTS, AttributeType
from akeneo_erp_bridge.catalog._writing import plain

__all__ = ["canonical", "encode_data"]


def encode_data(data: Data, attribute: Attribute) -> JsonValue:
    """Return *data* as the PIM takes it for *attribute*; `None` stays `None` and erases.

    Numbers become an int where the attribute allows no decimals, else a numeric text; dates become a day.
    Raises `ValueError` naming the attribute, what it needs and what was given.
    Source: Akeneo's documentation of the data format of product values.

    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> weight = Attribute(code=AttributeCode("net"), type="pim_catalog_number", decimals_allowed=True)
    >>> encode_data(Decimal("12.50"), weight)
    '12.50'
    """
    if data is None:
        return None
    writer = _WRITERS.get(attribute.type, _anything)
    try:
        return writer(data, attribute)
    except ValueError as error:
        raise ValueError(f"attribute {attribute.code!r} ({attribute.type}): {error}") from None


def canonical(data: JsonValue, attribute_type: str) -> JsonValue:
    """Return *data* in one form, so that two spellings of the same value are equal.

    Numbers become texts without superfluous zeros, dates days, codes lower case, sets of codes and prices sorted.
    An empty list is `None`, because the PIM stores neither. Never write this form: it is for comparing only.
    Raises `ValueError` for data that does not fit the type.

    >>> canonical("12.5000", "pim_catalog_number") == canonical("12.5", "pim_catalog_number")
    True
    """
    if data is None:
        return None
    comparer = _COMPARERS.get(attribute_type)
    return data if comparer is None else comparer(data)


_LARGEST: Final = 100  # written out, 1E+1000000 is a megabyte


# ---- writers, one per kind of data ----
def _text(data: Data, _: Attribute) -> JsonValue:
    if isinstance(data, str):
        return data
    raise ValueError(f"needs a text, got {describe(data)}")


def _boolean(data: Data, _: Attribute) -> JsonValue:
    if isinstance(data, bool):
        return data
    raise ValueError(f"needs True or False, got {describe(data)}")


def _day(data: Data, _: Attribute) -> JsonValue:
    if isinstance(data, datetime.date):
        return day_text(data)
    if isinstance(data, str):
        return read_day(data).isoformat()
    raise ValueError(f"needs a date, got {describe(data)}")


def _number(data: Data, attribute: Attribute) -> JsonValue:
    if isinstance(data, bool) or not isinstance(data, int | Decimal):
        raise ValueError(f"needs an int or a Decimal, got {describe(data)}")
    number = Decimal(data)
    if not number.is_finite():
        raise ValueError(f"needs a finite number, got {describe(data)}")
    if abs(number.adjusted()) > _LARGEST:
        raise ValueError(f"needs a number of at most {_LARGEST} digits, got one of the order 1E{number.adjusted():+}")
    if attribute.negative_allowed is False and number < 0:
        raise ValueError(f"allows no negative number, got {decimal_text(number)}")
    if attribute.decimals_allowed:
        return decimal_text(number)
    if number != number.to_integral_value():
        raise ValueError(f"allows no decimals, got {decimal_text(number)}")
    return int(number)


def _metric(data: Data, attribute: Attribute) -> JsonValue:
    if not isinstance(data, Metric):
        raise ValueError(f"needs a Metric(amount, unit), got {describe(data)}")
    return {"amount": _number(data.amount, attribute), "unit": data.unit}


def _prices(data: Data, attribute: Attribute) -> JsonValue:
    prices: Sequence[object] = [data] if isinstance(data, Price) else _items(data, "Price(amount, currency)")
    written: list[JsonValue] = []
    for price in prices:
        if not isinstance(price, Price):
            raise ValueError(f"needs Price(amount, currency), got {describe(price)}")
        amount = None if price.amount is None else _number(price.amount, attribute)
        written.append({"amount": amount, "currency": price.currency})
    return written


def _codes(data: Data, _: Attribute) -> JsonValue:
    items = _items(data, "codes")
    for item in items:
        if not isinstance(item, str):
            raise ValueError(f"needs a list of codes, got {describe(item)} in it")
    return [str(item) for item in items]


def _items(data: Data, what: str) -> Sequence[object]:
    if isinstance(data, Sequence) and not isinstance(data, str):
        return data
    if isinstance(data, frozenset | set):
        return sorted(data)
    raise ValueError(f"needs a list of {what}, got {describe(data)}")


def _anything(data: Data, _: Attribute) -> JsonValue:
    if isinstance(data, Unknown):
        return data.raw
    return plain_data(data) if isinstance(data, ProductLink) else plain(data)


_WRITERS: Final[Mapping[str, Callable[[Data, Attribute], JsonValue]]] = {
    **dict.fromkeys(TEXTS | MEDIA | SINGLE_CODES, _text),
    **dict.fromkeys(CODE_LISTS, _codes),
    AttributeType.BOOLEAN: _boolean,
    AttributeType.DATE: _day,
    AttributeType.NUMBER: _number,
    AttributeType.METRIC: _metric,
    AttributeType.PRICE_COLLECTION: _prices,
}


# ---- comparers ----
def _same_number(number: Decimal) -> str:
    text = decimal_text(number)  # not `normalize`, which rounds to 28 digits
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return text if number else "0"


def _compare_number(data: JsonValue) -> JsonValue:
    return _same_number(as_decimal(data, "data"))


def _compare_metric(data: JsonValue) -> JsonValue:
    metric = read_metric(data)
    return {"amount": _same_number(metric.amount), "unit": metric.unit.lower()}


def _compare_prices(data: JsonValue) -> JsonValue:
    amounts = {
        price.currency.lower(): _same_number(price.amount) for price in read_prices(data) if price.amount is not None
    }
    return [{"amount": amounts[currency], "currency": currency} for currency in sorted(amounts)] or None


def _compare_day(data: JsonValue) -> JsonValue:
    return read_day(data).isoformat()


def _compare_code(data: JsonValue) -> JsonValue:
    return data.lower() if isinstance(data, str) else data


def _compare_set(data: JsonValue) -> JsonValue:
    return sorted({code.lower() for code in read_codes(data)}) or None


def _compare_list(data: JsonValue) -> JsonValue:
    return [code.lower() for code in read_codes(data)] or None


_COMPARERS: Final[Mapping[str, Callable[[JsonValue], JsonValue]]] = {
    **dict.fromkeys(SINGLE_CODES, _compare_code),
    **dict.fromkeys(CODE_SETS, _compare_set),
    AttributeType.ASSET_COLLECTION: _compare_list,
    AttributeType.DATE: _compare_day,
    AttributeType.NUMBER: _compare_number,
    AttributeType.METRIC: _compare_metric,
    AttributeType.PRICE_COLLECTION: _compare_prices,
}
