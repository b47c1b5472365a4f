"""Subscriptions to events: each call, the token in its header, and every wrong turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from akeneo.stub import token
from akeneo_erp_bridge.akeneo import AppAuth, Auth, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.akeneo.event_platform import (
    AsyncEventPlatform,
    EventPlatform,
    Https,
    Kafka,
    PubSub,
    Subscriber,
    Subscription,
)
from akeneo_erp_bridge.errors import ConfigurationError, PimBroken, PimRefused, SignInRefused, UnexpectedAnswer

PIM, PLATFORM = "pim.example.com", "event.prd.sdk.akeneo.cloud"
AUTH = PasswordAuth(client_id="1_a", secret="s3cret", username="erp", password="p4ss")
SHOP = {
    "id": "s1",
    "name": "Shop",
    "status": "active",
    "contact": {"technical_email": "it@example.com"},
    "tenant_id": "t",
}
HOOK = {"id": "n1", "type": "https", "status": "active", "events": ["com.akeneo.pim.v1.product.updated"], "config": {}}
TO = Https(url="https://shop.example.com/events", secrets=["0123456789abcdef"])


ONCE = Options(retry=RetryPolicy(attempts=1))
QUICK = Options(retry=RetryPolicy(attempts=2, first_pause=timedelta(milliseconds=1)))


class Akeneo:
    """Both hosts: tokens from one, the scripted answers from the other."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response] = []
        self.asked: list[httpx.Request] = []
        self.sign_ins = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == PIM:
            assert request.url.path == "/api/oauth/v1/token"
            self.sign_ins += 1
            return token(f"token{self.sign_ins}")
        assert request.url.host == PLATFORM
        self.asked.append(request)
        answer = self.answers.pop(0)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)  # each is read once


@pytest.fixture
def akeneo() -> Akeneo:
    return Akeneo()


Make = Callable[..., Any]


@pytest.fixture(params=["blocking", "asynchronous"])
def platform_of(request: pytest.FixtureRequest, akeneo: Akeneo) -> Iterator[Make]:
    with asyncio.Runner() as runner:
        closers: list[Callable[[], Any]] = []

        def make(auth: Auth = AUTH, options: Options = ONCE, **more: Any) -> Any:
            transport = httpx.MockTransport(akeneo)
            if request.param == "blocking":
                platform = EventPlatform(f"https://{PIM}", auth, options=options, transport=transport, **more)
                closers.append(platform.close)
                return platform

            async def made() -> AsyncEventPlatform:
                return AsyncEventPlatform(f"https://{PIM}", auth, options=options, transport=transport, **more)

            twin = runner.run(made())
            closers.append(lambda: runner.run(twin.close()))
            return _Awaited(twin, runner)

        yield make
        for close in closers:
            close()


class _Awaited:
    def __init__(self, inner: AsyncEventPlatform, runner: asyncio.Runner) -> None:
        self._inner, self._runner = inner, runner

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: self._runner.run(getattr(self._inner, name)(*args, **kwargs))


@pytest.fixture
def platform(platform_of: Make) -> Any:
    return platform_of()


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any], str, str, Any]] = [
    ("subscribers", (), {}, "GET", "/subscribers", [SHOP]),
    ("create_subscriber", ("Shop",), {"technical_email": "it@example.com"}, "POST", "/subscribers", SHOP),
    ("subscriber", ("s1",), {}, "GET", "/subscribers/s1", SHOP),
    ("update_subscriber", ("s1",), {"name": "Store"}, "PATCH", "/subscribers/s1", SHOP),
    ("delete_subscriber", ("s1",), {}, "DELETE", "/subscribers/s1", True),
    ("subscriptions", ("s1",), {}, "GET", "/subscribers/s1/subscriptions", {"_embedded": {"items": [HOOK]}}),
    ("subscribe", ("s1",), {"events": ["e"], "to": TO}, "POST", "/subscribers/s1/subscriptions", HOOK),
    ("subscription", ("s1", "n/1"), {}, "GET", "/subscribers/s1/subscriptions/n%2F1", HOOK),
    ("update_subscription", ("s1", "n1"), {"where": None}, "PATCH", "/subscribers/s1/subscriptions/n1", HOOK),
    ("unsubscribe", ("s1", "n1"), {}, "DELETE", "/subscribers/s1/subscriptions/n1", True),
    ("suspend", ("s1", "n1"), {}, "POST", "/subscribers/s1/subscriptions/n1/suspend", None),
    ("resume", ("s1", "n1"), {}, "POST", "/subscribers/s1/subscriptions/n1/resume", None),
]


@pytest.mark.parametrize(("name", "given", "more", "verb", "path", "answer"), CALLS, ids=[one[0] for one in CALLS])
def test_each_call(
    akeneo: Akeneo,
    platform: Any,
    name: str,
    given: tuple[Any, ...],
    more: dict[str, Any],
    verb: str,
    path: str,
    answer: Any,
) -> None:
    is_empty = answer is None or answer is True
    akeneo.answers = [httpx.Response(204) if is_empty else httpx.Response(200, json=answer)]
    found = getattr(platform, name)(*given, **more)
    (asked,) = akeneo.asked
    assert (asked.method, asked.url.raw_path.decode()) == (verb, f"/api/v1{path}")
    assert {name: asked.headers[name] for name in ("x-pim-url", "x-pim-token", "x-pim-client-id")} == {
        "x-pim-url": f"https://{PIM}",
        "x-pim-token": "token1",
        "x-pim-client-id": "1_a",
    }
    assert "authorization" not in asked.headers
    first = found[0] if isinstance(found, tuple) else found
    assert first is answer if is_empty else isinstance(first, Subscriber | Subscription) and first.status == "active"


@pytest.mark.parametrize(("name", "given"), [("delete_subscriber", ("s1",)), ("unsubscribe", ("s1", "n1"))])
def test_a_deletion_whose_answer_is_lost_is_done(
    akeneo: Akeneo, platform_of: Make, name: str, given: tuple[str, ...]
) -> None:
    platform = platform_of(options=QUICK)
    akeneo.answers = [httpx.Response(503), httpx.Response(404, json={"error": "not found"})]
    assert getattr(platform, name)(*given) is False
    assert len(akeneo.asked) == 2


@pytest.mark.parametrize(
    ("name", "given", "now"), [("update_subscriber", ("s1",), SHOP), ("update_subscription", ("s1", "n1"), HOOK)]
)
def test_a_change_answered_by_nothing_is_looked_up(
    akeneo: Akeneo, platform: Any, name: str, given: tuple[str, ...], now: Any
) -> None:
    akeneo.answers = [httpx.Response(204), httpx.Response(200, json=now)]
    assert getattr(platform, name)(*given).id == now["id"]
    assert [asked.method for asked in akeneo.asked] == ["PATCH", "GET"]


def test_every_method_is_called_above() -> None:
    public = {name for name in vars(EventPlatform) if not name.startswith("_")} - {"close"}
    assert (
        public
        == {one[0] for one in CALLS}
        == {name for name in vars(AsyncEventPlatform) if not name.startswith("_")} - {"close"}
    )


@pytest.mark.parametrize(
    ("to", "kind", "config"),
    [
        (TO, "https", {"url": TO.url, "secret": {"primary": "0123456789abcdef"}}),
        (
            Https(url="https://x", secrets=["a" * 16, "b" * 16], headers={"X-Key": "k"}),
            "https",
            {"url": "https://x", "secret": {"primary": "a" * 16, "secondary": "b" * 16}, "headers": {"X-Key": "k"}},
        ),
        (PubSub(project_id="p", topic_id="t"), "pubsub", {"project_id": "p", "topic_id": "t"}),
        (
            Kafka(broker="b:9092", topic="t", sasl_auth={"mechanism": "plain"}),
            "kafka",
            {"broker": "b:9092", "topic": "t", "sasl_auth": {"mechanism": "plain"}},
        ),
    ],
)
def test_where_events_go(akeneo: Akeneo, platform: Any, to: Any, kind: str, config: Any) -> None:
    akeneo.answers = [httpx.Response(201, json=HOOK), httpx.Response(200, json=HOOK)]
    platform.subscribe("s1", events=("e",), to=to, where='user_type="user"', send_product_identifier=True)
    platform.update_subscription("s1", "n1", to=to)
    made, changed = (json.loads(asked.content) for asked in akeneo.asked)
    assert made == {
        "source": "pim", "subject": f"https://{PIM}", "events": ["e"], "type": kind, "config": config,
        "filter": 'user_type="user"', "send_product_identifier": True,
    }  # fmt: skip
    assert changed == {"type": kind, "config": config}


@pytest.mark.parametrize("secrets", [[], [""], ["a", "b", "c"]])
def test_a_destination_without_a_secret_is_refused_before_anything_is_sent(
    akeneo: Akeneo, platform: Any, secrets: list[str]
) -> None:
    with pytest.raises(ConfigurationError, match="give one secret"):
        platform.subscribe("s1", events=["e"], to=Https(url="https://x", secrets=secrets))
    assert (akeneo.asked, akeneo.sign_ins) == ([], 0)


def test_what_is_not_named_stays(akeneo: Akeneo, platform: Any) -> None:
    akeneo.answers = [httpx.Response(200, json=HOOK), httpx.Response(200, json=SHOP)]
    platform.update_subscription("s1", "n1", events=["a"])
    platform.update_subscriber("s1", contact={"technical_email": "x@example.com"})
    assert [json.loads(asked.content) for asked in akeneo.asked] == [
        {"events": ["a"]},
        {"contact": {"technical_email": "x@example.com"}},
    ]


def test_a_token_that_ended_is_renewed_once(akeneo: Akeneo, platform: Any) -> None:
    akeneo.answers = [httpx.Response(401), httpx.Response(200, json=[]), httpx.Response(401), httpx.Response(401)]
    assert platform.subscribers() == ()
    assert [asked.headers["x-pim-token"] for asked in akeneo.asked] == ["token1", "token2"]
    with pytest.raises(PimRefused, match="401"):
        platform.subscribers()
    assert akeneo.sign_ins == 3


def test_an_app_names_its_client_id(akeneo: Akeneo, platform_of: Make) -> None:
    app = AppAuth(access_token="app-token")
    with pytest.raises(ConfigurationError, match="client_id"):
        platform_of(app)
    akeneo.answers = [httpx.Response(200, json=[]), httpx.Response(401)]
    platform = platform_of(app, client_id="the app")
    assert platform.subscribers() == ()
    assert (akeneo.asked[0].headers["x-pim-client-id"], akeneo.asked[0].headers["x-pim-token"]) == (
        "the app",
        "app-token",
    )
    with pytest.raises(PimRefused, match="401"):
        platform.subscribers()
    assert akeneo.sign_ins == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403, json={"message": "No permission for events."}), PimRefused),
        (httpx.Response(422, json={"message": "Too many."}), PimRefused),
        (httpx.Response(503), PimBroken),
        (httpx.Response(200, json={"id": 5}), UnexpectedAnswer),
        (httpx.Response(302, headers={"Location": "https://evil.example.com"}), UnexpectedAnswer),
    ],
)
def test_a_bad_answer_is_explained(
    akeneo: Akeneo, platform: Any, answer: httpx.Response, error: type[Exception]
) -> None:
    akeneo.answers = [answer]
    with pytest.raises(error, match="subscriber") as caught:
        platform.create_subscriber("Shop", technical_email="it@example.com")
    assert len(akeneo.asked) == 1, "a creation is not repeated"
    assert not any(secret in str(caught.value) for secret in ("token1", "s3cret", "p4ss"))


def test_the_token_goes_to_no_address_without_tls(platform_of: Make) -> None:
    with pytest.raises(ConfigurationError, match="not https"):
        platform_of(url="http://event.example.com")


def test_no_secret_shows() -> None:
    shown = repr(
        [
            TO,
            Kafka(broker="b", topic="t", sasl_auth={"password": "hidden"}),
            Subscription(id="1", config={"a": "hidden"}),
        ]
    )
    assert not any(secret in shown for secret in ("0123456789abcdef", "hidden"))
    with EventPlatform(f"https://{PIM}", AUTH) as platform:
        assert "s3cret" not in repr(platform)


def test_a_refused_sign_in_is_told(platform_of: Make, monkeypatch: pytest.MonkeyPatch, akeneo: Akeneo) -> None:
    refusal = httpx.Response(422, json={"code": 422, "message": "No user found for the given username and password"})
    monkeypatch.setattr(Akeneo, "__call__", lambda _self, _request: refusal)
    with pytest.raises(SignInRefused, match="No user found"):
        platform_of().subscribers()
