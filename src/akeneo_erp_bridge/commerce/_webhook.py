"""Offers by HTTP: one signed request for each batch, to whatever stands before a shop."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import httpx
from attrs import field, frozen, validators

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce._signature import body_of, sign
from akeneo_erp_bridge.commerce.interfaces import Offer, OfferResult
from akeneo_erp_bridge.errors import ConfigurationError, SinkError

_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARTIAL: Final = frozenset({400, 409, 413, 422})
"""What is wrong with a batch may be wrong with one of its offers only."""


@frozen(kw_only=True)
class Patience:
    """How often a request is tried, and how long the pauses in between are.

    Without `Retry-After` the pauses begin at *first_pause* and double up to *longest_pause*; each is shortened by up to
    half, at random. A `Retry-After` beyond *longest_retry_after* ends the tries.

    >>> Patience(attempts=3).attempts
    3
    """

    attempts: int = field(default=5, validator=validators.ge(1))
    first_pause: timedelta = timedelta(milliseconds=200)
    longest_pause: timedelta = timedelta(seconds=10)
    longest_retry_after: timedelta = timedelta(minutes=1)

    def pause(self, attempt: int, retry_after: timedelta | None) -> timedelta | None:
        """Before the next try, after this many; `None`: there is none."""
        if attempt >= self.attempts or (retry_after is not None and retry_after > self.longest_retry_after):
            return None
        if retry_after is not None:
            return retry_after
        longest = min(self.first_pause * (1 << min(attempt - 1, 30)), self.longest_pause)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret: two that wait wait differently


class WebhookSink:
    """Posts each batch as JSON to an address, signed; `verify_offers` is for the receiver.

    ::

        shop = WebhookSink("https://shop.example.com/offers", secret=os.environ["OFFERS_SECRET"])

    The body is ``{"offers": [{"key": ..., "version": ..., "values": {"price": {"decimal": "9.90"}}}]}``, where null is a value
    that is withdrawn. ``Bridge-Timestamp`` tells when it was signed, in seconds since 1970, and ``Bridge-Signature`` is
    ``sha256=`` and the HMAC-SHA256 of the time stamp, a point and the body, in hexadecimal digits.

    The receiver answers 200 and ``{"results": [{"key": ..., "error": null}]}``, with a reason in words for each offer that it
    does not take; 204, or 200 without a body, says that all are taken. What it leaves out is sent again later. A batch
    that is refused as a whole with 400, 409, 413 or 422 is sent in halves, until the offer is found that is at fault.

    After 408, 425, 429, 5xx and broken connections it tries again with `patience`, and obeys ``Retry-After``. Redirects are not
    followed. Raises `SinkError` when the receiver takes nothing, and `ConfigurationError` for an address that is none, or
    without a secret. *transport* is for tests and for proxies of your own.

    >>> def receive(request: httpx.Request) -> httpx.Response:
    ...     return httpx.Response(200, json={"results": [{"key": "DR-18", "error": "unknown article"}]})
    >>> shop = WebhookSink("https://shop.example.com/offers", secret="a secret", transport=httpx.MockTransport(receive))
    >>> shop.deliver([Offer(ErpKey("DR-18"), {"available": 7}, version=1)])
    [OfferResult(key='DR-18', error='unknown article')]
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        patience: Patience = Patience(),
        timeout: timedelta = timedelta(seconds=10),
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL:
            address = httpx.URL("")
        if address.scheme not in ("http", "https") or not address.host:
            raise ConfigurationError("WebhookSink needs an address that begins with https:// (or http://)")
        if not secret:
            raise ConfigurationError(
                "WebhookSink needs a secret: without one anybody could make offers to the receiver"
            )
        self._url = address
        self._shown = str(address.copy_with(userinfo=b"", query=None, fragment=None))
        self._secret = secret
        self._patience = patience
        self._sleep = sleep
        self._http = httpx.Client(timeout=timeout.total_seconds(), transport=transport, follow_redirects=False)

    def __repr__(self) -> str:
        return f"<WebhookSink: {self._shown}>"

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """One request, if need be several times."""
        if not offers:
            return []
        answer = self._posted(body_of(offers))
        if answer.status_code in _PARTIAL:
            return self._apart(offers, answer)
        if not answer.is_success:
            raise SinkError(f"{self._shown} refused {len(offers)} offers: {_words(answer)}{_hint(answer)}")
        return self._results(offers, answer)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- requests ----
    def _posted(self, body: bytes) -> httpx.Response:
        attempt = 1
        while True:
            answer, trouble = self._tried(body)
            if answer is not None and answer.status_code not in _PASSING:
                return answer
            pause = self._patience.pause(attempt, _asked(answer))
            if pause is None:
                told = trouble if answer is None else _words(answer)
                raise SinkError(
                    f"{self._shown} took no offers in {attempt} tries: {told}; nothing is lost, try again later"
                )
            self._sleep(pause.total_seconds())
            attempt += 1

    def _tried(self, body: bytes) -> tuple[httpx.Response | None, str]:
        # signed anew at each try: the receiver refuses what was signed long ago
        headers = {"content-type": "application/json", **sign(body, self._secret, datetime.now(UTC))}
        try:
            return self._http.post(self._url, content=body, headers=headers), ""
        except httpx.TransportError as error:
            return None, f"{type(error).__name__}: {error}"

    def _apart(self, offers: Sequence[Offer], answer: httpx.Response) -> Sequence[OfferResult]:
        """The same in halves; an offer that is refused alone is at fault."""
        if len(offers) == 1:
            return [OfferResult(offers[0].key, _words(answer))]
        middle = len(offers) // 2
        return [*self.deliver(offers[:middle]), *self.deliver(offers[middle:])]

    # ---- answers ----
    def _results(self, offers: Sequence[Offer], answer: httpx.Response) -> Sequence[OfferResult]:
        if not answer.content.strip():
            return [OfferResult(one.key) for one in offers]
        try:
            return _read(answer.json())
        except ValueError as error:
            raise SinkError(
                f"{self._shown} answered {answer.status_code} and no results ({error}); it answers "
                '{"results": [{"key": ..., "error": null}]}, or nothing at all where all offers are taken'
            ) from None


def _read(raw: JsonValue) -> list[OfferResult]:
    match raw:
        case {"results": list(results)}:
            return [_result(one) for one in results]
        case _:
            raise ValueError("there is no list of results")


def _result(raw: JsonValue) -> OfferResult:
    match raw:
        case {"key": str(key), "error": None}:
            return OfferResult(ErpKey(key))
        case {"key": str(key), "error": str(error)}:
            return OfferResult(ErpKey(key), error or "refused without a reason")
        case _:
            raise ValueError(f"{json.dumps(raw)[:60]} is no result")


def _asked(answer: httpx.Response | None) -> timedelta | None:
    return None if answer is None else read_retry_after(answer.headers.get("retry-after"), now=datetime.now(UTC))


def _words(answer: httpx.Response) -> str:
    text = " ".join(answer.text.split())[:200]
    return f"HTTP {answer.status_code}{f' ({text})' if text else ''}"


def _hint(answer: httpx.Response) -> str:
    if answer.status_code in (401, 403):
        return "; is the secret the receiver's, and is its clock right?"
    return "; is the address right?" if answer.status_code in (301, 302, 307, 308, 404, 405, 410) else ""
