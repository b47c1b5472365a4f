"""Rows that a database holds and nobody can read: each is shown as it is, and none of them stops, hides or changes others."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import Choice, Cursor, ErpItem, Lines, Nested, Page, SqlAdapter, cold, hot, snapshot_diff
from akeneo_erp_bridge.errors import ErpRefused, MappingError
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, constant, sku
from akeneo_erp_bridge.rules import Cell, Problem
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

BERLIN = ZoneInfo("Europe/Berlin")


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    active = cold(bool, "active")
    weight = cold(Decimal, "weight")
    listed = cold(str, "weight")
    built = cold(date, "built")
    changed = cold(datetime, "changed")
    opens = cold(time, "opens")
    width = cold(Decimal, "size.width")
    price = hot(Decimal, "price")


class Rich(ErpItem):
    number = cold(str, "number", key=True)
    pieces = hot(int, "stock[*].pieces").many()
    stock = hot(Lines, "stock")


class Sold(ErpItem):
    number = cold(str, "number", key=True)
    price = hot(Decimal, "price")


COLUMNS = (
    "number TEXT, name TEXT, active BOOLEAN, weight NUMERIC(9, 3), built DATE, changed DATETIME, opens TIME, "
    "size JSON, price NUMERIC, seq INTEGER"
)
FIELDS = frozenset({"number", "name", "active", "weight", "built", "changed", "opens", "size", "price"})
GOOD = {
    "name": "Säge", "active": 1, "weight": 1.5, "built": "2026-02-01", "changed": "2026-02-01 08:00:00",
    "opens": "08:30:00", "size": '{"width": 12345678901234567.891}', "price": 9.9, "seq": 1,
}  # fmt: skip


class Database:
    def __init__(self, path: Path, columns: str = COLUMNS) -> None:
        self.path, self.url = path, f"sqlite:///{path}"
        self.do(f"CREATE TABLE articles ({columns})")

    def do(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute(statement, values)

    def add(self, number: object, **values: object) -> None:
        row = {"number": number, **GOOD, **values}
        self.do(f"INSERT INTO articles ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())

    def adapter(self, item: type[ErpItem] = Article, **options: Any) -> SqlAdapter[Any]:
        return SqlAdapter(self.url, item, **(options if "query" in options else {"table": "articles", **options}))


@pytest.fixture
def erp(tmp_path: Path) -> Database:
    return Database(tmp_path / "erp.db")


def items(adapter: Any, since: Cursor | None = None, limit: int = 2, fields: frozenset[str] = FIELDS) -> list[Any]:
    return [one for page in adapter.read_items(since, fields=fields, limit=limit) for one in page.items]


def problem(item: ErpItem, field: str) -> str:
    """What keeps the item from being written, as it is told."""
    outcome = getattr(type(item), field).run(item)
    assert isinstance(outcome, Problem), f"{field} is read as {outcome}"
    return str(outcome)


def killed_after_each_page(adapter: Any, limit: int, since: Cursor | None = None) -> tuple[list[str], Cursor]:
    """The names that a reader sees who is killed at each place, and goes on at its cursor.

    What has no place comes again after a stop: there, the reader is killed once, and then left in peace.
    """
    seen: list[str] = []
    for _ in range(60):
        before = since
        pages = adapter.read_items(since, fields=FIELDS, limit=limit)
        page: Page[Any] | None = next(pages)
        while page is not None:
            seen += [str(one.row["name"]) for one in page.items]
            since, page = page.resume, next(pages, None)
            if page is None:
                return seen, since
            if since != before:
                break
        pages.close()
    raise AssertionError("it never gets to the end")


# ---- values ----
@pytest.mark.parametrize("word", ["nein", "N", "false", "0.5", 2, b"\x00"])
def test_a_word_in_a_column_of_booleans_is_no_truth(erp: Database, word: object) -> None:
    for number, active in (("1", 1), ("2", 0), ("3", word)):
        erp.add(number, active=active)
    yes, no, odd = items(erp.adapter())
    assert (yes.active, no.active) == (True, False)
    assert "which is not a boolean" in problem(odd, "active")


@pytest.mark.parametrize(
    ("field", "raw", "told"),
    [
        ("weight", "auf Anfrage", "weight: holds 'auf Anfrage', which is not a number"),
        ("weight", b"1.5", "weight: holds b'1.5', which is not a number"),
        ("weight", float("inf"), "weight: holds inf, which is not a number"),
        ("changed", "0000-00-00 00:00:00", "changed: holds '0000-00-00 00:00:00', which is not a moment"),
        ("changed", 1714557600, "changed: holds 1714557600, which is not a moment"),
        ("built", "01.02.2026", "built: holds '01.02.2026', which is not a day"),
        ("built", "2026-02-01 08:00:00", "built: holds '2026-02-01 08:00:00', which is not a day"),
        ("built", 20260201, "built: holds 20260201, which is not a day"),
        ("opens", "25:00", "opens: holds '25:00', which is not a time"),
        ("name", b"M\xfcller", "name: holds b'M\\xfcller', which is not a text"),
        ("name", 'Bohrer"', None),
    ],
)  # fmt: skip
def test_a_rotten_value_is_the_problem_of_its_field_alone(
    erp: Database, field: str, raw: object, told: str | None
) -> None:
    for number in "123":
        erp.add(number, **({field: raw} if number == "2" else {}))
    first, rotten, last = items(erp.adapter(zone=BERLIN))
    assert rotten.key == "2"
    for good in (first, last, *([] if told else [rotten])):
        assert (good.active, good.weight, good.built) == (True, Decimal("1.500"), date(2026, 2, 1))
        assert (good.changed, good.opens) == (datetime(2026, 2, 1, 7, tzinfo=UTC), time(8, 30))
    if told:
        assert problem(rotten, field).startswith(told)


def test_text_that_is_no_utf8_is_told_with_its_bytes(erp: Database) -> None:
    erp.add("1")
    erp.do("UPDATE articles SET name = CAST(x'4dfc6c6c6572' AS TEXT)")
    erp.add("2")
    rotten, good = items(erp.adapter())
    assert problem(rotten, "name") == (
        "name: holds b'M\\xfcller', which is no UTF-8; store it as UTF-8 (it may be of Windows, cp1252)"
    )
    assert good.name == "Säge"


def test_json_that_is_none_is_told_and_digits_are_kept(erp: Database) -> None:
    for number, size in (
        ("1", "{width: 5}"),
        ("2", GOOD["size"]),
        ("3", "[" * 100_000),
        ("4", f"[{'9' * 5_000}]"),
        ("5", 5),
    ):
        erp.add(number, size=size)
    for one in items(erp.adapter()):
        if one.key == "2":
            assert one.width == Decimal("12345678901234567.891"), "a float would be another number"
        elif one.key == "5":
            assert problem(one, "width").startswith("size.width: step 'width' fails: 'size' holds 5")
        else:
            assert "which is no JSON" in str(one.row["size"])


def test_decimals_are_what_the_database_holds_never_rounded_to_the_column(erp: Database) -> None:
    erp.do("CREATE TABLE plain (number TEXT, name TEXT, weight NUMERIC)")
    for number, weight in enumerate((0.1234, 123456789.1, 1e-12, 2**60, 7, 1.5)):
        erp.add(str(number), weight=weight)
        erp.do("INSERT INTO plain VALUES (?, 'x', ?)", str(number), weight)
    assert [str(one.weight) for one in items(erp.adapter())] == [
        "0.1234", "123456789.100", "1E-12", "1152921504606846976.000", "7.000", "1.500"
    ]  # fmt: skip
    fields = frozenset({"number", "weight"})
    assert [one.listed for one in items(erp.adapter(table="plain"), fields=fields)] == [
        "0.1234", "123456789.1", "1E-12", "1152921504606846976", "7", "1.5"
    ]  # fmt: skip


def test_rotten_values_in_nested_rows(erp: Database) -> None:
    erp.do("CREATE TABLE stock (article TEXT, pieces NUMERIC, counted DATETIME)")
    for number, pieces, counted in (("1", 5, "2026-02-01"), ("2", "viele", "0000-00-00 00:00:00"), ("3", 7, None)):
        erp.add(number)
        erp.do("INSERT INTO stock VALUES (?, ?, ?)", number, pieces, counted)
    nested = {"stock": Nested(table="stock", by="article", columns=["pieces", "counted"])}
    adapter = erp.adapter(Rich, nested=nested)
    for pages in (
        adapter.read_items(None, fields=frozenset({"number", "stock"}), limit=2),
        adapter.read_hot(None, keys=None),
        adapter.read_some(Choice("number", ("1", "2", "3")), fields=frozenset({"number", "stock"}), limit=2),
    ):
        first, rotten, last = (one for page in pages for one in page.items)
        assert (first.pieces, last.pieces) == ((5,), (7,))
        assert "holds 'viele', which is not a number" in problem(rotten, "pieces")
    assert adapter.check().ok


def test_lines_find_their_item_where_one_column_is_a_number_and_the_other_a_text(erp: Database) -> None:
    erp.do("CREATE TABLE stock (article INTEGER, pieces INTEGER)")
    for number in ("7", "008", "B"):
        erp.add(number)
    erp.do("INSERT INTO stock VALUES (7, 3), (8, 4), ('B', 5)")
    nested = {"stock": Nested(table="stock", by="article", columns=["pieces"])}
    found = items(erp.adapter(Rich, nested=nested), fields=frozenset({"number", "stock"}))
    assert {one.key: one.pieces for one in found} == {"008": (4,), "7": (3,), "B": (5,)}


# ---- the work ----
def test_a_run_parks_what_is_rotten_and_writes_the_rest(erp: Database) -> None:
    for number in range(6):
        erp.add(f"A-{number}")
    erp.do("UPDATE articles SET weight = 'auf Anfrage' WHERE number = 'A-2'")
    erp.do("UPDATE articles SET number = NULL WHERE number = 'A-4'")
    mapping = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        constant("hand_tools").to(FAMILY),
        Article.name.to(Cell[str]("name", locale="en_US")),
        Article.weight.map(str).to(Cell[str]("description", locale="en_US", channel="ecommerce")),
    )
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim, SqliteState(":memory:") as state:
        report = ErpToPim(erp.adapter(), mapping, pim, state).run()
        told = sorted(map(str, state.parked(mapping.stream)))
    assert (report.read, report.created, report.parked) == (6, 4, 2)
    assert told[0].startswith("(no key): number: ")
    assert told[1].startswith(
        "A-2: weight -> description[en_US, ecommerce]: holds 'auf Anfrage', which is not a number"
    )


def test_a_relay_parks_what_is_rotten_and_sends_the_rest(erp: Database, tmp_path: Path) -> None:
    for number, price in (("1", 9.9), ("2", "auf Anfrage"), ("3", 1234567.8), (None, 1)):
        erp.add(number, price=price)
    feeds = (Sold.price.feed("price"),)
    with SqliteSink(tmp_path / "shop.db") as shop, SqliteState(":memory:") as state:
        report = HotRelay(erp.adapter(Sold), feeds, shop, state).run()
        assert (report.read, report.written, report.parked) == (4, 2, 2)
        assert shop.offer(ErpKey("3")) == {"price": "1234567.8"}


# ---- keys ----
def add_odd_keys(erp: Database) -> None:
    for number in ("B", None, "A", b"\x01", None, "C"):
        erp.add(number, name=f"{number}", seq=7, changed="2026-02-01 08:00:00")


ALL_READINGS: list[dict[str, Any]] = [
    {},
    {"query": "SELECT * FROM articles"},
    {"changed_at": "changed", "zone": UTC, "overlap": timedelta(0)},
    {"sequence": "seq", "behind": 0},
]


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("options", ALL_READINGS)
def test_rows_without_a_key_come_like_others_after_them(erp: Database, options: dict[str, Any], limit: int) -> None:
    add_odd_keys(erp)
    found = items(erp.adapter(**options), limit=limit)
    assert [one.key for one in found] == ["A", "B", "C", "", "", ""]
    seen, _ = killed_after_each_page(erp.adapter(**options), limit)
    assert set(seen) == {"A", "B", "C", "None", "b'\\x01'"}
    assert seen.count("A") == 1


def test_rows_without_a_key_come_again_only_when_they_changed(erp: Database) -> None:
    erp.add("A", seq=1)
    erp.add(None, name="old", seq=0, changed="2026-01-01 08:00:00")
    for options in ALL_READINGS[2:]:
        pages = list(erp.adapter(**options).read_items(None, fields=FIELDS, limit=5))
        erp.add("B", name="new", seq=9, changed="2026-03-01 08:00:00")
        erp.add(None, name="new", seq=10, changed="2026-03-01 08:00:00")
        names = [one.row["name"] for one in items(erp.adapter(**options), pages[-1].resume)]
        assert names[-2:] == ["new", "new"]
        assert "old" not in names
        erp.do("DELETE FROM articles WHERE name = 'new'")


@pytest.mark.parametrize("options", ALL_READINGS)
def test_a_table_of_nothing_but_rows_without_a_key_is_read_and_goes_on(erp: Database, options: dict[str, Any]) -> None:
    for number in range(5):
        erp.add(None, name=f"N{number}")
    seen, last = killed_after_each_page(erp.adapter(**options), 50)
    assert set(seen) == {"N0", "N1", "N2", "N3", "N4"}
    assert len(items(erp.adapter(**options))) == 5
    erp.add("A", name="keyed", seq=3, changed="2026-03-01 08:00:00")
    assert "keyed" in [one.row["name"] for one in items(erp.adapter(**options), last)]
    first = next(erp.adapter(**options).read_items(None, fields=FIELDS, limit=2))
    assert len(items(erp.adapter(**options), first.resume)) >= 4


def test_rows_without_a_key_delete_nothing(erp: Database, tmp_path: Path) -> None:
    add_odd_keys(erp)
    reader = snapshot_diff(erp.adapter(), tmp_path / "keys")
    *_, last = reader.read_items(None, fields=FIELDS, limit=2)
    erp.do("DELETE FROM articles WHERE number = 'B'")
    pages = list(reader.read_items(last.resume, fields=FIELDS, limit=2))
    assert [key for page in pages for key in page.tombstones] == ["B"]


@pytest.mark.parametrize("options", ALL_READINGS)
def test_keys_that_are_no_utf8_lose_no_row_behind_them(erp: Database, options: dict[str, Any]) -> None:
    for number in ("A", "C", "zz"):
        erp.add(number, name=number)
    erp.add("?", name="rotten")
    erp.do("UPDATE articles SET number = CAST(x'42fc' AS TEXT) WHERE number = '?'")
    seen, _ = killed_after_each_page(erp.adapter(**options), 1)
    assert set(seen) == {"A", "C", "zz", "rotten"}
    (rotten,) = (one for one in items(erp.adapter(**options)) if one.row["name"] == "rotten")
    assert (rotten.key, "which is no UTF-8" in str(rotten.row["number"])) == ("", True)


@pytest.mark.parametrize("kind", ["STRING", "NUMERIC", "BOOLEAN", "DATETIME", "REAL", ""])
@pytest.mark.parametrize("limit", [1, 3])
def test_keys_of_any_declared_type(tmp_path: Path, kind: str, limit: int) -> None:
    erp = Database(tmp_path / "erp.db", COLUMNS.replace("number TEXT", f"number {kind}"))
    wanted = ["7", "40", "A-1", "b", "2026-02-01"]
    for number in (40, "A-1", 7, "b", "2026-02-01"):
        erp.add(number, name=str(number))
    seen, _ = killed_after_each_page(erp.adapter(), limit)
    assert set(seen) == set(wanted)
    asked = [one.key for page in erp.adapter().read_hot(None, keys=["7", "A-1", "no such"]) for one in page.items]
    assert asked == (["A-1"] if kind == "REAL" else ["7", "A-1"])


def test_more_keys_than_a_database_takes_at_once(erp: Database) -> None:
    erp.add("40000")
    pages = erp.adapter().read_hot(None, keys=[str(number) for number in range(300_000)])
    assert [one.key for page in pages for one in page.items] == ["40000"]


@pytest.mark.parametrize(
    ("kind", "raw", "seen"), [("REAL", 7.0, "7.0"), ("TEXT", "   ", "'   '"), ("TEXT", None, "null")]
)
def test_a_key_that_is_none_is_told_as_it_is(tmp_path: Path, kind: str, raw: object, seen: str) -> None:
    erp = Database(tmp_path / "erp.db", COLUMNS.replace("number TEXT", f"number {kind}"))
    erp.add(raw)
    mapping = ProductMapping(Article, (Article.number >> sku()).to(Cell[str]("sku")), constant("hand_tools").to(FAMILY))
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim, SqliteState(":memory:") as state:
        assert ErpToPim(erp.adapter(), mapping, pim, state).run().parked == 1
        (told,) = map(str, state.parked(mapping.stream))
    says = (
        f"(no key): number: the item has no key in field 'number', which holds {seen}; give it a text, a whole number"
    )
    assert told.startswith(says)


# ---- stamps ----
ROTTEN_STAMPS = [
    None, "", "01.05.2024", "12:30", "now", 1714557600, 2460000.5, b"2024-05-01", "0000-00-00 00:00:00", "0000-01-01",
    "-0001-01-01 00:00:00", "2024-05-01 12:00:00 foo", "9999-12-31T23:59:59-05:00",
]  # fmt: skip


@pytest.mark.parametrize("stamp", [*ROTTEN_STAMPS, "2024-05-01T12:00:00Z"])
@pytest.mark.parametrize("reads", ["read_items", "read_hot"])
def test_a_row_whose_stamp_is_none_is_read_in_each_run(
    tmp_path: Path, stamp: object, reads: str, caplog: pytest.LogCaptureFixture
) -> None:
    erp = Database(tmp_path / "erp.db", COLUMNS.replace("changed DATETIME", "changed"))
    for number in "ABC":
        erp.add(number, name=number, changed=f"2024-05-0{ord(number) - ord('A') + 1}")
    erp.add("AA", name="rotten", changed=stamp)
    adapter = erp.adapter(changed_at="changed", hot_changed_at="changed", zone=UTC, overlap=timedelta(0))

    def run(since: Cursor | None) -> tuple[list[object], Cursor]:
        how = {"keys": None} if reads == "read_hot" else {"fields": FIELDS, "limit": 2}
        pages = list(getattr(adapter, reads)(since, **how))
        return [one.row["name"] for page in pages for one in page.items], pages[-1].resume

    first, cursor = run(None)
    assert first == ["A", "B", "C", "rotten"]
    assert "'articles', column 'changed': the row with key 'AA' holds" in caplog.text
    assert "is read in each run" in caplog.text
    erp.do("UPDATE articles SET name = 'new' WHERE number = 'AA'")
    assert run(cursor)[0] == ["C", "new"]
    if reads == "read_items":
        assert set(killed_after_each_page(adapter, 1)[0]) == {"A", "B", "C", "new"}


@pytest.mark.parametrize(
    "stamp", ["2024-02-31", "2024-05-01 24:00:00", "2024-05-01T12:00:00.123456789", "2024-05-01 12:00"]
)
def test_stamps_that_only_sqlite_reads_are_read_as_sqlite_does(erp: Database, stamp: str) -> None:
    erp.add("A", name="A", changed="2024-01-01")
    erp.add("B", name="B", changed=stamp)
    erp.add("C", name="C", changed="2024-06-01")
    for limit in (1, 5):
        adapter = erp.adapter(changed_at="changed", zone=UTC, overlap=timedelta(0))
        assert killed_after_each_page(adapter, limit)[0] == ["A", "B", "C"]


def test_a_stamp_in_the_future_is_read_and_holds_nothing_back(erp: Database) -> None:
    erp.add("A", name="A", changed="2024-01-01")
    erp.add("Z", name="Z", changed="9999-12-31 23:59:59")
    adapter = erp.adapter(changed_at="changed", zone=UTC, overlap=timedelta(0))
    seen, last = killed_after_each_page(adapter, 1)
    assert seen == ["A", "Z"]
    erp.add("B", name="B", changed="2024-01-02")
    assert [one.row["name"] for one in items(adapter, last)] == ["A", "B", "Z"]


def test_a_column_without_any_stamp_is_refused(erp: Database) -> None:
    erp.add("A", changed="whenever")
    erp.add("B", changed=None)
    with pytest.raises(ErpRefused, match=r"column 'changed': the row with key 'A' holds 'whenever', which is no date"):
        items(erp.adapter(changed_at="changed", zone=UTC))
    erp.do("UPDATE articles SET changed = NULL")
    assert len(items(erp.adapter(changed_at="changed", zone=UTC))) == 2, "an ERP that has not changed anything yet"


def test_a_row_whose_number_is_none_is_read_in_each_run(tmp_path: Path) -> None:
    erp = Database(tmp_path / "erp.db", COLUMNS.replace("seq INTEGER", "seq"))
    for number, seq in (("A", 1), ("B", 2), ("C", None), ("D", "many"), ("E", 2.5)):
        erp.add(number, name=number, seq=seq)
    adapter = erp.adapter(sequence="seq", behind=0)
    seen, last = killed_after_each_page(adapter, 1)
    assert sorted(set(seen)) == ["A", "B", "C", "D", "E"]
    erp.add("F", name="F", seq=3)
    assert [one.row["name"] for one in items(adapter, last)] == ["F", "C", "D", "E"]
    erp.do("UPDATE articles SET seq = 'many'")
    with pytest.raises(ErpRefused, match="holds 'many', which is no whole number"):
        items(adapter)


# ---- tables ----
def test_names_with_quotes_and_upper_case(tmp_path: Path) -> None:
    class Odd(ErpItem):
        number = cold(str, 'Art. "Nr." %(x)s :y', key=True)
        name = cold(str, "GRÖSSE")

    path = tmp_path / "erp.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute('CREATE TABLE "Artikel ""neu"" %s" ("Art. ""Nr."" %(x)s :y" TEXT, "GRÖSSE" TEXT, "order" DATETIME)')
        db.execute("INSERT INTO \"Artikel \"\"neu\"\" %s\" VALUES ('1', 'x', '2026-01-01'), (NULL, 'y', NULL)")
    fields = frozenset({'Art. "Nr." %(x)s :y', "GRÖSSE"})
    for options in ({}, {"changed_at": "order", "zone": UTC}):
        adapter = SqlAdapter(f"sqlite:///{path}", Odd, table='Artikel "neu" %s', **options)  # type: ignore[arg-type]  # each fits
        assert [(one.key, one.name) for one in items(adapter, fields=fields)] == [("1", "x"), ("", "y")]


def test_a_column_that_goes_while_pages_are_read_is_a_refusal(erp: Database) -> None:
    for number in range(5):
        erp.add(f"{number}")
    first = next(erp.adapter().read_items(None, fields=FIELDS, limit=2))
    erp.do("ALTER TABLE articles DROP COLUMN weight")
    with pytest.raises(ErpRefused, match="column.s. weight are not in 'articles'"):
        items(erp.adapter(), first.resume)


def test_a_field_alone_is_refused_when_it_is_used(erp: Database) -> None:
    erp.add("1", weight="auf Anfrage")
    (item,) = items(erp.adapter())
    with pytest.raises(MappingError, match="Article '1': field 'weight': holds 'auf Anfrage'"):
        _ = item.weight


@pytest.mark.parametrize("options", ALL_READINGS)
def test_memory_is_flat_in_rows_without_a_key(erp: Database, options: dict[str, Any]) -> None:
    def peak(count: int) -> int:
        erp.do("DELETE FROM articles")
        erp.do(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO articles (name, changed, seq) SELECT 'x' || i, '2026-02-01', 1 FROM n",
            count,
        )
        tracemalloc.start()
        pages = erp.adapter(**options).read_items(None, fields=FIELDS, limit=200)
        assert sum(len(page.items) for page in pages) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(500)
    assert peak(8_000) <= 1.3 * peak(2_000)


@pytest.fixture(autouse=True)
def _quiet(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    yield
    assert not list(recwarn), "the database library has nothing to warn of"
