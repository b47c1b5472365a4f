"""Scripted misfortune: what an operator of a real PIM sees now and then, on demand."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal

from attrs import define, field, frozen

from akeneo_erp_bridge.testing.pim._http import Answer, Request

TOKEN_PATH = "/api/oauth/v1/token"  # noqa: S105 - a route, not a secret


@frozen
class Call:
    """One call this PIM received. *status* is 0 where the connection was cut instead of answered.

    >>> from datetime import UTC
    >>> Call("PATCH", "/api/rest/v1/families", 200, datetime(2026, 6, 13, tzinfo=UTC)).mutates
    True
    """

    method: str
    path: str
    status: int
    at: datetime

    @property
    def mutates(self) -> bool:
        """Whether the call asks for a change of the catalog."""
        if self.method in ("GET", "HEAD", "OPTIONS") or self.path.startswith("/connect/"):
            return False
        return self.path not in (TOKEN_PATH, SEARCH_PATH)


SEARCH_PATH = "/api/rest/v1/products-uuid/search"


@frozen(kw_only=True)
class Fault:
    """What goes wrong with the next *times* calls that match *method* and *path* (regular expressions).

    Without *path* every route but the token's is meant. Several effects of one fault come together; *status* and
    *reset* `"before"` answer before any work is done.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> sim = PimSimulator()
    >>> sim.fail_next(Fault(status=401, path="/locales"))
    >>> sim.client().locales.get("en_US").code  # the client signs in again
    'en_US'
    >>> [call.status for call in sim.calls if call.path.endswith("/locales/en_US")]
    [401, 200]
    """

    status: int | None = None
    """Answer this status, with *body* of *content_type*, and *retry_after* as the header's text."""
    body: bytes = b""
    content_type: str = "text/html"
    retry_after: str | int | None = None
    reset: Literal["before", "after"] | None = None
    """Cut the connection: before any work, or after the work was done and before the answer."""
    cut_after: int | None = None
    """A batch stops after this many lines: the rest is neither handled nor answered."""
    expire_tokens: bool = False
    """Access tokens die now; refresh tokens live on."""
    revoke_refresh_tokens: bool = False
    latency: timedelta = timedelta(0)
    """Waited before the work, outside of any lock."""
    method: str = ".*"
    path: str | None = None
    times: int = 1

    def matches(self, request: Request) -> bool:
        """Whether the fault is meant for this call."""
        if not re.fullmatch(self.method, request.method, re.IGNORECASE):
            return False
        if self.path is None:
            return request.path != TOKEN_PATH
        return re.search(self.path, request.path) is not None

    def answer(self) -> Answer | None:
        """The scripted answer, if there is one."""
        if self.status is None:
            return None
        headers = [("Content-Type", self.content_type)] if self.body else []
        if self.retry_after is not None:
            headers.append(("Retry-After", str(self.retry_after)))
        return Answer(self.status, self.body, tuple(headers))


@define
class FaultPlan:
    """The faults still to come, first in, first out."""

    _waiting: list[list[Fault]] = field(factory=list[list[Fault]])

    def add(self, fault: Fault) -> None:
        """Script one more fault."""
        self._waiting.append([fault] * fault.times)

    def take(self, request: Request) -> Fault | None:
        """The fault for this call, used up once."""
        for left in self._waiting:
            if left and left[0].matches(request):
                fault = left.pop()
                self._waiting = [one for one in self._waiting if one]
                return fault
        return None

    def clear(self) -> None:
        """Forget what has not happened yet."""
        self._waiting.clear()
