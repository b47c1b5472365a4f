"""The embedded PIM, room by room: messages, tokens, entities, products, values, lists, routes."""

from akeneo_erp_bridge.testing.pim._faults import Fault
from akeneo_erp_bridge.testing.pim.simulator import Call, PimSimulator

__all__ = ["Call", "Fault", "PimSimulator"]
