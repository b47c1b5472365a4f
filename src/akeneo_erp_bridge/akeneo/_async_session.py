"""The loop that waits without blocking: the twin of `Session`, over the same flows, for one event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

import httpx

from akeneo_erp_bridge.akeneo._auth import Auth
from akeneo_erp_bridge.akeneo._flow import Alone, Answer, Effect, Flow, Send
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import SessionBase, connection_limits
from akeneo_erp_bridge.errors import BridgeError

__all__ = ["AsyncSession"]

T = TypeVar("T")
_log: Final = logging.getLogger("akeneo_erp_bridge")


class AsyncSession(SessionBase):
    """Carries out flows with `await` where `Session` blocks; tasks may share it."""

    def __init__(
        self,
        url: str,
        auth: Auth,
        options: Options,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(url, auth, options, clock=clock)
        self._places = asyncio.BoundedSemaphore(options.concurrency)
        self._alone = asyncio.Lock()
        self._sleep = sleep
        self._http = httpx.AsyncClient(transport=transport, follow_redirects=False, limits=connection_limits(options))

    async def run(self, flow: Flow[T], options: Options) -> T:
        """Carry out what *flow* asks for, and return its result."""
        step: Callable[[], Effect] = partial(next, flow)
        while True:
            try:
                effect = step()
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(effect, Alone):
                step = await self._run_alone(effect, flow, options)
                continue
            try:
                step = partial(flow.send, await self._send(effect, options))
            except httpx.RequestError as error:
                _log.info("%s: no answer (%s)", effect.call, type(error).__name__)
                step = partial(flow.throw, error)

    async def _run_alone(self, effect: Alone, flow: Flow[T], options: Options) -> Callable[[], Effect]:
        try:
            async with self._alone:
                await self.run(effect.flow, options)
        except BridgeError as error:
            # The flow that asked decides what a failed sign-in means for its lines.
            return partial(flow.throw, error)
        return partial(flow.send, None)

    async def _send(self, send: Send, options: Options) -> Answer:
        for pause in self.pauses(send):
            await self._sleep(pause)
        out = self.request(send, options)
        async with self._places:
            begun = self._clock()
            response = await self._http.request(
                out.method, out.address, content=out.content, headers=out.headers, timeout=out.timeout
            )
        return self.answered(send.call, response, begun, options.retry)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
