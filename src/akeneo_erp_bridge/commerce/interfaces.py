"""Hot data on its way to a shop. Nothing here knows the PIM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol, TypeAlias, runtime_checkable

from attrs import field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce._values import PriceList, Stock

__all__ = ["HotSink", "Offer", "OfferReader", "OfferResult", "OfferValue"]

OfferValue: TypeAlias = Decimal | int | bool | str | PriceList | Stock | None


@frozen
class Offer:
    """The current hot values of one item, by feed name: ``{"price": Decimal("9.90"), "available": 7}``.

    Amounts are `Decimal`; `None` says that there is no such value any more. The latest value of a key and feed
    counts; a feed that is not named keeps the value it has.

    Of two offers of one key the one with the greater `version` is the later; the relay counts it up with each offer
    that it makes. A sink that can compare refuses none for it: an offer that comes late is taken and has no effect.
    Zero is an offer without a version, which always counts.

    >>> from decimal import Decimal
    >>> Offer(ErpKey("4711"), {"price": Decimal("9.90"), "available": 0}).values["available"]
    0
    """

    key: ErpKey
    values: Mapping[str, OfferValue]
    version: int = field(default=0, kw_only=True)


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


@runtime_checkable
class HotSink(Protocol):
    """A shop, or whatever stands before it."""

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """Take the offers, answer one result for each, in any order.

        Delivering the same offer twice must have the effect of once. Raises `SinkError` when nothing
        could be delivered.
        """
        ...


@runtime_checkable
class OfferReader(Protocol):
    """A sink that can tell what its shop shows now; reconciliation needs it."""

    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        """What the shop has for these keys, by feed, in the form in which `deliver` would take it.

        A feed without a value is left out or `None`; a key that the shop does not know is left out. Raises `SinkError`
        when the shop does not answer.
        """
        ...
