"""The merchant's ERP: deterministic, and odd in exactly the ways it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from akeneo_erp_bridge.testing import merchant


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def test_equal_seeds_give_equal_rows(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        merchant.build_merchant(tmp_path / name, seed=seed)
    assert dump(tmp_path / "a") == dump(tmp_path / "b") != dump(tmp_path / "c")


def test_the_oddities_are_there_and_counted(tmp_path: Path) -> None:
    facts = merchant.build_merchant(tmp_path / "erp.db")
    assert facts.items == ask(tmp_path / "erp.db", "SELECT count(*) FROM articles")[0][0] == 2_000
    doubled = ask(tmp_path / "erp.db", "SELECT number FROM articles GROUP BY number HAVING count(*) > 1")
    assert {number for (number,) in doubled} == set(facts.oddities["doubled"])
    unknown = ask(tmp_path / "erp.db", "SELECT number FROM articles WHERE category LIKE 'ALT-%'")
    assert {number for (number,) in unknown} == set(facts.oddities["unknown_category"])
    for kind, condition in (
        ("zero_price", "list_price = '0,00'"),
        ("blank_english_name", "trim(name_en) = ''"),
        ("leading_zeros", "number LIKE '000%'"),
        ("html_with_script", "text_en LIKE '%<script>%'"),
        ("discontinued", "active = 'N'"),
    ):
        found = ask(tmp_path / "erp.db", f"SELECT number FROM articles WHERE {condition}")
        assert {number for (number,) in found} == set(facts.oddities[kind]), kind


def test_changes_touch_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    merchant.build_merchant(path)
    articles, hot = ask(path, "SELECT * FROM articles"), ask(path, "SELECT * FROM articles_hot ORDER BY number")
    assert merchant.change_prices_and_stock(path, count=50) == 50
    assert ask(path, "SELECT * FROM articles") == articles
    after = ask(path, "SELECT * FROM articles_hot ORDER BY number")
    assert sum(one != other for one, other in zip(hot, after, strict=True)) == 50
    names = ask(path, "SELECT name_en FROM articles")
    assert len(merchant.rename(path, count=10)) == 10
    assert sum(one != other for one, other in zip(names, ask(path, "SELECT name_en FROM articles"), strict=True)) == 10
    names = ask(path, "SELECT name_en FROM articles")
    merchant.touch_all(path)
    assert ask(path, "SELECT name_en FROM articles") == names
    assert len(ask(path, "SELECT DISTINCT modified_at FROM articles")) == 1


def test_too_few_items_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 500"):
        merchant.build_merchant(tmp_path / "erp.db", items=10)
