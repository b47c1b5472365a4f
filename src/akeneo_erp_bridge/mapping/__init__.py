"""Mapping: rules bound to cells, checked against the PIM's structure, and the converters to compose them of."""

from akeneo_erp_bridge.mapping._compiled import CompiledCell, CompiledMapping
from akeneo_erp_bridge.mapping._cost import Cost, estimate
from akeneo_erp_bridge.mapping._fixed import constant, joined
from akeneo_erp_bridge.mapping._mapping import CategoryMapping, ItemMapping, Mapped, ProductMapping, localized
from akeneo_erp_bridge.mapping._misfit import Misfit
from akeneo_erp_bridge.mapping._numbers import decimal, integer
from akeneo_erp_bridge.mapping._reference import price_in, reference
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
    "CompiledCell",
    "CompiledMapping",
    "Cost",
    "ItemMapping",
    "Mapped",
    "Misfit",
    "ProductMapping",
    "as_set",
    "boolean",
    "clean",
    "constant",
    "decimal",
    "each",
    "estimate",
    "in_unit",
    "integer",
    "joined",
    "label",
    "localized",
    "lookup",
    "measured",
    "plain_text",
    "price_in",
    "reference",
    "single",
    "sku",
]
