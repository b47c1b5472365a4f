"""The way out of the PIM: what waits in the queue is read, brought to the ERP, and done with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._telling._announce import StreamAnnouncer
from akeneo_erp_bridge.sync.pim_first._edits import Memory
from akeneo_erp_bridge.sync.pim_first._export import Exporter
from akeneo_erp_bridge.sync.pim_first._level import ModelLevel
from akeneo_erp_bridge.sync.pim_first._outward import Outward
from akeneo_erp_bridge.sync.pim_first._poll import Poll
from akeneo_erp_bridge.sync.pim_first._queue import WorkQueue
from akeneo_erp_bridge.sync.pim_first._returns import forget_products
from akeneo_erp_bridge.sync.pim_first._shelf import Shelf, ref_of
from akeneo_erp_bridge.sync.report import Tally

ItemT = TypeVar("ItemT", bound=ErpItem)

_PAGE: Final = 100  # products that go out together, as many as one request of the PIM may change


@frozen
class Way(Generic[ItemT]):
    """The way out, made ready for one structure of the PIM."""

    structure: PimStructure
    outward: Outward[ItemT]
    shelf: Shelf
    exporter: Exporter[ItemT]
    level: ModelLevel[Any, ItemT] | None  # Any: what templates are is the business of the level alone
    queue: WorkQueue
    memory: Memory
    stop: Stop

    def drain(self, tally: Tally, told: StreamAnnouncer, run: str, poll: Poll | None) -> None:
        """Bring out what waits in the queue, page by page, until it is empty or nothing older waits; raises `StopAsked`."""
        began = datetime.now(UTC)
        while some := self.queue.take(_PAGE):
            refs = [one.key for one in some if one.kind == "product"]
            models = [one.key for one in some if one.kind == "product_model"]
            if self.level is not None and models:
                self.queue.put(("product", ref) for ref in self.level.look(models, run))
                began = datetime.now(UTC)
            found = self.shelf.read(refs)
            told.lap("read")
            told.handed_over()
            lost = [ErpKey(ref) for ref in refs if ref not in found]
            # a product may wait under two names
            products = {ref_of(found[ref]): found[ref] for ref in refs if ref in found}
            self.exporter.take(list(products.values()), tally, run)
            if lost:
                tally.tombstoned += forget_products(self.memory, lost)
            if poll is not None:
                for product in found.values():
                    poll.met(product)
            self.queue.done(some)
            told.settled()
            told.start()
            self.stop.check()
            if some[-1].since > began:
                break  # events never end in some PIMs: the poll and the way back have their turn, too
        if self.level is not None:
            self.level.move_tags(run)
