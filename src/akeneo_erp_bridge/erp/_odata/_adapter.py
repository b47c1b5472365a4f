"""`ODataAdapter`: items of an entity set of an OData 4 service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._http._json import members
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._odata._delta import changes_of, complete
from akeneo_erp_bridge.erp._odata._edm import EdmProperty
from akeneo_erp_bridge.erp._odata._entities import Entities, Wire, WirePage, entities_of
from akeneo_erp_bridge.erp._odata._literals import GUID, WHOLE, literal, one_of
from akeneo_erp_bridge.erp._odata._plan import kinds_of_paths, property_at
from akeneo_erp_bridge.erp._odata._service import ODataService
from akeneo_erp_bridge.erp._odata._values import scalar
from akeneo_erp_bridge.erp._readers import read_key
from akeneo_erp_bridge.erp._timestamp_cursor import Position, Stamped, timestamp_cursor
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError, CursorExpired, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.rules import shown

ItemT = TypeVar("ItemT", bound=ErpItem)

_HOT_PAGE: Final = 500
_OVERLAP: Final = timedelta(minutes=10)
_NOT_TRACKED: Final = (
    "tracks no changes of this set; use changed_at= with the name of a stamp, or neither option and snapshot_diff"
)
_WALKED: Final = frozenset({"Edm.String", "Edm.Guid", *WHOLE})


class ODataAdapter(Generic[ItemT]):
    """Reads one entity set of an `ODataService`.

    ::

        class Article(ErpItem):
            number = cold(str, "number", key=True)
            name = cold(str, "name")
            name_de = cold(str, "name@de")                  # asked for with Accept-Language: de
            unit = cold(str, "unit.code")                   # $expand=unit($select=code)
            eans = cold(str, "barcodes[*].ean").many()
            price = hot(Decimal, "unitPrice")

        service = ODataService("https://erp.example.com/odata/v4/catalog", auth=BasicAuth("bridge", password))
        erp = ODataAdapter(service, Article, entity_set="Items", changed_at="modifiedAt")

    A run asks for what its mapping needs and no more (`$select`, `$expand`). Three ways to know what changed:

    - neither option: each run reads everything, in the order of the key, and goes on in it after a stop;
    - ``changed_at="modifiedAt"``: what has this stamp or a later one, an `Edm.DateTimeOffset`. `overlap` is that of
      `timestamp_cursor`. Deletions leave no trace: wrap the adapter in `snapshot_diff`;
    - ``track_changes=True``: the service's own delta links, which tell deletions too. They name what is gone by the
      entity's key; where your item has another key, give ``tells_deletions=False`` and deletions are not told. A link
      that is too old is `CursorExpired`, and the engine reads everything anew.

    `where` is a condition of your own in OData's words, such as ``"type eq 'Inventory'"``. `read_hot` reads everything, or
    the keys asked for, in batches where the service takes them.

    Raises `ErpRefused` for a set or path that is not there, naming what is, and for what the service refuses, in its
    words; `ErpUnreachable` when it does not answer.

    >>> import httpx
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> wrong = httpx.MockTransport(lambda request: httpx.Response(401))
    >>> ODataAdapter(ODataService("https://erp.example.com", transport=wrong), Article, entity_set="Items").check().message
    'the OData service refused $metadata ... with HTTP 401: no reason given; check the user, the password or the token'

    Sources: OASIS "OData Version 4.01. Part 1: Protocol" (11.2 requesting data, 11.3 requesting changes), "Part 2: URL
    Conventions" (5.1 system query options), "OData JSON Format Version 4.01".
    """

    def __init__(
        self,
        service: ODataService,
        item: type[ItemT],
        *,
        entity_set: str,
        changed_at: str | None = None,
        overlap: timedelta = _OVERLAP,
        track_changes: bool = False,
        tells_deletions: bool = True,
        where: str | None = None,
    ) -> None:
        if changed_at is not None and track_changes:
            raise ConfigurationError("changed_at= and track_changes= are two ways to know what changed; choose one")
        self.service = service
        self._item = item
        self._set = entity_set
        self._changed_at = changed_at
        self._tracks = track_changes
        self._tells = tells_deletions
        self._where = where
        source = f"{entity_set}/{changed_at}/{where}"
        self._changes = timestamp_cursor(overlap=overlap, source=source, first_key=None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.service!r}, entity_set={self._set!r})"

    def close(self) -> None:
        """Close the connections of the service, which its other adapters use too."""
        self.service.close()

    # ---- what there is ----
    def describe(self) -> ErpSchema:
        """The properties of the set, those that nested paths lead to, and the relations."""
        model = self.service.model()
        found = model.set_named(self._set)
        kind = model.type_of(found.type_name)
        fields = {name: _field(name, one, updatable=found.updatable) for name, one in kind.properties.items()}
        fields.update({name: ErpField(name, way.target) for name, way in kind.navigations.items()})
        nested = kinds_of_paths([spec.path for spec in self._item.specs.values()], kind, model)
        for path, one in nested.items():
            fields.setdefault(path, _field(path, one, updatable=False))
        return ErpSchema(self._set, tuple(one for _, one in sorted(fields.items())))

    def check(self) -> Health:
        """Read the metadata and one entity with all that the item class needs."""
        try:
            entities = self._entities(frozenset(spec.path for spec in self._item.specs.values()))
            page = entities.page(entities.address(entities.options(top="1")))
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        facts = {"service": repr(self.service), "entity_set": self._set}
        what = "can be read" if page.entities else "can be read, and is empty"
        return Health(ok=True, message=f"{self._set} {what}", facts=facts)

    # ---- reading ----
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of at most `limit` items: all, or those that changed since the cursor."""
        if self._tracks:
            yield from self._read_delta(since, self._entities(fields), limit)
        elif self._changed_at is not None:
            yield from self._read_changed(since, self._entities(fields | {self._changed_at}), limit, self._changed_at)
        else:
            yield from self._read_all(since, self._entities(fields), limit)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All items, or those of the keys asked for; the relay sends on what changed.

        A price or a stock often has no stamp of its own, so there is no shorter way that is safe.
        """
        entities = self._entities(frozenset(spec.path for spec in self._item.specs.values()))
        if keys is None:
            yield from self._read_all(since, entities, _HOT_PAGE)
            return
        wanted = frozenset(keys)
        found = property_at(self._item.key_spec().path, entities.kind, entities.model)
        values = None if found is None else _comparable(found[1].kind, keys)
        cursor = Cursor("snapshot", "", self._version(entities))
        for wires in self._some(entities, found, values):
            yield Page([one for one in self._items(entities, wires) if one.key in wanted], (), cursor)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The items of a choice, which the service makes for texts, whole numbers and GUIDs; else all items."""
        entities = self._entities(fields)
        found = property_at(choice.path, entities.kind, entities.model)
        if found is not None and choice.path in entities.entity_set.unfilterable:
            found = None
        values = None if found is None else _comparable(found[1].kind, choice.values)
        cursor = Cursor("snapshot", "", self._version(entities))
        for wires in self._some(entities, found, values):
            for start in range(0, len(wires), limit):
                yield Page(self._items(entities, wires[start : start + limit]), (), cursor)

    def _some(
        self, entities: Entities, found: tuple[str, EdmProperty] | None, values: Sequence[str | int] | None
    ) -> Iterator[Sequence[Wire]]:
        """Entities with one of the values, or all where the service cannot be asked."""
        if found is None or values is None:
            for page in self._read_pages(entities, None, _HOT_PAGE):
                yield page[0]
        elif values:
            yield from entities.by_filters(list(one_of(found[0], found[1].kind, values)))

    # ---- everything, in the order of the key ----
    def _read_all(self, since: Cursor | None, entities: Entities, limit: int) -> Iterator[Page[ItemT]]:
        version = self._version(entities)
        place = self._place(since, version, "link" if self._walked(entities) is None else "after")
        for wires, here in self._read_pages(entities, place, limit):
            for start in range(0, len(wires), limit):
                is_last = start + limit >= len(wires)
                blob = here if is_last else place
                items = self._items(entities, wires[start : start + limit])
                yield Page(items, (), Cursor("snapshot", json.dumps(blob) if blob else "", version))
            place = here
        # the blob of a complete snapshot is empty: the next run begins anew
        yield Page((), (), Cursor("snapshot", "", version))

    def _read_pages(
        self, entities: Entities, place: dict[str, str] | None, limit: int
    ) -> Iterator[tuple[Sequence[Wire], dict[str, str]]]:
        """The entities in lots, and the place after each."""
        walked = self._walked(entities)
        if walked is None:
            yield from self._read_links(entities, None if place is None else place.get("link"), limit)
            return
        is_unique = entities.kind.keys == (walked,)
        bound = None if place is None else place.get("after")
        kind = entities.kind.properties[walked].kind
        for wires in entities.walk(walked, bound=bound, strict=is_unique, top=limit):
            if wires:
                yield wires, {"after": literal(wires[-1].get(walked), kind)}

    def _read_links(
        self, entities: Entities, link: str | None, limit: int
    ) -> Iterator[tuple[Sequence[Wire], dict[str, str]]]:
        prefer = {"Prefer": f"odata.maxpagesize={limit}"}
        order = ",".join(entities.kind.keys)
        here = entities.address(entities.options(orderby=order)) if link is None else entities.absolute(link)
        while True:
            page = entities.page(here, prefer)
            yield page.entities, ({} if page.following is None else {"link": entities.relative(page.following)})
            if page.following is None:
                return
            here = page.following

    def _walked(self, entities: Entities) -> str | None:
        """The property that orders a walk: the item's key, else the entity's; `None` where links must do."""
        if self.service.dialect.pages_by == "link":
            return None
        keys = entities.kind.keys
        candidates: list[str] = [self._item.key_spec().path, *(keys if len(keys) == 1 else ())]
        for name in candidates:
            one = entities.kind.properties.get(name)
            if (
                one is not None
                and one.kind in _WALKED
                and not one.is_list
                and name not in entities.entity_set.unfilterable
            ):
                return name
        return None

    def _place(self, since: Cursor | None, version: str, name: str) -> dict[str, str] | None:
        if since is None or (since.kind == "snapshot" and not since.blob):
            return None
        return {name: self._loaded(since, "snapshot", version, name)}

    def _loaded(self, since: Cursor, kind: str, version: str, name: str) -> str:
        try:
            wire: object = json.loads(since.blob)
        except ValueError:
            wire = None
        found = members(wire)
        if since.kind == kind and since.schema_hash == version and found is not None and found.get(name):
            return str(found[name])
        raise CursorExpired(f"{self._set}: the cursor is of other fields or another adapter; all is read again")

    # ---- by a stamp ----
    def _read_changed(
        self, since: Cursor | None, entities: Entities, limit: int, changed_at: str
    ) -> Iterator[Page[ItemT]]:
        kind = entities.kind.properties[changed_at].kind if changed_at in entities.kind.properties else "a relation"
        if kind != "Edm.DateTimeOffset":
            raise ErpRefused(
                f"{self._set}.{changed_at} is {kind}, and changes are found by an Edm.DateTimeOffset; name one, or "
                "leave changed_at= out"
            )

        def rows(after: Position) -> Iterator[Stamped[ItemT]]:
            bound = None if after.is_start else literal(after.stamp, kind)
            for wires in entities.walk(changed_at, bound=bound, strict=False, top=limit):
                for wire, item in zip(wires, self._items(entities, wires), strict=True):
                    yield _moment(entities, wire, changed_at), item.key, item

        yield from self._changes.pages(since, rows, fields=entities.paths, limit=limit)

    # ---- by delta links ----
    def _read_delta(self, since: Cursor | None, entities: Entities, limit: int) -> Iterator[Page[ItemT]]:
        self._check_deletions(entities)
        version = self._version(entities)
        here = entities.address(entities.options())
        if since is not None:
            here = entities.absolute(self._loaded(since, "token", version, "link"))
        while True:
            page = self._tracked(entities, here, limit)
            link = page.following or page.delta
            if link is None:
                raise ErpRefused(f"{self._set}: the service gives no delta link, so it {_NOT_TRACKED}")
            changes = changes_of(entities, page.entities)
            wires = [wire for some in complete(entities, changes) for wire in some]
            gone = [ErpKey(read_key(key[0])) for key in changes.removed] if self._tells else []
            # what is left of a page comes again with the whole of it, for a link cannot be entered in its middle
            again, after = (
                Cursor("token", json.dumps({"link": entities.relative(one)}), version) for one in (here, link)
            )
            for start in range(0, len(wires) - limit, limit):
                yield Page(self._items(entities, wires[start : start + limit]), (), again)
            rest = wires[(len(wires) - 1) // limit * limit :] if wires else []
            yield Page(self._items(entities, rest), gone, after)
            if page.following is None:
                return
            here = page.following

    def _tracked(self, entities: Entities, here: str, limit: int) -> WirePage:
        prefer = {"Prefer": f"odata.track-changes,odata.maxpagesize={limit}"}
        try:
            return entities.page(here, prefer)
        except ErpUnreachable as error:
            if "delta" in str(error).lower():  # Business Central's 500 for a set without them
                raise ErpRefused(f"{error}. It {_NOT_TRACKED}") from None
            raise

    def _check_deletions(self, entities: Entities) -> None:
        key = self._item.key_spec().path
        if self._tells and entities.kind.keys != (key,):
            raise ErpRefused(
                f"{self._set}: a delta names what is gone by {', '.join(entities.kind.keys)}, and the key of "
                f"{self._item.__name__} is '{key}'; make that the key, or give tells_deletions=False and wrap the adapter "
                "in snapshot_diff"
            )

    # ---- inside ----
    def _entities(self, paths: frozenset[str]) -> Entities:
        every = paths | {self._item.key_spec().path}
        return entities_of(self.service, self.service.model(), self._set, every, self._where)

    def _items(self, entities: Entities, wires: Sequence[Wire]) -> list[ItemT]:
        return [self._item(row) for row in entities.rows(wires)]

    def _version(self, entities: Entities) -> str:
        facts = [self._set, self._where, self.service.below, self.service.language, sorted(entities.paths)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _field(name: str, one: EdmProperty, *, updatable: bool) -> ErpField:
    kind = f"Collection({one.kind})" if one.is_list else one.kind
    writable = updatable and not (one.is_computed or one.is_fixed)
    return ErpField(name, kind, writable, one.max_length, readable=one.kind != "Edm.Stream")


def _comparable(kind: str, values: Sequence[str | int]) -> list[str | int] | None:
    """The values that a property of the kind can equal; `None` where the service may find fewer than Python does."""
    if kind == "Edm.String":
        return [one for one in values if isinstance(one, str)]
    if kind == "Edm.Guid":
        return [one for one in values if isinstance(one, str) and GUID.fullmatch(one)]
    if kind in WHOLE:
        return [one for one in values if isinstance(one, int) or (one.lstrip("-").isdecimal() and str(int(one)) == one)]
    return None


def _moment(entities: Entities, wire: Wire, name: str) -> datetime:
    found = scalar(wire.get(name), "Edm.DateTimeOffset")
    if isinstance(found, datetime):
        return found
    raise ErpRefused(
        f"{entities.shown(wire)}: {name} holds {shown(found)}, which is no moment with a zone, so its changes could not be "
        "found; fill it in, or leave changed_at= out"
    )
