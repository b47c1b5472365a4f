"""A drop folder: which files are read, in which order, when they are archived, and what becomes of those that are wrong."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import Csv, Cursor, ErpItem, FolderAdapter, Page, cold, hot, snapshot_diff
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, constant, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

FIELDS = frozenset({"number", "name"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")


class Stock(ErpItem):
    number = cold(str, "number", key=True)
    pieces = hot(int, "pieces")


class Drop:
    """A folder, from the ERP's side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def put(self, name: str, *lines: str, header: str = "number;name", changed: int | None = None) -> Path:
        path = self.folder / name
        path.write_text("\n".join([header, *lines, ""]))
        if changed is not None:
            os.utime(path, (changed, changed))
        return path

    def adapter(self, contents: str = "delta", **options: Any) -> FolderAdapter[Article]:
        options = {"pattern": "articles*.csv", "settle": timedelta(0), **options}
        return FolderAdapter(self.folder, Article, contents=contents, **options)  # type: ignore[arg-type]  # a test says either

    def there(self, folder: str = ".") -> list[str]:
        return sorted(one.name for one in (self.folder / folder).iterdir() if one.is_file())


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path / "drop")


def names(pages: Sequence[Page[Article]]) -> list[str]:
    return [one.name for page in pages for one in page.items]


def read(erp: Any, since: Cursor | None = None, limit: int = 2) -> list[Page[Article]]:
    return list(erp.read_items(since, fields=FIELDS, limit=limit))


def until_refused(pages: Iterator[Page[Article]]) -> tuple[list[Page[Article]], str]:
    seen: list[Page[Article]] = []
    with pytest.raises(ErpRefused) as caught:
        seen.extend(pages)
    return seen, str(caught.value)


# ---- changes ----
def test_files_are_read_in_order_and_archived_by_the_next_run(drop: Drop) -> None:
    drop.put("articles_2.csv", "1;new", "2;Saw")
    drop.put("articles_1.csv", "1;old")
    drop.put("prices.csv", "1;9")
    erp = drop.adapter()
    first = read(erp)
    assert names(first) == ["old", "new", "Saw"]
    assert drop.there() == ["articles_1.csv", "articles_2.csv", "prices.csv"], "nothing is settled yet"
    drop.put("articles_3.csv", "3;Nail")
    second = read(erp, first[-1].resume)
    assert names(second) == ["Nail"]
    assert drop.there("archive") == ["articles_1.csv", "articles_2.csv"]
    assert names(read(erp, second[-1].resume)) == []
    assert drop.there() == ["prices.csv"]


def test_order_by_time(drop: Drop) -> None:
    drop.put("articles_a.csv", "1;new", changed=1_700_000_000)
    drop.put("articles_b.csv", "1;old", changed=1_000_000_000)
    assert names(read(drop.adapter(order="time"))) == ["old", "new"]


@pytest.mark.parametrize("anew", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_killed_after_any_page_nothing_is_lost(drop: Drop, anew: bool, limit: int) -> None:
    since = None
    if not anew:
        drop.put("articles_0.csv", "0;x")
        since = read(drop.adapter())[-1].resume
    for number in range(1, 4):
        drop.put(f"articles_{number}.csv", *(f"{number}{row};{number}{row}" for row in range(3)))
    wanted = [f"{number}{row}" for number in range(1, 4) for row in range(3)]
    seen: list[str] = []
    for _ in range(50):
        pages = drop.adapter().read_items(since, fields=FIELDS, limit=limit)
        page = next(pages)
        pages.close()  # type: ignore[attr-defined]  # it is a generator
        seen += names([page])
        since = page.resume
        if not page.items:
            break
    assert seen == wanted
    read(drop.adapter(), since)
    assert drop.there() == []
    assert {f"articles_{number}.csv" for number in range(1, 4)} <= set(drop.there("archive"))


def test_a_page_that_was_not_settled_comes_again(drop: Drop) -> None:
    drop.put("articles_1.csv", "1;Axe", "2;Saw", "3;Nail")
    erp = drop.adapter()
    first = read(erp)
    assert names(read(erp, first[0].resume)) == ["Nail"]
    assert names(read(erp, first[0].resume)) == ["Nail"], "the same cursor gives the same"
    assert drop.there() == ["articles_1.csv"]


def test_everything_is_read_from_the_archive_too(drop: Drop) -> None:
    since = None
    for number in range(3):
        drop.put("articles.csv", f"1;{number}", f"{number + 10};{number}")
        since = read(drop.adapter(), since)[-1].resume
        read(drop.adapter(), since)
    drop.put("articles.csv", "1;3")
    assert drop.there("archive") == ["articles.csv", "articles~2.csv", "articles~3.csv"]
    everything = [(one.key, one.name) for page in read(drop.adapter()) for one in page.items]
    assert everything == [("1", "0"), ("10", "0"), ("1", "1"), ("11", "1"), ("1", "2"), ("12", "2"), ("1", "3")]


def test_a_time_of_change_that_is_still_to_come_holds_no_file_up(drop: Drop) -> None:
    drop.put("articles.csv", "1;Axe", changed=4_000_000_000)
    assert names(read(drop.adapter())) == ["Axe"]


def test_old_files_may_lack_a_column_that_is_new(drop: Drop) -> None:
    drop.put("articles_1.csv", "1", header="number")
    erp = drop.adapter(optional=["name"])
    read(erp, read(erp)[-1].resume)
    assert drop.there("archive") == ["articles_1.csv"]
    drop.put("articles_2.csv", "2;Saw")
    assert [dict(one.row) for page in read(drop.adapter()) for one in page.items] == [
        {"number": "1"},
        {"number": "2", "name": "Saw"},
    ]


def test_a_late_file_is_read_whatever_its_name(drop: Drop) -> None:
    drop.put("articles_5.csv", "5;five")
    erp = drop.adapter()
    since = read(erp)[-1].resume
    drop.put("articles_3.csv", "3;three")
    assert names(read(erp, since)) == ["three"]


def test_a_file_that_comes_again_with_other_contents_is_read_again(drop: Drop) -> None:
    drop.put("articles.csv", "1;old")
    erp = drop.adapter()
    since = read(erp)[-1].resume
    drop.put("articles.csv", "1;newer")
    assert names(read(erp, since)) == ["newer"], "it was replaced before it could be archived"


def test_a_file_read_in_part_that_is_gone_expires_the_cursor(drop: Drop) -> None:
    path = drop.put("articles.csv", "1;a", "2;b", "3;c")
    middle = read(drop.adapter())[0].resume
    path.unlink()
    with pytest.raises(CursorExpired, match=r"articles\.csv was read in part, and is gone"):
        read(drop.adapter(), middle)


@pytest.mark.parametrize("cursor", [Cursor("token", "?"), Cursor("sequence", "?"), Cursor("snapshot", "")])
def test_a_foreign_cursor_is_expired(drop: Drop, cursor: Cursor) -> None:
    with pytest.raises(CursorExpired):
        read(drop.adapter(), cursor)


# ---- deletions ----
def test_a_column_says_what_is_deleted(drop: Drop) -> None:
    drop.put("articles.csv", "1;Axe;U", "2;;D", "2;Saw;I", "1;;D", header="number;name;action")
    pages = read(drop.adapter(deleted={"action": ["D"]}), limit=10)
    told = [([one.key for one in page.items], list(page.tombstones)) for page in pages]
    assert told == [(["1"], ["2"]), (["2"], ["1"]), ([], [])], "a page never says both of a key"


def test_files_of_a_pattern_are_deletions(drop: Drop) -> None:
    drop.put("articles_1.csv", "1;Axe", "2;Saw")
    drop.put("gone_1.csv", "1", header="number")
    erp = drop.adapter(deletions="gone_*.csv")
    assert [key for page in read(erp) for key in page.tombstones] == ["1"]
    with pytest.raises(ConfigurationError, match="wrap the adapter in snapshot_diff"):
        drop.adapter("full", deletions="gone_*.csv")


# ---- full files ----
def test_the_newest_full_file_counts_and_older_ones_are_passed_over(drop: Drop, tmp_path: Path) -> None:
    drop.put("articles_1.csv", "1;old", "9;gone")
    drop.put("articles_2.csv", "1;new", "2;Saw")
    erp = snapshot_diff(drop.adapter("full"), tmp_path / "keys.db")
    first = read(erp)
    assert names(first) == ["new", "Saw"]
    second = read(erp, first[-1].resume)
    assert names(second) == ["new", "Saw"], "each run reads what the ERP holds, from the archive as well"
    assert [key for page in second for key in page.tombstones] == []
    assert (drop.there(), drop.there("archive")) == ([], ["articles_1.csv", "articles_2.csv"])
    drop.put("articles_3.csv", "2;Saw")
    third = read(erp, second[-1].resume)
    assert (names(third), [key for page in third for key in page.tombstones]) == (["Saw"], ["1"])


def test_a_full_read_goes_on_in_its_own_file(drop: Drop) -> None:
    drop.put("articles_1.csv", "1;a", "2;b", "3;c")
    erp = drop.adapter("full")
    begun = read(erp)[0]
    drop.put("articles_2.csv", "1;x")
    assert names([begun, *read(erp, begun.resume)]) == ["a", "b", "c"]


def test_no_file_is_no_erp_without_items(drop: Drop) -> None:
    with pytest.raises(ErpUnreachable, match="there is no complete file"):
        read(drop.adapter("full"))
    assert names(read(drop.adapter("delta"))) == []
    with pytest.raises(ErpUnreachable, match="cannot be read"):
        read(FolderAdapter(drop.folder / "nowhere", Article, pattern="*", contents="delta"))


def test_a_broken_full_file_falls_back_to_the_one_before(drop: Drop) -> None:
    drop.put("articles_1.csv", "1;a")
    drop.put("articles_2.csv", "1", header="ean")
    pages, told = until_refused(drop.adapter("full").read_items(None, fields=FIELDS, limit=5))
    assert names(pages) == ["a"]
    assert "articles_2.csv: column 'name' is missing" in told
    assert drop.there("failed") == ["articles_2.csv", "articles_2.csv.txt"]


# ---- complete or not ----
def test_half_written_files_are_left_alone(drop: Drop) -> None:
    for name in ("articles.csv.part", ".articles.csv", "articles.tmp", "~$articles.csv"):
        drop.put(name, "1;no")
    assert names(read(drop.adapter(pattern="*"))) == []


def test_a_file_must_have_settled(drop: Drop) -> None:
    drop.put("articles.csv", "1;Axe", changed=1_000_000_000)
    erp = drop.adapter(settle=timedelta(seconds=0.6))
    assert names(read(erp)) == [], "an old time of change came along with a copy that just arrived"
    time.sleep(0.7)
    assert names(read(erp)) == ["Axe"]


@pytest.mark.parametrize("marker", ["articles.csv.ok", "articles.ok"])
def test_a_marker_says_that_a_file_is_complete(drop: Drop, marker: str) -> None:
    drop.put("articles.csv", "1;Axe")
    erp = drop.adapter(pattern="articles*", marker=".ok")
    assert names(read(erp)) == []
    (drop.folder / marker).touch()
    first = read(erp)
    assert names(first) == ["Axe"]
    read(erp, first[-1].resume)
    assert (drop.there(), drop.there("archive")) == ([], ["articles.csv"])


def test_a_file_that_grows_while_it_is_read_is_read_again(drop: Drop) -> None:
    path = drop.put("articles.csv", "1;Axe", "2;Saw", "3;Nail")
    pages = drop.adapter().read_items(None, fields=FIELDS, limit=1)
    begun = next(pages)
    with path.open("a") as file:
        file.write("4;Nut\n")
    with pytest.raises(ErpUnreachable, match="changed while it was read"):
        list(pages)
    assert names(read(drop.adapter(), begun.resume)) == ["Axe", "Saw", "Nail", "Nut"]


# ---- what is wrong with a file ----
def test_a_broken_file_is_set_aside_and_the_others_go_on(drop: Drop) -> None:
    drop.put("articles_1.csv", "1;Axe")
    drop.put("articles_2.csv", "2;x", header="nr;name")
    drop.put("articles_3.csv", "3;Nail")
    erp = drop.adapter()
    assert erp.describe().field_names == FIELDS, "a broken file does not hide what the others have"
    pages, told = until_refused(erp.read_items(None, fields=FIELDS, limit=5))
    assert names(pages) == ["Axe", "Nail"]
    assert "articles_2.csv: column 'number' is missing" in told
    reason = (drop.folder / "failed" / "articles_2.csv.txt").read_text()
    assert "column 'number' is missing" in reason
    assert "move it back" in reason
    assert names(read(erp, pages[-1].resume)) == [], "it blocks nobody"
    assert erp.check().facts["failed"] == "articles_2.csv.txt"
    (drop.folder / "failed" / "articles_2.csv").rename(drop.folder / "articles_2.csv")
    mended = drop.adapter(aliases={"number": ["nr"]})
    assert names(read(mended, pages[-1].resume)) == ["x"]


def test_what_was_read_before_a_file_breaks_is_given_out(drop: Drop) -> None:
    drop.put("articles_1.csv", "1;Axe", '2;"Saw', "3;Nail")
    drop.put("articles_2.csv", "4;Nut")
    pages, told = until_refused(drop.adapter().read_items(None, fields=FIELDS, limit=5))
    assert names(pages) == ["Axe", "Nut"]
    assert "articles_1.csv, line 3: unexpected end of data" in told
    assert names(read(drop.adapter(), pages[0].resume)) == ["Nut"], "a killed run does not wait for the failed file"


def test_a_folder_that_may_not_be_written_is_told_before(drop: Drop) -> None:
    if os.geteuid() == 0:
        drop.put("articles.csv", "1;Axe")
        erp = drop.adapter()
        since = read(erp)[-1].resume
        (drop.folder / "archive").write_text("a file, where the folder should be")
        with pytest.raises(ErpUnreachable, match=r"articles\.csv cannot be moved.*needs to write in"):
            read(erp, since)
    else:
        drop.folder.chmod(0o555)
        health = drop.adapter().check()
        drop.folder.chmod(0o755)
        assert not health.ok
        assert "may not be written" in health.message


# ---- with the bridge ----
MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    constant("hand_tools").to(FAMILY),
    Article.name.to(Cell[str]("name", locale="en_US")),
)


def test_the_bridge_reads_a_folder(drop: Drop) -> None:
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    erp = drop.adapter(deleted={"name": ["-"]})
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(":memory:") as state,
    ):
        job = ErpToPim(erp, MAPPING, pim, state)
        drop.put("articles_1.csv", "A-1;Axe", "A-2;Saw", "A-3;Nail")
        assert job.run().created == 3
        drop.put("articles_2.csv", "A-1;Felling axe", "A-3;-")
        assert job.plan().report.read == 1
        drop.put("articles_3.csv", "A-4;x", header="nr;name")
        with pytest.raises(ErpRefused, match=r"articles_3\.csv: column 'number' is missing"):
            job.run()
        assert drop.there("archive") == ["articles_1.csv"]
        report = job.run()
        assert (report.read, report.exit_code) == (0, 0)
        assert drop.there("archive") == ["articles_1.csv", "articles_2.csv"]
        assert pim.products_by_identifier.get("A-1").values.text("name", locale="en_US") == "Felling axe"
        assert [pim.products_by_identifier.get(one).enabled for one in ("A-1", "A-2", "A-3")] == [True, True, False]


def test_hot_files_of_their_own_go_to_the_shop(drop: Drop, tmp_path: Path) -> None:
    erp = FolderAdapter(drop.folder, Stock, pattern="stock_*.csv", contents="delta", settle=timedelta(0))
    drop.put("stock_1.csv", "A-1;7", "A-2;many", header="number;pieces")
    with SqliteSink(tmp_path / "shop.db") as shop, SqliteState(":memory:") as state:
        relay = HotRelay(erp, [Stock.pieces.feed("available")], shop, state)
        first = relay.run()
        assert (first.written, first.parked) == (1, 1)
        drop.put("stock_2.csv", "A-1;5", "A-2;3", header="number;pieces")
        second = relay.run()
        assert (second.written, second.parked) == (2, 0)
        assert drop.there("archive") == ["stock_1.csv"]
    found = erp.read_hot(None, keys=["A-1"])
    assert [one.pieces for page in found for one in page.items] == [7, 5]


def test_a_million_is_a_stream(drop: Drop) -> None:
    import tracemalloc

    def peak(count: int) -> int:
        drop.put("articles.csv", *(f"{one:07};{'x' * 40}" for one in range(count)))
        tracemalloc.start()
        for _ in drop.adapter(file_format=Csv(delimiter=";")).read_items(None, fields=FIELDS, limit=500):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(60_000) <= 1.2 * peak(30_000)


# ---- what a cursor is of ----
def test_a_cursor_from_before_files_were_archived_has_expired(drop: Drop) -> None:
    """A backup of the state was restored, and the files that came after it are archived."""
    drop.put("articles_1.csv", "1;Axe")
    erp = drop.adapter()
    old = read(erp)[-1].resume
    drop.put("articles_2~2.csv", "1;Saw")
    later = read(erp, old)[-1].resume
    assert names(read(erp, old)) == ["Saw"], "nothing but its own files was archived"
    read(erp, later)
    assert names(read(erp, later)) == [], "a cursor may come twice, whatever a file is called"
    with pytest.raises(CursorExpired, match="files were archived since this cursor was kept"):
        read(erp, old)
    (drop.folder / "archive" / "articles_1.csv").unlink()
    assert names(read(erp, later)) == [], "what is cleared away there makes no cursor older"
    assert names(read(erp)) == ["Saw"]


@pytest.mark.parametrize("contents", ["delta", "full"])
def test_a_cursor_of_other_fields_or_of_another_folder_has_expired(drop: Drop, contents: str) -> None:
    drop.put("articles_1.csv", "1;Axe", "2;Saw", "3;Nail")
    for page in read(drop.adapter(contents)):
        for other, fields in ((drop.adapter(contents, pattern="*.csv"), FIELDS), (drop.adapter(contents), {"number"})):
            with pytest.raises(CursorExpired, match="of other fields or another adapter"):
                list(other.read_items(page.resume, fields=frozenset(fields), limit=2))


@pytest.mark.parametrize("contents", ["delta", "full"])
def test_a_cursor_of_an_earlier_version_is_still_good(drop: Drop, contents: str) -> None:
    drop.put("articles_1.csv", "1;Axe", "2;Saw", "3;Nail")
    resume = read(drop.adapter(contents))[0].resume
    wire = json.loads(resume.blob)
    del wire["archived"]
    assert names(read(drop.adapter(contents), Cursor(resume.kind, json.dumps(wire), ""))) == ["Nail"]
