"""Conditions: how they are written, what the PIM says to them, and what is refused before it is asked."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, filters
from akeneo_erp_bridge.akeneo.filters import (
    Asset,
    Attribute,
    AttributeGroup,
    Category,
    Currency,
    Family,
    Filter,
    Locale,
    Product,
    ProductModel,
    Record,
    Task,
    attribute,
)
from akeneo_erp_bridge.catalog import Metric, Price, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, CurrencyCode, FamilyCode, UnitCode

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
weight = attribute("weight")

PRODUCTS: dict[str, tuple[Filter, object]] = {
    "uuid in": (Product.uuid.in_("a"), {"operator": "IN", "value": ["a"]}),
    "uuid not in": (Product.uuid.not_in("a"), {"operator": "NOT IN", "value": ["a"]}),
    "family in": (Product.family.in_("hand_tools"), {"operator": "IN", "value": ["hand_tools"]}),
    "family empty": (Product.family.is_empty(), {"operator": "EMPTY"}),
    "family not empty": (Product.family.is_not_empty(), {"operator": "NOT EMPTY"}),
    "categories": (Product.categories.in_("master"), {"operator": "IN", "value": ["master"]}),
    "below": (Product.categories.in_children("master"), {"operator": "IN CHILDREN", "value": ["master"]}),
    "not below": (Product.categories.not_in_children("master"), {"operator": "NOT IN CHILDREN", "value": ["master"]}),
    "or none": (
        Product.categories.in_or_unclassified("master"),
        {"operator": "IN OR UNCLASSIFIED", "value": ["master"]},
    ),
    "unclassified": (Product.categories.is_unclassified(), {"operator": "UNCLASSIFIED"}),
    "enabled": (Product.enabled.is_(False), {"operator": "=", "value": False}),
    "parent": (Product.parent.is_not_empty(), {"operator": "NOT EMPTY"}),
    "no parent": (Product.parent.is_empty(), {"operator": "EMPTY"}),
    "groups": (Product.groups.is_empty(), {"operator": "EMPTY"}),
    "since": (Product.updated.since(NOON), {"operator": ">", "value": "2026-06-01 12:00:00"}),
    "since in Berlin": (Product.updated.since(NOON, zone=BERLIN), {"operator": ">", "value": "2026-06-01 14:00:00"}),
    "before": (Product.created.before(NOON), {"operator": "<", "value": "2026-06-01 12:00:00"}),
    "between": (
        Product.updated.between(NOON, NOON + timedelta(hours=1)),
        {"operator": "BETWEEN", "value": ["2026-06-01 12:00:00", "2026-06-01 13:00:00"]},
    ),
    "not between": (
        Product.updated.not_between(NOON, NOON),
        {"operator": "NOT BETWEEN", "value": ["2026-06-01 12:00:00", "2026-06-01 12:00:00"]},
    ),
    "last days": (Product.updated.in_last(timedelta(hours=25)), {"operator": "SINCE LAST N DAYS", "value": 2}),
    "complete": (
        Product.completeness.at_least(100, channel="ecommerce"),
        {"operator": ">=", "value": 100, "scope": "ecommerce"},
    ),
    "complete in all": (
        Product.completeness.at_least(100, channel="ecommerce", locales=["en_US"]),
        {"operator": "GREATER OR EQUALS THAN ON ALL LOCALES", "value": 100, "scope": "ecommerce", "locales": ["en_US"]},
    ),
    "incomplete": (
        Product.completeness.below(100, channel="ecommerce"),
        {"operator": "<", "value": 100, "scope": "ecommerce"},
    ),
    "incomplete in all": (
        Product.completeness.below(50, channel="ecommerce", locales=["en_US"]),
        {"operator": "LOWER THAN ON ALL LOCALES", "value": 50, "scope": "ecommerce", "locales": ["en_US"]},
    ),
    "just so": (
        Product.completeness.is_(50, channel="ecommerce"),
        {"operator": "=", "value": 50, "scope": "ecommerce"},
    ),
}  # fmt: skip

OTHERS: list[tuple[Filter, object]] = [
    (
        Product.quality_score.in_("A", "B", channel="ecommerce", locale="en_US"),
        {"quality_score": [{"operator": "IN", "value": ["A", "B"], "scope": "ecommerce", "locale": "en_US"}]},
    ),
    (Product.parent.is_("m"), {"parent": [{"operator": "=", "value": "m"}]}),
    (Product.parent.in_("m"), {"parent": [{"operator": "IN", "value": ["m"]}]}),
    (Product.family.in_children("a"), {"family": [{"operator": "IN CHILDREN", "value": ["a"]}]}),
    (Product.family.not_in_children("a"), {"family": [{"operator": "NOT IN CHILDREN", "value": ["a"]}]}),
    (ProductModel.code.in_("m"), {"identifier": [{"operator": "IN", "value": ["m"]}]}),
    (
        ProductModel.completeness.all_complete(channel="c", locale="l"),
        {"completeness": [{"operator": "ALL COMPLETE", "scope": "c", "locale": "l"}]},
    ),
    (
        ProductModel.completeness.some_incomplete(channel="c", locale="l"),
        {"completeness": [{"operator": "AT LEAST INCOMPLETE", "scope": "c", "locale": "l"}]},
    ),
    (Attribute.type.in_("pim_catalog_text"), {"type": [{"operator": "IN", "value": ["pim_catalog_text"]}]}),
    (Attribute.updated.since(NOON), {"updated": [{"operator": ">", "value": "2026-06-01T12:00:00+00:00"}]}),
    (AttributeGroup.code.in_("a", "b"), {"code": [{"operator": "IN", "value": ["a", "b"]}]}),
    (Category.parent.is_("master"), {"parent": [{"operator": "=", "value": "master"}]}),
    (Category.is_root.is_(True), {"is_root": [{"operator": "=", "value": True}]}),
    (Family.has_products.is_(False), {"has_products": [{"operator": "=", "value": False}]}),
    (Locale.enabled.is_(True), {"enabled": [{"operator": "=", "value": True}]}),
    (Currency.enabled.is_(True), {"enabled": [{"operator": "=", "value": True}]}),
    (Record.updated.since(NOON), {"updated": [{"operator": ">", "value": "2026-06-01T12:00:00+00:00"}]}),
    (Asset.code.in_("a"), {"code": [{"operator": "IN", "value": ["a"]}]}),
    (Task.step.is_("s"), {"step_uuid": [{"operator": "=", "value": "s"}]}),
    (weight.greater_than(Decimal("1.50")), {"weight": [{"operator": ">", "value": "1.50"}]}),
    (
        weight.at_most(Metric(Decimal(2), UnitCode("KILOGRAM"))),
        {"weight": [{"operator": "<=", "value": {"amount": "2", "unit": "KILOGRAM"}}]},
    ),
    (
        attribute("price").at_least(Price(Decimal("9.90"), CurrencyCode("EUR"))),
        {"price": [{"operator": ">=", "value": {"amount": "9.90", "currency": "EUR"}}]},
    ),
    (attribute("day").less_than(date(2026, 6, 1)), {"day": [{"operator": "<", "value": "2026-06-01"}]}),
    (
        attribute("day").between(date(2026, 6, 1), date(2026, 6, 2)),
        {"day": [{"operator": "BETWEEN", "value": ["2026-06-01", "2026-06-02"]}]},
    ),
    (
        attribute("name", locale="en_US", channel="shop").starts_with("D"),
        {"name": [{"operator": "STARTS WITH", "value": "D", "locale": "en_US", "scope": "shop"}]},
    ),
    (attribute("a").contains("b"), {"a": [{"operator": "CONTAINS", "value": "b"}]}),
    (attribute("a").does_not_contain("b"), {"a": [{"operator": "DOES NOT CONTAIN", "value": "b"}]}),
    (attribute("a").equals(True), {"a": [{"operator": "=", "value": True}]}),
    (attribute("a").differs_from("b"), {"a": [{"operator": "!=", "value": "b"}]}),
    (attribute("a").in_("b", "c"), {"a": [{"operator": "IN", "value": ["b", "c"]}]}),
    (attribute("a").not_in("b"), {"a": [{"operator": "NOT IN", "value": ["b"]}]}),
    (attribute("a").is_empty(), {"a": [{"operator": "EMPTY"}]}),
    (attribute("a").is_not_empty(), {"a": [{"operator": "NOT EMPTY"}]}),
]


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_condition_on_products_is_written_as_the_pim_takes_it(name: str) -> None:
    condition, expected = PRODUCTS[name]
    assert list(condition.values()) == [[expected]]


@pytest.mark.parametrize(("condition", "expected"), OTHERS)
def test_a_condition_is_written_as_the_pim_takes_it(condition: Filter, expected: object) -> None:
    assert dict(condition) == expected


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_pim_takes_the_condition_and_answers_it(pim_client: AkeneoClient, name: str) -> None:
    condition, _ = PRODUCTS[name]
    everything = pim_client.products.count()
    assert 0 <= pim_client.products.count(condition) <= everything


def test_conditions_mean_what_they_say(pim_client: AkeneoClient) -> None:
    made = {
        "A": ProductPatch(family=FamilyCode("hand_tools"), categories=[CategoryCode("master")]),
        "B": ProductPatch(family=FamilyCode("hand_tools"), enabled=False),
        "C": ProductPatch(),
    }
    for sku, patch in made.items():
        pim_client.products.create(evolve(patch, values=[Value(AttributeCode("sku"), sku)]))

    def found(condition: Filter) -> str:
        return "".join(sorted(str(one.values.text("sku")) for one in pim_client.products.list(condition)))

    assert found(Product.family.in_("hand_tools")) == "AB"
    assert found(Product.family.in_("hand_tools") & Product.enabled.is_(True)) == "A"
    assert found(Product.family.is_empty()) == "C"
    assert found(Product.categories.is_unclassified()) == "BC"
    assert found(attribute("sku").in_("B", "C")) == "BC"
    assert found(attribute("sku").differs_from("B") & attribute("sku").starts_with("A")) == "A"
    assert found(Product.updated.since(datetime.now(UTC) - timedelta(hours=1))) == "ABC"
    assert found(Product.updated.before(datetime.now(UTC) - timedelta(hours=1))) == ""
    assert pim_client.categories.list(Category.code.in_("master")).first() is not None


def test_two_conditions_on_one_field_stay_two() -> None:
    both = Product.updated.since(NOON) & Product.updated.before(NOON + timedelta(days=1)) & Product.enabled.is_(True)
    assert {name: len(conditions) for name, conditions in both.items()} == {"updated": 2, "enabled": 1}  # type: ignore[arg-type]  # lists
    assert repr(Product.enabled.is_(True)) == "Filter({'enabled': [{'operator': '=', 'value': True}]})"


def test_conditions_of_other_shape_are_not_joined_by_guess() -> None:
    one = Filter({"complete": {"operator": "=", "value": True}})
    with pytest.raises(ValueError, match="one condition on 'complete'"):
        _ = one & one


def test_what_cannot_be_meant_is_refused_before_the_pim_is_asked() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        Product.updated.since(datetime(2026, 6, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="at least one code"):
        Product.family.in_()
    with pytest.raises(ValueError, match="at most 100 at a time, seen 101"):
        Product.uuid.in_(*map(str, range(101)))
    with pytest.raises(TypeError, match=r"use Decimal\('1.5'\)"):
        weight.greater_than(1.5)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(TypeError, match="give a date, not a moment"):
        attribute("day").less_than(NOON)
    with pytest.raises(ValueError, match="without an amount"):
        attribute("price").equals(Price(None, CurrencyCode("EUR")))


def test_every_field_of_every_kind_is_described() -> None:
    kinds = [getattr(filters, name) for name in filters.__all__ if inspect.isclass(getattr(filters, name))]
    assert all(kind.__doc__ for kind in kinds)
