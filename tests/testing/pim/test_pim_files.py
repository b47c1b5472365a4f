"""Media files: an upload sets a value, or waits for one; codes are paths."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import API, Caller, seed

GIF = b"GIF89a\r\n--not-the-boundary\r\n\x00\xff"


@pytest.fixture
def sim() -> PimSimulator:
    sim = seed(PimSimulator())
    kinds = [("picture", "image", {}), ("manual", "file", {}), ("logo", "image", {"allowed_extensions": ["png"]})]
    sim.load(
        f"{API}/attributes",
        [{"code": code, "type": f"pim_catalog_{kind}", "group": "erp", **more} for code, kind, more in kinds],
    )
    return sim


def upload(pim: Caller, path: str, name: str = "a b.gif", content: bytes = GIF, **fields: Any) -> httpx.Response:
    texts = {key: json.dumps(value) for key, value in fields.items()}
    return pim.http.post(f"{API}/{path}", files={"file": (name, content)}, data=texts)


def place(attribute: str = "picture", **owner: str) -> dict[str, str | None]:
    return {"attribute": attribute, "locale": None, "scope": None, **owner}


def test_an_upload_makes_a_file_and_sets_the_value(pim: Caller) -> None:
    key = pim.product("a")
    made = upload(pim, "media-files", product=place(identifier="a"))
    assert made.status_code == 201, made.text
    code = made.headers["Location"].partition(f"{API}/media-files/")[2]
    assert code.count("/") == 4
    assert code.endswith("_a_b.gif")
    assert pim.data(key, "picture") == code
    told = pim.get(f"media-files/{code}").json()
    shown = {name: told[name] for name in ("code", "original_filename", "mime_type", "size", "extension")}
    assert shown == {
        "code": code,
        "original_filename": "a b.gif",
        "mime_type": "image/gif",
        "size": len(GIF),
        "extension": "gif",
    }
    assert told["_links"]["download"]["href"].endswith(f"{code}/download")
    got = pim.get(f"media-files/{code}/download")
    assert (got.content, got.headers["Content-Type"]) == (GIF, "image/gif")
    assert [one["code"] for one in pim.items("media-files")] == [code]


def test_by_uuid_and_to_a_model(pim: Caller) -> None:
    key = pim.product("a")
    assert upload(pim, "media-files", product=place(uuid=key)).status_code == 201
    assert pim.post("product-models", {"code": "m", "family_variant": "one"}).status_code == 201
    pim.patch("families/drill", {"attributes": [*pim.get("families/drill").json()["attributes"], "picture"]})
    assert upload(pim, "media-files", product_model=place(code="m")).status_code == 201
    assert "picture" in pim.get("product-models/m").json()["values"]


@pytest.mark.parametrize(
    ("fields", "name", "status"),
    [
        ({}, "a.gif", 422),
        ({"product": place(identifier="a"), "product_model": place(code="m")}, "a.gif", 422),
        ({"product": {"identifier": "a", "attribute": "picture"}}, "a.gif", 422),
        ({"product": place(identifier="nobody")}, "a.gif", 404),
        ({"product": place("nothing", identifier="a")}, "a.gif", 422),
        ({"product": place("name", identifier="a")}, "a.gif", 422),
        ({"product": place("picture", identifier="a")}, "a.exe", 422),
        ({"product": place("manual", identifier="a")}, "a.gif", 422),
        ({"product": place("logo", identifier="a")}, "a.gif", 422),
        ({"product": {**place(identifier="a"), "locale": "en_US"}}, "a.gif", 422),
    ],
)
def test_an_upload_that_is_refused_leaves_nothing(pim: Caller, fields: dict[str, Any], name: str, status: int) -> None:
    pim.product("a")
    assert upload(pim, "media-files", name, **fields).status_code == status
    assert pim.items("media-files") == []


def test_a_form_without_a_file_and_a_body_that_is_no_form(pim: Caller) -> None:
    pim.product("a")
    fields = {"product": (None, json.dumps(place(identifier="a")))}
    assert pim.http.post(f"{API}/media-files", files=fields).status_code == 422
    assert pim.post("media-files", {}).status_code == 415


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("reference-entities-media-files", "Reference-entities-media-file-code"),
        ("asset-media-files", "Asset-media-file-code"),
    ],
)
def test_files_of_records_and_assets_wait(pim: Caller, path: str, header: str) -> None:
    made = upload(pim, path)
    assert made.status_code == 201
    code = made.headers[header]
    assert pim.get(f"{path}/{code}").content == GIF
    assert pim.get("media-files/" + code).status_code == 404
    assert pim.items("media-files") == []


def test_a_file_of_a_category_is_one_of_its_values(pim: Caller) -> None:
    where = {"code": "tools", "attribute_code": "banner", "channel": "shop", "locale": "en_US"}
    made = upload(pim, "category-media-files", category=where)
    assert made.status_code == 201
    assert httpx.URL(made.headers["Location"]).path.endswith("/download")
    assert pim.http.get(made.headers["Location"]).content == GIF
    assert "values" not in pim.get("categories/tools").json()
    values = pim.get("categories/tools", with_enriched_attributes="true").json()["values"]
    (name,) = values
    assert name.startswith("banner|")
    assert name.endswith("|shop|en_US")
    assert upload(pim, "category-media-files", category={**where, "code": "no"}).status_code == 422


def test_files_survive_the_process(tmp_path: Any) -> None:
    with (
        seed(PimSimulator(tmp_path / "pim.db")) as sim,
        httpx.Client(base_url=sim.url, transport=sim.transport()) as http,
    ):
        first = Caller(http, sim)
        first.sign_in()
        code = upload(first, "asset-media-files").headers["Asset-media-file-code"]
    with PimSimulator(tmp_path / "pim.db") as sim, httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        second = Caller(http, sim)
        second.sign_in()
        assert second.get(f"asset-media-files/{code}").content == GIF


def test_an_old_pim_has_files_of_products_alone() -> None:
    sim = PimSimulator(behaviour=Behaviour.version_7())
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        assert pim.get("media-files").status_code == 200
        for path in ("asset-media-files", "reference-entities-media-files", "category-media-files"):
            assert upload(pim, path).status_code == 404
