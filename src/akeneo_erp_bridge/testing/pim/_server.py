"""The simulator over real HTTP, for clients of any language."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from akeneo_erp_bridge.testing.pim._http import Answer, ConnectionCut, Request

Handle = Callable[[Request], Answer]
PHRASES = {status.value: status.phrase for status in HTTPStatus}
# with a linger time of zero, close() sends a reset instead of a proper end
RESET = struct.pack("ii", 1, 0)


class _Caller(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _listener(self) -> _Listener:
        if not isinstance(self.server, _Listener):
            raise TypeError("this handler belongs to the simulator's own server")
        return self.server

    def serve(self) -> None:
        """Answer one request of any verb."""
        base = f"http://{self.headers.get('Host', 'localhost')}"
        try:
            body = self._body()
            answer = self._listener.handle(Request.of(self.command, base + self.path, self._header_map(), body))
        except ConnectionCut:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_connection = True
            # shutdown() would end the connection in good order before the reset
            self._listener.abandoned.add(self.connection.fileno())
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        phrase = PHRASES.get(answer.status, "")
        lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if answer.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(answer.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        # one write, since two would wait for each other's acknowledgement
        self.wfile.write(head if self.command == "HEAD" else head + answer.body)

    def _header_map(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.headers.items()}

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = serve  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Stay silent: `PimSimulator.calls` is the log."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # a client that is slow to hang up must not hold up the end of a test
    block_on_close = False
    request_queue_size = 64

    def __init__(self, host: str, port: int, handle: Handle) -> None:
        self.handle = handle
        self.abandoned: set[int] = set()
        super().__init__((host, port), _Caller)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection; one that a fault cut is closed without the polite part."""
        if isinstance(request, socket.socket) and request.fileno() in self.abandoned:
            self.abandoned.discard(request.fileno())
            request.close()
            return
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no event."""


class SimulatorServer:
    """A listening simulator; a context manager that stops listening at its end.

    >>> import httpx
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> with PimSimulator().serve() as server:
    ...     print(httpx.get(f"{server.url}/api/rest/v1").status_code)
    200
    """

    def __init__(self, handle: Handle, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = _Listener(host, port, handle)
        self._host = host
        self._thread = Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self._host}:{self._listener.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def wait(self) -> None:
        """Serve until the process is told to end."""
        try:
            self._listener.serve_forever()
        finally:
            self._listener.server_close()
