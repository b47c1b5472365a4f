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
    """Products.

    >>> dict(Product.categories.in_children("tools") & Product.enabled.is_(True))
    {'categories': [{'operator': 'IN CHILDREN', 'value': ['tools']}], 'enabled': [{'operator': '=', 'value': True}]}
    """

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
    """Product models; `code` is what the PIM's filter calls identifier.

    >>> dict(ProductModel.completeness.all_complete(channel="shop", locale="en_US"))
    {'completeness': [{'operator': 'ALL COMPLETE', 'scope': 'shop', 'locale': 'en_US'}]}
    """

    code: ClassVar = Identifiers("identifier")
    family: ClassVar = Families("family")
    categories: ClassVar = Categories("categories")
    parent: ClassVar = Above("parent")
    completeness: ClassVar = ModelCompleteness("completeness")
    created: ClassVar = Moment("created")
    updated: ClassVar = Moment("updated")


class Attribute:
    """Attributes.

    >>> dict(Attribute.type.in_("pim_catalog_simpleselect", "pim_catalog_multiselect"))
    {'type': [{'operator': 'IN', 'value': ['pim_catalog_simpleselect', 'pim_catalog_multiselect']}]}
    """

    code: ClassVar = Codes("code")
    type: ClassVar = Codes("type")
    updated: ClassVar = Since("updated")
    is_main_identifier: ClassVar = Flag("is_main_identifier")


class AttributeGroup:
    """Attribute groups.

    >>> dict(AttributeGroup.code.in_("erp"))
    {'code': [{'operator': 'IN', 'value': ['erp']}]}
    """

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")


class Family:
    """Families.

    >>> dict(Family.has_products.is_(False))
    {'has_products': [{'operator': '=', 'value': False}]}
    """

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")
    has_products: ClassVar = Flag("has_products")


class Category:
    """Categories.

    >>> dict(Category.parent.is_("tools"))
    {'parent': [{'operator': '=', 'value': 'tools'}]}
    """

    code: ClassVar = Codes("code")
    parent: ClassVar = Same("parent")
    is_root: ClassVar = Flag("is_root")
    updated: ClassVar = Since("updated")


class Locale:
    """Locales.

    >>> dict(Locale.enabled.is_(True))
    {'enabled': [{'operator': '=', 'value': True}]}
    """

    enabled: ClassVar = Flag("enabled")


class Currency:
    """Currencies; cloud PIMs.

    >>> dict(Currency.enabled.is_(True))
    {'enabled': [{'operator': '=', 'value': True}]}
    """

    enabled: ClassVar = Flag("enabled")


class Record:
    """Records of a reference entity.

    >>> import datetime
    >>> dict(Record.updated.since(datetime.datetime(2026, 6, 13, tzinfo=datetime.UTC)))
    {'updated': [{'operator': '>', 'value': '2026-06-13T00:00:00+00:00'}]}
    """

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")


class Asset:
    """Assets of an asset family.

    >>> dict(Asset.code.in_("hm_500_front", "hm_500_back"))
    {'code': [{'operator': 'IN', 'value': ['hm_500_front', 'hm_500_back']}]}
    """

    code: ClassVar = Codes("code")
    updated: ClassVar = Since("updated")


class Task:
    """Workflow tasks; a list needs a condition on `step`.

    >>> dict(Task.step.is_("6f1c7d4e") & Task.product.in_("0b9c8f1e"))
    {'step_uuid': [{'operator': '=', 'value': '6f1c7d4e'}], 'product_uuid': [{'operator': 'IN', 'value': ['0b9c8f1e']}]}
    """

    step: ClassVar = Same("step_uuid")
    product: ClassVar = Choice("product_uuid")
    product_model: ClassVar = Codes("product_model_code")
