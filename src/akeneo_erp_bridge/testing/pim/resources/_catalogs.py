"""Catalogs for Apps: a selection of products, as they are or in the shape of the App's own schema."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, flag, maybe_text, text
from akeneo_erp_bridge.testing.pim._pages import Size, cursor
from akeneo_erp_bridge.testing.pim._refusal import Violation, invalid, not_found
from akeneo_erp_bridge.testing.pim._routes import RouteTable
from akeneo_erp_bridge.testing.pim._schema import Property
from akeneo_erp_bridge.testing.pim._views import Views, Wanted, merged_values
from akeneo_erp_bridge.testing.pim._world import Entry, World
from akeneo_erp_bridge.testing.pim.resources._shelf import Shelf

_SCHEMA = {
    "id": Property("string", read_only=True),
    "name": Property("string", nullable=False),
    "enabled": Property("boolean", default=False),
    "managed_currencies": Property("array", default=[]),
    "managed_locales": Property("array", default=[]),
}
_SENT = ("name", "managed_currencies", "managed_locales")
Selection = Callable[[str | None], Iterator[Entry]]
PAGE, MAPPED_PAGE = Size(100, 1000), Size(100, 100)


class Catalogs:
    """The routes of catalogs. A PIM user switches one on and maps it, which here means `PimSimulator.load`."""

    def __init__(self, world: World, views: Views) -> None:
        self._world = world
        self._views = views
        self._shelf = Shelf(world, "catalog", "Catalog", key="id")
        self._schemas = world.table("catalog_schema")

    def offer(self, routes: RouteTable) -> None:
        """Add the routes."""
        path = "catalogs"
        routes.offer("catalog_list", "GET", path, lambda r, _: self._shelf.page(r, path))
        routes.offer("catalog_create", "POST", path, self._create, "json")
        routes.offer("catalog_get", "GET", f"{path}/{{id}}", lambda _, p: Answer.json(self._get(p)))
        routes.offer("catalog_update", "PATCH", f"{path}/{{id}}", self._update, "json")
        routes.offer("catalog_delete", "DELETE", f"{path}/{{id}}", self._delete)
        routes.offer("catalog_duplicate", "POST", f"{path}/{{id}}/duplicate", self._duplicate, "json")
        routes.offer("catalog_uuids", "GET", f"{path}/{{id}}/product-uuids", self._uuids)
        routes.offer("catalog_products", "GET", f"{path}/{{id}}/products", self._products)
        routes.offer("catalog_product", "GET", f"{path}/{{id}}/products/{{uuid}}", self._product)
        mapping = f"{path}/{{id}}/mapping-schemas/product"
        routes.offer("catalog_mapping_schema_update", "PUT", mapping, self._put_schema, "json")
        routes.offer("catalog_mapping_schema_get", "GET", mapping, self._get_schema)
        routes.offer("catalog_mapping_schema_delete", "DELETE", mapping, self._delete_schema)
        routes.offer("catalog_mapped_products", "GET", f"{path}/{{id}}/mapped-products", self._mapped_products)
        routes.offer("catalog_mapped_models", "GET", f"{path}/{{id}}/mapped-models", self._mapped_models)
        routes.offer(
            "catalog_mapped_variants", "GET", f"{path}/{{id}}/mapped-models/{{code}}/variants", self._mapped_variants
        )

    # -- catalogs ----------------------------------------------------------------------------------------------------

    def _get(self, parts: tuple[str, ...]) -> JsonObject:
        found = self._shelf.find(parts[0])
        if found is None:
            raise not_found(f'Catalog "{parts[0]}" does not exist or you can\'t access it.')
        return {name: found.get(name, known.default) for name, known in _SCHEMA.items()}

    def _create(self, request: Request, _: tuple[str, ...]) -> Answer:
        return Answer.json(self._saved(str(uuid.uuid4()), request.json_object()), 201)

    def _update(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(self._saved(text(self._get(parts), "id"), request.json_object()))

    def _saved(self, key: str, body: JsonObject) -> JsonObject:
        old = self._shelf.find(key)
        checked = Shelf(self._world, "catalog", "Catalog", _SCHEMA, key="id")
        for name in body:
            if name not in _SENT:
                raise invalid([Violation(name, "This property is not expected.")])
        new = {**(old or {}), **checked.merged(key, body, self._get((key,)) if old else None)}
        if not maybe_text(new, "name"):
            raise invalid([Violation("name", "This value should not be blank.")])
        self._shelf.put(new)
        return self._get((key,))

    def _delete(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._shelf.remove(text(self._get(parts), "id"))
        return Answer(204)

    def _duplicate(self, request: Request, parts: tuple[str, ...]) -> Answer:
        found = self._get(parts)
        name = request.json_object().get("name", found["name"])
        # a copy is switched on by a PIM user again
        self._shelf.put({**found, "id": (key := str(uuid.uuid4())), "name": name, "enabled": False})
        return Answer.json(self._get((key,)), 201)

    # -- the selection -----------------------------------------------------------------------------------------------

    def _off(self, parts: tuple[str, ...]) -> Answer | None:
        """What a catalog that is switched off answers: 200, and an error."""
        key = text(catalog := self._get(parts), "id")
        if flag(catalog, "enabled"):
            return None
        return Answer.json(
            {"error": f'No products to synchronize. The catalog "{key}" has been disabled on the PIM side.'}
        )

    def _selected(self, after: str | None) -> Iterator[Entry]:
        return (one for one in self._world.products.values(after=after) if one.enabled)

    def _uuids(self, request: Request, parts: tuple[str, ...]) -> Answer:
        def count() -> int:
            return sum(1 for _ in self._selected(None))

        off = self._off(parts)
        return off or cursor(request, self._selected, _key, _key, size=PAGE, count=count)

    def _products(self, request: Request, parts: tuple[str, ...]) -> Answer:
        wanted = Wanted.of(self._world, request.base, {})

        def show(entry: Entry) -> JsonObject:
            return self._views.product(entry, wanted, by_uuid=True)

        return self._off(parts) or cursor(request, self._selected, _key, show, size=PAGE)

    def _product(self, request: Request, parts: tuple[str, ...]) -> Answer:
        off = self._off(parts)
        if off is not None:
            return off
        entry = self._world.products.get(parts[1])
        if entry is None or not entry.enabled:
            raise not_found(
                f'Either catalog "{parts[0]}" does not exist or you can\'t access it, or product "{parts[1]}" does not exist.'
            )
        return Answer.json(self._views.product(entry, Wanted.of(self._world, request.base, {}), by_uuid=True))

    # -- the App's own schema ----------------------------------------------------------------------------------------

    def _put_schema(self, request: Request, parts: tuple[str, ...]) -> Answer:
        key = text(self._get(parts), "id")
        schema = request.json_object()
        if not isinstance(schema.get("properties"), dict) or "uuid" not in child(schema, "properties"):
            raise invalid([Violation("", 'You must provide a valid schema, with "uuid" among its properties.')])
        self._schemas.put(key, schema)
        return Answer(204)

    def _get_schema(self, _: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(self._schema(parts))

    def _delete_schema(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._schema(parts)
        self._schemas.remove(parts[0])
        return Answer(204)

    def _schema(self, parts: tuple[str, ...]) -> JsonObject:
        key = text(self._get(parts), "id")
        schema = self._schemas.get(key)
        if schema is None:
            raise not_found(f'Catalog "{key}" has no product mapping schema.')
        return schema

    def _mapped_products(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return self._mapped(request, parts, self._selected)

    def _mapped_variants(self, request: Request, parts: tuple[str, ...]) -> Answer:
        def below(after: str | None) -> Iterator[Entry]:
            return (
                one for one in self._selected(after) if parts[1] in {model.key for model in self._world.ancestors(one)}
            )

        return self._mapped(request, parts, below)

    def _mapped_models(self, request: Request, parts: tuple[str, ...]) -> Answer:
        def roots(after: str | None) -> Iterator[Entry]:
            return (one for one in self._world.models.values(after=after) if one.parent is None)

        return self._mapped(request, parts, roots)

    def _mapped(self, request: Request, parts: tuple[str, ...], found: Selection) -> Answer:
        off = self._off(parts)
        if off is not None:
            return off
        stored = self._shelf.get(parts[0])
        if text(stored, "id") not in self._schemas:
            message = "Impossible to map the product: no product mapping schema available for this catalog."
            return Answer.json({"error": message})
        mapping = child(stored, "mapping")

        def show(entry: Entry) -> JsonObject:
            values = merged_values(self._world, entry)
            key = "uuid" if entry.family_variant is None else "code"
            return {key: entry.key, **{target: _mapped(values, child(mapping, target)) for target in mapping}}

        return cursor(request, found, _key, show, size=MAPPED_PAGE)


def _key(entry: Entry) -> str:
    return entry.key


def _mapped(values: JsonObject, source: JsonObject) -> JsonValue:
    """The data of one value; the PIM's transformations (units, labels, concatenations) are left out."""
    place = (source.get("locale"), source.get("scope"))
    for one in children(values.get(text(source, "source"))):
        if (one["locale"], one["scope"]) == place:
            return one["data"]
    return None
