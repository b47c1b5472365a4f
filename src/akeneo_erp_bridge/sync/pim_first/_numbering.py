"""Products without a SKU get one, before anything else is done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from akeneo_erp_bridge.catalog import Product, Value
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.sync._words import told
from akeneo_erp_bridge.sync.pim_first._shelf import Change, Shelf
from akeneo_erp_bridge.sync.pim_first._skus import SkuMaker


@frozen
class Numbering:
    """Reserves SKUs, and writes them into the PIM. Who is killed in between reserves the same ones again."""

    skus: SkuMaker
    shelf: Shelf
    identifier: str
    hook: Callable[[str], None]

    def lacks(self, product: Product) -> bool:
        """Whether the product has no SKU."""
        return not product.identifier and not product.values.text(self.identifier)

    def number(self, products: Sequence[Product]) -> tuple[dict[str, Product], dict[str, str]]:
        """The products as they are with their SKUs, and why others get none, by the product's name in the PIM.

        One that was deleted is in neither.
        """
        given = self.skus.skus_for(products)
        reasons = {ref: told(one) for ref, one in given.items() if isinstance(one, MappingError)}
        self.hook("sku.reserved")
        # to look what is taken takes time: a SKU that a user typed meanwhile stays, and who was deleted is not made anew
        now = self.shelf.read([ref for ref in given if ref not in reasons])
        changes = [
            Change(ref, (Value(AttributeCode(self.identifier), str(given[ref])),))
            for ref, product in now.items()
            if self.lacks(product)
        ]
        refused = self.shelf.change(changes)
        self.hook("sku.written")
        reasons |= {ref: f"the PIM does not take the SKU '{given[ref]}': {reason}" for ref, reason in refused.items()}
        there = self.shelf.read([ref for ref in now if ref not in reasons])
        return there, reasons
