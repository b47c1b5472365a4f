"""`SqlAdapter` on a real MariaDB, started for these tests alone: collations, zeros for days, bits, rights, secrets."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import NullPool, create_engine, event, text

from akeneo_erp_bridge.erp import Cursor, ErpItem, Lines, Nested, Page, SqlAdapter, cold, hot, internal, translations
from akeneo_erp_bridge.errors import CursorExpired, ErpRefused, ErpUnreachable

BERLIN = ZoneInfo("Europe/Berlin")
FIELDS = frozenset({"number", "name"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(Decimal, "weight")
    active = cold(bool, "active")
    flag = cold(bool, "flag")
    since = cold(date, "since")
    changed = cold(datetime, "changed")
    price = hot(Decimal, "price")
    cost = internal(Decimal, "cost")


class Keyed(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")


class Rich(ErpItem):
    number = cold(str, "number", key=True)
    names = translations("texts", language="lang", text="name")
    pieces = hot(int, "stock[*].pieces").many()
    stock = hot(Lines, "stock")


class Database:
    """The ERP's own side of the database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = create_engine(url, poolclass=NullPool)

    def do(self, *statements: str, **values: object) -> None:
        with self.engine.begin() as connection:
            for one in statements:
                connection.execute(text(one), values)

    def adapter(self, item: type[ErpItem] = Keyed, **options: Any) -> SqlAdapter[Any]:
        options = options if "query" in options else {"table": "articles", **options}
        return SqlAdapter(self.url, item, **options)


@pytest.fixture
def database(mariadb: str) -> Iterator[Database]:
    server = Database(mariadb)
    server.do("DROP DATABASE IF EXISTS erp", "CREATE DATABASE erp COLLATE utf8mb4_general_ci")
    one = Database(f"{mariadb}/erp")
    one.do(
        """CREATE TABLE articles (number VARCHAR(40), name TEXT, weight DECIMAL(18, 6), active TINYINT(1), flag BIT(1),
           since DATE, changed DATETIME(6), price DECIMAL(10, 2), cost DECIMAL(10, 2), seq BIGINT, KEY (number))"""
    )
    yield one
    server.do("DROP DATABASE erp", "DROP USER IF EXISTS reader")


def insert(database: Database, *rows: tuple[str, str], first: int = 1) -> None:
    for seq, (number, name) in enumerate(rows, start=first):
        database.do(
            "INSERT INTO articles (number, name, seq, changed) VALUES (:number, :name, :seq, :changed)",
            number=number,
            name=name,
            seq=seq,
            changed=datetime(2026, 3, 1, 8),  # noqa: DTZ001 - the column names no zone
        )


def read(erp: Any, since: Cursor | None = None, limit: int = 2, fields: frozenset[str] = FIELDS) -> list[Page[Any]]:
    return list(erp.read_items(since, fields=fields, limit=limit))


def rows(pages: list[Page[Any]]) -> list[dict[str, Any]]:
    return [dict(one.row) for page in pages for one in page.items]


def killed_after_each_page(erp: Any, limit: int) -> list[tuple[str, str]]:
    """What a reader sees who is killed after each page, and goes on at its cursor."""
    seen: list[tuple[str, str]] = []
    since = None
    for _ in range(100):
        pages = erp.read_items(since, fields=FIELDS, limit=limit)
        page = next(pages)
        pages.close()
        seen += [(one.row["number"], one.row["name"]) for one in page.items]
        since = page.resume
        if not page.items or '"began": null' in since.blob:
            return seen
    raise AssertionError("it never gets to the end")


# ---- values ----
def test_amounts_bits_days_and_moments(database: Database) -> None:
    database.do(
        """INSERT INTO articles (number, weight, active, flag, since, changed)
           VALUES ('007', 0.100000, 1, b'1', '2026-03-01', '2026-03-01 08:30:00'), ('008', 12345678901.1, 0, b'0', NULL, NULL)"""
    )
    fields = frozenset({"number", "weight", "active", "flag", "since", "changed"})
    for erp in (
        database.adapter(Article, zone=BERLIN),
        database.adapter(Article, zone=BERLIN, query="SELECT * FROM articles"),
    ):
        first, second = (one for page in read(erp, fields=fields, limit=5) for one in page.items)
        assert (str(first.weight), first.active, first.flag, first.since) == ("0.100000", True, True, date(2026, 3, 1))
        assert first.changed == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
        assert (str(second.weight), second.active, second.flag) == ("12345678901.100000", False, False)


@pytest.mark.parametrize("options", [{}, {"query": "SELECT * FROM articles"}])
def test_a_day_of_zeros_is_no_day(database: Database, options: dict[str, Any]) -> None:
    database.do(
        "SET sql_mode = ''",
        "INSERT INTO articles (number, since, changed) VALUES ('1', '0000-00-00', '0000-00-00 00:00:00')",
    )
    ((row),) = rows(read(database.adapter(Article, **options), fields=frozenset({"number", "since", "changed"})))
    assert row == {"number": "1", "since": None, "changed": None}
    with pytest.raises(ErpRefused, match=r"'articles', column 'changed': the row with key '1' holds '0000-00-00"):
        read(database.adapter(Article, changed_at="changed", zone=BERLIN))


# ---- collations ----
COLLATED = [("abc", "1"), ("ABC", "2"), ("Abc", "3"), ("abc ", "4"), ("abd", "5"), ("äbc", "6"), ("abc", "7")]


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"query": "SELECT number, name, seq, changed FROM articles"},
        {"sequence": "same"},
        {"changed_at": "changed", "zone": BERLIN, "overlap": timedelta(0)},
    ],
)
def test_keys_that_the_database_takes_for_equal_are_not_lost(
    database: Database, options: dict[str, Any], limit: int
) -> None:
    insert(database, *COLLATED)
    database.do("ALTER TABLE articles ADD same BIGINT DEFAULT 7")
    seen = killed_after_each_page(database.adapter(**options), limit)
    if "sequence" in options:  # rows of one key may come apart there, and one number and key are one place
        assert {number for number, _ in seen} == {number for number, _ in COLLATED}
        return
    assert sorted(set(seen)) == sorted(COLLATED)


def test_keys_of_other_character_sets_are_not_lost(database: Database) -> None:
    database.do("ALTER TABLE articles MODIFY number VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci")
    numbers = [("ö1", "1"), ("Ö1", "2"), ("o1", "3"), ("O1", "4")]
    insert(database, *numbers)
    assert sorted(killed_after_each_page(database.adapter(), 1)) == sorted(numbers)


def test_a_unique_key_keeps_its_index(database: Database) -> None:
    database.do("ALTER TABLE articles ADD PRIMARY KEY (number)")
    insert(database, ("b", "2"), ("A", "1"), ("c", "3"))
    assert [number for number, _ in killed_after_each_page(database.adapter(), 1)] == ["A", "b", "c"]


# ---- changes ----
def test_a_sequence_finds_what_changed(database: Database) -> None:
    insert(database, *((f"{one:02}", "x") for one in range(20)))
    erp = database.adapter(sequence="seq", behind=3)
    first = read(erp, limit=6)
    assert len(rows(first)) == 20
    assert [one["number"] for one in rows(read(erp, first[-1].resume))] == ["17", "18", "19"], "three behind"
    database.do("UPDATE articles SET seq = 100, name = 'new' WHERE number = '04'")
    second = read(erp, first[-1].resume)
    assert [one["number"] for one in rows(second)] == ["17", "18", "19", "04"]
    assert [one["number"] for one in rows(read(erp, second[-1].resume))] == ["04"]


def test_a_transaction_that_commits_late_is_not_lost(database: Database) -> None:
    insert(database, ("1", "old"), ("2", "old"), ("3", "old"))
    erp = database.adapter(sequence="seq", behind=5)
    with database.engine.connect() as slow:
        slow.execute(text("UPDATE articles SET seq = 4, name = 'late' WHERE number = '1'"))
        database.do("UPDATE articles SET seq = 5, name = 'early' WHERE number = '2'")
        first = read(erp)
        assert {one["name"] for one in rows(first)} == {"old", "early"}
        slow.commit()
    assert "late" in [one["name"] for one in rows(read(erp, first[-1].resume))]


def test_a_long_interrupted_run_moves_nothing_past_a_late_row(database: Database) -> None:
    insert(database, *((f"{one:02}", "old") for one in range(6)))
    erp = database.adapter(sequence="seq", behind=2)
    with database.engine.connect() as slow:
        slow.execute(text("UPDATE articles SET seq = 7, name = 'late' WHERE number = '00'"))
        begun = read(erp)[0]
        database.do("UPDATE articles SET seq = 50 WHERE number = '05'")
        ended = read(erp, begun.resume)[-1]  # days later, it has met number 50
        slow.commit()
    assert "late" in [one["name"] for one in rows(read(erp, ended.resume))]


def test_a_sequence_that_went_back_expires_the_cursor(database: Database) -> None:
    insert(database, ("1", "x"), first=5_000)
    erp = database.adapter(sequence="seq")
    last = read(erp)[-1].resume
    database.do("UPDATE articles SET seq = 12")
    with pytest.raises(CursorExpired, match="the cursor is at 5000, and the column 'seq' ends at 12"):
        read(erp, last)
    with pytest.raises(CursorExpired, match="of other columns"):
        read(erp, Cursor("sequence", '{"done": 12}', "another"))


def test_a_row_without_a_number_is_read_in_each_run(database: Database) -> None:
    insert(database, ("1", "x"), ("2", "y"))
    database.do("INSERT INTO articles (number, name) VALUES ('3', 'none'), (NULL, 'no key')")
    erp = database.adapter(sequence="seq", behind=0)
    first = read(erp)
    assert [one["number"] for one in rows(first)] == ["1", "2", "3", None]
    assert [one["number"] for one in rows(read(erp, first[-1].resume))] == ["3", None]
    with pytest.raises(ErpRefused, match=r"column 'name': the row with key .* holds '.*', which is no whole number"):
        read(database.adapter(sequence="name"))


def test_a_row_without_a_stamp_or_a_key_is_read_all_the_same(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    insert(database, *((f"{one}", "x") for one in range(6)))
    database.do(
        "UPDATE articles SET changed = '2026-03-01 09:00:00' WHERE number = '5'",
        "SET sql_mode = ''",
        "UPDATE articles SET changed = '0000-00-00 00:00:00' WHERE number = '1'",
        "UPDATE articles SET changed = '2026-00-00 00:00:00' WHERE number = '2'",
        "UPDATE articles SET changed = NULL WHERE number = '3'",
        "UPDATE articles SET number = NULL WHERE number = '4'",
    )
    erp = database.adapter(changed_at="changed", zone=BERLIN, overlap=timedelta(0))
    first = read(erp)
    assert [one["number"] for one in rows(first)][:2] == ["0", "5"]
    assert sorted(str(one["number"]) for one in rows(first)) == ["0", "1", "2", "3", "5", "None"]
    assert "'articles', column 'changed': the row with key '1' holds '0000-00-00" in caplog.text
    assert sorted(str(one["number"]) for one in rows(read(erp, first[-1].resume))) == ["1", "2", "3", "5"]
    for other in (database.adapter(), database.adapter(query="SELECT * FROM articles")):
        assert [one["number"] for one in rows(read(other))] == ["0", "1", "2", "3", "5", None]


class Odd(ErpItem):
    number = cold(str, "number", key=True)
    ratio = cold(Decimal, "ratio")
    since = cold(date, "since")
    opens = cold(time, "opens")
    raw = cold(str, "raw")
    name = cold(str, "name")


def test_values_are_what_the_database_holds(database: Database) -> None:
    database.do(
        "ALTER TABLE articles ADD ratio DOUBLE, ADD opens TIME, ADD raw BLOB",
        "SET sql_mode = ''",
        "INSERT INTO articles (number, ratio, opens, since) VALUES ('1', 123456789.1, '08:30:00', '2026-02-01')",
        "INSERT INTO articles (number, ratio, opens, since, raw) VALUES ('2', 1e-12, '25:00:00', '2026-00-00', x'4dfc')",
        "INSERT INTO articles (number, name, opens) VALUES ('3', '0000-00-00 is what we write', '-01:00:00')",
    )
    fields = frozenset({"number", "name", "ratio", "opens", "raw", "since"})
    first, second, third = (one for page in read(database.adapter(Odd), fields=fields) for one in page.items)
    assert (str(first.ratio), first.opens, first.since) == ("123456789.1", time(8, 30), date(2026, 2, 1))
    assert (str(second.ratio), third.name) == ("1E-12", "0000-00-00 is what we write")
    told = [
        str(one) for one in (Odd.opens.run(second), Odd.raw.run(second), Odd.since.run(second), Odd.opens.run(third))
    ]
    assert "holds datetime.timedelta(days=1, seconds=3600), which is not a time" in told[0]
    assert "holds b'M\\xfc', which is not a text" in told[1]
    assert "holds '2026-00-00', which is not a day" in told[2]
    assert "which is not a time" in told[3]


# ---- what is worth a retry ----
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT number, FROM articles", "syntax"),
        ("SELECT nothing FROM articles", "Unknown column"),
        ("SELECT no_such(number) AS number FROM articles", "does not exist"),
        ("SELECT number, name AS number FROM articles", "Duplicate column"),
        ("SELECT number FROM no_such", "doesn't exist"),
        ("SELECT a.number FROM articles a JOIN articles b WHERE name = 1", "ambiguous"),
    ],
)
def test_a_wrong_statement_is_refused_in_the_databases_words(database: Database, query: str, words: str) -> None:
    with pytest.raises(ErpRefused, match=f"cannot read the query: .*{words}"):
        read(database.adapter(query=query), fields=frozenset({"number"}))


def test_a_view_of_a_table_that_is_gone_is_refused(database: Database) -> None:
    database.do("CREATE TABLE gone (number INT)", "CREATE VIEW goods AS SELECT * FROM gone", "DROP TABLE gone")
    with pytest.raises(ErpRefused, match="goods"):
        read(SqlAdapter(database.url, Keyed, table="goods"))


def test_what_may_pass_is_worth_a_retry(database: Database) -> None:
    insert(database, ("1", "x"))
    slow = database.adapter(query="SELECT number, SLEEP(5) AS name FROM articles")
    event.listen(slow._engine, "connect", lambda one, _: one.query("SET max_statement_time = 0.1"))
    with pytest.raises(ErpUnreachable, match="max_statement_time"):
        read(slow)
    with pytest.raises(ErpRefused, match="cannot be connected to .*unexpected keyword"):
        read(SqlAdapter(f"{database.url}?no_such=1", Keyed, table="articles"))


def failure(pages: Iterator[Page[Any]]) -> str:
    try:
        list(pages)
    except ErpUnreachable as error:
        return str(error)
    raise AssertionError("it came to its end")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the driver's own, as it is given up
@pytest.mark.parametrize("options", [{}, {"changed_at": "changed", "zone": BERLIN}])
def test_a_connection_that_is_lost_amid_the_rows_is_worth_a_retry(
    database: Database, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    # what is logged of the driver's own trouble would keep its remains beyond this test
    caplog.set_level(logging.CRITICAL + 1, logger="sqlalchemy.pool")
    database.do(
        """INSERT INTO articles (number, name, changed)
           SELECT LPAD(seq, 7, '0'), REPEAT('x', 2000), '2026-03-01' FROM seq_1_to_20000"""
    )
    pages = database.adapter(**options).read_items(None, fields=FIELDS, limit=50)
    first = next(pages)
    with database.engine.connect() as other:
        ids = "SELECT id FROM information_schema.processlist WHERE db = 'erp' AND id <> CONNECTION_ID()"
        for number in other.execute(text(ids)).scalars().all():
            other.execute(text(f"KILL {number}"))
    why = failure(pages)
    del pages
    gc.collect()  # here, where what the driver says of it is let pass
    assert "failed: " in why
    assert "check that it runs" in why
    rest = read(database.adapter(**options), first.resume, limit=5000)
    assert len({one["number"] for one in rows([first, *rest])}) == 20_000


# ---- queries and nested rows ----
def test_a_query_is_read_like_a_table(database: Database) -> None:
    insert(database, *((f"{one:02}", f"50 % of {one}: {one}") for one in range(5)))
    erp = database.adapter(query="SELECT number, CONCAT(name, ' :x') AS name FROM articles WHERE name LIKE '50 %';")
    assert erp.check().ok
    assert {one.name for one in erp.describe().fields} == {"number", "name"}
    assert killed_after_each_page(erp, 2) == [(f"{one:02}", f"50 % of {one}: {one} :x") for one in range(5)]
    with pytest.raises(ErpRefused, match="cannot read the query: .*syntax"):
        read(database.adapter(query="SELEC number"))


def test_texts_and_stock_are_lines_of_their_item(database: Database) -> None:
    insert(database, ("A", "x"), ("b", "y"), ("C", "z"))
    database.do(
        "CREATE TABLE texts (article VARCHAR(40), lang CHAR(2), name TEXT, secret TEXT)",
        "INSERT INTO texts VALUES ('A', 'de', 'Säge', '?'), ('A', 'en', 'Saw', '?'), ('B ', 'en', 'Axe', '?')",
        "CREATE TABLE stock (article VARCHAR(40), warehouse TEXT, pieces INT)",
        "INSERT INTO stock VALUES ('A', 'north', 3), ('A', 'south', 4), ('c', 'north', 5)",
    )
    nested = {
        "texts": Nested(table="texts", by="article", columns=["lang", "name"]),
        "stock": Nested(query="SELECT * FROM stock", by="article", columns=["warehouse", "pieces"]),
    }
    for options in ({}, {"sequence": "seq"}, {"changed_at": "changed", "zone": BERLIN}):
        erp = database.adapter(Rich, nested=nested, **options)
        assert erp.check().ok, erp.check().message
        assert {"texts", "stock"} <= erp.describe().field_names
        pages = read(erp, fields=frozenset({"number", "texts", "stock"}))
        found = {one.key: one for page in pages for one in page.items}
        first, second, third = (found[key] for key in ("A", "b", "C"))
        assert (first.names["de"], first.names["en"], first.pieces) == ("Säge", "Saw", (3, 4))
        assert (second.names["en"], second.pieces) == ("Axe", ()), "the database joins 'b' and 'B '"
        assert (third.names.languages, third.pieces) == ((), (5,))
        assert dict(first.row["texts"][0]) == {"lang": "de", "name": "Säge"}, "only what is named"
    (hot_page, *_) = database.adapter(Rich, nested=nested).read_hot(None, keys=["A"])
    assert [one.pieces for one in hot_page.items] == [(3, 4)]
    wrong = database.adapter(Rich, nested={**nested, "texts": Nested(table="texts", by="item", columns=["lang"])})
    with pytest.raises(ErpRefused, match="item are not in 'texts'; it has: article, lang, name, secret"):
        read(wrong, fields=frozenset({"number", "texts"}))


# ---- rights and secrets ----
def reader(database: Database, *grants: str) -> str:
    database.do("CREATE OR REPLACE USER reader IDENTIFIED BY 'S3CRET-pass'", *grants)
    return database.url.replace("root@", "reader:S3CRET-pass@")


def test_a_missing_right_is_named_with_its_grant(database: Database) -> None:
    insert(database, ("A", "x"))
    database.do("CREATE TABLE texts (article VARCHAR(40), lang CHAR(2), name TEXT)")
    url = reader(database, "GRANT SELECT ON erp.texts TO reader")
    message = SqlAdapter(url, Keyed, table="articles").check().message
    assert "user reader may not read erp.articles" in message or "user reader may not read articles" in message
    assert "GRANT SELECT ON" in message
    url = reader(database, "GRANT SELECT (number, name) ON erp.articles TO reader")
    nested = {"texts": Nested(table="texts", by="article", columns=["lang", "name"])}
    health = SqlAdapter(url, Keyed, query="SELECT number, name FROM articles").check()
    assert health.ok, health.message
    health = SqlAdapter(url, Rich, query="SELECT number FROM articles", nested=nested).check()
    assert not health.ok
    assert "texts" in health.message


def test_no_message_shows_a_password(database: Database) -> None:
    url = reader(database)
    wrong = url.replace("S3CRET-pass", "S3CRET-wrong")
    dead = "mariadb+pymysql://reader:S3CRET-pass@127.0.0.1:9/erp?ssl_key=S3CRET-key"
    for one, told in (
        (wrong, "refuses user reader"),
        (dead, "failed"),
        (url, "may not"),
        (url.replace("/erp", "/nowhere"), "nowhere"),
        (url.replace("mariadb+pymysql", "mariadb+nothing"), "not usable"),
    ):
        try:
            message = SqlAdapter(one, Keyed, table="articles").check().message
        except ErpRefused as error:
            message = str(error)
        assert told in message
        assert "S3CRET" not in message
    with pytest.raises(ErpUnreachable) as caught:
        read(SqlAdapter(dead, Keyed, table="articles"))
    assert caught.value.__cause__ is None
    assert "S3CRET" not in str(caught.value)


def test_memory_is_flat_on_a_stream(database: Database) -> None:
    import tracemalloc

    def peak(count: int) -> int:
        database.do(
            "DELETE FROM articles",
            f"INSERT INTO articles (number, name) SELECT LPAD(seq, 7, '0'), REPEAT('x', 50) FROM seq_1_to_{count}",
        )
        tracemalloc.start()
        assert sum(len(page.items) for page in database.adapter().read_items(None, fields=FIELDS, limit=500)) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(20_000) <= 1.3 * peak(5_000)
