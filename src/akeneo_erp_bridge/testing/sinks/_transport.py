"""The connection of a sink over HTTP, with interruptions."""

from __future__ import annotations

import httpx

from akeneo_erp_bridge.testing.sinks._interruptions import Interruptions

__all__ = ["InterruptedTransport"]


class InterruptedTransport(httpx.BaseTransport):
    """Stands between an `httpx` client and the network; cut calls raise `httpx.ReadError`.

    >>> answer = httpx.MockTransport(lambda request: httpx.Response(200))
    >>> with httpx.Client(transport=InterruptedTransport(answer, Interruptions(0))) as client:
    ...     try:
    ...         client.get("http://shop.example.com/")
    ...     except httpx.ReadError as error:
    ...         print(error, client.get("http://shop.example.com/").status_code)
    the connection was cut at call 0 200
    """

    def __init__(self, inner: httpx.BaseTransport, interruptions: Interruptions) -> None:
        self._inner = inner
        self._interruptions = interruptions

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, unless it is cut."""
        try:
            with self._interruptions.call():
                answer = self._inner.handle_request(request)
                if self._interruptions.late:
                    answer.read()  # the shop has acted when all of its answer is here
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
        return answer

    def close(self) -> None:
        """Close what is behind."""
        self._inner.close()
