"""Odoo: the adapter, and what is written with it."""

from akeneo_erp_bridge.erp._odoo._adapter import OdooAdapter, OdooDomain
from akeneo_erp_bridge.erp._odoo._wire import OdooProtocol
from akeneo_erp_bridge.erp._odoo._writer import OdooDraft

__all__ = ["OdooAdapter", "OdooDomain", "OdooDraft", "OdooProtocol"]
