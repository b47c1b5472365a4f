"""The one place that waits, locks and sends: it carries out what flows ask for. `_async_session.py` is its twin."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
from attrs import field, frozen

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.akeneo._auth import Auth, TokenKeeper
from akeneo_erp_bridge.akeneo._flow import Alone, Answer, Call, Effect, Flow, Send
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._retry import RetryPolicy
from akeneo_erp_bridge.akeneo._streams import Download
from akeneo_erp_bridge.akeneo._throttle import Lane, Throttle
from akeneo_erp_bridge.akeneo._tokens import TokenStore
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError

__all__ = [
    "AGAIN",
    "CHANGED",
    "TAKEN",
    "Outgoing",
    "Session",
    "SessionBase",
    "base_url",
    "check_private",
    "connection_limits",
    "is_here",
]

AGAIN: Final = "%s: again in %.1f s"
"""What the log says of a call that is tried again."""
TAKEN: Final = (200, 206)
"""The answers whose body is the file, or the rest of it."""

CHANGED: Final = "the file was changed while it came"
"""Why the rest of a file is not taken; the next try asks for all of it."""

T = TypeVar("T")
_log: Final = logging.getLogger("akeneo_erp_bridge")


def base_url(url: str) -> str:
    """Return the PIM's address without what follows its path prefix; raises `ConfigurationError` for a wrong one.

    >>> base_url("https://pim.example.com/api/rest/v1/")
    'https://pim.example.com'
    """
    text = url.strip()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{url!r} is not the address of a PIM; give one like https://pim.example.com")
    if parts.username or parts.password:
        raise ConfigurationError("the PIM's address must hold no user name or password; give them to `PasswordAuth`")
    path = parts.path.partition("/api/rest")[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def is_here(url: str) -> bool:
    """Whether what is sent there stays inside this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_private(url: str, options: Options, transport: object) -> None:
    """Raise `ConfigurationError` for an address to which everybody on the way could read password and token.

    A *transport* of the caller's own is no network that is known here.
    """
    if url.startswith("https://") or options.plain_http or transport is not None or is_here(url):
        return
    raise ConfigurationError(
        f"{url} is not https: everybody between here and there could read the password and the token. Give the PIM's https "
        "address; for a network that you trust, say so: options=Options(plain_http=True)"
    )


@frozen
class Outgoing:
    """A request, for either of httpx's clients; `timeout` in seconds."""

    method: str
    address: str
    content: bytes | None = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    timeout: float


class SessionBase:
    """Token and pace of one connection to one PIM, and how a call becomes a request: all that needs no waiting."""

    def __init__(
        self, url: str, auth: Auth, options: Options, *, clock: Callable[[], float], tokens: TokenStore | None
    ) -> None:
        self.url = base_url(url)
        self.keeper = TokenKeeper(auth, clock=clock, store=tokens, url=self.url)
        limits: dict[Lane, float] = {"all": options.requests_per_second, "options": options.option_requests_per_second}
        self._throttle = Throttle(limits, clock=clock)
        self._clock = clock

    def pauses(self, send: Send) -> Iterator[float]:
        """What to wait before sending, one pause after the other; each is asked for when the one before is over."""
        call = send.call
        if send.after > 0:
            _log.info(AGAIN, call, send.after)
            yield send.after
        lanes: tuple[Lane, ...] = ("options", "all") if call.lane == "options" else ("all",)
        for lane in lanes:
            wait = self._throttle.reserve(lane)
            if wait > 0:
                yield wait

    def request(self, send: Send, options: Options) -> Outgoing:
        """The request as httpx takes it."""
        call = send.call
        headers = {"Accept": "application/json", "User-Agent": options.user_agent, **call.headers}
        if call.upload is not None:
            headers["Content-Length"] = str(call.upload.length)
        if call.download is not None:
            headers |= call.download.headers()
        if send.authorization is not None:
            headers["Authorization"] = send.authorization
        return Outgoing(
            call.method, self.url + call.target, call.content or None, headers, options.timeout.total_seconds()
        )

    def answered(self, call: Call, response: httpx.Response, begun: float, policy: RetryPolicy) -> Answer:
        """What decisions need of a response; a 429 slows everybody down."""
        took = self._clock() - begun
        _log.debug("%s %s: %d in %.3f s", call.method, response.request.url.path, response.status_code, took)
        answer = Answer(response.status_code, response.content, response.headers, self.url)
        if answer.status == 429:
            self._slow_down(call, answer, policy)
        return answer

    def _slow_down(self, call: Call, answer: Answer, policy: RetryPolicy) -> None:
        pause = read_retry_after(answer.retry_after, now=datetime.now(UTC))
        if pause is None:
            self._throttle.slow_down(call.lane)
        elif pause <= policy.longest_retry_after:
            self._throttle.hold(call.lane, pause.total_seconds())


class Session(SessionBase):
    """The loop that waits by blocking its thread; threads may share it."""

    def __init__(
        self,
        url: str,
        auth: Auth,
        options: Options,
        *,
        transport: httpx.BaseTransport | None = None,
        tokens: TokenStore | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(url, auth, options, clock=clock, tokens=tokens)
        check_private(self.url, options, transport)
        self._places = threading.BoundedSemaphore(options.concurrency)
        self._alone = threading.Lock()
        self._sleep = sleep
        self._http = httpx.Client(transport=transport, follow_redirects=False, limits=connection_limits(options))

    def run(self, flow: Flow[T], options: Options) -> T:
        """Carry out what *flow* asks for, and return its result."""
        step: Callable[[], Effect] = partial(next, flow)
        while True:
            try:
                effect = step()
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(effect, Alone):
                step = self._run_alone(effect, flow, options)
                continue
            try:
                step = partial(flow.send, self._send(effect, options))
            except httpx.RequestError as error:
                _log.info("%s: no answer (%s)", effect.call, type(error).__name__)
                step = partial(flow.throw, error)

    def _run_alone(self, effect: Alone, flow: Flow[T], options: Options) -> Callable[[], Effect]:
        try:
            with self._alone:
                self.run(effect.flow, options)
        except BridgeError as error:
            # The flow that asked decides what a failed sign-in means for its lines.
            return partial(flow.throw, error)
        return partial(flow.send, None)

    def _send(self, send: Send, options: Options) -> Answer:
        for pause in self.pauses(send):
            self._sleep(pause)
        out = self.request(send, options)
        content = out.content if send.call.upload is None else send.call.upload.pieces()
        with self._places:
            begun = self._clock()
            if send.call.download is not None:
                response = self._receive(out, send.call.download)
            else:
                response = self._http.request(
                    out.method, out.address, content=content, headers=out.headers, timeout=out.timeout
                )
        return self.answered(send.call, response, begun, options.retry)

    def _receive(self, out: Outgoing, download: Download) -> httpx.Response:
        """A good answer goes to the file as it comes; another one is read whole, to be explained."""
        with self._http.stream(out.method, out.address, headers=out.headers, timeout=out.timeout) as response:
            if response.status_code not in TAKEN:
                response.read()
                return response
            if not download.begin(response.status_code, response.headers):
                raise httpx.RemoteProtocolError(CHANGED, request=response.request)
            for piece in response.iter_bytes():
                download.write(piece)
        return httpx.Response(response.status_code, headers=response.headers, request=response.request)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def connection_limits(options: Options) -> httpx.Limits:
    """As many connections as calls in flight."""
    return httpx.Limits(max_connections=options.concurrency, max_keepalive_connections=options.concurrency)
