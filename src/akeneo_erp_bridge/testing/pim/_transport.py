"""The simulator as an httpx transport: no socket, no thread, the same code as over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from akeneo_erp_bridge.testing.pim._http import Answer, ConnectionCut, Request

Handle = Callable[[Request], Answer]


class SimulatorTransport(httpx.BaseTransport):
    """For `httpx.Client(transport=...)`."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return _answer(self._handle, request, request.read())


class AsyncSimulatorTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient(transport=...)`. The work is done in a thread, so that scripted latency blocks nobody."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        body = await request.aread()
        return await asyncio.to_thread(_answer, self._handle, request, body)


def _answer(handle: Handle, request: httpx.Request, body: bytes) -> httpx.Response:
    url = request.url
    text = f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}"
    try:
        answer = handle(Request.of(request.method, text, request.headers, body))
    except ConnectionCut:
        raise httpx.ReadError("connection reset by the simulator", request=request) from None
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    return httpx.Response(answer.status, headers=headers, content=answer.body, request=request)
