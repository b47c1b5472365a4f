"""What looks like a price, and what the traces of a field sum up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.classification import Look, Runs, Trace, looks_like, sum_up, warmest

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("129,00 EUR", "price"),
        ("EUR 129.00", "price"),
        ("1.299,00 €", "price"),
        ("1 299,00 €", "price"),
        ("$9.90", "price"),
        ("CHF 1'250.00", "price"),
        ("ab 9,90 € / Stück", "price"),
        ("129,- EUR", "price"),
        ("12 eur", "price"),
        ("129,00", "amount"),
        (" 9.90 ", "amount"),
        (Decimal("9.90"), "amount"),
        (Decimal("9.9"), ""),
        (Decimal("NaN"), ""),
        ("9.9", ""),
        ("129", ""),
        ("M8 x 30", ""),
        ("Neuro 12", ""),
        ("EURO-2000", ""),
        ("Model 3EURX", ""),
        ("1.299.000", ""),
        ("", ""),
        ("A voucher of 50 EUR for whoever reads a long text to its end", ""),
        (9.9, ""),
        (None, ""),
    ],
)
def test_what_looks_like_a_price(raw: object, expected: Look) -> None:
    assert looks_like(raw) == expected


@given(st.one_of(st.text(), st.decimals(), st.integers(), st.none(), st.binary()))
def test_any_value_can_be_looked_at(raw: object) -> None:
    trace = Trace.of(raw, START)
    assert trace.then(raw, START + DAY) is trace
    assert len(trace.digest) == 8


@given(st.lists(st.sampled_from(["9,90 EUR", "8,90 EUR", "red", "9.90"]), min_size=1, max_size=8))
def test_a_trace_counts_each_change_and_keeps_no_value(values: list[str]) -> None:
    trace = Trace.of(values[0], START)
    for day, value in enumerate(values[1:], start=1):
        trace = trace.then(value, START + day * DAY)
    pairs = list(pairwise(values))
    assert trace.changes == sum(a != b for a, b in pairs)
    assert trace.moves == sum(a != b and "red" not in (a, b) for a, b in pairs)
    days = [day for day, (a, b) in enumerate(pairs, start=1) if a != b]
    assert trace.last == (START + days[-1] * DAY if days else None)
    assert not any(value in repr(trace) for value in set(values))


def test_how_long_a_value_lasts() -> None:
    one = Trace("", "", START, changes=3, last=START + 8 * DAY)
    two = Trace("", "price", START + 4 * DAY)
    seen = sum_up([one, two], Runs(10, 3, START + 10 * DAY))
    assert (seen.watched, seen.longest) == (16 * DAY, 10 * DAY)
    assert seen.lasts == 16 * DAY / 3
    assert (seen.rested, seen.changed_items, seen.prices) == (2 * DAY, 1, 1)
    assert seen.share_of_runs == pytest.approx(0.3)
    still = sum_up([two], Runs(0, 0, START + 10 * DAY))
    assert (still.lasts, still.rested, still.share_of_runs) == (None, 6 * DAY, 0.0)


def test_of_several_streams_the_warmest_counts() -> None:
    slow = sum_up([Trace("", "", START, changes=1, last=START)], Runs(9, 1, START + DAY))
    fast = sum_up([Trace("", "", START, changes=5, last=START)], Runs(5, 5, START + DAY))
    still = sum_up([Trace("", "", START)], Runs(99, 0, START + DAY))
    assert warmest([{"price": slow}, {"price": fast, "name": still}, {"price": still}]) == {
        "price": fast,
        "name": still,
    }
