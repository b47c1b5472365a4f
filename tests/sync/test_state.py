"""What a state promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError, StateInUse
from akeneo_erp_bridge.sync import DeletionCount, HeldCell, LedgerEntry, Marked, ParkedItem, RunRecord, Settled, Trouble
from akeneo_erp_bridge.sync._stored._marks import put_marks
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from places import Place

pytestmark = pytest.mark.on_both

KEY = ErpKey("000123")
ENTRY = LedgerEntry(KEY, "f", "c", "uuid-1", {"name[en_US]": "Drill", "weight": None, "categories": ["a"]}, {})


def test_what_is_settled_is_there_after_reopening(place: Place) -> None:
    with place.open() as state:
        state.intend("products", [ENTRY])
        state.settle("products", Settled(entries=[ENTRY], answered=[KEY], cursor=Cursor("timestamp", "b", "h")))
    with place.open() as state:
        found = state.entries("products", [KEY, ErpKey("other")])
        assert set(found) == {KEY}
        assert dict(found[KEY].cells) == dict(ENTRY.cells)
        assert found[KEY].ref == "uuid-1"
        assert state.cursor("products", "") == Cursor("timestamp", "b", "h")
        assert state.cursor("offers", "") is None
        assert state.ledger_size("products") == 1
        assert state.intents("products", [KEY]) == {}


def test_an_intent_outlives_the_process_until_it_is_settled(place: Place) -> None:
    with place.open() as state:
        state.intend("products", [ENTRY])
    with place.open() as state:
        assert state.intents("products", [KEY]) == {KEY: ENTRY}


def test_a_refused_change_leaves_no_intent(state: StoredState) -> None:
    state.intend("products", [ENTRY])
    state.settle("products", Settled(parked=[ParkedItem(KEY, "refused", "", "no")]))
    assert state.intents("products", [KEY]) == {KEY: ENTRY}, "parked, but not by an answer of the PIM"
    state.settle("products", Settled(parked=[ParkedItem(KEY, "refused", "", "no")], answered=[KEY]))
    assert state.intents("products", [KEY]) == {}


def test_what_was_sent_is_known_by_its_marks_after_reopening(place: Place) -> None:
    first, second, other = (Marked(mark, KEY, "uuid-1") for mark in ("by a", "by b", "by c"))
    twin = Marked("by a", ErpKey("9"), "uuid-9")
    with place.open() as state:
        state.intend("products", [ENTRY], [first, second])
    with place.open() as state:
        assert state.marked("products", ["by a", "by c"]) == [first]
        assert state.marked("offers", ["by a"]) == []
        state.intend("products", [ENTRY], [second, other, twin])
        found = state.marked("products", ["by a", "by b", "by c"])
        assert sorted(found, key=lambda one: (one.mark, one.ref)) == [first, twin, second, other]


@pytest.mark.parametrize(("age", "left"), [(59, 1), (61, 0), (-59, 1), (-61, 0)])
def test_marks_are_kept_for_an_hour_whatever_the_clock_says(state: StoredState, age: int, left: int) -> None:
    """In minutes: one that was ahead is put right some time."""
    at = datetime.now(UTC) - timedelta(minutes=age)
    state.database.write(lambda db: put_marks(db, "products", [Marked("by a", KEY, "uuid-1")], at))
    assert len(state.marked("products", ["by a"])) == left
    state.bind("products", "a PIM", claim=True)
    rows = state.database.read(lambda db: list(db.execute("SELECT mark FROM mark")))
    assert len(rows) == left, "they go when the next run begins"


def test_an_entry_is_found_by_its_reference(state: StoredState) -> None:
    other = LedgerEntry(ErpKey("9"), "f", "c", "uuid-9", {}, {}, {"categories": ["a"]}, gone=True)
    state.settle("products", Settled(entries=[ENTRY, other]))
    assert state.owners("products", ["uuid-9", "uuid-0"]) == [other]
    assert state.owners("offers", ["uuid-9"]) == []
    assert state.ledger_size("products") == 1, "what is gone does not count"
    state.settle("products", Settled(forgotten=[ErpKey("9")]))
    assert state.owners("products", ["uuid-9"]) == []


def test_a_cursor_counts_under_its_own_context(state: StoredState) -> None:
    state.settle("products", Settled(cursor=Cursor("sequence", "7"), context="mapping 1", run="r1"))
    assert state.cursor("products", "mapping 1") == Cursor("sequence", "7")
    assert state.cursor("products", "mapping 2") is None
    assert not state.is_finished("products")
    state.finish("products", "r1", covers_all=False)
    assert state.is_finished("products")


@pytest.mark.parametrize(("covers_all", "left"), [(True, []), (False, ["old"])])
def test_what_a_run_has_not_met_waits_unless_it_read_all(
    state: StoredState, left: list[str], *, covers_all: bool
) -> None:
    state.settle("products", Settled(parked=[ParkedItem(ErpKey("old"), "x", "", "x")], run="r1"))
    state.settle("products", Settled(parked=[ParkedItem(ErpKey("new"), "x", "", "x")], run="r2"))
    assert state.finish("products", "r2", covers_all=covers_all) == len(left)
    assert [one.key for one in state.parked_before("products", "r2")] == left
    assert [one.key for one in state.parked("products")] == ["new", *left]


def test_items_without_a_key_are_parked_side_by_side(state: StoredState) -> None:
    for fingerprint in ("a", "b", "a"):
        state.settle("products", Settled(parked=[ParkedItem(ErpKey(""), "no_key", "id", "no key", fingerprint)]))
    assert len(list(state.parked("products"))) == 2


def test_half_a_character_does_not_stop_the_file(state: StoredState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(KEY, "x", "caf\udce9", "seen \ud800")]))
    assert str(next(state.parked("products"))) == f"{KEY}: caf\\udce9: seen \\ud800"


def test_a_later_success_closes_a_parked_item(state: StoredState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(KEY, "required", "name", "missing", "f", "c")]))
    assert [one.key for one in state.parked("products")] == [KEY]
    assert state.parked_among("products", [KEY])[KEY].detail == "missing"
    state.settle("products", Settled(entries=[ENTRY]))
    assert list(state.parked("products")) == []


def test_a_page_is_settled_whole_or_not_at_all(state: StoredState) -> None:
    bad = LedgerEntry(ErpKey("x"), "f", "c", None, {})  # type: ignore[arg-type]  # the column refuses it: that is the point
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        state.settle("products", Settled(entries=[ENTRY, bad], cursor=Cursor("snapshot", "1")))
    assert state.ledger_size("products") == 0
    assert state.cursor("products", "") is None


def test_run_history_is_newest_first(state: StoredState) -> None:
    for hour in (2, 1):  # the clock was set back in between
        moment = datetime(2026, 1, 1, hour, tzinfo=UTC)
        state.record_run(RunRecord(f"r{hour}", "products", moment, moment, {"read": hour}))
    assert [one.run_id for one in state.runs("products")] == ["r1", "r2"]
    assert next(state.runs("products")).counts == {"read": 1}


def test_the_history_is_read_in_slices(state: StoredState) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for count in range(205):
        state.record_run(RunRecord(f"r{count}", "products", moment, moment, {}))
        state.record_run(RunRecord(f"o{count}", "offers", moment, moment, {}))
    state.record_run(RunRecord("r7", "products", moment, moment, {"read": 1}))  # once more: it keeps its place
    assert [one.run_id for one in state.runs("products")] == [f"r{count}" for count in reversed(range(205))]


NIGHT, NEXT = datetime(2026, 1, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, 2, tzinfo=UTC)


def test_a_run_says_why_it_ended(state: StoredState) -> None:
    stopped = RunRecord("r1", "products", NIGHT, NIGHT, {}, stopped_by="40 of 200 items are parked")
    failed = RunRecord("r2", "products", NEXT, NEXT, {}, error="PimUnreachable: no answer")
    for one in (stopped, failed):
        state.record_run(one)
    assert list(state.runs("products")) == [failed, stopped]


def test_streams_of_one_run_share_its_id(state: StoredState) -> None:
    for stream in ("models of products", "products"):
        state.record_run(RunRecord("r1", stream, NIGHT, NIGHT, {"read": len(stream)}))
    assert [next(state.runs(one)).counts["read"] for one in ("models of products", "products")] == [18, 8]


def test_a_trouble_is_kept_until_it_is_over(place: Place) -> None:
    first, more = Trouble(NIGHT, {"brake": NIGHT}), Trouble(NIGHT, {"brake": NIGHT, "PimUnreachable": NEXT})
    with place.open() as state:
        assert state.trouble("products") is None
        state.keep_trouble("products", first)
    with place.open() as state:
        assert state.trouble("products") == first
        assert state.trouble("offers") is None
        state.keep_trouble("products", more)
        assert state.trouble("products") == more
        state.keep_trouble("offers", None)
        assert state.trouble("products") == more
        state.keep_trouble("products", None)
        assert state.trouble("products") is None


def test_more_keys_and_more_rows_than_fit_one_query(state: StoredState) -> None:
    keys = [ErpKey(f"{number:05}") for number in range(1203)]
    entries = [LedgerEntry(key, "f", "c", f"ref {key}", unlinked={"a": ["b"]}) for key in keys]
    parked = [ParkedItem(key, "x", "", "x") for key in keys]
    held = [HeldCell(key, cell, 1, 2, 3) for key in keys for cell in ("a", "b")]
    state.settle("products", Settled(entries=entries))
    state.settle("products", Settled(parked=parked, held=held))
    state.settle("offers", Settled(parked=parked[:2]))
    assert list(state.entries("products", keys)) == keys
    assert len(state.owners("products", [one.ref for one in entries])) == 1203
    assert [one.key for one in state.unlinked("products", "c", "00100", 3)] == ["00101", "00102", "00103"]
    assert list(state.parked("products")) == parked
    assert list(state.held("products")) == state.held_among("products", keys) == held
    assert state.held_among("products", keys[5:6]) == held[10:12]
    assert state.held_among("offers", keys) == []
    state.settle("products", Settled(forgotten=keys[1:]))
    assert list(state.parked("products")) == parked[:1]
    assert state.ledger_size("products") == 1


def test_what_was_walked_past_may_be_settled(state: StoredState) -> None:
    keys = [ErpKey(f"{number:05}") for number in range(1100)]
    held = [HeldCell(key, "a", 1, 2, 3) for key in keys]
    state.settle("products", Settled(held=held))
    met: list[HeldCell] = []
    for one in state.held("products"):
        met.append(one)
        if len(met) % 300 == 0:
            state.settle("products", Settled(forgotten=[each.key for each in met]))
    assert met == held
    assert list(state.held("products")) == held[900:]


@pytest.mark.parametrize(
    "odd", ["a\x00b", "\x00", "\ufdd0", "\ufdd0\ufdd1\ufdd2\x00", "Ł’œuf \U0001f600", "%s ? %", "a'b\"c\\"]
)
def test_any_text_comes_back_as_it_was(state: StoredState, odd: str) -> None:
    key = ErpKey(odd)
    entry = LedgerEntry(key, odd, odd, odd, {odd: odd}, {odd: [odd]}, {odd: None}, unlinked={odd: [odd]})
    parked, held = ParkedItem(key, odd, odd, odd, odd, odd, {odd: odd}), HeldCell(key, odd, odd, [odd], {odd: odd})
    cursor = Cursor("timestamp", odd, odd)
    state.bind(odd, odd, claim=True)
    state.intend(odd, [entry])
    state.settle(odd, Settled(entries=[entry], cursor=cursor, context=odd))
    state.settle(odd, Settled(parked=[parked], held=[held]))
    state.bind(odd, odd, claim=False)
    assert state.entries(odd, [key]) == state.intents(odd, [key]) == {key: entry}
    assert state.owners(odd, [odd]) == state.unlinked(odd, odd, "", 9) == [entry]
    assert (list(state.parked(odd)), list(state.held(odd)), state.cursor(odd, odd)) == ([parked], [held], cursor)
    assert next(state.parked(odd)).sample == {odd: odd}


def test_keys_are_in_the_order_of_their_bytes(state: StoredState) -> None:
    keys = ["B", "a", "ä", "Z", "10", "9", "\U0001f600", "\uffee"]
    state.settle("products", Settled(parked=[ParkedItem(ErpKey(key), "x", "", "x") for key in keys]))
    assert [one.key for one in state.parked("products")] == sorted(keys, key=str.encode)


def test_a_stream_belongs_to_one_origin(state: StoredState) -> None:
    state.bind("products", "the PIM of the shop", claim=False)
    state.bind("products", "the PIM of the shop", claim=True)
    with pytest.raises(
        StateError, match="remembers the PIM of the shop, and this run is for another; give it a stream"
    ):
        state.bind("products", "another", claim=True)
    state.forget("products")
    state.bind("products", "another", claim=True)


def test_what_is_parked_never_waits_since_a_moment_to_come(state: StoredState) -> None:
    """The clock was a year ahead, and then it was mended."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ahead = now + timedelta(days=365)
    parked, held = ParkedItem(KEY, "x", "", "x"), HeldCell(KEY, "name", 1, 2, 3)
    state.settle("products", Settled(parked=[parked], held=[held], at=ahead))
    state.settle("products", Settled(parked=[parked], held=[held], at=now))
    assert next(state.parked("products")).since == state.oldest_parked("products") == now
    assert next(state.held("products")).since == now


def test_a_second_writer_is_refused_and_the_first_goes_on(place: Place) -> None:
    with place.open() as first:
        with pytest.raises(StateInUse, match="in use by another run") as refused:
            place.open()
        assert "wait for it, or give this one" in str(refused.value)
        first.settle("products", Settled(entries=[ENTRY]))
    with place.open() as second:
        assert second.ledger_size("products") == 1


def test_the_representation_names_the_place(state: StoredState) -> None:
    assert repr(state).startswith(
        "<SqliteState: state file " if "Sqlite" in repr(state) else "<PostgresState: the state"
    )


# ---- a reading of everything ----
def test_what_a_reading_of_everything_shows_is_kept_with_its_cursor_until_its_end(place: Place) -> None:
    first = Settled(cursor=Cursor("token", "1"), begins=True, baseline="rebaseline", shown=[KEY], run="r1")
    with place.open() as state:
        state.settle("products", evolve(first, cursor=None))
        assert (state.baseline("products"), state.shown_among("products", [KEY])) == (None, set()), (
            "the page comes again"
        )
        state.settle("products", first)
    with place.open() as state:
        state.settle("products", Settled(parked=[ParkedItem(ErpKey("7"), "x", "", "x")], run="r1"))
        state.settle("products", evolve(first, begins=False, shown=[KEY, ErpKey("2")]))
        assert state.baseline("products") == "rebaseline"
        assert state.shown_among("products", [KEY, ErpKey("2"), ErpKey("7")]) == {KEY, "2"}
        assert (state.baseline("offers"), state.shown_among("offers", [KEY])) == (None, set())
        state.finish("offers", "r2", covers_all=True)
        assert state.baseline("products") == "rebaseline"
        assert state.finish("products", "r2", covers_all=False) == 0, "what was not shown is no more"
        assert (state.baseline("products"), state.shown_among("products", [KEY])) == (None, set())


def test_another_reading_forgets_what_was_shown(state: StoredState) -> None:
    state.settle("products", Settled(cursor=Cursor("token", "1"), begins=True, baseline="full", shown=[KEY]))
    state.settle("products", Settled(cursor=Cursor("token", "1"), begins=True))
    assert (state.baseline("products"), state.shown_among("products", [KEY])) == (None, set())


def test_living_keys_come_in_order(state: StoredState) -> None:
    entries = [LedgerEntry(ErpKey(key), "f", "c", key, gone=key == "b") for key in "dbca"]
    state.settle("products", Settled(entries=entries))
    assert state.living("products", "", 2) == ["a", "c"]
    assert state.living("products", "c", 9) == ["d"]
    assert state.living("offers", "", 9) == []


def test_entries_with_a_cell_are_found(state: StoredState) -> None:
    links = {"UPSELL-products": ["uuid-9"], "sku": "100%"}
    entries = [LedgerEntry(ErpKey(key), "f", "c", key, links if key != "b" else {}, gone=key == "c") for key in "abcd"]
    state.settle("products", Settled(entries=entries))
    assert [one.key for one in state.linked("products", "UPSELL-products", "", 1)] == ["a"]
    assert [one.key for one in state.linked("products", "UPSELL-products", "a", 9)] == ["d"]
    assert state.linked("products", "CROSS-products", "", 9) == []


def test_to_amend_closes_nothing(state: StoredState) -> None:
    parked, held = ParkedItem(KEY, "x", "", "x"), HeldCell(KEY, "name", "a", "b", "c")
    state.settle("products", Settled(entries=[ENTRY]))
    state.settle("products", Settled(parked=[parked], held=[held]))
    state.amend("products", [evolve(ENTRY, cells={})])
    assert dict(state.entries("products", [KEY])[KEY].cells) == {}
    assert (list(state.parked("products")), list(state.held("products"))) == ([parked], [held])


# ---- deletions of runs that did not come to their end ----
def test_deletions_are_counted_until_a_run_comes_to_its_end(place: Place) -> None:
    nine, part = DeletionCount(9, 400), DeletionCount(3, 391, "part")
    with place.open() as state:
        assert state.deletions("products", "") == DeletionCount()
        for one in (DeletionCount(4, 400), nine, nine, part):  # a transaction may be done twice
            state.settle("products", Settled(deletions=one))
        state.settle("products", Settled(entries=[ENTRY]))
    with place.open() as state:
        assert [state.deletions("products", one) for one in ("", "part")] == [nine, part]
        assert state.deletions("products", "other part") == DeletionCount(part="other part")
        state.forget("products")
        state.finish("offers", "r1", covers_all=True)
        state.finish_part("products", "other part")
        assert [state.deletions("products", one) for one in ("", "part")] == [nine, part]
        state.finish_part("products", "part")
        assert [state.deletions("products", one).deletions for one in ("", "part")] == [9, 0]
        state.settle("products", Settled(deletions=part))
        state.finish("products", "r1", covers_all=False)
        assert [state.deletions("products", one).deletions for one in ("", "part")] == [0, 3]


def test_what_a_run_has_not_met_is_counted_and_stays(state: StoredState) -> None:
    state.settle("products", Settled(parked=[ParkedItem(ErpKey("old"), "x", "", "x")], run="r1"))
    state.settle("products", Settled(parked=[ParkedItem(ErpKey("new"), "x", "", "x")], run="r2"))
    assert [state.unmet("products", one) for one in ("r1", "r2", "r3")] == [1, 1, 2]
    assert state.unmet("offers", "r2") == 0
