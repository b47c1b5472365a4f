"""The hot path: offers, and the sinks that take them to a shop."""

from akeneo_erp_bridge.commerce._shops._login import ShopKey, ShopLogin
from akeneo_erp_bridge.commerce._shops._medusa import MedusaSink
from akeneo_erp_bridge.commerce._shops._oscar import OscarSink
from akeneo_erp_bridge.commerce._shops._vendure import VendureSink
from akeneo_erp_bridge.commerce._sqlite import SqliteSink
from akeneo_erp_bridge.commerce._values import OfferPrice, PriceList, Stock, StockLevel
from akeneo_erp_bridge.commerce.interfaces import HotSink, Offer, OfferReader, OfferResult, OfferValue

__all__ = [
    "HotSink",
    "MedusaSink",
    "Offer",
    "OfferPrice",
    "OfferReader",
    "OfferResult",
    "OfferValue",
    "OscarSink",
    "PriceList",
    "ShopKey",
    "ShopLogin",
    "SqliteSink",
    "Stock",
    "StockLevel",
    "VendureSink",
]
