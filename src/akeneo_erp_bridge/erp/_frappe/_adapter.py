"""`FrappeAdapter`: items of a DocType of a Frappe site, such as ERPNext's Item."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._frappe._rows import Beside, RowPlan, lots, plan_rows
from akeneo_erp_bridge.erp._frappe._site import TABLES, Filter, FrappeSite, Wire
from akeneo_erp_bridge.erp._frappe._words import parsed
from akeneo_erp_bridge.erp._http._json import members
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._readers import read_key
from akeneo_erp_bridge.erp._timestamp_cursor import Position, Stamped, timestamp_cursor
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpRefused
from akeneo_erp_bridge.rules import shown

ItemT = TypeVar("ItemT", bound=ErpItem)

_OVERLAP: Final = timedelta(minutes=10)
_HOT_PAGE: Final = 200
_BESIDE: Final[Mapping[str, Mapping[str, Beside]]] = {
    "Item": {"bins": Beside("Bin"), "prices": Beside("Item Price")},
}
_TEXTS: Final = frozenset({"Data", "Link", "Select", "Small Text", "Read Only", "Barcode", "Dynamic Link"})


@frozen
class _Round:
    """One run of reading: the stamps' own cursor, and from when to when deletions are told."""

    inner: Cursor | None = None
    gone_from: str | None = None
    gone_until: str | None = None

    def dump(self, version: str) -> Cursor:
        inner = None if self.inner is None else [self.inner.blob, self.inner.schema_hash]
        blob = json.dumps({"inner": inner, "from": self.gone_from, "until": self.gone_until})
        return Cursor("timestamp", blob, version)


class FrappeAdapter(Generic[ItemT]):
    """Reads a DocType of a `FrappeSite`: items, item groups, or any other with a key.

    ::

        class Article(ErpItem):
            code = cold(str, "item_code", key=True)
            name = cold(str, "item_name")
            name_fr = cold(str, "item_name@fr").nullable()          # of the DocType Translation
            template = cold(str, "variant_of").nullable()
            axes = cold(Lines, "attributes")                        # Item Variant Attribute: attribute, attribute_value
            eans = cold(str, "barcodes[*].barcode").many()
            image = cold(str, "image").nullable()                   # site.read_file(article.image)
            prices = hot(Lines, "prices")                           # Item Price: price_list, currency, price_list_rate
            stock = hot(Decimal, "bins[*].actual_qty").many()       # Bin: one a warehouse

        site = FrappeSite("https://erp.example.com", key, secret, time_zone="Europe/Berlin")
        erp = FrappeAdapter(site, Article, doctype="Item")

    `where` are conditions of your own, such as ``[("has_variants", "=", 0)]``; what no longer meets them is not told.

    **Two clocks.** `read_items` goes by the item's own ``modified``, `read_hot` by that of the documents `beside` it: ``Bin``
    for stock and ``Item Price`` for prices, neither of which moves the item's. A price that is deleted moves nothing;
    `read_hot` without a cursor finds it.

    **What is gone.** Disabled items come as tombstones, unless the item class has a field at the path ``disabled``. Deleted
    ones are in the DocType Deleted Document, which a System Manager may read; with ``deletions=False`` it is not asked, and
    `snapshot_diff` finds them. A renamed item leaves no trace under its old name: `snapshot_diff` finds that too.

    A translation, and a name of an item group, move no item's stamp; a full read brings them.

    Raises `ErpRefused` for a field that is not there, naming those that are, and for a right that is missing.

    >>> import httpx
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "item_code", key=True)
    >>> wrong = httpx.MockTransport(lambda request: httpx.Response(401))
    >>> site = FrappeSite("https://erp.example.com", "a key", "a secret", time_zone="Europe/Berlin", transport=wrong)
    >>> FrappeAdapter(site, Article).check().message
    '... refused the fields of Item with HTTP 401: no reason given; check the API key and its secret'

    Sources: Frappe's documentation, "REST API"; ERPNext's DocTypes Item, Item Barcode, Item Variant Attribute, Item Price,
    Bin, and Frappe's Translation and Deleted Document.
    """

    def __init__(
        self,
        site: FrappeSite,
        item: type[ItemT],
        *,
        doctype: str = "Item",
        where: Sequence[Filter] = (),
        beside: Mapping[str, Beside] | None = None,
        deletions: bool = True,
        overlap: timedelta = _OVERLAP,
    ) -> None:
        self.site = site
        self._item = item
        self._doctype = doctype
        self._where = tuple(where)
        self._beside = _BESIDE.get(doctype, {}) if beside is None else beside
        self._deletions = deletions
        self._overlap = overlap

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.site!r}, doctype={self._doctype!r})"

    def close(self) -> None:
        """Close the connection of the site, which its other adapters use too."""
        self.site.close()

    # ---- what there is ----
    def describe(self) -> ErpSchema:
        """The fields of the DocType, its tables, and what stands beside it."""
        own = self.site.doctype(self._doctype).fields
        fields = {
            name: ErpField(name, one.options if one.kind in TABLES else one.kind, one.writable, one.max_length)
            for name, one in own.items()
        }
        fields.update({name: ErpField(name, one.doctype) for name, one in self._beside.items()})
        for spec in self._item.specs.values():
            if spec.path not in fields and self._reads(spec.path):
                fields[spec.path] = ErpField(spec.path)
        return ErpSchema(self._doctype, tuple(one for _, one in sorted(fields.items())))

    def check(self) -> Health:
        """Read one document of each DocType that is needed; names the rights that are missing."""
        paths = [spec.path for spec in self._item.specs.values()]
        missing: list[str] = []
        try:
            self.site.zone()
            plan = plan_rows(self.site, self._doctype, paths, self._beside)
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        needed = [self._doctype, *(one.doctype for one, _ in plan.beside.values())]
        needed += ["Translation"] if plan.texts else []
        needed += ["Deleted Document"] if self._deletions else []
        reasons: list[str] = []
        for doctype in needed:
            try:
                self.site.rows(doctype, ["name"], [], "modified desc", 1)
            except BridgeError as error:
                missing.append(doctype)
                reasons.append(str(error))
        if missing:
            told = f"cannot read {', '.join(missing)}: {reasons[0]}"
            return Health(ok=False, message=told, facts={"missing": ", ".join(missing)})
        return Health(ok=True, message=f"{self._doctype} can be read", facts={"doctype": self._doctype})

    # ---- cold ----
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of about `limit` items by their ``modified``: all, or those that changed since the cursor."""
        plan = self._plan(fields)
        version = self._version(plan)
        here = self._begun(since, version)
        changes = timestamp_cursor(overlap=self._overlap, zone=self.site.zone(), source=version)
        pages = changes.pages(here.inner, lambda after: self._changed(plan, after, limit), fields=fields, limit=limit)
        held: Page[tuple[ItemT, bool]] | None = None
        for page in pages:
            if held is not None:
                yield self._page(held, (), evolve(here, inner=held.resume).dump(version))
            held = page
        if held is not None:
            ended = _Round(held.resume, here.gone_until)
            yield self._page(held, self._deleted(here), ended.dump(version))

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The items of a choice, which the site makes for own fields of text; else all items."""
        plan = self._plan(fields)
        one = plan.doctype.fields.get(choice.path)
        is_text = one is not None and one.kind in _TEXTS and all(isinstance(value, str) for value in choice.values)
        cursor = Cursor("snapshot", "", self._version(plan))
        chosen = [str(value) for value in choice.values]
        for some in lots(chosen) if is_text else [None]:
            among: list[Filter] = [] if some is None else [(choice.path, "in", some)]
            for wires in self._by_name(plan, among, "", limit):
                pairs = self._pairs(plan, wires)
                yield self._page(Page(pairs, (), cursor), (), cursor)

    # ---- hot ----
    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All items, those of the keys asked for, or those beside which a document changed since the cursor."""
        plan = self._plan(frozenset(spec.path for spec in self._item.specs.values()))
        version = self._version(plan)
        if keys is not None:
            yield from self._hot_pages(plan, self._item.key_spec().path, keys, Cursor("timestamp", "{}", version))
            return
        state = self._hot_state(since, version)
        watched = self._watched(plan)
        after = state.get("after")
        # a run that was stopped goes on with the bounds it began with
        until = {name: state[f"until {name}"] for name in watched if f"until {name}" in state}
        until = until or {name: newest for name, one in watched.items() if (newest := self._newest(one))}
        marks = {f"since {name}": moment for name, moment in until.items()}
        ended = Cursor("timestamp", json.dumps(marks), version)
        bounds = {name: state[f"since {name}"] for name in watched if f"since {name}" in state}
        if bounds and after is None:
            changed = self._moved(watched, bounds)
            # a stop in between repeats what was found, for the bounds stay
            again = since if since is not None else ended
            yield from self._hot_pages(plan, "name", changed, again)
        else:
            for wires in self._by_name(plan, [], after or "", _HOT_PAGE):
                place = {"after": str(wires[-1].get("name")), **{f"until {name}": one for name, one in until.items()}}
                cursor = Cursor("timestamp", json.dumps(place), version)
                yield self._page(Page(self._pairs(plan, wires), (), cursor), (), cursor)
        yield Page((), (), ended)

    def _hot_pages(self, plan: RowPlan, by: str, values: Sequence[str], cursor: Cursor) -> Iterator[Page[ItemT]]:
        for some in lots(list(values)):
            for wires in self._by_name(plan, [(by, "in", some)], "", _HOT_PAGE):
                yield self._page(Page(self._pairs(plan, wires), (), cursor), (), cursor)

    def _watched(self, plan: RowPlan) -> dict[str, Beside]:
        """The clocks: those of what is read beside the item, and the item's own for what it holds itself."""
        return {**{name: one for name, (one, _) in plan.beside.items()}, "": Beside(self._doctype, by="name")}

    def _newest(self, one: Beside) -> str | None:
        rows = self.site.rows(one.doctype, ["modified"], [], "modified desc", 1)
        found = rows[0].get("modified") if rows else None
        return found if isinstance(found, str) else None

    def _moved(self, watched: Mapping[str, Beside], bounds: Mapping[str, str]) -> list[str]:
        """The names of items that something beside them changed for, each once."""
        found: set[str] = set()
        for name, one in watched.items():
            bound = bounds.get(name)
            start = None if bound is None else _stamp(datetime.fromisoformat(bound) - self._overlap)
            filters: list[Filter] = [] if start is None else [("modified", ">=", start)]
            last = ""
            while True:
                rows = self.site.rows(one.doctype, ["name", one.by], [*filters, ("name", ">", last)], "name asc", 1000)
                found |= {str(row.get(one.by)) for row in rows}
                if len(rows) < 1000:
                    break
                last = str(rows[-1].get("name"))
        return sorted(found)

    def _hot_state(self, since: Cursor | None, version: str) -> dict[str, str]:
        if since is None:
            return {}
        found = members(parsed(since.blob.encode()))
        if since.kind != "timestamp" or since.schema_hash != version or found is None:
            raise CursorExpired(f"{self._doctype}: the cursor is of other fields or another adapter; all is read again")
        return {name: str(value) for name, value in found.items()}

    # ---- rows ----
    def _changed(self, plan: RowPlan, after: Position, limit: int) -> Iterator[Stamped[tuple[ItemT, bool]]]:
        """Documents after a place, by stamp and name. Each question begins where the last ended, so that nothing that is
        changed or deleted meanwhile shifts another past us.
        """
        stamp = None if after.is_start else _stamp(after.stamp)
        name = str(after.key or "")
        while True:
            tied: list[Filter] = [] if stamp is None else [("modified", "=", stamp), ("name", ">", name)]
            wires = self._wires(plan, tied, "name asc", limit) if tied else []
            if len(wires) < limit:
                later: list[Filter] = [] if stamp is None else [("modified", ">", stamp)]
                more = self._wires(plan, later, "modified asc, name asc", limit)
            else:
                more = []
            for some in (wires, more):
                for wire, pair in zip(some, self._pairs(plan, some), strict=True):
                    yield self._moment(wire), str(wire.get("name")), pair
            if len(wires) < limit and len(more) < limit:
                return
            last = (more or wires)[-1]
            stamp, name = str(last.get("modified")), str(last.get("name"))

    def _by_name(self, plan: RowPlan, among: Sequence[Filter], after: str, limit: int) -> Iterator[list[Wire]]:
        """Documents by name, in lots that are not empty."""
        last = after
        while True:
            wires = self._wires(plan, [*among, ("name", ">", last)], "name asc", limit)
            if wires:
                yield wires
            if len(wires) < limit:
                return
            last = str(wires[-1].get("name"))

    def _wires(self, plan: RowPlan, filters: Sequence[Filter], order: str, limit: int) -> list[Wire]:
        names = {*plan.own, "modified", *(["disabled"] if "disabled" in plan.doctype.fields else [])}
        return self.site.rows(self._doctype, sorted(names), [*self._where, *filters], order, limit)

    def _pairs(self, plan: RowPlan, wires: Sequence[Wire]) -> list[tuple[ItemT, bool]]:
        """Items, each with whether it is disabled."""
        as_items = any(spec.path == "disabled" for spec in self._item.specs.values())
        rows = plan.rows(wires)
        return [
            (self._item(row), not as_items and wire.get("disabled") in (1, True))
            for wire, row in zip(wires, rows, strict=True)
        ]

    def _page(self, page: Page[tuple[ItemT, bool]], gone: Sequence[ErpKey], resume: Cursor) -> Page[ItemT]:
        items = [item for item, is_disabled in page.items if not is_disabled]
        dead = [item.key for item, is_disabled in page.items if is_disabled and item.key]
        return Page(items, [*dead, *gone], resume)

    def _moment(self, wire: Wire) -> datetime:
        raw = wire.get("modified")
        try:
            return datetime.fromisoformat(str(raw))
        except ValueError:
            raise ErpRefused(
                f"{self._doctype} {wire.get('name')}: modified holds {shown(raw)}, which is no date and time; mend it there"
            ) from None

    # ---- deletions ----
    def _begun(self, since: Cursor | None, version: str) -> _Round:
        here = _Round()
        if since is not None:
            strange = CursorExpired(
                f"{self._doctype}: the cursor is of other fields or another adapter; all is read again"
            )
            if since.kind != "timestamp" or since.schema_hash != version:
                raise strange
            match parsed(since.blob.encode()):
                case {"inner": [str(blob), str(schema)], "from": str() | None as begin, "until": str() | None as until}:
                    here = _Round(Cursor("timestamp", blob, schema), begin, until)
                case _:
                    raise strange
        if not self._deletions or here.gone_until is not None:
            return here
        rows = self.site.rows("Deleted Document", ["creation"], self._of_ours(), "creation desc", 1)
        newest = rows[0].get("creation") if rows else None
        return evolve(here, gone_until=str(newest) if newest else here.gone_from or _NEVER)

    def _of_ours(self) -> list[Filter]:
        return [("deleted_doctype", "=", self._doctype), ("restored", "=", 0)]

    def _deleted(self, here: _Round) -> list[ErpKey]:
        """The keys of deleted documents, but for those that were made again under the same name."""
        if not self._deletions or here.gone_from is None:
            return []
        filters = self._of_ours()
        if here.gone_from != _NEVER:
            filters.append(("creation", ">=", _stamp(datetime.fromisoformat(here.gone_from) - self._overlap)))
        rows = self.site.rows("Deleted Document", ["deleted_name", "data"], filters, "creation asc", 0)
        gone = {str(row.get("deleted_name")): self._key_of(row) for row in rows}
        for some in lots(sorted(gone)):
            for there in self.site.rows(self._doctype, ["name"], [("name", "in", some)], "name asc", 0):
                gone.pop(str(there.get("name")), None)
        return [key for key in gone.values() if key]

    def _key_of(self, row: Wire) -> ErpKey:
        """The key of a deleted document: a field of what is kept of it."""
        path = self._item.key_spec().path
        data = row.get("data")
        kept = members(parsed(data.encode())) if isinstance(data, str) else None
        raw = row.get("deleted_name") if path == "name" else (kept or {}).get(path)
        return ErpKey(read_key(raw))

    # ---- inside ----
    def _plan(self, paths: frozenset[str]) -> RowPlan:
        return plan_rows(self.site, self._doctype, paths | {self._item.key_spec().path}, self._beside)

    def _reads(self, path: str) -> bool:
        try:
            plan_rows(self.site, self._doctype, [path], self._beside)
        except ErpRefused:
            return False  # preflight names it, together with all others and the cells that need them
        return True

    def _version(self, plan: RowPlan) -> str:
        beside = {name: [one.doctype, one.by, list(fields)] for name, (one, fields) in plan.beside.items()}
        facts = [self._doctype, self._where, plan.own, dict(plan.tables), beside, dict(plan.texts), self._deletions]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


_NEVER: Final = "never"
"""In place of a moment: nothing was deleted yet."""


def _stamp(moment: datetime) -> str:
    """As Frappe writes them, to the microsecond."""
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
