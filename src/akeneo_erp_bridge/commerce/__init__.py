"""The hot path: offers, the rules that make their values, and the sinks that take them to a shop."""

from akeneo_erp_bridge.commerce._csv import CsvSink
from akeneo_erp_bridge.commerce._price_rules import price, price_list
from akeneo_erp_bridge.commerce._shops._login import ShopKey, ShopLogin
from akeneo_erp_bridge.commerce._shops._medusa import MedusaSink
from akeneo_erp_bridge.commerce._shops._oscar import OscarSink
from akeneo_erp_bridge.commerce._shops._vendure import VendureSink
from akeneo_erp_bridge.commerce._signature import verify_offers
from akeneo_erp_bridge.commerce._sql import SqlSink
from akeneo_erp_bridge.commerce._sqlite import SqliteSink
from akeneo_erp_bridge.commerce._stock_rules import (
    SamePlace,
    Sellable,
    sellable,
    stock_level,
    stock_levels,
)
from akeneo_erp_bridge.commerce._values import OfferPrice, PriceList, Stock, StockLevel
from akeneo_erp_bridge.commerce._webhook import Patience, WebhookSink
from akeneo_erp_bridge.commerce.interfaces import HotSink, Offer, OfferReader, OfferResult, OfferValue

__all__ = [
    "CsvSink",
    "HotSink",
    "MedusaSink",
    "Offer",
    "OfferPrice",
    "OfferReader",
    "OfferResult",
    "OfferValue",
    "OscarSink",
    "Patience",
    "PriceList",
    "SamePlace",
    "Sellable",
    "ShopKey",
    "ShopLogin",
    "SqlSink",
    "SqliteSink",
    "Stock",
    "StockLevel",
    "VendureSink",
    "WebhookSink",
    "price",
    "price_list",
    "sellable",
    "stock_level",
    "stock_levels",
    "verify_offers",
]
