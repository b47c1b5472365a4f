"""A PIM down to its bytes: it answers over real sockets, and breaks off where it is told."""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import struct
import threading
from collections import deque
from collections.abc import Callable
from typing import Literal, Self

from attrs import field, frozen

Cut = Literal["before", "inside", "after"]
TOKEN = "/api/oauth/v1/token"


@frozen
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@frozen
class Reply:
    """One answer. `cut`: the connection is reset before its first byte, inside its body, or after its last byte.

    `silent` seconds pass before it.
    """

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(factory=dict[str, str])
    cut: Cut | None = None
    silent: float = 0.0

    def raw(self) -> bytes:
        """All its bytes, or those before the cut."""
        fields = {"Content-Type": self.kind, "Content-Length": str(len(self.body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        body = self.body[: len(self.body) // 2] if self.cut == "inside" else self.body
        return f"HTTP/1.1 {self.status} Said\r\n{head}\r\n".encode() + body


Step = Reply | Callable[[Asked], Reply]


class Wire:
    """Serves the steps one after the other, then `otherwise`. Signing in works, unless scripted in `sign_in`."""

    def __init__(self, *steps: Step, sign_in: tuple[Reply, ...] = (), otherwise: Step | None = None) -> None:
        self.steps = deque(steps)
        self.sign_in_steps = deque(sign_in)
        self.otherwise = otherwise
        self.asked: list[Asked] = []
        self.sign_ins: list[dict[str, str]] = []
        self.is_rude = False
        """Whether a cut is a reset (RST) instead of an end (FIN)."""
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def reply(self, asked: Asked) -> Reply:
        """What comes next."""
        with self._lock:
            if asked.path == TOKEN:
                self.sign_ins.append(json.loads(asked.body))
                return self.sign_in_steps.popleft() if self.sign_in_steps else access(f"token{len(self.sign_ins)}")
            self.asked.append(asked)
            step = self.steps.popleft() if self.steps else self.otherwise
        if step is None:
            return Reply(500, f"not scripted: {asked.method} {asked.target}".encode())
        return step if isinstance(step, Reply) else step(asked)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, wire: Wire) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.wire = wire


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire = self.server.wire
        while (asked := self._read()) is not None and not wire.over.is_set():
            reply = wire.reply(asked)
            if reply.silent and wire.over.wait(reply.silent):
                return
            if reply.cut != "before":
                self.wfile.write(reply.raw())
            if reply.cut is not None:
                self._cut(is_rude=wire.is_rude)
                return

    def _cut(self, *, is_rude: bool) -> None:
        self.wfile.flush()
        if is_rude:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()

    def _read(self) -> Asked | None:
        line = self.rfile.readline().decode("ascii").split()
        if len(line) < 3:
            return None
        headers: dict[str, str] = {}
        while (one := self.rfile.readline().strip()) != b"":
            name, _, value = one.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return Asked(line[0], line[1], headers, self.rfile.read(int(headers.get("content-length", "0"))))


def access(token: str, *, expires_in: int = 3600) -> Reply:
    """A token."""
    return said({"access_token": token, "expires_in": expires_in, "refresh_token": f"refresh of {token}"})


def said(value: object, status: int = 200) -> Reply:
    """A JSON answer."""
    return Reply(status, json.dumps(value).encode())


def listed(*items: dict[str, object], following: str | None = None) -> Reply:
    """A page of a list."""
    links = {} if following is None else {"next": {"href": following}}
    return said({"_links": links, "_embedded": {"items": list(items)}})


def judged(*verdicts: dict[str, object], end: bytes = b"") -> Reply:
    """Verdicts on the lines of a batch."""
    body = b"\n".join(json.dumps(one).encode() for one in verdicts)
    return Reply(200, body + end, "application/vnd.akeneo.collection+json")


def liked(asked: Asked) -> Reply:
    """What a PIM answers to a batch it likes."""
    return judged(*({"line": place, "status_code": 204} for place, _ in enumerate(asked.body.split(b"\n"), start=1)))


def zipped(reply: Reply, *, without: int = 0) -> Reply:
    """The answer in gzip, without its last bytes."""
    body = gzip.compress(reply.body)
    return Reply(reply.status, body[: len(body) - without], reply.kind, {**reply.headers, "Content-Encoding": "gzip"})
