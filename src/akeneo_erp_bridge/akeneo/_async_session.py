"""The loop that waits without blocking: the twin of `Session`, over the same flows, for one event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Final, TypeVar

import httpx

from akeneo_erp_bridge.akeneo._auth import Auth
from akeneo_erp_bridge.akeneo._flow import Alone, Answer, Effect, Flow, Send
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import CHANGED, TAKEN, Outgoing, SessionBase, check_private, connection_limits
from akeneo_erp_bridge.akeneo._streams import Download
from akeneo_erp_bridge.akeneo._tokens import TokenStore
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
        tokens: TokenStore | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(url, auth, options, clock=clock, tokens=tokens)
        check_private(self.url, options, transport)
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
                await self._run_aside(effect.flow, options)
        except BridgeError as error:
            # The flow that asked decides what a failed sign-in means for its lines.
            return partial(flow.throw, error)
        return partial(flow.send, None)

    async def _run_aside(self, flow: Flow[None], options: Options) -> None:
        """As `run`, with each step by another thread: where tokens are kept may be a file."""
        step: Callable[[], Effect] = partial(next, flow)
        while (effect := await asyncio.to_thread(_stepped, step)) is not None:
            if isinstance(effect, Alone):
                raise AssertionError("a sign-in asks for no sign-in")
            try:
                step = partial(flow.send, await self._send(effect, options))
            except httpx.RequestError as error:
                step = partial(flow.throw, error)

    async def _send(self, send: Send, options: Options) -> Answer:
        for pause in self.pauses(send):
            await self._sleep(pause)
        out = self.request(send, options)
        content = out.content if send.call.upload is None else _awaited(send.call.upload.pieces())
        async with self._places:
            begun = self._clock()
            if send.call.download is not None:
                response = await self._receive(out, send.call.download)
            else:
                response = await self._http.request(
                    out.method, out.address, content=content, headers=out.headers, timeout=out.timeout
                )
        return self.answered(send.call, response, begun, options.retry)

    async def _receive(self, out: Outgoing, download: Download) -> httpx.Response:
        """A good answer goes to the file as it comes; another one is read whole, to be explained."""
        async with self._http.stream(out.method, out.address, headers=out.headers, timeout=out.timeout) as response:
            if response.status_code not in TAKEN:
                await response.aread()
                return response
            if not await asyncio.to_thread(download.begin, response.status_code, response.headers):
                raise httpx.RemoteProtocolError(CHANGED, request=response.request)
            async for piece in response.aiter_bytes():
                await asyncio.to_thread(download.write, piece)
        return httpx.Response(response.status_code, headers=response.headers, request=response.request)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _stepped(step: Callable[[], Effect]) -> Effect | None:
    """The next effect; none at the end, since no future takes a `StopIteration`."""
    try:
        return step()
    except StopIteration:
        return None


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces of a file, each read by a thread, so that a slow disk does not hold up the loop."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
