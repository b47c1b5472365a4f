"""`QueueReceiver`: an ASGI application that remembers what the PIM's events are about, and answers only then."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, cast

from akeneo_erp_bridge.akeneo._event_requests import Answered, EventRequests, Receive, Reply, Scope
from akeneo_erp_bridge.akeneo.events import Event
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync.pim_first._group_commit import GroupCommit
from akeneo_erp_bridge.sync.pim_first._queue import WorkKind, WorkQueue, is_key

_log: Final = logging.getLogger("akeneo_erp_bridge")

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "product": ("uuid", "identifier"),
    "product_model": ("code", "identifier"),
}
_PATIENCE: Final = 4.0  # seconds; the platform hangs up after 5
_LONGEST_ID: Final = 200  # characters, so that the memory is bounded; Akeneo's have 36
_AGAIN: Final = Answered(503, retry_after=60)


class QueueReceiver:
    """Puts the product or product model of each event into a queue; any ASGI server runs it, on asyncio.

    It does what `EventReceiver` does before it takes an event: the signature is checked over the bytes as they came, and
    the events of *ignore*, such as your own client id, are dropped. Of the others it keeps those of products and product
    models, whatever happened to them, and puts what they are about into *queue*. An event that was told before costs
    nothing: the last *remembered* ids are known.

    Answers 200 when all of it is safe in the queue, or need not be there; 401 for what is not signed, 405 for what is no
    POST, 413 for more than a megabyte; and 503 with `Retry-After` while the queue holds more than *longest* things or
    cannot be written, of which the log tells the reason once. Requests that come while a transaction is under way share the
    next one. Who made the queue closes it.

    Source: Akeneo's documentation of the Event Platform, HTTPS destinations, and of the Events API.

    >>> import tempfile
    >>> from akeneo_erp_bridge.sync.pim_first import SqliteQueue
    >>> folder = tempfile.TemporaryDirectory()
    >>> queue = SqliteQueue(f"{folder.name}/queue.db")
    >>> receiver = QueueReceiver(queue, secrets=["a secret"], ignore=["1_abc"])
    >>> callable(receiver)  # uvicorn module:receiver
    True
    >>> queue.close()
    >>> folder.cleanup()
    """

    def __init__(
        self,
        queue: WorkQueue,
        *,
        secrets: Collection[str],
        ignore: Collection[str] = (),
        longest: int = 100_000,
        remembered: int = 10_000,
    ) -> None:
        if longest < 1 or remembered < 0:
            raise ConfigurationError(f"longest={longest} must be 1 or more, and remembered={remembered} not below 0")
        self._requests = EventRequests(secrets=secrets, ignore=ignore, take=self._take, stop=self._stop)
        self._commit = GroupCommit(queue, longest=longest)
        self._known = _Known(remembered)

    async def __call__(self, scope: Scope, receive: Receive, send: Reply) -> None:
        """Serve one request, or the server's start and stop."""
        await self._requests.serve(scope, receive, send)

    async def _take(self, events: Sequence[Event]) -> Answered:
        new = [one for one in events if one.kind in _KEYS and one.id not in self._known]
        things = [thing for one in new if (thing := _thing_of(one)) is not None]
        if things and not await self._is_safe(things):
            return _AGAIN
        self._known.add(one.id for one in new)
        return Answered(200)

    async def _is_safe(self, things: Sequence[tuple[WorkKind, str]]) -> bool:
        answer = asyncio.wrap_future(self._commit.put(things))
        # not cancelled: what is under way may still be written, and is told again; the queue keeps it once
        done, _ = await asyncio.wait({answer}, timeout=_PATIENCE)
        if not done:
            self._commit.hangs()
            return False
        return answer.result()

    async def _stop(self) -> None:
        await asyncio.to_thread(self._commit.close)


def _thing_of(event: Event) -> tuple[WorkKind, str] | None:
    """What an event is about: the platform tells its key alone, the Events API the whole of it."""
    told = event.data.get(event.kind)
    if told is None and event.kind == "product_model":
        told = event.data.get("product")  # so the tables of Akeneo's page, other than the examples below them
    thing = told if isinstance(told, Mapping) else event.data
    for name in _KEYS[event.kind]:
        key = thing.get(name)
        if isinstance(key, str) and is_key(key):
            return cast("WorkKind", event.kind), key  # it is among the keys of `_KEYS`
    _log.error("event %s tells no key of its %s; it is not queued, the poll will find it", event.id[:80], event.kind)
    return None


class _Known:
    """The ids of the last events that are safe; of older ones nobody knows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, one: str) -> bool:
        return one in self._ids

    def add(self, some: Iterable[str]) -> None:
        for one in some:
            if len(one) <= _LONGEST_ID:
                self._ids[one] = None
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)
