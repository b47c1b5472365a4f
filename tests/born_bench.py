"""A PIM, an ERP and a state, and what people do with the first two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import ProductUuid
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync.pim_first import BooleanTag, PimFirst, PimFirstReport, SelectTag, Tag
from akeneo_erp_bridge.testing import PimSimulator
from born_erp import MESSAGE, Article, BornErp, both_ways, fill, product

A, B, C = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(1, 4))
SENT = BooleanTag("send_to_erp")
STATE = SelectTag("erp_state", waiting="to_export", exported="exported", failed="failed")


class BornBench:
    """A PIM, an ERP and a state."""

    def __init__(self, folder: Path, simulator: PimSimulator | None = None, state: StoredState | None = None) -> None:
        self.simulator = fill(simulator or PimSimulator())
        self.pim: AkeneoClient = self.simulator.client()
        self.erp = BornErp(folder / "erp.db")
        self.state: StoredState = state or SqliteState(folder / "state.db")

    def job(self, tag: Tag = SENT, **more: Any) -> PimFirst[Article]:
        mapping = both_ways()
        more = {"message": MESSAGE, "at_creation": [Article.unit.given("pc")], **more}
        return PimFirst(self.erp, mapping, mapping, self.pim, self.state, tag=tag, **more)

    def run(self, tag: Tag = SENT, **more: Any) -> PimFirstReport:
        report = self.job(tag, **more).run()
        assert report.accounts_for_everything(), report
        return report

    def make(self, uuid: str, number: str | None, **more: Any) -> None:
        """A PIM user makes a product, or changes it."""
        self.simulator.load("/api/rest/v1/products-uuid", [{"uuid": uuid, **product(number, **more)}])

    def edit(self, uuid: str, **values: object) -> None:
        """A PIM user changes values."""
        told = {
            code: [{"locale": "en_US" if code == "name" else None, "scope": None, "data": data}]
            for code, data in values.items()
        }
        self.simulator.load("/api/rest/v1/products-uuid", [{"uuid": uuid, "values": told}])

    def product(self, uuid: str) -> Product:
        return self.pim.products.get(ProductUuid(uuid))

    def value(self, uuid: str, cell: Cell[Any]) -> object:
        return self.product(uuid).values.raw(cell.attribute, locale=cell.locale)
