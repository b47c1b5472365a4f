"""`SqlAdapter` with a "changed at" column, on real SQLite files; and what it would ask of other databases."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.dialects import mssql, postgresql

from akeneo_erp_bridge.erp import Cursor, ErpItem, Nested, Position, SqlAdapter, cold, hot, snapshot_diff
from akeneo_erp_bridge.erp._sql._changes import ChangedAt
from akeneo_erp_bridge.erp._sql._keys import KeyOrder
from akeneo_erp_bridge.erp._sql._sequence import Counted, Run
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpRefused

FIELDS = frozenset({"number", "name"})
BERLIN = ZoneInfo("Europe/Berlin")
WRITTEN: list[Callable[[datetime], str]] = [
    lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S"),
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.000"),
]
AWARE: list[Callable[[datetime], str]] = [
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    lambda moment: moment.astimezone(BERLIN).isoformat(),
    lambda moment: moment.isoformat(sep=" ", timespec="microseconds"),
]


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    stock = hot(int, "stock")


def minute(number: int) -> datetime:
    return datetime(2024, 5, 1, 12, tzinfo=UTC) + timedelta(minutes=number)


class Database:
    def __init__(self, folder: Path, kind: str = "TEXT", key: str = "TEXT") -> None:
        self.path = folder / "erp.db"
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("PRAGMA journal_mode = WAL")  # who writes need not wait for who reads
            db.execute("DROP TABLE IF EXISTS articles")
            db.execute(f"CREATE TABLE articles (number {key}, name TEXT, stock INTEGER, changed {kind})")

    def write(self, *rows: tuple[object, str, object]) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            for number, name, changed in rows:
                db.execute("DELETE FROM articles WHERE number = ?", (number,))
                db.execute("INSERT INTO articles VALUES (?, ?, 1, ?)", (number, name, changed))

    def adapter(self, **options) -> SqlAdapter[Article]:  # type: ignore[no-untyped-def]  # as the adapter's own
        options = {"changed_at": "changed", "zone": UTC, **options}
        return SqlAdapter(f"sqlite:///{self.path}", Article, table="articles", **options)


def stored(cursor: Cursor) -> Cursor:
    """As it comes back after a restart."""
    return Cursor(
        **json.loads(json.dumps({"kind": cursor.kind, "blob": cursor.blob, "schema_hash": cursor.schema_hash}))
    )


def read(erp: SqlAdapter[Article], since: Cursor | None = None, limit: int = 2) -> tuple[list[str], Cursor]:
    pages = list(erp.read_items(since, fields=FIELDS, limit=limit))
    return [str(one.row["name"]) for page in pages for one in page.items], stored(pages[-1].resume)


@pytest.mark.parametrize("kind", ["TEXT", "DATETIME", "TIMESTAMP"])
@pytest.mark.parametrize("written", [*WRITTEN, *AWARE])
def test_the_second_run_reads_only_what_changed(tmp_path: Path, kind: str, written: Callable[[datetime], str]) -> None:
    erp = Database(tmp_path, kind)
    erp.write(*((f"{number:02d}", f"N{number}", written(minute(number))) for number in range(30)))
    adapter = erp.adapter(zone=UTC if written in WRITTEN else None)
    names, cursor = read(adapter)
    assert names == [f"N{number}" for number in range(30)]
    erp.write(("03", "changed", written(minute(40))))
    names, cursor = read(adapter, cursor)
    assert names == [*(f"N{number}" for number in range(19, 30)), "changed"], "ten minutes before the last, inclusive"
    assert read(adapter, cursor)[0] == ["changed"]


def test_stamps_of_many_forms_compare_as_moments(tmp_path: Path) -> None:
    erp = Database(tmp_path)
    erp.write(*((f"{n:02d}", f"N{n}", AWARE[n % 3](minute(n))) for n in range(12)))
    names, cursor = read(erp.adapter(zone=None, overlap=timedelta(minutes=1)))
    assert names == [f"N{n}" for n in range(12)]
    assert read(erp.adapter(zone=None, overlap=timedelta(minutes=1)), cursor)[0] == ["N10", "N11"]


def test_without_the_option_nothing_changes(tmp_path: Path) -> None:
    erp = Database(tmp_path)
    erp.write(("b", "B", None), ("a", "A", "whenever"))
    for _ in range(2):
        names, cursor = read(erp.adapter(changed_at=None, zone=None))
        assert (names, cursor.kind, cursor.blob) == (["A", "B"], "snapshot", "")
    with pytest.raises(CursorExpired):
        read(erp.adapter(), cursor)
    erp.write(("a", "A", "2024-05-01"), ("b", "B", "2024-05-01"))
    with pytest.raises(CursorExpired):
        read(erp.adapter(changed_at=None, zone=None), read(erp.adapter())[1])


def test_hot_data_is_read_whole_whatever_the_stamp(tmp_path: Path) -> None:
    erp = Database(tmp_path)
    erp.write(*((f"{n:02d}", f"N{n}", WRITTEN[0](minute(60 * n))) for n in range(5)))
    adapter = erp.adapter()
    cursor = None
    for _ in range(2):
        pages = list(adapter.read_hot(cursor, keys=None))
        cursor = pages[-1].resume
        assert [one.stock for page in pages for one in page.items] == [1] * 5
    page = next(adapter.read_items(None, fields=FIELDS, limit=1))
    assert set(page.items[0].row) == FIELDS, "the stamp is read, and not handed on"


@pytest.mark.parametrize("declared", ["INTEGER", ""])
def test_integer_keys_and_ties(tmp_path: Path, declared: str) -> None:
    erp = Database(tmp_path, key=declared)
    erp.write(*((number, str(number), WRITTEN[0](minute(0))) for number in range(8, 13)))
    adapter = erp.adapter()
    names, cursor = read(adapter)
    assert names == ["8", "9", "10", "11", "12"]
    first = next(adapter.read_items(cursor, fields=FIELDS, limit=2))
    assert read(adapter, stored(first.resume))[0] == ["10", "11", "12"]


@settings(max_examples=30)  # each makes a file and reads it some twenty times
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(["edit", "page", "page", "kill"]), st.integers(0, 5), st.integers(0, 10)), max_size=25
    ),
    limit=st.integers(1, 3),
    form=st.sampled_from([*WRITTEN, *AWARE]),
)
def test_no_edit_within_the_overlap_is_lost(
    edits: list[tuple[str, int, int]],
    limit: int,
    form: Callable[[datetime], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    erp = Database(tmp_path_factory.mktemp("erp"), "DATETIME")
    adapter = erp.adapter(zone=UTC if form in WRITTEN else None)
    names: dict[str, str] = {}
    came: dict[str, str] = {}
    cursor, run, now = None, None, 0
    adapter._changes = evolve(adapter._changes, clock=lambda: minute(now))
    for now, (name, number, late) in enumerate([*edits, *[("page", 0, 0)] * 30]):
        if name == "edit":
            names[str(number)] = f"{number} at {now}"
            erp.write((number, names[str(number)], form(minute(now - late))))
        elif name == "page":
            run = run or adapter.read_items(cursor, fields=FIELDS, limit=limit)
            page = next(run, None)
            if page is None:
                run = None
            else:
                came.update((one.key, one.name) for one in page.items)
                cursor = stored(page.resume)
        else:
            run = None
    assert came == names


def test_deletions_by_a_full_read(tmp_path: Path) -> None:
    erp = Database(tmp_path)
    erp.write(("a", "A", "2024-05-01"), ("b", "B", "2024-05-01"))
    reader = snapshot_diff(erp.adapter(), tmp_path / "keys")
    *_, last = reader.read_items(None, fields=FIELDS, limit=5)
    with closing(sqlite3.connect(erp.path)) as db, db:
        db.execute("DELETE FROM articles WHERE number = 'a'")
    *_, delta = reader.read_items(stored(last.resume), fields=FIELDS, limit=5)
    *_, full = reader.read_items(None, fields=FIELDS, limit=5)
    assert (list(delta.tombstones), list(full.tombstones)) == ([], ["a"])


# ---- what goes wrong ----
def test_a_zone_is_asked_for_and_only_where_it_is_missing(tmp_path: Path) -> None:
    erp = Database(tmp_path)
    erp.write(("a", "A", "2024-05-01 12:00:00"))
    with pytest.raises(ErpRefused, match="say which is the ERP's"):
        read(erp.adapter(zone=None))
    erp.write(("a", "A", "2024-05-01T12:00:00Z"))
    with pytest.raises(ErpRefused, match="with a time zone, yet zone=UTC"):
        read(erp.adapter())


def test_an_unknown_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ErpRefused, match=r"changed_on are not in 'articles'; it has: changed, name, number, stock"):
        read(Database(tmp_path).adapter(changed_at="changed_on"))


def test_another_column_expires_the_cursor(tmp_path: Path) -> None:
    erp = Database(tmp_path)
    erp.write(("a", "2024-05-01", "2024-05-01"))
    _, cursor = read(erp.adapter())
    with pytest.raises(CursorExpired):
        read(erp.adapter(changed_at="name"), cursor)


# ---- other databases, without one ----
@pytest.mark.parametrize(
    ("dialect", "says"),
    [
        (postgresql, "articles.changed > '2024-05-01 12:00:00+00:00' OR articles.changed = '2024-05-01 12:00:00+00:00' AND articles.number > 'a'"),
        (mssql, "articles.changed >= '2024-05-01 11:59:59.990000+00:00'"),
    ],
)  # fmt: skip
def test_servers_compare_the_column_itself(dialect, says: str) -> None:  # type: ignore[no-untyped-def]  # a module
    from sqlalchemy import DateTime

    table = Table("articles", MetaData(), Column("number", String), Column("changed", DateTime), Column("n", Integer))
    keys = KeyOrder(table.c.number, dialect.dialect.name, is_exact=True)
    changed = ChangedAt(table.c.changed, keys, dialect.dialect.name)
    query = select(table.c.n).where(*changed.after(Position(minute(0), "a"))).order_by(*changed.order)
    compiled = str(query.compile(dialect=dialect.dialect(), compile_kwargs={"literal_binds": True}))
    assert says in compiled
    assert "ORDER BY articles.changed, articles.number" in compiled
    assert changed.moment(minute(0), "a") == minute(0)
    with pytest.raises(ErpRefused):
        changed.moment(5, "a")


# ---- a column that counts ----
def test_a_sequence_in_sqlite(tmp_path: Path) -> None:
    erp = Database(tmp_path, kind="INTEGER")
    erp.write(*((f"{one:02}", f"N{one}", one) for one in range(1, 6)))
    counted = {"changed_at": None, "zone": None, "sequence": "changed", "behind": 1}
    names, cursor = read(erp.adapter(**counted))
    assert (names, cursor.kind) == (["N1", "N2", "N3", "N4", "N5"], "sequence")
    erp.write(("02", "new", 6))
    assert read(erp.adapter(**counted), cursor)[0] == ["N5", "new"]


def test_keys_without_case_are_not_lost_in_sqlite(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
        db.execute("CREATE TABLE articles (number TEXT COLLATE NOCASE, name TEXT, stock INTEGER, changed TEXT)")
        db.executemany(
            "INSERT INTO articles VALUES (?, ?, 1, NULL)", [("abc", "1"), ("ABC", "2"), ("Abc", "3"), ("abd", "4")]
        )
    erp = SqlAdapter(f"sqlite:///{tmp_path / 'erp.db'}", Article, table="articles")
    seen: list[object] = []
    since = None
    for _ in range(4):
        page = next(erp.read_items(since, fields=FIELDS, limit=1))
        seen += [one.row["name"] for one in page.items]
        since = page.resume
    assert sorted(map(str, seen)) == ["1", "2", "3", "4"]


def test_what_sql_server_is_asked_of_a_rowversion() -> None:
    table = Table("Item", MetaData(), Column("No", String()), Column("timestamp", mssql.TIMESTAMP()))
    counted = Counted(table, table.c.timestamp, KeyOrder.of(table, table.c.No, "mssql"), "mssql", behind=9)
    assert counted.behind == 0, "the server says what is still open"
    run = Run(1, 5, (2, "A"))
    text = str(select(table.c.No).where(*counted.after(run)).order_by(*counted.order).compile(dialect=mssql.dialect()))
    assert "CAST(CAST([Item].[No] AS NVARCHAR(450)) AS VARBINARY(900))" in text
    assert counted.number(b"\x00\x00\x00\x00\x00\x00\x07\xd1", "A") == 2001


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"table": "a", "query": "b"}, "name a table= or a query="),
        ({}, "name a table= or a query="),
        ({"table": "a", "changed_at": "b", "sequence": "c"}, "two ways to find changes"),
    ],
)
def test_options_that_contradict_are_refused(options: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        SqlAdapter("sqlite://", Article, **options)  # type: ignore[arg-type]  # each is a text
    with pytest.raises(ConfigurationError, match="name the columns"):
        Nested(table="a", by="b", columns=[])
    with pytest.raises(ConfigurationError, match="name a table= or a query="):
        Nested(by="b", columns=["c"])
