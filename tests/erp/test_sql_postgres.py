"""`SqlAdapter` on a real PostgreSQL, started for these tests alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import Choice, Cursor, ErpItem, Page, SqlAdapter, cold, hot, snapshot_diff
from akeneo_erp_bridge.errors import CursorExpired, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, constant, in_unit, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
FIELDS = frozenset({"number", "name", "weight"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(Decimal, "weight")
    price = hot(Decimal, "price")


class Numbered(ErpItem):
    number = cold(int, "id", key=True)
    name = cold(str, "name")


class Named(ErpItem):
    number = cold(UUID, "ref", key=True)
    name = cold(str, "name")


@pytest.fixture(scope="session")
def server(postgres: str) -> str:
    return postgres.replace("postgresql://", "postgresql+psycopg://")


class Database:
    """The ERP's own side of the database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = create_engine(url, poolclass=NullPool)

    def do(self, *statements: str, **values: object) -> None:
        with self.engine.begin() as connection:
            for one in statements:
                connection.execute(text(one), values)

    def adapter(self, item: type[ErpItem] = Article, **options: Any) -> SqlAdapter[Any]:
        return SqlAdapter(self.url, item, table="articles", **options)

    def adapter_of_query(self, query: str) -> SqlAdapter[Article]:
        return SqlAdapter(self.url, Article, query=query)


@pytest.fixture
def database(server: str) -> Database:
    one = Database(server)
    one.do(
        "DROP TABLE IF EXISTS articles CASCADE",
        """CREATE TABLE articles (id SERIAL PRIMARY KEY, number TEXT, ref UUID DEFAULT gen_random_uuid(), name TEXT,
           weight NUMERIC(10, 3), price NUMERIC(10, 2), changed TIMESTAMPTZ, changed_here TIMESTAMP)""",
    )
    for number in range(25):
        moment = START + timedelta(minutes=number)
        one.do(
            """INSERT INTO articles (number, name, weight, price, changed, changed_here)
               VALUES (:number, :name, 1.250, 9.90, :changed, :here)""",
            number=f"{number:04}",
            name=f"Name {number}",
            changed=moment,
            here=moment.astimezone(BERLIN).replace(tzinfo=None),
        )
    return one


def keys(pages: list[Page[Any]]) -> list[str]:
    return [one.key for page in pages for one in page.items]


def read(erp: Any, since: Cursor | None = None, limit: int = 7) -> list[Page[Any]]:
    return list(erp.read_items(since, fields=FIELDS, limit=limit))


def test_amounts_are_exact_and_columns_described(database: Database) -> None:
    erp = database.adapter()
    assert erp.check().ok
    assert {one.name: one.kind for one in erp.describe().fields}["weight"] == "numeric(10, 3)"
    (first, *_), *_ = (page.items for page in read(erp))
    assert (first.number, first.weight) == ("0000", Decimal("1.250"))


@pytest.mark.parametrize("options", [{}, {"changed_at": "changed"}, {"changed_at": "changed_here", "zone": BERLIN}])
def test_killed_after_any_page_the_union_is_complete(database: Database, options: dict[str, Any]) -> None:
    wanted = [f"{number:04}" for number in range(25)]
    for stop in range(1, 4):
        seen: list[Page[Any]] = []
        for page in database.adapter(**options).read_items(None, fields=FIELDS, limit=7):
            seen.append(page)
            if len(seen) == stop:
                break
        assert keys(seen + read(database.adapter(**options), seen[-1].resume)) == wanted


@pytest.mark.parametrize("options", [{"changed_at": "changed"}, {"changed_at": "changed_here", "zone": BERLIN}])
def test_the_second_run_reads_what_changed(database: Database, options: dict[str, Any]) -> None:
    erp = database.adapter(overlap=timedelta(minutes=2), **options)
    first = read(erp)
    later = START + timedelta(hours=1)
    here = later.astimezone(BERLIN).replace(tzinfo=None)
    database.do(
        "UPDATE articles SET name = 'new', changed = :changed, changed_here = :here WHERE number = '0003'",
        changed=later,
        here=here,
    )
    second = read(erp, first[-1].resume)
    assert keys(second) == ["0022", "0023", "0024", "0003"], "the overlap of two minutes, and what changed"
    assert keys(read(erp, second[-1].resume)) == ["0003"]


def test_the_sessions_time_zone_makes_no_difference(database: Database, server: str) -> None:
    elsewhere = Database(f"{server}&options=-c%20timezone%3DAsia%2FTokyo")
    first = read(elsewhere.adapter(changed_at="changed"))
    again = read(database.adapter(changed_at="changed"), first[-1].resume)
    assert keys(again) == [f"{number:04}" for number in range(14, 25)], "ten minutes of overlap, in both zones"


def test_stamps_with_and_without_zone_are_told_apart(database: Database) -> None:
    with pytest.raises(ErpRefused, match="a stamp without a time zone; say which is the ERP's"):
        read(database.adapter(changed_at="changed_here"))
    with pytest.raises(ErpRefused, match="with a time zone, yet zone="):
        read(database.adapter(changed_at="changed", zone=BERLIN))


def test_a_row_without_a_stamp_or_a_key_is_read_all_the_same(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    odd = {
        "0011": "NULL",
        "0012": "'infinity'",
        "0013": "'-infinity'",
        "0014": "'0044-03-15 BC'",
        "0015": "'10000-01-01'",
    }
    for number, stamp in odd.items():
        database.do(f"UPDATE articles SET changed = {stamp} WHERE number = '{number}'")
    database.do("UPDATE articles SET number = NULL WHERE number IN ('0003', '0022')")
    erp = database.adapter(changed_at="changed", overlap=timedelta(0))
    first = read(erp)
    assert sorted(keys(first)) == ["", "", *(f"{n:04}" for n in range(25) if n not in (3, 22))]
    assert "'articles', column 'changed': the row with key '001" in caplog.text
    second = keys(read(erp, first[-1].resume))
    assert sorted(second) == sorted(["0024", *odd]), "no row without a key has changed"
    database.do("UPDATE articles SET changed = NOW(), name = 'new' WHERE name = 'Name 3'")
    assert "" in keys(read(erp, first[-1].resume))
    assert sorted(keys(read(database.adapter()))) == sorted(keys(first))
    assert sorted(keys(read(database.adapter_of_query("SELECT * FROM articles")))) == sorted(keys(first))


class Timed(ErpItem):
    number = cold(str, "number", key=True)
    day = cold(date, "day")
    at = cold(datetime, "at")
    here = cold(datetime, "here")
    opens = cold(time, "opens")
    width = cold(Decimal, "size.width")


@pytest.mark.parametrize(
    ("column", "odd", "seen"),
    [
        ("day", "infinity", "'infinity', which is not a day"),
        ("day", "0044-03-15 BC", "'0044-03-15 BC', which is not a day"),
        ("day", "12026-02-01", "'12026-02-01', which is not a day"),
        ("at", "-infinity", "'-infinity', which is not a moment"),
        ("at", "10000-01-03 00:30:00+00", "'10000-01-0"),
        ("here", "0001-01-01 BC", "'0001-01-01 00:00:00 BC', which is not a moment"),
        ("opens", "24:00", "'24:00:00', which is not a time"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_days_that_python_has_not_are_problems_of_their_rows(
    database: Database, server: str, column: str, odd: str, seen: str, zone: str
) -> None:
    database.do(
        "DROP SCHEMA IF EXISTS odd CASCADE",
        "CREATE SCHEMA odd",
        "CREATE DOMAIN odd.born AS DATE",
        "CREATE TABLE odd.timed (number TEXT, day odd.born, at TIMESTAMPTZ, here TIMESTAMP, opens TIME, size JSONB)",
        """INSERT INTO odd.timed SELECT number, '2026-02-01', '9999-12-31 00:00:00+00', '9999-12-31 23:59:59', '08:30',
           '{"width": 12345678901234567.891}' FROM articles WHERE number < '0003'""",
        f"UPDATE odd.timed SET {column} = '{odd}' WHERE number = '0001'",
    )
    url = f"{server}&options=-c%20timezone%3D{zone.replace('/', '%2F')}"
    fields = frozenset({"number", "day", "at", "here", "opens", "size"})
    for options in ({"table": "timed", "schema": "odd"}, {"query": "SELECT * FROM odd.timed"}):
        erp = SqlAdapter(url, Timed, zone=BERLIN, **options)  # type: ignore[arg-type]  # each is a text
        first, rotten, last = (one for page in erp.read_items(None, fields=fields, limit=2) for one in page.items)
        for good in (first, last):
            assert (good.day, good.opens, good.here.year) == (date(2026, 2, 1), time(8, 30), 9999)
            assert good.at == datetime(9999, 12, 31, tzinfo=UTC)
            assert good.width == Decimal("12345678901234567.891")
        assert f"holds {seen}" in str(getattr(Timed, column).run(rotten))


def test_rows_of_some_uuids_or_numbers(database: Database) -> None:
    erp = database.adapter(Named)
    some = [one.key for page in erp.read_hot(None, keys=None) for one in page.items][3:5]
    assert sorted(keys(list(erp.read_hot(None, keys=[*some, "no uuid"])))) == sorted(some)
    numbered = database.adapter(Numbered)
    assert keys(list(numbered.read_hot(None, keys=["3", "4", "A-1", "003"]))) == ["3", "4"]
    assert keys(list(numbered.read_hot(None, keys=["3", str(2**40)]))) == ["3"]


def test_names_with_quotes_and_upper_case(database: Database) -> None:
    class Odd(ErpItem):
        number = cold(str, 'Art. "Nr." %(x)s :y', key=True)

    database.do(
        "DROP SCHEMA IF EXISTS odd CASCADE",
        "CREATE SCHEMA odd",
        """CREATE TABLE odd."Artikel ""neu"" %s" ("Art. ""Nr."" %(x)s \\:y" TEXT, "Geändert" TIMESTAMPTZ)""",
        """INSERT INTO odd."Artikel ""neu"" %s" VALUES ('1', 'infinity'), ('2', '2026-01-01'), (NULL, NULL)""",
    )
    fields = frozenset({"Geändert"})
    for options in ({}, {"changed_at": "Geändert"}):
        erp = SqlAdapter(database.url, Odd, table='Artikel "neu" %s', schema="odd", **options)  # type: ignore[arg-type]  # each is a text
        assert sorted(keys(list(erp.read_items(None, fields=fields, limit=2)))) == ["", "1", "2"]


# ---- what is worth a retry ----
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT number, FROM articles", "syntax error"),
        ("SELECT nothing FROM articles", 'column "nothing" does not exist'),
        ("SELECT no_such(number) AS number FROM articles", "function no_such"),
        ("SELECT number, 1 / (id - 3) AS name FROM articles", "division by zero"),
        ("SELECT number, weight::text::int AS name FROM articles", "invalid input syntax"),
        ("SELECT number, number FROM articles", "is ambiguous"),
        ("SELECT raised() AS number FROM articles", "not today"),
        ("SELECT number FROM articles FOR UPDATE OF pg_class", "."),
    ],
)
def test_a_wrong_statement_is_refused_in_the_databases_words(database: Database, query: str, words: str) -> None:
    database.do(
        "CREATE OR REPLACE FUNCTION raised() RETURNS text AS 'BEGIN RAISE EXCEPTION ''not today''; END' LANGUAGE plpgsql"
    )
    fields = frozenset({"number", "name"} if " AS name" in query else {"number"})
    with pytest.raises(ErpRefused, match=f"cannot read the query: .*{words}"):
        list(database.adapter_of_query(query).read_items(None, fields=fields, limit=5))


def test_what_may_pass_is_worth_a_retry(database: Database, server: str) -> None:
    slow = SqlAdapter(
        f"{server}&options=-c%20statement_timeout%3D100", Numbered, query="SELECT 1 AS id, pg_sleep(5)::text AS name"
    )
    with pytest.raises(ErpUnreachable, match="statement timeout"):
        list(slow.read_items(None, fields=frozenset({"name"}), limit=5))
    with database.engine.connect() as other:
        other.execute(text("LOCK TABLE articles"))
        locked = SqlAdapter(f"{server}&options=-c%20lock_timeout%3D100", Article, table="articles")
        with pytest.raises(ErpUnreachable, match="lock timeout"):
            read(locked)
    url = make_url(server).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(ErpRefused, match="is not there .*check its name"):
        read(SqlAdapter(url, Article, table="articles"))
    url = make_url(server).set(username="nobody_here").render_as_string(hide_password=False)
    with pytest.raises(ErpRefused, match="refuses user nobody_here"):
        read(SqlAdapter(url, Article, table="articles"))


@pytest.mark.parametrize("options", [{}, {"changed_at": "changed"}])
def test_a_connection_that_is_lost_amid_the_rows_is_worth_a_retry(database: Database, options: dict[str, Any]) -> None:
    database.do(
        "INSERT INTO articles (number, name, changed) SELECT 'X' || n, repeat('x', 1000), NOW() FROM generate_series(1, 20000) n"
    )
    pages = database.adapter(**options).read_items(None, fields=FIELDS, limit=50)
    first = next(pages)
    database.do(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    with pytest.raises(ErpUnreachable, match="failed: .*check that it runs"):
        list(pages)
    rest = read(database.adapter(**options), first.resume, limit=5000)
    assert len({*keys([first]), *keys(rest)}) == 20_025


@pytest.mark.parametrize("item", [Numbered, Named])
def test_keys_of_other_kinds(database: Database, item: type[ErpItem]) -> None:
    fields = frozenset({"id" if item is Numbered else "ref", "name"})
    erp = database.adapter(item)
    whole = list(erp.read_items(None, fields=fields, limit=7))
    assert len(set(keys(whole))) == 25
    rest = list(erp.read_items(whole[1].resume, fields=fields, limit=7))
    assert keys([*whole[:2], *rest]) == keys(whole)


def test_a_deleted_row_is_a_tombstone(database: Database, tmp_path: Any) -> None:
    erp = snapshot_diff(database.adapter(), tmp_path / "keys.db")
    first = read(erp)
    database.do("DELETE FROM articles WHERE number = '0005'")
    assert [key for page in read(erp, first[-1].resume) for key in page.tombstones] == ["0005"]


def test_hot_fields_of_some_keys(database: Database) -> None:
    (page, *_) = database.adapter().read_hot(None, keys=["0003", "0004"])
    assert [(one.key, one.price) for one in page.items] == [("0003", Decimal("9.90")), ("0004", Decimal("9.90"))]


@pytest.mark.parametrize(
    ("path", "values", "found"),
    [
        ("number", ("0003", "0024", "no such"), 2),
        ("name", ("Name 7",), 1),
        ("id", (3, 4), 2),
        ("id", ("3", "004", "x"), 1),
        ("id", (2**40,), 25),
        ("weight", ("1.25",), 25),
        ("ref", ("x",), 25),
    ],
)
def test_a_choice_is_made_where_the_database_compares_as_python_does(
    database: Database, path: str, values: tuple[str | int, ...], found: int
) -> None:
    pages = list(database.adapter().read_some(Choice(path, values), fields=FIELDS, limit=7))
    assert len(keys(pages)) == found


def test_errors_name_what_is_wrong_and_no_password(database: Database) -> None:
    dead = SqlAdapter("postgresql+psycopg://reader:S3CRET@127.0.0.1:9/live", Article, table="articles")
    health = dead.check()
    assert not health.ok
    assert "S3CRET" not in health.message
    with pytest.raises(ErpUnreachable, match=r"database postgresql\+psycopg://reader:\*\*\*@127.0.0.1:9/live failed"):
        read(dead)
    with pytest.raises(ErpRefused, match="table 'artikel' is not in the database; it has: articles"):
        list(SqlAdapter(database.url, Article, table="artikel").read_items(None, fields=FIELDS, limit=5))
    with pytest.raises(CursorExpired):
        read(database.adapter(), Cursor("snapshot", '"0003"', "of another table"))


def test_a_column_of_transactions_waits_for_those_that_are_open(database: Database) -> None:
    database.do("ALTER TABLE articles ADD tx xid8 NOT NULL DEFAULT pg_current_xact_id()")
    erp = database.adapter(sequence="tx", behind=0)
    with database.engine.connect() as slow:
        slow.execute(text("UPDATE articles SET tx = pg_current_xact_id(), name = 'late' WHERE number = '0003'"))
        database.do("UPDATE articles SET tx = pg_current_xact_id(), name = 'early' WHERE number = '0004'")
        first = read(erp)
        assert len(keys(first)) == 25, "what is committed is shown, and what an open transaction changes is as it was"
        slow.commit()
    second = read(erp, first[-1].resume)
    assert sorted(keys(second)) == ["0003", "0004"]
    assert keys(read(erp, second[-1].resume)) == []
    # a stop amid one transaction of many rows goes on in it
    database.do("UPDATE articles SET tx = pg_current_xact_id(), name = 'all'")
    begun = read(erp, second[-1].resume)[0]
    assert sorted(keys([begun, *read(erp, begun.resume)])) == [f"{number:04}" for number in range(25)]


def test_a_sequence_filled_by_a_trigger(database: Database) -> None:
    database.do(
        "ALTER TABLE articles ADD seq BIGSERIAL",
        """CREATE OR REPLACE FUNCTION counted() RETURNS trigger AS 'BEGIN NEW.seq = nextval(''articles_seq_seq''); RETURN NEW; END'
           LANGUAGE plpgsql""",
        "CREATE TRIGGER counts BEFORE UPDATE ON articles FOR EACH ROW EXECUTE FUNCTION counted()",
    )
    erp = database.adapter(sequence="seq", behind=2)
    first = read(erp)
    assert len(keys(first)) == 25
    database.do("UPDATE articles SET name = 'new' WHERE number = '0007'")
    assert keys(read(erp, first[-1].resume)) == ["0023", "0024", "0007"]


def test_a_missing_right_is_named_with_its_grant(database: Database) -> None:
    database.do("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'S3CRET'")
    url = make_url(database.url).set(username="reader", password="S3CRET").render_as_string(hide_password=False)
    health = SqlAdapter(url, Article, table="articles").check()
    assert "user reader may not read articles" in health.message
    assert "GRANT SELECT ON articles TO reader" in health.message
    assert "S3CRET" not in health.message
    database.do("GRANT SELECT ON articles TO reader")
    assert SqlAdapter(url, Article, table="articles").check().ok
    database.do("REVOKE ALL ON articles FROM reader", "DROP ROLE reader")


def test_a_query_with_casts_is_read(database: Database) -> None:
    query = (
        "SELECT number, upper(name) AS name, (weight * 2)::numeric(10, 2) AS weight FROM articles WHERE number < '0003'"
    )
    pages = read(database.adapter_of_query(query))
    assert [(one.number, one.name, one.weight) for page in pages for one in page.items] == [
        (f"000{number}", f"NAME {number}", Decimal("2.50")) for number in range(3)
    ]


def test_the_bridge_from_postgresql_to_the_pim(database: Database) -> None:
    mapping = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        constant("hand_tools").to(FAMILY),
        (Article.name >> clean()).required().to(Cell[str]("name", locale="en_US")),
        (Article.weight >> in_unit("KILOGRAM")).to(Cell("weight")),
    )
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(":memory:") as state,
    ):
        job = ErpToPim(database.adapter(changed_at="changed", overlap=timedelta(0)), mapping, pim, state)
        assert job.run().created == 25
        database.do("UPDATE articles SET name = 'Hammer', changed = now() WHERE number = '0001'")
        simulator.forget_calls()
        report = job.run()
        assert (report.updated, report.cells, len(simulator.mutating_calls)) == (1, 1, 1)
        assert report.read <= 2
