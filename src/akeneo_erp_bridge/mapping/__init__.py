"""Mapping: rules bound to cells, checked against the PIM's structure, and the converters to compose them of."""

from akeneo_erp_bridge.mapping._compiled import CompiledCell, CompiledMapping
from akeneo_erp_bridge.mapping._fixed import constant, joined
from akeneo_erp_bridge.mapping._levels import Group, Member, family_variants
from akeneo_erp_bridge.mapping._lines import (
    BillOfMaterials,
    Duplicates,
    Table,
    TableRows,
    bill_of_materials,
    table,
)
from akeneo_erp_bridge.mapping._links import LinkField, Links, wanted_links
from akeneo_erp_bridge.mapping._mapping import CategoryMapping, ItemMapping, Mapped, ProductMapping, localized
from akeneo_erp_bridge.mapping._media import Fetcher, MediaFound, MediaSource, blob, digest_of, fetched, file_in
from akeneo_erp_bridge.mapping._numbers import decimal, integer
from akeneo_erp_bridge.mapping._records import AssetMapping, EntityMapping, RecordMapping, entity_structure
from akeneo_erp_bridge.mapping._reference import price_in, reference
from akeneo_erp_bridge.mapping._tables import as_set, boolean, each, lookup, single
from akeneo_erp_bridge.mapping._text import clean, plain_text, sku
from akeneo_erp_bridge.mapping._units import in_unit, measured
from akeneo_erp_bridge.mapping._variants import Levels, ProductModelMapping, VariantMapping, Variants
from akeneo_erp_bridge.mapping.cells import (
    CATEGORIES,
    CODE,
    ENABLED,
    FAMILY,
    FAMILY_VARIANT,
    GROUPS,
    PARENT,
    association,
    label,
    quantified,
)

__all__ = [
    "CATEGORIES",
    "CODE",
    "ENABLED",
    "FAMILY",
    "FAMILY_VARIANT",
    "GROUPS",
    "PARENT",
    "AssetMapping",
    "BillOfMaterials",
    "CategoryMapping",
    "CompiledCell",
    "CompiledMapping",
    "Duplicates",
    "EntityMapping",
    "Fetcher",
    "Group",
    "ItemMapping",
    "Levels",
    "LinkField",
    "Links",
    "Mapped",
    "MediaFound",
    "MediaSource",
    "Member",
    "ProductMapping",
    "ProductModelMapping",
    "RecordMapping",
    "Table",
    "TableRows",
    "VariantMapping",
    "Variants",
    "as_set",
    "association",
    "bill_of_materials",
    "blob",
    "boolean",
    "clean",
    "constant",
    "decimal",
    "digest_of",
    "each",
    "entity_structure",
    "family_variants",
    "fetched",
    "file_in",
    "in_unit",
    "integer",
    "joined",
    "label",
    "localized",
    "lookup",
    "measured",
    "plain_text",
    "price_in",
    "quantified",
    "reference",
    "single",
    "sku",
    "table",
    "wanted_links",
]
