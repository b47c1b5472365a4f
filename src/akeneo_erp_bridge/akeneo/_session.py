"""The one place that waits, locks and sends: it carries out what flows ask for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx

from akeneo_erp_bridge.akeneo._auth import Auth, TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._flow import Alone, Answer, Call, Effect, Flow, Send
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._retry import RetryPolicy, read_retry_after
from akeneo_erp_bridge.akeneo._throttle import Throttle
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError

__all__ = ["Session", "base_url"]

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


class Session:
    """Connection pool, token and pace of one connection to one PIM, shared by all clients made from it."""

    def __init__(
        self,
        url: str,
        auth: Auth,
        options: Options,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = base_url(url)
        self.keeper = TokenKeeper(auth, clock=clock)
        limits = {"all": options.requests_per_second, "options": options.option_requests_per_second}
        self._throttle = Throttle({"all": limits["all"], "options": limits["options"]}, clock=clock)
        self._places = threading.BoundedSemaphore(options.concurrency)
        self._alone = threading.Lock()
        self._clock = clock
        self._sleep = sleep
        self._headers = {"Accept": "application/json", "User-Agent": options.user_agent}
        self._http = httpx.Client(transport=transport, follow_redirects=False, limits=_limits(options))

    def call(self, call: Call, options: Options) -> Answer:
        """Send *call* with a token, as often as the options' policy allows; return the last answer."""
        return self.run(authorised(call, self.keeper, options.retry), options)

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

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, send: Send, options: Options) -> Answer:
        call = send.call
        if send.after > 0:
            _log.info("%s: again in %.1f s", call, send.after)
            self._sleep(send.after)
        for lane in ("options", "all") if call.lane == "options" else ("all",):
            wait = self._throttle.reserve(lane)
            if wait > 0:
                self._sleep(wait)
        request = self._request(send, options)
        with self._places:
            begun = self._clock()
            response = self._http.send(request)
        _log.debug("%s %s: %d in %.3f s", call.method, request.url.path, response.status_code, self._clock() - begun)
        answer = Answer(response.status_code, response.content, response.headers, self.url)
        if answer.status == 429:
            self._slow_down(call, answer, options.retry)
        return answer

    def _request(self, send: Send, options: Options) -> httpx.Request:
        call = send.call
        headers = {**self._headers, **call.headers}
        if send.authorization is not None:
            headers["Authorization"] = send.authorization
        return self._http.build_request(
            call.method,
            self.url + call.target,
            content=call.content or None,
            headers=headers,
            timeout=options.timeout.total_seconds(),
        )

    def _slow_down(self, call: Call, answer: Answer, policy: RetryPolicy) -> None:
        pause = read_retry_after(answer.retry_after, now=datetime.now(UTC))
        if pause is None:
            self._throttle.slow_down(call.lane)
        elif pause <= policy.longest_retry_after:
            self._throttle.hold(call.lane, pause.total_seconds())


def _limits(options: Options) -> httpx.Limits:
    return httpx.Limits(max_connections=options.concurrency, max_keepalive_connections=options.concurrency)
