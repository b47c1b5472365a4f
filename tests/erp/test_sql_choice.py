"""The rows of a choice: the database finds them where it compares as Python does, and none is left out elsewhere."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from akeneo_erp_bridge.erp import Choice, ErpItem, SqlAdapter, cold, hot

FIELDS = frozenset({"number", "brand", "size", "weight"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    brand = cold(str, "brand")
    size = cold(int, "size")
    weight = cold(Decimal, "weight")
    stock = hot(int, "stock")


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "erp.db"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE articles (number INTEGER, brand TEXT, size INTEGER, weight NUMERIC(9, 3), free, stock INTEGER)"
        )
        rows = [(n, "ACME" if n % 3 == 0 else "Other", n % 5, "1.50", n % 2, n) for n in range(2000)]
        db.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.execute("INSERT INTO articles VALUES ('A-1', 'ACME', 'large', '1.5', 1, 0)")
    return f"sqlite:///{path}"


def found(url: str, path: str, *values: str | int) -> list[str]:
    erp = SqlAdapter(url, Article, table="articles")
    return [one.key for page in erp.read_some(Choice(path, values), fields=FIELDS, limit=7) for one in page.items]


def test_some_keys_are_found_among_many(url: str) -> None:
    assert found(url, "number", "1500", "7", "no such") == ["7", "1500"]
    assert found(url, "number", "A-1") == ["A-1"], "a column of numbers may hold a text in SQLite"


def test_more_keys_than_a_query_takes(url: str) -> None:
    assert len(found(url, "number", *(str(one) for one in range(1999)))) == 1999


def test_a_column_of_text_or_of_whole_numbers_is_asked_for(url: str) -> None:
    assert len(found(url, "brand", "ACME")) == 668
    assert len(found(url, "size", 4)) == 400


@pytest.mark.parametrize(
    ("path", "value"), [("weight", "1.5"), ("free", 1), ("brand", 7), ("lines[0].brand", "ACME"), ("size", 2**70)]
)
def test_what_only_python_can_compare_reads_all(url: str, path: str, value: str | int) -> None:
    assert len(found(url, path, value)) == 2001
