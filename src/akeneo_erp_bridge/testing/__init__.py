"""For tests and for learning: an embedded PIM, an ERP in memory, faults to inject, a merchant's ERP."""

from akeneo_erp_bridge.testing._erp_simulator import ErpSimulator, ErpSimulatorAdapter, RefusesRow
from akeneo_erp_bridge.testing._round_trips import round_trips
from akeneo_erp_bridge.testing.pim import AppCredentials, Behaviour, Call, Fault, PimSimulator, SimulatorServer

__all__ = [
    "AppCredentials",
    "Behaviour",
    "Call",
    "ErpSimulator",
    "ErpSimulatorAdapter",
    "Fault",
    "PimSimulator",
    "RefusesRow",
    "SimulatorServer",
    "round_trips",
]
