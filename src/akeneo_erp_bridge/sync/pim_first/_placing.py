"""Where an item hangs in the ERP: that of a variant below the template of its model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.erp import ErpItem, Given
from akeneo_erp_bridge.sync._state import LedgerEntry

ItemT_contra = TypeVar("ItemT_contra", bound=ErpItem, contravariant=True)

ABOVE: Final = "@template"
"""Among the cells of an entry: the template that the ERP was told. No cell's key begins so."""
WITHHELD: Final = "withheld"
"""The stamp of the cells that the item's template is told in its place."""


@frozen
class Place:
    """The ERP's key of the template above a variant, and the cells that it is told in the variant's place.

    With a `reason` there is no template, and the variant cannot go.
    """

    above: str | None = None
    withheld: frozenset[str] = frozenset()
    reason: str = ""


NOWHERE: Final = Place()
"""That of a simple product."""


class Placing(Protocol[ItemT_contra]):
    """Finds the places of variants, and makes them where they are not there yet."""

    @property
    def path(self) -> str:
        """The ERP's field that names the template."""
        ...

    @property
    def given(self) -> Sequence[Given[ItemT_contra]] | None:
        """What new variants get, where that is not what other new items get."""
        ...

    def places(self, products: Sequence[Product], insisting: Collection[str], run: str) -> Mapping[str, Place]:
        """The places of the variants among these, by the product's name. Somebody has tagged those *insisting*."""
        ...

    def marks(self, product: Product) -> bool:
        """Whether the tag of this product stands on a model above it. Then it moves when all below the model is done."""
        ...


def withheld(entry: LedgerEntry) -> frozenset[str]:
    """The cells that another item is told in the place of this one."""
    found = entry.stamps.get(WITHHELD)
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()
