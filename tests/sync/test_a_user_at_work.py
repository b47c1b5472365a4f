"""A PIM user works while a run writes: each time a page was read, she edits what is in it, and what is to come."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, ChannelCode, LocaleCode, ProductUuid
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import CATEGORIES, ProductMapping, as_set, sku
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions
from akeneo_erp_bridge.testing import ErpSimulator, PimSimulator

ITEMS, PAGE = 120, 10


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    group = cold(str, "group")
    text = cold(str, "text")


MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell("sku")),
    Article.name.to(Cell("name", locale="en_US")),
    (Article.group >> as_set()).to(CATEGORIES),
    Article.text.to(Cell("description", locale="en_US", channel="ecommerce"), owner=Owner.SEED),
)


class User:
    """She writes a note, puts products into a category of hers, and rewrites the description that the ERP began."""

    def __init__(self, pim: AkeneoClient) -> None:
        self._pim = pim
        self.edited: set[str] = set()

    def edit(self, number: int) -> None:
        code = f"A-{number:03d}"
        if code in self.edited:
            return
        (there,) = self._pim.products.list({"sku": [{"operator": "=", "value": code}]})
        self.edited.add(code)
        self._pim.products.upsert(
            ProductPatch(
                uuid=ProductUuid(str(there.uuid)),
                categories=[*there.categories, CategoryCode("saws")],
                values=[
                    Value(AttributeCode("supplier_note"), f"of {code}"),
                    Value(
                        AttributeCode("description"),
                        "hers",
                        locale=LocaleCode("en_US"),
                        channel=ChannelCode("ecommerce"),
                    ),
                ],
            )
        )


@pytest.mark.parametrize("items_change", [True, False])
def test_what_she_enters_during_a_run_stays(tmp_path: Path, *, items_change: bool) -> None:
    rows = [
        {"number": f"A-{number:03d}", "name": f"Article {number}", "group": "drills", "text": "the ERP's"}
        for number in range(ITEMS)
    ]
    erp, simulator = ErpSimulator(Article, rows), PimSimulator(sample=True)
    with simulator.client() as pim, simulator.client() as hers, SqliteState(tmp_path / "state.db") as state:
        options = SyncOptions(page_size=PAGE)
        ErpToPim(erp.adapter(), MAPPING, pim, state, options=options).run()
        user, pages = User(hers), 0

        def hook(boundary: str) -> None:
            """Nothing was asked of the PIM for this page yet; what is under way may meet her in the middle, as test_conflicts shows."""
            nonlocal pages
            if boundary == "erp.read":
                for number in (pages * PAGE, pages * PAGE + PAGE + 3):
                    if number < ITEMS:
                        user.edit(number)
                pages += 1

        for number in range(ITEMS) if items_change else ():
            erp.edit(f"A-{number:03d}", name=f"Better {number}", group="screwdrivers", text="the ERP's, again")
        report = ErpToPim(erp.adapter(), MAPPING, pim, state, options=options, hook=hook).run(reads="all")
        assert report.accounts_for_everything(), str(report)
        assert (report.written, report.unchanged) == ((ITEMS, 0) if items_change else (0, ITEMS)), str(report)
        assert (pages, len(user.edited)) == (ITEMS // PAGE + 1, 23)
        group, name = ("screwdrivers", "Better") if items_change else ("drills", "Article")
        for product in pim.products.list():
            code = product.values.text("sku") or ""
            own = (product.values.text("supplier_note"), "saws" in product.categories)
            text = product.values.text("description", locale="en_US", channel="ecommerce")
            assert (own, text) == (
                ((f"of {code}", True), "hers") if code in user.edited else ((None, False), "the ERP's")
            )
            assert group in product.categories
            assert product.values.text("name", locale="en_US") == f"{name} {int(code[2:])}"
        simulator.forget_calls()
        assert ErpToPim(erp.adapter(), MAPPING, pim, state, options=options).run(reads="all").written == 0
        assert simulator.mutating_calls == []
