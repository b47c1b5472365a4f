"""For tests and for learning: an embedded PIM, faults to inject, a merchant's ERP."""

from akeneo_erp_bridge.testing.pim import Call, Fault, PimSimulator

__all__ = ["Call", "Fault", "PimSimulator"]
