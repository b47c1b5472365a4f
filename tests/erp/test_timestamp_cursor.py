"""The cursor over stamps, against a real database whose rows appear late, tied, and with wrong stamps."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.erp import Cursor, ErpItem, ItemReader, Page, Position, Stamped, cold, timestamp_cursor
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpRefused

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
OVERLAP = timedelta(seconds=30)
FIELDS = frozenset({"number", "version"})
BERLIN = ZoneInfo("Europe/Berlin")


class Article(ErpItem):
    number = cold(str, "number", key=True)
    version = cold(int, "version")


class Erp:
    """An ERP with nothing but a stamp per row, and clocks that the test sets: its own, and ours by `skew`."""

    def __init__(
        self, *, overlap: timedelta = OVERLAP, skew: timedelta = timedelta(0), zone: tzinfo | None = None
    ) -> None:
        self.now = NOON
        self.zone = zone
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE TABLE articles (number TEXT PRIMARY KEY, version INTEGER, changed TEXT)")
        self.changes = timestamp_cursor(overlap=overlap, zone=zone, source="acme", clock=lambda: self.now + skew)

    def write(self, number: str, version: int, changed: datetime) -> None:
        if self.zone is not None:
            changed = changed.astimezone(self.zone).replace(tzinfo=None)
        self.db.execute("INSERT OR REPLACE INTO articles VALUES (?, ?, ?)", (number, version, changed.isoformat()))

    def describe(self) -> None: ...
    def check(self) -> None: ...

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        return self.changes.pages(since, self.changed, fields=fields, limit=limit)

    def changed(self, after: Position) -> Iterator[Stamped[Article]]:
        # one row at a time, so that a slow consumer meets what is written while it reads
        query = "SELECT * FROM articles WHERE (changed, number) > (?, ?) ORDER BY changed, number LIMIT 1"
        while row := self.db.execute(query, (after.stamp.isoformat(), after.key)).fetchone():
            number, version, changed = row
            after = Position(datetime.fromisoformat(changed), number)
            yield after.stamp, number, Article({"number": number, "version": version})


def stored(cursor: Cursor) -> Cursor:
    """As it comes back after a restart."""
    return Cursor(
        **json.loads(json.dumps({"kind": cursor.kind, "blob": cursor.blob, "schema_hash": cursor.schema_hash}))
    )


def read(erp: ItemReader[Article], since: Cursor | None, limit: int = 2) -> tuple[list[str], Cursor]:
    pages = list(erp.read_items(since, fields=FIELDS, limit=limit))
    return [one.key for page in pages for one in page.items], stored(pages[-1].resume)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


# ---- the law ----
COMMANDS = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from("abcde"), st.integers(0, 30), st.sampled_from([0, 0, 0, 7, 10_000])),
    st.tuples(st.just("edit"), st.sampled_from("abcde"), st.sampled_from([0, 30]), st.just(0)),
    st.tuples(st.just("tick"), st.integers(0, 29)),
    st.tuples(st.just("page")),
    st.tuples(st.just("run")),
    st.tuples(st.just("kill")),
)


class Transactions:
    """Edits that are stamped when they begin and seen when they end."""

    def __init__(self, erp: Erp) -> None:
        self.erp = erp
        self.versions: dict[str, int] = {}
        self.open: dict[str, tuple[datetime, datetime]] = {}

    def begin(self, number: str, takes: int, wrong: int) -> None:
        if number not in self.open:
            self.versions[number] = self.versions.get(number, 0) + 1
            now = self.erp.now
            self.open[number] = (now + timedelta(seconds=takes), now + timedelta(seconds=wrong))
            self.tick(0)

    def tick(self, seconds: int) -> None:
        self.erp.now += timedelta(seconds=seconds)
        for number, (ends, changed) in list(self.open.items()):
            if ends <= self.erp.now:
                self.erp.write(number, self.versions[number], changed)
                del self.open[number]


class Sync:
    """Reads page by page, keeps the cursor of each settled page, and remembers which versions came."""

    def __init__(self, erp: Erp, limit: int) -> None:
        self.erp = erp
        self.limit = limit
        self.cursor: Cursor | None = None
        self.run: Iterator[Page[Article]] | None = None
        self.came: dict[str, int] = {}

    def page(self) -> bool:
        """One page more; false at the end of a run."""
        self.run = self.run or self.erp.read_items(self.cursor, fields=FIELDS, limit=self.limit)
        page = next(self.run, None)
        if page is None:
            self.run = None
            return False
        self.came.update((one.key, one.version) for one in page.items)
        self.cursor = stored(page.resume)
        return True

    def to_the_end(self) -> None:
        while self.page():
            pass

    def kill(self) -> None:
        """The page that was being read is lost, and so is all that is not in the cursor."""
        if self.run is not None:
            next(self.run, None)
        self.run = None


@given(
    commands=st.lists(COMMANDS, max_size=60),
    limit=st.integers(1, 3),
    behind=st.sampled_from([0, 0, 100]),
    ahead=st.sampled_from([0, 10]),
    zone=st.sampled_from([None, timezone(timedelta(hours=2)), BERLIN]),
)
def test_no_edit_is_lost(
    commands: list[tuple[object, ...]], limit: int, behind: int, ahead: int, zone: tzinfo | None
) -> None:
    # a transaction takes up to 30 s; our clock may be ahead too, for which the overlap must allow
    erp = Erp(overlap=timedelta(seconds=30 + ahead), skew=timedelta(seconds=ahead - behind), zone=zone)
    erp.now = datetime(2024, 10, 27, 0, 59, 30, tzinfo=UTC)  # half a minute before clocks in Berlin are set back
    sync = Sync(erp, limit)
    transactions = Transactions(erp)
    for name, *rest in commands:
        match name, rest:
            case "edit", [str(number), int(takes), int(wrong)]:
                transactions.begin(number, takes, wrong)
            case "tick", [int(seconds)]:
                transactions.tick(seconds)
            case "page", []:
                sync.page()
            case "run", []:
                sync.to_the_end()
            case _:
                sync.kill()
    transactions.tick(31)
    sync.to_the_end()  # of the run under way
    sync.to_the_end()  # of one that begins now
    assert sync.came == transactions.versions


@given(
    stamps=st.lists(st.integers(0, 3), min_size=1, max_size=20),
    limit=st.integers(1, 5),
    kills=st.lists(st.integers(0, 4), max_size=8),
)
def test_killed_after_any_page_the_union_is_complete_and_nothing_comes_twice(
    stamps: list[int], limit: int, kills: list[int]
) -> None:
    erp = Erp()
    for number, stamp in enumerate(stamps):
        erp.write(f"{number:02d}", 1, at(-stamp))
    seen: list[str] = []
    cursor: Cursor | None = None
    for kill in [*kills, 100]:
        pages = erp.read_items(cursor, fields=FIELDS, limit=limit)
        for _, page in zip(range(kill), pages, strict=False):
            seen += [one.key for one in page.items]
            cursor = stored(page.resume)
            if json.loads(cursor.blob)["began"] is None:
                break
        else:
            continue
        break
    assert sorted(seen) == [f"{number:02d}" for number in range(len(stamps))]


# ---- one rule at a time ----
def test_the_second_run_reads_what_changed_and_the_overlap() -> None:
    erp = Erp()
    for number, seconds in [("a", -100), ("b", -31), ("c", -30), ("d", 0)]:
        erp.write(number, 1, at(seconds))
    assert read(erp, None)[0] == ["a", "b", "c", "d"]
    _, cursor = read(erp, None)
    erp.now = at(50)
    erp.write("a", 2, at(40))
    assert read(erp, cursor)[0] == ["c", "d", "a"], "30 s before the last stamp, that moment included"


def test_without_an_overlap_ties_still_come_again() -> None:
    erp = Erp(overlap=timedelta(0))
    erp.write("b", 1, at(-5))
    _, cursor = read(erp, None)
    erp.write("a", 1, at(-5))
    assert read(erp, cursor)[0] == ["a", "b"]


def test_a_stop_amid_equal_stamps_goes_on_at_the_next_key() -> None:
    erp = Erp()
    for number in range(100):
        erp.write(f"{number:03d}", 1, at(-1))
    pages = erp.read_items(None, fields=FIELDS, limit=30)
    next(pages)
    second = next(pages)
    assert read(erp, stored(second.resume), 30)[0] == [f"{number:03d}" for number in range(60, 100)]


def test_rows_of_one_stamp_and_key_are_not_parted() -> None:
    changes = timestamp_cursor(overlap=OVERLAP, clock=lambda: NOON)
    rows = [(at(-9), key, number) for number, key in enumerate("abbbc")]
    pages = list(changes.pages(None, lambda after: rows, fields=FIELDS, limit=2))
    assert [list(page.items) for page in pages] == [[0, 1, 2, 3], [4]]


def test_a_stamp_in_the_future_does_not_move_the_start() -> None:
    erp = Erp()
    erp.write("now", 1, at(-1))
    erp.write("2099", 1, datetime(2099, 1, 1, tzinfo=UTC))
    keys, cursor = read(erp, None)
    assert keys == ["now", "2099"]
    erp.now = at(60)
    erp.write("new", 1, at(59))
    erp.write("2099", 2, datetime(2098, 1, 1, tzinfo=UTC))
    assert read(erp, cursor)[0] == ["now", "new", "2099"]


def test_what_is_written_during_a_long_read_does_not_move_the_start() -> None:
    erp = Erp()
    erp.write("a", 1, at(-1))
    erp.write("b", 1, at(0))
    pages = erp.read_items(None, fields=FIELDS, limit=1)
    next(pages)
    erp.now = at(3600)
    erp.write("c", 1, at(3600))
    *_, last = pages
    erp.write("late", 1, at(-1))  # took 30 s from its stamp, was hidden from us at first, and stamps went by meanwhile
    assert "late" in read(erp, stored(last.resume))[0]


def test_an_hour_that_comes_twice_is_read_twice() -> None:
    erp = Erp(zone=BERLIN)
    erp.now = datetime(2024, 10, 27, 0, 59, tzinfo=UTC)  # 02:59 in summer; in a minute it is 02:00 again
    erp.write("summer", 1, erp.now)
    _, cursor = read(erp, None)
    erp.now += timedelta(minutes=6)
    erp.write("winter", 1, erp.now)
    assert "winter" in read(erp, cursor)[0]


def test_no_date_in_the_year_one_does_not_overflow() -> None:
    blank = datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))
    changes = timestamp_cursor(overlap=OVERLAP, clock=lambda: NOON)
    for _ in range(2):
        (page,) = changes.pages(None, lambda after: [(blank, "a", "A")], fields=FIELDS, limit=9)
        (page,) = changes.pages(page.resume, lambda after: [(blank, "a", "A")], fields=FIELDS, limit=9)
        assert page.items == ["A"]


def test_an_empty_run_keeps_its_place() -> None:
    erp = Erp()
    erp.write("a", 1, at(-1))
    _, cursor = read(erp, None)
    erp.db.execute("DELETE FROM articles")
    assert read(erp, cursor) == ([], cursor)


def test_rows_before_the_position_are_passed_over() -> None:
    changes = timestamp_cursor(overlap=OVERLAP, clock=lambda: NOON)
    rows = [(at(-90), "a", "A"), (at(-20), "b", "B"), (at(-20), "c", "C")]
    first, _, _ = changes.pages(None, lambda after: rows, fields=FIELDS, limit=1)
    assert first.items == ["A"]
    *_, last = changes.pages(None, lambda after: rows, fields=FIELDS, limit=1)
    again = changes.pages(last.resume, lambda after: rows, fields=FIELDS, limit=9)
    assert [list(page.items) for page in again] == [["B", "C"]]


def test_whole_numbers_and_untested_first_keys() -> None:
    for first_key in (-1, None):
        changes = timestamp_cursor(overlap=OVERLAP, first_key=first_key, clock=lambda: NOON)
        asked: list[Position] = []

        def rows(after: Position, asked: list[Position] = asked) -> list[Stamped[str]]:
            asked.append(after)
            return [(at(0), 8, "eight"), (at(0), 9, "nine")]

        first, second = changes.pages(None, rows, fields=FIELDS, limit=1)
        list(changes.pages(first.resume, rows, fields=FIELDS, limit=1))
        list(changes.pages(second.resume, rows, fields=FIELDS, limit=1))
        assert [one.key for one in asked] == [first_key, 8, first_key]
        assert [one.is_start for one in asked] == [True, False, False]


def test_memory_is_flat_in_the_number_of_rows() -> None:
    changes = timestamp_cursor(overlap=OVERLAP, first_key=-1, clock=lambda: NOON)

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in changes.pages(
            None, lambda after: ((NOON, n, "x" * 50) for n in range(count)), fields=FIELDS, limit=500
        ):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(30_000) <= 1.5 * peak(3_000)


# ---- cursors that are not ours ----
GOOD = {"mark": NOON.isoformat(), "began": NOON.isoformat(), "stamp": NOON.isoformat(), "key": "a"}


@pytest.mark.parametrize(
    "blob",
    [
        "", "?", "null", "[]", "{}", '{"mark": 5, "began": null}', '{"mark": "soon", "began": null}',
        '{"mark": "2024-05-01T12:00:00", "began": null}',
        *(json.dumps({**GOOD, name: wrong}) for name in GOOD for wrong in (5.5, [])),
        *(json.dumps({**GOOD, name: wrong}) for name in ("began", "stamp") for wrong in ("", "9999")),
        json.dumps({**GOOD, "stamp": "2024-05-01T12:00:00"}),
        json.dumps({**GOOD, "key": 5}),
    ],
)  # fmt: skip
def test_a_damaged_cursor_is_expired(blob: str) -> None:
    erp = Erp()
    _, cursor = read(erp, None)
    with pytest.raises(CursorExpired):
        read(erp, Cursor("timestamp", blob, cursor.schema_hash))


def test_a_cursor_of_another_kind_source_zone_or_fields_is_expired() -> None:
    erp = Erp()
    erp.write("a", 1, at(0))
    _, cursor = read(erp, None)
    assert read(erp, cursor)[0] == ["a"]
    with pytest.raises(CursorExpired):
        read(erp, Cursor("snapshot", cursor.blob, cursor.schema_hash))
    with pytest.raises(CursorExpired):
        list(erp.read_items(cursor, fields=FIELDS | {"weight"}, limit=1))
    for other in (
        timestamp_cursor(overlap=OVERLAP, source="other"),
        timestamp_cursor(overlap=OVERLAP, source="acme", zone=UTC),
    ):
        with pytest.raises(CursorExpired):
            list(other.pages(cursor, lambda after: [], fields=FIELDS, limit=1))


def test_a_cursor_from_the_future_is_expired() -> None:
    erp = Erp()
    erp.write("a", 1, at(0))
    _, ended = read(erp, None)
    halfway = stored(next(erp.read_items(None, fields=FIELDS, limit=1)).resume)
    erp.now = at(-1)
    for cursor in (ended, halfway):
        with pytest.raises(CursorExpired, match="it is 2024-05-01 11:59:59"):
            read(erp, cursor)


# ---- what an adapter can get wrong ----
@pytest.mark.parametrize(
    ("zone", "rows", "says"),
    [
        (None, [(NAIVE, "a", 1)], r"item 'a' .* without a time zone; say .* zone=ZoneInfo"),
        (BERLIN, [(NOON, "a", 1)], r"item 'a' .* with a time zone, yet zone=Europe/Berlin"),
        (None, [("2024-05-01", "a", 1)], r"item 'a' changed at '2024-05-01', which is no datetime"),
        (None, [(at(0), "a", 1), (at(-1), "b", 2)], r"item 'b' .* sort the rows by stamp, then by key"),
        (None, [(at(0), 5, 1)], r"item 5 has a int for a key"),
    ],
)
def test_a_wrong_row_is_named(zone, rows, says) -> None:  # type: ignore[no-untyped-def]  # wrong on purpose
    changes = timestamp_cursor(overlap=OVERLAP, zone=zone)
    with pytest.raises(ErpRefused, match=says):
        list(changes.pages(None, lambda after: rows, fields=FIELDS, limit=9))


def test_an_overlap_and_a_clock_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="length of time"):
        timestamp_cursor(overlap=timedelta(seconds=-1))
    changes = timestamp_cursor(overlap=OVERLAP, clock=lambda: NAIVE)
    with pytest.raises(ConfigurationError, match="without a zone"):
        list(changes.pages(None, lambda after: [], fields=FIELDS, limit=1))


def test_what_has_no_place_comes_at_the_end_of_each_run_and_again_after_a_stop() -> None:
    changes = timestamp_cursor(overlap=timedelta(0), first_key=None, clock=lambda: datetime(2026, 5, 4, 12, tzinfo=UTC))
    stamp = datetime(2026, 5, 4, 8, tzinfo=UTC)
    rows = [(stamp, "A", "a"), (stamp, None, "odd"), (stamp, "C", "c")]
    asked: list[Position] = []

    def beside(begun: Position) -> list[str]:
        asked.append(begun)
        return ["x", "y", "z"]

    def pages(since: Cursor | None, rows: list[tuple[datetime, str | None, str]]) -> list[Page[str]]:
        return list(changes.pages(since, lambda _: rows, fields=frozenset(), limit=2, beside=beside))

    whole = pages(None, rows)
    assert [list(page.items) for page in whole] == [["a", "odd"], ["c", "x"], ["y", "z"]]
    assert asked[-1].is_start
    assert pages(whole[-1].resume, [])[0].items == ["x", "y"]
    assert asked[-1] == Position(stamp, None), "where the run began"
    # stopped at a row that no other can be compared with, which is where the next run would begin, too
    again = pages(whole[0].resume, rows[2:])
    assert [list(page.items) for page in again] == [["c", "x"], ["y", "z"]]
    assert asked[-1].is_start, "nobody knows where the run began"
    assert [list(page.items) for page in pages(again[0].resume, [])] == [["x", "y"], ["z"]]
    nothing = pages(None, [])
    assert [list(page.items) for page in pages(nothing[0].resume, [])] == [["x", "y"], ["z"]]
