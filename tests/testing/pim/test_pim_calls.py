"""Tokens, headers, routes, batches, faults and limits."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from pim_bench import API, LINES, Caller, new_uuid, seed, value

PASSWORD = {"grant_type": "password", "username": "erp", "password": "password"}


def test_token(pim: Caller) -> None:
    """Authentication: the shape of a token answer, and a new refresh token with each refresh."""
    tokens = pim.sign_in()
    assert {key: tokens[key] for key in ("expires_in", "token_type", "scope")} == {
        "expires_in": 3600,
        "token_type": "bearer",
        "scope": None,
    }
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    again = pim.token(refresh)
    assert again.status_code == 200
    assert again.json()["refresh_token"] != tokens["refresh_token"]
    assert (pim.token(refresh).status_code, pim.token(refresh).json()["message"]) == (
        422,
        "Refresh token is invalid or has expired",
    )


@pytest.mark.parametrize(
    ("body", "auth", "message"),
    [
        (PASSWORD, ("client", "wrong"), 'Parameter "client_id" is missing or does not match'),
        (PASSWORD | {"password": "wrong"}, ("client", "secret"), "No user found"),
        ({"grant_type": "password"}, ("client", "secret"), 'Parameter "grant_type", "username" or "password"'),
        ({"grant_type": "refresh_token"}, ("client", "secret"), 'Parameter "grant_type" or "refresh_token"'),
        ({"grant_type": "magic"}, ("client", "secret"), "This grant type is not authorized"),
    ],
)
def test_token_errors(pim: Caller, body: object, auth: tuple[str, str], message: str) -> None:
    """Authentication, errors: 422 with the normal body, unlike RFC 6749."""
    answer = pim.token(body, auth)
    assert answer.status_code == answer.json()["code"] == 422
    assert answer.json()["message"].startswith(message)


def test_token_body_limit_and_form(pim: Caller) -> None:
    """Token route: more than 300 bytes are refused; a form works as well as JSON."""
    assert pim.token(PASSWORD | {"padding": "x" * 300}).status_code == 413
    form = pim.http.post("/api/oauth/v1/token", data=PASSWORD, auth=("client", "secret"))
    assert form.status_code == 200


def test_expiry() -> None:
    """Authentication: an access token lives for `expires_in` seconds, then 401."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    sim = PimSimulator(clock=lambda: now[0], behaviour=Behaviour(token_seconds=60))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        now[0] += timedelta(seconds=59)
        assert pim.get("families").status_code == 200
        now[0] += timedelta(seconds=1)
        assert pim.get("families").status_code == 401


def test_errors_of_the_protocol(pim: Caller) -> None:
    """Responses, client errors: 400, 401, 404, 405, 406 and 415, each with code and message."""
    http, path = pim.http, f"{API}/families"
    answers = {
        400: http.post(path, content=b"{", headers={"Content-Type": "application/json"}),
        401: http.get(path, headers={"Authorization": "Basic x"}),
        404: http.get(f"{API}/nowhere"),
        405: http.put(path),
        406: http.get(path, headers={"Accept": "text/html"}),
        415: http.post(path, content=b"{}", headers={"Content-Type": "text/plain"}),
    }
    assert {status: (one.status_code, one.json()["code"]) for status, one in answers.items()} == {
        status: (status, status) for status in answers
    }
    assert answers[400].json()["message"] == "Invalid json message received"
    assert answers[401].json()["message"] == "Authentication is required"
    assert http.get(path, headers={"Accept": "*/*"}).status_code == 200


def test_index_and_system_information(pim: Caller) -> None:
    """Index: every route, without a token; system information likewise."""
    del pim.http.headers["Authorization"]
    index = pim.http.get(API).json()
    assert index["host"] == str(pim.http.base_url).rstrip("/")
    assert index["authentication"]["fos_oauth_server_token"]["route"] == "/api/oauth/v1/token"
    assert index["routes"]["pim_api_product_uuid_list"] == {"route": f"{API}/products-uuid", "methods": ["GET"]}
    assert pim.get("system-information").json() == {"version": "v20260818021500", "edition": "Serenity"}


def test_an_old_version_has_no_uuid_routes() -> None:
    """Versions: products by UUID since 7.0."""
    sim = PimSimulator(behaviour=Behaviour.version_6())
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        assert pim.get("products-uuid").status_code == 404
        assert "pim_api_product_uuid_list" not in http.get(API).json()["routes"]


def test_batch(pim: Caller) -> None:
    """Update several products: 200, one verdict a line, in order, with the key where it is known."""
    key = new_uuid()
    lines = [{"uuid": key}, {"uuid": key, "family": ["x"]}, {"family": "drill"}, "not json", {"uuid": key}]
    verdicts = pim.verdicts("products-uuid", lines)
    assert [(v["line"], v.get("uuid"), v["status_code"]) for v in verdicts] == [
        (1, key, 201),
        (2, key, 422),
        (3, None, 422),
        (4, None, 400),
        (5, key, 204),
    ]
    assert verdicts[2]["message"] == "Uuid is missing."


@pytest.mark.parametrize(
    ("path", "word"), [("products", "Identifier"), ("families", "Code"), ("products-uuid", "Uuid")]
)
def test_batch_without_key(pim: Caller, path: str, word: str) -> None:
    """Update several: each route names its own key."""
    assert [v["message"] for v in pim.verdicts(path, [{}])] == [f"{word} is missing."]


def test_batch_limits(pim: Caller) -> None:
    """Update several: 100 lines, a million bytes a line, and a blank last line is a line."""
    too_many = pim.batch("families", ["{}"] * 101)
    assert (too_many.status_code, too_many.json()["message"]) == (
        413,
        "Too many resources to process, 100 is the maximum allowed.",
    )
    # two bytes each, so that counting characters would let it pass
    long = json.dumps({"code": "x", "labels": {"en_US": "é" * 500_000}}, ensure_ascii=False)
    verdicts = pim.verdicts("families", [long, '{"code": "ok"}', ""])
    assert [v["status_code"] for v in verdicts] == [413, 201, 400]
    wrong = pim.http.patch(f"{API}/families", content=b"{}", headers={"Content-Type": "application/json"})
    assert wrong.status_code == 415
    right = pim.http.patch(f"{API}/families", content=b'{"code":"p"}', headers={"Content-Type": f"{LINES}; v=1"})
    assert right.status_code == 200


def test_the_batch_bug_of_7_0() -> None:
    """Changelog of 7.0.8: before it, refused lines of products by UUID carry `code`."""
    sim = PimSimulator(behaviour=Behaviour.version_7())
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        bad, good = pim.verdicts("products-uuid", [{"uuid": "x"}, {"uuid": new_uuid()}])
        assert (bad["code"], good["status_code"]) == (422, 201)
        assert "status_code" not in bad


def test_scripted_statuses(pim: Caller) -> None:
    """Faults: a status with and without Retry-After, once or several times, for the calls it is meant for."""
    pim.sim.fail_next(Fault(status=429, retry_after=2, times=2, path="families$"))
    pim.sim.fail_next(Fault(status=503, body=b"<html>", method="PATCH"))
    assert pim.get("channels").status_code == 200
    answers = [pim.get("families") for _ in range(3)]
    assert [(one.status_code, one.headers.get("Retry-After")) for one in answers] == [
        (429, "2"),
        (429, "2"),
        (200, None),
    ]
    broken = pim.patch(f"products-uuid/{new_uuid()}", {})
    assert (broken.status_code, broken.headers["Content-Type"], broken.text) == (503, "text/html", "<html>")


@pytest.mark.parametrize(("moment", "stored"), [("before", 404), ("after", 200)])
def test_reset(pim: Caller, moment: str, stored: int) -> None:
    """Faults: the connection ends before or after the work."""
    key = new_uuid()
    pim.sim.fail_next(Fault(reset="before" if moment == "before" else "after"))
    with pytest.raises(httpx.TransportError):
        pim.patch(f"products-uuid/{key}", {})
    assert pim.get(f"products-uuid/{key}").status_code == stored
    assert [call.status for call in pim.sim.calls][-2:] == [0, stored]


def test_cut_batch(pim: Caller) -> None:
    """Update several: when a line breaks the server, later lines are neither answered nor processed."""
    pim.sim.fail_next(Fault(cut_after=1))
    assert len(pim.verdicts("families", [{"code": "a"}, {"code": "b"}])) == 1
    assert [pim.get(f"families/{code}").status_code for code in "ab"] == [200, 404]


def test_dead_tokens(pim: Caller) -> None:
    """Faults: access and refresh tokens can die, on their own."""
    tokens = pim.sign_in()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    pim.sim.fail_next(Fault(expire_tokens=True))
    assert pim.get("families").status_code == 401
    fresh = pim.token(refresh).json()
    pim.http.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    pim.sim.fail_next(Fault(revoke_refresh_tokens=True))
    assert pim.get("families").status_code == 200
    assert pim.token({"grant_type": "refresh_token", "refresh_token": fresh["refresh_token"]}).status_code == 422


def test_calls(pim: Caller) -> None:
    """Watching: every call is noted; signing in, reading and searching change nothing."""
    pim.sim.forget_calls()
    pim.sign_in()
    pim.get("families")
    pim.post("products-uuid/search", {})
    pim.product("A")
    assert [(call.method, call.status) for call in pim.sim.calls] == [
        ("POST", 200),
        ("GET", 200),
        ("POST", 200),
        ("PATCH", 201),
    ]
    assert [call.method for call in pim.sim.mutating_calls] == ["PATCH"]


def test_limits() -> None:
    """Limits: more calls in flight, or more option writes a second, than allowed earn a 429."""
    sim = seed(PimSimulator(behaviour=Behaviour(calls_in_flight=4, option_writes_per_second=3)))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        sim.fail_next(Fault(latency=timedelta(seconds=0.3), times=6))
        with ThreadPoolExecutor(6) as pool:
            statuses = list(pool.map(lambda _: pim.get("families").status_code, range(6)))
        assert sorted(statuses) == [200, 200, 200, 200, 429, 429]
        assert sim.peak_in_flight == 4
        writes = [pim.patch("attributes/colour/options/red", {}) for _ in range(4)]
        assert [one.status_code for one in writes] == [204, 204, 204, 429]
        assert writes[-1].headers["Retry-After"] == "1"


def test_async_transport() -> None:
    """The asynchronous transport is the same PIM, and its latency blocks no other call."""
    sim = PimSimulator()
    sim.fail_next(Fault(latency=timedelta(seconds=0.2), times=4, path="system"))

    async def calls() -> list[int]:
        async with httpx.AsyncClient(base_url=sim.url, transport=sim.async_transport()) as http:
            answers = await asyncio.gather(*(http.get(f"{API}/system-information") for _ in range(4)))
            return [one.status_code for one in answers]

    assert asyncio.run(calls()) == [200] * 4
    assert sim.peak_in_flight > 1


def test_secrets_do_not_show() -> None:
    """A repr ends up in logs."""
    sim = PimSimulator(secret="S3CRET", password="PASSW0RD")
    assert "S3CRET" not in repr(sim)
    assert "PASSW0RD" not in repr(sim)


def test_chunked_request_body(sim: PimSimulator) -> None:
    """Over HTTP: a body without Content-Length, as clients that stream send it."""
    with sim.serve() as server, httpx.Client(base_url=server.url) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        body = iter([b'{"code":"a"}\n', b'{"code":"b"}'])
        answer = http.patch(f"{API}/families", content=body, headers={"Content-Type": LINES})
        assert [json.loads(line)["status_code"] for line in answer.text.split("\n")] == [201, 201]


def test_public_url() -> None:
    """Pagination: links carry the URL the PIM believes to have, which behind a proxy is another one."""
    sim = seed(PimSimulator(behaviour=Behaviour(public_url="http://inner:8080/")))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        href = pim.get("families").json()["_links"]["self"]["href"]
        assert href.startswith("http://inner:8080/api/rest/v1/families?")
        assert pim.patch("products/A", {"values": {"note": value("x")}}).headers["Location"].startswith("http://inner")
