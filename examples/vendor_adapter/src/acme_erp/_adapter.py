"""`AcmeErp`: articles of an Acme ERP, over its JSON interface."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar

import httpx

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpField,
    ErpItem,
    ErpSchema,
    Health,
    Page,
    Position,
    Stamped,
    cold,
    column_of,
    hot,
    internal,
    timestamp_cursor,
)
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpRefused, ErpUnreachable

ItemT = TypeVar("ItemT", bound=ErpItem)

# Acme commits within a minute; its clock and ours may be that far apart
OVERLAP: Final = timedelta(minutes=2)
HOT_PAGE: Final = 200


class Article(ErpItem):
    """What an Acme article has; users may declare a class of their own instead."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(Decimal, "weight")
    active = cold(bool, "active")
    released = cold(datetime, "released")
    price = hot(Decimal, "price")
    stock = hot(int, "stock")
    cost = internal(Decimal, "cost")


class AcmeErp(Generic[ItemT]):
    """Reads articles that changed, and prices and stock. `transport` is for tests."""

    def __init__(
        self, url: str, token: str, item: type[ItemT], *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._item = item
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._transport = transport
        self._changes = timestamp_cursor(overlap=OVERLAP, source=f"acme/{url}")

    def describe(self) -> ErpSchema:
        """The fields, as Acme lists them."""
        with self._client() as http:
            fields = self._rows(http, "/fields", {})
        return ErpSchema("Acme articles", tuple(ErpField(str(one["name"]), str(one["kind"])) for one in fields))

    def check(self) -> Health:
        """Sign in and read the list of fields."""
        try:
            fields = self.describe().fields
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message=f"Acme answers, with {len(fields)} fields")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """All articles, or those that changed since; deleted ones are tombstones."""

        def rows(after: Position) -> Iterator[Stamped[ItemT | str]]:
            with self._client() as http:
                for row in self._changed(http, after, fields, limit):
                    stamp, is_gone = datetime.fromisoformat(str(row.pop("changed"))), row.pop("deleted") is True
                    yield stamp, str(row["number"]), (str(row["number"]) if is_gone else self._item(row))

        for page in self._changes.pages(since, rows, fields=fields, limit=limit):
            gone = [ErpKey(one) for one in page.items if isinstance(one, str)]
            yield Page([one for one in page.items if not isinstance(one, str)], gone, page.resume)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """Prices and stock: all of them in each run, by number; the relay sends on what changed."""
        if since is not None and (since.kind, since.schema_hash) != ("snapshot", "acme/hot"):
            raise CursorExpired("the cursor is not one of Acme's prices and stock; all is read again")
        after = since.blob if since is not None else ""
        with self._client() as http:
            while True:
                asked = {
                    "after": after,
                    "limit": str(HOT_PAGE),
                    **({"keys": json.dumps(keys)} if keys is not None else {}),
                }
                found = self._rows(http, "/hot", asked)
                after = str(found[-1]["number"]) if len(found) == HOT_PAGE else ""
                yield Page([self._item(row) for row in found], (), Cursor("snapshot", after, "acme/hot"))
                if not after:
                    return

    # ---- the wire ----
    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, headers=self._headers, transport=self._transport, timeout=30)

    def _changed(
        self, http: httpx.Client, after: Position, fields: frozenset[str], limit: int
    ) -> Iterator[dict[str, object]]:
        names = sorted({"number", "changed", "deleted", *map(column_of, fields)})
        stamp, key = ("" if after.is_start else after.stamp.isoformat()), str(after.key)
        while True:
            found = self._rows(
                http, "/articles", {"stamp": stamp, "key": key, "limit": str(limit), "fields": ",".join(names)}
            )
            for row in found:
                stamp, key = str(row["changed"]), str(row["number"])
                yield row
            if len(found) < limit:
                return

    def _rows(self, http: httpx.Client, path: str, asked: Mapping[str, str]) -> list[dict[str, object]]:
        try:
            answer = http.get(path, params=dict(asked))  # redirects are not followed: the token is for this host
        except httpx.HTTPError as error:
            raise ErpUnreachable(f"Acme at {self._url} does not answer ({type(error).__name__}); is it up?") from None
        if answer.status_code in (401, 403):
            raise ErpRefused(
                "Acme refuses the token; make a new one under Settings, Interfaces, and give it to the adapter"
            )
        if answer.status_code == 429 or answer.status_code >= 500:
            raise ErpUnreachable(f"Acme answers {answer.status_code}; try again later")
        if answer.status_code != 200:
            raise ErpRefused(
                f"Acme answers {answer.status_code} to {path}; is {self._url} the address of its interface?"
            )
        try:
            wire: dict[str, list[dict[str, object]]] = json.loads(answer.content, parse_float=Decimal)
            return wire["rows"]
        except (ValueError, KeyError, TypeError):
            raise ErpUnreachable(f"Acme's answer to {path} broke off; try again later") from None
