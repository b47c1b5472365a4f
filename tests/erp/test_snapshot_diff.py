"""Deletions found by what is missing: only after a complete read, and never lost."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import (
    Choice,
    Cursor,
    CursorKind,
    ErpItem,
    ErpSchema,
    Health,
    ItemReader,
    Page,
    SqlAdapter,
    cold,
    snapshot_diff,
)
from akeneo_erp_bridge.errors import CursorExpired, ErpUnreachable, StateError

FIELDS = frozenset({"number"})


class Article(ErpItem):
    number = cold(str, "number", key=True)


class Erp:
    """An ERP in a list. Of kind "snapshot" it begins anew each time, else it reads what was added since."""

    def __init__(self, keys: str, kind: CursorKind = "snapshot") -> None:
        self.keys = list(keys)
        self.kind = kind
        self.deleted: list[str] = []
        self.fails_at: int | None = None

    def describe(self) -> ErpSchema:
        return ErpSchema("articles")

    def check(self) -> Health:
        return Health(ok=True, message="fine")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        if since is not None and since.kind != self.kind:
            raise CursorExpired("not mine")
        place = int(since.blob or 0) if since is not None else 0
        while place < len(self.keys):
            if self.fails_at is not None and place >= self.fails_at:
                raise ErpUnreachable("gone away")
            items = [Article({"number": key}) for key in self.keys[place : place + limit]]
            place += len(items)
            yield Page(items, (), Cursor(self.kind, str(place)))
        end = "" if self.kind == "snapshot" else str(place)
        yield Page((), [ErpKey(key) for key in self.deleted], Cursor(self.kind, end))


def stored(cursor: Cursor) -> Cursor:
    """As it comes back after a restart."""
    return Cursor(
        **json.loads(json.dumps({"kind": cursor.kind, "blob": cursor.blob, "schema_hash": cursor.schema_hash}))
    )


def read(
    erp: Erp, folder: Path, since: Cursor | None = None, *, limit: int = 2, pages: int | None = None
) -> tuple[str, Cursor]:
    """The tombstones, and the cursor of the last page that was taken."""
    tombstones, cursor = "", since
    for page in islice(snapshot_diff(erp, folder / "keys").read_items(since, fields=FIELDS, limit=limit), pages):
        tombstones += "".join(page.tombstones)
        cursor = stored(page.resume)
    assert cursor is not None
    return tombstones, cursor


def test_what_is_missing_from_a_complete_read_is_a_tombstone_on_the_last_page(tmp_path: Path) -> None:
    erp = Erp("abcdef")
    assert read(erp, tmp_path)[0] == ""
    tombstones, cursor = read(erp, tmp_path)
    assert tombstones == ""
    erp.keys = list("bcdfg")
    *others, last = snapshot_diff(erp, tmp_path / "keys").read_items(cursor, fields=FIELDS, limit=2)
    assert [list(page.tombstones) for page in others] == [[]] * 3
    assert list(last.tombstones) == ["a", "e"]
    assert [one.key for page in others for one in page.items] == list("bcdfg")
    assert read(erp, tmp_path, stored(last.resume))[0] == "", "told once"


def test_it_is_an_item_reader(tmp_path: Path) -> None:
    reader: ItemReader[Article] = snapshot_diff(Erp("a"), tmp_path / "keys")
    assert isinstance(reader, ItemReader)
    assert (reader.describe().name, reader.check().message) == ("articles", "fine")


def test_a_read_that_is_cut_short_says_nothing(tmp_path: Path) -> None:
    erp = Erp("abcdef")
    _, cursor = read(erp, tmp_path)
    erp.fails_at = 2
    pages = snapshot_diff(erp, tmp_path / "keys").read_items(cursor, fields=FIELDS, limit=2)
    assert list(next(pages).tombstones) == []
    with pytest.raises(ErpUnreachable):
        next(pages)
    erp.fails_at = None
    assert read(erp, tmp_path, cursor, pages=1)[0] == ""
    assert read(erp, tmp_path, cursor)[0] == ""


def test_a_page_that_came_is_not_lost_with_the_next(tmp_path: Path) -> None:
    erp = Erp("abcdef")
    erp.fails_at = 2
    pages = snapshot_diff(erp, tmp_path / "keys").read_items(None, fields=FIELDS, limit=2)
    first = next(pages)
    assert [one.key for one in first.items] == ["a", "b"]
    with pytest.raises(ErpUnreachable):
        next(pages)
    erp.fails_at = None
    rest = snapshot_diff(erp, tmp_path / "keys").read_items(stored(first.resume), fields=FIELDS, limit=2)
    assert [one.key for page in rest for one in page.items] == list("cdef")


def test_keys_seen_before_an_interruption_count(tmp_path: Path) -> None:
    erp = Erp("abcdef")
    _, cursor = read(erp, tmp_path)
    erp.keys = list("abcdf")
    for _ in range(3):
        tombstones, cursor = read(erp, tmp_path, cursor, pages=1)
        assert tombstones == ""
    assert read(erp, tmp_path, cursor)[0] == "e"


@pytest.mark.parametrize("kind", ["token", "timestamp", "sequence"])
def test_a_read_of_changes_says_nothing_of_the_rest(tmp_path: Path, kind: CursorKind) -> None:
    erp = Erp("abc", kind)
    _, cursor = read(erp, tmp_path)
    erp.keys += ["d"]
    tombstones, cursor = read(erp, tmp_path, cursor)
    assert tombstones == ""
    erp.keys = list("ac")
    assert read(erp, tmp_path, cursor)[0] == "", "the silence of a delta"
    assert read(erp, tmp_path, None)[0] == "bd", "a full read tells, of what a delta brought too"


def test_a_full_read_of_a_delta_reader_counts_when_it_is_resumed(tmp_path: Path) -> None:
    erp = Erp("abcdef", "token")
    read(erp, tmp_path)
    erp.keys = list("abdef")
    _, cursor = read(erp, tmp_path, None, pages=1)
    assert read(erp, tmp_path, cursor)[0] == "c"


def test_the_readers_own_tombstones_go_through_and_are_not_told_again(tmp_path: Path) -> None:
    erp = Erp("abc")
    _, cursor = read(erp, tmp_path)
    erp.keys, erp.deleted = list("a"), ["b"]
    tombstones, cursor = read(erp, tmp_path, cursor)
    assert tombstones == "bc"
    erp.deleted = []
    assert read(erp, tmp_path, cursor)[0] == ""


def test_a_plan_uses_nothing_up(tmp_path: Path) -> None:
    erp = Erp("abc")
    _, cursor = read(erp, tmp_path)
    erp.keys = list("ac")
    assert read(erp, tmp_path, cursor)[0] == "b"
    assert read(erp, tmp_path, cursor)[0] == "b", "the plan's cursor was not kept"
    _, halfway = read(erp, tmp_path, cursor, pages=1)
    assert read(erp, tmp_path, halfway)[0] == "b"
    assert read(erp, tmp_path, halfway)[0] == "b"


def test_an_older_cursor_hears_again_what_it_has_not_settled(tmp_path: Path) -> None:
    erp = Erp("abc")
    _, before = read(erp, tmp_path)
    erp.keys = list("ac")
    tombstones, after = read(erp, tmp_path, before)
    assert (tombstones, read(erp, tmp_path, after)[0]) == ("b", "")
    assert read(erp, tmp_path, before)[0] == "b", "the engine's state came from a backup"


def test_who_comes_back_and_goes_again_is_told_again(tmp_path: Path) -> None:
    erp = Erp("ab")
    _, cursor = read(erp, tmp_path)
    for keys, gone in [("a", "b"), ("ab", ""), ("a", "b"), ("", "a")]:
        erp.keys = list(keys)
        tombstones, cursor = read(erp, tmp_path, cursor)
        assert tombstones == gone


def test_items_without_keys_or_no_page_say_nothing(tmp_path: Path) -> None:
    erp = Erp("abc")
    _, cursor = read(erp, tmp_path)
    erp.keys = ["", "", ""]
    assert read(erp, tmp_path, cursor)[0] == ""

    class Silent(Erp):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            yield from ()

    assert list(snapshot_diff(Silent(""), tmp_path / "keys").read_items(cursor, fields=FIELDS, limit=2)) == []
    erp.keys = []
    assert read(erp, tmp_path, cursor)[0] == "abc"


# ---- the law ----
COMMANDS = st.one_of(
    st.tuples(st.just("keys"), st.sets(st.sampled_from("abcdef")).map(sorted)),
    st.tuples(st.just("page"), st.none()),
    st.tuples(st.just("page"), st.none()),
    st.tuples(st.just("kill"), st.none()),
    st.tuples(st.just("plan"), st.none()),
)


@settings(max_examples=50)  # each makes a file, and SQLite waits for the disk
@given(commands=st.lists(COMMANDS, max_size=40), limit=st.integers(1, 3))
def test_who_takes_each_page_in_ends_with_what_the_erp_has(
    commands: list[tuple[str, list[str] | None]], limit: int
) -> None:
    with TemporaryDirectory() as folder:
        erp = Erp("")
        reader = snapshot_diff(erp, Path(folder) / "keys")
        copy: set[str] = set()
        cursor: Cursor | None = None
        run: Iterator[Page[Article]] | None = None

        def page() -> bool:
            nonlocal cursor, run
            run = run or reader.read_items(cursor, fields=FIELDS, limit=limit)
            settled = next(run, None)
            if settled is None:
                run = None
                return False
            copy.update(one.key for one in settled.items)
            copy.difference_update(settled.tombstones)
            cursor = stored(settled.resume)
            return True

        for name, keys in commands:
            if name == "keys":
                erp.keys = [*(keys or [])]
            elif name == "page":
                page()
            else:
                if name == "kill" and run is not None:
                    next(run, None)
                run = None  # a plan and a run do not go on at once
                if name == "plan":
                    list(reader.read_items(cursor, fields=FIELDS, limit=limit))
        for _ in range(
            3
        ):  # the run under way; keys may have moved under it, so one more; and one to see that it is stable
            while page():
                pass
        assert copy == set(erp.keys)


# ---- the store ----
def test_a_lost_or_older_store_expires_the_cursor(tmp_path: Path) -> None:
    erp = Erp("abc")
    _, old = read(erp, tmp_path)
    backup = (tmp_path / "keys").read_bytes()
    _, new = read(erp, tmp_path, old)
    (tmp_path / "keys").write_bytes(backup)
    assert read(erp, tmp_path, old)[0] == ""
    (tmp_path / "keys").write_bytes(backup)
    with pytest.raises(CursorExpired):
        read(erp, tmp_path, new)
    (tmp_path / "keys").unlink()
    with pytest.raises(CursorExpired):
        read(erp, tmp_path, old)


@pytest.mark.parametrize("blob", ["", "?", "{}", "[]", '{"store": 1}'])
def test_a_foreign_cursor_is_expired(tmp_path: Path, blob: str) -> None:
    with pytest.raises(CursorExpired):
        read(Erp("abc"), tmp_path, Cursor("snapshot", blob))


def test_the_readers_own_refusal_of_a_cursor_is_passed_on(tmp_path: Path) -> None:
    _, cursor = read(Erp("abc"), tmp_path)
    with pytest.raises(CursorExpired, match="not mine"):
        read(Erp("abc", "token"), tmp_path, cursor)


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"no database" * 500)
    with pytest.raises(StateError, match=r"keys cannot be used"):
        read(Erp("a"), tmp_path)
    (tmp_path / "keys").unlink()
    with closing(sqlite3.connect(tmp_path / "keys")) as db:
        db.execute("CREATE TABLE ledger (key TEXT)")
    with pytest.raises(StateError, match="another program's database"):
        read(Erp("a"), tmp_path)
    with pytest.raises(StateError, match="check its folder"):
        read(Erp("a"), tmp_path / "nowhere")


def test_a_trouble_of_the_reader_is_not_blamed_on_the_store(tmp_path: Path) -> None:
    class Broken(Erp):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            yield from super().read_items(since, fields=fields, limit=limit)
            raise sqlite3.OperationalError("the ERP's own")

    with pytest.raises(sqlite3.OperationalError, match="the ERP's own"):
        read(Broken("abc"), tmp_path)


def test_the_store_is_for_its_owner_only(tmp_path: Path) -> None:
    read(Erp("a"), tmp_path)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600


def test_memory_is_flat_in_the_number_of_records(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.db"
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("CREATE TABLE articles (number TEXT)")
            db.executemany("INSERT INTO articles VALUES (?)", ((f"{number:07d}",) for number in range(count)))
        erp = snapshot_diff(SqlAdapter(f"sqlite:///{path}", Article, table="articles"), tmp_path / f"{count}.keys")
        erp.describe()
        tracemalloc.start()
        cursor: Cursor | None = None
        for _ in range(2):
            for page in erp.read_items(cursor, fields=FIELDS, limit=500):
                cursor = page.resume
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(20_000) <= 1.5 * peak(4_000)


# ---- a choice of items ----
def chosen(erp: ItemReader[Article], folder: Path, key: str) -> list[Page[Article]]:
    choice = Choice("number", (key,))
    return list(snapshot_diff(erp, folder / "keys").read_some(choice, fields=FIELDS, limit=2))


def test_a_choice_shows_no_deletions_and_uses_none_up(tmp_path: Path) -> None:
    erp = Erp("ABC")
    _, last = read(erp, tmp_path)
    erp.keys = ["B", "D"]
    for _ in range(2):
        assert {page.tombstones for page in chosen(erp, tmp_path, "B")} == {()}
    assert read(erp, tmp_path, last)[0] == "AC"


def test_what_came_with_a_choice_is_missed_when_it_goes(tmp_path: Path) -> None:
    erp = Erp("AB")
    _, last = read(erp, tmp_path)
    erp.keys = ["A", "B", "N"]
    chosen(erp, tmp_path, "N")
    erp.keys = ["A", "B"]
    assert read(erp, tmp_path, last)[0] == "N"


def test_a_choice_is_passed_on_to_a_reader_that_makes_it(tmp_path: Path) -> None:
    class Choosing(Erp):
        def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            yield Page(
                [Article({"number": key}) for key in choice.values if key in self.keys], (), Cursor(self.kind, "")
            )

    (page,) = chosen(Choosing("ABC"), tmp_path, "B")
    assert [one.key for one in page.items] == ["B"]
