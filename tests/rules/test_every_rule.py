"""Rules are data: each class of them, wherever it is written, is frozen, travels, and is known by its parameters.

To register a new rule, add one line to `SAMPLES`: a way to make it from 0 or 1 that gives two different rules, and for
a rule without a parameter the same one twice, in `PLAIN`.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar, get_args, get_origin

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import akeneo_erp_bridge
from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.commerce import (
    Stock,
    StockLevel,
    price,
    price_list,
    sellable,
    stock_level,
    stock_levels,
)
from akeneo_erp_bridge.erp import ErpItem, Lines, Translations, assert_cold, cold, hot, translations, two_way, whole
from akeneo_erp_bridge.mapping import (
    Group,
    Member,
    UnitFactor,
    all_of,
    all_true,
    any_of,
    any_true,
    as_set,
    at_most,
    bill_of_materials,
    blob,
    boolean,
    clean,
    code_table,
    concat,
    constant,
    count_of,
    day,
    decimal,
    distinct,
    each,
    equals,
    every,
    extract,
    fetched,
    file_in,
    first,
    gtin,
    in_language,
    in_unit,
    integer,
    is_in,
    join,
    joined,
    languages,
    largest,
    last,
    lookup,
    matching,
    measured,
    moment,
    not_,
    per_pack,
    plain_text,
    plain_to_html,
    present,
    price_in,
    reference,
    rounded,
    sanitized_html,
    single,
    sku,
    slug,
    smallest,
    split,
    switch,
    table,
    template,
    to_unit,
    whole_number,
)
from akeneo_erp_bridge.mapping._shapes._levels import Agreed, OfMember, Place
from akeneo_erp_bridge.rules import Cell, Clear, Iso, Keep, Owner, Problem, Put, Rule, Step, identity


class Item(ErpItem):
    id = cold(str, "id", key=True)
    name = cold(str, "name")
    title = cold(str, "title")
    active = cold(bool, "active")
    sold = cold(bool, "sold")
    texts = cold(str, "lines[*].text").many()
    flags = cold(bool, "lines[*].flag").many()
    names = translations("names")
    price = hot(Decimal, "price")
    count = cold(int, "count")


class Other(ErpItem):
    id = cold(str, "id", key=True)


FIELD = (Item.name, Item.title)
FLAG = (Item.active, Item.sold)
CONVERTER = (str.strip, str.title)

SAMPLES: list[Callable[[int], Step]] = [
    # ---- commerce/ ----
    lambda n: price(Item.price, currency=FIELD[n], from_quantity=Item.count),
    lambda n: price(Item.price, currency=FIELD[n], tax_included=Item.active).one,
    lambda n: price(Item.price, currency=("EUR", "USD")[n]).one.currency,
    lambda n: price_list(Item, amount=Item.price, currency="EUR", group=FIELD[n]),
    lambda n: stock_level(Item.count, location=FIELD[n]),
    lambda n: stock_level(Item.count, location="MAIN", reserved=(Item.count, Item.price)[n]).one,
    lambda n: stock_levels(Item, on_hand=Item.count, location=FIELD[n], same_place="sum"),
    lambda n: sellable(keep_back=n),
    # ---- rules/ ----
    lambda n: FIELD[n] >> clean(),
    lambda n: Item.name.map(CONVERTER[n]),
    lambda n: FIELD[n] | Item.id,
    lambda n: FIELD[n] & Item.id,
    lambda n: FIELD[n].required(),
    lambda n: Item.name.default("ab"[n]),
    lambda n: Item.name.when(FLAG[n]),
    lambda n: FIELD[n].catch(),
    lambda n: Iso((float, str)[n], repr).as_rule(),
    # ---- erp/ ----
    lambda n: FIELD[n],
    lambda n: whole((Item, Other)[n]),
    lambda n: assert_cold(whole(Item).map(repr), reads=["name", "title"][: n + 1], reason="to try it"),
    # ---- mapping/ ----
    constant,
    lambda n: joined(FIELD[n], Item.id),
    lambda n: lookup({"rot": ("red", "blue")[n]}),
    lambda n: boolean(true={"JY"[n]}, false={"N"}),
    lambda n: each(lookup({"a": "bc"[n]})),
    lambda n: decimal(("de_DE", "en_US")[n]),
    lambda n: clean(max_length=10 + n),
    lambda n: plain_text(max_length=10 + n),
    lambda n: in_unit(("GRAM", "KILOGRAM")[n]),
    lambda n: measured({"KG": ("KILOGRAM", "GRAM")[n]}),
    lambda n: price_in(("EUR", "USD")[n]),
    lambda n: reference(
        Item.price >> price_in("EUR"), reason="x", min_age=timedelta(days=n + 1), min_change=Decimal(0)
    ),
    equals,
    lambda n: is_in(n, 2),
    lambda n: present(FIELD[n]),
    lambda n: (all_of, any_of)[n](Item.active, Item.sold),
    lambda n: not_(FLAG[n]),
    lambda n: switch(Item.name, {"a": Item.id, "b": FIELD[n]}),
    lambda n: switch(Item.name, {"a": Item.id}, otherwise=FIELD[n]),
    lambda n: (first, last)[n](Item.texts).parts[1],
    lambda n: (smallest, largest)[n](Item.texts).parts[1],
    lambda n: (any_true, all_true)[n](Item.flags).parts[1],
    lambda n: concat(Item.texts, separator=" -"[n]).parts[1],
    lambda n: every(lookup({"a": "bc"[n]})),
    lambda n: in_language("ED"[n]),
    lambda n: languages({"E": "en_US"}, fallback={"en_GB": "en_US"}).columns({"E": FIELD[n]})["en_GB"],
    lambda n: gtin(8 + 4 * n),
    lambda n: slug(max_length=10 + n),
    lambda n: code_table(["red", "blue"][: n + 1]),
    rounded,
    lambda n: whole_number(maximum=10 + n),
    lambda n: to_unit(
        ("GRAM", "KILOGRAM")[n], family={"GRAM": UnitFactor(Fraction(1, 1000)), "KILOGRAM": UnitFactor(Fraction(1))}
    ),
    lambda n: day(("%d.%m.%Y", "%Y-%m-%d")[n]),
    lambda n: moment("%d.%m.%Y %H:%M", zone=("Europe/Berlin", "Europe/Paris")[n]),
    lambda n: per_pack({"CTN": 12 + n}, base="PCE"),
    lambda n: split(";,"[n]),
    lambda n: join(";,"[n]),
    lambda n: at_most(1 + n),
    lambda n: template("{a} {b}", a=FIELD[n], b=Item.id),
    lambda n: extract("[0-9]+x"[: 6 + n]),
    lambda n: matching("[0-9]+x"[: 6 + n]),
    lambda n: lookup({"a": "bc"[n]}, unknown="pass"),
    lambda n: sanitized_html(max_length=100 + n),
    lambda n: plain_to_html(max_length=100 + n),
    lambda n: blob("ab"[n]),
    lambda n: file_in("ab"[n]),
    lambda n: fetched((str.encode, bytes.fromhex)[n]),
    lambda n: table(Item, {"code": Item.id, "text": FIELD[n]}, merge=False),
    lambda n: bill_of_materials(Item, component=FIELD[n], quantity=Item.count),
    lambda n: OfMember(FIELD[n], frozenset({"v"})),
    lambda n: Agreed(Item.name, frozenset({"v"}), ("first", "most")[n]),
    lambda n: Place(("code", "parent")[n]),
]

PLAIN: list[Callable[[], Step]] = [
    integer,
    as_set,
    single,
    sku,
    lambda: count_of(Item.texts).parts[1],
    lambda: distinct(Item.texts).parts[1],
]


def of_the_package() -> Iterator[type[Step]]:
    """Every class of rules that the package defines and that can be made."""
    for module in pkgutil.walk_packages(akeneo_erp_bridge.__path__, "akeneo_erp_bridge."):
        if not module.name.endswith("__main__"):  # to import it is to run it
            importlib.import_module(module.name)
    waiting, seen = [Rule], set[type[Step]]()
    while waiting:
        kind = waiting.pop()
        if kind not in seen:
            seen.add(kind)
            waiting += kind.__subclasses__()
            is_ours = kind.__module__.startswith("akeneo_erp_bridge.") and not inspect.isabstract(kind)
            # what the engine wraps around a user's rules for one run is bound to that run, and nobody composes with it
            is_ours = is_ours and not kind.__module__.startswith("akeneo_erp_bridge.sync.")
            # attrs makes a slotted class from a plain one, which stays until it is collected
            if is_ours and getattr(importlib.import_module(kind.__module__), kind.__name__, None) is kind:
                yield kind


RULES = [(make(0), make(0)) for make in SAMPLES] + [(make(), make()) for make in PLAIN]
MADE = pytest.mark.parametrize(("rule", "again"), RULES, ids=[type(one).__name__ for one, _ in RULES])


def test_every_class_of_rules_has_a_sample() -> None:
    without = {kind.__qualname__ for kind in of_the_package()} - {type(rule).__qualname__ for rule, _ in RULES}
    assert without == set(), "add a line to SAMPLES"


def test_the_package_is_walked() -> None:
    assert {"Column", "Then", "Lookup", "AssertedCold", "Switch"} <= {kind.__name__ for kind in of_the_package()}


@MADE
def test_a_rule_is_frozen_to_its_leaves(rule: Step, again: Step) -> None:
    assert attrs.has(type(rule))
    for one in attrs.fields(type(rule)):
        value = getattr(rule, one.name)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(rule, one.name, value)
        assert not isinstance(value, list | dict | set) or not one.eq, f"'{one.name}' can be changed from outside"
    with pytest.raises((AttributeError, TypeError)):
        rule.another = 1  # type: ignore[attr-defined]  # the mistake this is about


@MADE
def test_a_rule_made_again_is_the_same(rule: Step, again: Step) -> None:
    assert rule == again
    assert hash(rule) == hash(again)
    assert identity(rule) == identity(again)


@MADE
def test_a_rule_travels(rule: Step, again: Step) -> None:
    there = pickle.loads(pickle.dumps(rule))
    assert there == rule
    assert identity(there) == identity(rule)
    assert there.explain() == rule.explain()


@MADE
def test_a_rule_says_what_it_is_in_one_line(rule: Step, again: Step) -> None:
    assert rule.label
    assert "\n" not in rule.label
    assert " object at 0x" not in rule.explain()
    assert rule.explain().splitlines()[0] == str(rule) == rule.label


@MADE
def test_a_rule_is_another_one_by_any_of_its_fields(rule: Step, again: Step) -> None:
    for one in attrs.fields(type(rule)):
        if one.init:
            other = copy.copy(rule)
            object.__setattr__(other, one.name, "something else")
            assert identity(other) != identity(rule), one.name


@MADE
def test_a_rule_shows_the_rules_inside(rule: Step, again: Step) -> None:
    """Or taint, sources and the tree would not see them. What is asserted cold hides its rule: it may read no more."""
    if type(rule).__name__ == "AssertedCold":
        return
    inside = [value for one in attrs.fields(type(rule)) for value in leaves(getattr(rule, one.name)) if one.init]
    assert set(map(identity, inside)) == set(map(identity, rule.parts))


def leaves(value: object) -> Iterator[Step]:
    if isinstance(value, Step):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from leaves(one)


@pytest.mark.parametrize("make", SAMPLES, ids=[type(make(0)).__name__ for make in SAMPLES])
def test_people_can_tell_two_rules_apart(make: Callable[[int], Step]) -> None:
    assert make(0).explain() != make(1).explain()


def test_a_chain_is_explained_step_by_step() -> None:
    chain = (Item.name >> clean()) >> (split(";") >> each(lookup({"a": "b"}, unknown="keep"))) >> at_most(2)
    assert chain.explain().splitlines() == [
        "name >> clean() >> split(';') >> each(lookup({'a': 'b'}, unknown='keep')) >> at_most(2)",
        "  name",
        "  clean()",
        "  split(';')",
        "  each(lookup({'a': 'b'}, unknown='keep'))",
        "    lookup({'a': 'b'}, unknown='keep')",
        "  at_most(2)",
    ]
    assert (Item.name >> clean()).required().label == "(name >> clean()).required()"


@pytest.mark.parametrize("make", SAMPLES, ids=[type(make(0)).__name__ for make in SAMPLES])
def test_a_rule_is_another_one_by_its_parameter(make: Callable[[int], Step]) -> None:
    assert make(0) != make(1)
    assert identity(make(0)) != identity(make(1))


def test_a_two_way_binding_counts_with_its_pair() -> None:
    pairs = [Iso(str.strip, str.title), Iso(str.strip, str.upper)]
    one, other = (two_way(Item.name, pair, Cell[str]("name"), owner=Owner.ERP) for pair in pairs)
    assert identity(one) != identity(other)


# ---- no data makes a rule raise ----
HOSTILE = (
    None, "", " ", "a", "0", "-1", "1.234,50", "NaN", "4006381333931", "<p>x</p><![x[", "e\u0301", "x" * 300, "a;b;;c", "a\nb", "\x00", "\ud800",
    "31.12.2026", "29.02.2025", "0001-01-01", 0, 1, -1, 10**5000, True, False, 0.0, 0.1, float("nan"), float("-inf"), b"", b"\xff", object(),
    Decimal("0.00"), Decimal("-1.5"), Decimal("NaN"), Decimal("sNaN"), Decimal("1E+999999"), date(2024, 2, 29), datetime(1, 1, 1, tzinfo=UTC),
    (), [], {}, [None], [{"text": "a"}], {"E": None, "D": "b"}, [{"text": None, "flag": "?"}, 7], frozenset({"a"}),
)  # fmt: skip
ANYTHING = st.integers(0, len(HOSTILE) - 1).map(lambda place: HOSTILE[place])  # some of them cannot be printed
TEXTS = (
    st.sampled_from([one for one in HOSTILE if isinstance(one, str)])
    | st.text()
    | st.text("0123456789.,:-+;TZ ", max_size=20)
)
AMOUNTS = st.decimals() | st.sampled_from([one for one in HOSTILE if isinstance(one, Decimal)])
COUNTS = st.integers() | st.integers(4999, 5001).map(lambda digits: 10**digits)
COUNTED = st.decimals(-(10**50), 10**50, allow_nan=False)
ROWS = st.dictionaries(
    st.sampled_from(["id", "name", "title", "active", "sold", "lines", "lines[0].text", "names", "price", "count", "code"]),
    ANYTHING | TEXTS | st.lists(ANYTHING, max_size=3),
)  # fmt: skip
PLACES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["code", "key", "parent", "family_variant"], ANYTHING | st.just("v")),
        "trouble": st.sampled_from([None, "row 7 has no size"]),  # a sentence of the engine's own
    },
)
ITEMS = st.builds(Item, ROWS)


def many(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(values, max_size=4).map(tuple)


INPUTS: dict[object, st.SearchStrategy[object]] = {
    str: TEXTS,
    bytes: st.binary(max_size=20),
    bool: st.booleans(),
    Decimal: AMOUNTS,
    Decimal | int: AMOUNTS | COUNTS,
    Metric: st.builds(Metric, AMOUNTS, st.sampled_from(["GRAM", "KILOGRAM", "METER", ""]).map(UnitCode)),
    Lines: st.lists(ROWS, max_size=4).map(Lines),
    # the rules that make stock let no other number in
    Stock: many(st.builds(StockLevel, TEXTS, COUNTED, reserved=COUNTED, incoming=COUNTED)).map(Stock),
    Translations: many(st.tuples(TEXTS, st.none() | TEXTS)).map(Translations),
    ErpItem: ITEMS | st.builds(Group, PLACES),
    "Member[ItemT]": st.builds(Member, PLACES, ITEMS),
    "Group[ItemT]": st.builds(Group, PLACES, st.lists(ITEMS, max_size=4)),
}
"""What a rule of each source may be given: whatever has the type, and no more than that."""


def inputs_of(rule: Step) -> st.SearchStrategy[object]:
    """Whatever the rule's class says that it takes."""
    source = next(
        get_args(base)[0]
        for kind in type(rule).__mro__
        for base in vars(kind).get("__orig_bases__", ())
        if get_origin(base) is Rule
    )
    return values_of(getattr(source, "__forward_arg__", source), rule)


def values_of(source: object, rule: Step) -> st.SearchStrategy[object]:
    if source in INPUTS:
        return INPUTS[source]
    if get_origin(source) is frozenset:
        return st.frozensets(TEXTS, max_size=4)
    if get_origin(source) is tuple:
        inside = [one for one in get_args(source) if one is not ...]
        if len(inside) < len(get_args(source)):
            return many(inputs_of(rule.parts[0]) if rule.parts else values_of(inside[0], rule))
        return st.tuples(*(values_of(one, rule) for one in inside))
    if not isinstance(source, TypeVar) and source is not object:
        raise AssertionError(f"INPUTS has nothing of {source}")
    # what it takes is what its parts take; a leaf of any type gets items where it reads them, and else anything
    return ITEMS if rule.parts or rule.sources or type(rule).__name__ == "Whole" else ANYTHING


@MADE
@settings(max_examples=50)
@given(data=st.data())
def test_no_data_makes_a_rule_raise(rule: Rule[object, object, object], again: Step, data: st.DataObject) -> None:
    source = data.draw(inputs_of(rule))
    outcome = rule.run(source)
    assert isinstance(outcome, Put | Keep | Clear | Problem)
    if isinstance(outcome, Problem):
        assert outcome.code
        assert outcome.detail
        assert "\n" not in outcome.detail
        assert len(outcome.detail) < 1000
