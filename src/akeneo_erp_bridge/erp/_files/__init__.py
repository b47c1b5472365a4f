"""Files as an ERP: CSV and Excel, one at a time or as they arrive in a folder."""

from akeneo_erp_bridge.erp._files._csv import Csv
from akeneo_erp_bridge.erp._files._excel import Excel
from akeneo_erp_bridge.erp._files._folder import FolderAdapter
from akeneo_erp_bridge.erp._files._single import CsvAdapter, ExcelAdapter
from akeneo_erp_bridge.erp._files._table import FileFormat, Table, TableRow

__all__ = ["Csv", "CsvAdapter", "Excel", "ExcelAdapter", "FileFormat", "FolderAdapter", "Table", "TableRow"]
