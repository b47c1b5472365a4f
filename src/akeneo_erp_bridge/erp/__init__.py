"""What an ERP offers: protocols, typed items, cursors, and adapters."""

from akeneo_erp_bridge.erp._adapters import AdapterEntry, adapters
from akeneo_erp_bridge.erp._assert_cold import assert_cold
from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._dynamic import DynamicItem, item_class
from akeneo_erp_bridge.erp._files import (
    Csv,
    CsvAdapter,
    Excel,
    ExcelAdapter,
    FileFormat,
    FolderAdapter,
    Table,
    TableRow,
)
from akeneo_erp_bridge.erp._item import Column, ErpItem, Field, FieldSpec, cold, hot, internal, whole
from akeneo_erp_bridge.erp._nested_rows import nested_rows
from akeneo_erp_bridge.erp._odoo import OdooAdapter, OdooDomain, OdooDraft, OdooProtocol
from akeneo_erp_bridge.erp._parents_first import parents_first
from akeneo_erp_bridge.erp._paths import Misplaced, column_of, overlap
from akeneo_erp_bridge.erp._readers import Lines
from akeneo_erp_bridge.erp._snapshot_diff import SnapshotDiff, snapshot_diff
from akeneo_erp_bridge.erp._sql import SqlAdapter
from akeneo_erp_bridge.erp._sql_nested import Nested
from akeneo_erp_bridge.erp._timestamp_cursor import Position, Stamped, TimestampCursor, timestamp_cursor
from akeneo_erp_bridge.erp._translations import Translations, translations
from akeneo_erp_bridge.erp._tryton import TrytonAdapter
from akeneo_erp_bridge.erp._two_way import two_way
from akeneo_erp_bridge.erp.interfaces import (
    Choice,
    ChoiceReader,
    Cursor,
    CursorKind,
    ErpField,
    ErpRef,
    ErpSchema,
    Health,
    HotReader,
    ItemReader,
    ItemWriter,
    Page,
    PimFirstErp,
    WriteResult,
)

__all__ = [
    "AdapterEntry",
    "Choice",
    "ChoiceReader",
    "Column",
    "Csv",
    "CsvAdapter",
    "Cursor",
    "CursorKind",
    "Defect",
    "DynamicItem",
    "ErpField",
    "ErpItem",
    "ErpRef",
    "ErpSchema",
    "Excel",
    "ExcelAdapter",
    "Field",
    "FieldSpec",
    "FileFormat",
    "FolderAdapter",
    "Health",
    "HotReader",
    "ItemReader",
    "ItemWriter",
    "Lines",
    "Misplaced",
    "Nested",
    "OdooAdapter",
    "OdooDomain",
    "OdooDraft",
    "OdooProtocol",
    "Page",
    "PimFirstErp",
    "Position",
    "SnapshotDiff",
    "SqlAdapter",
    "Stamped",
    "Table",
    "TableRow",
    "TimestampCursor",
    "Translations",
    "TrytonAdapter",
    "WriteResult",
    "adapters",
    "assert_cold",
    "cold",
    "column_of",
    "hot",
    "internal",
    "item_class",
    "nested_rows",
    "overlap",
    "parents_first",
    "snapshot_diff",
    "timestamp_cursor",
    "translations",
    "two_way",
    "whole",
]
