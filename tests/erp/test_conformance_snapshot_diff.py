"""What `snapshot_diff` makes of a reader keeps the laws as the reader does, and tells deletions."""

from __future__ import annotations

from akeneo_erp_bridge.erp import CsvAdapter, SnapshotDiff, snapshot_diff
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults
from kit_tables import Article, CsvWorld, watched


class TestSnapshotDiff(ErpConformance[Article]):
    item = Article
    many = 40_000  # as for the file itself

    def world(self) -> CsvWorld:
        return CsvWorld()

    def make_adapter(self, faults: Faults) -> SnapshotDiff[Article]:
        world = self.world()
        reader = CsvAdapter(world.path, Article)
        reader.path = watched(reader.path, faults)
        return snapshot_diff(reader, world.folder / "articles.keys")
