"""Policies: declared at run time, with the guarantees of what is declared in code."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.classification import (
    Cold,
    Declaration,
    Hot,
    Internal,
    Policy,
    Reference,
    accept,
    by_name,
    in_table,
    matching,
    of_type,
    suggest,
)
from akeneo_erp_bridge.erp import DynamicItem, ErpField, ErpSchema, item_class
from akeneo_erp_bridge.errors import ConfigurationError, MappingError, TemperatureRefused, Undeclared
from akeneo_erp_bridge.mapping import CompiledMapping, ProductMapping
from akeneo_erp_bridge.rules import Binding, Cell, Put
from world import NAME

SCHEMA = ErpSchema(
    "articles",
    (
        ErpField("number", "varchar(20)"),
        ErpField("name", "text"),
        ErpField("unit_price", "numeric(10, 2)"),
        ErpField("unit_cost", "numeric(10, 2)"),
        ErpField("stock.on_hand", "integer"),
        ErpField("class", "text"),
    ),
)
POLICY = Policy(
    [
        by_name("number", Cold),
        of_type("text", Cold),
        of_type("numeric", Hot),
        matching("*_cost", Internal),
        in_table("stock", Hot),
    ]
)


def article() -> type[DynamicItem]:
    return item_class("Article", SCHEMA, POLICY, key="number")


# ---- which declaration counts ----
@pytest.mark.parametrize(
    ("name", "kind", "table", "expected"),
    [
        ("number", "text", "articles", Cold),
        ("NUMBER", "numeric", "stock", Cold),  # a name before all else
        ("unit_cost", "numeric", "stock", Internal),  # a pattern before type and table
        ("unit_price", "numeric(10, 2)", "articles", Hot),
        ("on_hand", "integer", "Stock", Hot),
        ("stock.on_hand", "integer", "articles", Hot),
        ("stocking", "integer", "articles", None),
        ("cost", "integer", "articles", None),
    ],
)
def test_the_most_specific_declaration_counts(name: str, kind: str, table: str, expected: object) -> None:
    assert POLICY.temperature_of(name, kind=kind, table=table) is expected


DECLARATIONS = st.lists(
    st.builds(
        Declaration,
        st.sampled_from(["name", "pattern", "type", "table"]),
        st.sampled_from(["price", "*ice", "pri*", "money", "stock", "[price]"]),
        st.sampled_from([Cold, Hot, Internal]),
    ),
    max_size=6,
)


def verdict(policy: Policy) -> object:
    try:
        return policy.temperature_of("price", kind="money", table="stock")
    except ConfigurationError:
        return "disagreement"


@given(DECLARATIONS, st.randoms())
def test_the_order_of_declarations_makes_no_difference(declarations: list[Declaration], random: Any) -> None:
    shuffled = random.sample(declarations, len(declarations))
    assert verdict(Policy(declarations)) == verdict(Policy(shuffled))


@given(DECLARATIONS)
def test_a_declaration_more_can_be_overruled_by_a_name(declarations: list[Declaration]) -> None:
    others = [one for one in declarations if one.how != "name"]
    for temperature in (Cold, Hot, Internal):
        assert verdict(Policy([*others, by_name("price", temperature)])) is temperature


def test_equally_specific_declarations_that_disagree_are_refused() -> None:
    policy = Policy([matching("*_cost", Internal), matching("unit_*", Hot)])
    with pytest.raises(ConfigurationError, match=r"unit_cost: matching\('\*_cost', Internal\) and matching"):
        policy.temperature_of("unit_cost")
    agreed = Policy([*policy.declarations, by_name("unit_cost", Internal)])
    assert agreed.temperature_of("unit_cost") is Internal


@pytest.mark.parametrize("pattern", ["*", "**", "?*", "*_*", "[!x]"])
def test_what_nobody_has_seen_cannot_be_declared_cold(pattern: str) -> None:
    if pattern == "[!x]":
        assert not matching(pattern, Cold).matches(ErpField("p"), "")
        return
    with pytest.raises(ConfigurationError, match="nobody has seen"):
        matching(pattern, Cold)
    assert Policy([matching(pattern, Hot)]).temperature_of("unit_price") is Hot


@pytest.mark.parametrize("temperature", [Reference, str, type("Tepid", (Cold,), {})])
def test_only_cold_hot_and_internal_can_be_declared(temperature: Any) -> None:
    with pytest.raises(ConfigurationError, match="declare Cold, Hot or Internal"):
        by_name("price", temperature)


# ---- undeclared ----
def test_all_undeclared_fields_are_told_at_once_with_what_their_names_suggest() -> None:
    schema = ErpSchema("articles", tuple(map(ErpField, ("number", "VKPreis", "zz_17", "unit_cost"))))
    policy = Policy([by_name("number", Cold), matching("unit*", Hot), matching("*cost", Internal)])
    with pytest.raises(Undeclared) as refused:
        policy.classify(schema)
    assert refused.value.lines == (
        "unit_cost: matching('unit*', Hot) and matching('*cost', Internal) disagree; "
        "decide with by_name('unit_cost', ...)",
        "VKPreis (text): hot? 'vk preis' means a current price",
        "zz_17 (text): its name says nothing; look at its values",
    )
    assert "articles: 3 field(s)" in str(refused.value)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


def test_fields_left_out_need_no_declaration_and_do_not_exist() -> None:
    schema = ErpSchema("articles", (*SCHEMA.fields, ErpField("zz_17", "bytea")))
    with pytest.raises(Undeclared, match="zz_17"):
        item_class("Article", schema, POLICY, key="number")
    some = item_class("Article", schema, POLICY, key="number", only=["name"])
    assert set(some.specs) == {"number", "name"}
    with pytest.raises(MappingError, match="no field 'zz_17'"):
        some.field("zz_17")
    with pytest.raises(ConfigurationError, match="no field nme"):
        item_class("Article", schema, POLICY, key="number", only=["nme"])


def test_a_file_without_types_is_not_cold_because_all_of_it_is_text() -> None:
    schema = ErpSchema("articles.csv", (ErpField("number"), ErpField("price")))
    policy = Policy([by_name("number", Cold), of_type("text", Cold)])
    with pytest.raises(Undeclared, match="price \\(text\\): hot"):
        policy.classify(schema)
    hot_by_type = Policy([by_name("number", Cold), of_type("text", Hot)])
    assert hot_by_type.classify(schema) == {"number": Cold, "price": Hot}


# ---- suggestions declare nothing ----
def test_a_suggestion_applies_to_nothing_until_it_is_accepted_by_name() -> None:
    suggestions = suggest(SCHEMA)
    with pytest.raises(ConfigurationError, match="takes declarations, not Suggestion"):
        Policy(suggestions)  # type: ignore[arg-type]  # the mistake this is about
    with pytest.raises(Undeclared):
        Policy([]).classify(SCHEMA)
    with pytest.raises(ConfigurationError, match="name the fields"):
        accept(suggestions)
    with pytest.raises(ConfigurationError, match="nothing was suggested for zz_17"):
        accept(suggestions, "number", "zz_17")
    assert accept(suggestions, "unit_cost", "name") == (by_name("unit_cost", Internal), by_name("name", Cold))


# ---- the class ----
def test_a_class_of_a_policy_behaves_as_a_written_one() -> None:
    made = article()
    item = made({"number": "1", "name": "Drill", "unit_price": "9.90", "class": None, "stock": {"on_hand": 7}})
    assert item.key == "1"
    assert made.cold(str, "name").run(item) == Put("Drill")
    assert made.hot(Decimal, "unit_price").run(item) == Put(Decimal("9.90"))
    assert made.hot(int, "stock.on_hand").run(item) == Put(7)
    assert made.field("class").label == "class"
    assert made.cold(str, "class").sources == {"class"}
    assert repr(item) == "Article('1')"


@pytest.mark.parametrize(
    ("ask", "declared"),
    [
        (lambda made: made.cold(Decimal, "unit_price"), "hot"),
        (lambda made: made.cold(Decimal, "unit_cost"), "internal"),
        (lambda made: made.hot(Decimal, "unit_cost"), "internal"),
        (lambda made: made.internal(str, "name"), "cold"),
    ],
)
def test_asking_for_a_temperature_that_was_not_declared_is_refused(ask: Any, declared: str) -> None:
    with pytest.raises(TemperatureRefused, match=f"the policy declares it {declared}"):
        ask(article())


@pytest.mark.parametrize(("name", "seen"), [("unit_price", "hot"), ("unit_cost", "internal"), ("stock.on_hand", "hot")])
def test_what_is_hot_or_internal_reaches_no_cell(name: str, seen: str) -> None:
    rule: Any = article().field(name)
    with pytest.raises(TemperatureRefused, match=seen):
        rule.to(NAME)
    with pytest.raises(TemperatureRefused, match=seen):
        ProductMapping(article(), article().cold(str, "number").to(Cell[str]("sku")), Binding(rule, NAME))


@pytest.mark.parametrize(
    ("policy", "key", "message"),
    [
        (POLICY, "nmber", "no field"),
        (POLICY, "unit_price", "a key is cold"),
    ],
)
def test_a_key_is_there_and_cold(policy: Policy, key: str, message: str) -> None:
    with pytest.raises((MappingError, ConfigurationError), match=message):
        item_class("Article", SCHEMA, policy, key=key)


def test_it_travels_between_processes(pim: AkeneoClient) -> None:
    made = article()
    assert pickle.loads(pickle.dumps(made)) is made
    assert pickle.loads(pickle.dumps(DynamicItem)) is DynamicItem
    item = made({"number": "1", "name": "Drill"})
    assert pickle.loads(pickle.dumps(item)) == item
    mapping = ProductMapping(made, made.cold(str, "number").to(Cell[str]("sku")), made.cold(str, "name").to(NAME))
    compiled = pickle.loads(pickle.dumps(CompiledMapping(mapping, pim.structure())))
    assert compiled.run(item).outcomes[NAME.key] == Put("Drill")
    assert compiled.mapping.hash == mapping.hash


def test_another_policy_makes_another_class_and_another_hash() -> None:
    schema = ErpSchema("t", (ErpField("number"), ErpField("name")))
    one = item_class("T", schema, Policy([matching("n*", Cold)]), key="number")
    two = item_class("T", schema, Policy([by_name("number", Cold), by_name("name", Hot)]), key="number")
    assert one is not two
    assert one.cold(str, "name").temperatures == {Cold}
    with pytest.raises(TemperatureRefused):
        two.cold(str, "name")


def test_a_subclass_of_a_made_class_keeps_its_fields() -> None:
    class Mine(article()):  # type: ignore[misc]  # a class that is known at run time only
        pass

    assert set(Mine.specs) == {one.name for one in SCHEMA.fields}
