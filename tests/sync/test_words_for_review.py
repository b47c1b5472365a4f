"""A word that no table knows, on its way into the report."""

from __future__ import annotations

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.mapping import ProductMapping, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from world import COLOUR, Article, ListErp, row


def test_words_for_review_are_in_the_report_and_stop_no_item(pim: AkeneoClient, state: SqliteState) -> None:
    colours = lookup({"rot": "red"}, unknown="review", name="colours")
    mapping = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        (Article.colour >> colours).to(COLOUR),
    )
    report = ErpToPim(ListErp([row(1, colour="mauve"), row(2, colour="Rot")]), mapping, pim, state).run()
    assert (report.written, report.parked, report.skipped) == (2, 0, 1)
    assert "'mauve' is not in the table 'colours'" in str(report)
