"""Products: one store, seen by UUID or by identifier."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime

from akeneo_erp_bridge.testing.pim._message import Json, JsonObject, Refused, invalid, kind_of, structure
from akeneo_erp_bridge.testing.pim._store import Store
from akeneo_erp_bridge.testing.pim._values import Values, identifier_error

READ_ONLY = frozenset({"created", "updated", "_links"})
FIELDS = frozenset(
    {"uuid", "family", "enabled", "categories", "groups", "parent", "values", "associations", "quantified_associations"}
)
_V4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Products:
    """Creates and merges products."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._values = Values(store)
        self._clock = clock

    @property
    def identifier_attribute(self) -> str:
        """The attribute that holds the SKU."""
        found = next((one for one in self._store.all("attributes") if one["type"] == "pim_catalog_identifier"), None)
        return str(found["code"]) if found else "sku"

    def get(self, key: str) -> JsonObject | None:
        """By UUID."""
        return self._store.get("products", key)

    def upsert_uuid(self, key: str, sent: JsonObject) -> int:
        """PATCH by UUID: 201 or 204."""
        if not _V4.fullmatch(key.lower()):
            raise invalid({"property": "uuid", "message": "This is not a valid UUID."})
        if "identifier" in sent:
            raise structure('Property "identifier" does not exist.')
        return self._upsert(key.lower(), sent)

    def upsert_identifier(self, sku: str, sent: JsonObject) -> int:
        """PATCH by identifier: 201 or 204."""
        key = self._store.uuid_of(sku) or str(uuid.uuid4())
        renamed = sent.get("identifier", sku)
        body = {name: value for name, value in sent.items() if name != "identifier"}
        values = body.get("values") or {}
        if not isinstance(values, dict):
            raise structure('Property "values" expects an array as data.')
        body["values"] = {**values, self.identifier_attribute: [{"locale": None, "scope": None, "data": renamed}]}
        return self._upsert(key, body)

    def delete(self, key: str) -> None:
        """Remove a product; 404 when there is none."""
        if self.get(key) is None:
            raise Refused(404, f'Product "{key}" does not exist or you do not have permission to access it.')
        self._store.remove("products", key)
        self._store.name(key, None)

    def by_identifier(self, product: JsonObject) -> JsonObject:
        """The view of the identifier routes."""
        code = self.identifier_attribute
        values = product["values"]
        rest = {name: one for name, one in values.items() if name != code} if isinstance(values, dict) else {}
        return {**product, "identifier": self.sku(product), "values": rest}

    def sku(self, product: JsonObject) -> str | None:
        """The identifier of a product."""
        values = product["values"]
        entries = values.get(self.identifier_attribute) if isinstance(values, dict) else None
        first = entries[0] if isinstance(entries, list) and entries else None
        return str(first["data"]) if isinstance(first, dict) else None

    # ---- inside ----
    def _upsert(self, key: str, sent: JsonObject) -> int:
        stored = self.get(key)
        now = self._clock().isoformat(timespec="seconds")
        product: JsonObject = stored or {
            "uuid": key, "enabled": True, "family": None, "categories": [], "groups": [], "parent": None,
            "values": {}, "associations": {}, "quantified_associations": {}, "created": now, "updated": now,
        }  # fmt: skip
        merged = self._merge(dict(product), sent)
        self._check_identifier(key, merged)
        if stored is None or merged != stored:
            if stored is not None:
                merged["updated"] = now
            self._store.put("products", key, merged)
            self._store.name(key, self.sku(merged))
        return 201 if stored is None else 204

    def _merge(self, product: JsonObject, sent: JsonObject) -> JsonObject:
        errors: list[Json] = []
        for name, value in sent.items():
            if name in READ_ONLY or name == "uuid":
                continue
            if name not in FIELDS:
                raise structure(f'Property "{name}" does not exist.')
            if name == "values":
                stored = product["values"]
                product["values"], errors = self._values.merge(stored if isinstance(stored, dict) else {}, value)
            else:
                product[name] = self._field(name, value)
        if errors:
            raise invalid(*errors)
        return product

    def _field(self, name: str, value: Json) -> Json:
        if name == "enabled":
            return _expect(name, value, bool, "boolean")
        if name in ("family", "parent"):
            if value is None:
                return None
            code = str(_expect(name, value, str, "string"))
            kind = "families" if name == "family" else "product-models"
            found = self._store.get(kind, code)
            if found is None:
                raise structure(
                    f'Property "{name}" expects a valid {name} code. The {name} does not exist, "{code}" given.'
                )
            return found["code"]
        if name in ("categories", "groups"):
            return self._codes(name, _expect(name, value, list, "array"))
        return _expect(name, value, dict, "array")

    def _codes(self, name: str, codes: Json) -> Json:
        found: list[str] = []
        for code in codes if isinstance(codes, list) else []:
            category = self._store.get("categories", str(code)) if name == "categories" else {"code": code}
            if category is None:
                raise structure(
                    f'Property "categories" expects a valid category code. The category does not exist, "{code}" given.'
                )
            found.append(str(category["code"]))
        return list[Json](sorted(set(found)))

    def _check_identifier(self, key: str, product: JsonObject) -> None:
        sku = self.sku(product)
        if sku is None:
            return
        message = identifier_error(sku)
        if message is not None:
            raise invalid({"property": "identifier", "message": message})
        other = self._store.uuid_of(sku)
        if other is not None and other != key:
            raise invalid(
                {"property": "identifier", "message": f"The {sku} identifier is already used for another product."}
            )


def _expect(name: str, value: Json, kind: type, called: str) -> Json:
    if not isinstance(value, kind) and not (kind is dict and value == []):
        raise structure(
            f'Property "{name}" expects {"an" if called == "array" else "a"} {called} as data, "{kind_of(value)}" given.'
        )
    return value
