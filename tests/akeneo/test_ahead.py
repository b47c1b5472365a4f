"""Reading ahead: the same pages, one of them on its way before it is asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from akeneo.stub import client_of
from akeneo.wire import Asked, Reply, Wire, listed
from akeneo_erp_bridge.akeneo._ahead import pages_ahead
from akeneo_erp_bridge.akeneo._kinds import FAMILIES
from akeneo_erp_bridge.akeneo._pages import ResourcePage, next_target
from akeneo_erp_bridge.errors import PimBroken

NEXT = "/api/rest/v1/families?page="


def three(asked: Asked) -> Reply:
    number = int(asked.target.partition("page=")[2] or "1")
    return listed({"code": f"f{number}"}, following=f"{NEXT}{number + 1}" if number < 3 else None)


def waits_for(wire: Wire, count: int) -> bool:
    until = time.monotonic() + 5
    while len(wire.asked) < count and time.monotonic() < until:
        time.sleep(0.01)
    return len(wire.asked) >= count


def test_all_pages_come_once_and_in_order() -> None:
    with Wire(otherwise=three) as wire:
        client = client_of(wire, read_ahead=True)
        assert [family.code for family in client.families.list()] == ["f1", "f2", "f3"]
        assert [page.next for page in client.families.pages()] == [f"{NEXT}2", f"{NEXT}3", None]
        assert len(wire.asked) == 6


@pytest.mark.blocking_only
def test_the_next_page_is_asked_for_while_this_one_is_worked_on_and_no_other() -> None:
    with Wire(otherwise=three) as wire:
        pages = client_of(wire, read_ahead=True).families.pages()
        assert next(pages).items[0].code == "f1"
        assert waits_for(wire, 2)
        time.sleep(0.05)
        assert len(wire.asked) == 2
        assert next(pages).items[0].code == "f2"
        assert waits_for(wire, 3)


def test_nothing_is_asked_for_before_one_iterates_nor_behind_the_end() -> None:
    with Wire(otherwise=lambda _: listed({"code": "f1"})) as wire:
        listing = client_of(wire, read_ahead=True).families.list()
        assert wire.asked == []
        assert [family.code for family in listing] == ["f1"]
        assert len(wire.asked) == 1


def test_who_stops_early_does_not_wait_for_the_next_page() -> None:
    def slow(asked: Asked) -> Reply:
        found = three(asked)
        return Reply(found.status, found.body, silent=30 if "page=2" in asked.target else 0)

    with Wire(otherwise=slow) as wire:
        begun = time.monotonic()
        first = client_of(wire, read_ahead=True).families.list().first()
        assert first is not None
        assert time.monotonic() - begun < 10


def test_what_goes_wrong_is_told_behind_the_items_before_it() -> None:
    def breaks(asked: Asked) -> Reply:
        return Reply(503) if "page=2" in asked.target else three(asked)

    seen: list[str] = []
    with Wire(otherwise=breaks) as wire:
        listing = client_of(wire, read_ahead=True).families.list()
        with pytest.raises(PimBroken, match="GET families"):
            seen.extend(family.code for family in listing)
    assert seen == ["f1"]


def test_one_can_go_on_from_a_page() -> None:
    with Wire(otherwise=three) as wire:
        pages = client_of(wire, read_ahead=True).families.pages(start=f"{NEXT}3")
        assert [page.items[0].code for page in pages] == ["f3"]


def test_the_next_page_is_asked_for_before_this_one_is_read() -> None:
    order: list[str] = []
    asked_for_second = threading.Event()

    def fetch(target: str, arrived: Callable[[bytes], None]) -> ResourcePage[int]:
        if target == "two":
            asked_for_second.set()
            return ResourcePage(items=[2])
        arrived(b"leads to two")
        order.append("in time" if asked_for_second.wait(5) else "too late")
        return ResourcePage(items=[1], next="two")

    assert [page.items for page in pages_ahead(fetch, lambda content: "two", "one")] == [[1], [2]]
    assert order == ["in time"]


def test_a_wrong_guess_costs_a_request_and_no_page() -> None:
    asked: list[str] = []
    following = {"one": "two", "two": "three", "three": None}

    def fetch(target: str, arrived: Callable[[bytes], None]) -> ResourcePage[str]:
        asked.append(target)
        arrived(target.encode())
        return ResourcePage(items=[target], next=following[target])

    def guess(content: bytes) -> str | None:
        return {b"one": "elsewhere", b"two": None, b"three": "three"}.get(content)

    following["elsewhere"] = "nowhere"
    assert [page.items[0] for page in pages_ahead(fetch, guess, "one")] == ["one", "two", "three"]
    assert sorted(asked) == ["elsewhere", "one", "three", "two"]


@pytest.mark.parametrize(
    ("content", "target"),
    [
        (
            b'{"_links":{"next":{"href":"https:\\/\\/a.example\\/api\\/rest\\/v1\\/families?page=2"}},"_embedded":',
            "page=2",
        ),
        (b'{"_links": {"next" : { "href" : "x?a=\\u00e9"}}, "_embedded": {}}', "a=\u00e9"),
        (b'{"_links":{"self":{"href":"x?page=1"}},"_embedded":{"items":[{"next":{"href":"x?page=9"}}]}}', None),
        (b'{"_embedded":{"items":[]},"_links":{"next":{"href":"x?page=2"}}}', None),
        (b'{"_links":{"next":{"href":"x?\\q"}},"_embedded":', None),
        (b'{"_links":{"next":{"href":"x?page=2"}}', None),
        (b"<html>", None),
    ],
)
def test_the_next_target_is_guessed_from_the_head_of_a_page(content: bytes, target: str | None) -> None:
    assert next_target(FAMILIES, content) == (None if target is None else f"/api/rest/v1/families?{target}")
