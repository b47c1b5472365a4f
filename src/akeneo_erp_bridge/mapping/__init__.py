"""Mapping: rules bound to cells, checked against the PIM's structure, and the converters to compose them of."""

from akeneo_erp_bridge.mapping._checks._cost import Cost, estimate
from akeneo_erp_bridge.mapping._checks._misfit import Misfit
from akeneo_erp_bridge.mapping._combine._conditions import all_of, any_of, equals, is_in, not_, present, switch
from akeneo_erp_bridge.mapping._combine._fixed import constant, joined
from akeneo_erp_bridge.mapping._combine._languages import Languages, in_language, languages
from akeneo_erp_bridge.mapping._combine._many import (
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
from akeneo_erp_bridge.mapping._combine._places import channelled, fan_out, localized
from akeneo_erp_bridge.mapping._combine._sequence import NumberSequence, SkuFormat, sku_pattern
from akeneo_erp_bridge.mapping._compiled import CompiledCell, CompiledMapping
from akeneo_erp_bridge.mapping._mapping import CategoryMapping, ItemMapping, Mapped, ProductMapping
from akeneo_erp_bridge.mapping._reference import Downgrade, price_in, reference
from akeneo_erp_bridge.mapping._shapes._levels import Group, Member, family_variants
from akeneo_erp_bridge.mapping._shapes._lines import (
    BillOfMaterials,
    Duplicates,
    Table,
    TableRows,
    bill_of_materials,
    table,
)
from akeneo_erp_bridge.mapping._shapes._links import LinkField, Links, wanted_links
from akeneo_erp_bridge.mapping._shapes._media import Fetcher, MediaFound, MediaSource, blob, digest_of, fetched, file_in
from akeneo_erp_bridge.mapping._shapes._records import AssetMapping, EntityMapping, RecordMapping, entity_structure
from akeneo_erp_bridge.mapping._shapes._variants import Levels, ProductModelMapping, VariantMapping, Variants
from akeneo_erp_bridge.mapping._values._booleans import boolean, yes_no
from akeneo_erp_bridge.mapping._values._codes import Clash, CodeTable, Slug, code_table, slug
from akeneo_erp_bridge.mapping._values._conversion import (
    UnitFactor,
    convert,
    converted_to,
    to_unit,
    unit_factors,
    unit_iso,
)
from akeneo_erp_bridge.mapping._values._dates import ZERO_DATES, day, moment
from akeneo_erp_bridge.mapping._values._gtin import CheckDigit, check_digit, gtin
from akeneo_erp_bridge.mapping._values._html import plain_to_html, sanitized_html
from akeneo_erp_bridge.mapping._values._numbers import decimal, integer, rounded, whole_number
from akeneo_erp_bridge.mapping._values._packs import per_pack
from akeneo_erp_bridge.mapping._values._rounding import Number, Rounding
from akeneo_erp_bridge.mapping._values._sets import at_most, join, split, split_iso
from akeneo_erp_bridge.mapping._values._tables import as_set, each, lookup, single
from akeneo_erp_bridge.mapping._values._template import extract, matching, template
from akeneo_erp_bridge.mapping._values._text import SkuCase, TooLong, clean, plain_text, sku
from akeneo_erp_bridge.mapping._values._unit_words import unit_synonyms
from akeneo_erp_bridge.mapping._values._units import in_unit, measured
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
from akeneo_erp_bridge.mapping.tables import FileOptions, FileTable, lookup_from, options_from, read_table

__all__ = [
    "CATEGORIES",
    "CODE",
    "ENABLED",
    "FAMILY",
    "FAMILY_VARIANT",
    "GROUPS",
    "PARENT",
    "ZERO_DATES",
    "AssetMapping",
    "BillOfMaterials",
    "CategoryMapping",
    "CheckDigit",
    "Clash",
    "CodeTable",
    "CompiledCell",
    "CompiledMapping",
    "Cost",
    "Downgrade",
    "Duplicates",
    "EntityMapping",
    "Fetcher",
    "FileOptions",
    "FileTable",
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
    "Number",
    "NumberSequence",
    "ProductMapping",
    "ProductModelMapping",
    "RecordMapping",
    "Rounding",
    "SkuCase",
    "SkuFormat",
    "Slug",
    "Table",
    "TableRows",
    "TooLong",
    "UnitFactor",
    "VariantMapping",
    "Variants",
    "all_of",
    "all_true",
    "any_of",
    "any_true",
    "as_set",
    "association",
    "at_most",
    "bill_of_materials",
    "blob",
    "boolean",
    "channelled",
    "check_digit",
    "clean",
    "code_table",
    "concat",
    "constant",
    "convert",
    "converted_to",
    "count_of",
    "day",
    "decimal",
    "digest_of",
    "distinct",
    "each",
    "entity_structure",
    "equals",
    "estimate",
    "every",
    "extract",
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
    "join",
    "joined",
    "label",
    "languages",
    "largest",
    "last",
    "localized",
    "lookup",
    "lookup_from",
    "matching",
    "measured",
    "moment",
    "not_",
    "options_from",
    "per_pack",
    "plain_text",
    "plain_to_html",
    "present",
    "price_in",
    "quantified",
    "read_table",
    "reference",
    "rounded",
    "sanitized_html",
    "single",
    "sku",
    "sku_pattern",
    "slug",
    "smallest",
    "split",
    "split_iso",
    "switch",
    "table",
    "template",
    "to_unit",
    "unit_factors",
    "unit_iso",
    "unit_synonyms",
    "wanted_links",
    "whole_number",
    "yes_no",
]
