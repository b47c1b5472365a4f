"""Signing in: once, in time, for all threads, and without a secret anywhere."""

from __future__ import annotations

import base64
import logging
import threading
import time as real_time
from collections.abc import Callable

import httpx
import pytest

from akeneo.stub import FakeTime, Stub, client_of, page, refused, token
from akeneo_erp_bridge.akeneo import AppAuth, PasswordAuth
from akeneo_erp_bridge.errors import (
    ConfigurationError,
    PimBroken,
    PimError,
    PimUnreachable,
    SignInRefused,
    UnexpectedAnswer,
)

PASSWORD = PasswordAuth(client_id="1_id", secret="s3cret", username="erp_1", password="p4ssword")
DENIED = refused(401, "Authentication is required")


def bearers(stub: Stub) -> list[str]:
    return [request.headers["Authorization"] for request in stub.requests]


def test_a_connection_signs_in_once_with_a_small_body() -> None:
    stub = Stub(otherwise=page())
    pim = client_of(stub, auth=PASSWORD)
    list(pim.families.list())
    list(pim.families.list())
    assert stub.sign_ins == [{"grant_type": "password", "username": "erp_1", "password": "p4ssword"}]
    expected = base64.b64encode(b"1_id:s3cret").decode()
    assert stub.sign_in_headers[0]["Authorization"] == f"Basic {expected}"
    assert int(stub.sign_in_headers[0]["Content-Length"]) < 100
    assert bearers(stub) == ["Bearer token1"] * 2


def test_an_app_never_signs_in() -> None:
    stub = Stub(page())
    list(client_of(stub, auth=AppAuth(access_token="abc")).families.list())
    assert (bearers(stub), stub.sign_ins) == (["Bearer abc"], [])


def test_a_token_is_renewed_before_it_dies() -> None:
    time = FakeTime()
    stub = Stub(sign_in=(token("one", expires_in=100), token("two", refresh="next")), otherwise=page())
    pim = client_of(stub, auth=PASSWORD, time=time)
    for _ in range(3):
        list(pim.families.list())
        time.now += 47
    assert bearers(stub) == ["Bearer one", "Bearer one", "Bearer two"]
    assert stub.sign_ins[1] == {"grant_type": "refresh_token", "refresh_token": "refresh"}


def test_a_refused_token_is_renewed_once_and_the_call_repeated() -> None:
    stub = Stub(DENIED, page())
    list(client_of(stub, auth=PASSWORD).families.list())
    assert bearers(stub) == ["Bearer token1", "Bearer token2"]


def test_a_dead_refresh_token_falls_back_to_the_password() -> None:
    dead = refused(422, "Refresh token is invalid or has expired")
    stub = Stub(DENIED, page(), sign_in=(token("one"), dead, token("two")))
    list(client_of(stub, auth=PASSWORD).families.list())
    assert [body["grant_type"] for body in stub.sign_ins] == ["password", "refresh_token", "password"]
    assert bearers(stub) == ["Bearer one", "Bearer two"]


def test_a_token_refused_twice_is_told() -> None:
    stub = Stub(otherwise=DENIED)
    with pytest.raises(SignInRefused, match=r"GET families: .* refuses the token .*a fresh token was refused as well"):
        list(client_of(stub, auth=PASSWORD).families.list())
    assert len(stub.requests) == 2


def test_a_revoked_app_is_told_what_to_do() -> None:
    stub = Stub(otherwise=DENIED)
    with pytest.raises(SignInRefused, match="let a PIM user connect the App again"):
        list(client_of(stub).families.list())
    assert len(stub.requests) == 1


def test_a_wrong_password_is_told_what_to_check() -> None:
    stub = Stub(sign_in=(refused(422, "No user found for the given username and password"),))
    with pytest.raises(
        SignInRefused, match=r"No user found.*Check client id, secret, user name and password"
    ) as caught:
        list(client_of(stub, auth=PASSWORD).families.list())
    assert caught.value.status == 422
    assert stub.requests == []


def test_a_stranger_at_the_address_is_told() -> None:
    for stranger in (
        httpx.Response(404, html="<h1>Not here</h1>"),
        httpx.Response(200, html="<h1>Shop</h1>"),
        httpx.Response(200, json={}),
    ):
        with pytest.raises(UnexpectedAnswer, match=r"is https://pim\.example\.com the address of an Akeneo PIM"):
            list(client_of(Stub(sign_in=(stranger,)), auth=PASSWORD).families.list())


def test_signing_in_outlives_a_bad_moment() -> None:
    stub = Stub(page(), sign_in=(httpx.ReadTimeout("slow"), httpx.Response(502), token("one")))
    assert list(client_of(stub, auth=PASSWORD).families.list()) == []
    with pytest.raises(PimUnreachable, match="POST sign-in"):
        list(client_of(Stub(sign_in=tuple(httpx.ConnectError("no") for _ in range(6))), auth=PASSWORD).families.list())


def test_a_password_the_pim_cannot_take_is_not_sent() -> None:
    long = PasswordAuth(client_id="a", secret="b", username="erp_1", password="p" * 300)
    stub = Stub()
    with pytest.raises(ConfigurationError, match="at most 300; is the password of 'erp_1' copied right"):
        list(client_of(stub, auth=long).families.list())
    assert stub.sign_ins == []


@pytest.mark.parametrize("life", [None, 0, -5, "soon"])
def test_a_token_without_a_sensible_life_lives_an_hour(life: object) -> None:
    time = FakeTime()
    answer = httpx.Response(200, json={"access_token": "one", "expires_in": life})
    stub = Stub(sign_in=(answer,), otherwise=page())
    pim = client_of(stub, auth=PASSWORD, time=time)
    list(pim.families.list())
    time.now += 3000
    list(pim.families.list())
    time.now += 3000
    list(pim.families.list())
    assert [body["grant_type"] for body in stub.sign_ins] == ["password", "password"]


def in_threads(number: int, work: Callable[[], object]) -> list[BaseException]:
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # a thread reports whatever went wrong in it
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.blocking_only("threads; test_parity.py has the tasks")
def test_many_threads_sign_in_once() -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        real_time.sleep(0.05)
        return token("one")

    stub = Stub(sign_in=(slow,), otherwise=page())
    pim = client_of(stub, auth=PASSWORD)
    assert in_threads(8, lambda: list(pim.families.list())) == []
    assert len(stub.sign_ins) == 1


@pytest.mark.blocking_only("threads; test_parity.py has the tasks")
@pytest.mark.parametrize(
    ("answer", "tries", "error"),
    [(refused(422, "No user found"), 1, SignInRefused), (httpx.Response(503), 6, PimBroken)],
)
def test_many_threads_are_refused_once(answer: httpx.Response, tries: int, error: type[PimError]) -> None:
    """A PIM that counts wrong passwords locks nobody out, and one that is away is waited for once."""

    def slow(request: httpx.Request) -> httpx.Response:
        real_time.sleep(0.05)
        return answer

    stub = Stub(sign_in=(slow,) * 20)
    pim = client_of(stub, auth=PASSWORD)
    assert [type(one) for one in in_threads(8, lambda: list(pim.families.list()))] == [error] * 8
    assert len(stub.sign_ins) == tries
    with pytest.raises(error):
        list(pim.families.list())
    assert len(stub.sign_ins) == 2 * tries, "the next call tries anew"


@pytest.mark.blocking_only("threads; test_parity.py has the tasks")
def test_many_threads_renew_a_revoked_token_once() -> None:
    together = threading.Barrier(4, timeout=5)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer token1":
            together.wait()
            return refused(401)
        return page()

    stub = Stub(otherwise=answer)
    pim = client_of(stub, auth=PASSWORD)
    assert in_threads(4, lambda: list(pim.families.list())) == []
    assert len(stub.sign_ins) == 2


def test_secrets_show_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stub = Stub(DENIED, httpx.ReadTimeout("x"), page(), refused(422), otherwise=DENIED)
    pim = client_of(stub, auth=PASSWORD)
    shown = [
        repr(PASSWORD),
        repr(AppAuth(access_token="app-t0ken")),
        repr(pim),
        repr(pim.products),
        repr(pim.families.list()),
    ]
    list(pim.families.list())
    for _ in range(2):
        try:
            list(pim.families.list())
        except PimError as error:
            shown += [str(error), repr(error), repr(error.__dict__), repr(error.__cause__), repr(error.__context__)]
    text = "\n".join([*shown, caplog.text])
    assert caplog.text
    for secret in (
        "s3cret",
        "p4ssword",
        "app-t0ken",
        "token1",
        "token2",
        "Bearer",
        base64.b64encode(b"1_id:s3cret").decode(),
    ):
        assert secret not in text
