"""Which data may go where: cold into the PIM, hot to commerce, internal nowhere.

The rule is Akeneo's own (guide "Connect your ERP with Akeneo PIM"): the PIM manages cold information;
hot information goes straight from the ERP to commerce; a price in the PIM is a reference, not for export.
"""

from akeneo_erp_bridge.classification._temperatures import (
    PIM_SAFE,
    SHIPPABLE,
    Cold,
    Hot,
    Internal,
    PimSafe,
    Reference,
    Shippable,
    Temperature,
    may_reach,
    names,
)

__all__ = [
    "PIM_SAFE",
    "SHIPPABLE",
    "Cold",
    "Hot",
    "Internal",
    "PimSafe",
    "Reference",
    "Shippable",
    "Temperature",
    "may_reach",
    "names",
]
