"""Values of every attribute type: to JSON and back they are the same, to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo._json import dumps, loads
from akeneo_erp_bridge.catalog import (
    AttributeType,
    JsonValue,
    Metric,
    Price,
    ProductLink,
    Unknown,
    Value,
    ValueSet,
    encode_values,
)
from akeneo_erp_bridge.catalog._product_lines import values_text
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, CurrencyCode, LocaleCode, UnitCode

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
codes = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=8)
# digits that a float would lose
amounts = st.decimals(places=4, min_value=-(10**20), max_value=10**20)
cells = texts | st.booleans() | st.fixed_dictionaries({"amount": amounts.map(str), "unit": codes})
DATA: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys((AttributeType.IDENTIFIER, AttributeType.TEXT, AttributeType.TEXTAREA, AttributeType.IMAGE, AttributeType.FILE), texts),
    **dict.fromkeys((AttributeType.SIMPLE_SELECT, AttributeType.REFERENCE_ENTITY, AttributeType.REFERENCE_DATA), codes),
    **{
        kind: st.lists(codes, max_size=3).map(tuple)
        for kind in (
            AttributeType.MULTI_SELECT,
            AttributeType.ASSET_COLLECTION,
            AttributeType.REFERENCE_ENTITY_COLLECTION,
            AttributeType.REFERENCE_DATA_COLLECTION,
        )
    },
    AttributeType.BOOLEAN: st.booleans(),
    AttributeType.DATE: st.dates(),
    AttributeType.NUMBER: amounts,
    AttributeType.METRIC: st.builds(Metric, amounts, codes.map(UnitCode)),
    AttributeType.PRICE_COLLECTION: st.lists(
        st.builds(Price, st.none() | amounts, codes.map(CurrencyCode)), max_size=3
    ).map(tuple),
    AttributeType.TABLE: st.lists(st.dictionaries(codes, cells, min_size=1, max_size=3), max_size=3).map(tuple),
    AttributeType.PRODUCT_LINK: st.builds(ProductLink, type=st.sampled_from(["product", "product_model"]), id=codes)
    | st.builds(ProductLink, type=st.just("product"), identifier=codes),
    "of_tomorrow": st.builds(
        Unknown,
        st.recursive(
            st.booleans() | st.integers(-(2**53), 2**53) | texts,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
            max_leaves=6,
        ),
    ),
}  # fmt: skip


def test_every_type_is_here() -> None:
    named = {value for name, value in vars(AttributeType).items() if name.isupper()}
    assert set(DATA) - named == {"of_tomorrow"}
    assert named <= set(DATA)


@st.composite
def value_trees(draw: st.DrawFn) -> list[Value]:
    """Some values, each at a place of its own; the attribute is named after its type."""
    found: dict[tuple[str, str | None, str | None], Value] = {}
    for kind in draw(st.lists(st.sampled_from(sorted(DATA)), max_size=8)):
        locale, channel = draw(st.none() | codes.map(LocaleCode)), draw(st.none() | codes.map(ChannelCode))
        data = draw(st.none() | DATA[kind])
        found[kind, locale, channel] = Value(AttributeCode(kind), data, locale, channel)  # type: ignore[arg-type]  # of its strategy
    return list(found.values())


def spelled(values: list[Value] | ValueSet) -> list[str]:
    """To the last digit: `Decimal("1.50")` equals `Decimal("1.5")`."""
    return sorted(repr(value) for value in values)


@given(value_trees())
def test_values_to_json_and_back_are_the_same(values: list[Value]) -> None:
    types = {str(value.attribute): str(value.attribute) for value in values}
    for content in (dumps(encode_values(values)), (values_text(values) if values else "{}").encode()):
        raw = loads(content)
        assert isinstance(raw, dict)
        assert spelled(ValueSet(raw, types)) == spelled(values)


@given(value_trees())
def test_json_to_values_and_back_is_the_same(values: list[Value]) -> None:
    raw: JsonValue = json.loads(dumps(encode_values(values)))
    assert isinstance(raw, dict)
    types = {code: code for code in raw}
    assert encode_values(list(ValueSet(raw, types))) == raw
    assert encode_values(ValueSet(raw, types)) == raw


def one(data: object) -> ValueSet:
    return ValueSet({"a": [{"locale": None, "scope": None, "data": data}]})  # type: ignore[dict-item]  # any JSON


def test_the_rows_of_a_table() -> None:
    rows = [{"part": "chuck", "weight": {"amount": "1.50", "unit": "KILOGRAM"}}, {"part": "handle"}]
    assert one(rows).rows("a") == tuple(rows)
    assert one(None).rows("a") == one([]).rows("a") == ()
    with pytest.raises(ValueError, match=r"values\.a: data\[\]: expected an object"):
        one([3]).rows("a")


def test_a_link_to_a_product() -> None:
    assert one({"type": "product", "identifier": "DR-18V"}).link("a") == ProductLink(
        type="product", identifier="DR-18V"
    )
    assert one(None).link("a") is None
    for wrong in ({"type": "asset", "id": "x"}, {"type": "product"}, {"type": "product", "id": 5}, []):
        with pytest.raises(ValueError, match=r"values\.a: data"):
            one(wrong).link("a")


def test_digits_that_a_float_would_lose() -> None:
    number = Decimal("12345678901234567890.1230")
    raw = json.loads(dumps(encode_values([Value(AttributeCode("a"), number)])))
    assert str(ValueSet(raw).number("a")) == "12345678901234567890.1230"
