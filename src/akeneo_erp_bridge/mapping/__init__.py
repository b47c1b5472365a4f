"""Mapping: rules bound to cells, checked against the PIM's structure, and the converters to compose them of."""

from akeneo_erp_bridge.mapping._compiled import CompiledCell, CompiledMapping
from akeneo_erp_bridge.mapping._conditions import all_of, any_of, equals, is_in, not_, present, switch
from akeneo_erp_bridge.mapping._fixed import constant, joined
from akeneo_erp_bridge.mapping._gtin import CheckDigit, check_digit, gtin
from akeneo_erp_bridge.mapping._languages import Languages, in_language, languages
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
from akeneo_erp_bridge.mapping._numbers import decimal, integer
from akeneo_erp_bridge.mapping._places import channelled, fan_out, localized
from akeneo_erp_bridge.mapping._reference import price_in, reference
from akeneo_erp_bridge.mapping._sequence import NumberSequence, SkuPattern, sku_pattern
from akeneo_erp_bridge.mapping._tables import as_set, boolean, each, lookup, single
from akeneo_erp_bridge.mapping._text import clean, plain_text, sku
from akeneo_erp_bridge.mapping._units import in_unit, measured
from akeneo_erp_bridge.mapping.cells import CATEGORIES, CODE, ENABLED, FAMILY, PARENT, label

__all__ = [
    "CATEGORIES",
    "CODE",
    "ENABLED",
    "FAMILY",
    "PARENT",
    "CategoryMapping",
    "CheckDigit",
    "CompiledCell",
    "CompiledMapping",
    "ItemMapping",
    "Languages",
    "Mapped",
    "NumberSequence",
    "ProductMapping",
    "SkuPattern",
    "all_of",
    "all_true",
    "any_of",
    "any_true",
    "as_set",
    "boolean",
    "channelled",
    "check_digit",
    "clean",
    "concat",
    "constant",
    "count_of",
    "decimal",
    "distinct",
    "each",
    "equals",
    "every",
    "fan_out",
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
    "reference",
    "single",
    "sku",
    "sku_pattern",
    "smallest",
    "switch",
]
