"""What waits for somebody: parked items with their place, sample and age, and held cells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, cold, hot, internal
from akeneo_erp_bridge.mapping import Group, Member
from akeneo_erp_bridge.sync import ErpToPim, HeldCell, LedgerEntry, ParkedItem, Settled, SqliteState
from places import old_file
from world import ListErp, make_mapping, row

KEY = ErpKey("000123")
FIRST, LATER = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
REFUSED = ParkedItem(KEY, "refused", "values/name", "no", sample={"name": "'Drill'"})
ENTRY = LedgerEntry(KEY, "f", "c", "uuid-1")


class Tool(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    price = hot(str, "price")
    cost = internal(str, "cost")
    parts = cold(tuple, "parts")


RAW = {"number": "1", "name": "x" * 90, "price": "9.90", "cost": "4.10", "memo": "ask Ada", "parts": [{"price": "1"}]}


def test_a_sample_shows_nothing_that_is_hot_internal_or_undeclared() -> None:
    sample = Tool(RAW).sample()
    assert sample.keys() == {"number", "name", "parts"}
    assert len(sample["name"]) == 60
    assert sample["parts"] == "(list)", "what is inside has temperatures of its own"
    assert Member({"key": "1"}, Tool(RAW)).sample() == sample
    assert Group[Tool]({"code": "M"}, [Tool(RAW)]).sample() == {"code": "'M'", **sample}


def test_what_the_pim_refused_is_parked_with_its_message_place_and_sample(
    pim: AkeneoClient, state: SqliteState
) -> None:
    ErpToPim(ListErp([row(1), {**row(2), "colour": "green"}]), make_mapping(), pim, state).run()
    (item,) = state.parked("products")
    assert (item.code, item.path) == ("refused", "values/colour")
    assert item.detail.startswith("the PIM refused it: ")
    assert item.path not in item.detail, "told once"
    assert item.sample["colour"] == "'green'"
    assert item.sample.keys() == {"number", "name", "weight", "unit", "category", "colour"}, "price and stock are hot"


def test_an_item_that_a_rule_refuses_is_parked_with_its_sample(pim: AkeneoClient, state: SqliteState) -> None:
    ErpToPim(ListErp([{**row(1), "weight": "heavy"}]), make_mapping(), pim, state).run()
    (item,) = state.parked("products")
    assert item.sample["weight"] == "'heavy'"


@pytest.mark.on_both
def test_an_item_keeps_the_moment_at_which_it_was_first_parked(state: SqliteState) -> None:
    state.settle("products", Settled(parked=[REFUSED], at=FIRST))
    state.settle("products", Settled(parked=[ParkedItem(KEY, "required", "", "other", "f2")], at=LATER))
    (item,) = state.parked("products")
    assert (item.code, item.since) == ("required", FIRST)
    assert state.oldest_parked("products") == FIRST
    state.settle("products", Settled(entries=[ENTRY], at=LATER))
    assert state.oldest_parked("products") is None
    state.settle("products", Settled(parked=[REFUSED], at=LATER))
    assert state.oldest_parked("products") == LATER, "it was in the PIM in between"


@pytest.mark.on_both
def test_a_report_tells_how_long_the_oldest_parked_item_waits(pim: AkeneoClient, state: SqliteState) -> None:
    job = ErpToPim(ListErp([{**row(1), "weight": "heavy"}]), make_mapping(), pim, state)
    assert not any("waits for" in line for line in job.run().remarks)
    week_ago = datetime.now(UTC) - timedelta(days=7, hours=1)
    other = ParkedItem(ErpKey("9"), "refused", "", "no")
    state.settle("products", Settled(parked=[other], at=week_ago, run="earlier"))
    assert "the oldest parked item waits for 7 days" in job.plan().report.remarks


@pytest.mark.on_both
def test_held_cells_take_the_place_of_what_was_held(state: SqliteState) -> None:
    name, weight = (
        HeldCell(KEY, "name", "a", "b", "c"),
        HeldCell(KEY, "weight", None, {"amount": "1.5"}, ["x"], wire={"amount": "1.500"}),
    )
    state.settle("products", Settled(entries=[ENTRY], held=[name, weight], at=FIRST))
    state.settle("products", Settled(entries=[LedgerEntry(ErpKey("9"), "f", "c", "u")], at=LATER))
    assert list(state.held("products")) == [name, weight]
    state.settle("products", Settled(entries=[ENTRY], held=[weight], at=LATER))
    (still,) = state.held("products")
    assert (still, still.since) == (weight, FIRST)
    assert still.wire == {"amount": "1.500"}
    assert state.held_among("products", [KEY, ErpKey("9")]) == [weight]
    assert list(state.held("offers")) == []
    state.settle("products", Settled(forgotten=[KEY]))
    assert list(state.held("products")) == []


def test_a_file_of_the_version_before_keeps_its_parked_items(tmp_path: Path) -> None:
    old_file(
        tmp_path / "state.db",
        4,
        "INSERT INTO parked VALUES ('products', '000123', 'refused', 'values/name', 'no', '', '', 'r')",
    )
    with SqliteState(tmp_path / "state.db") as state:
        (item,) = state.parked("products")
        assert (item, dict(item.sample), item.since) == (REFUSED, {}, None)
        assert state.oldest_parked("products") is None


@pytest.mark.on_both
def test_half_a_character_in_a_sample_does_not_stop_the_file(state: SqliteState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(KEY, "x", "", "x", sample={"name": "\ud800"})]))
    assert next(state.parked("products")).sample == {"name": "\ud800"}
