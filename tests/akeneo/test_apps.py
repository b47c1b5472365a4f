"""An App and its user: the way to an access token, and every wrong turn."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from akeneo.wire import Reply, Wire
from akeneo_erp_bridge.akeneo import Options, RetryPolicy
from akeneo_erp_bridge.akeneo.apps import App, AppGrant, AppUser
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    Forbidden,
    MissingExtra,
    PimBroken,
    PimRefused,
    SignInRefused,
    UnexpectedAnswer,
)

APP = App(client_id="client", secret="the secret", scopes={"write_products", "openid"})
PIM = "https://pim.example.com"
AGAIN = Options(retry=RetryPolicy(first_pause=timedelta(milliseconds=1)))
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


@pytest.mark.parametrize("url", ["http://127.0.0.1:8047", "http://[::1]", "http://localhost/api/rest/v1"])
def test_this_machine_needs_no_tls_where_that_is_meant(url: str) -> None:
    assert APP.start(url, loopback=True).url.startswith(url.partition("/api")[0])
    with pytest.raises(ConfigurationError, match="not https"):
        APP.start(url)


@pytest.mark.parametrize("url", ["http://pim.example.com", "http://localhost.example.com", "http://10.0.0.1"])
def test_another_machine_needs_it_all_the_same(url: str) -> None:
    with pytest.raises(ConfigurationError, match="not https"):
        APP.start(url, loopback=True)


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


# ---- who it was ----
NOW = datetime.now(UTC).timestamp()
CLAIMS = {
    "iss": PIM, "sub": "user 7", "aud": "client", "jti": "1", "iat": NOW + 0.25, "exp": NOW + 3600.25,
    "firstname": "Julia", "lastname": "Stark", "email": "julia@example.com", "email_verified": False,
}  # fmt: skip


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY = new_key()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pim")])
    begin = datetime.now(UTC)
    built = x509.CertificateBuilder(
        name, name, KEY.public_key(), x509.random_serial_number(), begin, begin + timedelta(days=1)
    )
    return built.sign(KEY, SHA256()).public_bytes(Encoding.PEM).decode()


User = Callable[..., AppUser]


@pytest.fixture(params=["blocking", "asynchronous"])
def user(request: pytest.FixtureRequest) -> User:
    def who(token: str | None, answer: httpx.Response | None = None) -> AppUser:
        asked: list[httpx.Request] = []

        def reply(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            good = answer or httpx.Response(200, json={"public_key": PUBLIC})
            return httpx.Response(good.status_code, headers=good.headers, content=good.content)  # each is read once

        grant = AppGrant(access_token="hidden token", id_token=token)
        options = Options(retry=RetryPolicy(attempts=1))
        transport = httpx.MockTransport(reply)
        if request.param == "blocking":
            found = APP.user(f"{PIM}/", grant, options=options, transport=transport)
        else:
            found = asyncio.run(APP.user_async(f"{PIM}/", grant, options=options, transport=transport))
        assert [one.url.path for one in asked] == ["/connect/apps/v1/openid/public-key"]
        assert "authorization" not in asked[0].headers, "the token of the App is not for this"
        return found

    return who


def token_of(key: rsa.RSAPrivateKey = KEY, **changes: object) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, key, algorithm="RS256")


@pytest.mark.parametrize("pem", [PUBLIC, certificate()], ids=["key", "certificate"])
def test_the_user_is_known_by_a_token_that_verifies(user: User, pem: str) -> None:
    found = user(token_of(), httpx.Response(200, json={"public_key": pem}))
    assert found == AppUser(id="user 7", first_name="Julia", last_name="Stark", email="julia@example.com")
    assert "julia" not in repr(found).lower()


def test_without_further_scopes_only_the_id_is_known(user: User) -> None:
    assert user(token_of(firstname=None, lastname=None, email=None)) == AppUser(id="user 7")


def unsigned() -> str:
    return jwt.encode(CLAIMS, None, algorithm="none")  # type: ignore[arg-type]  # what an attacker sends


def signed_with_the_public_text() -> str:
    """RS256's public key, taken for a secret of HS256."""
    head, body = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in ({"alg": "HS256"}, CLAIMS))
    mark = hmac.digest(PUBLIC.encode(), head + b"." + body, "sha256")
    return b".".join((head, body, base64.urlsafe_b64encode(mark).rstrip(b"="))).decode()


@pytest.mark.parametrize(
    "token",
    [
        token_of(new_key()),
        unsigned(),
        signed_with_the_public_text(),
        "no.token",
        "",
        token_of(aud="another App"),
        token_of(iss="https://other.example.com"),
        token_of(iss=None),
        token_of(sub=None),
        token_of(exp=NOW - 3600),
        token_of(iat=NOW + 3600),
        None,
    ],
    ids=["another key", "unsigned", "HS256", "not a token", "empty", "for another", "of another", "of nobody", "about nobody", "old", "not yet", "none"],
)  # fmt: skip
def test_a_token_that_does_not_verify_is_refused(user: User, token: str | None) -> None:
    with pytest.raises(SignInRefused) as caught:
        user(token)
    assert "hidden token" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, json={"code": 404, "message": "no"}), PimRefused),
        (httpx.Response(503), PimBroken),
        (httpx.Response(200, json={}), UnexpectedAnswer),
        (httpx.Response(200, json={"public_key": "no key"}), SignInRefused),
    ],
)
def test_a_pim_without_a_key_tells_nobody(user: User, answer: httpx.Response, error: type[BridgeError]) -> None:
    with pytest.raises(error):
        user(token_of(), answer)


def test_the_extra_is_named_where_it_is_not_installed(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(MissingExtra, match=r"akeneo_erp_bridge\[openid\]"):
        user(token_of())


@pytest.mark.parametrize("way", ["blocking", "asynchronous"])
def test_users_are_told_of_scopes_that_the_app_wants_now(way: str) -> None:
    with Wire(Reply(503), Reply(200, kind=""), Reply(403, b'{"code":403,"message":"no"}')) as wire:

        def ask() -> None:
            if way == "blocking":
                APP.ask_for_scopes(wire.url, "hidden token", options=AGAIN)
            else:
                asyncio.run(APP.ask_for_scopes_async(wire.url, "hidden token", options=AGAIN))

        ask()
        with pytest.raises(Forbidden):
            ask()
    assert {asked.method for asked in wire.asked} == {"POST"}
    assert {asked.target for asked in wire.asked} == {"/connect/apps/v1/scopes/update?scopes=openid+write_products"}
    assert {asked.headers["authorization"] for asked in wire.asked} == {"Bearer hidden token"}
