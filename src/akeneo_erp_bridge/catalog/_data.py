"""What one product value can hold, and how it looks as JSON."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue, as_bool, as_decimal, as_list, as_object, as_text
from akeneo_erp_bridge.catalog._maker import maker
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, CurrencyCode, LocaleCode, UnitCode

__all__ = ["Data", "Metric", "Price", "ProductLink", "Unknown", "Value", "decimal_text", "plain_data"]

Linked: TypeAlias = Literal["product", "product_model"]
"""What a link leads to."""


@frozen
class Metric:
    """A measured amount in a unit, such as 1.5 KILOGRAM.

    Source: Akeneo's documentation of the data format of product values.

    >>> Metric(Decimal("1.5"), UnitCode("KILOGRAM"))
    Metric(amount=Decimal('1.5'), unit='KILOGRAM')
    """

    amount: Decimal
    unit: UnitCode


@frozen
class Price:
    """An amount in one currency of a price collection; `amount=None` clears that currency.

    Source: Akeneo's documentation of the data format of product values.

    >>> euros = Price(Decimal("129.00"), CurrencyCode("EUR"))
    >>> plain_data([euros, Price(None, CurrencyCode("USD"))])
    [{'amount': '129.00', 'currency': 'EUR'}, {'amount': None, 'currency': 'USD'}]
    """

    amount: Decimal | None
    currency: CurrencyCode


@frozen(kw_only=True)
class ProductLink:
    """A link to a product or product model, by `id` (a UUID, or a model's code) or by `identifier`, as the PIM has it.

    Source: Akeneo's documentation of the data format of product values.

    >>> ProductLink(type="product", id="7e0c6f0b-3c0e-4a4f-9a4b-0c2f6d1f1a10").type
    'product'
    """

    type: Linked
    id: str | None = None
    identifier: str | None = None


@frozen
class Unknown:
    """Data of an attribute type this package cannot read, exactly as the PIM sent it.

    >>> Value(AttributeCode("colour_wheel"), Unknown({"hue": 210})).data
    Unknown(raw={'hue': 210})
    """

    raw: JsonValue


_new_metric, _new_price = maker(Metric), maker(Price)
_LINKED: Final[Mapping[str, Linked]] = {"product": "product", "product_model": "product_model"}

Data: TypeAlias = JsonValue | datetime.date | Metric | Price | ProductLink | Unknown | Sequence[Price]


@frozen
class Value:
    """One value to write: an attribute, its data, and where it applies.

    `data=None` erases the value in the PIM. `channel` is what the PIM's API calls *scope*.
    Source: Akeneo's documentation of the data format of product values.

    >>> Value(AttributeCode("name"), "Drill", locale=LocaleCode("en_US"))
    Value(attribute='name', data='Drill', locale='en_US', channel=None)
    """

    attribute: AttributeCode
    data: Data
    locale: LocaleCode | None = None
    channel: ChannelCode | None = None


def decimal_text(number: Decimal) -> str:
    """Write *number* without an exponent, digits untouched: the numeric text the PIM takes.

    >>> decimal_text(Decimal("1E+2")), decimal_text(Decimal("12.50"))
    ('100', '12.50')
    """
    return format(number, "f")


def plain_data(data: Data) -> JsonValue:
    """Return *data* as JSON by its Python type alone, without knowing the attribute.

    Amounts become numeric texts. Use `encode_data` where the attribute is known: it also checks.
    Raises `ValueError` for a float, which cannot hold an exact amount.

    >>> plain_data(Metric(Decimal("1.50"), UnitCode("KILOGRAM")))
    {'amount': '1.50', 'unit': 'KILOGRAM'}
    >>> plain_data(1.5)
    Traceback (most recent call last):
        ...
    ValueError: 1.5 is a float; amounts must be exact: use Decimal('1.5')
    """
    kind = type(data)
    if data is None or kind is str or kind is bool or kind is int:
        return data  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  # exact kinds, tested for speed
    if isinstance(data, Decimal):
        return decimal_text(data)
    if isinstance(data, float):
        raise ValueError(f"{data!r} is a float; amounts must be exact: use Decimal({str(data)!r})")
    if isinstance(data, datetime.date):
        return day_text(data)
    if isinstance(data, Metric | Price | ProductLink | Unknown):
        return _written(data)
    if isinstance(data, Mapping):
        return {key: plain_data(item) for key, item in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [_price(item) if isinstance(item, Price) else plain_data(item) for item in data]
    return data


def _written(data: Metric | Price | ProductLink | Unknown) -> JsonValue:
    if isinstance(data, Metric):
        return {"amount": decimal_text(data.amount), "unit": data.unit}
    if isinstance(data, Price):
        return [_price(data)]
    if isinstance(data, Unknown):
        return data.raw
    named: dict[str, JsonValue] = {"type": data.type, "id": data.id, "identifier": data.identifier}
    return {name: target for name, target in named.items() if target is not None}


def day_text(day: datetime.date) -> str:
    """Write the day of a date or time as `YYYY-MM-DD`, in its own zone."""
    return (day.date() if isinstance(day, datetime.datetime) else day).isoformat()


def _price(price: Price) -> JsonValue:
    amount = None if price.amount is None else decimal_text(price.amount)
    return {"amount": amount, "currency": price.currency}


# ---- reading: paths are relative to the data, and only built when something is wrong ----
def read_text(raw: JsonValue) -> str:
    return as_text(raw, "data")


def read_flag(raw: JsonValue) -> bool:
    return as_bool(raw, "data")


def read_number(raw: JsonValue) -> Decimal:
    return as_decimal(raw, "data")


def read_metric(raw: JsonValue) -> Metric:
    parts = as_object(raw, "data")
    unit = parts.get("unit")
    if not isinstance(unit, str):
        unit = as_text(unit, "data.unit")
    return _new_metric(as_decimal(parts.get("amount"), "data.amount"), UnitCode(unit))


def read_prices(raw: JsonValue) -> tuple[Price, ...]:
    return tuple([_read_price(item) for item in as_list(raw, "data")])


def _read_price(raw: JsonValue) -> Price:
    parts = as_object(raw, "data[]")
    amount, currency = parts.get("amount"), parts.get("currency")
    if not isinstance(currency, str):
        currency = as_text(currency, "data[].currency")
    return _new_price(None if amount is None else as_decimal(amount, "data[].amount"), CurrencyCode(currency))


def read_day(raw: JsonValue) -> datetime.date:
    text = as_text(raw, "data")
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"data: expected a date like 2026-06-13, got {text!r}") from None


def read_rows(raw: JsonValue) -> tuple[JsonObject, ...]:
    return tuple([as_object(row, "data[]") for row in as_list(raw, "data")])


def read_link(raw: JsonValue) -> ProductLink:
    parts = as_object(raw, "data")
    kind = _LINKED.get(as_text(parts.get("type"), "data.type"))
    if kind is None:
        raise ValueError(f"data.type: expected 'product' or 'product_model', got {parts.get('type')!r}")
    names = {name: as_text(parts[name], f"data.{name}") for name in ("id", "identifier") if parts.get(name) is not None}
    if not names:
        raise ValueError("data: a link without `id` and `identifier` leads nowhere")
    return ProductLink(type=kind, id=names.get("id"), identifier=names.get("identifier"))


def read_codes(raw: JsonValue) -> tuple[str, ...]:
    return codes(raw, "data")


def codes(raw: JsonValue, path: str) -> tuple[str, ...]:
    """Read a list of codes; raises `ValueError` naming *path*."""
    found = as_list(raw, path)
    return tuple([code if isinstance(code, str) else as_text(code, f"{path}[]") for code in found])
