"""The work: plans, runs, the ledger, reports, and the relay of hot data."""

from akeneo_erp_bridge.sync._audit import audit
from akeneo_erp_bridge.sync._sqlite_state import SqliteState
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, ParkedItem, RunRecord, Settled, SyncState
from akeneo_erp_bridge.sync._watch import Looked, Watch, WatchedItem
from akeneo_erp_bridge.sync.engine import Brakes, ErpToPim, Observer, SyncOptions
from akeneo_erp_bridge.sync.hot_relay import HotRelay
from akeneo_erp_bridge.sync.plan import Action, CellChange, ItemChange, Plan
from akeneo_erp_bridge.sync.report import PassedReference, SyncReport, Tally
from akeneo_erp_bridge.sync.variants import VariantPlan, VariantReport, VariantsToPim
from akeneo_erp_bridge.sync.waves import Job, Waves, WavesPlan, WavesReport

__all__ = [
    "Action",
    "Brakes",
    "CellChange",
    "ErpToPim",
    "HeldCell",
    "HotRelay",
    "ItemChange",
    "Job",
    "LedgerEntry",
    "Looked",
    "Observer",
    "ParkedItem",
    "PassedReference",
    "Plan",
    "RunRecord",
    "Settled",
    "SqliteState",
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
]
