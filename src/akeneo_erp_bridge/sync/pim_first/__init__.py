"""Products born in the PIM: tagged by a person, written to the ERP exactly once, and completed by it."""

from akeneo_erp_bridge.sync.pim_first._job import PimFirst
from akeneo_erp_bridge.sync.pim_first._memory_queue import MemoryQueue
from akeneo_erp_bridge.sync.pim_first._report import PimFirstReport
from akeneo_erp_bridge.sync.pim_first._tag import (
    BooleanTag,
    CategoryTag,
    CompletenessTag,
    Moved,
    SelectTag,
    Tag,
    TagOutcome,
    WorkflowTag,
)

__all__ = [
    "BooleanTag",
    "CategoryTag",
    "CompletenessTag",
    "MemoryQueue",
    "Moved",
    "PimFirst",
    "PimFirstReport",
    "SelectTag",
    "Tag",
    "TagOutcome",
    "WorkflowTag",
]
