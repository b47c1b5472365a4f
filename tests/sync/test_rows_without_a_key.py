"""Rows without a key: a person finds them by what is told of them, and nothing hot, internal or undeclared is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, cold, internal
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    ErpToPim,
    HotRelay,
    ParkedItem,
    Settled,
    SqliteState,
    SyncReport,
    SyncState,
    VariantsToPim,
    report_html,
    where,
)
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import NAMED, Changes, Part, Row, Rows, Stopped, part, parts, product, run
from shirts import ONE_LEVEL, Shirt, fill, mapping, shirt

SECRETS = {"cost": "12.3456", "price": "99.95", "db_password": "hunter2"}
KEYLESS: Row = {**SECRETS, "id": None, "number": "X-77", "name": "Drill"}


def told(state: SqliteState, *reports: SyncReport, stream: str = "products") -> str:
    """All that people see, and what stands in the state."""
    parked = list(state.parked(stream))
    texts = [f"{one} {one.detail} {dict(one.sample)}" for one in parked]
    return "\n".join([*map(str, reports), *(report_html(one, state) for one in reports), *texts])


def test_the_row_is_told_by_what_may_be_shown_of_it(pim: AkeneoClient, state: SqliteState) -> None:
    """An adapter may read more than it was asked for, and puts what it likes first."""
    text = told(state, run(parts(KEYLESS), product(NAMED), pim, state))
    assert [one for one in SECRETS.values() if one in text] == []
    (one,) = state.parked("products")
    assert "the row says 'id': null, 'number': 'X-77', 'name': 'Drill'" in one.detail
    assert "its other columns: 'cost', 'price', 'db_password'" in one.detail
    assert one.sample == {"id": "null", "number": "'X-77'", "name": "'Drill'"}


def test_what_a_part_is_chosen_by_is_not_told(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("cost,id,number,name\n12.3456,,X-77,Drill\n")
    report = ErpToPim(CsvAdapter(path, Part), product(NAMED), pim, state).run(
        only=where(Part.cost, lambda one: one > 1)
    )
    assert report.parked == 1
    assert "12.3456" not in told(state, report)
    assert "X-77" in told(state, report)


def test_a_relay_tells_no_price(state: SqliteState) -> None:
    with SqliteSink(":memory:") as shop:
        report = HotRelay(parts(KEYLESS), [Part.price.feed("price")], shop, state).run()
    assert report.parked == 1
    text = told(state, report, stream="offers")
    assert [one for one in SECRETS.values() if one in text] == []
    assert "'X-77'" in text


def test_flat_rows_tell_no_more(state: SqliteState, tmp_path: Path) -> None:
    keyless = {**SECRETS, **shirt(1), "number": None, "name": "Polo"}
    with fill(PimSimulator()).client() as pim:
        job = VariantsToPim(Rows(Shirt, keyless), mapping(ONE_LEVEL), pim, state, rows=tmp_path / "rows.db")
        report = job.run()
    text = told(state, *report.parts)
    assert report.products.parked == 1
    assert [one for one in SECRETS.values() if one in text] == []
    assert "Polo" in text


@pytest.mark.parametrize(
    ("row", "seen"),
    [({"cost": "4.10", "memo": "ask Ada"}, "(the columns of the row: 'cost', 'memo')"), ({}, "(the row is empty)")],
)
def test_a_row_of_which_nothing_may_be_shown_is_told_by_its_columns(
    pim: AkeneoClient, state: SqliteState, row: Row, seen: str
) -> None:
    class Hidden(ErpItem):
        number = cold(str, "number", key=True)
        cost = internal(str, "cost")

    ErpToPim(Rows(Hidden, row), ProductMapping(Hidden, Hidden.number.to(Cell("sku"))), pim, state).run()
    (one,) = state.parked("products")
    assert one.detail.endswith(seen)


def test_each_row_has_a_sample_of_its_own(pim: AkeneoClient, state: SqliteState) -> None:
    run(parts(*(part(name, id=None) for name in ("A", "B"))), product(NAMED), pim, state)
    assert sorted(one.sample["number"] for one in state.parked("products")) == ["'A'", "'B'"]


# ---- until when it is parked ----
@pytest.mark.on_both
def test_a_row_that_stays_without_a_key_keeps_the_moment_at_which_it_was_first_parked(state: SyncState) -> None:
    keyless, first = ParkedItem(ErpKey(""), "no_key", "id", "no key", "f"), datetime(2026, 1, 2, tzinfo=UTC)
    for day in (2, 9):
        state.settle("products", Settled(parked=[keyless], at=first.replace(day=day)))
    assert [one.since for one in state.parked("products")] == [first]
    state.settle("products", Settled(parked=[keyless], at=first.replace(day=1)))
    assert [one.since for one in state.parked("products")] == [first.replace(day=1)], "the clock was wrong"


@pytest.mark.on_both
def test_a_reading_of_everything_in_several_runs_closes_rows_that_are_mended(
    pim: AkeneoClient, state: SqliteState
) -> None:
    """Nobody can tell which of the rows that a delta shows the mended one is; a reading of everything can."""
    erp = Changes(Part, part("A"), part("B", id=None), part("C", id=None), part("D"))
    assert run(erp, product(NAMED), pim, state).parked == 2
    erp.rows.append(part("B"))
    report = run(erp, product(NAMED), pim, state)
    assert (report.created, report.waiting) == (1, 2)
    erp.rows = [part("A"), part("C", id=None), part("B"), part("D")]
    pages = []

    def dying(boundary: str) -> None:
        pages.append(boundary)
        if pages.count("state.settled") == 2:
            raise Stopped

    with pytest.raises(Stopped):
        ErpToPim(erp, product(NAMED), pim, state, hook=dying).run(reads="all")
    assert run(erp, product(NAMED), pim, state).waiting == 1
    assert [one.sample["number"] for one in state.parked("products")] == ["'C'"]
