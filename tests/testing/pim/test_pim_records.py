"""Reference entities and asset families: what is inside them, their values, their lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from akeneo_erp_bridge.testing import PimSimulator
from pim_bench import API, Caller, seed

E, R = "reference-entities", "reference-entities/brands/records"


def value(data: object, locale: str | None = None, channel: str | None = None) -> dict[str, object]:
    return {"locale": locale, "channel": channel, "data": data}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 13, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sim(clock: Clock) -> PimSimulator:
    sim = seed(PimSimulator(clock=clock))
    sim.load(f"{API}/{E}", [{"code": "brands"}, {"code": "towns"}])
    sim.load(
        f"{API}/{E}/brands/attributes",
        [
            {"code": "founded", "type": "number"},
            {"code": "slogan", "type": "text", "value_per_locale": True, "value_per_channel": True},
            {"code": "country", "type": "single_option"},
            {"code": "tags", "type": "multiple_options"},
            {"code": "town", "type": "reference_entity_single_link", "reference_entity_code": "towns"},
        ],
    )
    for owner, codes in (("country", "de it"), ("tags", "old new")):
        sim.load(f"{API}/{E}/brands/attributes/{owner}/options", [{"code": code} for code in codes.split()])
    sim.load(f"{API}/{E}/towns/records", [{"code": "ulm"}])
    return sim


@pytest.mark.parametrize(("path", "picture"), [(E, "image"), ("asset-families", "media")])
def test_a_new_one_has_a_label_and_a_picture(pim: Caller, path: str, picture: str) -> None:
    made = pim.patch(f"{path}/things", {"labels": {"en_US": "Things"}})
    assert (made.status_code, made.headers["Location"].endswith(f"{API}/{path}/things")) == (201, True)
    assert {one["code"] for one in pim.get(f"{path}/things/attributes").json()} == {"label", picture}
    assert pim.patch(f"{path}/things", {"labels": {"fr_FR": "Choses"}}).status_code == 204
    assert pim.get(f"{path}/things").json()["labels"] == {"en_US": "Things", "fr_FR": "Choses"}
    assert "things" in [one["code"] for one in pim.items(path)]


def test_what_is_not_there(pim: Caller) -> None:
    for path in (f"{E}/no", f"{E}/no/attributes", f"{E}/no/records", f"{E}/brands/attributes/no", f"{R}/no"):
        assert pim.get(path).status_code == 404, path
    assert pim.get(f"{E}/brands/attributes/founded/options").status_code == 404
    assert pim.patch(f"{E}/no/records/x", {}).status_code == 404


def test_attributes_and_options_are_bare_arrays(pim: Caller) -> None:
    attributes = {one["code"]: one for one in pim.get(f"{E}/brands/attributes").json()}
    assert attributes["founded"]["decimals_allowed"] is False
    assert attributes["slogan"]["value_per_channel"] is True
    assert pim.get(f"{E}/brands/attributes/country").json()["type"] == "single_option"
    assert [one["code"] for one in pim.get(f"{E}/brands/attributes/country/options").json()] == ["de", "it"]
    assert pim.get(f"{E}/brands/attributes/country/options/de").json() == {"code": "de", "labels": {}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("attributes/new", {"type": "nonsense"}),
        ("attributes/new", {}),
        ("attributes/founded", {"type": "text"}),
        ("attributes/slogan", {"value_per_locale": False}),
        ("attributes/founded", {"max_characters": 3}),
        ("attributes/founded", {"code": "other"}),
        ("attributes/country/options/de", {"labels": None}),
    ],
)
def test_what_an_attribute_refuses(pim: Caller, path: str, body: dict[str, Any]) -> None:
    assert pim.patch(f"{E}/brands/{path}", body).status_code == 422


def test_values_merge_by_locale_and_channel(pim: Caller) -> None:
    slogan = [value("A", "en_US", "shop"), value("B", "fr_FR", "shop")]
    assert pim.patch(f"{R}/bosco", {"values": {"slogan": slogan, "founded": [value("1999")]}}).status_code == 201
    assert pim.patch(f"{R}/bosco", {"values": {"slogan": [value("C", "en_US", "shop")]}}).status_code == 204
    values = pim.get(f"{R}/bosco").json()["values"]
    assert {(one["locale"], one["data"]) for one in values["slogan"]} == {("en_US", "C"), ("fr_FR", "B")}
    assert pim.patch(f"{R}/bosco", {"values": {"founded": [value(None)]}}).status_code == 204
    assert "founded" not in pim.get(f"{R}/bosco").json()["values"]


@pytest.mark.parametrize(
    "values",
    [
        {"nothing": [value("x")]},
        {"founded": [value(1999)]},
        {"founded": [value("1999", "en_US")]},
        {"founded": value("1999")},
        {"founded": [{"locale": None, "channel": None}]},
        {"founded": [{"data": "1999"}]},
        {"founded": [{"data": "1999", "locale": None}]},
        {"founded": [{**value("1"), "scope": "shop"}]},
        {"slogan": [value("x", "en_US")]},
        {"slogan": [value("x", None, "shop")]},
        {"slogan": [value("x", "de_DE", "shop")]},
        {"slogan": [value("x", "en_US", "nowhere")]},
        {"country": [value("fr")]},
        {"tags": [value("old")]},
        {"tags": [value(["old", "odd"])]},
        {"town": [value("rome")]},
        {"image": [value("0/0/0/0/nothing.png")]},
        "text",
    ],
)
def test_a_value_that_is_refused_changes_nothing(pim: Caller, values: Any) -> None:
    assert pim.patch(f"{R}/bosco", {"values": {"country": [value("de")]}}).status_code == 201
    answer = pim.patch(f"{R}/bosco", {"values": values})
    assert answer.status_code == 422, answer.text
    assert pim.get(f"{R}/bosco").json()["values"] == {"country": [value("de")]}


def test_a_batch_is_an_array_and_judged_by_code(pim: Caller) -> None:
    body = [
        {"code": "bosco", "values": {"tags": [value(["new", "old"])], "town": [value("ulm")]}},
        {"code": "odd", "group": "x"},
        {"values": {}},
    ]
    verdicts = pim.patch(R, body).json()
    assert [(one.get("code"), one["status_code"]) for one in verdicts] == [("bosco", 201), ("odd", 422), (None, 422)]
    assert verdicts[1]["message"] == "Property 'group' does not exist."
    assert pim.patch(R, [{"code": str(number)} for number in range(101)]).status_code == 413
    assert pim.get(f"{R}/odd").status_code == 404


def test_lists_go_by_cursor_in_pages_of_the_servers_size(pim: Caller) -> None:
    for start in (0, 100):
        pim.patch(R, [{"code": f"b{number:03}"} for number in range(start, start + 100)])
    pim.patch(R, [{"code": "last"}])
    first = pim.get(R).json()
    assert "current_page" not in first
    assert len(first["_embedded"]["items"]) == 100
    codes, link = [one["code"] for one in first["_embedded"]["items"]], first["_links"].get("next")
    while link is not None:
        page = pim.http.get(link["href"]).json()
        codes += [one["code"] for one in page["_embedded"]["items"]]
        link = page["_links"].get("next")
    assert codes == [*(f"b{number:03}" for number in range(200)), "last"]


def test_lists_filter_and_trim(pim: Caller, clock: Clock) -> None:
    pim.patch(R, [{"code": "a", "values": {"slogan": [value("A", "en_US", "shop"), value("B", "fr_FR", "print")]}}])
    clock.now += timedelta(minutes=5)
    pim.patch(R, [{"code": "b"}])

    def codes(**search: Any) -> list[str]:
        return [one["code"] for one in pim.items(R, search=search)]

    moment = (clock.now - timedelta(minutes=1)).isoformat()
    assert codes(code=[{"operator": "IN", "value": ["b", "x"]}]) == ["b"]
    assert codes(updated=[{"operator": ">", "value": moment}]) == ["b"]
    assert codes(updated=[{"operator": "<", "value": moment}]) == ["a"]
    assert codes(updated=[{"operator": "NOT BETWEEN", "value": [moment, clock.now.isoformat()]}]) == ["a"]
    assert pim.get(R, search={"updated": [{"operator": ">", "value": "2026-06-13 10:00:00"}]}).status_code == 422
    assert pim.get(R, search={"label": [{"operator": "=", "value": "x"}]}).status_code == 422
    (record,) = pim.items(R, search={"code": [{"operator": "IN", "value": ["a"]}]}, channel="shop", locales="en_US")
    assert [one["data"] for one in record["values"]["slogan"]] == ["A"]


def test_an_unchanged_record_keeps_its_date(pim: Caller, clock: Clock) -> None:
    pim.patch(f"{R}/a", {"values": {"founded": [value("1999")]}})
    before = pim.get(f"{R}/a").json()["updated"]
    clock.now += timedelta(minutes=10)
    assert pim.patch(f"{R}/a", {"values": {"founded": [value("1999")]}}).status_code == 204
    assert pim.get(f"{R}/a").json()["updated"] == before
    pim.patch(f"{R}/a", {"values": {"founded": [value("2000")]}})
    assert pim.get(f"{R}/a").json()["updated"] > before


def test_records_of_all_entities(pim: Caller) -> None:
    pim.patch(f"{R}/bosco", {})
    found = pim.items(f"{E}/records")
    assert [(one["reference_entity_code"], one["code"]) for one in found] == [("brands", "bosco"), ("towns", "ulm")]


def test_assets_can_be_deleted_and_records_cannot(pim: Caller) -> None:
    pim.patch("asset-families/shots", {})
    pim.patch("asset-families/shots/assets/one", {})
    delete = pim.http.delete
    assert delete(f"{API}/asset-families/shots/assets/one").status_code == 204
    assert delete(f"{API}/asset-families/shots/assets/one").status_code == 404
    pim.patch(f"{R}/bosco", {})
    assert delete(f"{API}/{R}/bosco").status_code == 405


def test_products_refer_to_records_and_assets_that_are_there(pim: Caller) -> None:
    pim.patch(f"{R}/bosco", {})
    pim.patch("asset-families/shots", {})
    pim.patch("asset-families/shots/assets/one", {})
    for code, kind, owner in (
        ("brand", "akeneo_reference_entity", "brands"),
        ("shot", "pim_catalog_asset_collection", "shots"),
    ):
        body = {"code": code, "type": kind, "group": "erp", "reference_data_name": owner}
        assert pim.post("attributes", body).status_code == 201
    key = pim.product("a")

    def written(**values: object) -> int:
        body = {code: [{"locale": None, "scope": None, "data": data}] for code, data in values.items()}
        return pim.patch(f"products-uuid/{key}", {"values": body}).status_code

    assert written(brand="BOSCO", shot=["one"]) == 204
    assert (pim.data(key, "brand"), pim.data(key, "shot")) == ("bosco", ["one"])
    assert (written(brand="nobody"), written(shot=["one", "two"])) == (422, 422)
    assert (pim.data(key, "brand"), pim.data(key, "shot")) == ("bosco", ["one"])
