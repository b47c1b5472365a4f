"""Mapping: rules bound to cells, checked against the PIM's structure, and the converters to compose them of."""

from akeneo_erp_bridge.mapping._booleans import boolean, yes_no
from akeneo_erp_bridge.mapping._codes import CodeTable, code_table, slug
from akeneo_erp_bridge.mapping._compiled import CompiledCell, CompiledMapping
from akeneo_erp_bridge.mapping._conversion import UnitFactor, convert, converted_to, to_unit, unit_factors, unit_iso
from akeneo_erp_bridge.mapping._dates import ZERO_DATES, day, moment
from akeneo_erp_bridge.mapping._fixed import constant, joined
from akeneo_erp_bridge.mapping._html import plain_to_html, sanitized_html
from akeneo_erp_bridge.mapping._mapping import CategoryMapping, ItemMapping, Mapped, ProductMapping, localized
from akeneo_erp_bridge.mapping._numbers import decimal, integer, rounded, whole_number
from akeneo_erp_bridge.mapping._packs import per_pack
from akeneo_erp_bridge.mapping._reference import price_in, reference
from akeneo_erp_bridge.mapping._sets import at_most, join, split, split_iso
from akeneo_erp_bridge.mapping._tables import as_set, each, lookup, single
from akeneo_erp_bridge.mapping._template import extract, matching, template
from akeneo_erp_bridge.mapping._text import clean, plain_text, sku
from akeneo_erp_bridge.mapping._unit_words import unit_synonyms
from akeneo_erp_bridge.mapping._units import in_unit, measured
from akeneo_erp_bridge.mapping.cells import CATEGORIES, CODE, ENABLED, FAMILY, PARENT, label
from akeneo_erp_bridge.mapping.tables import FileOptions, FileTable, lookup_from, options_from, read_table

__all__ = [
    "CATEGORIES",
    "CODE",
    "ENABLED",
    "FAMILY",
    "PARENT",
    "ZERO_DATES",
    "CategoryMapping",
    "CodeTable",
    "CompiledCell",
    "CompiledMapping",
    "FileOptions",
    "FileTable",
    "ItemMapping",
    "Mapped",
    "ProductMapping",
    "UnitFactor",
    "as_set",
    "at_most",
    "boolean",
    "clean",
    "code_table",
    "constant",
    "convert",
    "converted_to",
    "day",
    "decimal",
    "each",
    "extract",
    "in_unit",
    "integer",
    "join",
    "joined",
    "label",
    "localized",
    "lookup",
    "lookup_from",
    "matching",
    "measured",
    "moment",
    "options_from",
    "per_pack",
    "plain_text",
    "plain_to_html",
    "price_in",
    "read_table",
    "reference",
    "rounded",
    "sanitized_html",
    "single",
    "sku",
    "slug",
    "split",
    "split_iso",
    "template",
    "to_unit",
    "unit_factors",
    "unit_iso",
    "unit_synonyms",
    "whole_number",
    "yes_no",
]
