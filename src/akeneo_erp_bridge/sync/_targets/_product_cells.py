"""Cells of a product: read from what the PIM has, and written as a patch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias, TypeVar

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog import Associations, JsonValue, Product, ProductPatch, QuantifiedAssociations, Value
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    AttributeCode,
    CategoryCode,
    ChannelCode,
    FamilyCode,
    LocaleCode,
    ProductModelCode,
    ProductUuid,
    Sku,
)
from akeneo_erp_bridge.mapping import LinkField
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._drafts._members import listed
from akeneo_erp_bridge.sync.plan import ItemChange

_T = TypeVar("_T")

_FIELDS: Final = frozenset({"family", "enabled", "categories", "groups", "parent", "code", "family_variant"})

ProductKey: TypeAlias = Literal["uuid", "identifier"]
"""What a route names products by, in links too."""


def product_cells(product: Product, cells: Mapping[str, Cell[str]]) -> dict[str, JsonValue]:
    """The raw data of the cells that the product has; a cell it lacks is left out."""
    found: dict[str, JsonValue] = {}
    for key, cell in cells.items():
        link = LinkField.of(cell.attribute)
        if link is not None:
            found[key] = linked(link, product.associations, product.quantified_associations)
        elif cell.attribute == "family":
            found[key] = product.family
        elif cell.attribute == "enabled":
            found[key] = product.enabled
        elif cell.attribute == "categories":
            found[key] = list(product.categories)
        elif cell.attribute == "groups":
            found[key] = list(product.groups)
        elif cell.attribute == "parent":
            found[key] = product.parent
        else:
            raw = product.values.raw(cell.attribute, locale=cell.locale, channel=cell.channel)
            if raw is not UNSET:
                found[key] = raw
    return found


def product_patch(change: ItemChange, cells: Mapping[str, Cell[str]], *, keyed_by: str | None = None) -> ProductPatch:
    """The changed cells as a patch, keyed by UUID, or by identifier where *keyed_by* names its attribute.

    Files are left out: a file is uploaded, and that sets its value.
    """
    fields = {cells[key].attribute: one.new for key, one in change.cells.items()}
    family, enabled = fields.get("family", UNSET), fields.get("enabled", UNSET)
    categories, groups = fields.get("categories", UNSET), fields.get("groups", UNSET)
    parent = fields.get("parent", UNSET)
    name: ProductKey = "uuid" if keyed_by is None else "identifier"
    has_links = any("." in one for one in fields)  # most changes have none, and each cell would be asked twice
    return ProductPatch(
        uuid=ProductUuid(change.ref) if keyed_by is None else None,
        identifier=Sku(change.ref) if keyed_by is not None else None,
        family=FamilyCode(family) if isinstance(family, str) else (None if family is None else UNSET),
        enabled=enabled if isinstance(enabled, bool) else UNSET,
        categories=[CategoryCode(str(one)) for one in categories] if isinstance(categories, list) else UNSET,
        parent=ProductModelCode(parent) if isinstance(parent, str) else (None if parent is None else UNSET),
        groups=[str(one) for one in groups] if isinstance(groups, list) else UNSET,
        values=[*changed_values(change, cells, besides=keyed_by)] or UNSET,
        associations=(has_links and plain_links(change, cells)) or UNSET,
        quantified_associations=(has_links and quantified_links(change, cells, name)) or UNSET,
    )


def changed_values(
    change: ItemChange, cells: Mapping[str, Cell[str]], *, besides: str | None = None
) -> Iterator[Value]:
    """The changed cells that are values of attributes, without files."""
    for key, one in change.cells.items():
        cell = cells[key]
        if cell.attribute in _FIELDS or key == besides or key in change.files or LinkField.of(cell.attribute):
            continue
        locale = LocaleCode(cell.locale) if cell.locale is not None else None
        channel = ChannelCode(cell.channel) if cell.channel is not None else None
        yield Value(AttributeCode(cell.attribute), one.new, locale=locale, channel=channel)


# ---- links ----
def linked(link: LinkField, plain: Associations, quantified: QuantifiedAssociations) -> JsonValue:
    """The targets of one type and kind: as codes, or each with its quantity, whatever the route calls its key."""
    if not link.is_quantified:
        # null stands for a product without an identifier, on routes that speak identifiers: nobody can name it there
        return [name for name in _of_type(plain, link.type).get(link.kind, ()) if name]
    return [
        {"target": one.get("uuid") or one.get("identifier"), "quantity": one.get("quantity")}
        for one in _of_type(quantified, link.type).get(link.kind, ())
    ]


def _of_type(types: Mapping[AssociationTypeCode, Mapping[str, _T]], code: str) -> Mapping[str, _T]:
    """The PIM takes a code in any case, and gives it in its own."""
    found = types.get(AssociationTypeCode(code))
    if found is None:
        found = next((one for name, one in types.items() if name.lower() == code.lower()), None)
    # a type without links comes as an empty list from some versions
    return found if isinstance(found, Mapping) else {}


def plain_links(change: ItemChange, cells: Mapping[str, Cell[str]]) -> Associations:
    """The changed links as the PIM takes them: each kind of each type is replaced."""
    found: dict[AssociationTypeCode, dict[str, list[str]]] = {}
    for link, new in _changed_links(change, cells, is_quantified=False):
        kinds = found.setdefault(AssociationTypeCode(link.type), {})
        kinds[link.kind] = [str(one) for one in new]
    return found


def quantified_links(change: ItemChange, cells: Mapping[str, Cell[str]], name: ProductKey) -> QuantifiedAssociations:
    """The changed links with their quantities; models are always named by code, which is called an identifier."""
    found: dict[AssociationTypeCode, dict[str, list[Mapping[str, str | int]]]] = {}
    for link, new in _changed_links(change, cells, is_quantified=True):
        key = name if link.kind == "products" else "identifier"
        kinds = found.setdefault(AssociationTypeCode(link.type), {})
        kinds[link.kind] = [
            {key: str(one.get("target")), "quantity": int(str(one.get("quantity")))}
            for one in new
            if isinstance(one, Mapping)
        ]
    return found


def _changed_links(
    change: ItemChange, cells: Mapping[str, Cell[str]], *, is_quantified: bool
) -> Iterator[tuple[LinkField, list[JsonValue]]]:
    for key, one in change.cells.items():
        link = LinkField.of(cells[key].attribute)
        if link is not None and link.is_quantified is is_quantified:
            yield link, listed(one.new)
