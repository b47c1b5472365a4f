"""What changes while it is read, through the adapters that are shipped: the newest state is in the PIM."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpItem,
    ErpSchema,
    Health,
    ItemReader,
    ODataAdapter,
    Page,
    Position,
    SqlAdapter,
    Stamped,
    cold,
    timestamp_cursor,
)
from akeneo_erp_bridge.mapping import ProductMapping, clean, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, SyncReport
from erp.odata_script import ScriptedService, entities, item


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")


MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    (Article.name >> clean()).to(Cell[str]("name", locale="en_US")),
)
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def ran(erp: ItemReader[Article], pim: AkeneoClient, state: SqliteState) -> SyncReport:
    report = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(page_size=2)).run()
    assert report.accounts_for_everything(), report
    return report


def names(pim: AkeneoClient) -> dict[str, str | None]:
    return {str(one.values.text("sku")): one.values.text("name", locale="en_US") for one in pim.products.list()}


# ---- OData: one round of delta links tells an entity twice ----
@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService() as one:
        yield one


def test_two_changes_in_one_round_of_delta_links(
    pim: AkeneoClient, state: SqliteState, service: ScriptedService
) -> None:
    erp = ODataAdapter(service.service(), Article, entity_set="Items", track_changes=True)
    service.script += [entities(item("A", name="a"), item("B", name="a"), delta="Items?$deltatoken=1")]
    assert ran(erp, pim, state).created == 2
    service.script += [
        entities(item("A", name="b"), item("B", name="b"), next="Items?$skiptoken=2"),
        entities(item("A", name="c"), {"@removed": {}, "number": "B"}, next="Items?$skiptoken=3"),
        entities(item("A", name="c")),  # asked for A
        entities(item("B", name="b"), delta="Items?$deltatoken=2"),
    ]
    report = ran(erp, pim, state)
    assert not service.script
    assert service.queries()[-2]["$filter"] == "number eq 'A'"
    assert (report.read, report.written, report.tombstoned, report.exit_code) == (4, 4, 1, 0)
    assert names(pim) == {"A": "c", "B": "b"}
    assert all(one.enabled for one in pim.products.list())


# ---- stamps: what changes while it is read comes again at the end ----
class Paged:
    """An ERP that is asked page by page, and in which somebody works meanwhile."""

    changes = timestamp_cursor(overlap=timedelta(seconds=1))

    def __init__(self) -> None:
        self.rows: dict[str, tuple[datetime, str]] = {}
        self.meanwhile: list[Callable[[], None]] = []

    def put(self, number: str, name: str, at: datetime) -> None:
        self.rows[number] = at, name

    def describe(self) -> ErpSchema:
        return ErpSchema("paged")

    def check(self) -> Health:
        return Health(ok=True, message="it is there")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        return self.changes.pages(since, self._changed, fields=fields, limit=limit)

    def _changed(self, after: Position) -> Iterable[Stamped[Article]]:
        at, key = after.stamp, str(after.key)
        while found := sorted((at_, number) for number, (at_, _) in self.rows.items() if (at_, number) > (at, key))[:2]:
            for at, key in found:
                yield at, key, Article({"number": key, "name": self.rows[key][1]})
            while self.meanwhile:
                self.meanwhile.pop()()


def test_what_changes_behind_the_reading_is_no_second_item(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Paged()
    for number in range(6):
        erp.put(f"N{number}", "old", LONG_AGO + timedelta(minutes=number))
    erp.meanwhile.append(lambda: erp.put("N0", "new", datetime.now(UTC)))
    report = ran(erp, pim, state)
    assert (report.read, report.created, report.updated, report.exit_code) == (7, 6, 1, 0)
    assert names(pim)["N0"] == "new"
    again = ran(erp, pim, state)
    assert (again.read, again.unchanged) == (2, 2), "the overlap, and nothing else"


# ---- SQL: two rows of one number are told from one row that changed ----
@pytest.mark.parametrize("column", ["TEXT", "INTEGER"])
def test_two_rows_of_one_number_in_a_table_are_rivals(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path, column: str
) -> None:
    def write(*rows: tuple[str, str, int]) -> None:
        with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
            for number, name, minute in rows:
                changed = (LONG_AGO + timedelta(minutes=minute)).isoformat()
                db.execute("INSERT INTO articles VALUES (?, ?, ?)", (number, name, changed))

    with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
        db.execute(f"CREATE TABLE articles (number {column}, name TEXT, changed TEXT)")
    write(("1", "first", 1), ("2", "other", 2), ("3", "other", 3), ("1", "second", 4), ("4", "other", 5))
    erp = SqlAdapter(f"sqlite:///{tmp_path / 'erp.db'}", Article, table="articles", changed_at="changed")
    for read, written in ((5, 4), (5, 0)):  # the overlap takes in all of it once more
        report = ran(erp, pim, state)
        assert (report.read, report.written, report.parked, names(pim)["1"]) == (read, written, 1, "first")
        (parked,) = state.parked("products")
        assert (parked.key, parked.code) == ("1", "duplicate")
