"""Where in a row a value stands, and what is said when the row is of another shape."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.erp import ErpField, ErpItem, ErpSchema, cold, column_of, hot, nested_rows
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import CLEAR, KEEP, Clear, Keep, Outcome, Problem, Put


class Order(ErpItem):
    number = cold(str, "number", key=True)
    width = cold(Decimal, "size.width")
    text = cold(str, "lines[0].text")
    end = cold(str, "lines[-1].text")
    eans = cold(str, "lines[*].ean").many()
    weights = cold(Decimal, "lines[*].weight").many()
    parts = cold(str, "lines[*].parts[*].code").many()
    tags = cold(str, "tags").many()
    notes = cold(str, "notes[*]").nullable().many()
    maybe = cold(str, "tags").many().nullable()
    prices = hot(Decimal, "lines[*].price").many()
    kilos = cold(Decimal, "Weight [kg]")
    code = cold(str, "No.")


def order(**row: object) -> Order:
    return Order({"number": "1", **row})


LINES: list[dict[str, object]] = [{"text": "drill", "ean": "96385074"}, {"text": "saw"}, {"text": "nail", "ean": "7"}]


@pytest.mark.parametrize(
    ("rule", "row", "outcome"),
    [
        (Order.width, {"size": {"width": "1.5"}}, Put(Decimal("1.5"))),
        (Order.width, {"size": {"width": 0}}, Put(Decimal(0))),
        (Order.width, {}, KEEP),
        (Order.width, {"size": {}}, KEEP),
        (Order.width, {"size": {"width": None}}, CLEAR),
        (Order.width, {"size": None}, CLEAR),
        (Order.text, {"lines": LINES}, Put("drill")),
        (Order.text, {"lines": tuple(LINES)}, Put("drill")),
        (Order.text, {"lines": []}, KEEP),
        (Order.text, {"lines": None}, CLEAR),
        (Order.end, {"lines": LINES}, Put("nail")),
        (Order.eans, {"lines": LINES}, Put(("96385074", "7"))),
        (Order.eans, {"lines": []}, Put(())),
        (Order.eans, {}, KEEP),
        (Order.eans, {"lines": None}, CLEAR),
        (Order.eans, {"lines": [{"ean": None}, {"ean": ""}, None]}, Put(("",))),
        (Order.weights, {"lines": [{"weight": " "}, {"weight": "0"}]}, Put((Decimal(0),))),
        (Order.parts, {"lines": [{"parts": [{"code": "a"}, {}]}, {"parts": None}, {}, {"parts": [{"code": "b"}]}]}, Put(("a", "b"))),
        (Order.tags, {"tags": ["x", "y", "x"]}, Put(("x", "y", "x"))),
        (Order.notes, {"notes": ["x", None]}, Put(("x", None))),
        (Order.maybe, {"tags": None}, Put(None)),
        (Order.maybe, {"tags": ["x"]}, Put(("x",))),
    ],
)  # fmt: skip
def test_what_a_path_leads_to(rule: object, row: dict[str, object], outcome: object) -> None:
    assert rule.run(order(**row)) == outcome  # type: ignore[attr-defined]  # a rule of any type of value


@pytest.mark.parametrize(
    ("rule", "row", "told"),
    [
        (Order.width, {"size": "30 cm"}, "step 'width' fails: 'size' holds '30 cm', which has no members with names"),
        (Order.width, {"size": [1]}, "step 'width' fails: 'size' holds [1], which has no members with names"),
        (Order.text, {"lines": {"text": "x"}}, "step '[0]' fails: 'lines' holds {'text': 'x'}, which is no list"),
        (Order.text, {"lines": "abc"}, "step '[0]' fails: 'lines' holds 'abc', which is no list"),
        (Order.text, {"lines": ["abc"]}, "step 'text' fails: 'lines[0]' holds 'abc', which has no members with names"),
        (Order.eans, {"lines": 5}, "step '[*]' fails: 'lines' holds 5, which is no list"),
        (Order.eans, {"lines": [{}, 5]}, "step 'ean' fails: 'lines[1]' holds 5, which has no members with names"),
        (Order.parts, {"lines": [{}, {"parts": [{}, 5]}]}, "step 'code' fails: 'lines[1].parts[1]' holds 5"),
        (Order.parts, {"lines": [{"parts": {}}]}, "step '[*]' fails: 'lines[0].parts' holds {}, which is no list"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_taken_is_named(rule: object, row: dict[str, object], told: str) -> None:
    outcome = rule.run(order(**row))  # type: ignore[attr-defined]  # as above
    assert isinstance(outcome, Problem)
    assert outcome.code == "wrong_container"
    assert told in outcome.detail


def test_a_wrong_member_is_named_by_its_place() -> None:
    outcome = Order.weights.run(order(lines=[{"weight": "1"}, {"weight": "heavy"}]))
    assert isinstance(outcome, Problem)
    assert outcome.path == "lines[*].weight"
    assert "value 2 of 2 holds 'heavy'" in outcome.detail
    assert isinstance(Order.tags.run(order(tags="x, y")), Problem)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("width", "size.width", "2"),
        ("text", "lines[0].text", "drill"),
        ("kilos", "Weight [kg]", "2"),
        ("code", "No.", "A1"),
    ],
)
def test_a_column_of_the_whole_name_comes_first(name: str, path: str, value: str) -> None:
    one = order(**{path: value, "size": {"width": "9"}, "lines": [{"text": "other"}]})
    assert str(getattr(one, name)) == value
    assert order(**{"lines[*].ean": ["8"], "lines": LINES}).eans == ("8",)


def test_a_name_that_is_no_path_is_never_walked() -> None:
    assert Order.code.run(order(No={"": "walked"})) == KEEP
    assert Order.kilos.run(order(**{"Weight ": ["walked"]})) == KEEP


def test_several_values_are_declared_as_such() -> None:
    with pytest.raises(MappingError, match=r"Odd.eans: 'lines\[\*\].ean' gives several values; add .many()"):
        type("Odd", (ErpItem,), {"eans": cold(str, "lines[*].ean")})
    with pytest.raises(MappingError, match="a key is one value"):
        type("Odd", (ErpItem,), {"keys": cold(str, "keys", key=True).many()})


def test_a_key_may_be_inside() -> None:
    class Nested(ErpItem):
        number = cold(str, "head.number", key=True)

    assert Nested({"head": {"number": 7}}).key == "7"
    assert Nested({"head": 7}).key == ""


def test_temperature_and_sources_are_those_of_the_path() -> None:
    assert Order.eans.sources == {"lines[*].ean"}
    assert Order.prices.temperatures != Order.eans.temperatures
    assert {column_of(one) for one in (Order.eans & Order.width).sources} == {"lines", "size"}


def test_a_schema_may_name_the_path_or_the_column_it_begins_in() -> None:
    schema = ErpSchema("orders", (ErpField("lines"), ErpField("size.width"), ErpField("Weight [kg]")))
    assert all(schema.has(path) for path in ("lines[*].ean", "lines", "size.width", "Weight [kg]"))
    assert not any(schema.has(path) for path in ("size.height", "Weight", "line"))


# ---- flat rows ----
def test_rows_of_one_key_become_lines_of_one_row() -> None:
    rows: list[dict[str, object]] = [
        {"number": "1", "ean": "7"},
        {"number": "1", "ean": "8"},
        {"number": "2", "ean": "9"},
        {},
    ]
    nested = list(nested_rows(iter(rows), by="number", into="lines"))
    assert [Order(row).eans for row in nested] == [("7", "8"), ("9",), ()]
    assert [row.get("number") for row in nested] == ["1", "2", None]


def test_one_run_of_rows_is_held_at_a_time() -> None:
    taken: list[int] = []

    def rows() -> Iterator[dict[str, object]]:
        for number in range(10):
            taken.append(number)
            yield {"number": number // 2}

    next(nested_rows(rows(), by="number", into="lines"))
    assert len(taken) <= 3


# ---- fingerprints ----
PATHS = ("lines[*].ean", "size.width", "tags")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"lines": LINES}, {"lines": [{**line, "price": 3} for line in LINES]}, True),
        ({"lines": LINES}, {"lines": LINES[:1]}, False),
        ({"lines": []}, {}, False),
        ({"lines": None}, {}, False),
        ({"size": "a"}, {"size": "b"}, False),
        ({"size": "a"}, {}, False),
        ({"size": {"width": None}}, {"size": {}}, False),
    ],
)
def test_a_fingerprint_sees_what_the_paths_lead_to(
    one: dict[str, object], other: dict[str, object], is_same: bool
) -> None:
    assert (order(**one).fingerprint(PATHS) == order(**other).fingerprint(PATHS)) is is_same


def test_another_process_takes_the_same_fingerprint_of_what_is_absent() -> None:
    code = """
from akeneo_erp_bridge.erp import ErpItem, cold
class Item(ErpItem):
    number = cold(str, "number", key=True)
print(Item({"number": "1", "size": 5}).fingerprint(("absent", "number", "size.width", "a[0].b")))
"""
    found = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(found) == 1


def test_a_tower_of_lists_has_a_fingerprint() -> None:
    tower: list[object] = []
    for _ in range(100_000):
        tower = [tower]
    assert order(tags=tower).fingerprint(PATHS) == order(tags=tower).fingerprint(PATHS)
    tower.clear()


def test_a_field_of_many_travels() -> None:
    assert pickle.loads(pickle.dumps(Order.eans)) == Order.eans


# ---- the law ----
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.decimals()
shapes = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "ean", "weight", "parts", "code", "width"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["lines", "size", "tags", "notes"]), shapes))
def test_no_shape_makes_a_field_raise(row: Mapping[str, object]) -> None:
    for field in (Order.width, Order.text, Order.end, Order.eans, Order.parts, Order.notes, Order.maybe):
        outcome: Outcome[object] = field.run(order(**row))
        assert isinstance(outcome, Put | Keep | Clear | Problem)
    order(**row).fingerprint(PATHS)


@given(st.lists(st.fixed_dictionaries({}, optional={"ean": st.text() | st.none()})))
def test_many_are_those_that_are_there_in_order(lines: list[dict[str, str | None]]) -> None:
    assert Order.eans.run(order(lines=lines)) == Put(tuple(one["ean"] for one in lines if one.get("ean") is not None))
