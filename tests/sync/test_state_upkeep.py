"""Back up, inspect, compact, move: on SQLite and on PostgreSQL, with runs going on."""

from __future__ import annotations

import sqlite3
import stat
import threading
import tracemalloc
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.classification import Runs
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import (
    DeletionCount,
    ErpToPim,
    HeldCell,
    LedgerEntry,
    Looked,
    ParkedItem,
    PostgresState,
    RunRecord,
    Settled,
    SqliteState,
    Trouble,
    WatchedItem,
    move_state,
)
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._stored._tables import TABLES, VERSION
from places import Place
from world import ListErp, make_mapping, row

NOW = datetime.now(UTC)
SECRET = "S3CRET-content"


def fill(state: StoredState, count: int = 1203) -> None:
    """Something in every table."""
    keys = [ErpKey(f"{number:05}") for number in range(count)]
    entries = [
        LedgerEntry(
            key, "f", "c", f"ref {key}", {"name": SECRET}, {"msrp": NOW.isoformat()}, {"x": ["y"]}, False, {"u": []}
        )
        for key in keys
    ]
    for stream in ("products", "offers"):
        state.bind(stream, f"the {stream} of the PIM", claim=True)
        state.intend(stream, entries[:7])
        state.settle(stream, Settled(entries=entries, answered=keys[:5], cursor=Cursor("sequence", SECRET), at=NOW))
        gone = [evolve(one, gone=True) for one in entries[-3:]]
        parked = [
            ParkedItem(ErpKey(f"p\x00{number}"), ("refused", "required")[number % 2], "", SECRET) for number in range(5)
        ]
        held = [HeldCell(keys[9], "name", 1, 2, SECRET)]
        for count in (DeletionCount(9, 400), DeletionCount(3, 391, "part")):
            state.settle(stream, Settled(deletions=count))
        state.settle(stream, Settled(entries=gone, parked=parked, held=held, run="r", at=NOW - timedelta(days=40)))
        for number in range(4):
            started = NOW - timedelta(days=40 * (3 - number))
            state.record_run(RunRecord(f"{stream} {number}", stream, started, started, {"read": number}))
        state.keep_trouble(stream, Trouble(NOW, {"brake": NOW}))
        state.look(stream, Looked([WatchedItem(keys[0], "f", {})], [], {"name": Runs(1, 0, NOW)}))
    state.finish("products", "r", covers_all=False)


def content(state: StoredState) -> dict[str, list[object]]:
    return {table.name: list(table.walk(state.database)) for table in TABLES}


def other_place(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if kind == "sqlite":
        return Place(path=tmp_path / "other.db")
    return Place(dsn=request.getfixturevalue("postgres"), schema=f"state_{uuid.uuid4().hex}")


@pytest.mark.on_both
def test_tables_are_named_as_they_are(state: StoredState) -> None:
    """A column that a migration adds and a `Table` does not know would be lost in a move."""
    if isinstance(state, SqliteState):
        query = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    else:
        query = (
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema AND table_name <> 'format'"
        )
    there = state.database.read(lambda db: {(table, column) for table, column in db.execute(query)})
    assert there == {(table.name, column) for table in TABLES for column in table.columns}


# ---- back up ----
@pytest.mark.on_both
def test_a_back_up_is_a_state_file_with_all_there_is(state: StoredState, tmp_path: Path) -> None:
    fill(state)
    state.back_up(tmp_path / "backup.db")
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
    with SqliteState(tmp_path / "backup.db") as copy:
        assert content(copy) == content(state)
    assert sorted(one.name for one in tmp_path.iterdir() if "backup" in one.name) == ["backup.db"], (
        "and nothing beside it"
    )
    state.settle("products", Settled(forgotten=[ErpKey("00001")]))  # the state is in use all the time


@pytest.mark.on_both
def test_a_back_up_while_pages_are_settled_holds_whole_pages(state: StoredState, tmp_path: Path) -> None:
    fill(state)
    stop = threading.Event()

    def run() -> None:
        count = 0
        while not stop.is_set():
            count += 1
            keys = [ErpKey(f"{place:05}") for place in range(300)]
            entries = [LedgerEntry(key, str(count), "c", f"ref {key}", {"name": "x" * 500}) for key in keys]
            state.settle("products", Settled(entries=entries, cursor=Cursor("sequence", str(count))))

    runner = threading.Thread(target=run)
    runner.start()
    try:
        for number in range(4):
            state.back_up(tmp_path / f"backup-{number}.db")
    finally:
        stop.set()
        runner.join()
    for number in range(4):
        with SqliteState(tmp_path / f"backup-{number}.db") as copy:
            entries = copy.entries("products", [ErpKey(f"{place:05}") for place in range(300)])
            cursor = copy.cursor("products", "")
            assert cursor is not None
            page = "f" if cursor.blob == SECRET else cursor.blob
            assert {one.fingerprint for one in entries.values()} == {page}


@pytest.mark.on_both
def test_a_back_up_replaces_nothing_and_leaves_nothing_half_written(state: StoredState, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(
        StateError, match="notes.txt is there already, and a back-up replaces no file; give this one a name"
    ):
        state.back_up(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(StateError, match="back-up .*nowhere/b.db cannot be written .*; the state is as it was"):
        state.back_up(tmp_path / "nowhere" / "b.db")
    left = {one.name for one in tmp_path.iterdir()} - {"state.db", "state.db-wal"}
    assert left == {"notes.txt"}


@pytest.mark.on_both
def test_a_run_with_an_old_back_up_creates_nothing_twice(pim: AkeneoClient, state: StoredState, tmp_path: Path) -> None:
    erp = ListErp([row(number) for number in range(10)])
    ErpToPim(erp, make_mapping(), pim, state).run()
    state.back_up(tmp_path / "old.db")
    erp.rows = [row(number, name=f"Other {number}", category=None if number else "S") for number in range(20)]
    ErpToPim(erp, make_mapping(), pim, state).run()
    erp.rows = [row(number, name=f"Third {number}") for number in range(20)]
    with SqliteState(tmp_path / "old.db") as old:
        report = ErpToPim(erp, make_mapping(), pim, old).run()
        assert (report.created, report.updated, report.exit_code, old.ledger_size("products")) == (0, 20, 0, 20)
        assert report.accounts_for_everything()
    names = {one.values.text("name", locale="en_US") for one in pim.products.list()}
    assert names == {f"Third {number}" for number in range(20)}


def test_the_file_itself_is_no_place_for_its_back_up(tmp_path: Path) -> None:
    with SqliteState(tmp_path / "state.db") as state, pytest.raises(StateError, match="is there already"):
        state.back_up(tmp_path / "state.db")


# ---- inspect ----
@pytest.mark.on_both
def test_a_summary_counts_everything_and_shows_no_content(state: StoredState) -> None:
    assert state.inspect().streams == ()
    fill(state)
    summary = state.inspect()
    offers, products = summary.streams
    assert (summary.format, summary.size > 100_000) == (VERSION, True)
    assert (products.stream, products.origin, products.cursor) == ("products", "the products of the PIM", "sequence")
    assert (products.reached, products.is_finished, offers.is_finished) == (NOW, True, False)
    assert (products.items, products.gone, products.held, products.intents, products.runs) == (1200, 3, 1, 2, 4)
    assert [(one.code, one.count, one.since) for one in products.parked] == [
        ("refused", 3, NOW - timedelta(days=40)),
        ("required", 2, NOW - timedelta(days=40)),
    ]
    assert products.last_run == NOW
    assert SECRET not in f"{summary} {summary!r}"
    text = str(summary).splitlines()
    assert text[0].endswith("2 streams")
    assert "  parked  3 refused since" in str(summary)


# ---- compact ----
@pytest.mark.on_both
def test_compacting_drops_what_is_older_and_gives_the_room_back(state: StoredState) -> None:
    fill(state)
    assert state.compact().runs == 0
    assert (state.inspect().streams[0].runs, state.inspect().streams[0].gone) == (4, 3)
    assert state.compact(runs_older_than=timedelta(days=60)).runs == 4
    assert [one.run_id for one in state.runs("products")] == ["products 3", "products 2"]
    assert state.compact(runs_older_than=timedelta(0)).runs == 2
    assert [one.run_id for one in state.runs("products")] == ["products 3"], "the last one stays"
    assert state.compact(gone_older_than=timedelta(days=41)).gone == 0
    assert state.compact(gone_older_than=timedelta(days=39)).gone == 6
    assert state.ledger_size("products") == 1200
    state.settle("products", Settled(forgotten=[ErpKey(f"{number:05}") for number in range(1150)]))
    done = state.compact()
    assert done.size_after < done.size_before
    assert state.inspect().size == done.size_after
    assert str(done).startswith("0 runs and 0 items that were gone dropped; ")


# ---- move ----
@pytest.mark.on_both
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_move_takes_everything_both_ways(
    state: StoredState, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    fill(state)
    place = other_place(kind, request, tmp_path)
    with place.open() as target:
        counts = move_state(state, target)
        assert counts["ledger"] == 2406
        assert content(target) == content(state)
        with pytest.raises(
            StateError, match=r"is not empty \(origin, cursor, ledger, .*\); nothing was moved, give a new one"
        ):
            move_state(state, target)
        target.settle("products", Settled(forgotten=[ErpKey("00001")]))
        assert state.ledger_size("products") == target.ledger_size("products") + 1, "the source is as it was"


@pytest.mark.on_both
def test_a_source_that_changes_meanwhile_is_noticed_and_nothing_is_moved(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SqliteState(tmp_path / "source.db") as source, place.open() as target:
        fill(source)
        read, reads = source.database.read, []

        def busy(work):
            reads.append(work)
            if len(reads) == 9:  # the ledger is being read, and is past that key
                source.settle("products", Settled(entries=[LedgerEntry(ErpKey("00000a"), "f", "c", "r")]))
            return read(work)

        monkeypatch.setattr(source.database, "read", busy)
        with pytest.raises(
            StateError, match="has changed while it was moved: 2407 rows of table 'ledger', 2406 arrived; no"
        ):
            move_state(source, target)
        assert all(rows == [] for rows in content(target).values())


@pytest.mark.on_both
def test_a_move_needs_no_memory_for_what_it_moves(state: StoredState, tmp_path: Path) -> None:
    def most(count: int) -> int:
        with SqliteState(tmp_path / f"source-{count}.db") as source, SqliteState(":memory:") as warm:
            for start in range(0, count, 500):
                keys = [ErpKey(f"{start + place:06}") for place in range(500)]
                source.settle(
                    "products", Settled(entries=[LedgerEntry(key, "f", "c", key, {"n": "x" * 400}) for key in keys])
                )
            move_state(SqliteState(":memory:"), warm)
            tracemalloc.start()
            move_state(source, state)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        for table in TABLES:
            state.database.write(lambda db, table=table: db.execute(f"DELETE FROM {table.name}"))
        return peak

    few = most(2000)
    assert most(10_000) < few * 1.5


def test_a_back_up_of_postgresql_starts_a_file_anew(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The way back, and the way round: a state, a back-up, a file, a state."""
    dsn = request.getfixturevalue("postgres")
    with PostgresState(dsn, f"state_{uuid.uuid4().hex}") as state:
        fill(state)
        state.back_up(tmp_path / "backup.db")
        (tmp_path / "backup.db").rename(tmp_path / "bridge.db")
        with SqliteState(tmp_path / "bridge.db") as file, PostgresState(dsn, f"state_{uuid.uuid4().hex}") as again:
            move_state(file, again)
            assert content(again) == content(state)
    with sqlite3.connect(tmp_path / "bridge.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
