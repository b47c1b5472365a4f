"""What the cloud has beside the catalog: catalogs for Apps, workflows, jobs, rights, rules, extensions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import API, Caller, seed, value

CATALOG, STEPS = "c1", [{"uuid": "s1", "type": "enrich"}, {"uuid": "s2", "type": "review"}]


@pytest.fixture
def sim() -> PimSimulator:
    sim = seed(PimSimulator())
    mapping = {"title": {"source": "name", "locale": "en_US", "scope": None}}
    sim.load(f"{API}/catalogs", [{"id": CATALOG, "name": "Shop", "enabled": True, "mapping": mapping}])
    sim.load(f"{API}/workflows", [{"uuid": "w1", "enabled": True, "steps": STEPS}, {"uuid": "w2", "enabled": False}])
    sim.load(f"{API}/jobs", [{"code": "in", "type": "import"}, {"code": "out", "type": "export"}])
    sim.load(f"{API}/permissions", [{"uuid": "u1", "locales": [{"code": "en_US", "view": True, "edit": False}]}])
    return sim


# ---- catalogs ----
def test_a_catalog_is_made_switched_off(pim: Caller) -> None:
    made = pim.post("catalogs", {"name": "Mine"})
    assert (made.status_code, made.json()["enabled"]) == (201, False)
    key = made.json()["id"]
    assert pim.patch(f"catalogs/{key}", {"name": "Yours"}).json()["name"] == "Yours"
    assert pim.patch(f"catalogs/{key}", {"enabled": True}).status_code == 422
    assert pim.post("catalogs", {}).status_code == 422
    copy = pim.post(f"catalogs/{CATALOG}/duplicate", {"name": "Copy"}).json()
    assert (copy["name"], copy["enabled"]) == ("Copy", False)
    assert pim.http.delete(f"{API}/catalogs/{key}").status_code == 204
    assert pim.get(f"catalogs/{key}").status_code == 404
    assert {one["name"] for one in pim.items("catalogs")} == {"Shop", "Copy"}


@pytest.mark.parametrize("what", ["products", "product-uuids", "mapped-products", "mapped-models"])
def test_a_catalog_that_is_off_answers_200_with_an_error(pim: Caller, what: str) -> None:
    key = pim.post("catalogs", {"name": "Mine"}).json()["id"]
    answer = pim.get(f"catalogs/{key}/{what}")
    assert (answer.status_code, key in answer.json()["error"]) == (200, True)


def test_the_products_of_a_catalog(pim: Caller) -> None:
    keys = sorted(pim.product(str(number)) for number in range(3))
    hidden = pim.product("hidden", enabled=False)
    answer = pim.get(f"catalogs/{CATALOG}/product-uuids", with_count="true").json()
    assert (answer["_embedded"]["items"], answer["items_count"]) == (keys, 3)
    assert [one["uuid"] for one in pim.items(f"catalogs/{CATALOG}/products")] == keys
    first = pim.get(f"catalogs/{CATALOG}/products", limit=2).json()
    second = pim.http.get(first["_links"]["next"]["href"]).json()
    assert [one["uuid"] for one in second["_embedded"]["items"]] == keys[2:]
    assert pim.get(f"catalogs/{CATALOG}/products", limit=1000).status_code == 200
    assert pim.get(f"catalogs/{CATALOG}/products", limit=1001).status_code == 422
    assert pim.get(f"catalogs/{CATALOG}/products/{keys[0]}").json()["uuid"] == keys[0]
    assert pim.get(f"catalogs/{CATALOG}/products/{hidden}").status_code == 404


def test_products_in_the_shape_of_the_apps_schema(pim: Caller) -> None:
    pim.post("product-models", {"code": "m", "family_variant": "one", "values": {"name": value("Drill", "en_US")}})
    body = {"parent": "m", "values": {"colour": value("red")}}
    key = pim.product("a", **body)
    path = f"catalogs/{CATALOG}"
    assert "error" in pim.get(f"{path}/mapped-products").json()
    assert pim.http.put(f"{API}/{path}/mapping-schemas/product", json={"properties": {}}).status_code == 422
    schema: dict[str, Any] = {"properties": {"uuid": {"type": "string"}, "title": {"type": "string"}}}
    assert pim.http.put(f"{API}/{path}/mapping-schemas/product", json=schema).status_code == 204
    assert pim.get(f"{path}/mapping-schemas/product").json() == schema
    assert pim.items(f"{path}/mapped-products") == [{"uuid": key, "title": "Drill"}]
    assert pim.items(f"{path}/mapped-models") == [{"code": "m", "title": "Drill"}]
    assert pim.items(f"{path}/mapped-models/m/variants") == [{"uuid": key, "title": "Drill"}]
    assert pim.items(f"{path}/mapped-models/other/variants") == []
    assert pim.http.delete(f"{API}/{path}/mapping-schemas/product").status_code == 204
    assert pim.get(f"{path}/mapping-schemas/product").status_code == 404


# ---- workflows ----
def start(pim: Caller, *pairs: tuple[str, str]) -> httpx.Response:
    return pim.post("workflows/executions", [{"workflow": {"uuid": w}, "product": {"uuid": p}} for w, p in pairs])


def tasks(pim: Caller, step: str) -> list[dict[str, Any]]:
    return pim.items("workflows/tasks", search={"step_uuid": [{"operator": "=", "value": step}]})


def test_a_product_goes_through_the_steps(pim: Caller) -> None:
    key = pim.product("a")
    assert start(pim, ("w1", key)).status_code == 201
    (task,) = tasks(pim, "s1")
    assert (task["product_uuid"], task["status"]) == (key, "in_progress")
    path = f"workflows/tasks/{task['uuid']}"
    assert pim.patch(path, {"status": "approved"}).status_code == 422
    assert pim.patch(path, {"status": "completed"}).status_code == 204
    assert pim.patch(path, {"status": "completed"}).status_code == 422
    (review,) = tasks(pim, "s2")
    assert pim.patch(f"workflows/tasks/{review['uuid']}", {"status": "rejected"}).status_code == 204
    assert [one["status"] for one in sorted(tasks(pim, "s1"), key=lambda one: str(one["status"]))] == [
        "completed",
        "in_progress",
    ]
    assert pim.get("workflows/tasks").status_code == 400


def test_some_executions_start_and_others_do_not(pim: Caller) -> None:
    answer = start(pim, ("w1", pim.product("a")), ("w1", "nobody"), ("w2", "x"), ("w3", "x"))
    assert answer.status_code == 207
    told = answer.json()
    assert (told["processed"], [one["index"] for one in told["errors"]]) == (1, [1, 2, 3])
    assert start(pim, *[("w1", "x")] * 101).status_code == 400


# ---- the rest ----
def test_jobs_start_by_their_kind(pim: Caller) -> None:
    assert pim.post("jobs/export/out", {}).json() == {"execution_id": "1"}
    assert pim.post("jobs/export/out", {}).json() == {"execution_id": "2"}
    assert pim.post("jobs/import/in", {"import_mode": "update_only"}).status_code == 200
    assert pim.post("jobs/import/in", {"import_mode": "nonsense"}).status_code == 422
    assert pim.post("jobs/import/out", {}).status_code == 404


def test_rights(pim: Caller) -> None:
    assert pim.get("permissions/u1/locales").json() == [{"code": "en_US", "view": True, "edit": False}]
    assert pim.get("permissions/u1/channels").json() == []
    assert pim.get("permissions/u2/locales").status_code == 404


def test_a_rule_is_replaced_as_a_whole(pim: Caller) -> None:
    put = pim.http.put
    assert put(f"{API}/rule-definitions/r", json={"actions": [1], "labels": {"en_US": "R"}}).status_code == 201
    assert put(f"{API}/rule-definitions/r", json={"actions": [2]}).status_code == 204
    assert pim.get("rule-definitions/r").json() == {"code": "r", "enabled": True, "labels": {}, "actions": [2]}


def test_extensions(pim: Caller) -> None:
    body = {"name": "n", "type": "iframe", "position": "p", "configuration": {"url": "https://x.example.com"}}
    assert pim.post("ui-extensions", {"name": "n"}).status_code == 422
    key = pim.post("ui-extensions", body).json()["uuid"]
    assert pim.patch(f"ui-extensions/{key}", {"name": "m"}).json()["name"] == "m"
    files = {"file": ("a.js", b"x"), "name": (None, "l")}
    assert pim.http.post(f"{API}/ui-extensions/{key}", files=files).json()["file"] == {"filename": "a.js", "size": 1}
    assert [one["name"] for one in pim.get("ui-extensions").json()] == ["l"]
    assert pim.http.delete(f"{API}/ui-extensions/{key}").status_code == 204
    assert pim.patch(f"ui-extensions/{key}", {}).status_code == 404


def test_a_suggestion_is_judged_once(pim: Caller) -> None:
    path = "data-model-designer/modelization-suggestion"
    key = pim.post(f"{path}/attribute", {"code": "x"}).json()["uuid"]
    assert pim.post(f"{path}/{key}/approve", {}).status_code == 204
    assert pim.post(f"{path}/{key}/decline", {}).status_code == 422
    assert [one["status"] for one in pim.items(f"{path}s")] == ["approved"]


def test_numbered_versions_have_none_of_it() -> None:
    sim = PimSimulator(behaviour=Behaviour.version_7())
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        for path in ("catalogs", "workflows", "ui-extensions", "rule-definitions"):
            answer = pim.get(path)
            assert (answer.status_code, "No route found" in answer.json()["message"]) == (404, True)
