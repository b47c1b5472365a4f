"""The adapter for CSV files keeps the laws that a file can be tried on."""

from __future__ import annotations

from akeneo_erp_bridge.erp import CsvAdapter
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults
from kit_tables import Article, CsvWorld, watched


class TestCsv(ErpConformance[Article]):
    item = Article
    many = 40_000  # what the encoding is told by is held once, however long the file is

    def world(self) -> CsvWorld:
        return CsvWorld()

    def make_adapter(self, faults: Faults) -> CsvAdapter[Article]:
        adapter = CsvAdapter(self.world().path, Article)
        adapter.path = watched(adapter.path, faults)
        return adapter
