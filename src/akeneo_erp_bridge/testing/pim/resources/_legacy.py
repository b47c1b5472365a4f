"""What Akeneo has given up: published products, the old measure families, and the asset manager of 2.1 to 3.x."""

from __future__ import annotations

from akeneo_erp_bridge.testing.pim._batches import Batch
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, text, texts
from akeneo_erp_bridge.testing.pim._pages import cursor, pagination_type
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, invalid, not_found
from akeneo_erp_bridge.testing.pim._routes import ROOT, Handler, RouteTable
from akeneo_erp_bridge.testing.pim._schema import Property
from akeneo_erp_bridge.testing.pim._world import World
from akeneo_erp_bridge.testing.pim.resources._files import FileStore
from akeneo_erp_bridge.testing.pim.resources._forms import form_of
from akeneo_erp_bridge.testing.pim.resources._shelf import CODE, LABELS, Shelf, saved

_ASSET = {
    "code": CODE,
    "categories": Property("array", default=[], nullable=False),
    "description": Property("string"),
    "localizable": Property("boolean", default=False, immutable=True),
    "tags": Property("array", default=[], nullable=False),
    "end_of_use": Property("string"),
}
NO_LOCALE = "no-locale"


class Legacy:
    """Published products and measure families, which newer PIMs still have."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._published = Shelf(world, "published_product", "Published product", key="identifier")

    def offer(self, routes: RouteTable) -> None:
        """Add the routes this PIM has."""
        path = "measure-families"
        routes.offer("measure_family_list", "GET", path, self._list_families)
        routes.offer("measure_family_get", "GET", f"{path}/{{code}}", self._get_family)
        if self._world.behaviour.has_enterprise:
            path = "published-products"
            routes.offer("published_product_list", "GET", path, self._list_published)
            routes.offer(
                "published_product_get", "GET", f"{path}/{{code}}", lambda _, p: Answer.json(self._published.get(p[0]))
            )

    def _list_published(self, request: Request, _: tuple[str, ...]) -> Answer:
        shelf, path = self._published, "published-products"
        if pagination_type(request, ("page", "search_after")) == "page":
            return shelf.page(request, path)
        return cursor(
            request,
            lambda after: shelf.all(after=after),
            lambda one: text(one, "identifier"),
            lambda one: shelf.linked(request, path, one),
        )

    def _list_families(self, request: Request, _: tuple[str, ...]) -> Answer:
        # it looks like a page, and is always the only one
        items: list[JsonValue] = [_family(one) for one in self._world.tables["measurement_family"].values()]
        href = f"{request.base}{ROOT}/measure-families"
        links: JsonObject = {name: {"href": href} for name in ("self", "first")}
        return Answer.json({"_links": links, "current_page": 1, "_embedded": {"items": items}})

    def _get_family(self, _: Request, parts: tuple[str, ...]) -> Answer:
        found = self._world.find("measurement_family", parts[0])
        if found is None:
            raise not_found(f'Measure family "{parts[0]}" does not exist.')
        return Answer.json(_family(found))


def _family(stored: JsonObject) -> JsonObject:
    units: list[JsonValue] = []
    for code in child(stored, "units"):
        unit = child(child(stored, "units"), code)
        steps = children(unit.get("convert_from_standard"))
        convert: JsonObject = {text(step, "operator"): step["value"] for step in steps}
        units.append({"code": code, "convert": convert, "symbol": unit.get("symbol")})
    return {"code": stored["code"], "standard": stored["standard_unit_code"], "units": units}


class Pam:
    """The routes of the old asset manager."""

    def __init__(self, world: World, store: FileStore) -> None:
        self._world = world
        self._store = store
        self._assets = Shelf(world, "pam_asset", "Asset", _ASSET)
        self._categories = Shelf(
            world, "pam_category", "Asset category", {"code": CODE, "parent": Property("string"), "labels": LABELS}
        )
        self._tags = Shelf(world, "pam_tag", "Tag", {"code": CODE})
        self._files = Shelf(world, "pam_file", "File", key="place")

    def offer(self, routes: RouteTable) -> None:
        """Add the routes."""
        self._offer(routes, self._assets, "pam_asset", "assets")
        self._offer(routes, self._categories, "pam_category", "asset-categories")
        path = "asset-tags"
        routes.offer("pam_tag_list", "GET", path, lambda r, _: self._tags.page(r, path))
        routes.offer("pam_tag_get", "GET", f"{path}/{{code}}", lambda _, p: Answer.json(self._tags.get(p[0])))
        routes.offer("pam_tag_upsert", "PATCH", f"{path}/{{code}}", self._patch(self._tags, path), "json")
        for name, file in (("reference", "{locale}"), ("variation", "{channel}/{locale}")):
            route = f"assets/{{code}}/{name}-files/{file}"
            routes.offer(f"pam_{name}_file_get", "GET", route, self._file)
            routes.offer(f"pam_{name}_file_create", "POST", route, self._upload, "form")
            routes.offer(f"pam_{name}_file_download", "GET", f"{route}/download", self._download)

    def _offer(self, routes: RouteTable, shelf: Shelf, name: str, path: str) -> None:
        def save(code: str, body: JsonObject) -> bool:
            return self._save(shelf, code, body)

        def create(request: Request, _: tuple[str, ...]) -> Answer:
            body = request.json_object()
            code = text(body, "code")
            if not code or shelf.find(code) is not None:
                raise invalid([Violation("code", "This value should not be blank, nor used already.")])
            save(code, body)
            return saved(request, path, code, created=True)

        batch = Batch("code", save, self._world.journal.commit)
        routes.offer(f"{name}_list", "GET", path, lambda r, _: shelf.page(r, path))
        routes.offer(f"{name}_create", "POST", path, create, "json")
        routes.offer(f"{name}_upsert_list", "PATCH", path, lambda r, _: batch.answer(r.body, None), "lines")
        routes.offer(f"{name}_get", "GET", f"{path}/{{code}}", lambda _, p: Answer.json(shelf.get(p[0])))
        routes.offer(f"{name}_upsert", "PATCH", f"{path}/{{code}}", self._patch(shelf, path), "json")

    def _patch(self, shelf: Shelf, path: str) -> Handler:
        def patch(request: Request, parts: tuple[str, ...]) -> Answer:
            created = self._save(shelf, parts[0], request.json_object())
            return saved(request, path, parts[0], created=created)

        return patch

    def _save(self, shelf: Shelf, code: str, body: JsonObject) -> bool:
        for category in texts(body.get("categories")):
            if self._categories.find(category) is None:
                raise Refusal(422, f'Category "{category}" does not exist.')
        for tag in texts(body.get("tags")):
            self._tags.upsert(tag, {})
        return shelf.upsert(code, body)

    # -- files: `place` is what follows the asset in the path --------------------------------------------------------

    def _upload(self, request: Request, parts: tuple[str, ...]) -> Answer:
        asset = self._assets.get(parts[0])
        locale = parts[-1]
        if (locale == NO_LOCALE) is (asset["localizable"] is True):
            raise Refusal(422, f'The asset "{parts[0]}" is {"" if asset["localizable"] else "not "}localizable.')
        code = self._store.keep(*form_of(request).file(), "pam")
        file: JsonObject = {
            "place": "/".join(parts[1:]),
            "code": code,
            "locale": None if locale == NO_LOCALE else locale,
        }
        self._files.put(file if len(parts) == 2 else {**file, "scope": parts[1]}, text(asset, "code"))
        return Answer(201, b"", (("Location", f"{request.base}{request.path}"),))

    def _found(self, parts: tuple[str, ...]) -> JsonObject:
        return self._files.get("/".join(parts[1:]), text(self._assets.get(parts[0]), "code"))

    def _file(self, request: Request, parts: tuple[str, ...]) -> Answer:
        file = self._found(parts)
        links: JsonObject = {
            "self": {"href": f"{request.base}{request.path}"},
            "download": {"href": f"{request.base}{request.path}/download"},
        }
        return Answer.json({"_link": links, **{name: value for name, value in file.items() if name != "place"}})

    def _download(self, _: Request, parts: tuple[str, ...]) -> Answer:
        return self._store.download(text(self._found(parts), "code"), "pam")
