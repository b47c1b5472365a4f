"""PIM first: a product that is born in the PIM becomes exactly one item of the ERP, and the ERP completes it.

A person tags it. What is to be looked at stands in a queue: events of the PIM fill it within seconds, and a poll fills in
what no event told.
"""

from akeneo_erp_bridge.sync.pim_first._job import PimFirst
from akeneo_erp_bridge.sync.pim_first._memory_queue import MemoryQueue
from akeneo_erp_bridge.sync.pim_first._models import Models
from akeneo_erp_bridge.sync.pim_first._postgres_queue import PostgresQueue
from akeneo_erp_bridge.sync.pim_first._queue import Waiting, WorkKind, WorkQueue
from akeneo_erp_bridge.sync.pim_first._receiver import QueueReceiver
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
from akeneo_erp_bridge.sync.pim_first._sqlite_queue import SqliteQueue
from akeneo_erp_bridge.sync.pim_first._subscription import SubscriptionCheck, check_subscription
from akeneo_erp_bridge.sync.pim_first._tag import (
    BooleanTag,
    CategoryTag,
    CompletenessTag,
    SelectTag,
    Tag,
    TagChange,
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
    "Models",
    "NewSkus",
    "OptionPart",
    "OwnPart",
    "PimFirst",
    "PimFirstReport",
    "PostgresQueue",
    "PostgresSkuBook",
    "QueueReceiver",
    "Reservation",
    "SelectTag",
    "Sequence",
    "SkippedNumber",
    "SkuBook",
    "SkuCheck",
    "SkuMaker",
    "SkuPart",
    "SkuPattern",
    "SqliteQueue",
    "SqliteSkuBook",
    "SubscriptionCheck",
    "Tag",
    "TagChange",
    "TagOutcome",
    "TakenSkus",
    "TextPart",
    "Waiting",
    "WorkKind",
    "WorkQueue",
    "WorkflowTag",
    "check_subscription",
    "in_erp",
    "in_pim",
]
