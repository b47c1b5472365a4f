"""Reading a `PimStructure`: some twenty requests, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributeType,
    Category,
    Channel,
    Currency,
    Family,
    FamilyVariant,
    JsonValue,
    Locale,
    MeasurementFamily,
    PimStructure,
)
from akeneo_erp_bridge.codes import AttributeCode, FamilyCode, OptionCode

if TYPE_CHECKING:  # the clients have a method that reads their structure
    from akeneo_erp_bridge.akeneo._async_client import AsyncAkeneoClient
    from akeneo_erp_bridge.akeneo._client import AkeneoClient

__all__ = ["read_structure", "read_structure_async"]

K = TypeVar("K", bound=str)
V = TypeVar("V")
_ENABLED: Final[Mapping[str, JsonValue]] = {"enabled": [{"operator": "=", "value": True}]}
"""Some of the two hundred locales, in one request instead of three. Every PIM takes this filter; for currencies only new ones do."""
_RECORDS: Final = (AttributeType.REFERENCE_ENTITY, AttributeType.REFERENCE_ENTITY_COLLECTION)


@frozen
class _Found:
    """All that was read, as it came."""

    attributes: list[Attribute]
    families: Iterable[Family]
    variants: dict[FamilyCode, list[FamilyVariant]]
    channels: Iterable[Channel]
    locales: Iterable[Locale]
    currencies: Iterable[Currency]
    measurement_families: Iterable[MeasurementFamily]
    categories: Iterable[Category] | None
    options: dict[AttributeCode, frozenset[OptionCode]]

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
            options=self.options,
        )


def read_structure(
    client: AkeneoClient, *, with_options_of: Iterable[AttributeCode], with_categories: bool
) -> PimStructure:
    """Read the structure of the PIM behind *client*."""
    with _workers(client) as workers:
        # what others wait for, and what has several pages, begins first
        all_families = workers.submit(list[Family], client.families.list())
        all_attributes = workers.submit(list[Attribute], client.attributes.list())
        currencies = workers.submit(list[Currency], client.currencies.list())
        categories = workers.submit(list[Category], client.categories.list()) if with_categories else None
        channels = workers.submit(list[Channel], client.channels.list())
        locales = workers.submit(list[Locale], client.locales.list(where=_ENABLED))
        measurement_families = workers.submit(list[MeasurementFamily], client.measurement_families.list())
        families, attributes = all_families.result(), all_attributes.result()
        entities = _entities(attributes)

        def allowed(code: AttributeCode) -> frozenset[OptionCode]:
            if code in entities:
                records = client.reference_entities.records(entities[code]).list()
                return frozenset(OptionCode(one.code) for one in records)
            return frozenset(one.code for one in client.attribute_options(code).list())

        return _Found(
            attributes=attributes,
            families=families,
            variants=_mapped(
                workers, [one.code for one in families], lambda one: list(client.family_variants(one).list())
            ),
            channels=channels.result(),
            locales=locales.result(),
            currencies=currencies.result(),
            measurement_families=measurement_families.result(),
            categories=None if categories is None else categories.result(),
            options=_mapped(workers, with_options_of, allowed),
        ).structure()


async def read_structure_async(
    client: AsyncAkeneoClient, *, with_options_of: Iterable[AttributeCode], with_categories: bool
) -> PimStructure:
    """Read the structure of the PIM behind *client*."""
    # the session lets no more than the options' number of calls go at a time
    families, attributes, channels, locales = await asyncio.gather(
        _all(client.families.list()),
        _all(client.attributes.list()),
        _all(client.channels.list()),
        _all(client.locales.list(where=_ENABLED)),
    )
    currencies, measurement_families, categories = await asyncio.gather(
        _all(client.currencies.list()),
        _all(client.measurement_families.list()),
        _all(client.categories.list()) if with_categories else _nothing(),
    )
    entities = _entities(attributes)

    async def allowed(code: AttributeCode) -> frozenset[OptionCode]:
        if code in entities:
            records = client.reference_entities.records(entities[code]).list()
            return frozenset([OptionCode(one.code) async for one in records])
        return frozenset([one.code async for one in client.attribute_options(code).list()])

    return _Found(
        attributes=attributes,
        families=families,
        variants=await _gathered([one.code for one in families], lambda one: _all(client.family_variants(one).list())),
        channels=channels,
        locales=locales,
        currencies=currencies,
        measurement_families=measurement_families,
        categories=categories,
        options=await _gathered(with_options_of, allowed),
    ).structure()


def _entities(attributes: Iterable[Attribute]) -> dict[AttributeCode, str]:
    """The reference entity whose records are an attribute's values."""
    return {
        one.code: one.reference_data_name
        for one in attributes
        if one.type in _RECORDS and one.reference_data_name is not None
    }


@contextmanager
def _workers(client: AkeneoClient) -> Generator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(client.options.concurrency, thread_name_prefix="akeneo-structure") as workers:
        try:
            yield workers
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)  # where one fails, the others need not begin
            raise


def _mapped(workers: ThreadPoolExecutor, keys: Iterable[K], read: Callable[[K], V]) -> dict[K, V]:
    ordered = list(dict.fromkeys(keys))
    return dict(zip(ordered, workers.map(read, ordered), strict=True))


async def _gathered(keys: Iterable[K], read: Callable[[K], Awaitable[V]]) -> dict[K, V]:
    ordered = list(dict.fromkeys(keys))
    return dict(zip(ordered, await asyncio.gather(*(read(key) for key in ordered)), strict=True))


async def _all(things: AsyncIterable[V]) -> list[V]:
    return [one async for one in things]


async def _nothing() -> None:
    return None
