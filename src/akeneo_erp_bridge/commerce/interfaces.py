"""Hot data on its way to a shop. Nothing here knows the PIM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey

__all__ = ["HotSink", "Offer", "OfferResult", "OfferValue"]

OfferValue: TypeAlias = Decimal | int | bool | str | None


@frozen
class Offer:
    """The current hot values of one item, by feed name: ``{"price": Decimal("9.90"), "available": 7}``.

    Amounts are `Decimal`; `None` says that there is no such value any more. The latest value of a key and feed
    counts; a feed that is not named keeps the value it has.

    >>> from decimal import Decimal
    >>> Offer(ErpKey("4711"), {"price": Decimal("9.90"), "available": 0}).values["available"]
    0
    """

    key: ErpKey
    values: Mapping[str, OfferValue]


@frozen
class OfferResult:
    """Whether the shop took an offer; `error` is the reason in words where it did not.

    >>> OfferResult(ErpKey("4711")).ok, OfferResult(ErpKey("4712"), "unknown article").ok
    (True, False)
    """

    key: ErpKey
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Taken."""
        return self.error is None


class HotSink(Protocol):
    """A shop, or whatever stands before it."""

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """Take the offers, answer one result for each, in any order.

        Delivering the same offer twice must have the effect of once. Raises `SinkError` when nothing
        could be delivered.
        """
        ...
