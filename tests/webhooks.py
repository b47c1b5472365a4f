"""A chat that people are told things in: a real web server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from attrs import define, field


@define
class Webhook:
    """A chat that takes JSON, or does not."""

    url: str = ""
    place: str = ""
    status: int = 200
    got: list[dict[str, str]] = field(factory=list[dict[str, str]])
    paths: list[str] = field(factory=list[str])

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.got]


@contextmanager
def webhook_served(secret: str) -> Iterator[Webhook]:
    """One at a port of its own; `secret` is part of its address."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if hook.status == 200:
                hook.got.append(json.loads(body))
                hook.paths.append(self.path)
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        hook.place = f"127.0.0.1:{server.server_port}"
        hook.url = f"json://user:{secret}@{hook.place}/{secret}"
        yield hook
        server.shutdown()
