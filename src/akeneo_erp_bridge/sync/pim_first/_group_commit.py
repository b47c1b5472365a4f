"""Many requests in flight share one transaction: a thread of its own writes to a queue, and nobody else waits for a disk."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Condition, Thread
from time import monotonic
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync.pim_first._queue import WorkKind, WorkQueue

_log: Final = logging.getLogger("akeneo_erp_bridge")

_LOOK: Final = 1.0  # seconds; others may put too, and somebody takes
_MOST: Final = 10_000  # requests that wait for one transaction, where the place of the queue hangs
_LAST: Final = 30.0  # seconds for the last transaction; nobody is still waiting for a later one


@frozen
class _Asked:
    things: Sequence[tuple[WorkKind, str]]
    answer: Future[bool]


class GroupCommit:
    """Puts what it is given into a queue; what comes while it writes is written together, next.

    A queue that holds more than *longest* things is not made longer. The thread begins with the first thing.
    """

    def __init__(self, queue: WorkQueue, *, longest: int) -> None:
        self._queue = queue
        self._longest = longest
        self._room = 0  # how many may come before the queue's length is looked at again
        self._looked = -_LOOK
        self._trouble = ""  # as it was told last
        self._changed = Condition()
        self._pending: list[_Asked] = []
        self._thread: Thread | None = None
        self._closing = False

    def put(self, things: Sequence[tuple[WorkKind, str]]) -> Future[bool]:
        """Answer whether they are safe; never an error, which is logged once. Does not block."""
        asked = _Asked(things, Future())
        with self._changed:
            if len(self._pending) >= _MOST:
                self.hangs()
                asked.answer.set_result(False)
                return asked.answer
            self._pending.append(asked)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="queue of events", daemon=True)
                self._thread.start()
            self._changed.notify()
        return asked.answer

    def hangs(self) -> None:
        """Somebody has waited too long for an answer."""
        self._tell("the place of the queue does not answer in time")

    def close(self) -> None:
        """Return when all that was given is answered. What comes later is taken all the same."""
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join(_LAST)
            if thread.is_alive():
                _log.error("the place of the queue does not answer; what is not written was not answered 200 either")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closing)
                if not self._pending:
                    self._thread, self._closing = None, False
                    return
                some, self._pending = self._pending, []
            is_safe = self._written([thing for one in some for thing in one.things])
            for one in some:
                if one.answer.set_running_or_notify_cancel():  # nobody waits for it where the sender has hung up
                    one.answer.set_result(is_safe)

    def _written(self, things: Sequence[tuple[WorkKind, str]]) -> bool:
        try:
            if not self._has_room():
                self._tell(f"more than {self._longest} things wait; does PimFirst run, and is it fast enough?")
                return False
            self._queue.put(things)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the senders must hear of it, and the thread lives on
            self._tell(str(error), None if isinstance(error, BridgeError) else error)
            return False
        self._room -= len(things)
        if self._trouble:
            self._trouble = ""
            _log.warning("events are queued again")
        return True

    def _has_room(self) -> bool:
        now = monotonic()
        if self._room < 0 or now - self._looked >= _LOOK:
            self._room = self._longest - len(self._queue)
            self._looked = now
        return self._room >= 0

    def _tell(self, trouble: str, defect: Exception | None = None) -> None:
        """Once, not for each of the hundreds of events a second that meet it."""
        if trouble != self._trouble:
            self._trouble = trouble
            _log.error("events are not queued, and answered 503: %s", trouble, exc_info=defect)
