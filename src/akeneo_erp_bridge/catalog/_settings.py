"""Where and for whom products are shown: channels, locales, currencies, categories, link types, the PIM itself."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from attrs import field, frozen

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    AttributeCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    LocaleCode,
    UnitCode,
)

__all__ = ["AssociationType", "Category", "Channel", "Currency", "Locale", "SystemInformation"]


@frozen(kw_only=True)
class Category(Entity):
    """A node of a category tree; a root has no parent.

    Source: Akeneo's documentation of the category resource.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> drills = decode(Category, {"code": "drills", "parent": "power_tools", "updated": "2026-01-15T09:00:00+00:00"})
    >>> drills.parent, drills.updated.year
    ('power_tools', 2026)
    """

    code: CategoryCode
    parent: CategoryCode | None = None
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    updated: datetime.datetime | None = None
    position: int | None = None


@frozen(kw_only=True)
class Channel(Entity):
    """A destination of products; what the PIM's API calls *scope* inside values.

    Source: Akeneo's documentation of the channel resource.

    >>> shop = Channel(code=ChannelCode("shop"), locales=(LocaleCode("en_US"),), currencies=(CurrencyCode("EUR"),))
    >>> "de_DE" in shop.locales
    False
    """

    code: ChannelCode
    category_tree: CategoryCode | None = None
    locales: tuple[LocaleCode, ...] = ()
    currencies: tuple[CurrencyCode, ...] = ()
    conversion_units: Mapping[AttributeCode, UnitCode | None] = field(factory=dict[AttributeCode, UnitCode | None])
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class Locale(Entity):
    """A language and country; `enabled` when some channel uses it.

    Source: Akeneo's documentation of the locale resource.

    >>> Locale(code=LocaleCode("en_US"), enabled=True).enabled
    True
    """

    code: LocaleCode
    enabled: bool = False


@frozen(kw_only=True)
class Currency(Entity):
    """A currency; prices are refused in one that is not `enabled`.

    Source: Akeneo's documentation of the currency resource.

    >>> Currency(code=CurrencyCode("CHF")).enabled
    False
    """

    code: CurrencyCode
    enabled: bool = False
    label: str | None = None


@frozen(kw_only=True)
class AssociationType(Entity):
    """A kind of link between products.

    Source: Akeneo's documentation of the association type resource.

    >>> AssociationType(code=AssociationTypeCode("spare_parts"), is_quantified=True).is_two_way
    False
    """

    code: AssociationTypeCode
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    is_quantified: bool = False
    is_two_way: bool = False


@frozen(kw_only=True)
class SystemInformation(Entity):
    """The version and edition of the PIM, as it tells them.

    Source: Akeneo's documentation of system information.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(SystemInformation, {"version": "7.0.61", "edition": "CE"}).version
    '7.0.61'
    """

    version: str | None = None
    edition: str | None = None
