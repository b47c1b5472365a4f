"""Products from JSON, back to JSON, and as lines of a batch."""

from __future__ import annotations

import datetime
import json
import pickle
from decimal import Decimal

import pytest
from attrs import evolve, frozen
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.catalog import (
    JsonValue,
    Metric,
    Price,
    Product,
    ProductModelPatch,
    ProductPatch,
    Value,
    ValueSet,
    decode_product,
    decode_product_model,
    encode_product,
    encode_product_model,
    encode_values,
)
from akeneo_erp_bridge.catalog._maker import maker
from akeneo_erp_bridge.catalog._product_lines import split_product, split_product_model, values_text
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    AttributeCode,
    ChannelCode,
    CurrencyCode,
    FamilyCode,
    FamilyVariantCode,
    LocaleCode,
    ProductModelCode,
    ProductUuid,
    Sku,
    UnitCode,
)

RAW: dict[str, JsonValue] = {
    "_links": {"self": {"href": "http://pim/x"}},
    "uuid": "7e0c6f0b-3c0e-4a4f-9a4b-0c2f6d1f1a10",
    "enabled": False,
    "family": "drill",
    "categories": ["tools", "sale"],
    "groups": ["g"],
    "parent": None,
    "values": {
        "net": [
            {
                "locale": None,
                "scope": None,
                "data": {"amount": "1.5", "unit": "KG", "symbol": "kg"},
                "attribute_type": "pim_catalog_metric",
            }
        ]
    },
    "created": "2026-06-13T10:00:00+02:00",
    "updated": "2026-06-14T10:00:00",
    "associations": {"PACK": {"products": ["a"], "product_models": [], "groups": []}},
    "quantified_associations": [],
    "completenesses": [{"scope": "web", "locale": "en_US", "data": 10}],
    "metadata": {"workflow_status": "working_copy"},
    "hologram": 1,
}


def test_a_product_is_read() -> None:
    product = decode_product(RAW)
    assert (product.uuid, product.identifier, product.family, product.parent) == (RAW["uuid"], None, "drill", None)
    assert (product.enabled, product.categories, product.groups) == (False, ("tools", "sale"), ("g",))
    assert product.values.metric("net") == Metric(Decimal("1.5"), UnitCode("KG"))
    assert product.created == datetime.datetime(2026, 6, 13, 8, tzinfo=datetime.UTC)
    assert product.updated == datetime.datetime(2026, 6, 14, 10, tzinfo=datetime.UTC)
    assert product.associations == RAW["associations"]
    assert product.quantified_associations == {}
    assert set(product.extra) == {"completenesses", "metadata", "hologram"}


def test_a_product_written_back_holds_no_read_only_field() -> None:
    assert encode_product(decode_product(RAW), "uuid") == {
        "uuid": RAW["uuid"],
        "enabled": False,
        "family": "drill",
        "categories": ["tools", "sale"],
        "groups": ["g"],
        "parent": None,
        "values": {"net": [{"locale": None, "scope": None, "data": {"amount": "1.5", "unit": "KG"}}]},
        "associations": RAW["associations"],
        "hologram": 1,
    }


def test_php_maps_and_nulls_are_tolerated() -> None:
    product = decode_product(
        {"uuid": "a", "values": [], "associations": [], "categories": {"1": "x"}, "groups": None, "enabled": None}
    )
    assert (len(product.values), product.associations, product.categories, product.groups, product.enabled) == (
        0,
        {},
        ("x",),
        (),
        True,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"uuid": 5}, "product 5: uuid: expected a text, got a number: 5"),
        ({"enabled": "yes"}, "enabled: expected a boolean, got a text: 'yes'"),
        ({"categories": [1]}, r"categories\[\]: expected a text"),
        ({"categories": "tools"}, "categories: expected an array"),
        ({"values": ["x"]}, "values: expected an object"),
        ({"created": "soon"}, "created: expected a time like"),
    ],
)
def test_a_product_of_another_shape_is_named(change: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode_product({**RAW, **change})
    if "uuid" not in change:
        with pytest.raises(ValueError, match="product '7e0c6f0b-3c0e-4a4f-9a4b-0c2f6d1f1a10'"):
            decode_product({**RAW, **change})


def test_a_model_is_read_and_written_back() -> None:
    raw = {
        "code": "m",
        "family": "f",
        "family_variant": "fv",
        "parent": "root",
        "categories": [],
        "values": {},
        "quality_scores": [],
    }
    model = decode_product_model(raw)
    assert (model.code, model.family, model.family_variant, model.parent) == ("m", "f", "fv", "root")
    # the family follows from the family variant, and the PIM does not take it
    assert encode_product_model(model) == {"code": "m", "family_variant": "fv", "parent": "root", "categories": []}
    with pytest.raises(ValueError, match="product model None: code: expected a text, got null"):
        decode_product_model({})


def test_unset_is_left_out_and_none_erases() -> None:
    assert encode_product(ProductPatch(identifier=Sku("a")), "identifier") == {"identifier": "a"}
    patch = ProductPatch(identifier=Sku("a"), family=None, parent=None, enabled=False, categories=[], groups=())
    assert encode_product(patch, "identifier") == {
        "identifier": "a", "family": None, "parent": None, "enabled": False, "categories": [], "groups": [],
    }  # fmt: skip


def test_values_are_grouped_by_attribute() -> None:
    name = AttributeCode("name")
    values = [
        Value(name, "Drill", locale=LocaleCode("en_US")),
        Value(AttributeCode("net"), Metric(Decimal("1.50"), UnitCode("KG"))),
        Value(name, None, locale=LocaleCode("de_DE"), channel=ChannelCode("web")),
    ]
    assert encode_values(values) == {
        "name": [
            {"locale": "en_US", "scope": None, "data": "Drill"},
            {"locale": "de_DE", "scope": "web", "data": None},
        ],
        "net": [{"locale": None, "scope": None, "data": {"amount": "1.50", "unit": "KG"}}],
    }


def test_a_route_refuses_a_product_without_its_key() -> None:
    with pytest.raises(ValueError, match="names products by uuid, and a product has none"):
        encode_product(ProductPatch(), "uuid")
    with pytest.raises(ValueError, match="names products by identifier, and product 'u' has none"):
        encode_product(ProductPatch(uuid=ProductUuid("u")), "identifier")
    assert encode_product(ProductPatch(), "uuid", new=True) == {}


def test_a_uuid_route_refuses_an_identifier_it_would_have_to_drop() -> None:
    both = ProductPatch(uuid=ProductUuid("u"), identifier=Sku("s"))
    with pytest.raises(ValueError, match="product 'u': UUID routes take the identifier as a value"):
        encode_product(both, "uuid")
    assert encode_product(both, "identifier") == {"identifier": "s"}
    # a product that was read carries its SKU among its values as well
    assert encode_product(Product(uuid=ProductUuid("u"), identifier=Sku("s")), "uuid")["uuid"] == "u"


def test_a_float_never_becomes_an_amount() -> None:
    patch = ProductPatch(identifier=Sku("a"), values=[Value(AttributeCode("net"), 12.1)])
    for write in (encode_product, split_product):
        with pytest.raises(
            ValueError, match=r"values\.net: 12\.1 is a float; amounts must be exact: use Decimal\('12\.1'\)"
        ):
            write(patch, "identifier")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
data = st.one_of(
    st.none(),
    texts,
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.builds(Metric, st.decimals(allow_nan=False, allow_infinity=False), texts.map(UnitCode)),
    st.lists(st.builds(Price, st.none() | st.decimals(0, 99), texts.map(CurrencyCode)), max_size=2),
    st.lists(st.builds(Price, st.none() | st.decimals(0, 99), texts.map(CurrencyCode)), max_size=2).map(tuple),
    st.lists(texts, max_size=2),
    st.dictionaries(texts, texts | st.integers(), max_size=2),
)
values = st.builds(
    Value,
    st.sampled_from([AttributeCode("a"), AttributeCode('b"\\'), AttributeCode("ü")]),
    data,
    st.none() | texts.map(LocaleCode),
    st.none() | texts.map(ChannelCode),
)


@given(st.lists(values, max_size=6))
def test_the_fast_way_writes_the_same(found: list[Value]) -> None:
    assert json.loads(values_text(found) if found else "{}") == json.loads(json.dumps(encode_values(found)))


def test_the_parts_of_a_line_are_the_whole() -> None:
    links = {AssociationTypeCode("PACK"): {"products": ["b"]}}
    value = Value(AttributeCode("name"), "x")
    patch = ProductPatch(identifier=Sku("a"), family=FamilyCode("f"), values=[value], associations=links)
    body, text = split_product(patch, "identifier")
    assert text is not None
    assert {**body, "values": json.loads(text)} == encode_product(patch, "identifier")
    model = ProductModelPatch(code=ProductModelCode("m"), family_variant=FamilyVariantCode("v"), values=[value])
    body, text = split_product_model(model)
    assert text is not None
    assert {**body, "values": json.loads(text)} == encode_product_model(model)
    assert split_product(decode_product(RAW), "uuid") == (encode_product(decode_product(RAW), "uuid"), None)


def test_what_is_read_is_as_if_it_had_been_made_by_its_class() -> None:
    metric = {"weight": [{"locale": None, "scope": None, "data": {"amount": "1.5", "unit": "KILOGRAM"}}]}
    read = decode_product({"uuid": "a", "enabled": False, "values": metric, "colour": "blue"})
    made = Product(uuid=ProductUuid("a"), enabled=False, values=ValueSet(metric), extra={"colour": "blue"})
    weight = read.values.metric("weight")
    assert (type(read), read, repr(read)) == (Product, made, repr(made))
    assert (type(read.values), hash(weight)) == (ValueSet, hash(Metric(Decimal("1.5"), UnitCode("KILOGRAM"))))
    assert pickle.loads(pickle.dumps(read)) == evolve(read) == made
    for thing, name in ((read, "uuid"), (read.values, "source"), (weight, "unit")):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, "b")
        with pytest.raises(FrozenInstanceError):
            delattr(thing, name)


@frozen
class Checked:
    name: str

    def __attrs_post_init__(self) -> None:
        raise AssertionError("runs")


def test_a_class_that_checks_itself_has_no_second_constructor() -> None:
    with pytest.raises(TypeError, match="Checked.* is not a class of fields alone"):
        maker(Checked)
