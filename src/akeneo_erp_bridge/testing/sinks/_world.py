"""What a shop shows, as a test of its sink sees it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from akeneo_erp_bridge.codes import ErpKey

__all__ = ["ShopWorld"]


class ShopWorld(Protocol):
    """A shop behind a sink, seen past the sink: through the shop's own API, its database, its pages.

    `keys` are items that the shop knows; the law of a large batch takes up to a thousand of them, the others begin
    at the front. What they hold before a test makes no difference.
    """

    @property
    def keys(self) -> Sequence[ErpKey]:
        """Items of the shop, at least 60, all different."""
        ...

    def prices(self, keys: Sequence[ErpKey]) -> Sequence[Decimal | None]:
        """The amount that the sink's currency has for each key; `None` where the item cannot be bought."""
        ...

    def stocks(self, keys: Sequence[ErpKey]) -> Sequence[int | None]:
        """The stock of each key in the place of plain numbers; `None` where none is kept."""
        ...

    def other_price(self, key: ErpKey) -> Decimal | None:
        """An amount in a currency that the sink does not speak for."""
        ...
