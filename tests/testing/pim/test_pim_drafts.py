"""A user who may edit and does not own writes drafts; published versions are there to be read."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import API, Caller, seed, value


@pytest.fixture
def sim() -> PimSimulator:
    return seed(PimSimulator(behaviour=Behaviour(user_right="edit")))


@pytest.fixture
def owner() -> Iterator[Caller]:
    sim = seed(PimSimulator())
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        caller = Caller(http, sim)
        caller.sign_in()
        yield caller


def status(pim: Caller, path: str) -> str:
    found: str = pim.get(path).json()["metadata"]["workflow_status"]
    return found


def test_a_change_becomes_a_draft_with_the_status_of_a_write(pim: Caller) -> None:
    key = pim.product("a", values={"note": value("old")})
    path = f"products-uuid/{key}"
    assert status(pim, path) == "working_copy"
    assert pim.get(f"{path}/draft").status_code == 404
    assert pim.patch(path, {"values": {"note": value("new")}}).status_code == 204
    assert pim.patch(path, {"values": {"ean": value("1")}}).status_code == 204
    assert (pim.data(key, "note"), "ean" in pim.values(key)) == ("old", False)
    draft = pim.get(f"{path}/draft").json()
    assert [draft["values"][code][0]["data"] for code in ("note", "ean")] == ["new", "1"]
    assert status(pim, path) == "draft_in_progress"
    assert pim.get("products/a/draft").json()["identifier"] == "a"


def test_a_batch_makes_drafts_and_products(pim: Caller) -> None:
    pim.product("a")
    lines = [{"identifier": "a", "values": {"note": value("x")}}, {"identifier": "b", "values": {"note": value("x")}}]
    assert [one["status_code"] for one in pim.verdicts("products", lines)] == [204, 201]
    assert "note" not in pim.get("products/a").json()["values"]
    assert "note" in pim.get("products/b").json()["values"]


def test_a_draft_is_proposed_with_an_empty_object(pim: Caller) -> None:
    key = pim.product("a")
    path = f"products-uuid/{key}"
    assert pim.post(f"{path}/proposal", {}).status_code == 422
    pim.patch(path, {"values": {"note": value("new")}})
    assert pim.post(f"{path}/proposal", {"a": 1}).status_code == 422
    assert pim.post(f"{path}/proposal", {}).status_code == 201
    assert status(pim, path) == "proposal_waiting_for_approval"


def test_models_have_drafts_too(pim: Caller) -> None:
    pim.post("product-models", {"code": "m", "family_variant": "one"})
    assert pim.patch("product-models/m", {"values": {"note": value("new")}}).status_code == 204
    assert "note" not in pim.get("product-models/m").json()["values"]
    assert pim.get("product-models/m/draft").json()["values"]["note"][0]["data"] == "new"
    assert pim.post("product-models/m/proposal", {}).status_code == 201
    assert pim.get("product-models/no/draft").status_code == 404


def test_who_may_only_view_is_refused() -> None:
    sim = seed(PimSimulator(behaviour=Behaviour(user_right="view")))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        key = pim.product("a")
        assert pim.patch(f"products-uuid/{key}", {"enabled": False}).status_code == 403
        assert [one["status_code"] for one in pim.verdicts("products", [{"identifier": "a", "enabled": False}])] == [
            403
        ]
        assert pim.get("products/a").json()["enabled"] is True
        assert http.delete(f"{API}/products/a").status_code == 403


def test_an_owner_writes_at_once(owner: Caller) -> None:
    key = owner.product("a")
    owner.patch(f"products-uuid/{key}", {"values": {"note": value("new")}})
    assert owner.data(key, "note") == "new"
    assert status(owner, f"products-uuid/{key}") == "working_copy"
    assert owner.get(f"products-uuid/{key}/draft").status_code == 404


def test_published_products_are_read_in_both_ways_of_paging(owner: Caller) -> None:
    owner.sim.load(f"{API}/published-products", [{"identifier": f"p{n}", "values": {}} for n in range(12)])
    assert owner.get("published-products/p3").json()["identifier"] == "p3"
    assert len(owner.items("published-products")) == 10
    assert len(owner.items("published-products", page=2)) == 2
    page = owner.get("published-products", pagination_type="search_after", limit=5).json()
    assert "search_after=p2&" in page["_links"]["next"]["href"]
    assert owner.patch("published-products/p3", {}).status_code == 405


def test_community_edition_has_neither() -> None:
    sim = seed(PimSimulator(behaviour=Behaviour.version_7()))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        key = pim.product("a")
        assert "metadata" not in pim.get(f"products-uuid/{key}").json()
        assert pim.get(f"products-uuid/{key}/draft").status_code == 404
        assert pim.get("published-products").status_code == 404
