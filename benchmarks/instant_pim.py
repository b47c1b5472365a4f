"""An instant PIM for benchmarks: it answers what it is asked for at once, or after a delay, and keeps nothing.

A process of its own, so that its work is not counted as ours. `pages` products of forty values come in pages of a
hundred, written before the first request; a batch is answered with a verdict for each line.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

PAGE = 100
VALUES = 40
API = "/api/rest/v1/products-uuid"


@contextmanager
def serving(products: int = 0, delay: float = 0.0, answers: Path | None = None) -> Iterator[str]:
    """Run the server beside us; gives its address. *answers* is a file of what it answers by target, as `Recording` keeps it."""
    command = [sys.executable, __file__, str(products), str(delay), *([str(answers)] if answers is not None else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def product(number: int) -> dict[str, object]:
    """A product as the PIM sends it: texts, numbers, measurements, prices and selects."""

    def value(data: object, locale: str | None = None) -> list[dict[str, object]]:
        return [{"locale": locale, "scope": None, "data": data}]

    values: dict[str, object] = {
        "sku": [{**value(f"SKU-{number:06}")[0], "attribute_type": "pim_catalog_identifier"}],
        "weight": value({"amount": "1.2500", "unit": "KILOGRAM"}),
        "price": value([{"amount": "12.90", "currency": "EUR"}]),
        "name": value(f"Cordless drill {number}", "en_US") + value(f"Akku-Bohrschrauber {number}", "de_DE"),
        "colour": value("red"),
    }
    values |= {f"text_{place}": value(f"Text {place} of product {number}") for place in range(VALUES - len(values))}
    return {
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "family": "drills",
        "enabled": True,
        "categories": ["tools", "drills"],
        "groups": [],
        "parent": None,
        "values": values,
        "created": "2026-01-01T00:00:00+00:00",
        "updated": "2026-01-02T00:00:00+00:00",
        "associations": {},
        "quantified_associations": {},
    }


class Door(asyncio.Protocol):
    """HTTP/1.1 with kept connections, as little of it as an HTTP client needs."""

    catalog: Catalog
    delay: float
    answers: Mapping[bytes, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = bytearray()

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.received[:end]).lower()
            _, _, length = head.partition(b"content-length:")
            size = int(length.split(b"\r\n", 1)[0]) if length else 0
            if len(self.received) < end + 4 + size:
                return
            body = bytes(self.received[end + 4 : end + 4 + size])
            del self.received[: end + 4 + size]
            answer = self.answer(head, body)
            if self.delay and b"oauth" not in head[:60]:
                asyncio.get_running_loop().call_later(self.delay, partial(self.transport.write, answer))
            else:
                self.transport.write(answer)

    def answer(self, head: bytes, body: bytes) -> bytes:
        target = head.split(b" ", 2)[1]
        if b"oauth" in target:
            token = {"access_token": "t", "expires_in": 3600, "token_type": "bearer", "refresh_token": "r"}
            return http(json.dumps(token).encode())
        if head.startswith(b"get") and target in self.answers:
            return self.answers[target]
        if head.startswith(b"get"):
            _, _, place = target.partition(b"search_after=")
            return self.catalog.page(int(place.split(b"&")[0]) if place else 0)
        lines = body.count(b"\n") + 1
        verdicts = b"\n".join(b'{"line":%d,"status_code":%d}' % (one + 1, self.catalog.status) for one in range(lines))
        return http(verdicts, b"application/vnd.akeneo.collection+json")


def http(body: bytes, kind: bytes = b"application/json") -> bytes:
    """A good answer."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)


class Catalog:
    """All pages, linked; their products repeat after twenty thousand, so that a large catalog fits into memory."""

    def __init__(self, products: int, address: str) -> None:
        self.address = address
        self.count = max(1, products // PAGE)
        self.status = 204 if products else 201  # a PIM without products creates what it is sent
        some = range(min(self.count, 200) if products else 0)
        self.items = [json.dumps([product(page * PAGE + place) for place in range(PAGE)]).encode() for page in some]

    def page(self, number: int) -> bytes:
        """One page, as an answer."""
        links = {"self": {"href": f"{self.address}{API}"}}
        if number + 1 < self.count:
            after = f"pagination_type=search_after&limit=100&search_after={number + 1}"
            links["next"] = {"href": f"{self.address}{API}?{after}"}
        items = self.items[number % len(self.items)] if self.items else b"[]"
        return http(b'{"_links":%b,"_embedded":{"items":%b}}' % (json.dumps(links).encode(), items))


def recorded(file: str, address: str) -> dict[bytes, bytes]:
    """The answers of another PIM, with links that lead to this one; a target is told as `Door` reads it."""
    found = json.loads(Path(file).read_text(encoding="utf-8"))
    return {
        target.lower().encode(): http(body.replace(found["url"], address).encode())
        for target, body in found["answers"].items()
    }


async def main(products: int, delay: float, answers: str | None = None) -> None:
    """Serve until the parent ends us."""
    server = await asyncio.get_running_loop().create_server(Door, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    Door.catalog, Door.delay = Catalog(products, address), delay
    Door.answers = {} if answers is None else recorded(answers, address)
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:]))
