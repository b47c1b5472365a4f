"""What rules tell of themselves is used: fields are pushed down to the ERP's query, and a diff names the rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, Page, SqlAdapter, assert_cold, cold, hot, whole
from akeneo_erp_bridge.mapping import ProductMapping, clean, joined, lookup, sku, switch
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import PimSimulator


class Article(ErpItem):
    number = cold(str, "number", key=True)
    kind = cold(str, "kind")
    name = cold(str, "name")
    brand = cold(str, "brand")
    colour = cold(str, "colour")
    remark = cold(str, "remark")
    stock = hot(int, "stock")


class Watched:
    """An adapter, and what it was asked for and gave."""

    def __init__(self, erp: SqlAdapter[Article]) -> None:
        self._erp = erp
        self.asked: set[frozenset[str]] = set()
        self.given: set[str] = set()

    def describe(self) -> ErpSchema:
        return self._erp.describe()

    def check(self) -> Health:
        return self._erp.check()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        self.asked.add(fields)
        for page in self._erp.read_items(since, fields=fields, limit=limit):
            self.given.update(name for item in page.items for name in item.row)
            yield page


NAME: Cell[str] = Cell("name", locale="en_US")
MAPPINGS = {
    "a field": (Article.name.to(NAME), {"name"}),
    "inside a chain": ((Article.name >> clean() | Article.brand).to(NAME), {"name", "brand"}),
    "joined": (joined(Article.brand, Article.name).to(NAME), {"name", "brand"}),
    "each branch and what decides": (
        switch(Article.kind, {"a": Article.name, "b": Article.brand}).to(NAME),
        {"kind", "name", "brand"},
    ),
    "a condition": (Article.name.when(Article.kind.map(bool)).to(NAME), {"kind", "name"}),
    "a function over the record": (
        assert_cold(whole(Article).map(lambda one: one.remark), reads=["remark"], reason="x").to(NAME),
        {"remark"},
    ),
}


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'erp.db'}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        columns = "number, kind, name, brand, colour, remark, stock, never_mapped"
        connection.execute(sqlalchemy.text(f"create table articles ({columns})"))
        connection.execute(
            sqlalchemy.text("insert into articles values ('1', 'a', 'Drill', 'Acme', 'rot', 'heavy', 7, 'x')")
        )
    engine.dispose()
    return url


@pytest.mark.parametrize("name", MAPPINGS)
def test_the_erp_is_asked_for_the_fields_of_the_rules_and_no_other(name: str, database: str) -> None:
    binding, wanted = MAPPINGS[name]
    mapping = ProductMapping(Article, (Article.number >> sku()).to(Cell[str]("sku")), binding)
    assert mapping.source_fields() == {"number", *wanted}
    simulator = PimSimulator(sample=True)
    erp = Watched(SqlAdapter(database, Article, table="articles"))
    with simulator.client() as pim, SqliteState(":memory:") as state:
        report = ErpToPim(erp, mapping, pim, state).run()
    assert report.written == 1
    assert erp.asked == {mapping.source_fields()}
    assert erp.given == {"number", *wanted}


def test_the_diff_names_the_rule_of_each_cell(database: str) -> None:
    colour = Article.colour >> lookup({"rot": "red"}, name="colours")
    bindings = (Article.name >> clean()).to(NAME), colour.to(Cell[str]("colour"))
    mapping = ProductMapping(Article, (Article.number >> sku()).to(Cell[str]("sku")), *bindings)
    simulator = PimSimulator(sample=True)
    erp = SqlAdapter(database, Article, table="articles")
    with simulator.client() as pim, SqliteState(":memory:") as state:
        (change,) = ErpToPim(erp, mapping, pim, state).plan().creates
    rules = {key: cell.rule for key, cell in change.cells.items()}
    assert rules["name[en_US]"] == "name >> clean()"
    assert rules["colour"] == "colour >> lookup(colours)"
    assert mapping.explain().count("lookup(colours)") >= 1
