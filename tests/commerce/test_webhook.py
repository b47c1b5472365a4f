"""Offers by HTTP, against a real server on loopback that verifies what it gets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from attrs import define, field

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import Offer, Patience, PriceList, WebhookSink, price, verify_offers
from akeneo_erp_bridge.commerce._signature import body_of, sign
from akeneo_erp_bridge.erp import ErpItem, hot
from akeneo_erp_bridge.errors import ConfigurationError, OffersRefused, SinkError
from akeneo_erp_bridge.rules import Put

SECRET = "a secret of both"


class Offered(ErpItem):
    price = hot(Decimal, "price")


def offers(count: int = 3) -> list[Offer]:
    made = price(Offered.price, currency="EUR").run(Offered({"price": "9.90"}))
    assert isinstance(made, Put)
    assert isinstance(made.value, PriceList)
    return [
        Offer(ErpKey(f"Ä{one}"), {"price": made.value, "n": one, "gone": None}, version=one + 1) for one in range(count)
    ]


@define
class Receiver:
    """What a shop would have: it verifies, and answers as `answer` says."""

    answer: Callable[[tuple[Offer, ...]], tuple[int, dict[str, str], bytes]]
    calls: list[tuple[Offer, ...]] = field(factory=list)
    refused: list[str] = field(factory=list)
    url: str = ""
    headers: list[dict[str, str]] = field(factory=list)


@contextmanager
def receiving(answer: Callable[[tuple[Offer, ...]], tuple[int, dict[str, str], bytes]]) -> Iterator[Receiver]:
    receiver = Receiver(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.headers.append(dict(self.headers.items()))
            try:
                taken = verify_offers(body, dict(self.headers.items()), secrets=["an old one", SECRET])
            except OffersRefused as error:
                receiver.refused.append(str(error))
                status, headers, text = 401, {}, b""
            else:
                receiver.calls.append(taken)
                status, headers, text = receiver.answer(taken)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/offers"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def all_taken(_: tuple[Offer, ...]) -> tuple[int, dict[str, str], bytes]:
    return 204, {}, b""


def test_one_request_for_a_batch_signed_and_read_back_equal() -> None:
    with receiving(all_taken) as receiver, WebhookSink(receiver.url, secret=SECRET) as shop:
        assert all(one.ok for one in shop.deliver(offers()))
        assert receiver.calls == [tuple(offers())]
        assert shop.deliver([]) == []
        assert len(receiver.calls) == 1


def test_results_are_told_offer_by_offer() -> None:
    def some(taken: tuple[Offer, ...]) -> tuple[int, dict[str, str], bytes]:
        results = [{"key": taken[0].key, "error": None}, {"key": taken[1].key, "error": "unknown article"}]
        return 200, {}, json.dumps({"results": results}).encode()

    with receiving(some) as receiver, WebhookSink(receiver.url, secret=SECRET) as shop:
        assert [(one.key, one.error) for one in shop.deliver(offers())] == [("Ä0", None), ("Ä1", "unknown article")]


def test_a_wrong_secret_is_refused_by_the_receiver_and_told_without_it() -> None:
    with receiving(all_taken) as receiver, WebhookSink(f"{receiver.url}?token=hunter2", secret="guessed") as shop:
        with pytest.raises(SinkError, match="HTTP 401; is the secret the receiver's") as told:
            shop.deliver(offers())
        assert receiver.refused == ["no signature fits; is the secret the sender's?"]
        assert receiver.calls == []
        for text in (str(told.value), repr(shop)):
            assert "guessed" not in text
            assert "hunter2" not in text


def test_it_waits_as_long_as_the_receiver_says_and_backs_off_otherwise() -> None:
    answers = iter([(429, {"Retry-After": "7"}, b""), (503, {}, b"busy"), (500, {}, b""), (204, {}, b"")])
    slept: list[float] = []
    patience = Patience(first_pause=timedelta(seconds=1))
    with (
        receiving(lambda _: next(answers)) as receiver,
        WebhookSink(receiver.url, secret=SECRET, patience=patience, sleep=slept.append) as shop,
    ):
        assert all(one.ok for one in shop.deliver(offers()))
        assert len(receiver.calls) == 4
        assert slept[0] == 7
        assert 1 <= slept[1] <= 2
        assert 2 <= slept[2] <= 4


@pytest.mark.parametrize(
    ("status", "headers", "tries"),
    [(503, {}, 3), (429, {"Retry-After": "3600"}, 1), (404, {}, 1), (302, {"Location": "/"}, 1)],
)
def test_it_gives_up_with_an_error_that_says_what_was_seen(status: int, headers: dict[str, str], tries: int) -> None:
    slept: list[float] = []
    with (
        receiving(lambda _: (status, headers, b"no")) as receiver,
        WebhookSink(receiver.url, secret=SECRET, patience=Patience(attempts=3), sleep=slept.append) as shop,
    ):
        with pytest.raises(SinkError, match=rf"HTTP {status} \(no\)"):
            shop.deliver(offers())
        assert len(receiver.calls) == tries
        assert len(slept) == tries - 1


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    slept: list[float] = []
    with (
        WebhookSink(
            "http://127.0.0.1:1/offers", secret=SECRET, patience=Patience(attempts=3), sleep=slept.append
        ) as shop,
        pytest.raises(SinkError, match="took no offers in 3 tries: ConnectError"),
    ):
        shop.deliver(offers())
    assert len(slept) == 2


def test_a_batch_that_is_refused_is_halved_until_the_bad_offer_is_found() -> None:
    def strict(taken: tuple[Offer, ...]) -> tuple[int, dict[str, str], bytes]:
        return (422, {}, b"offer 5 is wrong") if any(one.key == "Ä5" for one in taken) else (204, {}, b"")

    with receiving(strict) as receiver, WebhookSink(receiver.url, secret=SECRET) as shop:
        results = {one.key: one.error for one in shop.deliver(offers(8))}
    assert results == {f"Ä{one}": "HTTP 422 (offer 5 is wrong)" if one == 5 else None for one in range(8)}
    assert len(receiver.calls) == 7


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"results": [{"key": 1, "error": null}]}', b'{"results": 5}'])
def test_an_answer_that_is_none_is_an_error_of_the_sink(body: bytes) -> None:
    with (
        receiving(lambda _: (200, {}, body)) as receiver,
        WebhookSink(receiver.url, secret=SECRET) as shop,
        pytest.raises(SinkError, match="answered 200 and no results"),
    ):
        shop.deliver(offers())


def test_wrong_settings() -> None:
    for url in ("", "shop.example.com", "ftp://shop", "http://"):
        with pytest.raises(ConfigurationError, match="begins with https"):
            WebhookSink(url, secret=SECRET)
    with pytest.raises(ConfigurationError, match="needs a secret"):
        WebhookSink("https://shop.example.com", secret="")


# ---- the receiver's side ----
MOMENT = datetime(2026, 8, 1, 9, tzinfo=UTC)
BODY = body_of(offers())
SIGNED = sign(BODY, SECRET, MOMENT)


def test_what_was_signed_is_read_whatever_the_case_of_the_headers() -> None:
    loud = {name.upper(): text for name, text in SIGNED.items()}
    assert verify_offers(BODY, loud, secrets=[SECRET], now=MOMENT + timedelta(minutes=5)) == tuple(offers())


@pytest.mark.parametrize(
    ("body", "headers", "now", "told"),
    [
        (BODY, {}, MOMENT, "bears no signature"),
        (BODY[:-1] + b" ", SIGNED, MOMENT, "no signature fits"),
        (BODY, {**SIGNED, "bridge-timestamp": str(int(MOMENT.timestamp()) + 1)}, MOMENT, "no signature fits"),
        (BODY, {**SIGNED, "bridge-signature": "sha256=ä"}, MOMENT, "no signature fits"),
        (BODY, {**SIGNED, "bridge-signature": SIGNED["bridge-signature"][7:]}, MOMENT, "no signature fits"),
        (BODY, SIGNED, MOMENT + timedelta(minutes=6), "outside of the window"),
        (BODY, SIGNED, MOMENT - timedelta(minutes=6), "outside of the window"),
        (b"{}", sign(b"{}", SECRET, MOMENT), MOMENT, "holds no offers"),
        (b"x", sign(b"x", SECRET, MOMENT), MOMENT, "holds no offers"),
        (b'{"offers": [{}]}', sign(b'{"offers": [{}]}', SECRET, MOMENT), MOMENT, "is no offer"),
    ],
)
def test_what_is_not_signed_as_it_should_is_refused(
    body: bytes, headers: dict[str, str], now: datetime, told: str
) -> None:
    with pytest.raises(OffersRefused, match=told) as refused:
        verify_offers(body, headers, secrets=[SECRET], now=now)
    assert SECRET not in str(refused.value)


def test_without_a_secret_nothing_is_verified() -> None:
    for secrets in ([], [""], [SECRET, ""]):
        with pytest.raises(ConfigurationError):
            verify_offers(BODY, SIGNED, secrets=secrets, now=MOMENT)
