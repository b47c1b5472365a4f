"""Cells of a product: read from what the PIM has, and written as a patch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog import JsonValue, Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, ChannelCode, FamilyCode, LocaleCode, ProductUuid, Sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync.plan import ItemChange

_FIELDS: Final = frozenset({"family", "enabled", "categories"})


def product_cells(product: Product, cells: Mapping[str, Cell[str]]) -> dict[str, JsonValue]:
    """The raw data of the cells that the product has; a cell it lacks is left out."""
    found: dict[str, JsonValue] = {}
    for key, cell in cells.items():
        if cell.attribute == "family":
            found[key] = product.family
        elif cell.attribute == "enabled":
            found[key] = product.enabled
        elif cell.attribute == "categories":
            found[key] = list(product.categories)
        else:
            raw = product.values.raw(cell.attribute, locale=cell.locale, channel=cell.channel)
            if raw is not UNSET:
                found[key] = raw
    return found


def product_patch(change: ItemChange, cells: Mapping[str, Cell[str]], *, keyed_by: str | None = None) -> ProductPatch:
    """The changed cells as a patch, keyed by UUID, or by identifier where *keyed_by* names its attribute."""
    fields = {cells[key].attribute: one.new for key, one in change.cells.items()}
    family, enabled, categories = (fields.get(name, UNSET) for name in ("family", "enabled", "categories"))
    values = [
        _value(cells[key], one.new)
        for key, one in change.cells.items()
        if cells[key].attribute not in _FIELDS and key != keyed_by
    ]
    return ProductPatch(
        uuid=ProductUuid(change.ref) if keyed_by is None else None,
        identifier=Sku(change.ref) if keyed_by is not None else None,
        family=FamilyCode(family) if isinstance(family, str) else (None if family is None else UNSET),
        enabled=enabled if isinstance(enabled, bool) else UNSET,
        categories=[CategoryCode(str(one)) for one in categories] if isinstance(categories, list) else UNSET,
        values=values or UNSET,
    )


def _value(cell: Cell[str], data: JsonValue) -> Value:
    locale = LocaleCode(cell.locale) if cell.locale is not None else None
    channel = ChannelCode(cell.channel) if cell.channel is not None else None
    return Value(AttributeCode(cell.attribute), data, locale=locale, channel=channel)
