"""Rules: typed, inspectable data that turns ERP items into values, and the cells they go to."""

from akeneo_erp_bridge.rules._cell import Binding, Cell, HotBinding, Owner
from akeneo_erp_bridge.rules._identity import identity
from akeneo_erp_bridge.rules._iso import Iso, IsoRule, same
from akeneo_erp_bridge.rules._kinds import Kinds, kinds_of
from akeneo_erp_bridge.rules._outcomes import (
    CLEAR,
    KEEP,
    SEVERITIES,
    Clear,
    Keep,
    Outcome,
    Problem,
    Put,
    Severity,
    shown,
)
from akeneo_erp_bridge.rules._rule import Rule, Step, taint_of
from akeneo_erp_bridge.rules._steps import Catch, Then

__all__ = [
    "CLEAR",
    "KEEP",
    "SEVERITIES",
    "Binding",
    "Catch",
    "Cell",
    "Clear",
    "HotBinding",
    "Iso",
    "IsoRule",
    "Keep",
    "Kinds",
    "Outcome",
    "Owner",
    "Problem",
    "Put",
    "Rule",
    "Severity",
    "Step",
    "Then",
    "identity",
    "kinds_of",
    "same",
    "shown",
    "taint_of",
]
