"""Which data may go where: cold into the PIM, hot to commerce, internal nowhere.

The rule is Akeneo's own (guide "Connect your ERP with Akeneo PIM"): the PIM manages cold information;
hot information goes straight from the ERP to commerce; a price in the PIM is a reference, not for export.

Fields are declared in code (`erp.cold`, `erp.hot`, `erp.internal`), or by a `Policy` where they are known at run time
only (`erp.item_class`). `suggest` helps to write one. What was declared is compared with what was observed by
`sync.audit`, which gives an `Audit`.
"""

from akeneo_erp_bridge.classification._audit import Audit, AuditedField, Concern, Declared, Finding, Yardstick, judge
from akeneo_erp_bridge.classification._policy import Declaration, How, Policy, by_name, in_table, matching, of_type
from akeneo_erp_bridge.classification._schema import Schema, SchemaField
from akeneo_erp_bridge.classification._suggest import Suggestion, accept, suggest
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
from akeneo_erp_bridge.classification._volatility import Look, Runs, Trace, Volatility, looks_like, sum_up, warmest

__all__ = [
    "PIM_SAFE",
    "SHIPPABLE",
    "Audit",
    "AuditedField",
    "Cold",
    "Concern",
    "Declaration",
    "Declared",
    "Finding",
    "Hot",
    "How",
    "Internal",
    "Look",
    "PimSafe",
    "Policy",
    "Reference",
    "Runs",
    "Schema",
    "SchemaField",
    "Shippable",
    "Suggestion",
    "Temperature",
    "Trace",
    "Volatility",
    "Yardstick",
    "accept",
    "by_name",
    "in_table",
    "judge",
    "looks_like",
    "matching",
    "may_reach",
    "names",
    "of_type",
    "suggest",
    "sum_up",
    "warmest",
]
