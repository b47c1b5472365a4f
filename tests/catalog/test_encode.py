"""Data as an attribute takes it, and in one comparable form."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.catalog import Attribute, Data, JsonValue, Metric, Price, Unknown, canonical, encode_data
from akeneo_erp_bridge.codes import AttributeCode, CurrencyCode, UnitCode

KG = UnitCode("KILOGRAM")
EUR, USD = CurrencyCode("EUR"), CurrencyCode("USD")


def attribute(kind: str, **more: Any) -> Attribute:
    return Attribute(code=AttributeCode("x"), type=kind, **more)


@pytest.mark.parametrize(
    ("kind", "more", "data", "expected"),
    [
        ("pim_catalog_text", {}, "a", "a"),
        ("pim_catalog_identifier", {}, "DR-1", "DR-1"),
        ("pim_catalog_number", {"decimals_allowed": True}, Decimal("12.50"), "12.50"),
        ("pim_catalog_number", {"decimals_allowed": True}, 12, "12"),
        ("pim_catalog_number", {"decimals_allowed": True}, Decimal("1E+3"), "1000"),
        ("pim_catalog_number", {"decimals_allowed": False}, Decimal("12.0"), 12),
        ("pim_catalog_number", {"negative_allowed": True}, -3, -3),
        ("pim_catalog_metric", {"decimals_allowed": True}, Metric(Decimal("1.5"), KG), {"amount": "1.5", "unit": KG}),
        ("pim_catalog_metric", {"decimals_allowed": False}, Metric(Decimal(2), KG), {"amount": 2, "unit": KG}),
        (
            "pim_catalog_price_collection",
            {"decimals_allowed": True},
            [Price(Decimal("9.9"), EUR), Price(None, USD)],
            [{"amount": "9.9", "currency": "EUR"}, {"amount": None, "currency": "USD"}],
        ),
        ("pim_catalog_price_collection", {}, Price(Decimal(9), EUR), [{"amount": 9, "currency": "EUR"}]),
        ("pim_catalog_date", {}, datetime.date(2026, 6, 13), "2026-06-13"),
        ("pim_catalog_date", {}, datetime.datetime(2026, 6, 13, 23, tzinfo=datetime.UTC), "2026-06-13"),
        ("pim_catalog_date", {}, "2026-06-13T00:00:00+02:00", "2026-06-13"),
        ("pim_catalog_boolean", {}, False, False),
        ("pim_catalog_simpleselect", {}, "red", "red"),
        ("pim_catalog_multiselect", {}, ("red", "blue"), ["red", "blue"]),
        ("pim_catalog_multiselect", {}, [], []),
        ("pim_catalog_asset_collection", {}, ["b", "a"], ["b", "a"]),
        ("pim_catalog_table", {}, [{"row": "a", "net": Decimal("1.5")}], [{"row": "a", "net": "1.5"}]),
        ("acme_hologram", {}, Unknown({"a": 1}), {"a": 1}),
        ("pim_catalog_number", {}, None, None),
    ],
)
def test_encode(kind: str, more: dict[str, Any], data: Data, expected: JsonValue) -> None:
    found = encode_data(data, attribute(kind, **more))
    assert found == expected
    assert type(found) is type(expected)  # 1 == True == Decimal(1)


@pytest.mark.parametrize(
    ("kind", "more", "data", "message"),
    [
        ("pim_catalog_text", {}, 12, "needs a text, got a number"),
        ("pim_catalog_number", {}, 12.5, "needs an int or a Decimal, got a number: 12.5"),
        ("pim_catalog_number", {}, True, "needs an int or a Decimal, got a boolean"),
        ("pim_catalog_number", {}, "12", "needs an int or a Decimal, got a text"),
        ("pim_catalog_number", {"decimals_allowed": False}, Decimal("12.5"), "allows no decimals, got 12.5"),
        ("pim_catalog_number", {"negative_allowed": False}, -1, "allows no negative number, got -1"),
        ("pim_catalog_number", {"decimals_allowed": True}, Decimal("NaN"), "needs a finite number"),
        ("pim_catalog_metric", {}, Decimal(1), "needs a Metric"),
        ("pim_catalog_price_collection", {}, [Decimal(1)], "needs Price"),
        ("pim_catalog_price_collection", {}, "9.90", "needs a list of Price"),
        ("pim_catalog_date", {}, 20260613, "needs a date"),
        ("pim_catalog_date", {}, "13.06.2026", "expected a date like"),
        ("pim_catalog_boolean", {}, "yes", "needs True or False"),
        ("pim_catalog_multiselect", {}, "red", "needs a list of codes, got a text"),
        ("pim_catalog_multiselect", {}, [1], "needs a list of codes, got a number"),
    ],
)
def test_wrong_data_is_refused_in_words(kind: str, more: dict[str, Any], data: Data, message: str) -> None:
    with pytest.raises(ValueError, match=f"attribute 'x' \\({kind}\\): .*{message}"):
        encode_data(data, attribute(kind, **more))


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("pim_catalog_number", "12.5000", "12.5"),
        ("pim_catalog_number", 12, "12.0"),
        ("pim_catalog_number", "-0.0", 0),
        ("pim_catalog_number", "1000", Decimal("1E3")),
        (
            "pim_catalog_metric",
            {"amount": "1.50", "unit": "kilogram", "symbol": "kg"},
            {"amount": 1.5, "unit": "KILOGRAM"},
        ),
        (
            "pim_catalog_price_collection",
            [{"amount": "9.90", "currency": "EUR"}, {"amount": "12", "currency": "USD"}],
            [{"amount": "12.00", "currency": "USD"}, {"amount": "9.9", "currency": "EUR"}],
        ),
        ("pim_catalog_price_collection", [{"amount": None, "currency": "EUR"}], []),
        ("pim_catalog_date", "2026-06-13T00:00:00+02:00", "2026-06-13"),
        ("pim_catalog_simpleselect", "Red", "red"),
        ("pim_catalog_multiselect", ["blue", "Red", "red"], ["RED", "blue"]),
        ("pim_catalog_multiselect", [], None),
        ("akeneo_reference_entity_collection", ["b", "a"], ["A", "B"]),
    ],
)
def test_two_spellings_of_one_value_are_equal(kind: str, left: JsonValue, right: JsonValue) -> None:
    assert canonical(left, kind) == canonical(right, kind)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("pim_catalog_number", "12.5", "12.51"),
        ("pim_catalog_number", 0, None),
        ("pim_catalog_metric", {"amount": "1", "unit": "GRAM"}, {"amount": "1", "unit": "KILOGRAM"}),
        ("pim_catalog_text", "Red", "red"),
        ("pim_catalog_text", "", None),
        ("pim_catalog_asset_collection", ["a", "b"], ["b", "a"]),
        ("pim_catalog_boolean", False, None),
        ("pim_catalog_price_collection", [{"amount": "1", "currency": "EUR"}], [{"amount": "1", "currency": "USD"}]),
    ],
)
def test_different_values_stay_different(kind: str, left: JsonValue, right: JsonValue) -> None:
    assert canonical(left, kind) != canonical(right, kind)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_what_is_written_compares_equal_to_itself_padded(number: Decimal) -> None:
    written = encode_data(number, attribute("pim_catalog_number", decimals_allowed=True))
    assert isinstance(written, str)
    assert canonical(written, "pim_catalog_number") == canonical(f"{number:.8f}", "pim_catalog_number")
    assert Decimal(written) == number
