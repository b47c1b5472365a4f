"""Pagination and filters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import Caller, seed, value


def walk(pim: Caller, path: str, **params: Any) -> list[list[dict[str, Any]]]:
    pages = []
    answer = pim.get(path, **params)
    while True:
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["_embedded"]["items"])
        following = answer.json()["_links"].get("next")
        if following is None:
            return pages
        answer = pim.http.get(following["href"])


@pytest.mark.parametrize("kind", ["page", "search_after"])
@pytest.mark.parametrize(("path", "key"), [("products-uuid", "uuid"), ("products", "identifier")])
@pytest.mark.parametrize(("count", "sizes"), [(4, [2, 2, 0]), (3, [2, 1])])
def test_walk(pim: Caller, kind: str, path: str, key: str, count: int, sizes: list[int]) -> None:
    """Pagination: `next` stands exactly on full pages, so a full last page is followed by an empty one."""
    for number in range(count):
        pim.product(f"P{number}")
    pages = walk(pim, path, pagination_type=kind, limit=2)
    assert [len(page) for page in pages] == sizes
    assert len({item[key] for page in pages for item in page}) == count


def test_envelope(pim: Caller) -> None:
    """Pagination: links are absolute and repeat every parameter; items_count on request."""
    for number in range(3):
        pim.product(f"P{number}", family="bare")
    search = {"family": [{"operator": "IN", "value": ["bare"]}]}
    body = pim.get("products", limit=1, page=2, with_count="true", search=search).json()
    assert (body["current_page"], body["items_count"]) == (2, 3)
    assert set(body["_links"]) == {"self", "first", "previous", "next"}
    following = httpx.URL(body["_links"]["next"]["href"])
    assert following.host == pim.http.base_url.host
    assert (following.params["page"], following.params["with_count"]) == ("3", "true")
    assert "bare" in following.params["search"]
    assert [one["identifier"] for one in pim.http.get(following).json()["_embedded"]["items"]] == ["P2"]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 101},
        {"page": "x"},
        {"page": 0},
        {"with_count": "1"},
        {"pagination_type": "other"},
    ],
)
def test_bad_parameters(pim: Caller, params: dict[str, Any]) -> None:
    """Pagination: 422 for what it does not offer."""
    assert pim.get("products-uuid", **params).status_code == 422


def test_no_cursor_on_families(pim: Caller) -> None:
    """Pagination: most lists know pages only."""
    answer = pim.get("families", pagination_type="search_after")
    assert (answer.status_code, answer.json()["message"]) == (422, "Pagination type is not supported.")


def test_depth() -> None:
    """Pagination: pages end at the 10,000th item, the cursor does not."""
    sim = seed(PimSimulator(behaviour=Behaviour(offset_depth=2)))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        deep = pim.get("products-uuid", limit=1, page=3)
        assert deep.status_code == 422
        assert deep.json()["message"].startswith("You have reached the maximum number of pages")


def skus(pim: Caller, search: dict[str, Any], **params: Any) -> str:
    return " ".join(one["identifier"] for one in pim.items("products", search=search, limit=100, **params))


FILTERS: list[tuple[str, dict[str, Any], str]] = [
    ("sku", {"operator": "IN", "value": ["a", "C", "zzz"]}, "A C"),
    ("sku", {"operator": "=", "value": "B"}, "B"),
    ("sku", {"operator": "STARTS WITH", "value": "a"}, "A"),
    ("family", {"operator": "IN", "value": ["drill"]}, "A B"),
    ("family", {"operator": "EMPTY"}, "C"),
    ("enabled", {"operator": "=", "value": False}, "B"),
    ("categories", {"operator": "IN", "value": ["tools"]}, "A"),
    ("categories", {"operator": "IN CHILDREN", "value": ["master"]}, "A"),
    ("categories", {"operator": "NOT IN", "value": ["tools"]}, "B C"),
    ("categories", {"operator": "UNCLASSIFIED"}, "B C"),
    ("note", {"operator": "CONTAINS", "value": "EL"}, "A"),
    ("note", {"operator": "EMPTY"}, "B C"),
    ("name", {"operator": "=", "value": "drill", "locale": "en_US"}, "A"),
    ("colour", {"operator": "IN", "value": ["red"]}, "A"),
    ("tags", {"operator": "NOT IN", "value": ["b"]}, "A"),
    ("new", {"operator": "=", "value": True}, "A"),
    ("power", {"operator": ">", "value": 9}, "B"),
    ("weight", {"operator": ">=", "value": {"amount": 1, "unit": "KILOGRAM"}}, "A"),
    ("price", {"operator": "<", "value": {"amount": 11, "currency": "EUR"}}, "A"),
    ("since", {"operator": "BETWEEN", "value": ["2026-06-01", "2026-06-30"]}, "A"),
    ("completeness", {"operator": "=", "value": 100, "scope": "print"}, "A B"),
]


@pytest.mark.parametrize(("name", "condition", "expected"), FILTERS, ids=lambda one: str(one)[:40])
def test_filters(pim: Caller, name: str, condition: dict[str, Any], expected: str) -> None:
    """Filters: by property and by attribute type."""
    pim.product(
        "A",
        family="drill",
        categories=["tools"],
        values={
            "note": value("Hello"),
            "name": value("Drill", "en_US"),
            "colour": value("red"),
            "tags": value(["a"]),
            "new": value(True),
            "power": value("5"),
            "weight": value({"amount": "1500", "unit": "GRAM"}),
            "price": value([{"amount": "10", "currency": "EUR"}]),
            "since": value("2026-06-13"),
        },
    )
    pim.product("B", family="drill", enabled=False, values={"tags": value(["a", "b"]), "power": value("10")})
    pim.product("C")
    assert skus(pim, {name: [condition]}) == expected


def test_conditions_are_joined_by_and(pim: Caller) -> None:
    """Filters: no OR on products; search_locale is the default of conditions that need one."""
    pim.product("A", family="drill", values={"name": value("x", "fr_FR")})
    pim.product("B", family="drill", enabled=False)
    both = {"family": [{"operator": "IN", "value": ["drill"]}], "enabled": [{"operator": "=", "value": True}]}
    assert skus(pim, both) == "A"
    assert skus(pim, {"name": [{"operator": "=", "value": "x"}]}, search_locale="fr_FR") == "A"


def test_search_post(pim: Caller) -> None:
    """Search by POST: filters in the body, pagination in the query."""
    pim.product("A")
    pim.product("B")
    answer = pim.post(
        "products-uuid/search?limit=1&with_count=true", {"search": '{"sku":[{"operator":"=","value":"B"}]}'}
    )
    assert answer.json()["items_count"] == 1
    assert answer.json()["_embedded"]["items"][0]["values"]["sku"][0]["data"] == "B"


def test_updated() -> None:
    """Filters: dates are in the server's zone; a variant counts as updated with its model."""
    now = [datetime(2026, 1, 1, 12, tzinfo=UTC)]
    sim = seed(PimSimulator(clock=lambda: now[0]))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        pim.patch("product-models/m", {"family_variant": "one"})
        pim.product("V", parent="m", values={"colour": value("red")})
        pim.product("A")
        now[0] += timedelta(minutes=50)
        pim.product("B")
        after = {"updated": [{"operator": ">", "value": "2026-01-01 12:30:00"}]}
        assert skus(pim, after) == "B"
        pim.patch("product-models/m", {"values": {"name": value("x", "en_US")}})
        assert skus(pim, after) == "B V"
        assert skus(pim, {"created": [{"operator": "SINCE LAST N DAYS", "value": 1}]}) == "A B V"
        iso = pim.get("products", search={"updated": [{"operator": ">", "value": "2026-01-01T12:30:00+00:00"}]})
        assert iso.status_code == 422


@pytest.mark.parametrize(
    ("search", "status"),
    [
        ("{", 400),
        ('{"family": "x"}', 422),
        ('{"family": [{"value": "x"}]}', 422),
        ('{"family": [{"operator": "LIKE", "value": ["x"]}]}', 422),
        ('{"family": [{"operator": "IN", "value": ["nowhere"]}]}', 422),
        ('{"categories": [{"operator": "IN", "value": ["nowhere"]}]}', 422),
        ('{"nothing": [{"operator": "=", "value": 1}]}', 422),
        ('{"name": [{"operator": "=", "value": "x"}]}', 422),
        ('{"weight": [{"operator": "=", "value": 1}]}', 422),
    ],
)
def test_filter_errors(pim: Caller, search: str, status: int) -> None:
    """Filters, errors: 400 for broken JSON, else 422."""
    assert pim.get("products-uuid", search=search).status_code == status


OTHERS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("families", "code", {"operator": "IN", "value": ["BARE"]}, ["bare"]),
    ("attributes", "type", {"operator": "IN", "value": ["pim_catalog_date"]}, ["since"]),
    ("categories", "is_root", {"operator": "=", "value": True}, ["master", "sale"]),
    ("categories", "parent", {"operator": "=", "value": "master"}, ["tools"]),
    ("locales", "enabled", {"operator": "=", "value": True}, ["en_US", "fr_FR"]),
    ("currencies", "enabled", {"operator": "=", "value": True}, ["EUR", "USD"]),
]


@pytest.mark.parametrize(("path", "name", "condition", "codes"), OTHERS, ids=lambda one: str(one)[:30])
def test_other_filters(pim: Caller, path: str, name: str, condition: dict[str, Any], codes: list[str]) -> None:
    """Filters of the other resources."""
    assert [one["code"] for one in pim.items(path, search={name: [condition]})] == codes
