"""The attribute types this package knows, by the name the PIM uses."""

from __future__ import annotations

from typing import Final

__all__ = ["AttributeType"]


class AttributeType:
    """Names of attribute types; a plain namespace, because a PIM may send types nobody has heard of.

    Source: Akeneo's documentation of product values by attribute type.

    >>> AttributeType.METRIC
    'pim_catalog_metric'
    """

    IDENTIFIER: Final = "pim_catalog_identifier"
    TEXT: Final = "pim_catalog_text"
    TEXTAREA: Final = "pim_catalog_textarea"
    SIMPLE_SELECT: Final = "pim_catalog_simpleselect"
    MULTI_SELECT: Final = "pim_catalog_multiselect"
    BOOLEAN: Final = "pim_catalog_boolean"
    DATE: Final = "pim_catalog_date"
    NUMBER: Final = "pim_catalog_number"
    METRIC: Final = "pim_catalog_metric"
    PRICE_COLLECTION: Final = "pim_catalog_price_collection"
    IMAGE: Final = "pim_catalog_image"
    FILE: Final = "pim_catalog_file"
    TABLE: Final = "pim_catalog_table"
    PRODUCT_LINK: Final = "pim_catalog_product_link"
    ASSET_COLLECTION: Final = "pim_catalog_asset_collection"
    REFERENCE_ENTITY: Final = "akeneo_reference_entity"
    REFERENCE_ENTITY_COLLECTION: Final = "akeneo_reference_entity_collection"
    REFERENCE_DATA: Final = "pim_reference_data_simpleselect"
    REFERENCE_DATA_COLLECTION: Final = "pim_reference_data_multiselect"


TEXTS: Final = frozenset({AttributeType.IDENTIFIER, AttributeType.TEXT, AttributeType.TEXTAREA})
MEDIA: Final = frozenset({AttributeType.IMAGE, AttributeType.FILE})
SINGLE_CODES: Final = frozenset(
    {AttributeType.SIMPLE_SELECT, AttributeType.REFERENCE_ENTITY, AttributeType.REFERENCE_DATA}
)
CODE_SETS: Final = frozenset(
    {
        AttributeType.MULTI_SELECT,
        AttributeType.REFERENCE_ENTITY_COLLECTION,
        AttributeType.REFERENCE_DATA_COLLECTION,
    }
)
CODE_LISTS: Final = CODE_SETS | {AttributeType.ASSET_COLLECTION}
