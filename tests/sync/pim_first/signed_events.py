"""Events as both senders sign them, and a way to send them to an application in this process."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

SECRET = "a secret of the subscription"
Request = tuple[bytes, dict[str, str]]
_NUMBERS = count(1)


def signed(content: bytes, secret: str = SECRET) -> Request:
    return content, {"X-AKENEO-SIGNATURE-PRIMARY": hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}


def event(key: str = "7e0c", id: str | None = None, **changes: Any) -> Request:
    """One event of the platform: a product with this uuid was updated."""
    body = {
        "specversion": "1.0",
        "id": id or f"018f-{next(_NUMBERS)}",
        "source": "pim",
        "type": "com.akeneo.pim.v1.product.updated",
        "time": datetime.now(UTC).isoformat(),
        "data": {"product": {"uuid": key}, "author": {"identifier": "julia", "type": "user"}},
        **changes,
    }
    return signed(json.dumps(body).encode())


def old_events(*events: tuple[str, dict[str, Any]], author: str = "julia") -> Request:
    """One request of the Events API: actions and resources."""
    told = [
        {
            "action": action,
            "event_id": f"old-{next(_NUMBERS)}",
            "event_datetime": datetime.now(UTC).isoformat(),
            "author": author,
            "author_type": "ui",
            "data": {"resource": resource},
        }
        for action, resource in events
    ]
    content, stamp = json.dumps({"events": told}).encode(), str(int(time.time()))
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    return content, {"X-Akeneo-Request-Signature": signature, "X-Akeneo-Request-Timestamp": stamp}


def inside(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here")


async def tell(client: httpx.AsyncClient, request: Request) -> httpx.Response:
    content, headers = request
    raw = [(name.encode(), text.encode("latin-1")) for name, text in headers.items()]
    return await client.post("/", content=content, headers=raw)


def ask(app: Any, *requests: Request) -> list[int]:
    """The statuses of requests, one after the other."""

    async def go(some: Sequence[Request]) -> list[int]:
        async with inside(app) as client:
            return [(await tell(client, one)).status_code for one in some]

    return asyncio.run(go(requests))
