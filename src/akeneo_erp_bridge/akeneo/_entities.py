"""Reference entities and the asset manager: things with attributes, options and values of their own."""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge.akeneo._async_resource import (
    AsyncBatchResource,
    AsyncEditableResource,
    AsyncErasableResource,
    AsyncListResource,
)
from akeneo_erp_bridge.akeneo._kinds import Paging, WriteKind, address, plain_kind
from akeneo_erp_bridge.akeneo._resource import BatchResource, EditableResource, ErasableResource, ListResource
from akeneo_erp_bridge.catalog import (
    Asset,
    AssetFamily,
    AssetFamilyPatch,
    AssetPatch,
    EntityAttribute,
    EntityAttributePatch,
    EntityOption,
    EntityOptionPatch,
    Record,
    RecordPatch,
    ReferenceEntity,
    ReferenceEntityPatch,
)

__all__ = [
    "ASSET_FAMILIES",
    "REFERENCE_ENTITIES",
    "AssetFamilies",
    "AsyncAssetFamilies",
    "AsyncReferenceEntities",
    "ReferenceEntities",
]

_WHOLE: Final[Paging] = "whole"

REFERENCE_ENTITIES: Final = plain_kind(
    "reference entity",
    "reference entities",
    "reference-entities",
    ReferenceEntity,
    ReferenceEntityPatch,
    paging="cursor",
)
ASSET_FAMILIES: Final = plain_kind(
    "asset family", "asset families", "asset-families", AssetFamily, AssetFamilyPatch, paging="cursor"
)
ALL_RECORDS: Final = plain_kind(
    "record", "records of all entities", "reference-entities/records", Record, RecordPatch, paging="cursor"
)


def attributes_of(owner: str, code: str) -> WriteKind[EntityAttribute, EntityAttributePatch]:
    """The attributes of a reference entity or an asset family."""
    return plain_kind(
        f"attribute of {code!r}",
        f"attributes of {code!r}",
        f"{address(owner, code)}/attributes",
        EntityAttribute,
        EntityAttributePatch,
        paging=_WHOLE,
    )


def options_of(owner: str, code: str, attribute: str) -> WriteKind[EntityOption, EntityOptionPatch]:
    """The options of such an attribute."""
    return plain_kind(
        f"option of {code!r}, attribute {attribute!r}",
        f"options of {code!r}, attribute {attribute!r}",
        f"{address(f'{address(owner, code)}/attributes', attribute)}/options",
        EntityOption,
        EntityOptionPatch,
        paging=_WHOLE,
    )


def records_of(entity: str) -> WriteKind[Record, RecordPatch]:
    """The records of a reference entity."""
    route = f"{address('reference-entities', entity)}/records"
    return plain_kind(
        f"record of {entity!r}", f"records of {entity!r}", route, Record, RecordPatch, paging="cursor", array=True
    )


def assets_of(family: str) -> WriteKind[Asset, AssetPatch]:
    """The assets of an asset family."""
    route = f"{address('asset-families', family)}/assets"
    return plain_kind(
        f"asset of {family!r}", f"assets of {family!r}", route, Asset, AssetPatch, paging="cursor", array=True
    )


class ReferenceEntities(EditableResource[ReferenceEntity, ReferenceEntityPatch]):
    """Reference entities, with what is inside them. Enterprise Edition, 3.0 and newer.

    Source: Akeneo's documentation of reference entities.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> entities = PimSimulator(sample=True).client().reference_entities
    >>> [entity.code for entity in entities.list()]
    ['brands']
    >>> [record.text("label", locale="en_US") for record in entities.records("brands").list()]
    ['Eisenhart', 'Forte']
    >>> entities.attribute_options("brands", "country").get("de").labels["en_US"]
    'Germany'
    """

    def attributes(self, entity: str) -> EditableResource[EntityAttribute, EntityAttributePatch]:
        """Return the attributes of the records of *entity*."""
        return EditableResource(attributes_of("reference-entities", entity), self._session, self._options)

    def attribute_options(self, entity: str, attribute: str) -> EditableResource[EntityOption, EntityOptionPatch]:
        """Return the options of an attribute of *entity*."""
        return EditableResource(options_of("reference-entities", entity, attribute), self._session, self._options)

    def records(self, entity: str) -> BatchResource[Record, RecordPatch]:
        """Return the records of *entity*."""
        return BatchResource(records_of(entity), self._session, self._options)

    def all_records(self) -> ListResource[Record]:
        """Return the records of all entities, as the search index has them. Experimental: seen in one client alone."""
        return ListResource(ALL_RECORDS, self._session, self._options)


class AsyncReferenceEntities(AsyncEditableResource[ReferenceEntity, ReferenceEntityPatch]):
    """Reference entities, with what is inside them; see `ReferenceEntities`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print([record.code async for record in pim.reference_entities.records("brands").list()])
    >>> asyncio.run(main())
    ['eisenhart', 'forte']
    """

    def attributes(self, entity: str) -> AsyncEditableResource[EntityAttribute, EntityAttributePatch]:
        """Return the attributes of the records of *entity*."""
        return AsyncEditableResource(attributes_of("reference-entities", entity), self._session, self._options)

    def attribute_options(self, entity: str, attribute: str) -> AsyncEditableResource[EntityOption, EntityOptionPatch]:
        """Return the options of an attribute of *entity*."""
        return AsyncEditableResource(options_of("reference-entities", entity, attribute), self._session, self._options)

    def records(self, entity: str) -> AsyncBatchResource[Record, RecordPatch]:
        """Return the records of *entity*."""
        return AsyncBatchResource(records_of(entity), self._session, self._options)

    def all_records(self) -> AsyncListResource[Record]:
        """Return the records of all entities; see `ReferenceEntities.all_records`."""
        return AsyncListResource(ALL_RECORDS, self._session, self._options)


class AssetFamilies(EditableResource[AssetFamily, AssetFamilyPatch]):
    """Asset families, with what is inside them. Enterprise Edition, 3.2 and newer.

    Source: Akeneo's documentation of the asset manager.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> families = PimSimulator(sample=True).client().asset_families
    >>> families.get("packshots").labels["en_US"], [one.code for one in families.attributes("packshots").list()]
    ('Packshots', ['label', 'media', 'view'])
    """

    def attributes(self, family: str) -> EditableResource[EntityAttribute, EntityAttributePatch]:
        """Return the attributes of the assets of *family*."""
        return EditableResource(attributes_of("asset-families", family), self._session, self._options)

    def attribute_options(self, family: str, attribute: str) -> EditableResource[EntityOption, EntityOptionPatch]:
        """Return the options of an attribute of *family*."""
        return EditableResource(options_of("asset-families", family, attribute), self._session, self._options)

    def assets(self, family: str) -> ErasableResource[Asset, AssetPatch]:
        """Return the assets of *family*."""
        return ErasableResource(assets_of(family), self._session, self._options)


class AsyncAssetFamilies(AsyncEditableResource[AssetFamily, AssetFamilyPatch]):
    """Asset families, with what is inside them; see `AssetFamilies`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print([option.code async for option in pim.asset_families.attribute_options("packshots", "view").list()])
    >>> asyncio.run(main())
    ['front']
    """

    def attributes(self, family: str) -> AsyncEditableResource[EntityAttribute, EntityAttributePatch]:
        """Return the attributes of the assets of *family*."""
        return AsyncEditableResource(attributes_of("asset-families", family), self._session, self._options)

    def attribute_options(self, family: str, attribute: str) -> AsyncEditableResource[EntityOption, EntityOptionPatch]:
        """Return the options of an attribute of *family*."""
        return AsyncEditableResource(options_of("asset-families", family, attribute), self._session, self._options)

    def assets(self, family: str) -> AsyncErasableResource[Asset, AssetPatch]:
        """Return the assets of *family*."""
        return AsyncErasableResource(assets_of(family), self._session, self._options)
