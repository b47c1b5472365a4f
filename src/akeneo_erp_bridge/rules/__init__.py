"""Rules: typed, inspectable data that turns ERP items into values, and the cells they go to."""

from akeneo_erp_bridge.rules._cell import Binding, Cell, HotBinding, Owner
from akeneo_erp_bridge.rules._identity import identity
from akeneo_erp_bridge.rules._iso import Iso
from akeneo_erp_bridge.rules._outcomes import CLEAR, KEEP, Clear, Keep, Outcome, Problem, Put, Severity, shown
from akeneo_erp_bridge.rules._rule import Rule, Step, taint_of
from akeneo_erp_bridge.rules._steps import Catch

__all__ = [
    "CLEAR",
    "KEEP",
    "Binding",
    "Catch",
    "Cell",
    "Clear",
    "HotBinding",
    "Iso",
    "Keep",
    "Outcome",
    "Owner",
    "Problem",
    "Put",
    "Rule",
    "Severity",
    "Step",
    "identity",
    "shown",
    "taint_of",
]
