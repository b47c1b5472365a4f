"""`SqlAdapter` on a real PostgreSQL, started for these tests alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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


def test_a_row_without_a_stamp_is_named(database: Database) -> None:
    database.do("UPDATE articles SET changed = NULL WHERE number = '0011'")
    with pytest.raises(ErpRefused, match="'articles', column 'changed': the row with key '0011' holds null"):
        read(database.adapter(changed_at="changed"))


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
