"""Several questions in one request: `$batch` in JSON and as multipart (OASIS "OData Protocol", section 11.7).

JSON is of OData 4.01, Business Central and CAP take it; SAP's gateways take multipart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP

from attrs import field, frozen

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.errors import ErpRefused

BOUNDARY = "batch_of_the_bridge"


@frozen
class Part:
    """One answer inside of a batch's."""

    status: int
    body: object = field(repr=False)


def json_batch(addresses: Sequence[str], headers: Mapping[str, str]) -> bytes:
    """A batch of GETs to addresses below the service root."""
    requests = [
        {"id": str(number), "method": "GET", "url": address, "headers": dict(headers)}
        for number, address in enumerate(addresses)
    ]
    return json.dumps({"requests": requests}).encode()


def read_json_batch(answer: object, count: int) -> list[Part | None]:
    """The answers in the order of the questions, however the service sorts them; `None` for one that is missing."""
    found: list[Part | None] = [None] * count
    responses = lines((members(answer) or {}).get("responses"))
    if responses is None:
        raise ErpRefused("the service answers a JSON $batch without responses; use another batch format, or none")
    for one in responses:
        part = members(one) or {}
        name, status = str(part.get("id")), part.get("status")
        if isinstance(status, int) and name.isdigit() and int(name) < count:  # else it was not asked for
            found[int(name)] = Part(status, part.get("body"))
    return found


def multipart_batch(addresses: Sequence[str], headers: Mapping[str, str]) -> bytes:
    """The same as multipart/mixed."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    parts = [
        f"--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"GET {address} HTTP/1.1\r\n{fields}\r\n\r\n"
        for address in addresses
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


def read_multipart_batch(content: bytes, kind: str, count: int) -> list[Part | None]:
    """The answers in the order of the questions, in which the service must give them."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content)
    if not message.is_multipart():
        raise ErpRefused(f"the service answers a multipart $batch with {kind}; use another batch format, or none")
    parts = [_part(one.get_payload(decode=True)) for one in message.iter_parts()]
    return [*parts[:count], *[None] * (count - len(parts))]


def _part(payload: object) -> Part:
    raw = payload if isinstance(payload, bytes) else b""
    head, _, body = raw.lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")
    status = head.split(b" ", 2)[1:2]
    if not status or not status[0].isdigit():
        raise ErpRefused("a part of the $batch answer is no HTTP answer; use another batch format, or none")
    try:
        parsed: object = json.loads(body, parse_float=Decimal) if body.strip() else None
    except ValueError:
        parsed = body.decode(errors="replace")
    return Part(int(status[0]), parsed)
