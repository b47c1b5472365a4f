"""Events as values: the signature over the bytes as they came, then what the two senders tell, read alike."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._json import loads
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.errors import ConfigurationError, EventRefused

__all__ = ["Event", "check_secrets", "read_events"]

_PREFIX: Final = "com.akeneo.pim.v1."
_PLATFORM: Final = ("x-akeneo-signature-primary", "x-akeneo-signature-secondary")
_OLD_SIGNATURE: Final = "x-akeneo-request-signature"
_OLD_TIMESTAMP: Final = "x-akeneo-request-timestamp"
_WINDOW: Final = timedelta(minutes=5)
_OLDEST: Final = timedelta(hours=1)  # the platform tries again for 35 minutes


@frozen(kw_only=True)
class Event:
    """Something that happened in the PIM.

    `kind` is what it happened to and `action` what happened: ``product`` and ``updated``, ``product`` and
    ``updated.delta``, ``product_model`` and ``removed``. `author` is the client id where a program did it.
    `data` is what the PIM tells of the thing: the whole of it from the Events API, its key from the platform.
    """

    id: str
    kind: str
    action: str
    time: datetime
    author: str | None = None
    author_type: str | None = None
    data: JsonObject = field(factory=dict[str, JsonValue], repr=False)

    def is_by(self, *authors: str) -> bool:
        """Whether one of these did it: give your own client id (or user name), to leave out your own changes.

        >>> Event(id="1", kind="product", action="updated", time=datetime.now(UTC), author="1_abc").is_by("1_abc")
        True
        """
        return self.author in authors


def read_events(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secrets: Collection[str],
    now: datetime | None = None,
    window: timedelta = _WINDOW,
    oldest: timedelta = _OLDEST,
) -> tuple[Event, ...]:
    """Verify a request and read its events.

    *body* is the request's body as it came, not parsed and written again. *secrets* are those that count, two while
    one is replaced by another. A request of the Events API is refused when it is older than *window*, by its signed
    time stamp; an event of the platform when it is older than *oldest*. Raises `EventRefused` with the reason, and
    `ConfigurationError` without a secret.

    >>> body = (
    ...     b'{"specversion": "1.0", "id": "018f", "type": "com.akeneo.pim.v1.product.updated", '
    ...     b'"time": "2026-08-01T09:00:00Z", "data": {"product": {"uuid": "7e0c"}, "author": {"type": "user"}}}'
    ... )
    >>> signature = hmac.new(b"a secret", body, hashlib.sha256).hexdigest()
    >>> signed = {"X-AKENEO-SIGNATURE-PRIMARY": signature}
    >>> (event,) = read_events(body, signed, secrets=["a secret"], now=datetime(2026, 8, 1, 9, 1, tzinfo=UTC))
    >>> event.kind, event.action, event.data
    ('product', 'updated', {'product': {'uuid': '7e0c'}})
    >>> read_events(body, signed, secrets=["another"])
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.EventRefused: no signature fits; is the secret the subscription's?
    """
    check_secrets(secrets)
    known = {name.lower(): text for name, text in headers.items()}
    moment = datetime.now(UTC) if now is None else now
    if _OLD_SIGNATURE in known:
        _check_old(body, known, secrets, moment, window)
    elif any(name in known for name in _PLATFORM):
        _check_platform(body, known, secrets)
    else:
        raise EventRefused("the request bears no signature of Akeneo's")
    try:
        found = tuple(_events(loads(body)))
    except ValueError as error:
        raise EventRefused(f"the body is signed, and not what Akeneo sends: {error}") from error
    if _OLD_SIGNATURE not in known:
        for event in found:
            if abs(moment - event.time) > oldest:
                raise EventRefused(f"event {event.id} is of {event.time.isoformat()}, too old to be told now")
    return found


# ---- signatures ----
def check_secrets(secrets: Collection[str]) -> None:
    """Raise `ConfigurationError` where there is none."""
    if not secrets or not all(secrets):
        raise ConfigurationError("without a secret anybody could tell events; give the subscription's")


def _check_old(
    body: bytes, headers: Mapping[str, str], secrets: Collection[str], now: datetime, window: timedelta
) -> None:
    stamp = headers.get(_OLD_TIMESTAMP, "")
    if not _is_signed(stamp.encode() + b"." + body, [headers[_OLD_SIGNATURE]], secrets):
        raise EventRefused("the signature does not fit; is the secret the subscription's?")
    if not stamp.isdecimal() or abs(now.timestamp() - int(stamp)) > window.total_seconds():
        raise EventRefused(f"the request is of {stamp!r}, outside of the window of {window}")


def _check_platform(body: bytes, headers: Mapping[str, str], secrets: Collection[str]) -> None:
    algorithm = headers.get("x-akeneo-signature-algorithm", "HmacSHA256")
    if algorithm.lower() != "hmacsha256":
        raise EventRefused(f"the request is signed by {algorithm!r}, which this package does not know")
    if not _is_signed(body, [headers[name] for name in _PLATFORM if name in headers], secrets):
        raise EventRefused("no signature fits; is the secret the subscription's?")


def _is_signed(signed: bytes, given: Collection[str], secrets: Collection[str]) -> bool:
    """Compares all with all, in constant time: how long it takes tells nothing."""
    fits = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        for one in given:
            fits |= hmac.compare_digest(one.strip().lower().encode("utf-8", "replace"), expected)
    return fits


# ---- bodies ----
def _events(raw: JsonValue) -> Iterator[Event]:
    body = _object(raw, "body")
    many = body.get("events")
    if many is None:
        yield _cloud_event(body)
        return
    if not isinstance(many, list):
        raise ValueError("'events' is no list")
    for one in many:
        yield _old_event(_object(one, "event"))


def _cloud_event(body: JsonObject) -> Event:
    kind, _, action = _text(body, "type").removeprefix(_PREFIX).partition(".")
    data = _object(body.get("data", {}), "data")
    author = _object(data.get("author") or {}, "author")
    return Event(
        id=_text(body, "id"),
        kind=kind.replace("-", "_"),
        action=action,
        time=_moment(_text(body, "time")),
        author=_maybe(author, "identifier"),
        author_type=_maybe(author, "type"),
        data={name: part for name, part in data.items() if name != "author"},
    )


def _old_event(body: JsonObject) -> Event:
    kind, _, action = _text(body, "action").partition(".")
    data = _object(body.get("data", {}), "data")
    return Event(
        id=_text(body, "event_id"),
        kind=kind,
        action=action,
        time=_moment(_text(body, "event_datetime")),
        author=_maybe(body, "author"),
        author_type=_maybe(body, "author_type"),
        data=_object(data.get("resource") or {}, "resource"),
    )


def _object(raw: JsonValue, name: str) -> JsonObject:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{name} is no object")
    return raw


def _text(body: JsonObject, name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text:
        raise ValueError(f"'{name}' is missing")
    return text


def _maybe(body: JsonObject, name: str) -> str | None:
    text = body.get(name)
    return text if isinstance(text, str) else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
