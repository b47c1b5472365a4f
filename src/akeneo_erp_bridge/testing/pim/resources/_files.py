"""Files: those of products and categories, whose upload sets a value, and those of entities and assets, which wait."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from urllib.parse import quote

from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, children, dumps, maybe_text, text, texts
from akeneo_erp_bridge.testing.pim._models import Models
from akeneo_erp_bridge.testing.pim._pages import page
from akeneo_erp_bridge.testing.pim._products import Products
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, invalid, not_found
from akeneo_erp_bridge.testing.pim._routes import ROOT, RouteTable
from akeneo_erp_bridge.testing.pim._store import Table
from akeneo_erp_bridge.testing.pim._world import Attribute, World
from akeneo_erp_bridge.testing.pim.resources._forms import form_of

EXTENSIONS = {
    "pim_catalog_image": ("gif", "jfif", "jif", "jpeg", "jpg", "pdf", "png", "psd", "tif", "tiff"),
    "pim_catalog_file": ("csv", "doc", "docx", "mp3", "pdf", "ppt", "pptx", "rtf", "svg", "txt", "wav"),
}
"""Lower case; Akeneo's source list, longer than the documentation's."""
PLACE = frozenset({"attribute", "scope", "locale"})


class FileStore:
    """What was uploaded: a record of each file, and its bytes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.records = world.tables["media_file"]
        self._contents: Table[bytes] = Table("file_content", world.journal, bytes, bytes)

    def keep(self, filename: str, content: bytes, area: str) -> str:
        """Keep a file; its code is a path made of a hash and the cleaned name."""
        # the same bytes uploaded twice are two files, as in the PIM
        salt = f"{len(self.records)} {filename} ".encode()
        digest = hashlib.sha1(salt + content, usedforsecurity=False).hexdigest()
        code = f"{'/'.join(digest[:4])}/{digest}_{re.sub(r'[^a-zA-Z0-9.]', '_', filename)}"
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        record: JsonObject = {
            "code": code,
            "original_filename": filename,
            "mime_type": kind,
            "size": len(content),
            "extension": filename.rpartition(".")[2].lower(),
            "area": area,
        }
        self.records.put(code, record)
        self._contents.put(code, content)
        return code

    def forget(self, code: str) -> None:
        """Drop a file whose value was refused."""
        self.records.remove(code)
        self._contents.remove(code)

    def record(self, code: str, area: str) -> JsonObject:
        """What is known of a file; refuses with 404."""
        found = self.records.get(code)
        if found is None or found["area"] != area:
            raise not_found(f'Media file "{code}" does not exist.')
        return found

    def download(self, code: str, area: str) -> Answer:
        """The file itself."""
        record = self.record(code, area)
        content = self._contents.get(code) or b""
        name = quote(text(record, "original_filename"))
        headers = (
            ("Content-Type", text(record, "mime_type")),
            ("Content-Disposition", f"attachment; filename*=utf-8''{name}"),
        )
        return Answer(200, content, headers)


class Files:
    """The routes of files."""

    def __init__(self, world: World, store: FileStore, products: Products, models: Models) -> None:
        self._world = world
        self._store = store
        self._products = products
        self._models = models

    def offer(self, routes: RouteTable) -> None:
        """Add the routes this PIM has."""
        store, behaviour = self._store, self._world.behaviour
        routes.offer("media_file_list", "GET", "media-files", self._list)
        routes.offer("media_file_create", "POST", "media-files", self._upload, "form")
        routes.offer(
            "media_file_download", "GET", "media-files/{file}/download", lambda _, p: store.download(p[0], "product")
        )
        routes.offer("media_file_get", "GET", "media-files/{file}", self._get)
        if behaviour.has_cloud:
            path = "category-media-files"
            routes.offer("category_media_file_create", "POST", path, self._upload_category, "form")
            routes.offer(
                "category_media_file_download",
                "GET",
                f"{path}/{{file_path}}/download",
                lambda _, p: store.download(p[0], "category"),
            )
        if behaviour.has_enterprise:
            self._waiting(
                routes, "reference-entities-media-files", "reference_entity", "Reference-entities-media-file-code"
            )
            self._waiting(routes, "asset-media-files", "asset", "Asset-media-file-code")

    def _waiting(self, routes: RouteTable, path: str, area: str, header: str) -> None:
        """Files that no value points at yet."""

        def upload(request: Request, _: tuple[str, ...]) -> Answer:
            code = self._store.keep(*form_of(request).file(), area)
            return Answer(201, b"", (("Location", f"{request.base}{ROOT}/{path}/{code}"), (header, code)))

        routes.offer(f"{area}_media_file_create", "POST", path, upload, "form")
        routes.offer(
            f"{area}_media_file_download", "GET", f"{path}/{{file}}", lambda _, p: self._store.download(p[0], area)
        )

    # -- products and models -----------------------------------------------------------------------------------------

    def _list(self, request: Request, _: tuple[str, ...]) -> Answer:
        found = [one for one in self._store.records.values() if one["area"] == "product"]
        return page(request, found, lambda one: self._shown(request, one))

    def _get(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(self._shown(request, self._store.record(parts[0], "product")))

    def _shown(self, request: Request, record: JsonObject) -> JsonObject:
        href = f"{request.base}{ROOT}/media-files/{text(record, 'code')}"
        links: JsonObject = {"self": {"href": href}, "download": {"href": f"{href}/download"}}
        return {"_links": links, **{name: value for name, value in record.items() if name != "area"}}

    def _upload(self, request: Request, _: tuple[str, ...]) -> Answer:
        form = form_of(request)
        owners = [name for name in ("product", "product_model") if name in form.fields]
        if len(owners) != 1:
            raise Refusal(422, 'Either the property "product" or the property "product_model" is required.')
        place = form.json(owners[0])
        missing = sorted(PLACE - set(place))
        if missing:
            raise Refusal(422, f'Property "{missing[0]}" is required.')
        filename, content = form.file()
        self._check_name(filename, self._attribute(text(place, "attribute")))
        code = self._store.keep(filename, content, "product")
        try:
            self._set(owners[0], place, code)
        except Refusal:
            self._store.forget(code)
            raise
        return Answer(201, b"", (("Location", f"{request.base}{ROOT}/media-files/{code}"),))

    def _set(self, owner: str, place: JsonObject, code: str) -> None:
        entry: JsonObject = {"locale": place["locale"], "scope": place["scope"], "data": code}
        body: JsonObject = {"values": {text(place, "attribute"): [entry]}}
        uuid, identifier = maybe_text(place, "uuid"), maybe_text(place, "identifier")
        if owner == "product_model":
            self._models.upsert(self._models.by_code(text(place, "code")).key, body)
        elif uuid is not None:
            self._products.upsert_by_uuid(self._products.by_uuid(uuid).key, body)
        elif identifier is not None:
            self._products.by_identifier(identifier)
            self._products.upsert_by_identifier(identifier, body)
        else:
            raise Refusal(422, 'Property "identifier" is required.')

    def _attribute(self, code: str) -> Attribute:
        attribute = self._world.attribute(code)
        if attribute is None or attribute.type not in EXTENSIONS:
            raise Refusal(422, f'The attribute "{code}" does not exist, or takes no files.')
        return attribute

    def _check_name(self, filename: str, attribute: Attribute) -> None:
        allowed = texts(attribute.settings.get("allowed_extensions")) or EXTENSIONS[attribute.type]
        extension = filename.rpartition(".")[2].lower()
        if extension not in {one.lower() for one in allowed}:
            listed = ", ".join(allowed)
            message = f"The {extension} file extension is not allowed for the {attribute.code} attribute. Allowed extensions are {listed}."
            raise invalid([Violation("values", message, attribute.code)])

    # -- categories --------------------------------------------------------------------------------------------------

    def _upload_category(self, request: Request, _: tuple[str, ...]) -> Answer:
        form = form_of(request)
        if "category" not in form.fields:
            raise Refusal(422, 'Property "category" is required.')
        place = form.json("category")
        category = self._world.find("category", text(place, "code"))
        if category is None:
            raise Refusal(422, f'Category "{text(place, "code")}" does not exist.')
        code = self._store.keep(*form.file(), "category")
        where = {name: place.get(name) for name in ("attribute_code", "locale", "channel")}
        others: list[JsonValue] = [
            one for one in children(category.get("values")) if {name: one.get(name) for name in where} != where
        ]
        data: JsonObject = {"file_path": code, "original_filename": form.filename}
        stored: JsonObject = {**category, "values": [*others, {**where, "data": data}]}
        self._world.tables["category"].put(text(category, "code"), stored)
        path = f"{ROOT}/category-media-files/{code}/download"
        return Answer(201, dumps({}), (("Location", f"{request.base}{path}"), ("Content-Type", "application/json")))
