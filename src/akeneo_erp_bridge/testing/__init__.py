"""For tests and for learning: an embedded PIM, faults to inject, a merchant's ERP."""

from akeneo_erp_bridge.testing._round_trips import round_trips
from akeneo_erp_bridge.testing.pim import AppCredentials, Behaviour, Call, Fault, PimSimulator, SimulatorServer

__all__ = ["AppCredentials", "Behaviour", "Call", "Fault", "PimSimulator", "SimulatorServer", "round_trips"]
