"""What an ERP offers: protocols, typed items, cursors, and adapters."""

from akeneo_erp_bridge.erp._adapters import AdapterEntry, adapters
from akeneo_erp_bridge.erp._assert_cold import assert_cold
from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._dynamic import DynamicItem, item_class
from akeneo_erp_bridge.erp._field_spec import FieldSpec
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
from akeneo_erp_bridge.erp._files._inbox import FileOrder
from akeneo_erp_bridge.erp._frappe._adapter import FrappeAdapter
from akeneo_erp_bridge.erp._frappe._rows import Beside
from akeneo_erp_bridge.erp._frappe._site import DocField, DocType, FrappeSite
from akeneo_erp_bridge.erp._frappe._writer import FrappeWriter
from akeneo_erp_bridge.erp._http._auth import BasicAuth, BearerToken, ClientCredentials, HeaderAuth, HttpAuth
from akeneo_erp_bridge.erp._http._session import Answer
from akeneo_erp_bridge.erp._item import Column, ErpItem, Field, Given, cold, hot, internal, whole
from akeneo_erp_bridge.erp._nested_rows import nested_rows
from akeneo_erp_bridge.erp._odata._adapter import ODataAdapter
from akeneo_erp_bridge.erp._odata._dialects import business_central, dynamics_365_finance, s4hana
from akeneo_erp_bridge.erp._odata._edm import EdmModel, EdmNavigation, EdmProperty, EdmSet, EdmType
from akeneo_erp_bridge.erp._odata._service import ODataDialect, ODataService
from akeneo_erp_bridge.erp._odata._writer import ODataWriter
from akeneo_erp_bridge.erp._odoo import OdooAdapter, OdooDomain, OdooDraft, OdooProtocol
from akeneo_erp_bridge.erp._parents_first import parents_first
from akeneo_erp_bridge.erp._paths import Misplaced, column_of, overlap
from akeneo_erp_bridge.erp._readers import Lines
from akeneo_erp_bridge.erp._snapshot_diff import SnapshotDiff, snapshot_diff
from akeneo_erp_bridge.erp._sql._adapter import SqlAdapter
from akeneo_erp_bridge.erp._sql._nested import Nested
from akeneo_erp_bridge.erp._sql._source import SqlSource
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
    "Answer",
    "BasicAuth",
    "BearerToken",
    "Beside",
    "Choice",
    "ChoiceReader",
    "ClientCredentials",
    "Column",
    "Csv",
    "CsvAdapter",
    "Cursor",
    "CursorKind",
    "Defect",
    "DocField",
    "DocType",
    "DynamicItem",
    "EdmModel",
    "EdmNavigation",
    "EdmProperty",
    "EdmSet",
    "EdmType",
    "ErpField",
    "ErpItem",
    "ErpRef",
    "ErpSchema",
    "Excel",
    "ExcelAdapter",
    "Field",
    "FieldSpec",
    "FileFormat",
    "FileOrder",
    "FolderAdapter",
    "FrappeAdapter",
    "FrappeSite",
    "FrappeWriter",
    "Given",
    "HeaderAuth",
    "Health",
    "HotReader",
    "HttpAuth",
    "ItemReader",
    "ItemWriter",
    "Lines",
    "Misplaced",
    "Nested",
    "ODataAdapter",
    "ODataDialect",
    "ODataService",
    "ODataWriter",
    "OdooAdapter",
    "OdooDomain",
    "OdooDraft",
    "OdooProtocol",
    "Page",
    "PimFirstErp",
    "Position",
    "SnapshotDiff",
    "SqlAdapter",
    "SqlSource",
    "Stamped",
    "Table",
    "TableRow",
    "TimestampCursor",
    "Translations",
    "TrytonAdapter",
    "WriteResult",
    "adapters",
    "assert_cold",
    "business_central",
    "cold",
    "column_of",
    "dynamics_365_finance",
    "hot",
    "internal",
    "item_class",
    "nested_rows",
    "overlap",
    "parents_first",
    "s4hana",
    "snapshot_diff",
    "timestamp_cursor",
    "translations",
    "two_way",
    "whole",
]
