"""What SQLite and the address of a database say no with: whose fault it is, and whether another try is worth it."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from akeneo_erp_bridge.erp import ErpItem, Nested, SqlAdapter, cold
from akeneo_erp_bridge.erp._sql._address import UnusableAddress, engine_at
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable

FIELDS = frozenset({"number", "name"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "erp.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE articles (number TEXT, name TEXT, changed TEXT)")
        db.executemany("INSERT INTO articles VALUES (?, 'x', '2026-01-01')", [(f"{n:05}",) for n in range(5000)])
    return path


def read(adapter: SqlAdapter[Article]) -> list[Article]:
    return [one for page in adapter.read_items(None, fields=FIELDS, limit=50) for one in page.items]


# ---- addresses ----
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql+psycopg2://reader:S3CRET@erp/live", "'psycopg2', which is not installed: pip install 'psycopg2-binary', or write postgresql"),
        ("mysql://reader:S3CRET@erp/live", "'MySQLdb', which is not installed: pip install 'mysqlclient', or write mysql"),
        ("mssql+pyodbc://reader:S3CRET@erp/live", "'pyodbc', which is not installed: pip install 'pyodbc'"),
        ("oracle+oracledb://reader:S3CRET@erp/live", "'oracledb', which is not installed: pip install 'oracledb'"),
        ("sybase://reader:S3CRET@erp/live", "NoSuchModuleError; write e.g. sqlite:///erp.db"),
        ("mariadb+pymysql://reader:S3CRET@erp:port/live", "write e.g. sqlite:///erp.db"),
        ("erp.db", "write e.g. sqlite:///erp.db"),
    ],
)  # fmt: skip
def test_an_address_that_is_not_usable_says_what_to_install(url: str, told: str) -> None:
    with pytest.raises(ErpRefused) as caught:
        SqlAdapter(url, Article, table="articles")
    assert told in str(caught.value)
    assert "S3CRET" not in str(caught.value)


def test_a_driver_that_is_broken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "pymysql":
                raise ImportError("libssl is missing\nand more")

    monkeypatch.delitem(sys.modules, "pymysql", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(UnusableAddress, match="cannot be loaded: libssl is missing; install it anew"):
        engine_at("mysql+pymysql://erp/live", example="")


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite:///file:{}?uri=true", "sqlite+pysqlite:///{}"])
def test_a_file_that_is_not_there_is_named_and_not_made(tmp_path: Path, form: str) -> None:
    wrong = tmp_path / "epr.db"
    adapter = SqlAdapter(form.format(wrong), Article, table="articles")
    told = f"there is no database {wrong} "
    with pytest.raises(ErpRefused, match=told):
        read(adapter)
    assert told in adapter.check().message
    assert not wrong.exists()


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite:///file:{}?uri=true", "sqlite:///file:{}?mode=ro&uri=true"])
def test_a_file_that_is_there_is_read_whatever_its_address(path: Path, form: str) -> None:
    assert len(read(SqlAdapter(form.format(path), Article, table="articles"))) == 5000


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true", "sqlite:///file:x?mode=memory&uri=true"],
)
def test_a_database_in_memory_is_no_file(url: str) -> None:
    assert len(read(SqlAdapter(url, Article, query="SELECT '1' AS number, 'x' AS name"))) == 1


# ---- statements ----
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT number, FROM articles", 'near "FROM": syntax error'),
        ("SELECT no_col FROM articles", "no such column: no_col"),
        ("SELECT no_such(number) AS number FROM articles", "no such function: no_such"),
        ("SELECT * FROM artikel", "no such table: artikel"),
        ("SELECT number, json_extract('{', '$') AS name FROM articles", "malformed JSON"),
        ("SELECT number, abs(-9223372036854775808) AS name FROM articles", "integer overflow"),
        ("DELETE FROM articles", "syntax error"),
    ],
)
def test_a_wrong_statement_is_refused_in_the_databases_words(path: Path, query: str, words: str) -> None:
    adapter = SqlAdapter(f"sqlite:///{path}", Article, query=query)
    with pytest.raises(ErpRefused, match=f"cannot read the query: .*{words}"):
        read(adapter)
    assert words in adapter.check().message
    nested = {"lines": Nested(query=query, by="number", columns=["name"])}
    with pytest.raises(ErpRefused, match=words):
        list(
            SqlAdapter(f"sqlite:///{path}", Article, table="articles", nested=nested).read_items(
                None, fields=frozenset({"lines"}), limit=5
            )
        )


def test_a_file_that_is_no_database_or_is_damaged_is_refused(path: Path) -> None:
    adapter = SqlAdapter(f"sqlite:///{path}", Article, table="articles")
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x00" * (len(whole) - 4096))
    with pytest.raises(ErpRefused, match="cannot read articles: .*malformed"):
        read(adapter)
    path.write_text("number;name\n" * 500)
    with pytest.raises(ErpRefused, match="cannot read articles: .*not a database"):
        read(adapter)


def test_a_database_that_is_locked_is_worth_a_retry(path: Path) -> None:
    adapter = SqlAdapter(f"sqlite:///{path}?timeout=0.05", Article, table="articles")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ErpUnreachable, match="database is locked"):
            read(adapter)
    assert len(read(adapter)) == 5000


def test_a_view_of_a_table_that_is_gone_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE gone (number TEXT, name TEXT)")
        db.execute("CREATE VIEW goods AS SELECT * FROM gone")
        db.execute("DROP TABLE gone")
    with pytest.raises(ErpRefused, match="gone"):
        read(SqlAdapter(f"sqlite:///{path}", Article, table="goods"))


def test_a_view_without_a_key_of_its_own_is_read_in_the_order_of_the_column(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE VIEW goods AS SELECT number, upper(name) AS name FROM articles WHERE number < '00500'")
    assert [one.key for one in read(SqlAdapter(f"sqlite:///{path}", Article, table="goods"))] == [
        f"{n:05}" for n in range(500)
    ]


def test_a_query_with_a_column_twice_is_read_by_the_first(path: Path) -> None:
    query = "SELECT a.*, b.* FROM articles a JOIN articles b ON a.number = b.number AND a.number < '00003'"
    assert [one.key for one in read(SqlAdapter(f"sqlite:///{path}", Article, query=query))] == [
        "00000",
        "00001",
        "00002",
    ]
