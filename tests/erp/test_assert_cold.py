"""The way out for a function over the whole record: it gets what was listed, and that is cold."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from akeneo_erp_bridge.classification import Cold, Hot
from akeneo_erp_bridge.erp import ErpItem, assert_cold, cold, hot, internal, whole
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import ProductMapping, clean, price_in
from akeneo_erp_bridge.rules import KEEP, Cell, Problem, Put


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    texts = cold(str, "lines[*].text").many()
    weight = cold(Decimal, "weight")
    stock = hot(int, "stock")
    amounts = hot(Decimal, "lines[*].amount").many()
    best = hot(Decimal, "offers[0].price")
    cost = internal(Decimal, "terms.cost")


ROW: dict[str, object] = {
    "number": "1", "name": "Drill", "width": 3, "stock": 7, "lines": [{"text": "a", "amount": 5}], "terms": {"cost": 2, "who": "ACME"},
}  # fmt: skip
NAME: Cell[str] = Cell("name")


def size(item: Article) -> str:
    return f"{item.name}: {item.row['width']}"


def test_a_function_gets_what_is_listed() -> None:
    rule = assert_cold(whole(Article).map(size), reads=[Article.name, "width"], reason="sizes are apart")
    assert rule.run(Article(ROW)) == Put("Drill: 3")
    assert rule.taint == {Cold}
    assert rule.sources == {"name", "width"}
    mapping = ProductMapping(Article, Article.number.to(Cell[str]("sku")), (rule >> clean()).to(NAME))
    assert mapping.paths == ("name", "number", "width")
    assert "reads name, width: 'sizes are apart'" in mapping.explain()
    assert mapping.run(Article(ROW)).outcomes["name"] == Put("Drill: 3")


@pytest.mark.parametrize(
    "look",
    [
        lambda item: item.row["stock"],
        lambda item: item.row.get("stock"),
        lambda item: "stock" in item.row,
        lambda item: item.stock,
        lambda item: item.key,
        lambda item: item.row["lines"],
        lambda item: item.amounts,
        lambda item: item.fingerprint(("stock",)),
    ],
)
def test_a_look_beside_the_list_is_a_problem_that_names_the_column(look: Callable[[Article], object]) -> None:
    outcome = assert_cold(whole(Article).map(look), reads=["width", "lines[*].text"], reason="x").run(Article(ROW))
    assert isinstance(outcome, Problem)
    assert "is not among what may be read here (lines[*].text, width)" in outcome.detail


def test_nothing_else_is_in_the_row() -> None:
    rule = assert_cold(whole(Article).map(lambda item: dict(item.row)), reads=["width", "absent"], reason="x")
    assert rule.run(Article(ROW)) == Put({"width": 3})
    copied = assert_cold(
        whole(Article).map(lambda item: dict(pickle.loads(pickle.dumps(item)).row)), reads=["width"], reason="x"
    )
    assert copied.run(Article(ROW)) == Put({"width": 3})


def test_fields_of_the_rule_see_the_same_row() -> None:
    rule = assert_cold(whole(Article).map(lambda item: item.texts) | Article.texts, reads=["lines[*].text"], reason="x")  # type: ignore[arg-type]  # a mixed rule, which the checker refuses, is still held to the list
    assert rule.run(Article(ROW)) == Put(("a",))
    only: Any = Article.texts.when(whole(Article).map(lambda item: True))
    assert assert_cold(only, reads=["lines[*].text"], reason="x").run(Article({"number": "1"})) == KEEP
    outcome = assert_cold(only, reads=["lines[*].text"], reason="x").run(Article({"number": "1", "lines": 5}))
    assert isinstance(outcome, Problem)
    assert outcome.code == "wrong_container"


def test_an_item_without_its_key_still_names_its_field() -> None:
    rule = assert_cold(whole(Article).map(lambda item: item.weight), reads=["weight"], reason="x")
    outcome = rule.run(Article({**ROW, "weight": "heavy"}))
    assert isinstance(outcome, Problem)
    assert "Article: field 'weight'" in outcome.detail
    assert "Article(?)" in outcome.detail


@pytest.mark.parametrize(
    "path",
    [
        "stock",
        "lines",
        "lines[*]",
        "lines[0].amount",
        "lines[*].amount.net",
        "lines[-1]",
        "terms",
        "terms.cost",
        "offers[-1]",
        "offers[*]",
        "offers[0]",
    ],
)
def test_what_is_declared_hot_or_internal_cannot_be_listed(path: str) -> None:
    with pytest.raises(TemperatureRefused, match="take it out of the list"):
        assert_cold(whole(Article).map(str), reads=["width", path], reason="x")


@pytest.mark.parametrize("path", ["terms.who", "lines[*].text", "stocks", "Stock [pcs]", "offers[1]", "offers[0].text"])
def test_what_is_beside_a_hot_field_can(path: str) -> None:
    assert_cold(whole(Article).map(str), reads=[path], reason="x")


def test_a_subclass_that_declares_more_is_held_to_it() -> None:
    class Wide(Article):
        width = hot(int, "width")

    outcome = assert_cold(whole(Article).map(size), reads=["name", "width"], reason="x").run(Wide(ROW))
    assert isinstance(outcome, Problem)
    assert "'width', which Wide declares hot" in outcome.detail


def test_wrong_parameters_are_refused_at_once() -> None:
    rule: Any = whole(Article).map(size)
    untyped: Any = Article
    for reads, reason, told in (
        ((), "x", "list what the rule reads"),
        ("name", "x", "list what the rule reads"),
        (("name",), " ", "say why"),
    ):
        with pytest.raises(MappingError, match=told):
            assert_cold(rule, reads=reads, reason=reason)
    with pytest.raises(MappingError, match="reads no whole"):
        assert_cold(untyped.name, reads=["name"], reason="x")
    with pytest.raises(MappingError, match="of no class with declared fields"):
        assert_cold(whole(untyped.__class__).map(str), reads=["name"], reason="x")
    with pytest.raises(MappingError, match="reads weight too"):
        assert_cold(rule & untyped.weight, reads=["name"], reason="x")
    with pytest.raises(TemperatureRefused, match="'stock' is hot"):
        assert_cold(rule & untyped.stock, reads=["name", "stock2"], reason="x")
    with pytest.raises(TemperatureRefused, match=r"'price_in\(EUR\)' is hot"):
        assert_cold(rule >> price_in("EUR"), reads=["name"], reason="x")  # type: ignore[arg-type]  # the mistake this is about


def test_without_it_a_function_over_the_record_is_hot() -> None:
    assert whole(Article).map(size).taint == {Hot}
