"""Requests with offers: their body, their signature, and what a receiver checks of both."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce._wire import from_wire, to_wire
from akeneo_erp_bridge.commerce.interfaces import Offer
from akeneo_erp_bridge.errors import ConfigurationError, OffersRefused

TIMESTAMP: Final = "bridge-timestamp"
SIGNATURE: Final = "bridge-signature"
_SCHEME: Final = "sha256="
_WINDOW: Final = timedelta(minutes=5)


def sign(body: bytes, secret: str, moment: datetime) -> dict[str, str]:
    """The two headers: when it was signed, in whole seconds, and HMAC-SHA256 over ``TIMESTAMP.BODY``."""
    stamp = str(int(moment.timestamp()))
    return {TIMESTAMP: stamp, SIGNATURE: _SCHEME + _mac(stamp, body, secret)}


def body_of(offers: Sequence[Offer]) -> bytes:
    """The body of a request.

    >>> body_of([Offer(ErpKey("DR-18"), {"available": 7}, version=2)])
    b'{"offers":[{"key":"DR-18","version":2,"values":{"available":{"integer":7}}}]}'
    """
    told = [
        {"key": one.key, "version": one.version, "values": {feed: to_wire(value) for feed, value in one.values.items()}}
        for one in offers
    ]
    return json.dumps({"offers": told}, ensure_ascii=False, separators=(",", ":")).encode()


def verify_offers(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secrets: Collection[str],
    now: datetime | None = None,
    window: timedelta = _WINDOW,
) -> tuple[Offer, ...]:
    """For whoever receives what `WebhookSink` sends: verify a request, and read its offers.

    *body* is the request's body as it came, not parsed and written again. *secrets* are those that count, two while one
    is replaced by another. A request that was signed more than *window* ago, or ahead, is refused: nobody can send an
    old one again. Signatures are compared in constant time.

    Offers may come twice, and late: keep the version of each key, and leave out an offer whose version is smaller.

    Raises `OffersRefused` with the reason, and `ConfigurationError` without a secret.

    >>> moment = datetime(2026, 8, 1, 9, tzinfo=UTC)
    >>> body = body_of([Offer(ErpKey("DR-18"), {"available": 7}, version=2)])
    >>> (offer,) = verify_offers(body, sign(body, "a secret", moment), secrets=["a secret"], now=moment)
    >>> offer.key, offer.values["available"], offer.version
    ('DR-18', 7, 2)
    >>> verify_offers(body, sign(body, "guessed", moment), secrets=["a secret"], now=moment)
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.OffersRefused: no signature fits; is the secret the sender's?
    """
    if not secrets or not all(secrets):
        raise ConfigurationError("without a secret anybody could make offers; give the sender's")
    known = {name.lower(): text for name, text in headers.items()}
    if SIGNATURE not in known or TIMESTAMP not in known:
        raise OffersRefused("the request bears no signature")
    stamp = known[TIMESTAMP]
    given = known[SIGNATURE].strip().encode("utf-8", "replace")
    fits = False
    for secret in secrets:  # all of them, so that how long it takes tells nothing
        fits |= hmac.compare_digest((_SCHEME + _mac(stamp, body, secret)).encode(), given)
    if not fits:
        raise OffersRefused("no signature fits; is the secret the sender's?")
    moment = datetime.now(UTC) if now is None else now
    if not stamp.isdecimal() or abs(moment.timestamp() - int(stamp)) > window.total_seconds():
        raise OffersRefused(f"the request was signed at {stamp!r}, outside of the window of {window}")
    try:
        return _offers(json.loads(body))
    except ValueError as error:
        raise OffersRefused(f"the body is signed, and holds no offers: {error}") from error


def _mac(stamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), stamp.encode("utf-8", "replace") + b"." + body, hashlib.sha256).hexdigest()


def _offers(raw: JsonValue) -> tuple[Offer, ...]:
    match raw:
        case {"offers": list(offers)}:
            return tuple(_offer(one) for one in offers)
        case _:
            raise ValueError("there is no list of offers in it")


def _offer(raw: JsonValue) -> Offer:
    match raw:
        case {"key": str(key), "version": int(version), "values": dict(values)}:
            return Offer(ErpKey(key), {feed: from_wire(value) for feed, value in values.items()}, version=version)
        case _:
            raise ValueError(f"{str(raw)[:60]!r} is no offer")
