"""What every receiver of events does before it takes one: an ASGI application's reading, limits and verifying.

Nothing is read of a body before its signature fits.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, MutableMapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.akeneo._event_reading import Event, check_secrets, read_events
from akeneo_erp_bridge.errors import EventRefused

__all__ = ["Answered", "EventRequests", "Receive", "Reply", "Scope"]

_log: Final = logging.getLogger("akeneo_erp_bridge")

_LARGEST: Final = 1024 * 1024

# ASGI's own types are mappings of anything; they belong to the server, and only what is needed is looked at.
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Reply: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@frozen
class Answered:
    """What the sender is answered: a status, and in how many seconds it may try again."""

    status: int
    retry_after: int | None = None


async def _nothing() -> None:
    return None


class EventRequests:
    """Serves requests, and the server's start and stop; *take* is given the events that nobody of *ignore* has caused.

    *stop* is awaited before the server is told that it may end.
    """

    def __init__(
        self,
        *,
        secrets: Collection[str],
        ignore: Collection[str],
        take: Callable[[Sequence[Event]], Awaitable[Answered]],
        stop: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        check_secrets(secrets)
        self._secrets = tuple(secrets)
        self._ignore = tuple(ignore)
        self._take = take
        self._stop = stop

    async def serve(self, scope: Scope, receive: Receive, send: Reply) -> None:
        """Serve one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            answered = Answered(405) if scope["method"] != "POST" else await self._answered(scope, receive)
            headers = [(b"content-length", b"0")]
            if answered.retry_after is not None:
                headers.append((b"retry-after", b"%d" % answered.retry_after))
            await send({"type": "http.response.start", "status": answered.status, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

    async def _answered(self, scope: Scope, receive: Receive) -> Answered:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return Answered(400)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > _LARGEST:
                return Answered(413)
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        try:
            events = read_events(b"".join(parts), headers, secrets=self._secrets)
        except EventRefused as error:
            _log.warning("event refused: %s", error)
            return Answered(401)
        return await self._take([one for one in events if not one.is_by(*self._ignore)])

    async def _lifespan(self, receive: Receive, send: Reply) -> None:
        while True:
            message = await receive()
            ends = message["type"] == "lifespan.shutdown"
            if ends:
                await self._stop()
            await send({"type": f"{message['type']}.complete"})
            if ends:
                return
