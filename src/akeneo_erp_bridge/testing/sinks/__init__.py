"""For the author of a sink: the laws that every sink keeps, as tests to inherit. Needs pytest."""

import akeneo_erp_bridge.testing.sinks._assertions  # noqa: F401  # pyright: ignore[reportUnusedImport] - before the laws are imported
from akeneo_erp_bridge.testing.sinks._interruptions import Interruptions
from akeneo_erp_bridge.testing.sinks._laws import SinkConformance
from akeneo_erp_bridge.testing.sinks._transport import InterruptedTransport
from akeneo_erp_bridge.testing.sinks._world import ShopWorld

__all__ = ["InterruptedTransport", "Interruptions", "ShopWorld", "SinkConformance"]
