"""Reference entities with their records, and asset families with their assets: one machine for both."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from akeneo_erp_bridge.testing.pim._batches import array_answer
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, text
from akeneo_erp_bridge.testing.pim._pages import Size, cursor
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, invalid, not_found
from akeneo_erp_bridge.testing.pim._routes import RouteTable
from akeneo_erp_bridge.testing.pim._schema import Property
from akeneo_erp_bridge.testing.pim._world import World
from akeneo_erp_bridge.testing.pim.resources._record_filters import keep, trimmed
from akeneo_erp_bridge.testing.pim.resources._record_values import RecordValues
from akeneo_erp_bridge.testing.pim.resources._shelf import CODE, LABELS, Shelf, saved

# no `limit` is documented for these lists: the server picks
PAGE = Size(100, 100)
_FLAG = Property("boolean", default=False)
_OF_ATTRIBUTES = {
    "code": CODE,
    "labels": LABELS,
    "type": Property("string", nullable=False, immutable=True),
    "value_per_locale": Property("boolean", default=False, immutable=True),
    "value_per_channel": Property("boolean", default=False, immutable=True),
    "is_required_for_completeness": _FLAG,
    "is_read_only": _FLAG,
}
# which settings an attribute has besides, by its type
_SETTINGS: dict[str, dict[str, Property]] = {
    "text": {
        "max_characters": Property("numeric"),
        "is_textarea": _FLAG,
        "is_rich_text_editor": _FLAG,
        "validation_rule": Property("string", default="none"),
        "validation_regexp": Property("string"),
    },
    "number": {"decimals_allowed": _FLAG, "min_value": Property("numeric"), "max_value": Property("numeric")},
    "image": {"allowed_extensions": Property("array", default=[]), "max_file_size": Property("numeric")},
    "media_file": {
        "allowed_extensions": Property("array", default=[]),
        "max_file_size": Property("numeric"),
        "media_type": Property("string", default="image"),
    },
    "media_link": {
        "prefix": Property("string"),
        "suffix": Property("string"),
        "media_type": Property("string", default="image"),
    },
    "single_option": {},
    "multiple_options": {},
    "reference_entity_single_link": {"reference_entity_code": Property("string", immutable=True)},
    "reference_entity_multiple_links": {"reference_entity_code": Property("string", immutable=True)},
    "asset_collection": {"asset_family_identifier": Property("string", immutable=True)},
    "date": {},
    "boolean": {},
}


@frozen
class Sort:
    """What tells the two apart: their routes, their words, and what each of them begins with."""

    kind: str
    path: str
    word: str
    things: str
    thing: str
    thing_word: str
    schema: dict[str, Property]
    picture: JsonObject
    deletable: bool = False


REFERENCE_ENTITIES = Sort(
    "reference_entity",
    "reference-entities",
    "Reference entity",
    "records",
    "record",
    "Record",
    {"code": CODE, "labels": LABELS, "image": Property("string")},
    {"code": "image", "type": "image"},
)
ASSET_FAMILIES = Sort(
    "asset_family",
    "asset-families",
    "Asset family",
    "assets",
    "asset",
    "Asset",
    {
        "code": CODE,
        "labels": LABELS,
        "attribute_as_main_media": Property("string", default="media"),
        "naming_convention": Property("object", default={}),
        "product_link_rules": Property("array", default=[]),
        "transformations": Property("array", default=[]),
    },
    {"code": "media", "type": "media_file"},
    deletable=True,
)


class Enriched:
    """The routes of one of the two sorts."""

    def __init__(self, world: World, sort: Sort) -> None:
        self._world = world
        self._sort = sort
        self._owners = Shelf(world, sort.kind, sort.word, sort.schema)
        self._attributes = Shelf(world, f"{sort.kind}_attribute", "Attribute", None)
        self._options = Shelf(world, f"{sort.kind}_option", "Option", {"code": CODE, "labels": LABELS})
        self._things = Shelf(world, sort.thing, sort.thing_word)
        self._values = RecordValues(world, self._attributes, self._options)

    def offer(self, routes: RouteTable) -> None:
        """Add the routes of owners, attributes, options and things."""
        kind, path = self._sort.kind, self._sort.path
        if self._sort is REFERENCE_ENTITIES and self._world.behaviour.has_cloud:
            routes.offer("all_record_list", "GET", f"{path}/records", self._list_everything)
        routes.offer(f"{kind}_list", "GET", path, self._list_owners)
        routes.offer(f"{kind}_get", "GET", f"{path}/{{code}}", lambda _, p: Answer.json(self._owners.get(p[0])))
        routes.offer(f"{kind}_upsert", "PATCH", f"{path}/{{code}}", self._patch_owner, "json")
        self._offer_attributes(routes, f"{kind}_attribute", f"{path}/{{owner}}/attributes")
        self._offer_things(routes, self._sort.thing, f"{path}/{{owner}}/{self._sort.things}")

    def _offer_attributes(self, routes: RouteTable, kind: str, path: str) -> None:
        routes.offer(f"{kind}_list", "GET", path, self._list_attributes)
        routes.offer(f"{kind}_get", "GET", f"{path}/{{code}}", lambda _, p: Answer.json(self._attribute(p)))
        routes.offer(f"{kind}_upsert", "PATCH", f"{path}/{{code}}", self._patch_attribute, "json")
        path = f"{path}/{{attribute}}/options"
        routes.offer(f"{kind}_option_list", "GET", path, self._list_options)
        routes.offer(f"{kind}_option_get", "GET", f"{path}/{{code}}", self._get_option)
        routes.offer(f"{kind}_option_upsert", "PATCH", f"{path}/{{code}}", self._patch_option, "json")

    def _offer_things(self, routes: RouteTable, kind: str, path: str) -> None:
        routes.offer(f"{kind}_list", "GET", path, self._list_things)
        routes.offer(f"{kind}_upsert_list", "PATCH", path, self._patch_things, "json")
        routes.offer(f"{kind}_get", "GET", f"{path}/{{code}}", self._get_thing)
        routes.offer(f"{kind}_upsert", "PATCH", f"{path}/{{code}}", self._patch_thing, "json")
        if self._sort.deletable:
            routes.offer(f"{kind}_delete", "DELETE", f"{path}/{{code}}", self._delete_thing)

    # -- owners ------------------------------------------------------------------------------------------------------

    def _list_owners(self, request: Request, _: tuple[str, ...]) -> Answer:
        shelf, path = self._owners, self._sort.path
        return cursor(
            request,
            lambda after: shelf.all(after=after),
            lambda one: text(one, "code"),
            lambda one: shelf.linked(request, path, one),
            size=PAGE,
        )

    def _patch_owner(self, request: Request, parts: tuple[str, ...]) -> Answer:
        code = parts[0]
        created = self._owners.upsert(code, request.json_object())
        if created:
            # every new one comes with a label and a picture
            self._create_attribute(code, {"code": "label", "type": "text", "value_per_locale": True})
            self._create_attribute(code, self._sort.picture)
        return saved(request, self._sort.path, code, created=created)

    def _owner(self, parts: tuple[str, ...]) -> str:
        return text(self._owners.get(parts[0]), "code")

    # -- attributes and options --------------------------------------------------------------------------------------

    def _list_attributes(self, _: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(list[JsonValue](self._attributes.all(self._owner(parts))))

    def _attribute(self, parts: tuple[str, ...]) -> JsonObject:
        return self._attributes.get(parts[1], self._owner(parts))

    def _patch_attribute(self, request: Request, parts: tuple[str, ...]) -> Answer:
        owner, code = self._owner(parts), parts[1]
        body = request.json_object()
        known = self._attributes.find(code, owner)
        if known is None:
            self._create_attribute(owner, {**body, "code": body.get("code", code)})
        else:
            self._of_type(text(known, "type")).upsert(code, body, owner)
        return saved(request, f"{self._sort.path}/{owner}/attributes", code, created=known is None)

    def _create_attribute(self, owner: str, body: JsonObject) -> None:
        kind = body.get("type")
        if not isinstance(kind, str) or kind not in _SETTINGS:
            listed = ", ".join(_SETTINGS)
            raise invalid([Violation("type", f'The attribute type "{kind}" does not exist; there are {listed}.')])
        self._of_type(kind).upsert(text(body, "code"), body, owner)

    def _of_type(self, kind: str) -> Shelf:
        return Shelf(self._world, f"{self._sort.kind}_attribute", "Attribute", _OF_ATTRIBUTES | _SETTINGS[kind])

    def _with_options(self, parts: tuple[str, ...]) -> str:
        attribute = self._attribute(parts)
        if not text(attribute, "type").endswith(("_option", "_options")):
            raise not_found(f'The attribute "{parts[1]}" does not support options.')
        return f"{self._owner(parts)}\x00{text(attribute, 'code')}"

    def _list_options(self, _: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(list[JsonValue](self._options.all(self._with_options(parts))))

    def _get_option(self, _: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(self._options.get(parts[2], self._with_options(parts)))

    def _patch_option(self, request: Request, parts: tuple[str, ...]) -> Answer:
        created = self._options.upsert(parts[2], request.json_object(), self._with_options(parts))
        path = f"{self._sort.path}/{parts[0]}/attributes/{parts[1]}/options"
        return saved(request, path, parts[2], created=created)

    # -- records and assets ------------------------------------------------------------------------------------------

    def _list_things(self, request: Request, parts: tuple[str, ...]) -> Answer:
        owner = self._owner(parts)
        keeps = keep(request)

        def found(after: str | None) -> Iterator[JsonObject]:
            return (one for one in self._things.all(owner, after=after) if keeps(one))

        path = f"{self._sort.path}/{owner}/{self._sort.things}"
        return cursor(
            request,
            found,
            lambda one: text(one, "code"),
            lambda one: trimmed(request, self._things.linked(request, path, one)),
            size=PAGE,
        )

    def _list_everything(self, request: Request, _: tuple[str, ...]) -> Answer:
        keeps = keep(request)

        def found(after: str | None) -> Iterator[tuple[str, JsonObject]]:
            pairs = [
                (text(one, "code"), record)
                for one in self._owners.all()
                for record in self._things.all(text(one, "code"))
            ]
            return (pair for pair in pairs if keeps(pair[1]) and (after is None or _place(pair) > after))

        def show(pair: tuple[str, JsonObject]) -> JsonObject:
            path = f"{self._sort.path}/{pair[0]}/records"
            return {**trimmed(request, self._things.linked(request, path, pair[1])), "reference_entity_code": pair[0]}

        return cursor(request, found, _place, show, size=PAGE)

    def _get_thing(self, _: Request, parts: tuple[str, ...]) -> Answer:
        return Answer.json(self._things.get(parts[1], self._owner(parts)))

    def _patch_thing(self, request: Request, parts: tuple[str, ...]) -> Answer:
        owner = self._owner(parts)
        created = self._save(owner, parts[1], request.json_object())
        return saved(request, f"{self._sort.path}/{owner}/{self._sort.things}", parts[1], created=created)

    def _patch_things(self, request: Request, parts: tuple[str, ...]) -> Answer:
        owner = self._owner(parts)
        return array_answer(
            request.json(), lambda code, body: self._save(owner, code, body), self._world.journal.commit
        )

    def _delete_thing(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._things.remove(parts[1], self._owner(parts))
        return Answer(204)

    def _save(self, owner: str, code: str, body: JsonObject) -> bool:
        old = self._things.find(code, owner)
        for name in body:
            if name not in ("code", "values"):
                raise Refusal(422, f"Property '{name}' does not exist.")
        sent = body.get("code", code)
        if sent != code:
            raise Refusal(422, f'The code "{sent}" in the request body must match the code "{code}" in the url.')
        values = self._values.merged(owner, (old or {}).get("values"), body.get("values", {}))
        new: JsonObject = {"code": code if old is None else old["code"], "values": values}
        if old is None or old["values"] != values:
            now = self._world.now()
            self._things.put({**new, "created": (old or {}).get("created", now), "updated": now}, owner)
        return old is None


def _place(pair: tuple[str, JsonObject]) -> str:
    return f"{pair[0]}/{text(pair[1], 'code')}"
