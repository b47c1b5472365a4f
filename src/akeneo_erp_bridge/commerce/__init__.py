"""The hot path: offers, and the sinks that take them to a shop."""

from akeneo_erp_bridge.commerce._sqlite import SqliteSink
from akeneo_erp_bridge.commerce._values import OfferPrice, PriceList, Stock, StockLevel
from akeneo_erp_bridge.commerce.interfaces import HotSink, Offer, OfferReader, OfferResult, OfferValue

__all__ = [
    "HotSink",
    "Offer",
    "OfferPrice",
    "OfferReader",
    "OfferResult",
    "OfferValue",
    "PriceList",
    "SqliteSink",
    "Stock",
    "StockLevel",
]
