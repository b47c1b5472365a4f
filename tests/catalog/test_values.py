"""Values as read: lazily, and with absent, null and empty kept apart."""

from __future__ import annotations

import datetime
import pickle
from decimal import Decimal

import pytest

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog import JsonValue, Metric, Price, Unknown, Value, ValueSet
from akeneo_erp_bridge.codes import CurrencyCode, UnitCode


def one(data: JsonValue, **more: JsonValue) -> ValueSet:
    return ValueSet({"x": [{"locale": None, "scope": None, "data": data, **more}]})


def test_absent_null_and_empty_are_three_things() -> None:
    values = ValueSet(
        {
            "null": [{"locale": None, "scope": None, "data": None}],
            "empty": [{"locale": None, "scope": None, "data": ""}],
        }
    )
    assert values.raw("absent") is UNSET
    assert values.raw("null") is None
    assert values.raw("empty") == ""
    assert [values.has(code) for code in ("absent", "null", "empty")] == [False, True, True]
    assert [values.text(code) for code in ("absent", "null", "empty")] == [None, None, ""]
    assert ("absent" in values, "null" in values) == (False, True)


def test_locale_and_channel_choose_the_value() -> None:
    values = ValueSet(
        {
            "name": [
                {"locale": "en_US", "scope": None, "data": "Drill"},
                {"locale": "en_US", "scope": "print", "data": "DRILL"},
                {"locale": "de_DE", "scope": None, "data": "Bohrer"},
            ]
        }
    )
    assert values.text("name", locale="en_US") == "Drill"
    assert values.text("name", locale="en_US", channel="print") == "DRILL"
    assert values.text("name", locale="de_DE") == "Bohrer"
    assert values.text("name") is None
    assert len(values) == 3


@pytest.mark.parametrize(
    ("reader", "data", "expected"),
    [
        ("text", "a", "a"),
        ("number", "12.5000", Decimal("12.5000")),
        ("number", 12, Decimal(12)),
        ("number", Decimal("0.1"), Decimal("0.1")),
        ("number", 0.1, Decimal("0.1")),  # as orjson gives it
        ("metric", {"amount": "1.50", "unit": "KILOGRAM"}, Metric(Decimal("1.50"), UnitCode("KILOGRAM"))),
        ("metric", {"amount": 2, "unit": "GRAM", "symbol": "g"}, Metric(Decimal(2), UnitCode("GRAM"))),
        ("prices", [{"amount": "9.90", "currency": "EUR"}], (Price(Decimal("9.90"), CurrencyCode("EUR")),)),
        ("prices", [{"amount": None, "currency": "EUR"}], (Price(None, CurrencyCode("EUR")),)),
        ("option", "red", "red"),
        ("options", ["red", "blue"], ("red", "blue")),
        ("options", {"0": "red", "2": "blue"}, ("red", "blue")),  # a PHP list with a gap
        ("boolean", False, False),
        ("date", "2026-06-13T00:00:00+02:00", datetime.date(2026, 6, 13)),
        ("date", "2026-06-13", datetime.date(2026, 6, 13)),
    ],
)
def test_readers(reader: str, data: JsonValue, expected: object) -> None:
    assert getattr(one(data), reader)("x") == expected


def test_a_number_keeps_its_digits() -> None:
    assert str(one("12.5000").number("x")) == "12.5000"


@pytest.mark.parametrize(("reader", "nothing"), [("prices", ()), ("options", ()), ("number", None), ("date", None)])
def test_absent_and_null_read_as_nothing(reader: str, nothing: object) -> None:
    assert getattr(one(None), reader)("x") == nothing
    assert getattr(ValueSet(), reader)("x") == nothing


@pytest.mark.parametrize(
    ("reader", "data", "message"),
    [
        ("text", 12, r"values\.x: data: expected a text, got a number: 12"),
        ("number", "a lot", r"values\.x: data: expected a number, got a text: 'a lot'"),
        ("number", "NaN", r"values\.x: data: expected a number"),
        ("number", True, r"values\.x: data: expected a number, got a boolean"),
        ("metric", {"amount": "1"}, r"values\.x: data\.unit: expected a text, got null"),
        ("metric", "1 kg", r"values\.x: data: expected an object"),
        ("prices", [{"amount": "x", "currency": "EUR"}], r"values\.x: data\[\]\.amount: expected a number"),
        ("options", ["red", 5], r"values\.x: data\[\]: expected a text, got a number"),
        ("boolean", 1, r"values\.x: data: expected a boolean, got a number"),
        ("date", "tomorrow", r"values\.x: data: expected a date like 2026-06-13, got 'tomorrow'"),
    ],
)
def test_data_of_another_kind_is_named(reader: str, data: JsonValue, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(one(data), reader)("x")


def test_decoding_goes_by_the_type_in_the_value_then_by_the_known_one() -> None:
    told = one("12.5", attribute_type="pim_catalog_number")
    assert told.decode("x") == Decimal("12.5")
    assert told.with_types({"x": "pim_catalog_text"}).decode("x") == Decimal("12.5")
    assert one("12.5").decode("x") == Unknown("12.5")
    assert one("12.5").with_types({"x": "pim_catalog_number"}).decode("x") == Decimal("12.5")
    assert one("12.5").with_types({"x": "acme_hologram"}).decode("x") == Unknown("12.5")
    assert one(None).with_types({"x": "pim_catalog_number"}).decode("x") is None
    assert one("12.5").decode("y") is UNSET


def test_iterating_gives_values_that_can_be_written() -> None:
    values = ValueSet({"x": [{"locale": "en_US", "scope": "web", "data": "a", "attribute_type": "pim_catalog_text"}]})
    (value,) = values
    assert (value.attribute, value.data, value.locale, value.channel) == ("x", "a", "en_US", "web")
    assert isinstance(value, Value)


def test_an_entry_without_locale_or_scope_counts_as_null() -> None:
    assert ValueSet({"x": [{"data": "a"}]}).text("x") == "a"


def test_values_that_are_no_lists_are_named() -> None:
    # The PIM's answer can hold anything; the type says what it should.
    broken = ValueSet({"x": "text"})  # type: ignore[dict-item]  # no JSON: the mistake this is about
    with pytest.raises(ValueError, match=r"values\.x: expected an array"):
        broken.text("x")


def test_nothing_is_parsed_before_somebody_looks() -> None:
    values = ValueSet({"bad": [{"locale": None, "scope": None, "data": object()}], "good": [{"data": "a"}]})  # type: ignore[dict-item]  # no JSON: the mistake this is about
    assert values.text("good") == "a"


def test_values_travel_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(one("a"))) == one("a")
