"""What happened on the way to a value is told with it, whichever rule it passes."""

from __future__ import annotations

import pytest

from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import clean
from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule


class Item(ErpItem):
    id = cold(str, "id", key=True)
    size = cold(int, "size")
    count = cold(int, "count")
    text = cold(str, "text")
    note = cold(str, "note").nullable()


class Nothing(Rule[str, str | None, object]):
    """A null, and why."""

    @property
    def label(self) -> str:
        return "nothing()"

    def run(self, source: str) -> Outcome[str | None]:
        return Put(None, ("there was nothing in it",))


def item(**row: object) -> Item:
    return Item({"id": "1", **row})


def notes(outcome: Outcome[object]) -> tuple[str, ...]:
    assert isinstance(outcome, Put)
    return outcome.notes


NOTED = Item.text >> clean()
NULL = Item.text >> Nothing()


@pytest.mark.parametrize(
    "rule",
    [
        NOTED.required(),
        NOTED.default("x"),
        NOTED.map(str.title),
        NOTED.catch(),
        NOTED & Item.id,
        NOTED >> clean(),
        NOTED | Item.id,
        Item.size.map(str) | NOTED,
        Item.id.when(NOTED.map(bool)),
    ],
)
def test_a_note_stays(rule: Rule[Item, object, object]) -> None:
    assert any("cleaned from ' a'" in note for note in notes(rule.run(item(text=" a"))))


def test_why_there_was_a_null_is_told_with_what_stands_in_for_it() -> None:
    assert NULL.default("x").run(item(text="a")) == Put("x", ("there was nothing in it",))
    assert (NULL | Item.id).run(item(text="a")) == Put("1", ("there was nothing in it",))


def test_two_wrong_arms_are_told_both() -> None:
    outcome = (Item.size | Item.count).run(item(size="x", count="y"))
    assert isinstance(outcome, Problem)
    assert "'x'" in outcome.detail
    assert "'y'" in outcome.detail
    assert outcome.path == "size"


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        (Item.size.catch() | Item.count, "skip_item"),
        (Item.size | Item.count.catch(), "skip_item"),
        (Item.size.catch() | Item.count.catch(), "skip_cell"),
        ((Item.size | Item.count).catch(), "skip_cell"),
    ],
)
def test_two_wrong_arms_weigh_as_the_heavier(rule: Rule[Item, object, object], severity: str) -> None:
    outcome = rule.run(item(size="x", count="y"))
    assert isinstance(outcome, Problem)
    assert outcome.severity == severity


def test_a_wrong_arm_and_an_empty_one_are_a_problem_of_the_wrong_one() -> None:
    outcome = (Item.size | Item.count).run(item(size=None, count="y"))
    assert isinstance(outcome, Problem)
    assert "'y'" in outcome.detail
    assert (Item.size | Item.count).run(item(size=None)) == CLEAR
