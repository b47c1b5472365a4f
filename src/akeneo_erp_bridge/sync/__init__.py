"""The work: plans, runs, the ledger, reports, and the relay of hot data."""

from akeneo_erp_bridge.sync._brakes import Brakes
from akeneo_erp_bridge.sync._conflicts._decide import resolve
from akeneo_erp_bridge.sync._conflicts._policy import ConflictPolicy, Conflicts, Look
from akeneo_erp_bridge.sync._drafts._deletions import Deletions
from akeneo_erp_bridge.sync._drafts._matching import Adopt, Match, Search, any_gtin, match, search
from akeneo_erp_bridge.sync._hot._batch import Batch
from akeneo_erp_bridge.sync._hot._items import Stamp
from akeneo_erp_bridge.sync._hot._reconciled import Reconciliation
from akeneo_erp_bridge.sync._parked import parked_items
from akeneo_erp_bridge.sync._plans._apply import Moved
from akeneo_erp_bridge.sync._reading._choice import Only, by_category, by_field, by_key, by_parked, where
from akeneo_erp_bridge.sync._reading._scope import Reads
from akeneo_erp_bridge.sync._state import (
    DeletionCount,
    HeldCell,
    LedgerEntry,
    Marked,
    ParkedItem,
    RunKind,
    RunRecord,
    Settled,
    SyncState,
    Writes,
)
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._stored._compact import Compacted
from akeneo_erp_bridge.sync._stored._copy import move_state
from akeneo_erp_bridge.sync._stored._postgres_state import PostgresState
from akeneo_erp_bridge.sync._stored._sqlite_state import SqliteState
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._stored._summary import ParkedCount, StateSummary, StreamSummary
from akeneo_erp_bridge.sync._telling._audit import audit
from akeneo_erp_bridge.sync._telling._latency import Latency, LatencyHistogram
from akeneo_erp_bridge.sync._telling._otel import OtelObserver
from akeneo_erp_bridge.sync._telling._watch import Looked, Watch, WatchedItem
from akeneo_erp_bridge.sync._turns._last_runs import Due, LastRun, LastRuns, ScheduleFile, ScheduleMemory
from akeneo_erp_bridge.sync._turns._scheduler import run_forever, run_in
from akeneo_erp_bridge.sync._turns._turns import Account, ScheduledJob, run_if_due
from akeneo_erp_bridge.sync.engine import ErpToPim
from akeneo_erp_bridge.sync.hot_relay import HotRelay
from akeneo_erp_bridge.sync.notify import Notify, Trouble, TroubleFile, TroubleMemory
from akeneo_erp_bridge.sync.observe import JsonLines, LogObserver, PageTook, Run, RunMode, RunObserver
from akeneo_erp_bridge.sync.options import SyncOptions
from akeneo_erp_bridge.sync.plan import Action, CellChange, ItemChange, Plan, PlanBase
from akeneo_erp_bridge.sync.report import PassedReference, SyncReport, Tally
from akeneo_erp_bridge.sync.report_page import AnyReport, Parts, report_html, save_report_html
from akeneo_erp_bridge.sync.schedule import Between, Daily, Every, NextRun, Periodicity, Weekday
from akeneo_erp_bridge.sync.variants import VariantPlan, VariantReport, VariantsToPim
from akeneo_erp_bridge.sync.waves import Job, Waves, WavesPlan, WavesReport

__all__ = [
    "Account",
    "Action",
    "Adopt",
    "AnyReport",
    "Batch",
    "Between",
    "Brakes",
    "CellChange",
    "Compacted",
    "ConflictPolicy",
    "Conflicts",
    "Daily",
    "DeletionCount",
    "Deletions",
    "Due",
    "ErpToPim",
    "Every",
    "HeldCell",
    "HotRelay",
    "ItemChange",
    "Job",
    "JsonLines",
    "LastRun",
    "LastRuns",
    "Latency",
    "LatencyHistogram",
    "LedgerEntry",
    "LogObserver",
    "Look",
    "Looked",
    "Marked",
    "Match",
    "Moved",
    "NextRun",
    "Notify",
    "Only",
    "OtelObserver",
    "PageTook",
    "ParkedCount",
    "ParkedItem",
    "Parts",
    "PassedReference",
    "Periodicity",
    "Plan",
    "PlanBase",
    "PostgresState",
    "Reads",
    "Reconciliation",
    "Run",
    "RunKind",
    "RunMode",
    "RunObserver",
    "RunRecord",
    "ScheduleFile",
    "ScheduleMemory",
    "ScheduledJob",
    "Search",
    "Settled",
    "SqliteState",
    "Stamp",
    "StateSummary",
    "Stop",
    "StoredState",
    "StreamSummary",
    "SyncOptions",
    "SyncReport",
    "SyncState",
    "Tally",
    "Trouble",
    "TroubleFile",
    "TroubleMemory",
    "VariantPlan",
    "VariantReport",
    "VariantsToPim",
    "Watch",
    "WatchedItem",
    "Waves",
    "WavesPlan",
    "WavesReport",
    "Weekday",
    "Writes",
    "any_gtin",
    "audit",
    "by_category",
    "by_field",
    "by_key",
    "by_parked",
    "match",
    "move_state",
    "parked_items",
    "report_html",
    "resolve",
    "run_forever",
    "run_if_due",
    "run_in",
    "save_report_html",
    "search",
    "where",
]
