"""The file and database adapters, on real files and a real database."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from akeneo_erp_bridge.erp import CsvAdapter, Cursor, ErpItem, ItemReader, SqlAdapter, cold, hot
from akeneo_erp_bridge.errors import CursorExpired, ErpRefused, ErpUnreachable

FIELDS = frozenset({"number", "name"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    stock = hot(int, "stock")


def csv_file(folder: Path, rows: list[tuple[str, str]]) -> CsvAdapter[Article]:
    path = folder / "articles.csv"
    path.write_text(
        "number,name,stock\n" + "".join(f"{number},{name},1\n" for number, name in rows), encoding="utf-8-sig"
    )
    return CsvAdapter(path, Article)


def database(folder: Path, rows: list[tuple[str, str]]) -> SqlAdapter[Article]:
    path = folder / "erp.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE articles (number TEXT, name TEXT, stock INTEGER)")
        db.executemany("INSERT INTO articles VALUES (?, ?, 1)", rows)
    return SqlAdapter(f"sqlite:///{path}", Article, table="articles")


ADAPTERS = pytest.mark.parametrize("make", [csv_file, database])
ROWS = [(f"{number:04d}", f"Name {number}") for number in range(25)]


def read(erp: ItemReader[Article], since: Cursor | None = None, limit: int = 10) -> list[tuple[str, str]]:
    return [(one.number, one.name) for page in erp.read_items(since, fields=FIELDS, limit=limit) for one in page.items]


@ADAPTERS
def test_two_full_reads_give_the_same(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # both makers fit
    erp = make(tmp_path, ROWS)
    assert read(erp) == read(erp) == ROWS
    assert erp.check().ok


@ADAPTERS
def test_killed_after_any_page_the_union_is_complete(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    erp = make(tmp_path, ROWS)
    seen: list[tuple[str, str]] = []
    for page in erp.read_items(None, fields=FIELDS, limit=7):
        seen += [(one.number, one.name) for one in page.items]
        rest = read(erp, page.resume)
        if page.resume.blob:
            assert seen + rest == ROWS
        else:
            assert rest == ROWS, "a finished snapshot begins anew"


@ADAPTERS
def test_rows_of_one_key_are_all_delivered_whatever_the_page_size(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    rows = [("1", "a"), ("2", "b"), ("2", "c"), ("2", "d"), ("3", "e")]
    for limit in (1, 2, 3, 10):
        assert sorted(read(make(tmp_path, rows), limit=limit)) == rows


@ADAPTERS
def test_a_foreign_cursor_is_expired(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    with pytest.raises(CursorExpired):
        read(make(tmp_path, ROWS), Cursor("token", "?"))


@ADAPTERS
def test_only_the_fields_asked_for_are_read(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    page = next(make(tmp_path, ROWS).read_items(None, fields=FIELDS, limit=1))
    assert set(page.items[0].row) == set(FIELDS)


@ADAPTERS
def test_hot_reading_can_be_narrowed_to_keys(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    pages = make(tmp_path, ROWS).read_hot(None, keys=["0003", "0024"])
    assert [one.key for page in pages for one in page.items] == ["0003", "0024"]


@ADAPTERS
def test_memory_is_flat_in_the_number_of_rows(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    def peak(count: int) -> int:
        erp = make(tmp_path, [(f"{number:07d}", "x" * 50) for number in range(count)])
        erp.describe()
        tracemalloc.start()
        for _ in erp.read_items(None, fields=FIELDS, limit=500):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(40_000) <= 1.5 * peak(5_000)


# ---- what goes wrong ----
def test_a_missing_file_is_named(tmp_path: Path) -> None:
    erp = CsvAdapter(tmp_path / "nowhere.csv", Article)
    with pytest.raises(ErpUnreachable, match=r"nowhere\.csv"):
        read(erp)
    assert not erp.check().ok


def test_doubled_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("number,name,name\n1,Drill,Saw\n")
    with pytest.raises(ErpRefused, match="given twice: name"):
        read(CsvAdapter(tmp_path / "a.csv", Article))


def test_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("number,name\n1,Säge\n".encode("cp1252"))
    with pytest.raises(ErpRefused, match="encoding='cp1252'"):
        read(CsvAdapter(tmp_path / "a.csv", Article))
    assert read(CsvAdapter(tmp_path / "a.csv", Article, encoding="cp1252")) == [("1", "Säge")]


def test_an_unknown_table_or_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    database(tmp_path, ROWS)
    with pytest.raises(ErpRefused, match="it has: articles"):
        read(SqlAdapter(f"sqlite:///{tmp_path}/erp.db", Article, table="artikel"))
    erp = SqlAdapter(f"sqlite:///{tmp_path}/erp.db", Article, table="articles")
    with pytest.raises(ErpRefused, match="gewicht are not in 'articles'; it has: name, number, stock"):
        list(erp.read_items(None, fields=frozenset({"gewicht"}), limit=1))


def test_a_password_in_the_url_is_never_shown(tmp_path: Path) -> None:
    erp = SqlAdapter(f"sqlite:///{tmp_path}", Article, table="articles")  # a folder, which cannot be opened
    with pytest.raises(ErpUnreachable) as caught:
        read(erp)
    assert "check that it runs" in str(caught.value)
    with pytest.raises(ErpRefused) as refused:
        SqlAdapter("nonsense://u:S3CRET@host/db", Article, table="articles")
    assert "S3CRET" not in str(refused.value)


def test_integer_keys_page_as_numbers(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "n.db")) as db, db:
        db.execute("CREATE TABLE articles (number INTEGER, name TEXT)")
        db.executemany("INSERT INTO articles VALUES (?, ?)", [(number, "x") for number in range(8, 13)])
    erp = SqlAdapter(f"sqlite:///{tmp_path}/n.db", Article, table="articles")
    first = next(erp.read_items(None, fields=FIELDS, limit=2))
    assert [one[0] for one in read(erp, first.resume)] == ["10", "11", "12"]


def test_an_empty_file_is_no_erp_without_items(tmp_path: Path) -> None:
    (tmp_path / "articles.csv").write_text("")
    erp = CsvAdapter(tmp_path / "articles.csv", Article)
    with pytest.raises(ErpRefused, match="articles.csv is empty, it has no header line; was the export cut short"):
        read(erp)
    assert not erp.check().ok


class Nested(ErpItem):
    number = cold(str, "number", key=True)
    eans = cold(str, "lines[*].ean").many()
    dotted = cold(str, "size.width")


def test_a_json_column_of_a_database_holds_fields(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
        db.execute('CREATE TABLE articles (number TEXT, lines JSON, secret TEXT, "size.width" TEXT)')
        db.execute("""INSERT INTO articles VALUES ('1', '[{"ean": "7"}, {}, {"ean": "8"}]', 'x', '20')""")
    erp = SqlAdapter(f"sqlite:///{tmp_path}/erp.db", Nested, table="articles")
    fields = frozenset({"lines[*].ean", "size.width"})
    (item,) = [one for page in erp.read_items(None, fields=fields, limit=10) for one in page.items]
    assert (item.eans, item.dotted) == (("7", "8"), "20")
    assert set(item.row) == {"number", "lines", "size.width"}
    assert all(erp.describe().has(path) for path in fields)
    assert [one.eans for page in erp.read_hot(None, keys=None) for one in page.items] == [("7", "8")]
    with pytest.raises(ErpRefused, match=r"column\(s\) packs are not in 'articles'"):
        list(erp.read_items(None, fields=frozenset({"packs[0].ean"}), limit=10))
