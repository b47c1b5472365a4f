"""What each route does."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from akeneo_erp_bridge.testing.pim._associations import Associations
from akeneo_erp_bridge.testing.pim._batches import Batch, Save, array_answer
from akeneo_erp_bridge.testing.pim._entities import Entities
from akeneo_erp_bridge.testing.pim._entity_lists import EntityLists
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject
from akeneo_erp_bridge.testing.pim._lists import EntryLists
from akeneo_erp_bridge.testing.pim._measurements import Measurements
from akeneo_erp_bridge.testing.pim._models import Models
from akeneo_erp_bridge.testing.pim._products import Products, Saved
from akeneo_erp_bridge.testing.pim._routes import ROOT, Handler, Route, RouteTable
from akeneo_erp_bridge.testing.pim._tokens import Tokens
from akeneo_erp_bridge.testing.pim._values import ValueReader
from akeneo_erp_bridge.testing.pim._views import Views, Wanted
from akeneo_erp_bridge.testing.pim._world import World
from akeneo_erp_bridge.testing.pim.resources._catalogs import Catalogs
from akeneo_erp_bridge.testing.pim.resources._drafts import Drafts
from akeneo_erp_bridge.testing.pim.resources._enriched import ASSET_FAMILIES, REFERENCE_ENTITIES, Enriched
from akeneo_erp_bridge.testing.pim.resources._files import Files, FileStore
from akeneo_erp_bridge.testing.pim.resources._legacy import Legacy, Pam
from akeneo_erp_bridge.testing.pim.resources._services import Services
from akeneo_erp_bridge.testing.pim.resources._shelf import Shelf
from akeneo_erp_bridge.testing.pim.resources._workflows import Workflows

# kind: (path, name in the index)
PLAIN = {
    "family": ("families", "family"),
    "attribute": ("attributes", "attribute"),
    "attribute_group": ("attribute-groups", "attribute_group"),
    "association_type": ("association-types", "association_type"),
    "category": ("categories", "category"),
    "channel": ("channels", "channel"),
}
OWNED = {
    "family_variant": ("families/{family_code}/variants", "family_variant", "family"),
    "option": ("attributes/{attribute_code}/options", "attribute_option", "attribute"),
}
# what PIM users make in the PIM itself, and no route does: path: (kind, key)
BY_USERS = {
    "catalogs": ("catalog", "id"),
    "groups": ("group", "code"),
    "jobs": ("job", "code"),
    "permissions": ("user", "uuid"),
    "published-products": ("published_product", "identifier"),
    "workflows": ("workflow", "uuid"),
}
READ_ONLY = {"locale": ("locales", "locale"), "currency": ("currencies", "currency")}


class Api:
    """The routes of one PIM, bound to its catalog."""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self._world = world
        self._tokens = tokens
        self.routes = RouteTable()
        links, values = Associations(world), ValueReader(world)
        self._entities = Entities(world)
        self._measurements = Measurements(world)
        self._products = Products(world, values, links)
        self._models = Models(world, self._products, values, links)
        self._views = Views(world, links)
        self._lists = EntryLists(world, self._views, links)
        self._entity_lists = EntityLists(world, self._entities)
        self.cut_after: int | None = None
        """Set by a fault for the batch being handled."""
        self._system_routes()
        self._product_routes()
        self._model_routes()
        for kind, (path, name) in PLAIN.items():
            self._plain_routes(kind, path, name)
        for kind, (path, name, owner_kind) in OWNED.items():
            self._owned_routes(kind, path, name, owner_kind)
        for kind, (path, name) in READ_ONLY.items():
            self._read_routes(kind, path, name)
        self._further_routes()

    def put_down(self, path: str, thing: JsonObject) -> bool:
        """Keep a thing as it is, where PIM users make it; whether they do."""
        kind, key = BY_USERS.get(path.removeprefix(f"{ROOT}/"), ("", ""))
        if kind:
            Shelf(self._world, kind, kind, key=key).put(thing)
        return bool(kind)

    def _further_routes(self) -> None:
        """What is beside products and their structure, as far as this PIM has it."""
        world, behaviour = self._world, self._world.behaviour
        store = FileStore(world)
        Files(world, store, self._products, self._models).offer(self.routes)
        Drafts(world, self._products, self._models, self._views).offer(self.routes)
        Legacy(world).offer(self.routes)
        if behaviour.has_enterprise:
            for sort in (REFERENCE_ENTITIES, ASSET_FAMILIES):
                Enriched(world, sort).offer(self.routes)
        if behaviour.has_cloud:
            Catalogs(world, self._views).offer(self.routes)
            Workflows(world).offer(self.routes)
            Services(world).offer(self.routes)
        if behaviour.has_pam:
            Pam(world, store).offer(self.routes)

    # -- system ------------------------------------------------------------------------------------------------------

    def _system_routes(self) -> None:
        behaviour = self._world.behaviour
        self.routes.add(
            Route(
                "fos_oauth_server_token",
                "POST",
                "/api/oauth/v1/token",
                lambda r, _: self._tokens.answer(r),
                "none",
                True,
            )
        )
        self.routes.offer("", "GET", ROOT, lambda r, _: Answer.json(self.routes.index(r.base)), free=True)
        if behaviour.has_system_information:
            shown: JsonObject = {"version": behaviour.version, "edition": behaviour.edition}
            free = not behaviour.system_information_needs_token
            self.routes.offer(
                "system_information_get", "GET", "system-information", lambda _r, _p: Answer.json(shown), free=free
            )
        self.routes.offer(
            "measurement_family_get",
            "GET",
            "measurement-families",
            lambda _r, _p: Answer.json(self._measurements.all()),
        )
        self.routes.offer(
            "measurement_family_partial_update_list", "PATCH", "measurement-families", self._patch_units, "json"
        )

    def _patch_units(self, request: Request, _: tuple[str, ...]) -> Answer:
        return array_answer(request.json(), self._measurements.upsert, self._world.journal.commit)

    # -- products ----------------------------------------------------------------------------------------------------

    def _product_routes(self) -> None:
        behaviour = self._world.behaviour
        if behaviour.has_uuid_routes:
            self.routes.offer(
                "product_uuid_list", "GET", "products-uuid", lambda r, _: self._lists.products(r, by_uuid=True)
            )
            self.routes.offer("product_uuid_create", "POST", "products-uuid", self._post_uuid, "json")
            batch = self._batch("uuid", self._line_uuid, behaviour.uuid_batch_error_key)
            self.routes.offer("product_uuid_partial_update_list", "PATCH", "products-uuid", self._lines(batch), "lines")
            if behaviour.has_search_post:
                self.routes.offer("product_uuid_search", "POST", "products-uuid/search", self._search_post, "json")
            self.routes.offer("product_uuid_get", "GET", "products-uuid/{uuid}", self._get_uuid)
            self.routes.offer("product_uuid_partial_update", "PATCH", "products-uuid/{uuid}", self._patch_uuid, "json")
            self.routes.offer("product_uuid_delete", "DELETE", "products-uuid/{uuid}", self._delete_uuid)
        self.routes.offer("product_list", "GET", "products", lambda r, _: self._lists.products(r, by_uuid=False))
        self.routes.offer("product_create", "POST", "products", self._post_product, "json")
        batch = self._batch("identifier", self._line_product)
        self.routes.offer("product_partial_update_list", "PATCH", "products", self._lines(batch), "lines")
        self.routes.offer("product_get", "GET", "products/{code}", self._get_product)
        self.routes.offer("product_partial_update", "PATCH", "products/{code}", self._patch_product, "json")
        self.routes.offer("product_delete", "DELETE", "products/{code}", self._delete_product)

    def _lines(self, batch: Batch) -> Handler:
        return lambda request, _: batch.answer(request.body, self.cut_after)

    def _batch(
        self,
        key: Literal["code", "identifier", "uuid"],
        save: Save,
        error_key: Literal["status_code", "code"] = "status_code",
    ) -> Batch:
        return Batch(key, save, self._world.journal.commit, error_key, self._world.behaviour.line_limit)

    def _line_uuid(self, key: str, body: JsonObject) -> bool:
        return self._products.upsert_by_uuid(key, body).created

    def _line_product(self, key: str, body: JsonObject) -> bool:
        return self._products.upsert_by_identifier(key, body).created

    def _wanted(self, request: Request) -> Wanted:
        return Wanted.of(self._world, request.base, dict(request.query))

    def _search_post(self, request: Request, _: tuple[str, ...]) -> Answer:
        return self._lists.products(request, by_uuid=True, body=request.json_object())

    def _get_uuid(self, request: Request, parts: tuple[str, ...]) -> Answer:
        product = self._products.by_uuid(parts[0])
        return Answer.json(self._views.product(product, self._wanted(request), by_uuid=True))

    def _post_uuid(self, request: Request, _: tuple[str, ...]) -> Answer:
        return self._saved_uuid(request, self._products.create_by_uuid(request.json_object()))

    def _patch_uuid(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return self._saved_uuid(request, self._products.upsert_by_uuid(parts[0], request.json_object()))

    def _saved_uuid(self, request: Request, saved: Saved) -> Answer:
        return _saved(request, f"products-uuid/{saved.entry.key}", created=saved.created)

    def _delete_uuid(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._products.delete(self._products.by_uuid(parts[0]))
        return Answer(204)

    def _get_product(self, request: Request, parts: tuple[str, ...]) -> Answer:
        product = self._products.by_identifier(parts[0])
        return Answer.json(self._views.product(product, self._wanted(request), by_uuid=False))

    def _post_product(self, request: Request, _: tuple[str, ...]) -> Answer:
        return self._saved_product(request, self._products.create_by_identifier(request.json_object()))

    def _patch_product(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return self._saved_product(request, self._products.upsert_by_identifier(parts[0], request.json_object()))

    def _saved_product(self, request: Request, saved: Saved) -> Answer:
        name = quote(saved.entry.identifier or "", safe="")
        return _saved(request, f"products/{name}", created=saved.created)

    def _delete_product(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._products.delete(self._products.by_identifier(parts[0]))
        return Answer(204)

    # -- product models ----------------------------------------------------------------------------------------------

    def _model_routes(self) -> None:
        self.routes.offer("product_model_list", "GET", "product-models", lambda r, _: self._lists.models(r))
        self.routes.offer("product_model_create", "POST", "product-models", self._post_model, "json")
        batch = self._batch("code", lambda key, body: self._models.upsert(key, body).created)
        self.routes.offer("product_model_partial_update_list", "PATCH", "product-models", self._lines(batch), "lines")
        self.routes.offer("product_model_get", "GET", "product-models/{code}", self._get_model)
        self.routes.offer("product_model_partial_update", "PATCH", "product-models/{code}", self._patch_model, "json")
        self.routes.offer("product_model_delete", "DELETE", "product-models/{code}", self._delete_model)

    def _get_model(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(self._views.model(self._models.by_code(parts[0]), self._wanted(request)))

    def _post_model(self, request: Request, _: tuple[str, ...]) -> Answer:
        return self._saved_model(request, self._models.create(request.json_object()))

    def _patch_model(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return self._saved_model(request, self._models.upsert(parts[0], request.json_object()))

    def _saved_model(self, request: Request, saved: Saved) -> Answer:
        return _saved(request, f"product-models/{quote(saved.entry.key, safe='')}", created=saved.created)

    def _delete_model(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._models.delete(self._models.by_code(parts[0]))
        return Answer(204)

    # -- everything else ---------------------------------------------------------------------------------------------

    def _plain_routes(self, kind: str, path: str, name: str) -> None:
        entities = self._entities

        def post(request: Request, _: tuple[str, ...]) -> Answer:
            return _saved(request, f"{path}/{entities.create(kind, request.json_object())}", created=True)

        def patch(request: Request, parts: tuple[str, ...]) -> Answer:
            created = entities.upsert(kind, parts[0], request.json_object())
            return _saved(request, f"{path}/{parts[0]}", created=created)

        def delete(_: Request, parts: tuple[str, ...]) -> Answer:
            entities.delete_family(parts[0])
            return Answer(204)

        self._read_routes(kind, path, name)
        self.routes.offer(f"{name}_create", "POST", path, post, "json")
        batch = self._batch("code", lambda code, body: entities.upsert(kind, code, body))
        self.routes.offer(f"{name}_partial_update_list", "PATCH", path, self._lines(batch), "lines")
        self.routes.offer(f"{name}_partial_update", "PATCH", f"{path}/{{code}}", patch, "json")
        if kind == "family" and self._world.behaviour.has_family_delete:
            self.routes.offer("family_delete", "DELETE", f"{path}/{{code}}", delete)

    def _read_routes(self, kind: str, path: str, name: str) -> None:
        def show(request: Request, parts: tuple[str, ...]) -> Answer:
            return Answer.json(self._entity_lists.shown(request, kind, self._entities.get(kind, parts[0])))

        def listed(request: Request, _: tuple[str, ...]) -> Answer:
            return self._entity_lists.page(request, kind, path)

        self.routes.offer(f"{name}_list", "GET", path, listed)
        self.routes.offer(f"{name}_get", "GET", f"{path}/{{code}}", show)

    def _owned_routes(self, kind: str, path: str, name: str, owner_kind: str) -> None:
        entities = self._entities

        def owner(parts: tuple[str, ...]) -> str:
            return self._entity_lists.owner(owner_kind, parts[0])

        def place(parts: tuple[str, ...]) -> str:
            return f"{path.partition('/')[0]}/{owner(parts)}/{path.rpartition('/')[2]}"

        def listed(request: Request, parts: tuple[str, ...]) -> Answer:
            return self._entity_lists.page(request, kind, place(parts), owner(parts))

        def show(_: Request, parts: tuple[str, ...]) -> Answer:
            return Answer.json(entities.show(kind, entities.get(kind, parts[1], owner(parts))))

        def post(request: Request, parts: tuple[str, ...]) -> Answer:
            code = entities.create(kind, request.json_object(), owner(parts))
            return _saved(request, f"{place(parts)}/{code}", created=True)

        def patch(request: Request, parts: tuple[str, ...]) -> Answer:
            created = entities.upsert(kind, parts[1], request.json_object(), owner(parts))
            return _saved(request, f"{place(parts)}/{parts[1]}", created=created)

        def lines(request: Request, parts: tuple[str, ...]) -> Answer:
            def save(code: str, body: JsonObject) -> bool:
                return entities.upsert(kind, code, body, owner(parts))

            return self._batch("code", save).answer(request.body, self.cut_after)

        self.routes.offer(f"{name}_list", "GET", path, listed)
        self.routes.offer(f"{name}_create", "POST", path, post, "json")
        self.routes.offer(f"{name}_partial_update_list", "PATCH", path, lines, "lines")
        self.routes.offer(f"{name}_get", "GET", f"{path}/{{code}}", show)
        self.routes.offer(f"{name}_partial_update", "PATCH", f"{path}/{{code}}", patch, "json")


def _saved(request: Request, place: str, *, created: bool) -> Answer:
    return Answer.saved(created=created, location=f"{request.base}{ROOT}/{place}")
