"""The embedded PIM, by plain HTTP requests: each test names the rule of Akeneo's documentation that it holds to."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.testing import Fault, PimSimulator
from world import fill

UUIDS = [f"7e0c6f0b-3c0e-4a4f-9a4b-0c2f6d1f1a{n:02d}" for n in range(10)]
COLLECTION = {"Content-Type": "application/vnd.akeneo.collection+json"}
API = "/api/rest/v1"


def sign_in(http: httpx.Client, **changes: str) -> httpx.Response:
    basic = b64encode(b"client:secret").decode()
    body = {"grant_type": "password", "username": "erp", "password": "password", **changes}
    return http.post("/api/oauth/v1/token", json=body, headers={"Authorization": f"Basic {basic}"})


@pytest.fixture
def simulator() -> PimSimulator:
    return fill(PimSimulator())


@pytest.fixture(params=["in process", "over HTTP"])
def http(request: pytest.FixtureRequest, simulator: PimSimulator) -> Iterator[httpx.Client]:
    if request.param == "in process":
        client = httpx.Client(transport=simulator.transport(), base_url=simulator.url)
        with client:
            client.headers["Authorization"] = f"Bearer {sign_in(client).json()['access_token']}"
            yield client
    else:
        with simulator.serve() as server, httpx.Client(base_url=server.url) as client:
            client.headers["Authorization"] = f"Bearer {sign_in(client).json()['access_token']}"
            yield client


def value(data: object, locale: str | None = None) -> list[dict[str, object]]:
    return [{"locale": locale, "scope": None, "data": data}]


def patch(http: httpx.Client, *lines: object) -> list[dict[str, object]]:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = http.patch(f"{API}/products-uuid", content=body, headers=COLLECTION)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.split("\n")]


# ---- authentication ----
def test_a_wrong_secret_or_password_is_422(http: httpx.Client) -> None:
    assert sign_in(http, password="wrong").status_code == 422
    assert "No user found" in sign_in(http, password="wrong").json()["message"]


def test_a_refresh_token_works_once(http: httpx.Client) -> None:
    refresh = sign_in(http).json()["refresh_token"]
    assert sign_in(http, grant_type="refresh_token", refresh_token=refresh).status_code == 200
    assert sign_in(http, grant_type="refresh_token", refresh_token=refresh).status_code == 422


def test_without_or_with_an_expired_token_401() -> None:
    now = [datetime.now(UTC)]
    simulator = PimSimulator(clock=lambda: now[0], token_seconds=60)
    with httpx.Client(transport=simulator.transport(), base_url=simulator.url) as http:
        assert http.get(f"{API}/families").status_code == 401
        http.headers["Authorization"] = f"Bearer {sign_in(http).json()['access_token']}"
        assert http.get(f"{API}/families").status_code == 200
        now[0] += timedelta(seconds=61)
        assert http.get(f"{API}/families").status_code == 401


def test_the_token_route_takes_300_bytes(http: httpx.Client) -> None:
    assert sign_in(http, username="x" * 300).status_code == 413


# ---- batches ----
def test_a_batch_answers_200_with_a_verdict_for_each_line(http: httpx.Client) -> None:
    verdicts = patch(
        http,
        {"uuid": UUIDS[0], "family": "clothing", "values": {"sku": value("A-1")}},
        {"uuid": UUIDS[1], "family": ["clothing"]},
        {"family": "clothing"},
        "not json",
        {"uuid": UUIDS[0], "enabled": False},
    )
    assert [one["line"] for one in verdicts] == [1, 2, 3, 4, 5]
    assert [one["status_code"] for one in verdicts] == [201, 422, 422, 400, 204]
    assert verdicts[2]["message"] == "Uuid is missing."
    assert "uuid" not in verdicts[3]


def test_more_than_100_lines_are_refused_whole(http: httpx.Client) -> None:
    body = "\n".join(json.dumps({"uuid": UUIDS[0]}) for _ in range(101))
    assert http.patch(f"{API}/products-uuid", content=body, headers=COLLECTION).status_code == 413
    assert http.get(f"{API}/products-uuid/{UUIDS[0]}").status_code == 404


def test_another_content_type_is_415(http: httpx.Client) -> None:
    assert http.patch(f"{API}/products-uuid", json={"uuid": UUIDS[0]}).status_code == 415


# ---- merging and values ----
def test_values_merge_by_locale_and_null_erases(http: httpx.Client) -> None:
    uuid = UUIDS[0]
    patch(http, {"uuid": uuid, "values": {"name": value("Drill", "en_US")}})
    patch(http, {"uuid": uuid, "values": {"name": value("Bohrer", "de_DE")}})
    names = http.get(f"{API}/products-uuid/{uuid}").json()["values"]["name"]
    assert {one["locale"]: one["data"] for one in names} == {"en_US": "Drill", "de_DE": "Bohrer"}
    patch(http, {"uuid": uuid, "values": {"name": value(None, "de_DE")}})
    names = http.get(f"{API}/products-uuid/{uuid}").json()["values"]["name"]
    assert [one["locale"] for one in names] == ["en_US"]


def test_categories_are_replaced(http: httpx.Client) -> None:
    patch(
        http, {"uuid": UUIDS[0], "categories": ["shirts", "promotions"]}, {"uuid": UUIDS[0], "categories": ["shirts"]}
    )
    assert http.get(f"{API}/products-uuid/{UUIDS[0]}").json()["categories"] == ["shirts"]


@pytest.mark.parametrize(
    ("values", "attribute"),
    [
        ({"colour": value("mauve")}, "colour"),
        ({"weight": value({"amount": "1", "unit": "PARSEC"})}, "weight"),
        ({"weight": value({"amount": "heavy", "unit": "GRAM"})}, "weight"),
        ({"weight": value({"amount": "-1", "unit": "GRAM"})}, "weight"),
        ({"msrp": value([{"amount": "1", "currency": "JPY"}])}, "msrp"),
        ({"name": value("x" * 256, "en_US")}, "name"),
    ],
)
def test_invalid_data_names_the_attribute(http: httpx.Client, values: dict[str, object], attribute: str) -> None:
    (verdict,) = patch(http, {"uuid": UUIDS[0], "values": values})
    assert verdict["status_code"] == 422
    errors = verdict["errors"]
    assert isinstance(errors, list)
    assert (errors[0]["property"], errors[0]["attribute"]) == ("values", attribute)
    assert http.get(f"{API}/products-uuid/{UUIDS[0]}").status_code == 404


@pytest.mark.parametrize(
    "values",
    [
        {"nothing": value("x")},
        {"name": value("x")},
        {"name": value("x", "fr_FR")},
        {"colour": value("red", "en_US")},
        {"name": [{"locale": "en_US", "data": "x"}]},
        {"name": value("x", "en_US") * 2},
    ],
)
def test_a_wrong_structure_is_refused(http: httpx.Client, values: dict[str, object]) -> None:
    (verdict,) = patch(http, {"uuid": UUIDS[0], "values": values})
    assert verdict["status_code"] == 422
    assert "_links" in verdict


def test_numbers_come_back_padded_and_prices_with_two_decimals(http: httpx.Client) -> None:
    values = {
        "weight": value({"amount": "12.56", "unit": "gram"}),
        "msrp": value([{"amount": "9.9", "currency": "EUR"}]),
    }
    patch(http, {"uuid": UUIDS[0], "values": values})
    back = http.get(f"{API}/products-uuid/{UUIDS[0]}").json()["values"]
    assert back["weight"][0]["data"] == {"amount": "12.5600", "unit": "GRAM"}
    assert back["msrp"][0]["data"] == [{"amount": "9.90", "currency": "EUR"}]


def test_an_identifier_is_unique_whatever_its_case(http: httpx.Client) -> None:
    verdicts = patch(
        http, {"uuid": UUIDS[0], "values": {"sku": value("A-1")}}, {"uuid": UUIDS[1], "values": {"sku": value("a-1")}}
    )
    assert [one["status_code"] for one in verdicts] == [201, 422]


def test_only_uuid_version_4(http: httpx.Client) -> None:
    (verdict,) = patch(http, {"uuid": "7e0c6f0b-3c0e-5a4f-9a4b-0c2f6d1f1a10"})
    assert verdict["status_code"] == 422


def test_a_patch_that_changes_nothing_does_not_move_the_date() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    simulator = fill(PimSimulator(clock=lambda: now[0], token_seconds=10**9))
    with httpx.Client(transport=simulator.transport(), base_url=simulator.url) as http:
        http.headers["Authorization"] = f"Bearer {sign_in(http).json()['access_token']}"
        for enabled, moved in ((True, False), (False, True)):
            patch(http, {"uuid": UUIDS[0], "enabled": True})
            before = http.get(f"{API}/products-uuid/{UUIDS[0]}").json()["updated"]
            now[0] += timedelta(hours=1)
            patch(http, {"uuid": UUIDS[0], "enabled": enabled})
            after = http.get(f"{API}/products-uuid/{UUIDS[0]}").json()["updated"]
            assert (before != after) == moved


def test_one_store_seen_by_uuid_and_by_identifier(http: httpx.Client) -> None:
    patch(http, {"uuid": UUIDS[0], "values": {"sku": value("A/1")}})
    seen = http.get(f"{API}/products/A%2F1").json()
    assert (seen["identifier"], seen["uuid"]) == ("A/1", UUIDS[0])
    assert "sku" not in seen["values"]
    assert http.patch(f"{API}/products/B-2", json={"enabled": False}).status_code == 201
    assert http.patch(f"{API}/products/B-2", json={"enabled": False}).status_code == 204


# ---- lists ----
def test_next_appears_when_the_page_is_full(http: httpx.Client) -> None:
    patch(http, *({"uuid": uuid} for uuid in UUIDS[:4]))
    page = http.get(f"{API}/products-uuid?pagination_type=search_after&limit=2").json()
    seen: list[str] = []
    while True:
        seen += [one["uuid"] for one in page["_embedded"]["items"]]
        if "next" not in page["_links"]:
            break
        page = http.get(page["_links"]["next"]["href"]).json()
    assert seen == UUIDS[:4]
    assert page["_embedded"]["items"] == [], "the last full page is followed by an empty one"


def test_limits_of_a_page(http: httpx.Client) -> None:
    assert http.get(f"{API}/families?limit=101").status_code == 422
    assert http.get(f"{API}/families?page=0").status_code == 422
    assert http.get(f"{API}/families?pagination_type=search_after").status_code == 422
    assert "maximum number of pages" in http.get(f"{API}/products-uuid?limit=100&page=101").json()["message"]


def test_search_by_identifier_and_by_category(http: httpx.Client) -> None:
    patch(
        http,
        {"uuid": UUIDS[0], "values": {"sku": value("A-1")}, "categories": ["shirts"]},
        {"uuid": UUIDS[1], "values": {"sku": value("B-2")}},
    )
    for search, found in (
        ({"sku": [{"operator": "IN", "value": ["a-1", "x"]}]}, [UUIDS[0]]),
        ({"categories": [{"operator": "UNCLASSIFIED"}]}, [UUIDS[1]]),
        ({"enabled": [{"operator": "=", "value": False}]}, []),
    ):
        page = http.get(f"{API}/products-uuid", params={"search": json.dumps(search)}).json()
        assert [one["uuid"] for one in page["_embedded"]["items"]] == found
    bad = {"sku": [{"operator": "SOUNDS LIKE", "value": "x"}], "enabled": [{"operator": "=", "value": True}]}
    assert http.get(f"{API}/products-uuid", params={"search": json.dumps(bad)}).status_code == 422


def test_locales_are_active_once_a_channel_uses_them(http: httpx.Client) -> None:
    assert http.get(f"{API}/locales/de_DE").json()["enabled"]
    assert not http.get(f"{API}/locales/fr_FR").json()["enabled"]


def test_unknown_things_routes_and_verbs(http: httpx.Client) -> None:
    assert http.get(f"{API}/families/nothing").status_code == 404
    assert http.get(f"{API}/nothing").status_code == 404
    assert http.delete(f"{API}/families/clothing").status_code == 405
    assert http.patch(f"{API}/attributes/name", json={"type": "pim_catalog_number"}).status_code == 422


# ---- faults ----
def test_a_scripted_fault_happens_as_often_as_told(http: httpx.Client, simulator: PimSimulator) -> None:
    simulator.fail_next(Fault(path="families", status=429, retry_after=3, times=2))
    answers = [http.get(f"{API}/families") for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"


def test_a_reset_after_the_work_has_done_the_work(http: httpx.Client, simulator: PimSimulator) -> None:
    simulator.fail_next(Fault(method="PATCH", reset="after"))
    with pytest.raises(httpx.TransportError):
        patch(http, {"uuid": UUIDS[0]})
    assert http.get(f"{API}/products-uuid/{UUIDS[0]}").status_code == 200


# ---- life ----
def test_a_file_survives_the_process(tmp_path: Path) -> None:
    fill(PimSimulator(tmp_path / "pim.db")).load(f"{API}/products-uuid", [{"uuid": UUIDS[0]}])
    again = PimSimulator(tmp_path / "pim.db")
    with httpx.Client(transport=again.transport(), base_url=again.url) as http:
        http.headers["Authorization"] = f"Bearer {sign_in(http).json()['access_token']}"
        assert http.get(f"{API}/products-uuid/{UUIDS[0]}").status_code == 200


def test_serve_tells_its_address_and_no_secret(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "akeneo_erp_bridge.testing",
        "serve",
        "--port",
        "0",
        "--secret",
        "S3CRET",
        "--sample",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            routes = httpx.get(line.split()[2] + API).json()["routes"]
        finally:
            process.terminate()
    assert "S3CRET" not in line
    assert any(one["route"] == f"{API}/products-uuid" for one in routes.values())
