"""From the paths of an item class to Odoo's fields.

A path is a field (``default_code``), steps through relations (``categ_id.complete_name``), the value of an axis
(``axes.Size``), the size of a picture (``image_1920.size``), and any of them in another language (``name@fr_FR``).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.erp._odoo._values import TO_MANY, FieldDefinition, FieldsOf
from akeneo_erp_bridge.errors import ErpRefused

STOCK: Final = frozenset({"qty_available", "free_qty", "virtual_available", "incoming_qty", "outgoing_qty"})
"""Computed for the company's warehouses, or for some locations; they move no stamp of a product."""
AXIS_VALUES: Final = "product_template_attribute_value_ids"
_AXIS: Final = "axes"
_SIZE: Final = FieldDefinition("size", "char", readonly=True, searchable=False)
_STAMP: Final = "write_date"
# fields that another module adds, as they are most asked for
_BROUGHT_BY: Final = {
    **dict.fromkeys(STOCK, "Inventory (stock)"),
    "is_storable": "Inventory (stock)",
    "stock_quant_ids": "Inventory (stock)",
    "bom_ids": "Manufacturing (mrp)",
    "seller_ids": "Purchase (purchase)",
    "public_categ_ids": "eCommerce (website_sale)",
}


@frozen
class PathPlan:
    """How one path is read."""

    path: str
    steps: tuple[str, ...]
    """Relations, then the field."""
    field: FieldDefinition
    language: str | None = None
    axis: str | None = None
    is_size: bool = False
    is_many: bool = False
    """Whether it gives a list, as a step leads to many records."""
    stamps: tuple[str, ...] = ()
    """The stamps beside the record's own that move when the value does."""

    @property
    def first(self) -> str:
        """The field of the record itself."""
        return next(iter(self.steps))

    @property
    def is_stock(self) -> bool:
        """Whether it is computed for locations."""
        return self.field.name in STOCK

    @property
    def can_be_searched(self) -> bool:
        """Whether Odoo finds records by it, as they are shown."""
        return self.language is None and self.axis is None and self.field.searchable


def plan_path(path: str, model: str, fields_of: FieldsOf) -> PathPlan:
    """Resolve a path; raises `ErpRefused` naming the field that is not there and those like it."""
    dotted, _, language = path.partition("@")
    names = dotted.split(".")
    fields = fields_of(model)
    if names[0] == _AXIS and _AXIS not in fields and AXIS_VALUES in fields and len(names) > 1:
        return _axis(path, ".".join(names[1:]), language or None)
    here, steps, stamps, is_many = model, list[str](), list[str](), False
    found = True
    for name in names[:-1]:
        field = _field(path, name, here, fields_of)
        if field.kind == "binary" and [name, "size"] == names[-2:]:
            return PathPlan(
                path, (*steps, name), _SIZE, None, None, is_size=True, is_many=is_many, stamps=tuple(stamps)
            )
        if not field.is_relation:
            raise ErpRefused(f"path '{path}': field '{name}' of {here} is {field.kind}, so nothing can follow it")
        steps.append(name)
        is_many = is_many or field.kind in TO_MANY
        here = str(field.relation)
        found = found and field.searchable
        if found and _STAMP in fields_of(here):
            stamps.append(".".join((*steps, _STAMP)))
    last = _field(path, names[-1], here, fields_of)
    return PathPlan(path, (*steps, last.name), last, language or None, is_many=is_many, stamps=tuple(stamps))


def languages_of(plans: Iterable[PathPlan]) -> tuple[str, ...]:
    """The other languages that must be read, sorted."""
    return tuple(sorted({one.language for one in plans if one.language is not None}))


def stamps_of(plans: Iterable[PathPlan], model: str, fields: Iterable[str]) -> tuple[str, ...]:
    """All stamps that move when an item as it is read may have changed."""
    # a variant inherits from its template, whose changes left its stamp alone before series 15
    own = (_STAMP, f"product_tmpl_id.{_STAMP}") if model == "product.product" else (_STAMP,)
    known = [one for one in own if one.partition(".")[0] in set(fields)]
    return tuple(dict.fromkeys((*known, *(stamp for plan in plans for stamp in plan.stamps))))


def _axis(path: str, axis: str, language: str | None) -> PathPlan:
    # the value's own name, as the line of a template between variant and value has no stamp of a renaming
    stamps = (f"{AXIS_VALUES}.{_STAMP}", f"{AXIS_VALUES}.product_attribute_value_id.{_STAMP}")
    field = FieldDefinition("name", "char", readonly=True, searchable=False)
    return PathPlan(path, (AXIS_VALUES, "name"), field, language, axis, stamps=stamps)


def _field(path: str, name: str, model: str, fields_of: FieldsOf) -> FieldDefinition:
    fields = fields_of(model)
    if name in fields:
        return fields[name]
    if name in _BROUGHT_BY:
        hint = f"it comes with the module {_BROUGHT_BY[name]}, which is not installed, or is hidden from this user"
    else:
        near = get_close_matches(name, fields, n=5, cutoff=0.5)
        hint = f"like it: {', '.join(near)}" if near else f"it has: {', '.join(sorted(fields))}"
    raise ErpRefused(f"path '{path}': {model} has no field '{name}'; {hint}")
