"""Rows that no ERP should have: each is parked with its reason, and the good one beside it goes on."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Never

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.mapping import in_unit, lookup
from akeneo_erp_bridge.rules import Outcome, Put, Rule
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from bench_erp import NAME, NAMED, WEIGHT, Part, Row, cells, only, part, parts, product, run

WEIGHED = (Part.weight >> in_unit("KILOGRAM")).to(WEIGHT)
HUGE = 10**5000

ROWS: dict[str, tuple[Row, str]] = {
    "half a character in the key": (part(id="\ud800"), r"no key in field 'id'.*'\\ud800'"),
    "half a character in the SKU": (part("X\ud800", id="1"), r"half a character"),
    "no key, and a column without a name": (
        {None: ["x"], "number": "1"},
        r"no key.*'number': '1'; its other columns: null",
    ),
    "no key, and a column of half a character": ({"\ud800": 1}, r"no key.*the columns of the row: '\\ud800'"),
    "a number too long to write": ({**part(), "number": HUGE}, r"int that cannot be shown.*at most 100 digits"),
    "a weight too long to write": (part("B", weight=HUGE), r"weight.*at most 100 digits"),
    "a weight of a million zeros": (part("B", weight=Decimal("1E+1000000")), r"'1E\+1000000'.*100 digits"),
    "a weight of a million places": (part("B", weight="1E-999999"), r"'1E-999999'.*100 digits"),
    "an infinite weight": (part("B", weight=float("inf")), r"inf.*not a number"),
    "a signalling NaN": (part("B", weight=Decimal("sNaN")), r"sNaN.*not a number"),
    "a number as only Python writes it": (part("B", weight="1_000"), r"'1_000'.*not a number"),
    "bytes for a key": (part(id=b"1"), r"no key.*b'1'"),
    "a list for a key": (part(id=[1]), r"no key.*'id': \(list\)"),
    "true for a key": (part(id=True), r"no key.*True"),
    "a NaN for a key": (part(id=float("nan")), r"no key.*nan"),
    "a book for a key": (part(id="1" * 5_000_000), r"no key.*1111…"),
    "a book for a name": (part("B", name="a" * 10_000_000), r"10000000 characters, 255 are allowed"),
}


@pytest.mark.parametrize("name", ROWS)
def test_one_bad_row_is_parked_and_the_good_one_goes_on(pim: AkeneoClient, state: SqliteState, name: str) -> None:
    bad, reason = ROWS[name]
    for _ in range(2):
        report = run(parts(part("GOOD", weight="1.5"), bad), product(NAMED, WEIGHED), pim, state)
        assert report.parked == 1
        (parked,) = state.parked("products")
        assert str(parked) == str(report.parked_items[0])
        assert len(str(parked)) < 600
        assert re.search(reason, str(parked)), str(parked)
    assert cells(only(pim))["sku"] == "GOOD"


def test_rows_of_a_torn_csv_file(pim: AkeneoClient, state: SqliteState) -> None:
    """What `csv.DictReader` makes of a line with a column too many: a column whose name is None."""
    rows = list(csv.DictReader(io.StringIO("id,number,name\n1,X,a\n,Y,b,surplus\n2,Z,c,surplus\n")))
    report = run(parts(*({**one} for one in rows)), product(NAMED), pim, state)
    assert (report.created, report.parked) == (2, 1)


# ---- rules of a user's own ----
class Careless(Rule[str, str, Never]):
    """Raises for some data, which rules should not."""

    @property
    def label(self) -> str:
        return "careless()"

    def run(self, source: str) -> Outcome[str]:
        return Put({"Part GOOD": "good"}[source])


def test_a_rule_that_raises_parks_the_item(pim: AkeneoClient, state: SqliteState) -> None:
    rule = Part.name >> Careless()
    report = run(parts(part("GOOD"), part("BAD")), product(rule.to(NAME)), pim, state)
    assert (report.created, report.parked) == (1, 1)
    assert "rule 'name >> careless()' raised KeyError" in report.parked_items[0].detail


def test_what_a_function_says_is_cut_short(pim: AkeneoClient, state: SqliteState) -> None:
    def shout(name: str) -> str:
        raise ValueError(name * 100_000)

    report = run(parts(part("BAD")), product(Part.name.map(shout).to(NAME)), pim, state)
    assert len(report.parked_items[0].detail) < 500


def test_catch_gives_up_what_the_cell_refuses_too(pim: AkeneoClient, state: SqliteState) -> None:
    caught = (Part.weight >> in_unit("KILOGRAM")).catch().to(WEIGHT)
    report = run(parts(part(weight="-1")), product(NAMED, caught), pim, state)
    assert (report.created, report.parked, report.skipped) == (1, 0, 1)
    assert "no negative number" in str(report.skipped_cells[0])


def test_a_broken_text_that_is_caught_is_no_value_of_ours(pim: AkeneoClient, state: SqliteState) -> None:
    erp, caught = parts(part(name="good")), product(Part.name.catch().to(NAME))
    run(erp, caught, pim, state)
    erp.rows[0]["name"] = "\udcff"
    assert run(erp, caught, pim, state).skipped == 1
    assert cells(only(pim))["name"] == "good"
    erp.rows[0]["name"] = None
    run(erp, caught, pim, state)
    assert "name" not in cells(only(pim))


def test_a_broken_text_parks_the_item(pim: AkeneoClient, state: SqliteState) -> None:
    report = run(parts(part("GOOD"), part("BAD", name="\ud800")), product(Part.name.to(NAME)), pim, state)
    assert (report.created, report.parked) == (1, 1)
    assert r"'\ud800' holds half a character" in report.parked_items[0].detail


def test_a_broken_word_is_named_by_its_table(pim: AkeneoClient, state: SqliteState) -> None:
    rule = Part.name >> lookup({"a": "b"}, name="names")
    report = run(parts(part(name="\ud800")), product(rule.to(NAME)), pim, state)
    assert r"'\ud800' is not in the table 'names'" in report.parked_items[0].detail


# ---- the same on the hot path ----
HOT: dict[str, tuple[Row, str]] = {
    "no key": ({"price": "1", "stock": 1}, "no key"),
    "half a character in the key": ({"id": "\ud800", "price": "1"}, "no key"),
    "a price of a million zeros": ({"id": "1", "price": "1E+1000000"}, "price: price"),
    "a stock too long to write": ({"id": "1", "stock": HUGE}, "stock: stock"),
    "half a character in a text": ({"id": "1", "price": "1", "name": "\ud800"}, "half a character"),
}


@pytest.mark.parametrize("name", HOT)
def test_one_bad_hot_row_is_parked_and_the_good_one_is_offered(state: SqliteState, name: str) -> None:
    bad, reason = HOT[name]
    feeds = [Part.price.feed("price"), Part.stock.feed("stock"), Part.name.feed("name")]
    with SqliteSink(":memory:") as shop:
        report = HotRelay(parts({"id": "GOOD", "price": "2", "stock": 3}, bad), feeds, shop, state).run()
        assert report.accounts_for_everything()
        assert (report.created, report.parked) == (1, 1)
        assert reason in str(report.parked_items[0])
        assert shop.offer("GOOD") == {"price": "2", "stock": "3"}
        assert len(list(state.parked("offers"))) == 1


def test_a_feed_that_raises_parks_the_item(state: SqliteState) -> None:
    rule = Part.name >> Careless()
    with SqliteSink(":memory:") as shop:
        rows = parts(part("GOOD"), part("BAD"))
        report = HotRelay(rows, [rule.feed("name")], shop, state).run()
    assert (report.created, report.parked) == (1, 1)
