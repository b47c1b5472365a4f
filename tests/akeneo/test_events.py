"""Events: what is signed is read, and nothing else; over the bytes as they came, and in any ASGI server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo.events import Event, EventReceiver, read_events
from akeneo_erp_bridge.errors import ConfigurationError, EventRefused

SECRET = "a secret of the subscription"
NOW = datetime(2026, 8, 1, 9, 0, 30, tzinfo=UTC)
CLOUD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "018f",
    "source": "akeneo-event-platform",
    "type": "com.akeneo.pim.v1.product-model.updated.delta",
    "subject": "s1",
    "time": "2026-08-01T09:00:00Z",
    "data": {"product_model": {"code": "m1"}, "author": {"identifier": "1_abc", "type": "api"}},
}
OLD: dict[str, Any] = {
    "events": [
        {
            "action": action,
            "event_id": action,
            "event_datetime": "2026-08-01T09:00:00+00:00",
            "author": "julia",
            "author_type": "ui",
            "data": {"resource": {"identifier": "DR-18"}},
        }
        for action in ("product.updated", "product_model.removed")
    ]
}


def digest(signed: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def cloud(body: object = None, **headers: str) -> tuple[bytes, dict[str, str]]:
    content = json.dumps(CLOUD if body is None else body).encode()
    return content, {"X-AKENEO-SIGNATURE-PRIMARY": digest(content), **headers}


def old(body: object = None, stamp: str | None = None, **headers: str) -> tuple[bytes, dict[str, str]]:
    content = json.dumps(OLD if body is None else body).encode()
    when = str(int(NOW.timestamp())) if stamp is None else stamp
    signature = digest(when.encode() + b"." + content)
    return content, {
        "X-Akeneo-Request-Signature": signature, "X-Akeneo-Request-Timestamp": when, **headers,
    }  # fmt: skip


def read(request: tuple[bytes, dict[str, str]], **more: Any) -> tuple[Event, ...]:
    return read_events(*request, **{"secrets": [SECRET], "now": NOW, **more})


# ---- reading ----
def test_an_event_of_the_platform() -> None:
    (event,) = read(cloud())
    assert event == Event(
        id="018f", kind="product_model", action="updated.delta", time=datetime(2026, 8, 1, 9, tzinfo=UTC),
        author="1_abc", author_type="api", data={"product_model": {"code": "m1"}},
    )  # fmt: skip
    assert event.is_by("erp", "1_abc")
    assert not event.is_by("erp")


def test_events_of_the_old_api() -> None:
    updated, removed = read(old())
    assert (updated.kind, updated.action, updated.data) == ("product", "updated", {"identifier": "DR-18"})
    assert (removed.kind, removed.action, removed.author, removed.author_type) == (
        "product_model",
        "removed",
        "julia",
        "ui",
    )


def test_either_signature_and_either_secret_counts_while_one_is_replaced() -> None:
    content, _ = cloud()
    new = {"X-Akeneo-Signature-Primary": digest(content, "new"), "X-Akeneo-Signature-Secondary": digest(content)}
    assert read((content, new))
    assert read((content, new), secrets=["unknown", "new"])
    with pytest.raises(EventRefused, match="no signature fits"):
        read((content, new), secrets=["unknown"])


# ---- refusing ----
@pytest.mark.parametrize("sender", [cloud, old])
def test_a_body_that_was_touched_is_refused(sender: Callable[[], tuple[bytes, dict[str, str]]]) -> None:
    content, headers = sender()
    for touched in (
        content + b" ",
        content[:-1],
        content.replace(b"2026", b"2027"),
        json.dumps(json.loads(content), indent=1).encode(),
    ):
        with pytest.raises(EventRefused, match="fit"):
            read((touched, headers))


@given(st.text())
def test_no_other_signature_fits(signature: str) -> None:
    content, _ = cloud()
    if signature.strip().lower() != digest(content):
        with pytest.raises(EventRefused):
            read((content, {"X-AKENEO-SIGNATURE-PRIMARY": signature}))


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ((b"{}", {}), "no signature of Akeneo's"),
        (cloud(**{"X-AKENEO-SIGNATURE-ALGORITHM": "md5"}), "signed by 'md5'"),
        (old(stamp=str(int(NOW.timestamp()) - 301)), "outside of the window"),
        (old(stamp=str(int(NOW.timestamp()) + 301)), "outside of the window"),
        (old(stamp="-1"), "outside of the window"),
        (old(stamp="now"), "outside of the window"),
        (cloud({**CLOUD, "time": "2026-08-01T07:00:00Z"}), "too old to be told now"),
        (cloud({**CLOUD, "time": "soon"}), "not what Akeneo sends"),
        (cloud({**CLOUD, "id": None}), "'id' is missing"),
        (cloud({**CLOUD, "data": []}), "data is no object"),
        (cloud([]), "body is no object"),
        (cloud({"events": {}}), "'events' is no list"),
        (old({"events": [7]}), "event is no object"),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason(request_: tuple[bytes, dict[str, str]], reason: str) -> None:
    with pytest.raises(EventRefused, match=reason):
        read(request_)


def test_a_body_that_is_no_json_is_refused() -> None:
    content = b"\xff{"
    with pytest.raises(EventRefused, match="not what Akeneo sends"):
        read((content, {"x-akeneo-signature-primary": digest(content)}))


@pytest.mark.parametrize("secrets", [[], [""], ["good", ""]])
def test_without_a_secret_nothing_is_read(secrets: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="anybody could tell"):
        read(cloud(), secrets=secrets)
    with pytest.raises(ConfigurationError, match="anybody could tell"):
        EventReceiver(secrets=secrets, take=print)


# ---- the receiver ----
def fresh(number: int = 1, **changes: Any) -> tuple[bytes, dict[str, str]]:
    return cloud({**CLOUD, "id": str(number), "time": datetime.now(UTC).isoformat(), **changes})


def ask(receiver: EventReceiver, *requests: tuple[bytes, dict[str, str]], method: str = "POST") -> list[int]:
    async def go() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=receiver), base_url="http://here") as client:
            return [
                (await client.request(method, "/", content=content, headers=headers)).status_code
                for content, headers in requests
            ]

    return asyncio.run(go())


def test_the_receiver_hands_over_what_is_signed() -> None:
    taken: list[Event] = []
    receiver = EventReceiver(secrets=[SECRET], take=taken.append)
    assert ask(receiver, fresh(1), (fresh(2)[0], {}), fresh(3), cloud()) == [200, 401, 200, 401]
    assert [one.id for one in taken] == ["1", "3"]


def test_the_receiver_awaits_and_leaves_out_own_changes() -> None:
    taken: list[str] = []

    async def take(event: Event) -> None:
        await asyncio.sleep(0)
        taken.append(event.id)

    receiver = EventReceiver(secrets=[SECRET], take=take, ignore=["1_abc"])
    theirs = {"product": {"uuid": "u"}, "author": {"identifier": "julia", "type": "user"}}
    assert ask(receiver, fresh(1), fresh(2, data=theirs)) == [200, 200]
    assert taken == ["2"]


def test_an_event_that_was_not_taken_comes_again() -> None:
    def full(_: Event) -> None:
        raise RuntimeError("the queue is full")

    assert ask(EventReceiver(secrets=[SECRET], take=full), fresh()) == [500]


def test_what_is_too_large_or_no_post_is_refused() -> None:
    taken: list[Event] = []
    receiver = EventReceiver(secrets=[SECRET], take=taken.append)
    assert ask(receiver, (b"x" * (1024 * 1024 + 1), {})) == [413]
    assert ask(receiver, fresh(), method="GET") == [405]
    assert taken == []


def test_the_receiver_starts_and_stops_with_its_server() -> None:
    receiver = EventReceiver(secrets=[SECRET], take=print)
    told = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[str] = []

    async def receive() -> dict[str, Any]:
        return told.pop(0)

    async def send(message: Any) -> None:
        said.append(message["type"])

    asyncio.run(receiver({"type": "lifespan"}, receive, send))
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_sender_that_hangs_up_is_left_alone() -> None:
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    scope = {"type": "http", "method": "POST", "headers": []}
    asyncio.run(EventReceiver(secrets=[SECRET], take=print)(scope, receive, send))
    assert statuses == [400, 0]


def test_old_and_new_may_differ_in_age() -> None:
    late = {**CLOUD, "time": (NOW - timedelta(minutes=35)).isoformat()}
    assert read(cloud(late)), "the platform tries again for 35 minutes"
