"""`ValueSet`: the values of one product, parsed only when somebody looks."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar, cast

from attrs import field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.catalog._data import (
    Data,
    Metric,
    Price,
    ProductLink,
    Unknown,
    Value,
    read_codes,
    read_day,
    read_flag,
    read_link,
    read_metric,
    read_number,
    read_prices,
    read_rows,
    read_text,
)
from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue, as_list, as_object, as_text
from akeneo_erp_bridge.catalog._types import CODE_LISTS, MEDIA, SINGLE_CODES, TEXTS, AttributeType
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, LocaleCode, OptionCode

__all__ = ["ValueSet"]

T = TypeVar("T")
_NO_TYPES: Final[Mapping[str, str]] = {}

RawValues: TypeAlias = Mapping[str, Sequence[JsonObject]]
"""Values as the PIM sends them: by attribute, then one entry for each locale and channel."""

_READERS: Final[Mapping[str, Callable[[JsonValue], Data]]] = {
    **dict.fromkeys(TEXTS | MEDIA | SINGLE_CODES, read_text),
    **dict.fromkeys(CODE_LISTS, read_codes),
    AttributeType.BOOLEAN: read_flag,
    AttributeType.DATE: read_day,
    AttributeType.NUMBER: read_number,
    AttributeType.METRIC: read_metric,
    AttributeType.PRICE_COLLECTION: read_prices,
    AttributeType.PRODUCT_LINK: read_link,
    AttributeType.TABLE: read_rows,
}
# the cast: a NewType is a text; to call it for each code would cost as much as to read it
_read_code: Final = cast("Callable[[JsonValue], OptionCode]", read_text)


@frozen
class ValueSet:
    """The values of a product or product model; a value nobody touches costs nothing.

    Three states stay apart: *absent* (`raw` gives `UNSET`, `has` gives `False`), *null* (`raw` gives `None`)
    and *empty* (`raw` gives `""` or `[]`). The typed readers give `None`, or `()`, for the first two.
    They raise `ValueError` naming the attribute when the data is of another kind.
    `channel` is what the PIM's API calls *scope*.

    Source: Akeneo's documentation of product values.

    >>> values = ValueSet({"weight": [{"locale": None, "scope": None, "data": {"amount": "1.50", "unit": "KILOGRAM"}}]})
    >>> values.metric("weight")
    Metric(amount=Decimal('1.50'), unit='KILOGRAM')
    >>> values.raw("name")
    UNSET
    """

    source: RawValues = field(factory=dict[str, Sequence[JsonObject]])
    attribute_types: Mapping[str, str] = field(default=_NO_TYPES, eq=False, repr=False)

    # ---- what is there ----
    def raw(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> JsonValue | UnsetType:
        """Return the data as the PIM sent it; `UNSET` where there is no such value."""
        entries = self.source.get(attribute)
        if entries is None:
            return UNSET
        try:
            for entry in entries:
                if entry["locale"] == locale and entry["scope"] == channel:
                    return entry["data"]
        except (KeyError, TypeError):
            return self._raw_of_odd_shape(attribute, locale, channel)
        return UNSET

    def has(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> bool:
        """Tell whether the PIM sent this value, be it null or empty."""
        return self.raw(attribute, locale=locale, channel=channel) is not UNSET

    def __contains__(self, attribute: object) -> bool:
        return attribute in self.source

    def __len__(self) -> int:
        """Count the values: one per attribute, locale and channel."""
        return sum(len(self._entries(attribute)) for attribute in self.source)

    def __iter__(self) -> Iterator[Value]:
        """Yield every value, decoded by its attribute type where that is known."""
        for attribute in self.source:
            for entry in self._entries(attribute):
                yield self._value(attribute, entry)

    @property
    def attributes(self) -> tuple[AttributeCode, ...]:
        """The codes of the attributes that have a value."""
        return tuple(AttributeCode(code) for code in self.source)

    # ---- typed readers ----
    def text(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> str | None:
        """Return a text, text area, identifier or media code."""
        data = self.raw(attribute, locale=locale, channel=channel)
        # what is a text needs no reader; most of what a program looks at is one
        return data if type(data) is str else self._read(attribute, locale, channel, read_text)

    def number(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> Decimal | None:
        """Return a number, exactly as sent: `"12.5000"` keeps its zeros."""
        return self._read(attribute, locale, channel, read_number)

    def metric(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> Metric | None:
        """Return a measured amount with its unit."""
        return self._read(attribute, locale, channel, read_metric)

    def prices(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> tuple[Price, ...]:
        """Return a price collection; `()` when there is none."""
        return self._read(attribute, locale, channel, read_prices) or ()

    def option(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> OptionCode | None:
        """Return the code of a simple select."""
        data = self.raw(attribute, locale=locale, channel=channel)
        return OptionCode(data) if type(data) is str else self._read(attribute, locale, channel, _read_code)

    def options(
        self, attribute: str, *, locale: str | None = None, channel: str | None = None
    ) -> tuple[OptionCode, ...]:
        """Return the codes of a multi select, in the PIM's order; `()` when there are none."""
        found = self._read(attribute, locale, channel, read_codes) or ()
        # Checked to be texts; a call of the NewType for each would double the cost.
        return cast("tuple[OptionCode, ...]", found)

    def boolean(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> bool | None:
        """Return a yes/no value."""
        return self._read(attribute, locale, channel, read_flag)

    def date(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> datetime.date | None:
        """Return the day of a date value; the zone the PIM writes behind it has no meaning and is dropped."""
        return self._read(attribute, locale, channel, read_day)

    def rows(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> tuple[JsonObject, ...]:
        """Return the rows of a table, each a map from column to cell; `()` when there are none.

        A number is a text, a measurement an object of `amount` and `unit`; an empty cell is not there.

        >>> ValueSet({"parts": [{"locale": None, "scope": None, "data": [{"part": "chuck", "count": "2"}]}]}).rows("parts")
        ({'part': 'chuck', 'count': '2'},)
        """
        return self._read(attribute, locale, channel, read_rows) or ()

    def link(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> ProductLink | None:
        """Return a link to a product or product model."""
        return self._read(attribute, locale, channel, read_link)

    def decode(
        self, attribute: str, *, locale: str | None = None, channel: str | None = None
    ) -> Data | Unknown | UnsetType:
        """Return the data by its attribute type: the one in the value, else the one given to `with_types`.

        Gives `Unknown` for a type nobody told, `UNSET` where there is no such value.
        """
        for entry in self._entries(attribute):
            if entry.get("locale") == locale and entry.get("scope") == channel:
                return self._value(attribute, entry).data
        return UNSET

    def with_types(self, attribute_types: Mapping[str, str]) -> ValueSet:
        """Return the same values with attribute types to decode by, for PIMs that do not send them.

        >>> plain = ValueSet({"net": [{"locale": None, "scope": None, "data": "5.0"}]})
        >>> plain.decode("net"), plain.with_types({"net": "pim_catalog_number"}).decode("net")
        (Unknown(raw='5.0'), Decimal('5.0'))
        """
        return ValueSet(self.source, attribute_types)

    # ---- inside ----
    def _entries(self, attribute: str) -> list[JsonObject]:
        path = f"values.{attribute}"
        return [as_object(entry, path) for entry in as_list(self.source.get(attribute, []), path)]

    def _raw_of_odd_shape(self, attribute: str, locale: str | None, channel: str | None) -> JsonValue | UnsetType:
        for entry in self._entries(attribute):
            if entry.get("locale") == locale and entry.get("scope") == channel:
                return entry.get("data")
        return UNSET

    def _read(
        self, attribute: str, locale: str | None, channel: str | None, reader: Callable[[JsonValue], T]
    ) -> T | None:
        data = self.raw(attribute, locale=locale, channel=channel)
        if data is None or data is UNSET:
            return None
        try:
            return reader(data)
        except ValueError as error:
            raise ValueError(f"values.{attribute}: {error}") from None

    def _value(self, attribute: str, entry: JsonObject) -> Value:
        kind = entry.get("attribute_type") or self.attribute_types.get(attribute)
        reader = _READERS.get(kind) if isinstance(kind, str) else None
        raw = entry.get("data")
        data: Data = None
        if raw is not None:
            try:
                data = Unknown(raw) if reader is None else reader(raw)
            except ValueError as error:
                raise ValueError(f"values.{attribute}: {error}") from None
        locale, channel = entry.get("locale"), entry.get("scope")
        return Value(
            AttributeCode(attribute),
            data,
            None if locale is None else LocaleCode(as_text(locale)),
            None if channel is None else ChannelCode(as_text(channel)),
        )
