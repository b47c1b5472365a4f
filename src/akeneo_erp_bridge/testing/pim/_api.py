"""The routes, and what each does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.testing.pim._entities import KINDS, Entities
from akeneo_erp_bridge.testing.pim._http import segments
from akeneo_erp_bridge.testing.pim._lists import holds, page_of, search_of
from akeneo_erp_bridge.testing.pim._locales import CURRENCIES, LOCALES
from akeneo_erp_bridge.testing.pim._measurements import MEASUREMENTS
from akeneo_erp_bridge.testing.pim._message import (
    COLLECTION,
    Json,
    JsonObject,
    Refused,
    Reply,
    Request,
    parse_object,
)
from akeneo_erp_bridge.testing.pim._products import Products
from akeneo_erp_bridge.testing.pim._store import Store
from akeneo_erp_bridge.testing.pim._tokens import Tokens
from akeneo_erp_bridge.testing.pim._values import Values

API: Final = "/api/rest/v1"
MOST_LINES: Final = 100
LONGEST_LINE: Final = 1_000_000
PRODUCTS: Final = ("products-uuid", "products")


class Api:
    """Answers requests; knows nothing of transports."""

    def __init__(self, store: Store, auth: dict[str, str], seconds: int, clock: Callable[[], datetime]) -> None:
        self._store = store
        self.tokens = Tokens(store, auth, seconds, clock)
        self._products = Products(store, clock)
        self._entities = Entities(store)
        self._values = Values(store)
        if not store.has("attribute-groups"):
            self._furnish()

    def _furnish(self) -> None:
        """What a new PIM brings along."""
        self._entities.upsert("attribute-groups", "other", {"labels": {"en_US": "Other"}})
        self._entities.upsert("categories", "master", {"labels": {"en_US": "Master catalog"}})
        sku: JsonObject = {
            "type": "pim_catalog_identifier",
            "group": "other",
            "unique": True,
            "labels": {"en_US": "SKU"},
        }
        self._entities.upsert("attributes", "sku", sku)
        for code, (standard, units) in MEASUREMENTS.items():
            self._entities.upsert(
                "measurement-families",
                code,
                {
                    "standard_unit_code": standard,
                    "units": {
                        unit: {
                            "code": unit,
                            "labels": {},
                            "convert_from_standard": [{"operator": "mul", "value": factor}],
                            "symbol": symbol,
                        }
                        for unit, (factor, symbol) in units.items()
                    },
                },
            )

    def upsert(self, path: str, sent: JsonObject) -> tuple[int, Json]:
        """One object through the validation of the API, without signing in."""
        parts = segments(path.removeprefix(API))
        try:
            return self._write(parts, self._key(parts, sent), sent), None
        except Refused as refused:
            return refused.status, refused.body

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        try:
            return self._route(request)
        except Refused as refused:
            return Reply.of(refused.status, refused.body)

    # ---- routing ----
    def _route(self, request: Request) -> Reply:
        if request.path == "/api/oauth/v1/token":
            return self.tokens.grant(request)
        if request.path.rstrip("/") == API:
            return Reply.of(200, self._index(request))
        if not request.path.startswith(API + "/"):
            raise Refused(404, f'No route found for "{request.method} {request.path}"')
        self.tokens.check(request)
        if "*/*" not in request.headers.get("accept", "*/*") and "json" not in request.headers["accept"]:
            raise Refused(406, '"application/json" is the only accepted type.')
        parts = segments(request.path[len(API) :])
        if parts == ["system-information"]:
            return Reply.of(200, {"version": "7.0.61", "edition": "CE"})
        shelf, kind = self._shelf(parts)
        collection = len(parts) == (3 if kind in ("options", "variants") else 1)
        if request.method == "GET":
            return self._list(request, shelf, kind) if collection else Reply.of(200, self._one(shelf, kind, parts[-1]))
        if request.method == "PATCH" and kind not in ("locales", "currencies"):
            return self._patch(request, parts, kind, collection=collection)
        if request.method == "POST" and collection and kind not in ("locales", "currencies", "measurement-families"):
            return self._create(request, parts, kind)
        if request.method == "DELETE" and kind in PRODUCTS and not collection:
            self._products.delete(self._uuid(kind, parts[-1]))
            return Reply(204)
        raise Refused(405, f'No route found for "{request.method} {request.path}": Method Not Allowed')

    def _index(self, request: Request) -> Json:
        names = [*PRODUCTS, *KINDS, "locales", "currencies", "system-information"]
        routes: JsonObject = {
            f"pim_api_{name}_list": {"route": f"{API}/{name}", "methods": ["GET"]}
            for name in names
            if name != "options"
        }
        return {"host": request.base, "authentication": {}, "routes": routes}

    def _shelf(self, parts: list[str]) -> tuple[str, str]:
        """Where things of this path are kept, and of which kind they are."""
        if len(parts) in (3, 4) and parts[0] == "attributes" and parts[2] == "options":
            return f"options/{parts[1].lower()}", "options"
        if len(parts) == 3 and parts[0] == "families" and parts[2] == "variants":
            return f"variants/{parts[1].lower()}", "variants"
        if len(parts) in (1, 2) and (
            parts[0] in KINDS or parts[0] in (*PRODUCTS, "locales", "currencies", "product-models")
        ):
            return parts[0], parts[0]
        raise Refused(404, f'No route found for "{"/".join(parts)}"')

    # ---- reading ----
    def _list(self, request: Request, shelf: str, kind: str) -> Reply:
        if kind == "measurement-families":
            return Reply.of(200, list(self._store.all(kind)))
        items = self._filtered(request, kind, self._all(shelf, kind))
        by = {"products-uuid": "uuid", "products": "identifier"}.get(kind, "code")
        return Reply.of(
            200, page_of(request, items, lambda one: str(one[by]), cursors=kind in (*PRODUCTS, "product-models"))
        )

    def _all(self, shelf: str, kind: str) -> Iterator[JsonObject]:
        if kind == "products-uuid":
            yield from self._store.all("products")
        elif kind == "products":
            named = [
                self._products.by_identifier(one) for one in self._store.all("products") if self._products.sku(one)
            ]
            yield from sorted(named, key=lambda one: str(one["identifier"]).lower())
        elif kind == "locales":
            active = self._values.active_locales()
            for code in LOCALES:
                yield {"code": code, "enabled": code in active}
        elif kind == "currencies":
            active = self._values.active_currencies()
            for code in CURRENCIES:
                yield {"code": code, "enabled": code in active, "label": code}
        else:
            yield from self._store.all(shelf)

    def _filtered(self, request: Request, kind: str, items: Iterator[JsonObject]) -> Iterator[JsonObject]:
        search = search_of(request)
        quick = self._by_key(kind, search)
        for one in quick if quick is not None else items:
            if all(
                holds(name, each, self._field(kind, name, one)) for name, all_of in search.items() for each in all_of
            ):
                yield one

    def _by_key(self, kind: str, search: dict[str, list[JsonObject]]) -> Iterator[JsonObject] | None:
        """The shortcut an index gives: products by UUID or identifier."""
        if kind != "products-uuid":
            return None
        for name in ("uuid", self._products.identifier_attribute):
            for condition in search.get(name, []):
                value = condition.get("value")
                if condition["operator"] == "IN" and isinstance(value, list):
                    keys = [str(one) for one in value]
                    uuids = keys if name == "uuid" else [self._store.uuid_of(one) or "" for one in keys]
                    found = (self._products.get(one) for one in sorted(set(uuids)))
                    return (one for one in found if one is not None)
        return None

    def _field(self, kind: str, name: str, thing: JsonObject) -> Json:
        if name in thing:
            return thing[name]
        if kind not in PRODUCTS or self._store.get("attributes", name) is None:
            raise Refused(422, f'Filter on property "{name}" is not supported or does not support operator.')
        values = thing["values"]
        entries = values.get(name) if isinstance(values, dict) else None
        first = entries[0] if isinstance(entries, list) and entries else None
        return first["data"] if isinstance(first, dict) else None

    def _one(self, shelf: str, kind: str, key: str) -> Json:
        if kind in PRODUCTS:
            found = self._products.get(self._uuid(kind, key))
            if found is not None and kind == "products":
                return self._products.by_identifier(found)
        else:
            found = next((one for one in self._all(shelf, kind) if str(one["code"]).lower() == key.lower()), None)
        if found is None:
            raise Refused(
                404, f'Resource "{key}" of "{kind}" does not exist or you do not have permission to access it.'
            )
        return found

    def _uuid(self, kind: str, key: str) -> str:
        return key if kind == "products-uuid" else self._store.uuid_of(key) or ""

    # ---- writing ----
    def _create(self, request: Request, parts: list[str], kind: str) -> Reply:
        sent = parse_object(request.body)
        if kind == "products-uuid":
            sent.setdefault("uuid", str(uuid.uuid4()))
        key = self._key(parts, sent)
        shelf, _ = self._shelf(parts)
        there = self._products.get(self._uuid(kind, key)) if kind in PRODUCTS else self._store.get(shelf, key)
        if there is not None:
            name = {"products-uuid": "uuid", "products": "identifier"}.get(kind, "code")
            raise Refused(
                422, "Validation failed.", [{"property": name, "message": f"The {name} {key} is already used."}]
            )
        self._write(parts, key, sent)
        return Reply(201, b"", {"Location": f"{request.base}{request.path}/{key}"})

    def _patch(self, request: Request, parts: list[str], kind: str, *, collection: bool) -> Reply:
        if kind == "measurement-families":
            sent: Json = json.loads(request.body)
            return Reply.of(
                200,
                [self._verdict(parts, one) for one in sent if isinstance(one, dict)] if isinstance(sent, list) else [],
            )
        if collection:
            if request.content_type != COLLECTION:
                shown = request.content_type
                raise Refused(415, f'"{shown}" in "Content-Type" header is not valid. Only "{COLLECTION}" is allowed.')
            return self._batch(request, parts)
        sent_one = parse_object(request.body)
        name = {"products-uuid": "uuid", "products": "identifier"}.get(kind, "code")
        if kind != "products" and str(sent_one.get(name, parts[-1])).lower() != parts[-1].lower():
            raise Refused(
                422,
                f'The {name} "{sent_one[name]}" provided in the request body must match the {name} "{parts[-1]}" provided in the url.',
            )
        status = self._write(parts[:-1], parts[-1], sent_one)
        return Reply(status, b"", {"Location": f"{request.base}{request.path}"})

    def _batch(self, request: Request, parts: list[str]) -> Reply:
        lines = request.body.split(b"\n")
        if len(lines) > MOST_LINES:
            raise Refused(413, f"Too many resources to process, {MOST_LINES} is the maximum allowed.")
        answers: list[str] = []
        for number, line in enumerate(lines, start=1):
            verdict = (
                {"status_code": 413, "message": "Line is too long."}
                if len(line) > LONGEST_LINE
                else self._line(parts, line)
            )
            answers.append(json.dumps({"line": number, **verdict}))
        return Reply(200, "\n".join(answers).encode(), {"Content-Type": COLLECTION})

    def _line(self, parts: list[str], line: bytes) -> JsonObject:
        try:
            sent = parse_object(line)
        except Refused as refused:
            return {"status_code": refused.status, "message": str(refused)}
        return self._verdict(parts, sent)

    def _verdict(self, parts: list[str], sent: JsonObject) -> JsonObject:
        try:
            key = self._key(parts, sent)
        except Refused as refused:
            return {"status_code": refused.status, "message": str(refused)}
        name = {"products-uuid": "uuid", "products": "identifier"}.get(parts[0], "code")
        try:
            return {name: key, "status_code": self._write(parts, key, sent)}
        except Refused as refused:
            rest = {field: value for field, value in refused.body.items() if field != "code"}
            return {name: key, "status_code": refused.status, **rest}

    def _key(self, parts: list[str], sent: JsonObject) -> str:
        name = {"products-uuid": "uuid", "products": "identifier"}.get(parts[0], "code")
        key = sent.get(name)
        if not isinstance(key, str):
            raise Refused(422, f"{name.capitalize()} is missing.")
        return key

    def _write(self, parts: list[str], key: str, sent: JsonObject) -> int:
        _, kind = self._shelf(parts)
        if kind == "products-uuid":
            return self._products.upsert_uuid(key, sent)
        if kind == "products":
            return self._products.upsert_identifier(key, sent)
        if kind == "options":
            return self._entities.upsert("options", key, sent, parent=parts[1])
        if kind not in KINDS:
            raise Refused(404, f'No route found for "PATCH {kind}"')
        return self._entities.upsert(kind, key, sent)
