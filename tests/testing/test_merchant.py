"""The merchant's ERP: each oddity is there as often as promised, and changes touch what they say."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import clean, decimal, measured, plain_text, sku
from akeneo_erp_bridge.rules import Problem, Put
from akeneo_erp_bridge.testing import merchant
from akeneo_erp_bridge.testing.merchant import MerchantFacts, build_merchant
from akeneo_erp_bridge.testing.merchant._odd import clean_numbers
from akeneo_erp_bridge.testing.merchant._rows import ean13
from akeneo_erp_bridge.testing.merchant._words import LEGACY_CATEGORIES

Row = dict[str, str]
TIMES = {
    "ambiguous_weight": 12,
    "bad_number": 3,
    "blank_english_name": 9,
    "blank_german_name": 35,
    "discontinued": 45,
    "duplicate_number": 4,
    "inactive": 30,
    "leading_zero_number": 40,
    "long_name": 2,
    "script_in_text": 60,
    "unknown_category": 7,
    "unknown_colour": 10,
    "unknown_unit": 6,
    "untidy_name": 15,
    "wrong_ean": 5,
    "zero_price": 20,
}


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables and of the view."""
    with closing(sqlite3.connect(path)) as erp:
        tables = ("articles", "categories", "prices", "stock", "articles_hot")
        return {table: erp.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def read(path: Path, query: str = "SELECT * FROM articles") -> list[Row]:
    with closing(sqlite3.connect(path)) as erp:
        erp.row_factory = sqlite3.Row
        return [dict(row) for row in erp.execute(query)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MerchantFacts]:
    path = tmp_path_factory.mktemp("erp") / "erp.db"
    return path, build_merchant(path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.db"
    build_merchant(path, items=400)
    return path


@pytest.fixture(scope="module")
def rows(built: tuple[Path, MerchantFacts]) -> list[Row]:
    return read(built[0])


@pytest.fixture(scope="module")
def facts(built: tuple[Path, MerchantFacts]) -> MerchantFacts:
    return built[1]


# ---- the whole ----
def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    one = build_merchant(tmp_path / "one.db", items=600, seed=3)
    two = build_merchant(tmp_path / "two.db", items=600, seed=3)
    other = build_merchant(tmp_path / "other.db", items=600, seed=4)
    assert dump(tmp_path / "one.db") == dump(tmp_path / "two.db") != dump(tmp_path / "other.db")
    assert one == two != other


@pytest.mark.parametrize(("items", "seed"), [(400, 7), (401, 1), (2000, 7), (5000, 9)])
def test_counts_depend_on_neither_size_nor_seed(tmp_path: Path, items: int, seed: int) -> None:
    facts = build_merchant(tmp_path / "erp.db", items=items, seed=seed)
    assert facts.items == items == len(read(tmp_path / "erp.db"))
    assert {name: len(numbers) for name, numbers in facts.oddities.items()} == TIMES
    spoilt = [number for numbers in facts.oddities.values() for number in numbers]
    assert len(set(spoilt)) == len(spoilt), "no article has two oddities"
    everything = {row["number"] for row in read(tmp_path / "erp.db")}
    assert len(everything) == items - TIMES["duplicate_number"]
    assert everything - set(spoilt) == set(clean_numbers(read(tmp_path / "erp.db")))


def test_two_fifths_are_variants_of_about_thirty_styles(rows: list[Row]) -> None:
    variants = [row for row in rows if row["style"]]
    styles = {row["style"] for row in variants}
    assert len(variants) == len(rows) * 2 // 5
    assert 25 <= len(styles) <= 35
    assert all(row["size"] and row["colour"] and row["number"].startswith("BK-") for row in variants)
    for style in styles:
        axes = [row["number"].removeprefix(f"{style}-") for row in variants if row["style"] == style]
        assert len(axes) == len(set(axes)) <= 30
        assert all(re.fullmatch("[0-9]{2}-[0-9A-Z]+", one) for one in axes)
    assert not any(row["size"] or row["colour"] for row in rows if not row["style"])


def test_names_are_products_in_both_languages(rows: list[Row]) -> None:
    names = {row["name_en"]: row["name_de"] for row in rows}
    assert len(names) > 0.98 * len(rows)
    assert any(english.startswith("Cordless drill 18 V") for english in names)
    assert all(
        german.startswith("Akku-Bohrschrauber 18 V")
        for english, german in names.items()
        if english.startswith("Cordless drill 18 V") and german.strip()
    )


def test_facts_do_not_change(facts: MerchantFacts) -> None:
    with pytest.raises(TypeError):
        facts.oddities["zero_price"] = ()  # type: ignore[index]  # the mistake this is about
    with pytest.raises(AttributeError):
        facts.items = 1  # type: ignore[misc]  # the mistake this is about


def test_too_few_items_and_an_existing_file_are_refused(small: Path, tmp_path: Path) -> None:
    before = dump(small)
    with pytest.raises(ConfigurationError, match="400"):
        build_merchant(tmp_path / "tiny.db", items=399)
    with pytest.raises(ConfigurationError, match="exists"):
        build_merchant(small)
    assert dump(small) == before
    assert not (tmp_path / "tiny.db").exists()


# ---- each oddity, as one sees it in the rows ----
SEEN: dict[str, Callable[[Row], bool]] = {
    "leading_zero_number": lambda row: row["number"].startswith("0"),
    "bad_number": lambda row: isinstance(sku().run(row["number"]), Problem),
    "ambiguous_weight": lambda row: isinstance(decimal("de_DE").run(row["net_weight"]), Problem),
    "unknown_unit": lambda row: row["weight_unit"] not in merchant.UNITS,
    "blank_english_name": lambda row: not row["name_en"].strip(),
    "blank_german_name": lambda row: not row["name_de"].strip(),
    "untidy_name": lambda row: (
        bool(row["name_en"].strip() and row["name_de"].strip())
        and (row["name_en"] != tidy(row["name_en"]) and row["name_de"] != tidy(row["name_de"]))
    ),
    "long_name": lambda row: len(row["name_en"]) > 255 and len(row["name_de"]) > 255,
    "script_in_text": lambda row: "<script" in row["text_en"] and "<script" in row["text_de"],
    "unknown_category": lambda row: row["category"] not in {code for code, parent, *_ in LEGACY_CATEGORIES if parent},
    "unknown_colour": lambda row: bool(row["colour"]) and row["colour"].casefold() not in merchant.COLOURS,
    "wrong_ean": lambda row: row["ean"] != ean13(row["ean"][:12]),
    "zero_price": lambda row: row["list_price"] == "0,00",
    "discontinued": lambda row: row["discontinued_on"] != "",
    "inactive": lambda row: row["active"] == "N",
}


def tidy(name: str) -> str:
    outcome = clean(max_length=1000).run(name)
    return outcome.value if isinstance(outcome, Put) else ""


@pytest.mark.parametrize("oddity", sorted(SEEN))
def test_an_oddity_is_seen_in_its_articles_and_nowhere_else(oddity: str, rows: list[Row], facts: MerchantFacts) -> None:
    assert sorted(row["number"] for row in rows if SEEN[oddity](row)) == sorted(facts.oddities[oddity])


def test_every_oddity_but_duplicates_is_looked_for() -> None:
    assert {*SEEN, "duplicate_number"} == set(TIMES)


def test_duplicates_share_a_number_and_differ_in_name(rows: list[Row], facts: MerchantFacts) -> None:
    for number in facts.oddities["duplicate_number"]:
        one, other = (row for row in rows if row["number"] == number)
        assert one["name_en"] != other["name_en"]
        assert one["name_de"] != other["name_de"]


def test_scripts_and_entities_are_what_plain_text_takes_out(rows: list[Row]) -> None:
    for row in rows:
        outcome = plain_text().run(row["text_de"])
        assert isinstance(outcome, Put)
        assert not any(mark in outcome.value for mark in ("<", "script", "paq", "&amp;", "Sale"))
    assert any("&auml;" in row["text_de"] for row in rows)


def test_every_weight_that_is_a_number_has_a_decimal_comma(rows: list[Row], facts: MerchantFacts) -> None:
    odd = {*facts.oddities["ambiguous_weight"], *facts.oddities["unknown_unit"]}
    for row in rows:
        if row["number"] not in odd:
            weight = decimal("de_DE").run(row["net_weight"])
            assert isinstance(weight, Put)
            assert weight.value > 0
            assert "," in row["net_weight"]
            assert isinstance(measured(merchant.UNITS).run((weight.value, row["weight_unit"])), Put)


# ---- the hot view ----
def test_the_view_has_each_article_once_with_price_and_stock(
    built: tuple[Path, MerchantFacts], rows: list[Row]
) -> None:
    path, facts = built
    offers = {row["number"]: row for row in read(path, "SELECT * FROM articles_hot")}
    assert len(offers) == len(read(path, "SELECT * FROM articles_hot")) == facts.items - TIMES["duplicate_number"]
    prices = {row["number"]: row["list_price"] for row in rows}
    assert {number: offer["price"] for number, offer in offers.items()} == prices
    for number, total in read_pairs(path, "SELECT number, sum(quantity) FROM stock GROUP BY number"):
        assert offers[number]["stock"] == total
    assert len(read(path, "SELECT * FROM prices")) > len(offers), "some have an older price"


def read_pairs(path: Path, query: str) -> list[tuple[str, object]]:
    with closing(sqlite3.connect(path)) as erp:
        return erp.execute(query).fetchall()


# ---- changes ----
def test_prices_and_stock_change_for_exactly_so_many_articles(small: Path) -> None:
    before = dump(small)
    hot = {row["number"]: row for row in read(small, "SELECT * FROM articles_hot")}
    numbers = merchant.change_prices_and_stock(small, count=30)
    after = dump(small)
    assert before["articles"] == after["articles"]
    assert before["categories"] == after["categories"]
    now = {row["number"]: row for row in read(small, "SELECT * FROM articles_hot")}
    changed = {number for number in hot if hot[number] != now[number]}
    assert changed == set(numbers)
    assert len(numbers) == 30
    latest = max(row["changed_at"] for row in hot.values())
    assert {now[number]["changed_at"] for number in changed} == {max(row["changed_at"] for row in now.values())}
    assert all(now[number]["changed_at"] > latest for number in changed)
    assert sum(hot[number]["price"] != now[number]["price"] for number in changed) == 20
    assert sum(hot[number]["stock"] != now[number]["stock"] for number in changed) == 20


def test_changes_can_be_made_again_and_again(small: Path) -> None:
    for _ in range(3):
        before = read(small, "SELECT * FROM articles_hot")
        merchant.change_prices_and_stock(small, count=5)
        changed = [
            (old, new)
            for old, new in zip(before, read(small, "SELECT * FROM articles_hot"), strict=True)
            if (old["price"], old["stock"]) != (new["price"], new["stock"])
        ]
        assert len(changed) == 5


def test_rename_changes_names_of_clean_articles_only(tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    facts = build_merchant(path, items=500)
    before = {row["number"]: row for row in read(path)}
    hot = dump(path)["articles_hot"]
    numbers = merchant.rename(path, count=10)
    after = {row["number"]: row for row in read(path)}
    changed = {number for number in before if before[number] != after[number]}
    assert changed == set(numbers)
    assert len(numbers) == 10
    assert not changed & {number for some in facts.oddities.values() for number in some}
    latest = max(row["modified_at"] for row in before.values())
    for number in numbers:
        old, new = before[number], after[number]
        assert {column for column in old if old[column] != new[column]} == {"name_en", "modified_at"}
        assert new["modified_at"] > latest
        assert new["name_en"] == f"{old['name_en']}, rev. 2"
    assert dump(path)["articles_hot"] == hot
    assert merchant.rename(path, count=10) == numbers
    assert all(row["name_en"].endswith(", rev. 3") for row in read(path) if row["number"] in numbers)


def test_touch_all_moves_every_time_and_nothing_else(small: Path) -> None:
    before = dump(small)
    rows = read(small)
    merchant.touch_all(small)
    touched = read(small)
    assert len({row["modified_at"] for row in touched}) == 1
    assert touched[0]["modified_at"] > max(row["modified_at"] for row in rows)
    for old, new in zip(rows, touched, strict=True):
        assert old | {"modified_at": ""} == new | {"modified_at": ""}
    after = dump(small)
    assert all(before[table] == after[table] for table in before if table != "articles")


def test_more_changes_than_articles_are_refused(small: Path) -> None:
    before = dump(small)
    with pytest.raises(ConfigurationError, match="only 376"):
        merchant.change_prices_and_stock(small, count=1000)
    with pytest.raises(ConfigurationError, match="only 93"):
        merchant.rename(small, count=94)
    assert dump(small) == before
