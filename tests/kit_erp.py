"""A small ERP in memory that speaks JSON over HTTP, its sandbox, and a right adapter of it, for tests of the kit."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpField,
    ErpItem,
    ErpRef,
    ErpSchema,
    Health,
    Page,
    Position,
    Stamped,
    WriteResult,
    cold,
    hot,
    timestamp_cursor,
)
from akeneo_erp_bridge.errors import ErpError, ErpRefused, ErpUnreachable

TOKEN = "tok-5f/3a+91=secret"
OVERLAP = timedelta(seconds=30)


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    note = cold(str, "note")
    weight = cold(Decimal, "weight")
    pieces = cold(int, "pieces")
    active = cold(bool, "active")
    released = cold(datetime, "released")
    stock = hot(int, "stock")
    price = hot(Decimal, "price")


KINDS = {"number": "char(40)", "name": "text", "note": "text", "weight": "numeric", "pieces": "integer",
         "active": "boolean", "released": "timestamp", "stock": "integer", "price": "numeric"}  # fmt: skip
HOT = ("number", "stock", "price")


class Erp:
    """The server. Each write ticks its clock."""

    def __init__(self, count: int = 12) -> None:
        self.now = datetime(2024, 3, 1, tzinfo=UTC)
        self.rows: dict[str, dict[str, object]] = {}
        self.is_locked = False
        self.edits = 0
        self._sorted: list[tuple[str, str]] | None = None
        for number in range(count):
            self.put(f"A-{number:02d}", {"name": f"Article {number}", "stock": number, "price": "9.90"})
            self.now += timedelta(minutes=1)

    def stamp(self) -> str:
        self.now += timedelta(seconds=1)
        return self.now.isoformat()

    def put(self, key: str, values: Mapping[str, object], *, stamp: str = "") -> None:
        new: dict[str, object] = {
            "number": key, "name": "Article", "note": "As new", "weight": "1.50", "pieces": 3, "active": True,
            "released": "2024-01-31T08:00:00+01:00", "stock": 0, "price": "0", "version": 0, "moved": "", "born_by": "",
            "deleted": False,
        }  # fmt: skip
        old = self.rows.get(key, new)
        row = {**(new if old["deleted"] else old), **values, "changed": stamp or self.stamp()}
        row["version"] = int(str(row["version"])) + 1
        row["moved"] = row["moved"] or row["changed"]
        self.rows[key] = row
        self._sorted = None

    def forget(self, keys: Sequence[str]) -> None:
        for key in keys:
            del self.rows[key]
        self._sorted = None

    def live(self) -> list[str]:
        return [key for key, row in self.rows.items() if not row["deleted"]]

    # ---- over HTTP ----
    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_locked or request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx.Response(401, json={"error": "the token is not valid"})
        asked = dict(request.url.params)
        body = json.loads(request.content or b"{}")
        match request.method, request.url.path:
            case "GET", "/ping":
                return httpx.Response(200, json={"user": "bridge"})
            case "GET", "/items":
                return httpx.Response(200, json=self._items(asked))
            case "GET", "/hot":
                return httpx.Response(200, json=self._hot(asked))
            case "GET", "/born":
                return httpx.Response(200, json=self._born(asked["by"]))
            case "POST", "/items":
                return self._create(body)
            case "PUT", "/items":
                return self._update(body)
        return httpx.Response(404, json={"error": f"no {request.method} {request.url.path}"})

    def _items(self, asked: Mapping[str, str]) -> list[dict[str, object]]:
        if self._sorted is None:
            self._sorted = sorted((str(row["changed"]), key) for key, row in self.rows.items())
        start = bisect_right(self._sorted, (asked["stamp"], asked["key"]))
        names = [*asked["fields"].split(","), "changed", "deleted"]
        some = self._sorted[start : start + int(asked["limit"])]
        return [{name: self.rows[key][name] for name in names} for _, key in some]

    def _hot(self, asked: Mapping[str, str]) -> list[dict[str, object]]:
        wanted = set(asked["keys"].split(",")) if "keys" in asked else None
        rows = [row for key, row in self.rows.items() if not row["deleted"] and (wanted is None or key in wanted)]
        return [{name: row[name] for name in (*HOT, "moved", "changed")} for row in rows]

    def _born(self, by: str) -> dict[str, object]:
        found = [row for row in self.rows.values() if row["born_by"] == by and not row["deleted"]]
        return {"key": found[0]["number"], "version": found[0]["version"]} if found else {}

    def _create(self, body: Mapping[str, object]) -> httpx.Response:
        known = self._born(str(body["born_by"])) if body["born_by"] else {}
        if known:
            return httpx.Response(200, json={**known, "created": False})
        self.edits += 1
        key = f"N-{self.edits:04d}"
        self.put(key, body)
        self.rows[key]["number"] = key
        return httpx.Response(201, json={"key": key, "version": self.rows[key]["version"], "created": True})

    def _update(self, body: dict[str, object]) -> httpx.Response:
        key, version = str(body.pop("key")), body.pop("if_version")
        if version is not None and version != self.rows[key]["version"]:
            return httpx.Response(409, json={"error": f"item {key} is of version {self.rows[key]['version']}"})
        self.put(key, body)
        return httpx.Response(200, json={"key": key, "version": self.rows[key]["version"], "created": False})


class World:
    """All that a sandbox can do."""

    def __init__(self) -> None:
        self.erp = Erp()

    def keys(self) -> list[str]:
        return self.erp.live()

    def edit_cold(self, key: str) -> None:
        self.erp.put(key, self._edit())

    def edit_hot(self, key: str) -> None:
        self.erp.edits += 1
        self.erp.rows[key] |= {"stock": 1000 + self.erp.edits, "moved": self.erp.stamp()}

    def edit_at_once(self, keys: Sequence[str]) -> None:
        stamp = self.erp.stamp()
        for key in keys:
            self.erp.put(key, self._edit(), stamp=stamp)

    @contextmanager
    def edit_late(self, key: str) -> Iterator[None]:
        stamp, edit = self.erp.stamp(), self._edit()
        try:
            yield
        finally:
            self.erp.put(key, edit, stamp=stamp)

    def edit_ahead(self, key: str) -> None:
        self.erp.put(key, self._edit(), stamp=(self.erp.now + timedelta(days=365)).isoformat())

    def delete(self, key: str) -> None:
        self.erp.put(key, {"deleted": True})

    def create(self, key: str, values: Mapping[str, object]) -> str:
        self.erp.put(key, {path: _wire(value) for path, value in values.items()})
        return key

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        before = self.erp.rows[key]["weight"]
        self.erp.put(key, {"weight": "heavy"})
        try:
            yield
        finally:
            self.erp.put(key, {"weight": before})

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        keys = [f"Z-{number:07d}" for number in range(count)]
        for key in keys:
            self.erp.put(key, {"name": f"Article of the many, {key}", "note": "n" * 4000})
        try:
            yield
        finally:
            self.erp.forget(keys)

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.erp.is_locked = True
        try:
            yield
        finally:
            self.erp.is_locked = False

    def draft(self, mark: str) -> Article:
        return Article({"name": f"Draft {mark}", "weight": "2.5"})

    def _edit(self) -> dict[str, object]:
        self.erp.edits += 1
        return {"name": f"Edit {self.erp.edits}"}


def _wire(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class Adapter:
    """Reads and writes; the methods below `read_items` are what broken adapters replace."""

    overlap = OVERLAP

    def __init__(self, erp: Erp, transport: httpx.BaseTransport) -> None:
        self.erp = erp
        self._http = httpx.Client(
            transport=transport, base_url="https://erp.example", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        self.changes = timestamp_cursor(overlap=self.overlap, source="memory", clock=self.clock)

    def clock(self) -> datetime:
        return self.erp.now

    def describe(self) -> ErpSchema:
        return ErpSchema("memory", tuple(ErpField(name, kind, writable=True) for name, kind in KINDS.items()))

    def check(self) -> Health:
        try:
            self.call("GET", "/ping", {})
        except ErpError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message="the ERP answers")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        def rows(after: Position) -> Iterator[Stamped[Article | ErpKey]]:
            for row in self.rows(after, fields, limit):
                stamp, key = datetime.fromisoformat(str(row.pop("changed"))), str(row["number"])
                yield stamp, key, ErpKey(key) if row.pop("deleted") else Article(row)

        for page in self.changes.pages(since, rows, fields=fields, limit=limit):
            items = [one for one in page.items if isinstance(one, Article)]
            dead = [one for one in page.items if not isinstance(one, Article)]
            yield Page([one for one in map(self.made, items) if one is not None], dead, page.resume)

    def made(self, item: Article) -> Article | None:
        return item

    def rows(self, after: Position, fields: frozenset[str], limit: int) -> Iterator[dict[str, object]]:
        stamp, key = "" if after.is_start else after.stamp.isoformat(), str(after.key)
        while True:
            found = self.fetch({"stamp": stamp, "key": key, "limit": str(limit), "fields": ",".join(sorted(fields))})
            for row in found:
                stamp, key = str(row["changed"]), str(row["number"])
                yield row
            if len(found) < limit:
                return

    def fetch(self, asked: Mapping[str, str]) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.call("GET", "/items", asked)
        return found

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Article]]:
        asked = {} if keys is None else {"keys": ",".join(keys)}
        found: list[dict[str, object]] = self.call("GET", "/hot", asked)
        stamp = "" if since is None else since.blob
        rows = [row for row in found if self.moved(row) > stamp]
        latest = max([stamp, *(self.moved(row) for row in found)])
        yield Page([Article({name: row[name] for name in HOT}) for row in rows], (), Cursor("timestamp", latest, "hot"))

    def moved(self, row: Mapping[str, object]) -> str:
        return str(row["moved"])

    # ---- writing ----
    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        found: dict[str, object] = self.call("GET", "/born", {"by": idempotency_key})
        return ErpRef(ErpKey(str(found["key"])), str(found["version"])) if found else None

    def write_item(self, draft: Article, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        known = self.find_by_key(idempotency_key)
        if known is None:
            return self.create(draft, idempotency_key)
        if if_version is None:
            return WriteResult(known, created=False)
        return self.written("PUT", {**draft.row, "key": known.key, "if_version": int(if_version)})

    def create(self, draft: Article, idempotency_key: str) -> WriteResult:
        return self.written("POST", {**draft.row, "born_by": idempotency_key})

    def written(self, method: str, body: Mapping[str, object]) -> WriteResult:
        told: dict[str, object] = self.call(method, "/items", {}, body)
        return WriteResult(ErpRef(ErpKey(str(told["key"])), str(told["version"])), created=bool(told["created"]))

    # ---- the wire ----
    def call(self, method: str, path: str, asked: Mapping[str, str], body: Mapping[str, object] | None = None) -> Any:
        try:
            answer = self._http.request(method, path, params=dict(asked), json=body)
        except httpx.HTTPError as error:
            raise self.unreachable(error) from None
        if answer.status_code in (401, 403):
            raise ErpRefused("the ERP refuses the token; make a new one in the ERP, and give it to the adapter")
        if answer.status_code == 409:
            raise ErpRefused(f"{answer.json()['error']}; read it again, and decide anew")
        if answer.status_code >= 400:
            raise ErpUnreachable(f"the ERP answers {answer.status_code}; try again later")
        try:
            return answer.json()
        except ValueError:
            raise ErpUnreachable("the ERP's answer broke off; try again later") from None

    def unreachable(self, error: Exception) -> ErpUnreachable:
        return ErpUnreachable(f"the ERP does not answer ({type(error).__name__}); try again later")
