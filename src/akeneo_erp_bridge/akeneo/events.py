"""What the PIM tells by itself: events, verified over the bytes as they came, and a receiver for any ASGI server.

Two senders are read alike: the Event Platform (CloudEvents), and the Events API, which Akeneo stops at the end of 2026.
Both may tell an event twice, late, or in another order: drop an `id` you know, and read the thing itself again instead
of trusting the event. While a subscription is suspended its events are lost, so a search by `updated` must follow.

::

    receiver = EventReceiver(secrets=[SECRET], take=queue.put_nowait)     # uvicorn module:receiver

Source: Akeneo's documentation of the Event Platform and of the Events API.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeAlias

from akeneo_erp_bridge.akeneo._event_reading import Event, read_events
from akeneo_erp_bridge.akeneo._event_requests import Answered, EventRequests, Receive, Reply, Scope

__all__ = ["Event", "EventReceiver", "Receive", "Reply", "Scope", "read_events"]

_log: Final = logging.getLogger("akeneo_erp_bridge")

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
        self._requests = EventRequests(secrets=secrets, ignore=ignore, take=self._hand_over)
        self._take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Reply) -> None:
        """Serve one request, or the server's start and stop."""
        await self._requests.serve(scope, receive, send)

    async def _hand_over(self, events: Sequence[Event]) -> Answered:
        for event in events:
            try:
                taken = self._take(event)
                if inspect.isawaitable(taken):
                    await taken
            except Exception:  # noqa: BLE001 - whatever went wrong there, the sender must hear of it
                _log.exception("event %s was not taken", event.id)
                return Answered(500)
        return Answered(200)
