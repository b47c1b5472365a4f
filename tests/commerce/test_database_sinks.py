"""Offers in databases: equal values come back, what is late has no effect, and a bad offer hinders no good one."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce import (
    Offer,
    OfferPrice,
    OfferReader,
    PriceList,
    SqliteSink,
    SqlSink,
    Stock,
    StockLevel,
)
from akeneo_erp_bridge.commerce._wire import canonical, from_wire, same_value, to_wire
from akeneo_erp_bridge.errors import ConfigurationError, SinkError

KEY = ErpKey("DR-18")
PRICES = PriceList(
    (
        OfferPrice(
            Decimal("9.90"), CurrencyCode("EUR"), tax_included=True, valid_until=datetime(2026, 2, 1, tzinfo=UTC)
        ),
        OfferPrice(Decimal("8.5"), CurrencyCode("EUR"), group="Händler", from_quantity=Decimal(10)),
    )
)
STOCK = Stock(
    (StockLevel("MAIN", Decimal(7), reserved=Decimal(2), incoming=Decimal("0.5")), StockLevel("B", Decimal(0)))
)
VALUES = {
    "price": Decimal("1234567890123456789.0100"),
    "zero": Decimal(0),
    "available": 7,
    "big": 10**30,
    "open": False,
    "label": "neu: 5 €",
    "digits": "007",
    "empty": "",
    "prices": PRICES,
    "stock": STOCK,
    "free": Stock(),
    "gone": None,
}


def test_values_come_back_equal_from_sqlite(tmp_path: Path) -> None:
    with SqliteSink(tmp_path / "shop.db") as shop:
        shop.deliver([Offer(KEY, VALUES, version=3)])
        assert isinstance(shop, OfferReader)
        (found,) = shop.read_offers([KEY, ErpKey("nobody")])
        assert found == Offer(KEY, VALUES, version=3)
        assert {name: type(value) for name, value in found.values.items()} == {
            name: type(value) for name, value in VALUES.items()
        }


def test_values_come_back_equal_from_json() -> None:
    for value in VALUES.values():
        assert from_wire(to_wire(value)) == value
    turned = PriceList(tuple(reversed(PRICES.prices)))
    assert canonical(turned) == canonical(PRICES)
    assert not same_value(PRICES, PriceList(PRICES.prices[:1]))
    for raw in ({"decimal": "x"}, {"decimal": "NaN"}, {"prices": []}, {"integer": True}, {"stock": [{}]}, "x", {}):
        with pytest.raises(ValueError, match="is no"):
            from_wire(raw)


def test_a_file_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("CREATE TABLE offer (key TEXT, feed TEXT, value TEXT, PRIMARY KEY (key, feed)) WITHOUT ROWID")
        db.execute("INSERT INTO offer VALUES ('DR-18', 'price', '9.90')")
    db.close()
    with SqliteSink(tmp_path / "shop.db") as shop:
        assert shop.read_offers([KEY])[0].values == {"price": "9.90"}
        shop.deliver([Offer(KEY, {"price": Decimal("9.50")}, version=1)])
        assert shop.offer(KEY) == {"price": "9.50"}


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A table of a shop's, in SQLite or PostgreSQL."""
    columns = "sku TEXT PRIMARY KEY, stock BIGINT, available BOOLEAN, label TEXT, note VARCHAR(20), version BIGINT"
    if request.param == "sqlite":
        with sqlite3.connect(tmp_path / "shop.db") as db:
            db.execute(f"CREATE TABLE offers ({columns}, price TEXT, prices TEXT, levels TEXT)")
            db.execute("INSERT INTO offers (sku, label) VALUES ('OLD', 'was here before')")
        db.close()
        yield f"sqlite:///{tmp_path}/shop.db"
        return
    dsn = request.getfixturevalue("postgres")
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("DROP TABLE IF EXISTS offers")
        server.execute(f"CREATE TABLE offers ({columns}, price NUMERIC(12, 2), prices JSONB, levels JSON)".encode())
        server.execute("INSERT INTO offers (sku, label) VALUES ('OLD', 'was here before')")
    yield dsn.replace("postgresql://", "postgresql+psycopg://")


both = pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)


def opened(url: str) -> SqlSink:
    return SqlSink(url, table="offers", key="sku", columns={"quantity": "stock", "stock": "levels"})


@both
def test_values_come_back_from_a_table(database: str) -> None:
    values = {
        "price": Decimal("9.90"), "quantity": 7, "available": True, "label": "neu", "prices": PRICES, "stock": STOCK,
        "note": None,
    }  # fmt: skip
    with opened(database) as shop:
        assert shop.deliver([Offer(KEY, values, version=1), Offer(ErpKey("OLD"), {"quantity": 0}, version=1)])[0].ok
        found = {one.key: one for one in shop.read_offers([KEY, ErpKey("OLD"), ErpKey("nobody")])}
    assert set(found) == {KEY, "OLD"}
    assert found[KEY].version == 1
    assert all(same_value(value, found[KEY].values[name]) for name, value in values.items())
    assert found[KEY].values["prices"] == PRICES
    assert found[KEY].values["stock"] == STOCK
    assert found[ErpKey("OLD")].values["label"] == "was here before", "a feed that is not named keeps its value"
    assert found[ErpKey("OLD")].values["quantity"] == 0


@pytest.mark.parametrize("kind", ["own", "sqlite", "postgres"])
def test_the_greatest_version_stays_whatever_the_order(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Offers as a network may bring them: twice, late, in any order, of several keys."""
    dice = random.Random(7)
    keys = [ErpKey(f"K{number}") for number in range(5)]
    offers = [Offer(key, {"quantity": version * 10}, version=version) for key in keys for version in range(1, 8)] * 2
    offers += [Offer(key, {"label": None}, version=4) for key in keys]
    dice.shuffle(offers)
    if kind == "own":
        shop: SqliteSink | SqlSink = SqliteSink(tmp_path / "own.db")
    else:
        shop = opened(_made(kind, request, tmp_path))
    with shop:
        while offers:
            some = [offers.pop() for _ in range(min(len(offers), dice.randint(1, 9)))]
            assert all(one.ok for one in shop.deliver(some))
        found = shop.read_offers(keys)
    assert {one.key: one.values["quantity"] for one in found} == dict.fromkeys(keys, 70)
    assert {one.version for one in found} == {7}


def _made(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if kind == "sqlite":
        with sqlite3.connect(tmp_path / "late.db") as db:
            db.execute(
                "CREATE TABLE offers (sku TEXT PRIMARY KEY, stock INTEGER, label TEXT, levels TEXT, version INTEGER)"
            )
        db.close()
        return f"sqlite:///{tmp_path}/late.db"
    dsn = request.getfixturevalue("postgres")
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("DROP TABLE IF EXISTS offers")
        server.execute(
            "CREATE TABLE offers (sku TEXT PRIMARY KEY, stock INTEGER, label TEXT, levels TEXT, version INTEGER)"
        )
    return dsn.replace("postgresql://", "postgresql+psycopg://")


def test_what_was_withdrawn_does_not_come_back_with_a_late_offer(tmp_path: Path) -> None:
    with SqliteSink(tmp_path / "shop.db") as shop:
        shop.deliver([Offer(KEY, {"price": Decimal(9)}, version=1)])
        shop.deliver([Offer(KEY, {"price": None}, version=3)])
        shop.deliver([Offer(KEY, {"price": Decimal(8)}, version=2)])
        assert (shop.offer(KEY), len(shop)) == ({}, 0)
        shop.deliver([Offer(KEY, {"price": Decimal(7)})])
        assert shop.offer(KEY) == {"price": "7"}, "an offer without a version always counts"
        shop.deliver([Offer(KEY, {"price": Decimal(8)}, version=2)])
        assert shop.offer(KEY) == {"price": "7"}, "and it opens no door to late ones"


@both
def test_a_bad_offer_is_refused_and_the_good_ones_are_written(database: str) -> None:
    offers = [
        Offer(ErpKey("A"), {"quantity": 1}, version=1),
        Offer(ErpKey("B"), {"quantity": Decimal("1.5")}, version=1),
        Offer(ErpKey("C"), {"weight": 1}, version=1),
        Offer(ErpKey("D"), {"quantity": 10**30}, version=1),
        Offer(ErpKey("E"), {"available": "yes"}, version=1),
        Offer(ErpKey("F"), {"quantity": 6, "note": "x" * 21}, version=1),
        Offer(ErpKey("G"), {"quantity": 7}, version=1),
    ]
    with opened(database) as shop:
        errors = {one.key: one.error for one in shop.deliver(offers)}
        quantities = {one.key: one.values["quantity"] for one in shop.read_offers([one.key for one in offers])}
    assert errors["A"] is errors["G"] is None
    assert (
        errors["B"]
        == "column stock: it holds whole numbers, and the value is 1.5; round it in the rule, or make it NUMERIC"
    )
    assert "feed 'weight' has no column of its own" in str(errors["C"])
    assert "64 bits at most" in str(errors["D"])
    assert "column available: it holds booleans" in str(errors["E"])
    if database.startswith("postgres"):
        assert "the database refused it: " in str(errors["F"])
        assert "too long" in str(errors["F"])
        assert set(quantities) == {"A", "G"}
        with opened(database) as shop:
            error = shop.deliver([Offer(KEY, {"price": Decimal("9.999")})])[0].error
        assert (
            error == "column price: it holds 2 decimals, and the value is 9.999; round it in the rule with rounded(2)"
        )
    assert {"A": 1, "G": 7}.items() <= quantities.items()


def test_a_key_of_a_column_of_whole_numbers(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("CREATE TABLE offers (id INTEGER PRIMARY KEY, stock INTEGER, version INTEGER)")
    db.close()
    with SqlSink(f"sqlite:///{tmp_path}/shop.db", table="offers", key="id") as shop:
        results = shop.deliver([Offer(ErpKey(key), {"stock": 1}, version=1) for key in ("12", "012", "A")])
        assert [one.ok for one in results] == [True, False, False]
        assert [one.key for one in shop.read_offers([ErpKey("12"), ErpKey("A")])] == ["12"]


def test_what_does_not_fit_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE offers (sku TEXT PRIMARY KEY, price NUMERIC, rate FLOAT, version INTEGER)")
    db.close()
    url = f"sqlite:///{path}"
    with pytest.raises(ConfigurationError, match="table 'offer' is not in the database; it has: offers"):
        SqlSink(url, table="offer")
    with pytest.raises(
        ConfigurationError, match=r"column\(s\) key are not in 'offers'; it has: price, rate, sku, version"
    ):
        SqlSink(url, table="offers")
    with pytest.raises(ConfigurationError, match="SQLite keeps decimals as floats; make it TEXT"):
        SqlSink(url, table="offers", key="sku", columns={"amount": "price"})
    with pytest.raises(ConfigurationError, match="it holds floats, which are no amounts"):
        SqlSink(url, table="offers", key="sku", columns={"amount": "rate"})
    with pytest.raises(ConfigurationError, match="the database URL is not usable"):
        SqlSink("no url", table="offers")
    with SqlSink(url, table="offers", key="sku") as shop:
        assert "make it TEXT" in str(shop.deliver([Offer(KEY, {"price": Decimal(1)})])[0].error)


def test_a_database_that_does_not_answer_shows_no_password() -> None:
    with pytest.raises(SinkError) as told:
        SqlSink("postgresql+psycopg://relay:hunter2@127.0.0.1:1/shop?connect_timeout=1", table="offers")
    assert "hunter2" not in str(told.value)
    assert "127.0.0.1" in str(told.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("no database at all, and long enough to be none")
    with pytest.raises(SinkError, match="cannot be used"):
        SqliteSink(tmp_path / "shop.db")


def test_what_is_rotten_in_the_shops_table_is_shown_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE offers (key TEXT PRIMARY KEY, open BOOLEAN, till DATETIME, net NUMERIC, version INTEGER)"
        )
        rows = [
            ("1", "nein", "0000-00-00 00:00:00", "auf Anfrage", 3),
            ("2", 1, "2026-02-01 08:00:00", 9.9, "x"),
            ("3", 0, None, 7, 1),
        ]
        db.executemany("INSERT INTO offers VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("UPDATE offers SET till = CAST(x'fc' AS TEXT) WHERE key = '3'")
    db.close()
    with SqlSink(f"sqlite:///{path}", table="offers") as shop:
        rotten, good, other = shop.read_offers([ErpKey("1"), ErpKey("2"), ErpKey("3")])
    assert (rotten.values["open"], good.values["open"], other.values["open"]) == ("nein", True, False)
    assert (rotten.values["till"], rotten.values["net"], rotten.version) == ("0000-00-00 00:00:00", "auf Anfrage", 3)
    assert (good.values["net"], good.version, other.values["net"]) == (Decimal("9.9"), 0, Decimal(7))


def test_a_file_or_a_driver_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shpo.db"
    with pytest.raises(ConfigurationError, match="there is no database .*shpo.db"):
        SqlSink(f"sqlite:///{path}", table="offers")
    assert not path.exists()
    with pytest.raises(
        ConfigurationError, match="Python module 'MySQLdb', which is not installed: pip install 'mysqlclient'"
    ):
        SqlSink("mysql://root@127.0.0.1/shop", table="offers")
