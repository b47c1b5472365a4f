"""Reading a `PimStructure`: some twenty requests, the slow ones side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from akeneo_erp_bridge.catalog import FamilyVariant, PimStructure
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, FamilyCode, FamilyVariantCode, OptionCode

if TYPE_CHECKING:
    from akeneo_erp_bridge.akeneo._client import AkeneoClient

__all__ = ["read_structure"]

K = TypeVar("K", bound=str)
V = TypeVar("V")


def read_structure(
    client: AkeneoClient, *, with_options_of: Iterable[AttributeCode], with_categories: bool
) -> PimStructure:
    """Read the structure of the PIM behind *client*."""
    families = {family.code: family for family in client.families.list()}
    variants = _side_by_side(client, families, lambda family: _variants(client, family))
    return PimStructure(
        attributes={attribute.code: attribute for attribute in client.attributes.list()},
        families=families,
        # Families without variants are left out, so that most PIMs give a short map.
        family_variants={family: found for family, found in variants.items() if found},
        channels={channel.code: channel for channel in client.channels.list()},
        locales=frozenset(locale.code for locale in client.locales.list() if locale.enabled),
        currencies=frozenset(currency.code for currency in client.currencies.list() if currency.enabled),
        measurement_families={family.code: family for family in client.measurement_families.list()},
        categories=_parents(client) if with_categories else None,
        options=_side_by_side(client, dict.fromkeys(with_options_of), lambda code: _options(client, code)),
    )


def _variants(client: AkeneoClient, family: FamilyCode) -> Mapping[FamilyVariantCode, FamilyVariant]:
    return {variant.code: variant for variant in client.family_variants(family).list()}


def _options(client: AkeneoClient, attribute: AttributeCode) -> frozenset[OptionCode]:
    return frozenset(option.code for option in client.attribute_options(attribute).list())


def _parents(client: AkeneoClient) -> Mapping[CategoryCode, CategoryCode | None]:
    return {category.code: category.parent for category in client.categories.list()}


def _side_by_side(client: AkeneoClient, keys: Iterable[K], read: Callable[[K], V]) -> dict[K, V]:
    ordered = list(keys)
    with ThreadPoolExecutor(client.options.concurrency, thread_name_prefix="akeneo-structure") as workers:
        return dict(zip(ordered, workers.map(read, ordered), strict=True))
