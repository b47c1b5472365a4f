"""The adapter for Tryton, in parts: connection, paths, what is computed, reading, writing."""

from akeneo_erp_bridge.erp._tryton._adapter import TrytonAdapter

__all__ = ["TrytonAdapter"]
