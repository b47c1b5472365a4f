"""An App and its user: the way to an access token, and every wrong turn."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from akeneo_erp_bridge.akeneo import Options, RetryPolicy
from akeneo_erp_bridge.akeneo.apps import App, AppGrant
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError, PimBroken, SignInRefused, UnexpectedAnswer

APP = App(client_id="client", secret="the secret", scopes={"write_products", "openid"})
PIM = "https://pim.example.com"
GOOD = {"access_token": "hidden token", "token_type": "bearer", "scope": "write_products", "id_token": "hidden.id"}

Finish = Callable[..., AppGrant]


@pytest.fixture(params=["blocking", "asynchronous"])
def finish(request: pytest.FixtureRequest) -> Finish:
    def blocking(
        query: Mapping[str, str], answer: httpx.Response | Callable[..., httpx.Response], **more: str
    ) -> AppGrant:
        reply = answer if callable(answer) else lambda _: answer
        options = Options(retry=RetryPolicy(attempts=1))
        state = more.get("state", "s")
        transport = httpx.MockTransport(reply)
        if request.param == "blocking":
            return APP.finish(PIM, query, state=state, options=options, transport=transport)
        return asyncio.run(APP.finish_async(PIM, query, state=state, options=options, transport=transport))

    return blocking


def test_the_user_is_sent_to_the_pim() -> None:
    start = APP.start("https://pim.example.com/")
    place = urlsplit(start.url)
    assert f"{place.scheme}://{place.netloc}{place.path}" == "https://pim.example.com/connect/apps/v1/authorize"
    query = {name: values[0] for name, values in parse_qs(place.query).items()}
    assert query == {
        "response_type": "code", "client_id": "client", "scope": "openid write_products", "state": start.state,
    }  # fmt: skip
    assert start.pim_url == PIM
    assert APP.start(PIM).state != start.state
    assert len(start.state) >= 32


@pytest.mark.parametrize(
    "url", ["http://pim.example.com", "ftp://pim.example.com", "pim.example.com", "https://u:p@x.com", ""]
)
def test_an_address_that_is_no_safe_one_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        APP.start(url)


def test_the_code_becomes_a_token_and_the_secret_stays_here(finish: Finish) -> None:
    seen: list[httpx.Request] = []

    def pim(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=GOOD)

    grant = finish({"code": "c0de", "state": "s"}, pim)
    assert (grant.access_token, grant.id_token, grant.scopes) == ("hidden token", "hidden.id", {"write_products"})
    assert grant.missing(APP.scopes) == {"openid"}
    assert grant.missing({"read_products"}) == frozenset(), "who may write may read"
    (request,) = seen
    assert str(request.url) == f"{PIM}/connect/apps/v1/oauth2/token"
    assert "authorization" not in request.headers
    assert b"the+secret" not in request.content
    assert b"the%20secret" not in request.content
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    assert (form["client_id"], form["code"], form["grant_type"]) == ("client", "c0de", "authorization_code")
    assert len(form["code_identifier"]) == 60
    expected = hashlib.sha256(f"{form['code_identifier']}the secret".encode()).hexdigest()
    assert form["code_challenge"] == expected


@pytest.mark.parametrize(
    ("query", "state", "reason"),
    [
        ({"code": "c", "state": "other"}, "s", "state is not the one of this session"),
        ({"code": "c"}, "s", "state is not the one"),
        ({"code": "c", "state": ""}, "", "state is not the one"),
        ({"state": "s", "error": "access_denied"}, "s", "'access_denied'"),
        ({"state": "s", "error": "x", "error_description": "The user said no"}, "s", "The user said no"),
        ({"state": "s"}, "s", "brought no code"),
    ],
)
def test_a_callback_that_is_wrong_asks_the_pim_nothing(
    finish: Finish, query: dict[str, str], state: str, reason: str
) -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing may be sent")

    with pytest.raises(SignInRefused, match=reason):
        finish(query, never, state=state)


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (httpx.Response(400, json={"error": "invalid_grant", "error_description": "Code has expired"}),
         SignInRefused, "Code has expired; let the user connect the App again"),
        (httpx.Response(200, json={"token_type": "bearer"}), UnexpectedAnswer, "no access token"),
        (httpx.Response(200, json=[]), UnexpectedAnswer, "no access token"),
        (httpx.Response(200, html="<h1>Login</h1>"), UnexpectedAnswer, "not Akeneo's JSON"),
        (httpx.Response(302, headers={"Location": "https://sso.example.com"}), UnexpectedAnswer, "redirects"),
        (httpx.Response(503), PimBroken, "503"),
    ],
)  # fmt: skip
def test_a_code_that_is_refused_says_why(
    finish: Finish, answer: httpx.Response, kind: type[BridgeError], reason: str
) -> None:
    calls: list[int] = []

    def pim(_: httpx.Request) -> httpx.Response:
        calls.append(1)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    with pytest.raises(kind, match=reason):
        finish({"code": "c", "state": "s"}, pim)
    assert len(calls) == 1, "a code is good for one try"


def test_nothing_secret_shows() -> None:
    grant = AppGrant(access_token="hidden", id_token="hidden")
    assert "hidden" not in repr(grant)
    assert "secret" not in repr(APP)
    assert APP.start(PIM).state not in repr(APP.start(PIM))
