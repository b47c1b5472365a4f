"""What Akeneo has given up: measure families in their old shape, and the asset manager of 2.1 to 3.x."""

from __future__ import annotations

import pytest

from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import API, Caller, seed


@pytest.fixture
def sim() -> PimSimulator:
    return seed(PimSimulator(behaviour=Behaviour(has_pam=True)))


def test_measure_families_look_like_a_page(pim: Caller) -> None:
    told = pim.get("measure-families", limit=1).json()
    assert len(told["_embedded"]["items"]) > 20
    weight = pim.get("measure-families/Weight").json()
    assert weight["standard"] == "KILOGRAM"
    (gram,) = [unit for unit in weight["units"] if unit["code"] == "GRAM"]
    assert gram == {"code": "GRAM", "convert": {"mul": "0.001"}, "symbol": "g"}
    assert pim.get("measure-families/Nothing").status_code == 404


def test_assets_categories_and_tags(pim: Caller) -> None:
    assert pim.post("asset-categories", {"code": "pictures"}).status_code == 201
    assert pim.post("asset-categories", {"code": "pictures"}).status_code == 422
    lines = [{"code": "a", "categories": ["pictures"], "tags": ["red"]}, {"code": "b", "categories": ["no"]}]
    assert [one["status_code"] for one in pim.verdicts("assets", lines)] == [201, 422]
    assert pim.patch("assets/a", {"description": "A"}).status_code == 204
    told = pim.get("assets/a").json()
    assert (told["description"], told["tags"], told["localizable"]) == ("A", ["red"], False)
    assert [one["code"] for one in pim.items("asset-tags")] == ["red"]
    assert pim.get("assets/b").status_code == 404


def test_files_of_an_asset(pim: Caller) -> None:
    pim.post("assets", {"code": "plain"})
    pim.post("assets", {"code": "local", "localizable": True})
    post, file = pim.http.post, {"file": ("a.gif", b"GIF89a")}
    assert post(f"{API}/assets/plain/reference-files/no-locale", files=file).status_code == 201
    assert post(f"{API}/assets/plain/reference-files/en_US", files=file).status_code == 422
    assert post(f"{API}/assets/local/variation-files/shop/en_US", files=file).status_code == 201
    assert pim.get("assets/plain/reference-files/no-locale").json()["locale"] is None
    assert pim.get("assets/local/variation-files/shop/en_US").json()["scope"] == "shop"
    assert pim.get("assets/local/variation-files/shop/en_US/download").content == b"GIF89a"
    assert pim.get("assets/local/variation-files/print/en_US").status_code == 404
