"""Scripted trouble: what a real network and a real PIM do on a bad day."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from threading import Lock

from attrs import define, frozen

from akeneo_erp_bridge.testing.pim._message import ConnectionLost, Reply, Request


@frozen(kw_only=True)
class Fault:
    """Disturb the next `times` requests whose method and path match.

    `status` answers that instead (with `body` and, for 429, `retry_after`); `reset` drops the connection
    ``"before"`` or ``"after"`` the work was done; `cut_after` ends a batch answer after so many lines, the
    rest of the lines unprocessed by the reader; `revoke_tokens` makes every access token invalid first;
    `latency` waits.
    """

    method: str = ".*"
    path: str = ".*"
    times: int = 1
    status: int | None = None
    body: bytes = b""
    retry_after: int | None = None
    reset: str | None = None
    cut_after: int | None = None
    revoke_tokens: bool = False
    latency: timedelta = timedelta(0)

    def before(self) -> Reply | None:
        """What happens instead of the work."""
        if self.latency:
            time.sleep(self.latency.total_seconds())
        if self.reset == "before":
            raise ConnectionLost
        if self.status is None:
            return None
        headers = {"Content-Type": "application/json" if self.body.startswith(b"{") else "text/html"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return Reply(self.status, self.body, headers)

    def after(self, reply: Reply) -> Reply:
        """What happens to the answer."""
        if self.reset == "after":
            raise ConnectionLost
        if self.cut_after is not None:
            return Reply(reply.status, b"\n".join(reply.body.split(b"\n")[: self.cut_after]), reply.headers)
        return reply


@define
class _Waiting:
    fault: Fault
    left: int


class Faults:
    """The faults still to come, in order."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Queue one."""
        with self._lock:
            self._waiting.append(_Waiting(fault, fault.times))

    def take(self, request: Request) -> Fault | None:
        """The first that matches this request."""
        with self._lock:
            for one in self._waiting:
                fault = one.fault
                if re.fullmatch(fault.method, request.method) and re.search(fault.path, request.path):
                    one.left -= 1
                    if one.left == 0:
                        self._waiting.remove(one)
                    return fault
        return None
