"""Families, attributes, options, groups, categories, channels, measurements; durability; the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing import PimSimulator
from pim_bench import API, Caller, seed


def errors(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["property"] for one in answer.json().get("errors", [])]


def test_a_new_pim() -> None:
    """A new PIM: the group `other`, all locales and currencies with one active each, standard measurements."""
    sim = PimSimulator()
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        assert [one["code"] for one in pim.items("attribute-groups")] == ["other"]
        assert pim.items("channels") == pim.items("attributes") == pim.items("families") == []
        assert pim.get("locales", with_count="true").json()["items_count"] > 200
        active = {"enabled": [{"operator": "=", "value": True}]}
        assert [one["code"] for one in pim.items("locales", search=active)] == ["en_US"]
        assert [one["code"] for one in pim.items("currencies", search=active)] == ["USD"]
        families = {one["code"]: one for one in pim.get("measurement-families").json()}
        assert families["Length"]["units"]["INCH"]["convert_from_standard"] == [{"operator": "mul", "value": "0.0254"}]
        assert families["Weight"]["standard_unit_code"] == "KILOGRAM"


CREATED: list[tuple[str, dict[str, Any]]] = [
    ("families", {"attribute_as_label": "sku"}),
    ("attributes", {"type": "pim_catalog_text", "group": "other"}),
    ("attribute-groups", {}),
    ("association-types", {}),
    ("categories", {"parent": "master"}),
    ("channels", {"category_tree": "master", "locales": ["de_DE"], "currencies": ["CHF"]}),
    ("attributes/colour/options", {}),
    ("families/drill/variants", {"variant_attribute_sets": [{"level": 1, "axes": ["size"]}]}),
]


@pytest.mark.parametrize(("path", "body"), CREATED, ids=lambda one: str(one)[:30])
def test_create_read_update(pim: Caller, path: str, body: dict[str, Any]) -> None:
    """Every resource: 201 and Location, 422 for a taken code, 204 for an update, labels merged by locale."""
    made = pim.post(path, {"code": "x1", **body, "labels": {"en_US": "A", "fr_FR": "B"}})
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith(f"{API}/{path}/x1")
    assert errors(pim.post(path, {"code": "X1", **body})) == ["code"]
    assert errors(pim.post(path, body)) == ["code"]
    assert pim.patch(f"{path}/x1", {"labels": {"fr_FR": ""}}).status_code == 204
    shown = pim.get(f"{path}/x1").json()
    assert (shown["code"], shown["labels"]) == ("x1", {"en_US": "A"})
    assert "x1" in [one["code"] for one in pim.items(path, limit=100)]
    assert pim.patch(f"{path}/x1", {"code": "x2"}).status_code == 422
    nothing = pim.patch(f"{path}/x1", {"labels": None})
    assert nothing.json()["message"].startswith('Property "labels" expects an array as data, "NULL" given.')
    assert pim.patch(f"{path}/x1", {"foo": 1}).json()["message"].startswith('Property "foo" does not exist.')
    assert pim.get(f"{path}/unknown").status_code == 404


IMMUTABLE: list[tuple[str, dict[str, Any]]] = [
    ("attributes/name", {"type": "pim_catalog_textarea"}),
    ("attributes/name", {"localizable": False}),
    ("attributes/name", {"scopable": True}),
    ("attributes/note", {"unique": True}),
    ("attributes/weight", {"metric_family": "Length"}),
    ("association-types/PAIR", {"is_two_way": False}),
    ("association-types/SET", {"is_quantified": False}),
]


@pytest.mark.parametrize(("path", "body"), IMMUTABLE, ids=str)
def test_immutable(pim: Caller, path: str, body: dict[str, Any]) -> None:
    """Properties marked immutable: 422 on that property; sending the stored value is no change."""
    assert errors(pim.patch(path, body)) == list(body)
    stored = pim.get(path).json()
    assert pim.patch(path, {name: stored[name] for name in body}).status_code == 204


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("attributes/bad-code", {"type": "pim_catalog_text", "group": "other"}),
    ("attributes/categories", {"type": "pim_catalog_text", "group": "other"}),
    ("attributes/my_groups", {"type": "pim_catalog_text", "group": "other"}),
    ("attributes/x", {"type": "pim_catalog_text", "group": "other", "unique": True, "localizable": True}),
    ("attributes/x", {"type": "pim_catalog_metric", "group": "other", "metric_family": "Nothing"}),
    ("attributes/x", {"type": "pim_catalog_text"}),
    ("attributes/x", {"type": "pim_catalog_magic", "group": "other"}),
    ("families/x", {"attributes": ["nowhere"]}),
    ("families/x", {"attribute_as_label": "note"}),
    ("families/x", {"attributes": ["since"], "attribute_as_label": "since"}),
    ("families/x", {"attribute_requirements": {"shop": ["note"]}}),
    ("families/drill", {"attributes": ["name"]}),
    ("families/drill/variants/x", {"variant_attribute_sets": [{"level": 1, "axes": ["name"]}]}),
    ("families/drill/variants/x", {"variant_attribute_sets": [{"level": 2, "axes": ["size"]}]}),
    ("families/drill/variants/one", {"variant_attribute_sets": [{"level": 1, "axes": ["size"]}]}),
    ("categories/master", {"parent": "tools"}),
    ("channels/x", {"category_tree": "tools", "locales": ["en_US"], "currencies": ["USD"]}),
    ("channels/shop", {"locales": []}),
    ("association-types/x", {"is_two_way": True, "is_quantified": True}),
    ("attributes/colour/options/r-d", {}),
]


@pytest.mark.parametrize(("path", "body"), REFUSED, ids=str)
def test_refused(pim: Caller, path: str, body: dict[str, Any]) -> None:
    """The rules of each resource: 422, and nothing changes."""
    before = pim.get(path)
    assert pim.patch(path, body).status_code == 422
    assert pim.get(path).content == before.content


def test_families(pim: Caller) -> None:
    """Families: `attributes` is replaced, the identifier stays; requirements are replaced per channel."""
    pim.patch("families/bare", {"attributes": ["note", "name"], "attribute_requirements": {"shop": ["name"]}})
    pim.patch("families/bare", {"attributes": ["note", "name"], "attribute_requirements": {"print": ["note"]}})
    shown = pim.get("families/bare").json()
    assert shown["attributes"] == ["name", "note", "sku"]
    assert shown["attribute_requirements"] == {"print": ["note", "sku"], "shop": ["name", "sku"]}


def test_family_variant_levels(pim: Caller) -> None:
    """Family variants: what no level lists is common; unique attributes go to the deepest level."""
    shown = pim.get("families/drill/variants/two").json()
    assert [(s["level"], s["axes"], s["attributes"]) for s in shown["variant_attribute_sets"]] == [
        (1, ["colour"], ["colour", "note"]),
        (2, ["size"], ["ean", "size", "sku", "weight"]),
    ]
    assert "name" in shown["common_attributes"]
    assert pim.get("families/bare/variants/two").status_code == 404


def test_delete_a_family(pim: Caller) -> None:
    """Delete a family: refused while it is used."""
    pim.product("A", family="bare")
    assert pim.http.delete(f"{API}/families/bare").status_code == 422
    pim.http.delete(f"{API}/products/A")
    assert [pim.http.delete(f"{API}/families/bare").status_code for _ in range(2)] == [204, 404]


def test_attribute_groups(pim: Caller) -> None:
    """Attribute groups: attributes that are taken out fall into `other`."""
    pim.post("attribute-groups", {"code": "g", "attributes": ["note", "name"]})
    assert pim.get("attributes/note").json()["group"] == "g"
    pim.patch("attribute-groups/g", {"attributes": ["name"]})
    assert pim.get("attributes/note").json()["group"] == "other"
    pim.patch("attribute-groups/other", {"attributes": ["name"]})
    assert pim.get("attribute-groups/g").json()["attributes"] == ["name"]


def test_channels_activate_locales(pim: Caller) -> None:
    """Channels: a locale is active as long as a channel uses it."""
    pim.patch("channels/print", {"locales": ["de_DE"]})
    assert pim.get("locales/de_DE").json() == {"code": "de_DE", "enabled": True}
    pim.patch("channels/print", {"locales": ["en_US"]})
    assert pim.get("locales/de_DE").json()["enabled"] is False


def test_options_belong_to_selects(pim: Caller) -> None:
    """Attribute options: 404 for an attribute of another type."""
    assert pim.get("attributes/name/options").status_code == 404
    (red,) = [one for one in pim.items("attributes/colour/options") if one["code"] == "red"]
    assert red["attribute"] == "colour"


def test_main_identifier(pim: Caller) -> None:
    """Attributes: the first identifier is the main one, and the API cannot change that."""
    pim.post(
        "attributes", {"code": "mpn", "type": "pim_catalog_identifier", "group": "other", "is_main_identifier": True}
    )
    assert pim.get("attributes/sku").json()["is_main_identifier"] is True
    assert pim.get("attributes/mpn").json()["is_main_identifier"] is False


def test_measurement_families(pim: Caller) -> None:
    """Measurement families: a JSON array in and out, matched by code; the standard unit is fixed."""
    unit = {"code": "A", "convert_from_standard": [{"operator": "mul", "value": "1"}], "symbol": "a"}
    new = {"code": "Custom", "standard_unit_code": "A", "units": {"A": unit}}
    answer = pim.patch(
        "measurement-families", [new, {"code": "Weight", "standard_unit_code": "GRAM"}, {"code": "Custom"}]
    )
    assert answer.status_code == 200
    assert [(one["code"], one["status_code"]) for one in answer.json()] == [
        ("Custom", 201),
        ("Weight", 422),
        ("Custom", 204),
    ]
    assert answer.json()[1]["errors"][0]["property"] == "standard_unit_code"
    units = {f"U{number}": {**unit, "code": f"U{number}"} for number in range(50)}
    (verdict,) = pim.patch("measurement-families", [{"code": "Custom", "units": units}]).json()
    assert verdict["status_code"] == 422, "51 units"
    there = len(pim.get("measurement-families").json())
    more = [{**new, "code": f"F{number}"} for number in range(101 - there)]
    assert [one["status_code"] for one in pim.patch("measurement-families", more).json()][-2:] == [201, 422]


def test_load_raises_with_the_reason(sim: PimSimulator) -> None:
    """Seeding goes through the same validation as the API."""
    with pytest.raises(ConfigurationError, match="does not exist"):
        sim.load(f"{API}/families", [{"code": "x", "attributes": ["nowhere"]}])
    with pytest.raises(ConfigurationError, match="No route"):
        sim.load(f"{API}/nowhere", [{}])
    assert sim.calls == []


WRITER = """
import os, signal, sys
from pim_bench import seed
from akeneo_erp_bridge.testing import PimSimulator
sim = seed(PimSimulator(sys.argv[1]))
sim.load("/api/rest/v1/products", [{"identifier": "A", "family": "drill", "categories": ["tools"]}])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_everything_survives_kill_9(tmp_path: Path) -> None:
    """Durability: what was answered is there after a kill -9, indexes included."""
    file = tmp_path / "pim.db"
    dead = subprocess.run([sys.executable, "-c", WRITER, str(file)], cwd=Path(__file__).parents[2], check=False)
    assert dead.returncode == -signal.SIGKILL
    sim = PimSimulator(file)
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        shown = pim.get("products/a").json()
        assert (shown["identifier"], shown["family"], shown["categories"]) == ("A", "drill", ["tools"])
        assert pim.post("products", {"identifier": "a"}).status_code == 422
    sim.close()


def test_tokens_survive_a_restart(tmp_path: Path) -> None:
    """Durability: a client stays signed in when the PIM restarts."""
    file = tmp_path / "pim.db"
    first = seed(PimSimulator(file))
    with httpx.Client(base_url=first.url, transport=first.transport()) as http:
        token = Caller(http, first).sign_in()["access_token"]
    first.close()
    second = PimSimulator(file)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=second.url, transport=second.transport(), headers=headers) as http:
        assert Caller(http, second).get("families/drill").status_code == 200
    second.close()


COMMAND = "import sys; from akeneo_erp_bridge.testing._serve import main; sys.exit(main(sys.argv[1:]))"


def test_command(tmp_path: Path) -> None:
    """The command prints one line with the URL, never the secret, and serves."""
    arguments = [
        "serve",
        "--port",
        "0",
        "--secret",
        "S3CRET",
        "--password",
        "PASSW0RD",
        "--data",
        str(tmp_path / "p.db"),
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "S3CRET" not in line
            assert "PASSW0RD" not in line
            url = line.split()[-1]
            body = {"grant_type": "password", "username": "erp", "password": "PASSW0RD"}
            assert httpx.post(f"{url}/api/oauth/v1/token", json=body, auth=("client", "S3CRET")).status_code == 200
        finally:
            process.terminate()
        assert process.wait(10) == 0
