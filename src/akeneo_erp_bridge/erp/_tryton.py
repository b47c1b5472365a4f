"""`TrytonAdapter`: items of any model of a Tryton server, over JSON-RPC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

import httpx
from attrs import evolve, frozen

from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._tryton_paths import PathPlan, languages_of, plan_path
from akeneo_erp_bridge.erp._tryton_rpc import Login, Raw, Record, TrytonSession
from akeneo_erp_bridge.erp.interfaces import Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpRefused

ItemT = TypeVar("ItemT", bound=ErpItem)

_STAMP: Final = "last_modified_at"
# A variant inherits name, weight and categories; a change of its template leaves its own stamp alone.
_WATCHED: Final[Mapping[str, tuple[str, ...]]] = {"product.product": (_STAMP, f"template.{_STAMP}")}
_HOT_PAGE: Final = 200  # Tryton computes prices row by row
_STOCK: Final = frozenset({"quantity", "forecast_quantity"})


@frozen
class _Round:
    """One round of reading: from the stamp `since`, as the data stood at `until`, gone through by id up to `after`."""

    since: datetime | None = None
    until: datetime | None = None
    after: int = 0

    def dump(self) -> str:
        since, until = (None if one is None else one.isoformat() for one in (self.since, self.until))
        return json.dumps({"since": since, "until": until, "after": self.after})

    @classmethod
    def load(cls, blob: str) -> _Round:
        """Raises `ValueError`, `KeyError` or `TypeError` for anything that `dump` did not write."""
        parts = json.loads(blob)
        since, until = (
            None if parts[name] is None else datetime.fromisoformat(parts[name]) for name in ("since", "until")
        )
        return cls(since, until, int(parts["after"]))


class TrytonAdapter(Generic[ItemT]):
    """Reads one model of a Tryton server (7.0 or newer): products, categories, or any other with a key.

    ::

        class Variant(ErpItem):
            number = cold(str, "code", key=True)
            name = cold(str, "name")                       # in the `language` of the adapter
            name_fr = cold(str, "name@fr")
            weight = cold(Decimal, "weight")
            unit = cold(str, "weight_uom.symbol")          # through a relation
            groups = cold(frozenset[str], "categories.code")
            size = cold(str, "attributes.size")            # a member of a dictionary
            price = hot(Decimal, "list_price_used")

        erp = TrytonAdapter("http://localhost:8000", "erp", "bridge", password, Variant, model="product.product")

    The second run asks for what changed since the first, by the server's own `last_modified_at`; `overlap` is how
    late a transaction may commit. Texts without a translation come in the base language, as Tryton shows them.
    Archived records come as tombstones, unless the item class has a field at the path ``active``. Deleted records
    leave no trace in Tryton: wrap the adapter in `snapshot_diff` where records are deleted.

    `read_hot` reads prices for the user's company and stock of all warehouses, or of `locations` (ids).

    Raises `ErpUnreachable` when the server does not answer, and `ErpRefused`, saying what to do, for a wrong
    password, database, field, language or right. The password is never shown.

    Source: Tryton's documentation of `trytond` ("RPC", "Fields") and the product module.
    """

    def __init__(
        self,
        url: str,
        database: str,
        user: str,
        password: str,
        item: type[ItemT],
        *,
        model: str,
        language: str = "en",
        overlap: timedelta = timedelta(minutes=2),
        locations: Sequence[int] | None = None,
        timeout: timedelta = timedelta(minutes=1),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        http = httpx.Client(
            base_url=url.rstrip("/"),
            timeout=timeout.total_seconds(),
            transport=transport,
            # Tryton says "gzip" of long answers whether they are or not; asked for gzip, they are
            headers={"Accept-Encoding": "gzip"},
        )
        self._session = TrytonSession(Login(url.rstrip("/"), database, user, password), http)
        self._item = item
        self._model = model
        self._language = language
        self._overlap = overlap
        self._locations = locations
        self._fields: dict[str, Mapping[str, Mapping[str, Raw]]] = {}
        self._known_context: Mapping[str, Raw] | None = None

    def __repr__(self) -> str:
        return f"TrytonAdapter({self._session.login.url!r}, model={self._model!r})"

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def describe(self) -> ErpSchema:
        """The model's own fields, and the paths of the item class that lead somewhere."""
        own = {name: str(one.get("type")) for name, one in self._fields_of(self._model).items()}
        for spec in self._item.specs.values():
            try:
                own[spec.path] = plan_path(spec.path, self._model, self._fields_of).kind
            except ErpRefused:
                continue  # preflight names it, together with all others and the cells that need them
        return ErpSchema(self._model, tuple(ErpField(name, kind) for name, kind in sorted(own.items())))

    def check(self) -> Health:
        """Log in and count the records."""
        try:
            count = self._session.call(self._model, "search_count", [], context=self._context())
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message=f"{self._model} has {count} records", facts={"model": self._model})

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of at most `limit` records by id: all, or those that changed since the cursor."""
        plans = self._plans(fields)
        version = self._version(plans)
        here = self._begin(since, version)
        stamps = _WATCHED.get(self._model, (_STAMP,))
        while True:
            changed = _changed_since(stamps, here.since and here.since - self._overlap)
            records = self._records([*changed, ["id", ">", here.after]], plans, limit)
            if records:
                here = evolve(here, after=_number(records[-1], "id"))
            if len(records) < limit:
                # everything up to `until` was seen; what changed meanwhile has a later stamp
                yield self._page(records, plans, Cursor("timestamp", _Round(since=here.until).dump(), version))
                return
            yield self._page(records, plans, Cursor("timestamp", here.dump(), version))

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All active records, or those of the keys asked for; the relay sends on what changed.

        Neither a stock move nor a price list moves a product's stamp, so there is no shorter way.
        """
        plans = self._plans(frozenset(spec.path for spec in self._item.specs.values()))
        wanted: list[Raw] = [] if keys is None else [[self._item.key_spec().path, "in", list(keys)]]
        after, cursor = 0, Cursor("snapshot", "", self._version(plans))
        while records := self._records([*wanted, ["id", ">", after]], plans, _HOT_PAGE):
            after = _number(records[-1], "id")
            yield self._page(records, plans, cursor)

    # ---- rounds ----
    def _begin(self, since: Cursor | None, version: str) -> _Round:
        """Go on in an interrupted round, or open the next one."""
        here = _Round()
        if since is not None:
            strange = CursorExpired(f"{self._model}: the cursor is of other fields or another adapter")
            if since.kind != "timestamp" or since.schema_hash != version:
                raise strange
            try:
                here = _Round.load(since.blob)
            except (ValueError, KeyError, TypeError):
                raise strange from None
        return here if here.until is not None else evolve(here, until=self._newest() or here.since)

    def _newest(self) -> datetime | None:
        """The newest stamp now, by the server's clock: the next round begins there."""
        found: list[datetime] = []
        for stamp in _WATCHED.get(self._model, (_STAMP,)):
            plan = plan_path(stamp, self._model, self._fields_of)
            order: Raw = [[stamp, "DESC"]]
            rows = self._session.records(
                self._model, "search_read", self._everything(), 0, 1, order, [stamp], context=self._context()
            )
            found += [value for value in (plan.value(row) for row in rows) if isinstance(value, datetime)]
        return max(found, default=None)

    # ---- records ----
    def _records(self, domain: list[Raw], plans: Sequence[PathPlan], limit: int) -> list[Record]:
        names: set[str] = {one.asked for one in plans if one.language is None}
        if "active" in self._fields_of(self._model):
            names.add("active")
        order: Raw = [["id", "ASC"]]
        context = self._context(stock=any(one.asked.rpartition(".")[2] in _STOCK for one in plans))
        asked: Raw = sorted({"id", *names})
        full: Raw = [*self._everything(), *domain]
        return self._session.records(self._model, "search_read", full, 0, limit, order, asked, context=context)

    def _page(self, records: Sequence[Record], plans: Sequence[PathPlan], resume: Cursor) -> Page[ItemT]:
        rows = {_number(one, "id"): {p.path: p.value(one) for p in plans if p.language is None} for one in records}
        for language in languages_of(plans) if rows else ():
            mine = [one for one in plans if one.language == language]
            names: Raw = sorted({one.asked for one in mine})
            ids: Raw = list(rows)
            context = {**self._context(), "language": language}
            for one in self._session.records(self._model, "read", ids, names, context=context):
                rows[_number(one, "id")].update({p.path: p.value(one) for p in mine})
        archived = {_number(one, "id") for one in records if one.get("active") in (0, False)}
        as_items = any(spec.path == "active" for spec in self._item.specs.values())
        items = [self._item(row) for number, row in rows.items() if as_items or number not in archived]
        dead = [self._item(row).key for number, row in rows.items() if not as_items and number in archived]
        return Page(items, [key for key in dead if key], resume)

    def _everything(self) -> list[Raw]:
        """Tryton hides archived records unless they are asked for."""
        return [["active", "in", [True, False]]] if "active" in self._fields_of(self._model) else []

    # ---- what the server knows ----
    def _plans(self, paths: frozenset[str]) -> tuple[PathPlan, ...]:
        every = sorted({*paths, self._item.key_spec().path})
        plans = tuple(plan_path(path, self._model, self._fields_of) for path in every)
        self._check_languages(languages_of(plans))
        return plans

    def _check_languages(self, wanted: Sequence[str]) -> None:
        """An unknown language is no error to Tryton: it gives the base text, which would fill the PIM's locale."""
        rows = self._session.records(
            "ir.lang", "search_read", [["translatable", "=", True]], 0, None, None, ["code"], context={}
        )
        known = {str(one["code"]) for one in rows}
        missing = sorted({*wanted, self._language} - known)
        if missing:
            raise ErpRefused(
                f"Tryton does not translate into {', '.join(missing)}; it has {', '.join(sorted(known))}. "
                "Make the language translatable there, or mend the path"
            )

    def _fields_of(self, model: str) -> Mapping[str, Mapping[str, Raw]]:
        if model not in self._fields:
            answer = self._session.call(model, "fields_get", None, context={})
            if not isinstance(answer, Mapping):
                raise ErpRefused(f"Tryton does not tell the fields of {model}; is the model's name right?")
            self._fields[model] = {name: one for name, one in answer.items() if isinstance(one, Mapping)}
        return self._fields[model]

    def _context(self, *, stock: bool = False) -> Mapping[str, Raw]:
        """Without a company prices are null, without locations stock is 0: both without an error."""
        if self._known_context is None:
            preferences = self._session.call("res.user", "get_preferences", True, context={})
            company = preferences.get("company") if isinstance(preferences, Mapping) else None
            self._known_context = {"language": self._language, "company": company}
        if not stock:
            return self._known_context
        if self._locations is None:
            places = self._session.call(
                "stock.location", "search", [["type", "=", "warehouse"]], 0, None, None, context={}
            )
            self._locations = [one for one in places if isinstance(one, int)] if isinstance(places, list) else []
        return {**self._known_context, "locations": list(self._locations)}

    def _version(self, plans: Sequence[PathPlan]) -> str:
        seen = json.dumps([self._model, self._language, [one.path for one in plans]])
        return hashlib.sha256(seen.encode()).hexdigest()[:16]


def _changed_since(stamps: Sequence[str], moment: datetime | None) -> list[Raw]:
    if moment is None:
        return []
    return [["OR", *([stamp, ">=", moment] for stamp in stamps)]]


def _number(record: Record, name: str) -> int:
    value = record.get(name)
    if isinstance(value, int):
        return value
    raise ErpRefused(f"a record of Tryton has no {name}: {sorted(record)}")
