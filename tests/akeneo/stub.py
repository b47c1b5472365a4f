"""A scripted PIM, for what a real one does rarely: and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import ClassVar, cast

import httpx

from akeneo.wire import Wire
from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, AsyncAkeneoClient, Auth, Options, RetryPolicy, TokenStore
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._session import Session
from blocking import BlockingClient

URL = "https://pim.example.com"
Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeTime:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.slept.append(seconds)


class Stub:
    """Answers with the scripted steps, then with `otherwise`. Signing in works, unless scripted in `sign_in`."""

    def __init__(self, *steps: Step, sign_in: tuple[Step, ...] = (), otherwise: Step | None = None) -> None:
        self.steps = deque(steps)
        self.sign_in_steps = deque(sign_in)
        self.otherwise = otherwise
        self.requests: list[httpx.Request] = []
        self.sign_ins: list[dict[str, str]] = []
        self.sign_in_headers: list[httpx.Headers] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            step = self._next(request)
        if isinstance(step, Exception):
            raise step
        answer = step if isinstance(step, httpx.Response) else step(request)
        # a copy, because a scripted answer may be given to one client after the other, and is spent by the first
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def _next(self, request: httpx.Request) -> Step:
        if request.url.path == "/api/oauth/v1/token":
            self.sign_ins.append(json.loads(request.content))
            self.sign_in_headers.append(request.headers)
            return self.sign_in_steps.popleft() if self.sign_in_steps else token(f"token{len(self.sign_ins)}")
        self.requests.append(request)
        if self.steps:
            return self.steps.popleft()
        if self.otherwise is None:
            raise AssertionError(f"not scripted: {request.method} {request.url}")
        return self.otherwise

    @property
    def bodies(self) -> list[list[dict[str, object]]]:
        """The lines of each batch."""
        return [[json.loads(line) for line in request.content.split(b"\n")] for request in self.requests]


def token(access: str, *, expires_in: float = 3600, refresh: str | None = "refresh") -> httpx.Response:
    return httpx.Response(200, json={"access_token": access, "expires_in": expires_in, "refresh_token": refresh})


def refused(status: int, message: str = "no", **more: object) -> httpx.Response:
    return httpx.Response(status, json={"code": status, "message": message, **more})


def page(*items: Mapping[str, object], following: str | None = None, **more: object) -> httpx.Response:
    links = {} if following is None else {"next": {"href": following}}
    return httpx.Response(200, json={"_links": links, "_embedded": {"items": list(items)}, **more})


def verdicts(request: httpx.Request, status: int = 204) -> httpx.Response:
    """What a PIM answers to a batch it likes."""
    lines = [json.loads(line) for line in request.content.split(b"\n")]
    found = [{"line": place, "status_code": status} for place, _ in enumerate(lines, start=1)]
    return httpx.Response(200, content="\n".join(json.dumps(one) for one in found))


class Flavour:
    """Which client the tests get; set by a fixture, so that each test runs with both."""

    asynchronous = False
    closers: ClassVar[list[Callable[[], None]]] = []


def client_of(
    stub: Callable[[httpx.Request], httpx.Response] | Wire,
    *,
    auth: Auth | None = None,
    time: FakeTime | None = None,
    tokens: TokenStore | None = None,
    **options: object,
) -> AkeneoClient:
    """A client of the scripted PIM, whose pauses take no time."""
    time = time or FakeTime()
    quick = RetryPolicy(first_pause=timedelta(seconds=1), jitter=lambda: 1.0)
    chosen = Options(**{"retry": quick, **options})  # type: ignore[arg-type]  # a test's own options, of several types
    auth = auth or AppAuth(access_token="app-token")
    url, transport = (stub.url, None) if isinstance(stub, Wire) else (URL, httpx.MockTransport(stub))
    if Flavour.asynchronous:

        async def sleep(seconds: float) -> None:
            time.sleep(seconds)

        def make() -> AsyncAkeneoClient:
            twin = object.__new__(AsyncAkeneoClient)
            session = AsyncSession(url, auth, chosen, transport=transport, tokens=tokens, clock=time.clock, sleep=sleep)
            twin._attach(session, chosen)
            return twin

        wrapped = BlockingClient(make)
        Flavour.closers.append(wrapped.end)
        return cast("AkeneoClient", wrapped)
    client = object.__new__(AkeneoClient)
    session = Session(url, auth, chosen, transport=transport, tokens=tokens, clock=time.clock, sleep=time.sleep)
    client._attach(session, chosen)
    Flavour.closers.append(client.close)
    return client
