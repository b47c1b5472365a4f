"""The embedded PIM: an HTTP door, tokens, validation, lists and batches, over tables in memory or in a file."""

from akeneo_erp_bridge.testing.pim._apps import AppCredentials
from akeneo_erp_bridge.testing.pim._behaviour import Behaviour
from akeneo_erp_bridge.testing.pim._faults import Call, Fault
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._server import SimulatorServer
from akeneo_erp_bridge.testing.pim.simulator import PimSimulator

__all__ = [
    "Answer",
    "AppCredentials",
    "Behaviour",
    "Call",
    "Fault",
    "PimSimulator",
    "Request",
    "SimulatorServer",
]
