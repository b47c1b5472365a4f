"""What the PIM tells by itself: events, verified over the bytes as they came, and a receiver for any ASGI server.

Two senders are read alike: the Event Platform (CloudEvents), and the Events API, which Akeneo stops at the end of 2026.
Both may tell an event twice, late, or in another order: drop an `id` you know, and read the thing itself again instead
of trusting the event. While a subscription is suspended its events are lost, so a search by `updated` must follow.

::

    receiver = EventReceiver(secrets=[SECRET], take=queue.put_nowait)     # uvicorn module:receiver

Source: Akeneo's documentation of the Event Platform and of the Events API.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._json import loads
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.errors import ConfigurationError, EventRefused

__all__ = ["Event", "EventReceiver", "read_events"]

_log: Final = logging.getLogger("akeneo_erp_bridge")

_PREFIX: Final = "com.akeneo.pim.v1."
_PLATFORM: Final = ("x-akeneo-signature-primary", "x-akeneo-signature-secondary")
_OLD_SIGNATURE: Final = "x-akeneo-request-signature"
_OLD_TIMESTAMP: Final = "x-akeneo-request-timestamp"
_WINDOW: Final = timedelta(minutes=5)
_OLDEST: Final = timedelta(hours=1)  # the platform tries again for 35 minutes
_LARGEST: Final = 1024 * 1024


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
    _check_secrets(secrets)
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
def _check_secrets(secrets: Collection[str]) -> None:
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


# ---- the receiver ----
# ASGI's own types are mappings of anything; they belong to the server, and only what is needed is looked at.
_Scope: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Reply: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_Take: TypeAlias = "Callable[[Event], object]"
"""Takes one event, and may be a coroutine function. It must be quick: put the event into a queue."""


class EventReceiver:
    """An ASGI application that verifies requests and hands each event to *take*; mount it in any ASGI app.

    The platform waits 5 seconds for the answer and the Events API half a second, so *take* should only queue. Answers
    200 when all events are taken, 401 for what is not signed, 413 for more than a megabyte, 405 for what is no POST,
    and 500 when *take* raises, so that the platform tells the event again. *ignore* are authors whose events are
    dropped, such as your own client id.

    >>> taken: list[Event] = []
    >>> receiver = EventReceiver(secrets=["a secret"], take=taken.append, ignore=["1_abc"])
    >>> callable(receiver)  # uvicorn module:receiver
    True
    >>> EventReceiver(secrets=[], take=taken.append)
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.ConfigurationError: without a secret anybody could tell events; give the subscription's
    """

    def __init__(self, *, secrets: Collection[str], take: _Take, ignore: Collection[str] = ()) -> None:
        _check_secrets(secrets)
        self._secrets = tuple(secrets)
        self._take = take
        self._ignore = tuple(ignore)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Reply) -> None:
        """Serve one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            status = 405 if scope["method"] != "POST" else await self._receive(scope, receive)
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    async def _receive(self, scope: _Scope, receive: _Receive) -> int:
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return 400
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > _LARGEST:
                return 413
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        try:
            events = read_events(body, headers, secrets=self._secrets)
        except EventRefused as error:
            _log.warning("event refused: %s", error)
            return 401
        return await self._hand_over(events)

    async def _hand_over(self, events: Collection[Event]) -> int:
        for event in events:
            if event.is_by(*self._ignore):
                continue
            try:
                taken = self._take(event)
                if inspect.isawaitable(taken):
                    await taken
            except Exception:  # noqa: BLE001 - whatever went wrong there, the sender must hear of it
                _log.exception("event %s was not taken", event.id)
                return 500
        return 200


async def _lifespan(receive: _Receive, send: _Reply) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
