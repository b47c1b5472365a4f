"""Lists: lazily, to the end, from where one stopped, and never to another host."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import attrs
import httpx
import pytest

from akeneo.stub import Stub, client_of, page
from akeneo_erp_bridge.akeneo import AkeneoClient, Options, RetryPolicy
from akeneo_erp_bridge.errors import ConfigurationError, UnexpectedAnswer

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
    with pytest.raises(ConfigurationError, match="is not a page of products"):
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
            page_size=5,
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


# ---- sizes ----
Lister = Callable[[AkeneoClient, int | None], object]
LISTS: dict[str, tuple[Lister, int | None, str]] = {
    "families": (lambda pim, size: pim.families.list(page_size=size).first(), 100, "100"),
    "products": (lambda pim, size: pim.products.list(page_size=size).first(), 100, "100"),
    "searched": (lambda pim, size: pim.products.search({}, page_size=size).first(), 100, "100"),
    "selected": (lambda pim, size: pim.catalogs.products("c").list(page_size=size).first(), 1000, "100"),
    "uuids": (lambda pim, size: pim.catalogs.product_uuids("c").list(page_size=size).first(), 1000, "100"),
    "mapped": (lambda pim, size: pim.catalogs.mapped_products("c").list(page_size=size).first(), 100, "100"),
    "records": (lambda pim, size: pim.reference_entities.records("c").list(page_size=size).first(), None, ""),
    "extensions": (lambda pim, size: pim.ui_extensions.list(page_size=size).first(), None, ""),
}


@pytest.mark.parametrize(("first", "most", "usual"), LISTS.values(), ids=list(LISTS))
def test_the_size_of_a_page_is_asked_for_where_it_may_be(first: Lister, most: int | None, usual: str) -> None:
    stub = Stub(otherwise=page())
    pim = client_of(stub)
    first(pim, None)
    assert query(stub.requests.pop()).get("limit", [""]) == [usual]
    if most is None:
        with pytest.raises(ConfigurationError, match="the PIM chooses the size of a page"):
            first(pim, 10)
        return
    first(pim, most)
    assert query(stub.requests.pop())["limit"] == [str(most)]
    for wrong in (0, -1, most + 1):
        with pytest.raises(ConfigurationError, match=f"page_size is at least 1 and at most {most}, not {wrong}"):
            first(pim, wrong)
    assert stub.requests == []


def test_the_page_size_of_the_options_counts_in_the_lists_of_catalogs() -> None:
    stub = Stub(otherwise=page())
    client_of(stub, page_size=7).catalogs.products("c").list().first()
    assert query(stub.requests[0])["limit"] == ["7"]


# ---- going on ----
def test_a_cursor_goes_with_nothing_that_would_not_count() -> None:
    stub = Stub(page({"uuid": "b"}))
    products = client_of(stub).products
    start = "/api/rest/v1/products-uuid?search_after=a&limit=100"
    for beside in (
        {"where": {"enabled": [{"operator": "=", "value": True}]}}, {"params": {"with_completenesses": True}},
        {"page_size": 5}, {"attributes": ["sku"]}, {"locales": ["en_US"]},
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=f"leave out .*{next(iter(beside))}"):
            list(products.pages(start=start, **beside))  # type: ignore[arg-type]  # one of several types
    assert stub.requests == []
    assert [product.uuid for one in products.pages(start=start) for product in one] == ["b"]


def test_pages_are_trimmed_as_lists_are() -> None:
    stub = Stub(otherwise=page())
    list(client_of(stub).products.pages(attributes=["name", "net"], locales=["en_US"]))
    found = query(stub.requests[0])
    assert (found["attributes"], found["locales"]) == (["name,net"], ["en_US"])


def test_a_search_takes_what_a_list_takes_and_goes_on() -> None:
    following = f"{PRODUCTS}?search_after=a&limit=5&pagination_type=search_after"
    stub = Stub(page({"uuid": "a"}, following=following), page({"uuid": "b"}))
    products = client_of(stub).products
    where = {"enabled": [{"operator": "=", "value": True}]}
    more: dict[str, Any] = {"attributes": ["name"], "locales": ["en_US"], "params": {"with_completenesses": True}}
    first = next(products.search(where, page_size=5, **more).pages())
    (rest,) = products.search(where, page_size=5, start=first.next, **more).pages()
    assert [product.uuid for one in (first, rest) for product in one] == ["a", "b"]
    for request in stub.requests:
        body = json.loads(request.content)
        assert json.loads(body.pop("search")) == where
        assert body == {"attributes": "name", "locales": "en_US", "with_completenesses": True}
    assert [query(request).get("search_after") for request in stub.requests] == [None, ["a"]]
    with pytest.raises(ConfigurationError, match="is not a page of products"):
        products.search(where, start="/api/rest/v1/families?page=2").first()
    with pytest.raises(ConfigurationError, match="is not a page of a search"):
        products.search(where, start="/api/rest/v1/products-uuid?page=2").first()


def test_every_option_that_is_not_shared_can_be_changed() -> None:
    stub = Stub(otherwise=page())
    pim = client_of(stub)
    changes: dict[str, Any] = {
        "timeout": timedelta(seconds=7), "retry": RetryPolicy(attempts=2), "page_size": 9, "batch_lines": 8,
        "batch_bytes": 7, "read_ahead": True, "line_tries": 2, "user_agent": "shop/1.0",
    }  # fmt: skip
    shared = {"plain_http", "concurrency", "requests_per_second", "option_requests_per_second"}
    assert set(changes) | shared == {one.name for one in attrs.fields(Options)}
    other = pim.with_options(**changes)
    assert {name: getattr(other.options, name) for name in changes} == changes
    list(other.families.list())
    list(pim.families.list())
    assert [request.headers["user-agent"] for request in stub.requests] == ["shop/1.0", "akeneo-erp-bridge"]
