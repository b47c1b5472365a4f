"""The connection of a sink, against a small server on loopback that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce import MedusaSink, Offer, OscarSink, ShopKey, ShopLogin, VendureSink
from akeneo_erp_bridge.commerce._shops._json import read_json, write_json
from akeneo_erp_bridge.errors import ConfigurationError, SinkError

SECRET = "sk_0123456789abcdef"
EUR = CurrencyCode("EUR")
Answer = tuple[int, dict[str, str], str]


class Server:
    """Answers from a list, the last one again and again; remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def reply(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append((f"{self.command} {self.path}", dict(self.headers)))
                status, headers, text = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if not status:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(status)
                for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PATCH = reply

            def log_message(self, *_: object) -> None:
                """Quiet."""

            def finish(self) -> None:
                with suppress(OSError, ValueError):  # closed on purpose
                    super().finish()

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


def partners() -> Answer:
    return 200, {}, '[{"url": "http://elsewhere.example/api/admin/partners/1/", "code": "main"}]'


def product(stock_url: str = "http://elsewhere.example/api/admin/stockrecords/5/") -> Answer:
    partner = "http://elsewhere.example/api/admin/partners/1/"
    record = {"url": stock_url, "partner": partner, "price_currency": "EUR", "price": "1.00", "num_in_stock": 1}
    return 200, {}, json.dumps({"upc": "A", "stockrecords": [record]})


def oscar(server: Server, *, tries: int = 3) -> OscarSink:
    pauses = (timedelta(milliseconds=1),) * (tries - 1)
    return OscarSink(server.url, ShopKey(SECRET), currency=EUR, pauses=pauses)


def deliver(sink: OscarSink) -> str | None:
    (result,) = sink.deliver([Offer(ErpKey("A"), {"price": Decimal("2.50")})])
    return result.error


@pytest.mark.parametrize(
    "trouble", [(502, {}, ""), (503, {}, "busy"), (504, {}, ""), (429, {"Retry-After": "0"}, ""), (0, {}, "")]
)
def test_a_trouble_that_passes_is_tried_again(server: Server, trouble: Answer) -> None:
    server.answers = [trouble, partners(), trouble, product(), trouble, trouble, (200, {}, "{}")]
    with oscar(server) as sink:
        assert deliver(sink) is None
    assert [asked for asked, _ in server.asked[-3:]] == ["PATCH /admin/stockrecords/5/"] * 3


def test_a_trouble_that_stays_is_a_sink_error_after_so_many_tries(server: Server) -> None:
    server.answers = [(503, {}, "")]
    with oscar(server) as sink, pytest.raises(SinkError, match=r"does not answer \(HTTP 503\)"):
        deliver(sink)
    assert len(server.asked) == 3


def test_a_long_pause_is_left_to_the_next_run(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "3600"}, "")]
    with oscar(server) as sink, pytest.raises(SinkError, match="asks to wait 3600 seconds"):
        deliver(sink)
    assert len(server.asked) == 1


def test_retry_after_may_be_a_date(server: Server) -> None:
    server.answers = [
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, ""),
        partners(),
        product(),
        (200, {}, "{}"),
    ]
    with oscar(server) as sink:
        assert deliver(sink) is None


def test_no_redirect_is_followed_and_no_other_address_asked(server: Server) -> None:
    other = Server()
    other.answers = [(200, {}, "{}")]
    server.answers = [(302, {"Location": f"{other.url}/admin/partners/"}, "")]
    with oscar(server) as sink, pytest.raises(SinkError, match=r"redirects \(HTTP 302\), which is not followed"):
        deliver(sink)
    # the addresses of records that a shop tells may be of another host: only their ids are used
    server.answers = [partners(), product(f"{other.url}/api/admin/stockrecords/5/"), (200, {}, "{}")]
    with oscar(server) as sink:
        assert deliver(sink) is None
    other.http.shutdown()
    other.http.server_close()
    assert other.asked == []
    assert all(headers["Authorization"] == f"Token {SECRET}" for _, headers in server.asked)


@pytest.mark.parametrize("page", ["<html>a page</html>", "", "[[[", "[" * 100_000])
def test_something_else_than_the_shop_is_told(server: Server, page: str) -> None:
    server.answers = [(200, {}, page)]
    with oscar(server) as sink, pytest.raises(SinkError, match="is the URL right"):
        deliver(sink)


def test_an_html_page_instead_of_a_reason(server: Server) -> None:
    server.answers = [partners(), product(), (500, {}, "<html>a page</html>"), partners()]
    with oscar(server) as sink:
        assert deliver(sink) == "the shop answered HTTP 500 without a reason; look into its log"


def test_a_shop_that_fails_at_everything_is_down_and_not_one_line_refused(server: Server) -> None:
    server.answers = [partners(), product(), (500, {}, "<html>a page</html>")]
    with oscar(server) as sink, pytest.raises(SinkError, match=r"fails \(HTTP 500\); look into its log"):
        deliver(sink)


def test_a_user_without_the_right_is_told_after_one_more_sign_in(server: Server) -> None:
    server.answers = [(403, {}, '{"detail": "You do not have permission"}')]
    with oscar(server) as sink, pytest.raises(SinkError, match="It needs the right to change products"):
        deliver(sink)
    assert len(server.asked) == 2


def test_no_cookie_is_kept(server: Server) -> None:
    answers = [partners(), product(), (200, {}, "{}")]
    server.answers = [
        (status, {**headers, "Set-Cookie": "session=1; Path=/"}, text) for status, headers, text in answers
    ]
    with oscar(server) as sink:
        assert deliver(sink) is None
    assert [headers for _, headers in server.asked if "cookie" in {name.lower() for name in headers}] == []


@pytest.mark.parametrize(
    "url", ["shop.example.com", "ftp://shop.example.com", "http://", "http://erp:secret-word@shop.example.com"]
)
@pytest.mark.parametrize("kind", [VendureSink, MedusaSink, OscarSink])
def test_an_address_that_cannot_be(kind: Callable[..., object], url: str) -> None:
    with pytest.raises(ConfigurationError, match="the shop's URL") as caught:
        kind(url, ShopKey(SECRET), currency=EUR)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "sk 1", "sk_1\n", "schlüssel"])
def test_a_key_that_cannot_be_one_is_told_without_it(key: str) -> None:
    with pytest.raises(ConfigurationError, match="copy it anew") as caught:
        ShopKey(key)
    assert not key or key not in str(caught.value)


def test_credentials_are_never_shown() -> None:
    sink = VendureSink("http://127.0.0.1:9", ShopLogin("erp", SECRET), currency=EUR)
    for one in (sink, ShopLogin("erp", SECRET), ShopKey(SECRET)):
        assert SECRET not in f"{one!r} {one}"
    sink.close()


def test_json_keeps_all_digits() -> None:
    body: Any = {"amount": Decimal("19.990"), "rows": [1, None, True, "é\n"], "none": []}
    assert write_json(body) == b'{"amount":19.990,"rows":[1,null,true,"\\u00e9\\n"],"none":[]}'
    assert read_json(write_json(body)) == body
