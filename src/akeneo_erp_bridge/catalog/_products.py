"""Products and product models as read from the PIM."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._values import ValueSet
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    CategoryCode,
    FamilyCode,
    FamilyVariantCode,
    ProductModelCode,
    ProductUuid,
    Sku,
)

__all__ = ["Associations", "Product", "ProductModel", "QuantifiedAssociations"]

Associations: TypeAlias = Mapping[AssociationTypeCode, Mapping[str, Sequence[str]]]
"""By type, then by kind: `products` (UUIDs, or identifiers on identifier routes), `product_models`, `groups`."""

QuantifiedAssociations: TypeAlias = Mapping[AssociationTypeCode, Mapping[str, Sequence[Mapping[str, str | int]]]]
"""By type, then by kind: `{"products": [{"uuid": ..., "quantity": 2}]}`."""


def _no_links() -> Associations:
    return {}


def _no_quantities() -> QuantifiedAssociations:
    return {}


@frozen(kw_only=True)
class Product(Entity):
    """A product, or a variant when it has a `parent`.

    `identifier` is filled by identifier routes only; on UUID routes the SKU is a value.
    Source: Akeneo's documentation of the product resources.

    >>> from akeneo_erp_bridge.catalog import decode_product
    >>> name = [{"locale": "en_US", "scope": None, "data": "Drill"}]
    >>> drill = decode_product({"uuid": "0b9c8f1e", "family": "drills", "values": {"name": name}})
    >>> drill.values.text("name", locale="en_US"), drill.enabled
    ('Drill', True)
    """

    uuid: ProductUuid | None = None
    identifier: Sku | None = None
    family: FamilyCode | None = None
    enabled: bool = True
    categories: tuple[CategoryCode, ...] = ()
    groups: tuple[str, ...] = ()
    parent: ProductModelCode | None = None
    values: ValueSet = field(factory=ValueSet)
    associations: Associations = field(factory=_no_links)
    quantified_associations: QuantifiedAssociations = field(factory=_no_quantities)
    created: datetime.datetime | None = None
    updated: datetime.datetime | None = None


@frozen(kw_only=True)
class ProductModel(Entity):
    """What variants have in common; a sub model when it has a `parent`.

    Source: Akeneo's documentation of the product model resource.

    >>> from akeneo_erp_bridge.catalog import decode_product_model
    >>> jacket = decode_product_model({"code": "roma", "family": "clothing", "family_variant": "by_size", "parent": None})
    >>> jacket.parent is None  # so it is a root model
    True
    """

    code: ProductModelCode
    family: FamilyCode | None = None
    family_variant: FamilyVariantCode | None = None
    parent: ProductModelCode | None = None
    categories: tuple[CategoryCode, ...] = ()
    values: ValueSet = field(factory=ValueSet)
    associations: Associations = field(factory=_no_links)
    quantified_associations: QuantifiedAssociations = field(factory=_no_quantities)
    created: datetime.datetime | None = None
    updated: datetime.datetime | None = None
