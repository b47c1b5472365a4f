"""Mapping: rules bound to cells, checked against the PIM's structure, and the converters to compose them of."""

from akeneo_erp_bridge.mapping._compiled import CompiledCell, CompiledMapping
from akeneo_erp_bridge.mapping._conditions import all_of, any_of, equals, is_in, not_, present, switch
from akeneo_erp_bridge.mapping._cost import Cost, estimate
from akeneo_erp_bridge.mapping._fixed import constant, joined
from akeneo_erp_bridge.mapping._gtin import CheckDigit, check_digit, gtin
from akeneo_erp_bridge.mapping._languages import Languages, in_language, languages
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
from akeneo_erp_bridge.mapping._many import (
    all_true,
    any_true,
    concat,
    count_of,
    distinct,
    every,
    first,
    largest,
    last,
    smallest,
)
from akeneo_erp_bridge.mapping._mapping import CategoryMapping, ItemMapping, Mapped, ProductMapping
from akeneo_erp_bridge.mapping._media import Fetcher, MediaFound, MediaSource, blob, digest_of, fetched, file_in
from akeneo_erp_bridge.mapping._misfit import Misfit
from akeneo_erp_bridge.mapping._numbers import decimal, integer
from akeneo_erp_bridge.mapping._places import channelled, fan_out, localized
from akeneo_erp_bridge.mapping._records import AssetMapping, EntityMapping, RecordMapping, entity_structure
from akeneo_erp_bridge.mapping._reference import price_in, reference
from akeneo_erp_bridge.mapping._sequence import NumberSequence, SkuPattern, sku_pattern
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
    "CheckDigit",
    "CompiledCell",
    "CompiledMapping",
    "Cost",
    "Duplicates",
    "EntityMapping",
    "Fetcher",
    "Group",
    "ItemMapping",
    "Languages",
    "Levels",
    "LinkField",
    "Links",
    "Mapped",
    "MediaFound",
    "MediaSource",
    "Member",
    "Misfit",
    "NumberSequence",
    "ProductMapping",
    "ProductModelMapping",
    "RecordMapping",
    "SkuPattern",
    "Table",
    "TableRows",
    "VariantMapping",
    "Variants",
    "all_of",
    "all_true",
    "any_of",
    "any_true",
    "as_set",
    "association",
    "bill_of_materials",
    "blob",
    "boolean",
    "channelled",
    "check_digit",
    "clean",
    "concat",
    "constant",
    "count_of",
    "decimal",
    "digest_of",
    "distinct",
    "each",
    "entity_structure",
    "equals",
    "estimate",
    "every",
    "family_variants",
    "fan_out",
    "fetched",
    "file_in",
    "first",
    "gtin",
    "in_language",
    "in_unit",
    "integer",
    "is_in",
    "joined",
    "label",
    "languages",
    "largest",
    "last",
    "localized",
    "lookup",
    "measured",
    "not_",
    "plain_text",
    "present",
    "price_in",
    "quantified",
    "reference",
    "single",
    "sku",
    "sku_pattern",
    "smallest",
    "switch",
    "table",
    "wanted_links",
]
