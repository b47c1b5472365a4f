"""Reading a `PimStructure`: some twenty requests, the slow ones side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributeOption,
    Category,
    Channel,
    Currency,
    Family,
    FamilyVariant,
    Locale,
    MeasurementFamily,
    PimStructure,
)
from akeneo_erp_bridge.codes import AttributeCode, FamilyCode

if TYPE_CHECKING:  # the clients have a method that reads their structure
    from akeneo_erp_bridge.akeneo._async_client import AsyncAkeneoClient
    from akeneo_erp_bridge.akeneo._client import AkeneoClient

__all__ = ["read_structure", "read_structure_async"]

K = TypeVar("K", bound=str)
V = TypeVar("V")


@frozen
class _Found:
    """All that was read, as it came."""

    attributes: Iterable[Attribute]
    families: Iterable[Family]
    variants: dict[FamilyCode, list[FamilyVariant]]
    channels: Iterable[Channel]
    locales: Iterable[Locale]
    currencies: Iterable[Currency]
    measurement_families: Iterable[MeasurementFamily]
    categories: Iterable[Category] | None
    options: dict[AttributeCode, list[AttributeOption]]

    def structure(self) -> PimStructure:
        return PimStructure(
            attributes={attribute.code: attribute for attribute in self.attributes},
            families={family.code: family for family in self.families},
            # Families without variants are left out, so that most PIMs give a short map.
            family_variants={
                family: {one.code: one for one in variants} for family, variants in self.variants.items() if variants
            },
            channels={channel.code: channel for channel in self.channels},
            locales=frozenset(locale.code for locale in self.locales if locale.enabled),
            currencies=frozenset(currency.code for currency in self.currencies if currency.enabled),
            measurement_families={family.code: family for family in self.measurement_families},
            categories=None if self.categories is None else {one.code: one.parent for one in self.categories},
            options={code: frozenset(one.code for one in options) for code, options in self.options.items()},
        )


def read_structure(
    client: AkeneoClient, *, with_options_of: Iterable[AttributeCode], with_categories: bool
) -> PimStructure:
    """Read the structure of the PIM behind *client*."""
    families = list(client.families.list())
    codes = [family.code for family in families]
    return _Found(
        attributes=client.attributes.list(),
        families=families,
        variants=_side_by_side(client, codes, lambda family: list(client.family_variants(family).list())),
        channels=client.channels.list(),
        locales=client.locales.list(),
        currencies=client.currencies.list(),
        measurement_families=client.measurement_families.list(),
        categories=client.categories.list() if with_categories else None,
        options=_side_by_side(client, with_options_of, lambda code: list(client.attribute_options(code).list())),
    ).structure()


async def read_structure_async(
    client: AsyncAkeneoClient, *, with_options_of: Iterable[AttributeCode], with_categories: bool
) -> PimStructure:
    """Read the structure of the PIM behind *client*."""
    families = await _all(client.families.list())
    codes = [family.code for family in families]
    return _Found(
        attributes=await _all(client.attributes.list()),
        families=families,
        variants=await _gathered(codes, lambda family: _all(client.family_variants(family).list())),
        channels=await _all(client.channels.list()),
        locales=await _all(client.locales.list()),
        currencies=await _all(client.currencies.list()),
        measurement_families=await _all(client.measurement_families.list()),
        categories=await _all(client.categories.list()) if with_categories else None,
        options=await _gathered(with_options_of, lambda code: _all(client.attribute_options(code).list())),
    ).structure()


def _side_by_side(client: AkeneoClient, keys: Iterable[K], read: Callable[[K], V]) -> dict[K, V]:
    ordered = list(dict.fromkeys(keys))
    with ThreadPoolExecutor(client.options.concurrency, thread_name_prefix="akeneo-structure") as workers:
        return dict(zip(ordered, workers.map(read, ordered), strict=True))


async def _gathered(keys: Iterable[K], read: Callable[[K], Awaitable[V]]) -> dict[K, V]:
    # the session lets no more than the options' number of calls go at a time
    ordered = list(dict.fromkeys(keys))
    return dict(zip(ordered, await asyncio.gather(*(read(key) for key in ordered)), strict=True))


async def _all(things: AsyncIterable[V]) -> list[V]:
    return [one async for one in things]
