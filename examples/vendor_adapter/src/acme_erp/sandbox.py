"""A small Acme ERP as an HTTP server on this machine, to develop and test against: ``python -m acme_erp.sandbox``.

Nothing but the standard library. Its methods are what the ERP's own users do; the conformance kit calls them.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

FIELDS = {
    "number": "char(40)", "name": "text", "weight": "decimal", "active": "bool", "released": "moment",
    "price": "decimal", "stock": "integer", "cost": "decimal",
}  # fmt: skip
HOT = ("number", "price", "stock")
Row = dict[str, object]


class AcmeSandbox:
    """An Acme ERP with some articles; `url` and `token` are what an adapter needs."""

    def __init__(self, count: int = 12, port: int = 0) -> None:
        self.token = "acme-sandbox-token"
        self.rows: dict[str, Row] = {}
        self.is_locked = False
        self._lock, self._edits, self._order = Lock(), 0, list[tuple[str, str]]()
        self._last = datetime.now(UTC) - timedelta(days=1)
        for number in range(count):
            self.put(f"A-{number:03d}", {"name": f"Article {number}", "stock": number, "price": Decimal("9.90")})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    # ---- what users of the ERP do ----
    def keys(self) -> list[str]:
        """The numbers of all articles."""
        return [key for key, row in self.rows.items() if row["deleted"] is False]

    def edit_cold(self, key: str) -> None:
        """Rename an article."""
        self.put(key, self._renamed())

    def edit_hot(self, key: str) -> None:
        """Move its stock, which does not move the article's stamp."""
        self._edits += 1
        self.rows[key]["stock"] = 1000 + self._edits

    def edit_at_once(self, keys: Sequence[str]) -> None:
        """Rename some articles in one transaction."""
        stamp = self._stamp()
        for key in keys:
            self.put(key, self._renamed(), stamp=stamp)

    @contextmanager
    def edit_late(self, key: str) -> Iterator[None]:
        """Rename an article in a transaction that commits when the context is left."""
        stamp, edit = self._stamp(), self._renamed()
        try:
            yield
        finally:
            self.put(key, edit, stamp=stamp)

    def edit_ahead(self, key: str) -> None:
        """Rename an article on a machine whose clock is a year ahead."""
        self.put(key, self._renamed(), stamp=datetime.now(UTC) + timedelta(days=365))

    def delete(self, key: str) -> None:
        """Delete an article."""
        self.put(key, {"deleted": True})

    def create(self, key: str, values: Mapping[str, object]) -> str:
        """Make an article."""
        self.put(key, values)
        return key

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        """An article whose weight is no number."""
        before = self.rows[key]["weight"]
        self.put(key, {"weight": "heavy"})
        try:
            yield
        finally:
            self.put(key, {"weight": before})

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        """Many articles."""
        keys = [f"Z-{number:07d}" for number in range(count)]
        for key in keys:
            self.put(key, {"name": f"One of many, {key}"})
        try:
            yield
        finally:
            with self._lock:
                for key in keys:
                    del self.rows[key]
                self._order = []

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The token is withdrawn."""
        self.is_locked = True
        try:
            yield
        finally:
            self.is_locked = False

    # ---- inside ----
    def put(self, key: str, values: Mapping[str, object], *, stamp: datetime | None = None) -> None:
        """Write an article."""
        new: Row = {
            "number": key, "name": "Article", "weight": Decimal("1.50"), "active": True,
            "released": "2024-01-31T08:00:00+01:00", "price": Decimal(0), "stock": 0, "cost": Decimal("4.20"), "deleted": False,
        }  # fmt: skip
        plain = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}
        changed = (stamp or self._stamp()).isoformat(timespec="microseconds")
        with self._lock:
            old = self.rows.get(key, new)
            self.rows[key] = {**(new if old["deleted"] else old), **plain, "changed": changed}
            self._order = []

    def _stamp(self) -> datetime:
        """A moment of its own for each transaction."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last

    def _renamed(self) -> Row:
        self._edits += 1
        return {"name": f"Edit {self._edits}"}

    def answer(self, path: str, asked: Mapping[str, str]) -> list[Row]:
        """The rows that a request is answered with."""
        with self._lock:
            if path == "/fields":
                return [{"name": name, "kind": kind} for name, kind in FIELDS.items()]
            limit = int(asked["limit"])
            if path == "/articles":
                self._order = self._order or sorted((str(row["changed"]), key) for key, row in self.rows.items())
                start = (asked.get("stamp", ""), asked.get("key", ""))
                names = asked["fields"].split(",")
                found = self._order[bisect_right(self._order, start) :][:limit]
                return [{name: self.rows[key].get(name) for name in names} for _, key in found]
            wanted = json.loads(asked["keys"]) if "keys" in asked else None
            keys = sorted(
                key for key in self.keys() if key > asked.get("after", "") and (wanted is None or key in wanted)
            )
            return [{name: self.rows[key][name] for name in HOT} for key in keys[:limit]]


def _handler_of(erp: AcmeSandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            if erp.is_locked or self.headers.get("Authorization") != f"Bearer {erp.token}":
                self._send(401, {"error": "the token is not valid"})
            elif url.path in ("/fields", "/articles", "/hot"):
                self._send(200, {"rows": erp.answer(url.path, asked)})
            else:
                self._send(404, {"error": f"there is no {url.path}"})

        def _send(self, status: int, wire: object) -> None:
            body = _json(wire).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            pass  # a test's output is its own

    return Handler


def _json(wire: object) -> str:
    """JSON with decimals as numbers, to the last digit, which the standard library alone does not write."""
    marked = json.dumps(wire, default=lambda one: f"\0{one}\0")
    return marked.replace('"\\u0000', "").replace('\\u0000"', "")


if __name__ == "__main__":
    sandbox = AcmeSandbox(count=200, port=8123)
    print(f"Acme is at {sandbox.url}, its token is {sandbox.token}; stop it with Ctrl-C")
    try:
        Thread().join()
    except (KeyboardInterrupt, RuntimeError):
        sandbox.close()
