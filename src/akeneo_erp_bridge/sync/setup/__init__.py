"""Set-up on request: what a connector needs in the PIM is described, proposed, shown, and then created. Never silently.

Nothing else in this package creates structure: a run that misses an attribute says so and stops.
"""

from akeneo_erp_bridge.sync.setup._apply import (
    SetupOutcome,
    SetupReport,
    StepObserver,
    StepResult,
    apply,
)
from akeneo_erp_bridge.sync.setup._blueprint import Blueprint, Piece
from akeneo_erp_bridge.sync.setup._diff import Change
from akeneo_erp_bridge.sync.setup._inventory import Inventory
from akeneo_erp_bridge.sync.setup._kinds import Kind, Ref
from akeneo_erp_bridge.sync.setup._options import OptionProposal, Words, propose_options, unknown_words
from akeneo_erp_bridge.sync.setup._parts import (
    Labels,
    Tree,
    asset_family,
    association_type,
    attribute,
    attribute_group,
    category_tree,
    family,
    family_variant,
    measurement_family,
    metric,
    reference_entity,
    select,
)
from akeneo_erp_bridge.sync.setup._plan import SetupAction, SetupPlan, SetupStep
from akeneo_erp_bridge.sync.setup._propose import look, propose

__all__ = [
    "Blueprint",
    "Change",
    "Inventory",
    "Kind",
    "Labels",
    "OptionProposal",
    "Piece",
    "Ref",
    "SetupAction",
    "SetupOutcome",
    "SetupPlan",
    "SetupReport",
    "SetupStep",
    "StepObserver",
    "StepResult",
    "Tree",
    "Words",
    "apply",
    "asset_family",
    "association_type",
    "attribute",
    "attribute_group",
    "category_tree",
    "family",
    "family_variant",
    "look",
    "measurement_family",
    "metric",
    "propose",
    "propose_options",
    "reference_entity",
    "select",
    "unknown_words",
]
