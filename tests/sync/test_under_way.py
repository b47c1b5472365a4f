"""Pages under way side by side: full requests, in order, and nothing that overtakes or is lost."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from threading import Event, Thread

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ErpKey, LocaleCode, ProductUuid
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import BridgeError, PimUnreachable, StateError
from akeneo_erp_bridge.sync import ErpToPim, ItemChange, LedgerEntry, SqliteState, SyncOptions, SyncReport, Tally
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._targets._target import Verdict
from akeneo_erp_bridge.sync._under_way import PageUnderWay, Sent, UnderWay
from akeneo_erp_bridge.testing import PimSimulator
from world import Article, ListErp, make_mapping, row


def run(erp: ListErp, pim: AkeneoClient, state: SqliteState, page_size: int = 50) -> SyncReport:
    report = ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=page_size)).run()
    assert report.accounts_for_everything()
    return report


# ---- full requests ----
@pytest.mark.parametrize(("changed", "requests"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_changes_of_many_pages_share_requests(
    simulator: PimSimulator, pim: AkeneoClient, state: SqliteState, changed: int, requests: int
) -> None:
    rows = [row(number) for number in range(1000)]
    run(ListErp(rows), pim, state)
    before = len(simulator.mutating_calls)
    for number in range(0, changed * 4, 4):
        rows[number] = row(number, name=f"Another name {number}")
    report = run(ListErp(rows), pim, state, page_size=37)
    assert report.updated == changed
    assert len(simulator.mutating_calls) - before == requests


def test_an_empty_pim_is_not_searched_for_what_is_new(
    simulator: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    run(ListErp([]), pim, state)
    signed_in = len(simulator.calls)
    run(ListErp([]), pim, state)
    preflight = len(simulator.calls) - signed_in
    before = len(simulator.calls)
    assert run(ListErp([row(number) for number in range(500)]), pim, state).created == 500
    assert len(simulator.mutating_calls) == 5
    assert len(simulator.calls) - before == preflight + 5 + 1, "one look whether it is empty"


# ---- order ----
def test_an_item_that_is_deleted_while_it_is_under_way_ends_disabled(pim: AkeneoClient, state: SqliteState) -> None:
    class Twice(ListErp):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            yield Page([Article(row(number)) for number in range(10)], [], Cursor("sequence", "1"))
            yield Page([], [ErpKey("000003")], Cursor("sequence", "2"))

    report = run(Twice([]), pim, state)
    assert report.tombstoned == 1
    assert [one.values.text("sku") for one in pim.products.list() if not one.enabled] == ["000003"]


def test_two_items_of_one_sku_on_two_pages_make_no_twins(pim: AkeneoClient, state: SqliteState) -> None:
    rows = [row(number) for number in range(10)]
    erp = ListErp([*rows, {**row(3), "number": "000003 "}])
    report = run(erp, pim, state, page_size=5)
    assert report.created == 10
    assert len(list(pim.products.list())) == 10


def test_what_somebody_made_while_a_bare_pim_was_filled_is_adopted(
    simulator: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    mine = ProductUuid("6f9619ff-8b86-4011-b42d-00cf4fc964ff")

    def meanwhile(boundary: str) -> None:
        if boundary == "state.intended" and not list(pim.products.list(page_size=1)):
            name = Value(AttributeCode("name"), "Meins", locale=LocaleCode("de_DE"))
            assert pim.products.upsert(ProductPatch(uuid=mine, values=[Value(AttributeCode("sku"), "000002"), name])).ok

    erp = ListErp([row(number) for number in range(5)])
    report = ErpToPim(erp, make_mapping(), pim, state, hook=meanwhile).run()
    assert report.accounts_for_everything()
    assert (report.written, report.parked) == (5, 0)
    assert len(list(pim.products.list())) == 5
    adopted = pim.products.get(mine)
    assert adopted.values.text("name", locale="de_DE") == "Meins"
    assert adopted.values.text("name", locale="en_US") == row(2)["name"]
    assert run(erp, pim, state).unchanged == 5


# ---- the mechanism ----
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def page_of(number: int, size: int) -> tuple[PageUnderWay, list[ItemChange]]:
    entries = [LedgerEntry(ErpKey(f"{number}-{place}"), "f", "c", "r") for place in range(size)]
    changes = [ItemChange(one.key, "create", {}, one) for one in entries]
    draft = Draft(changes=changes)
    return PageUnderWay(draft, Cursor("sequence", str(number)), Tally(), NOW, size), changes


def taken(changes: Sequence[ItemChange]) -> Sent:
    return [Verdict(one, ok=True, created=True) for one in changes], None


def feed_all(under_way: UnderWay, pages: int) -> None:
    for number in range(1, pages + 1):
        under_way.add(*page_of(number, 0 if number == 4 else 60))
    under_way.finish()


class Book:
    """What was settled, and whether with its cursor."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, bool]] = []

    def settle(self, page: PageUnderWay) -> None:
        assert page.resume is not None
        assert page.failure is not None or [one.change for one in page.verdicts] == page.draft.changes
        self.pages.append((page.resume.blob, page.failure is None))


def test_a_failed_page_keeps_its_cursor_and_so_do_all_behind_it() -> None:
    book, error = Book(), PimUnreachable("gone")

    def send(changes: Sequence[ItemChange]) -> Sent:
        return ((), error) if any(one.key.startswith("3-") for one in changes) else taken(changes)

    under_way = UnderWay(send, book.settle, side_by_side=True)
    with pytest.raises(BridgeError) as caught:
        feed_all(under_way, 8)
    assert caught.value is error
    assert [one for one in book.pages if one[1]] == [("1", True)], "the second shares a request with the third"
    assert [number for number, _ in book.pages] == [str(number + 1) for number in range(len(book.pages))]
    under_way.finish()
    under_way.close()


def test_nothing_is_settled_behind_a_page_that_could_not_be_settled() -> None:
    seen: list[str] = []

    def settle(page: PageUnderWay) -> None:
        assert page.resume is not None
        seen.append(page.resume.blob)
        if page.resume.blob == "2":
            raise StateError("the disk is full")

    under_way = UnderWay(taken, settle, side_by_side=True)
    with pytest.raises(StateError):
        feed_all(under_way, 5)
    under_way.finish()
    under_way.close()
    assert seen == ["1", "2"]


def test_a_slow_pim_slows_the_reading() -> None:
    answers = Event()
    handed, settled, most = 0, 0, 0

    def send(changes: Sequence[ItemChange]) -> Sent:
        assert answers.wait(60)
        return taken(changes)

    def settle(page: PageUnderWay) -> None:
        nonlocal settled
        settled += len(page.draft.changes)

    def feed() -> None:
        nonlocal handed, most
        for number in range(100):
            page, changes = page_of(number, 100)
            handed += len(changes)
            most = max(most, handed - settled)
            under_way.add(page, changes)
        under_way.finish()

    under_way = UnderWay(send, settle, side_by_side=True)
    feeder = Thread(target=feed)
    feeder.start()
    while handed < 1700 and feeder.is_alive():
        time.sleep(0.01)
    answers.set()
    feeder.join()
    under_way.close()
    assert settled == handed == 10_000
    assert most == 1700, "the sixteen requests that may wait, and the page that has to"


class Gate(httpx.BaseTransport):
    """A PIM that lets no PATCH through before it is opened."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.opened = Event()
        self.held: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH" and not self.opened.is_set():
            self.held.append(request.url.path)
            assert self.opened.wait(60)
        return self.inner.handle_request(request)


class Counting(ListErp):
    """An ERP that counts the pages that were taken from it."""

    handed = 0

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        for page in super().read_items(since, fields=fields, limit=limit):
            self.handed += 1
            yield page


@pytest.mark.parametrize("size", [100, 37])
def test_a_run_takes_no_more_pages_than_may_be_under_way_from_its_erp(
    simulator: PimSimulator, state: SqliteState, size: int
) -> None:
    """Sixteen full requests, and what fills the seventeenth."""
    erp, gate = Counting([row(number) for number in range(4000)]), Gate(simulator.transport())
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=gate) as pim:
        done: list[SyncReport] = []
        one = Thread(target=lambda: done.append(run(erp, pim, state, page_size=size)))
        one.start()
        try:
            while (erp.handed * size <= 1600 or len(gate.held) < 4) and one.is_alive():
                time.sleep(0.01)
            time.sleep(0.3)  # for what would go on reading, were it not for the bound
            assert erp.handed * size < 1700 + size
            assert (len(gate.held), one.is_alive()) == (4, True)
        finally:
            gate.opened.set()
            one.join()
    assert done[0].created == 4000
    assert erp.handed == -(-4000 // size)


# ---- memory ----
def test_a_page_that_waits_for_a_full_request_lets_go_of_what_has_not_changed(
    pim: AkeneoClient, state: SqliteState
) -> None:
    rows = [row(number) for number in range(2000)]
    run(ListErp(rows), pim, state)
    for number in range(0, 2000, 50):
        rows[number] = row(number, name=f"Another name {number}")  # one a page: no page fills a request
    most = 0

    def look(boundary: str) -> None:
        nonlocal most
        if boundary == "erp.read":
            gc.collect()  # what was there before the test is frozen, and not looked through each time
            most = max(most, sum(type(one) is Article for one in gc.get_objects()))

    gc.freeze()
    try:
        job = ErpToPim(
            ListErp(rows), make_mapping(), pim, state, options=SyncOptions(page_size=50, watched=0), hook=look
        )
        job.run()
    finally:
        gc.unfreeze()
    assert 50 <= most <= 4 * 50, "the page at hand, the one before it, and one item of each that waits"
