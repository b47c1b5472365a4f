"""How often a field was seen to change: measured on a sample of items, kept as hashes and counts, never as values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from attrs import evolve, frozen

Look: TypeAlias = Literal["", "amount", "price"]
"""What a raw value looks like: a price with its currency, a bare amount with cents, or neither."""

_CURRENCY: Final = r"(?:[€$£¥]|EUR|USD|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|PLN|CZK|HUF)"
_FIGURE: Final = r"\d{1,3}(?:[.,'  ]?\d{3})*(?:[.,]\d{1,2}|,-|,–)?"  # a plain or no-break space between thousands
_PRICE: Final = re.compile(
    rf"(?<![\w.,]){_CURRENCY}\s?{_FIGURE}(?![\w])|(?<![\w.,]){_FIGURE}\s?{_CURRENCY}(?!\w)", re.IGNORECASE
)
_AMOUNT: Final = re.compile(r"\s*\d{1,7}[.,]\d{2}\s*")
_LONGEST: Final = 40
"""Longer texts speak of prices; they are none."""


def looks_like(raw: object) -> Look:
    """What a raw value looks like.

    >>> looks_like("129,00 EUR"), looks_like("$ 9.90"), looks_like("12.50"), looks_like("M8 x 30")
    ('price', 'price', 'amount', '')
    """
    if isinstance(raw, Decimal):
        return "amount" if raw.is_finite() and raw.as_tuple().exponent == -2 else ""
    if not isinstance(raw, str) or len(raw) > _LONGEST:
        return ""
    if _PRICE.search(raw):
        return "price"
    return "amount" if _AMOUNT.fullmatch(raw) else ""


@frozen
class Trace:
    """What is remembered of one field of one item: a hash of four bytes, what it looks like, and counts.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 5, 4, 6, tzinfo=UTC)
    >>> first = Trace.of("129,00 EUR", monday)
    >>> later = first.then("129,00 EUR", monday + timedelta(days=1)).then("119,00 EUR", monday + timedelta(days=2))
    >>> later.changes, later.moves, later.look, later.last.day
    (1, 1, 'price', 6)
    """

    digest: str
    look: Look
    since: datetime
    changes: int = 0
    moves: int = 0
    """Changes from one amount to another."""
    last: datetime | None = None

    @classmethod
    def of(cls, raw: object, now: datetime) -> Trace:
        """The first trace of a field."""
        try:
            seen = repr(raw)
        except ValueError:  # Python writes no number of more than 4300 digits
            seen = "a number too long to write"
        digest = blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        return cls(digest, looks_like(raw), now)

    def then(self, raw: object, now: datetime) -> Trace:
        """The trace after another look."""
        fresh = Trace.of(raw, now)
        if fresh.digest == self.digest:
            return self
        is_move = bool(self.look and fresh.look)
        return evolve(fresh, since=self.since, changes=self.changes + 1, moves=self.moves + is_move, last=now)


@frozen
class Runs:
    """How many finished runs could compare a field, in how many it changed, and when the last one was.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 5, 4, 6, tzinfo=UTC)
    >>> sum_up([], Runs(runs=20, changed=5, looked=monday)).share_of_runs
    0.25
    """

    runs: int
    changed: int
    looked: datetime


@frozen
class Volatility:
    """What was observed of one field, in a sample of items.

    `runs` are those that had something to compare with, `changed_runs` those in which the field changed for any item.
    `watched` is the time that all items together were watched for, `changes` the changes in it.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 5, 4, 6, tzinfo=UTC)
    >>> stocks = [Trace.of(7, monday).then(6, monday + timedelta(days=4)), Trace.of(30, monday)]
    >>> seen = sum_up(stocks, Runs(runs=10, changed=1, looked=monday + timedelta(days=10)))
    >>> seen.lasts.days, seen.rested.days  # two items, watched for 10 days each, changed once
    (20, 6)
    """

    runs: int
    changed_runs: int
    items: int
    changed_items: int
    changes: int
    watched: timedelta
    longest: timedelta
    """How long the item was watched that was watched longest."""
    looked: datetime
    last_change: datetime | None
    prices: int
    """Items whose value looks like a price with its currency."""
    amounts: int
    """Items whose value looks like an amount with cents."""
    moves: int
    """Changes from one amount to another."""

    @property
    def share_of_runs(self) -> float:
        """In which share of the runs it changed, from 0 to 1."""
        return self.changed_runs / self.runs if self.runs else 0.0

    @property
    def lasts(self) -> timedelta | None:
        """How long a value lasts for one item, on average; `None` where no change was seen."""
        return self.watched / self.changes if self.changes else None

    @property
    def rested(self) -> timedelta:
        """For how long no change was seen in any item."""
        return self.longest if self.last_change is None else self.looked - self.last_change


def sum_up(traces: Iterable[Trace], runs: Runs) -> Volatility:
    """The traces of one field, item by item, as one.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 5, 4, 6, tzinfo=UTC)
    >>> names = [Trace.of("Drill", monday).then("Hammer drill", monday), Trace.of("Shirt", monday)]
    >>> seen = sum_up(names, Runs(runs=2, changed=1, looked=monday))
    >>> seen.items, seen.changed_items
    (2, 1)
    """
    found = list(traces)
    spans = [max(runs.looked - one.since, timedelta(0)) for one in found]
    return Volatility(
        runs=runs.runs,
        changed_runs=runs.changed,
        items=len(found),
        changed_items=sum(one.changes > 0 for one in found),
        changes=sum(one.changes for one in found),
        watched=sum(spans, timedelta(0)),
        longest=max(spans, default=timedelta(0)),
        looked=runs.looked,
        last_change=max((one.last for one in found if one.last is not None), default=None),
        prices=sum(one.look == "price" for one in found),
        amounts=sum(one.look == "amount" for one in found),
        moves=sum(one.moves for one in found),
    )


def warmest(observed: Iterable[Mapping[str, Volatility]]) -> dict[str, Volatility]:
    """What several streams saw of the same fields: of each field, what saw it change most often.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 5, 4, 6, tzinfo=UTC)
    >>> def watched(looks):
    ...     trace = Trace.of(0, monday)
    ...     for day in range(1, looks):
    ...         trace = trace.then(day, monday + timedelta(days=day))
    ...     return {"stock": sum_up([trace], Runs(runs=9, changed=looks, looked=monday + timedelta(days=10)))}
    >>> warmest([watched(2), watched(6)])["stock"].changes
    5
    """
    merged: dict[str, Volatility] = {}
    for one in observed:
        for path, found in one.items():
            known = merged.get(path)
            if known is None or _warmth(found) > _warmth(known):
                merged[path] = found
    return merged


def _warmth(one: Volatility) -> tuple[float, int]:
    return (1 / max(one.lasts.total_seconds(), 1e-9) if one.lasts is not None else 0.0, one.runs)
