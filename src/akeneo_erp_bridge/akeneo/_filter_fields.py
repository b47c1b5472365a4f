"""Fields, their operators, and how a condition is written for the PIM."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue, Metric, Price

Amount: TypeAlias = int | Decimal | Metric | Price | datetime.date
"""What can be more or less than another: numbers, measurements, prices, days."""

Zone: TypeAlias = datetime.tzinfo | ZoneInfo
MOST_CODES: Final = 100  # Akeneo's limit for IN on identifiers


class Filter(Mapping[str, JsonValue]):
    """Conditions, all of which must hold; `&` joins them. Give it to `list`, `pages` or `count`.

    >>> from akeneo_erp_bridge.akeneo.filters import Product
    >>> dict(Product.enabled.is_(True) & Product.family.in_("drills", "saws"))
    {'enabled': [{'operator': '=', 'value': True}], 'family': [{'operator': 'IN', 'value': ['drills', 'saws']}]}
    """

    __slots__ = ("_conditions",)

    def __init__(self, conditions: Mapping[str, JsonValue]) -> None:
        self._conditions = dict(conditions)

    def __getitem__(self, name: str) -> JsonValue:
        return self._conditions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._conditions)

    def __len__(self) -> int:
        return len(self._conditions)

    def __and__(self, other: Filter) -> Filter:
        joined = dict(self._conditions)
        for name, conditions in other.items():
            known = joined.get(name)
            if known is None:
                joined[name] = conditions
            elif isinstance(known, list) and isinstance(conditions, list):
                joined[name] = [*known, *conditions]
            else:
                raise ValueError(f"the PIM takes one condition on '{name}' here, and two are given")
        return Filter(joined)

    def __repr__(self) -> str:
        return f"Filter({self._conditions!r})"


@frozen
class Field:
    """What a condition is about."""

    name: str
    place: tuple[tuple[str, JsonValue], ...] = ()

    def _holds(self, operator: str, value: JsonValue = None, **more: JsonValue) -> Filter:
        condition: dict[str, JsonValue] = {"operator": operator}
        if value is not None:
            condition["value"] = value
        return Filter({self.name: [{**condition, **dict(self.place), **more}]})


class Absent(Field):
    """What may be missing."""

    def is_empty(self) -> Filter:
        """There is none."""
        return self._holds("EMPTY")

    def is_not_empty(self) -> Filter:
        """There is one."""
        return self._holds("NOT EMPTY")


class Nested(Field):
    """What stands in a tree."""

    def in_children(self, *codes: str) -> Filter:
        """One of these, or below one; for families, cloud PIMs."""
        return self._holds("IN CHILDREN", _codes(codes))

    def not_in_children(self, *codes: str) -> Filter:
        """None of these, nor below one; for families, cloud PIMs."""
        return self._holds("NOT IN CHILDREN", _codes(codes))


def _codes(codes: Sequence[str]) -> list[JsonValue]:
    if not codes:
        raise ValueError("give at least one code: a condition on none would hold for nothing, or for everything")
    return [str(code) for code in codes]


# ---- fields ----
class Codes(Field):
    """One of several codes."""

    def in_(self, *codes: str) -> Filter:
        """One of these."""
        return self._holds("IN", _codes(codes))


class Choice(Codes):
    """One of several codes, or none of them."""

    def not_in(self, *codes: str) -> Filter:
        """None of these."""
        return self._holds("NOT IN", _codes(codes))


class Identifiers(Choice):
    """UUIDs or codes of the things themselves, at most 100 at a time."""

    def in_(self, *codes: str) -> Filter:
        """One of these; raises `ValueError` for more than the PIM takes."""
        if len(codes) > MOST_CODES:
            raise ValueError(f"the PIM takes at most {MOST_CODES} at a time, seen {len(codes)}; ask in parts")
        return super().in_(*codes)


class Emptiable(Choice, Absent):
    """Codes that may be missing."""


class Families(Emptiable, Nested):
    """The family."""


class Categories(Choice, Nested):
    """The categories of a product."""

    def in_or_unclassified(self, *codes: str) -> Filter:
        """In one of these, or in none at all."""
        return self._holds("IN OR UNCLASSIFIED", _codes(codes))

    def is_unclassified(self) -> Filter:
        """In no category."""
        return self._holds("UNCLASSIFIED")


class Same(Field):
    """One code, and no choice."""

    def is_(self, code: str) -> Filter:
        """This one."""
        return self._holds("=", code)


class Above(Absent):
    """The model right above."""

    def in_(self, *codes: str) -> Filter:
        """One of these is right above; 7.0 for products, 6.0 for models."""
        return self._holds("IN", _codes(codes))


class Parent(Above):
    """The models above."""

    def is_(self, code: str) -> Filter:
        """This one is above, at whatever distance."""
        return self._holds("=", code)


class Flag(Field):
    """Yes or no."""

    def is_(self, value: bool) -> Filter:  # noqa: FBT001 - `enabled.is_(True)` reads as it is meant
        """It is so, or is not."""
        return self._holds("=", value)


class Letters(Field):
    """The quality score."""

    def in_(self, *letters: str, channel: str, locale: str) -> Filter:
        """One of these letters, for one channel and locale."""
        return self._holds("IN", _codes(letters), scope=channel, locale=locale)


class Since(Field):
    """A moment that can only be asked for what came after it."""

    def since(self, moment: datetime.datetime) -> Filter:
        """After a moment. Raises `ValueError` for one without a time zone."""
        return self._holds(">", _aware(moment).isoformat())


class Moment(Field):
    """A moment, told in the server's time zone: UTC in the cloud; elsewhere say which with *zone*."""

    def since(self, moment: datetime.datetime, *, zone: Zone = datetime.UTC) -> Filter:
        """After a moment. Raises `ValueError` for one without a time zone."""
        return self._holds(">", _local(moment, zone))

    def before(self, moment: datetime.datetime, *, zone: Zone = datetime.UTC) -> Filter:
        """Before a moment."""
        return self._holds("<", _local(moment, zone))

    def between(self, start: datetime.datetime, end: datetime.datetime, *, zone: Zone = datetime.UTC) -> Filter:
        """From a moment to another."""
        return self._holds("BETWEEN", [_local(start, zone), _local(end, zone)])

    def not_between(self, start: datetime.datetime, end: datetime.datetime, *, zone: Zone = datetime.UTC) -> Filter:
        """Not from a moment to another."""
        return self._holds("NOT BETWEEN", [_local(start, zone), _local(end, zone)])

    def in_last(self, span: datetime.timedelta) -> Filter:
        """In the last days; a part of a day counts as one."""
        days = -(-span // datetime.timedelta(days=1))
        return self._holds("SINCE LAST N DAYS", days)


def _aware(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware moment, e.g. datetime.now(UTC)")
    return moment


def _local(moment: datetime.datetime, zone: Zone) -> str:
    return _aware(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


class Completeness(Field):
    """How much of what a channel needs is there, in percent."""

    def at_least(self, percent: int, *, channel: str, locales: Sequence[str] = ()) -> Filter:
        """So much or more; on all of the *locales*, where some are given, else on any."""
        if locales:
            return self._holds("GREATER OR EQUALS THAN ON ALL LOCALES", percent, scope=channel, locales=list(locales))
        return self._holds(">=", percent, scope=channel)

    def below(self, percent: int, *, channel: str, locales: Sequence[str] = ()) -> Filter:
        """Less; on all of the *locales*, where some are given, else on any."""
        if locales:
            return self._holds("LOWER THAN ON ALL LOCALES", percent, scope=channel, locales=list(locales))
        return self._holds("<", percent, scope=channel)

    def is_(self, percent: int, *, channel: str) -> Filter:
        """Exactly so much."""
        return self._holds("=", percent, scope=channel)


class ModelCompleteness(Field):
    """Whether the variants below a model are complete."""

    def all_complete(self, *, channel: str, locale: str) -> Filter:
        """All of them are."""
        return self._holds("ALL COMPLETE", scope=channel, locale=locale)

    def all_incomplete(self, *, channel: str, locale: str) -> Filter:
        """None of them is."""
        return self._holds("ALL INCOMPLETE", scope=channel, locale=locale)

    def some_complete(self, *, channel: str, locale: str) -> Filter:
        """At least one is."""
        return self._holds("AT LEAST COMPLETE", scope=channel, locale=locale)

    def some_incomplete(self, *, channel: str, locale: str) -> Filter:
        """At least one is not."""
        return self._holds("AT LEAST INCOMPLETE", scope=channel, locale=locale)


class AttributeField(Absent):
    """A value of a product. Which operators the PIM takes depends on the attribute's type; values are checked here.

    >>> from akeneo_erp_bridge.akeneo.filters import attribute
    >>> from akeneo_erp_bridge.codes import UnitCode
    >>> dict(attribute("weight").at_least(Metric(Decimal("1.5"), UnitCode("KILOGRAM"))))
    {'weight': [{'operator': '>=', 'value': {'amount': '1.5', 'unit': 'KILOGRAM'}}]}
    >>> attribute("count").equals(1.5)
    Traceback (most recent call last):
        ...
    TypeError: 1.5 is a float; amounts must be exact: use Decimal('1.5')
    """

    def equals(self, value: str | bool | Amount) -> Filter:  # noqa: FBT001 - a value like any other
        """The same."""
        return self._holds("=", _shown(value))

    def differs_from(self, value: str | bool | Amount) -> Filter:  # noqa: FBT001 - a value like any other
        """Another, but there is one."""
        return self._holds("!=", _shown(value))

    def greater_than(self, value: Amount) -> Filter:
        """More, or a later day."""
        return self._holds(">", _shown(value))

    def at_least(self, value: int | Decimal | Metric | Price) -> Filter:
        """As much or more; days have no such operator."""
        return self._holds(">=", _shown(value))

    def less_than(self, value: Amount) -> Filter:
        """Less, or an earlier day."""
        return self._holds("<", _shown(value))

    def at_most(self, value: int | Decimal | Metric | Price) -> Filter:
        """As much or less; days have no such operator."""
        return self._holds("<=", _shown(value))

    def between(self, first: datetime.date, last: datetime.date) -> Filter:
        """From a day to another."""
        return self._holds("BETWEEN", [_shown(first), _shown(last)])

    def starts_with(self, text: str) -> Filter:
        """A text that begins so."""
        return self._holds("STARTS WITH", text)

    def contains(self, text: str) -> Filter:
        """A text with this in it."""
        return self._holds("CONTAINS", text)

    def does_not_contain(self, text: str) -> Filter:
        """A text without this in it."""
        return self._holds("DOES NOT CONTAIN", text)

    def in_(self, *codes: str) -> Filter:
        """One of these texts, options, assets or records."""
        return self._holds("IN", _codes(codes))

    def not_in(self, *codes: str) -> Filter:
        """None of these."""
        return self._holds("NOT IN", _codes(codes))


def _shown(value: str | bool | Amount) -> JsonValue:  # noqa: FBT001 - a value like any other
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; amounts must be exact: use Decimal({str(value)!r})")
    if isinstance(value, Metric):
        return {"amount": format(value.amount, "f"), "unit": value.unit}
    if isinstance(value, Price):
        if value.amount is None:
            raise ValueError("a price without an amount is no bound; use is_empty()")
        return {"amount": format(value.amount, "f"), "currency": value.currency}
    if isinstance(value, datetime.datetime):
        raise TypeError("a date attribute holds a day; give a date, not a moment")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value
