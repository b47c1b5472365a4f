"""Parents before children, and nobody lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.erp import ErpItem, cold, parents_first

Row = tuple[str, str | None]


def ordered(rows: list[Row]) -> list[str]:
    return [key for key, _ in parents_first(rows, key=lambda row: row[0], parent=lambda row: row[1])]


ROWS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, "", *"abcdefghz"])), max_size=12)


@given(rows=ROWS)
def test_nobody_is_lost(rows: list[Row]) -> None:
    assert sorted(ordered(rows)) == sorted(key for key, _ in rows)


@given(rows=st.lists(ROWS.map(lambda rows: rows[:1]), max_size=12))
def test_a_parent_stands_before_its_children_unless_they_go_round_in_a_circle(rows: list[list[Row]]) -> None:
    parents = dict(row for some in rows for row in some)
    order = {key: place for place, key in enumerate(ordered(list(parents.items())))}

    def ancestors(key: str) -> list[str]:
        met: list[str] = []
        up = parents[key]
        while up in parents and up not in met:
            met.append(up)
            up = parents[up]
        return met

    for key, up in parents.items():
        if up in parents and key not in ancestors(key):
            assert order[up] < order[key]


@given(rows=ROWS)
def test_whoever_reaches_a_root_stands_before_whoever_does_not(rows: list[Row]) -> None:
    parents = dict(rows)

    def sound(key: str) -> bool:
        for _ in parents:
            up = parents[key]
            if not up:
                return True
            if up not in parents:
                return False
            key = up
        return False

    soundness = [sound(key) for key in ordered(list(parents.items()))]
    assert soundness == sorted(soundness, reverse=True)


def test_levels_in_the_order_they_came() -> None:
    rows: list[Row] = [("b1", "b"), ("a1", "a"), ("a", None), ("b", ""), ("a11", "a1")]
    assert ordered(rows) == ["a", "b", "a1", "b1", "a11"]


def test_missing_parents_then_circles_each_with_what_hangs_on_them() -> None:
    rows: list[Row] = [("hangs", "x"), ("x", "y"), ("y", "x"), ("self", "self"), ("orphan", "gone"), ("child", "orphan"), ("root", None)]  # fmt: skip
    assert ordered(rows) == ["root", "orphan", "child", "x", "hangs", "y", "self"]


def test_a_key_that_comes_twice_comes_twice() -> None:
    assert ordered([("a1", "a"), ("a", None), ("a", None)]) == ["a", "a", "a1"]


def test_a_deep_hierarchy_needs_no_deep_stack() -> None:
    rows: list[Row] = [(str(number), str(number - 1) if number else None) for number in reversed(range(5_000))]
    assert ordered(rows) == [str(number) for number in range(5_000)]


def test_items_keep_their_type() -> None:
    class Category(ErpItem):
        code = cold(str, "code", key=True)
        parent = cold(str, "parent")

    rows = [{"code": "drills", "parent": "tools"}, {"code": "tools", "parent": ""}]
    items = parents_first([Category(row) for row in rows], key=lambda one: str(one.key), parent=lambda one: one.parent)
    assert [one.code for one in items] == ["tools", "drills"]
