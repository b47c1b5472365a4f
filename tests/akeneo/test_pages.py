"""Lists: lazily, to the end, from where one stopped, and never to another host."""

from __future__ import annotations

import json
import weakref
from urllib.parse import parse_qs

import httpx
import pytest

from akeneo.stub import Stub, client_of, page
from akeneo_erp_bridge.errors import UnexpectedAnswer

PRODUCTS = "https://pim.example.com/api/rest/v1/products-uuid"


def query(request: httpx.Request) -> dict[str, list[str]]:
    return parse_qs(request.url.query.decode())


def test_a_list_follows_next_until_there_is_none() -> None:
    stub = Stub(
        page({"uuid": "a"}, {"uuid": "b"}, following=f"{PRODUCTS}?search_after=b&limit=100"), page({"uuid": "c"})
    )
    assert [product.uuid for product in client_of(stub).products.list()] == ["a", "b", "c"]
    assert query(stub.requests[0]) == {"limit": ["100"], "pagination_type": ["search_after"]}
    assert query(stub.requests[1]) == {"search_after": ["b"], "limit": ["100"]}


def test_other_lists_go_by_page() -> None:
    stub = Stub(page())
    list(client_of(stub).families.list())
    assert query(stub.requests[0]) == {"limit": ["100"]}


def test_a_list_is_fetched_while_one_iterates_and_anew_each_time() -> None:
    stub = Stub(otherwise=page({"uuid": "a"}, following=f"{PRODUCTS}?search_after=a"))
    listing = client_of(stub).products.list()
    assert len(stub.requests) == 0
    next(iter(listing))
    assert len(stub.requests) == 1
    assert listing.first() is not None
    assert len(stub.requests) == 2


def test_the_host_of_a_link_gets_nothing() -> None:
    stub = Stub(
        page({"uuid": "a"}, following="http://10.0.0.5:8080/api/rest/v1/products-uuid?search_after=a%2Bb&x=%C3%BC"),
        page(),
    )
    list(client_of(stub).products.list())
    assert stub.requests[1].url.host == "pim.example.com"
    assert stub.requests[1].url.scheme == "https"
    assert stub.requests[1].url.raw_path == b"/api/rest/v1/products-uuid?search_after=a%2Bb&x=%C3%BC"


@pytest.mark.parametrize("link", ["https://evil.example.com/collect?x=1", "/api/rest/v1/products-uuid", ""])
def test_a_link_that_leads_elsewhere_is_an_error(link: str) -> None:
    with pytest.raises(UnexpectedAnswer, match="the link to the next page leads elsewhere"):
        list(client_of(Stub(page({"uuid": "a"}, following=link))).products.list())


def test_a_link_in_a_circle_is_an_error() -> None:
    link = f"{PRODUCTS}?search_after=a"
    with pytest.raises(UnexpectedAnswer, match="leads back to the same page"):
        list(client_of(Stub(otherwise=page({"uuid": "a"}, following=link))).products.list())


def test_one_can_stop_and_go_on() -> None:
    stub = Stub(
        page({"uuid": "a"}, following=f"{PRODUCTS}?search_after=a"),
        page({"uuid": "b"}, following=f"{PRODUCTS}?search_after=b"),
        page({"uuid": "c"}),
    )
    pim = client_of(stub)
    first = next(iter(pim.products.pages()))
    assert ([product.uuid for product in first], len(first)) == (["a"], 1)
    assert first.next == "/api/rest/v1/products-uuid?search_after=a"
    rest = list(pim.products.pages(start=first.next))
    assert [product.uuid for part in rest for product in part] == ["b", "c"]
    assert rest[-1].next is None


def test_a_cursor_of_another_list_is_refused() -> None:
    stub = Stub()
    with pytest.raises(ValueError, match="is not a page of products"):
        list(client_of(stub).products.pages(start="/api/rest/v1/families?page=2"))
    assert stub.requests == []


def test_where_and_parameters() -> None:
    stub = Stub(otherwise=page())
    pim = client_of(stub)
    where = {"family": [{"operator": "IN", "value": ["größe", "a&b"]}]}
    list(
        pim.products.list(
            where,
            params={"with_completenesses": True, "search_locale": "en_US"},
            limit=5,
            attributes=["name", "net"],
            locales=["en_US"],
        )
    )
    found = query(stub.requests[0])
    assert json.loads(found.pop("search")[0]) == where
    assert found == {
        "limit": ["5"], "pagination_type": ["search_after"], "with_completenesses": ["true"], "search_locale": ["en_US"],
        "attributes": ["name,net"], "locales": ["en_US"],
    }  # fmt: skip
    list(pim.with_options(page_size=7).categories.list({}))
    assert query(stub.requests[1]) == {"limit": ["7"]}


def test_counting() -> None:
    stub = Stub(page({"uuid": "a"}, items_count=1234, following=f"{PRODUCTS}?page=2"), page())
    pim = client_of(stub)
    assert pim.products.count() == 1234
    assert query(stub.requests[0]) == {"limit": ["1"], "pagination_type": ["page"], "with_count": ["true"]}
    with pytest.raises(UnexpectedAnswer, match="does not count"):
        pim.families.count()


def test_the_other_name_of_items_is_known() -> None:
    stub = Stub(httpx.Response(200, json={"_links": {}, "_embedded": {"_items": [{"code": "f"}]}}))
    assert [family.code for family in client_of(stub).families.list()] == ["f"]


def test_a_page_is_gone_before_the_next_one_is_asked_for() -> None:
    seen: list[weakref.ref[object]] = []
    alive: list[int] = []

    def second(_: httpx.Request) -> httpx.Response:
        alive.append(sum(one() is not None for one in seen))
        return page({"uuid": "c"})

    first = page({"uuid": "a"}, {"uuid": "b"}, following=f"{PRODUCTS}?search_after=b")
    client = client_of(Stub(first, second, first, second))
    for part in client.products.pages():
        seen.append(weakref.ref(part))
        del part
    products = iter(client.products.list())
    seen.append(weakref.ref(next(products)))
    assert [product.uuid for product in products] == ["b", "c"]
    assert (alive, len(seen)) == ([0, 0], 2 + 1)
