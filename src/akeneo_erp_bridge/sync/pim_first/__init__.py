"""Products born in the PIM: tagged by a person, written to the ERP exactly once, and completed by it."""

from akeneo_erp_bridge.sync.pim_first._job import PimFirst
from akeneo_erp_bridge.sync.pim_first._memory_queue import MemoryQueue
from akeneo_erp_bridge.sync.pim_first._report import PimFirstReport
from akeneo_erp_bridge.sync.pim_first._sku_book import (
    PostgresSkuBook,
    Reservation,
    SkippedNumber,
    SkuBook,
    SqliteSkuBook,
)
from akeneo_erp_bridge.sync.pim_first._sku_pattern import (
    CheckPart,
    FamilyPrefix,
    OptionPart,
    OwnPart,
    Sequence,
    SkuCheck,
    SkuPart,
    SkuPattern,
    TextPart,
)
from akeneo_erp_bridge.sync.pim_first._skus import NewSkus, SkuMaker, TakenSkus, in_erp, in_pim
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
    "CheckPart",
    "CompletenessTag",
    "FamilyPrefix",
    "MemoryQueue",
    "Moved",
    "NewSkus",
    "OptionPart",
    "OwnPart",
    "PimFirst",
    "PimFirstReport",
    "PostgresSkuBook",
    "Reservation",
    "SelectTag",
    "Sequence",
    "SkippedNumber",
    "SkuBook",
    "SkuCheck",
    "SkuMaker",
    "SkuPart",
    "SkuPattern",
    "SqliteSkuBook",
    "Tag",
    "TagOutcome",
    "TakenSkus",
    "TextPart",
    "WorkflowTag",
    "in_erp",
    "in_pim",
]
