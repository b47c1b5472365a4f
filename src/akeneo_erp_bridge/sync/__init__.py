"""The work: plans, runs, the ledger, reports, and the relay of hot data."""

from akeneo_erp_bridge.sync._apply import Moved
from akeneo_erp_bridge.sync._audit import audit
from akeneo_erp_bridge.sync._postgres_state import PostgresState
from akeneo_erp_bridge.sync._sqlite_state import SqliteState
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, ParkedItem, RunRecord, Settled, SyncState
from akeneo_erp_bridge.sync._stored._compact import Compacted
from akeneo_erp_bridge.sync._stored._copy import move_state
from akeneo_erp_bridge.sync._stored._summary import ParkedCount, StateSummary, StreamSummary
from akeneo_erp_bridge.sync._watch import Looked, Watch, WatchedItem
from akeneo_erp_bridge.sync.engine import Brakes, ErpToPim, Observer, SyncOptions
from akeneo_erp_bridge.sync.hot_relay import HotRelay
from akeneo_erp_bridge.sync.plan import Action, CellChange, ItemChange, Plan, PlanBase
from akeneo_erp_bridge.sync.report import PassedReference, SyncReport, Tally
from akeneo_erp_bridge.sync.variants import VariantPlan, VariantReport, VariantsToPim
from akeneo_erp_bridge.sync.waves import Job, Waves, WavesPlan, WavesReport

__all__ = [
    "Action",
    "Brakes",
    "CellChange",
    "Compacted",
    "ErpToPim",
    "HeldCell",
    "HotRelay",
    "ItemChange",
    "Job",
    "LedgerEntry",
    "Looked",
    "Moved",
    "Observer",
    "ParkedCount",
    "ParkedItem",
    "PassedReference",
    "Plan",
    "PlanBase",
    "PostgresState",
    "RunRecord",
    "Settled",
    "SqliteState",
    "StateSummary",
    "StreamSummary",
    "SyncOptions",
    "SyncReport",
    "SyncState",
    "Tally",
    "VariantPlan",
    "VariantReport",
    "VariantsToPim",
    "Watch",
    "WatchedItem",
    "Waves",
    "WavesPlan",
    "WavesReport",
    "audit",
    "move_state",
]
