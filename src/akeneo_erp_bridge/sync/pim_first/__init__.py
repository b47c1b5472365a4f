"""PIM first: a product that is born in the PIM becomes exactly one item of the ERP.

What is to be looked at stands in a queue. Events of the PIM fill it within seconds, and a poll fills in what no event told.
"""

from akeneo_erp_bridge.sync.pim_first._postgres_queue import PostgresQueue
from akeneo_erp_bridge.sync.pim_first._queue import Waiting, WorkKind, WorkQueue
from akeneo_erp_bridge.sync.pim_first._receiver import QueueReceiver
from akeneo_erp_bridge.sync.pim_first._sqlite_queue import SqliteQueue
from akeneo_erp_bridge.sync.pim_first._subscription import SubscriptionCheck, check_subscription

__all__ = [
    "PostgresQueue",
    "QueueReceiver",
    "SqliteQueue",
    "SubscriptionCheck",
    "Waiting",
    "WorkKind",
    "WorkQueue",
    "check_subscription",
]
