"""Conditions for lists, by field and operator, in the PIM's own JSON.

::

    from akeneo_erp_bridge.akeneo.filters import Product, attribute

    changed = Product.family.in_("drills") & Product.updated.since(last_run)
    for product in pim.products.list(changed & attribute("weight").greater_than(Metric(Decimal(2), KILOGRAM))):
        ...

A field has the methods that the PIM has operators for, so another one does not type-check. Conditions are joined by AND;
the PIM knows no OR. Source: Akeneo's documentation of filters.
"""

from __future__ import annotations

from typing import ClassVar

from akeneo_erp_bridge.akeneo._filter_fields import (
    Above,
    Amount,
    AttributeField,
    Categories,
    Choice,
    Codes,
    Completeness,
    Emptiable,
    Families,
    Filter,
    Flag,
    Identifiers,
    Letters,
    ModelCompleteness,
    Moment,
    Parent,
    Same,
    Since,
)

__all__ = [
    "Amount",
    "Asset",
    "Attribute",
    "AttributeField",
    "AttributeGroup",
    "Category",
    "Currency",
    "Family",
    "Filter",
    "Locale",
    "Product",
    "ProductModel",
    "Record",
    "Task",
    "attribute",
]


def attribute(code: str, *, locale: str | None = None, channel: str | None = None) -> AttributeField:
    """A condition on the value of an attribute.

    >>> dict(attribute("name", locale="en_US").contains("drill"))
    {'name': [{'operator': 'CONTAINS', 'value': 'drill', 'locale': 'en_US'}]}
    """
    place = tuple((name, part) for name, part in (("locale", locale), ("scope", channel)) if part is not None)
    return AttributeField(code, place)


class Product:
    """Products."""

    uuid: ClassVar = Identifiers("uuid")
    family: ClassVar = Families("family")
    categories: ClassVar = Categories("categories")
    groups: ClassVar = Emptiable("groups")
    enabled: ClassVar = Flag("enabled")
    parent: ClassVar = Parent("parent")
    completeness: ClassVar = Completeness("completeness")
    quality_score: ClassVar = Letters("quality_score")
    created: ClassVar = Moment("created")
    updated: ClassVar = Moment("updated")


class ProductModel:
    """Product models; `code` is what the PIM's filter calls identifier."""

    code: ClassVar = Identifiers("identifier")
    family: ClassVar = Families("family")
    categories: ClassVar = Categories("categories")
    parent: ClassVar = Above("parent")
    completeness: ClassVar = ModelCompleteness("completeness")
    created: ClassVar = Moment("created")
    updated: ClassVar = Moment("updated")


class Attribute:
    """Attributes."""

    code: ClassVar = Codes("code")
    type: ClassVar = Codes("type")
    updated: ClassVar = Since("updated")
    is_main_identifier: ClassVar = Flag("is_main_identifier")


class AttributeGroup:
    """Attribute groups."""

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")


class Family:
    """Families."""

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")
    has_products: ClassVar = Flag("has_products")


class Category:
    """Categories."""

    code: ClassVar = Codes("code")
    parent: ClassVar = Same("parent")
    is_root: ClassVar = Flag("is_root")
    updated: ClassVar = Since("updated")


class Locale:
    """Locales."""

    enabled: ClassVar = Flag("enabled")


class Currency:
    """Currencies; cloud PIMs."""

    enabled: ClassVar = Flag("enabled")


class Record:
    """Records of a reference entity."""

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")


class Asset:
    """Assets of an asset family."""

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")


class Task:
    """Workflow tasks; a list needs a condition on `step`."""

    step: ClassVar = Same("step_uuid")
    product: ClassVar = Choice("product_uuid")
    product_model: ClassVar = Codes("product_model_code")
