"""A shelf: things of one kind that are kept as JSON, merged by the API's rule, and listed."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from akeneo_erp_bridge.testing.pim._entities import check_kind
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, text
from akeneo_erp_bridge.testing.pim._pages import page
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, invalid, not_found, unknown_property
from akeneo_erp_bridge.testing.pim._routes import ROOT
from akeneo_erp_bridge.testing.pim._schema import Property
from akeneo_erp_bridge.testing.pim._world import World

LABELS = Property("object", {}, nullable=False)
CODE = Property("string", nullable=False, immutable=True)


class Shelf:
    """Things of one kind. *schema* names their properties; without one, any property is taken.

    *owner* is the code of the thing they belong to, and part of their key.
    """

    def __init__(
        self, world: World, kind: str, word: str, schema: Mapping[str, Property] | None = None, *, key: str = "code"
    ) -> None:
        self.world = world
        self.word = word
        self.key = key
        self.table = world.table(kind)
        self._schema = schema

    def find(self, code: str, owner: str = "") -> JsonObject | None:
        """One thing, if it is there."""
        return self.table.get(f"{owner}\x00{code}")

    def get(self, code: str, owner: str = "") -> JsonObject:
        """One thing; refuses with 404."""
        found = self.find(code, owner)
        if found is None:
            raise not_found(f'{self.word} "{code}" does not exist.')
        return found

    def all(self, owner: str = "", *, after: str | None = None) -> Iterator[JsonObject]:
        """All things of an owner, in the order of their keys."""
        prefix = f"{owner}\x00"
        return self.table.values(prefix=prefix, after=None if after is None else prefix + after)

    def put(self, thing: JsonObject, owner: str = "") -> None:
        """Keep a thing as it is."""
        self.table.put(f"{owner}\x00{text(thing, self.key)}", thing)

    def remove(self, code: str, owner: str = "") -> None:
        """Delete; refuses with 404."""
        self.get(code, owner)
        self.table.remove(f"{owner}\x00{code}")

    def upsert(self, code: str, body: JsonObject, owner: str = "") -> bool:
        """Create a thing or merge into it; tells whether it was created."""
        old = self.find(code, owner)
        new = self.merged(code, body, old)
        if new != old:
            self.put(new, owner)
        return old is None

    def merged(self, code: str, body: JsonObject, old: JsonObject | None) -> JsonObject:
        """What a PATCH makes of a thing: an object goes into an object key by key, all else replaces."""
        sent = body.get(self.key, code)
        if not isinstance(sent, str) or sent.lower() != code.lower():
            raise Refusal(
                422,
                f'The {self.key} "{sent}" provided in the request body must match the {self.key} "{code}" provided'
                " in the url.",
            )
        new = copy.deepcopy(old) if old is not None else self._blank(code)
        for name, value in body.items():
            self._check(name, value, old)
            before = new.get(name)
            if isinstance(value, dict) and isinstance(before, dict):
                new[name] = {**before, **value}
            elif name != self.key:
                new[name] = {} if isinstance(before, dict) and value == [] else value
        return new

    def _blank(self, code: str) -> JsonObject:
        defaults = {name: copy.deepcopy(known.default) for name, known in (self._schema or {}).items()}
        return {**defaults, self.key: code}

    def _check(self, name: str, value: JsonValue, old: JsonObject | None) -> None:
        if self._schema is None:
            return
        known = self._schema.get(name)
        if known is None:
            raise unknown_property(name)
        check_kind(name, known, value)
        if known.immutable and name != self.key and old is not None and value != old.get(name):
            raise invalid([Violation(name, "This property cannot be changed.")])

    def page(self, request: Request, path: str) -> Answer:
        """One page of all things, by number."""
        return page(request, self.all(), lambda one: self.linked(request, path, one))

    def linked(self, request: Request, path: str, thing: JsonObject) -> JsonObject:
        """A thing with the link to itself."""
        href = f"{request.base}{ROOT}/{path}/{quote(text(thing, self.key), safe='')}"
        return {"_links": {"self": {"href": href}}, **thing}


def saved(request: Request, path: str, code: str, *, created: bool) -> Answer:
    """The answer to a write of one thing."""
    return Answer.saved(created=created, location=f"{request.base}{ROOT}/{path}/{quote(code, safe='')}")
