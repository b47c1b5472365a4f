"""Two ways to the same simulator: a transport for httpx, and a server."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from attrs import frozen

from akeneo_erp_bridge.testing.pim._message import ConnectionLost, Reply, Request

Handler = Callable[[Request], Reply]


class SimulatorTransport(httpx.BaseTransport):
    """Answers in process."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _answer(self._handle, request, request.read())


class AsyncSimulatorTransport(httpx.AsyncBaseTransport):
    """The same, for an asynchronous client."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return _answer(self._handle, request, await request.aread())


def _request(request: httpx.Request, body: bytes) -> Request:
    target = request.url.raw_path.decode()
    base = f"{request.url.scheme}://{request.url.netloc.decode()}"
    return make_request(
        request.method, target, {key.lower(): value for key, value in request.headers.items()}, body, base
    )


def _answer(handle: Handler, request: httpx.Request, body: bytes) -> httpx.Response:
    try:
        reply = handle(_request(request, body))
    except ConnectionLost:
        raise httpx.ReadError("connection reset by peer (scripted)", request=request) from None
    return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body, request=request)


def make_request(method: str, target: str, headers: dict[str, str], body: bytes, base: str) -> Request:
    """A request from its target."""
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body, base)


def segments(path: str) -> list[str]:
    """The parts of a path, decoded one by one, so that a code may hold a slash."""
    return [unquote(part) for part in path.strip("/").split("/")]


@frozen
class Server:
    """A running server."""

    url: str


@contextmanager
def serving(handle: Handler, port: int) -> Generator[Server]:
    """A server on the loopback address, until the block ends."""
    server = make_server(handle, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_server(handle: Handler, port: int) -> ThreadingHTTPServer:
    """A server that is bound, and not yet running."""

    class PimHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            base = f"http://{self.headers.get('Host', '127.0.0.1')}"
            try:
                reply = handle(make_request(self.command, self.path, headers, body, base))
            except ConnectionLost:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer  # noqa: N815 - the names http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    return ThreadingHTTPServer(("127.0.0.1", port), PimHandler)
