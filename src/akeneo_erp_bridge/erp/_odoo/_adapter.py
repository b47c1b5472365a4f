"""`OdooAdapter`: items of any model of an Odoo database, read and written over any of its three protocols."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeAlias, TypeVar, cast

import httpx
from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._odoo._catalogue import Catalogue
from akeneo_erp_bridge.erp._odoo._choice import condition_of
from akeneo_erp_bridge.erp._odoo._paths import STOCK, PathPlan, plan_path, stamps_of
from akeneo_erp_bridge.erp._odoo._records import RecordReader, Rows, number_of
from akeneo_erp_bridge.erp._odoo._rounds import Round, changed_since
from akeneo_erp_bridge.erp._odoo._session import OdooSession
from akeneo_erp_bridge.erp._odoo._values import moment_of
from akeneo_erp_bridge.erp._odoo._wire import Login, OdooProtocol, Raw, Record
from akeneo_erp_bridge.erp._odoo._writer import OdooDraft, OdooInput, OdooWriter
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpRef, ErpSchema, Health, Page, WriteResult
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError, CursorExpired, ErpRefused

ItemT = TypeVar("ItemT", bound=ErpItem)

OdooDomain: TypeAlias = Sequence["str | Sequence[str | int | bool | Sequence[str | int] | None]"]
"""Conditions in Odoo's own notation: ``[["sale_ok", "=", True]]``."""

_STAMP: Final = "write_date"
_HOT_PAGE: Final = 500
# what moves when stock does: a count and a reservation move a quant, a plan moves a move
_STOCK_STAMPS: Final = {"stock.quant": "stock_quant_ids", "stock.move": "stock_move_ids"}


class OdooAdapter(Generic[ItemT]):
    """Reads and writes one model of an Odoo server (14 to 19): variants, templates, categories, price list lines, ...

    ::

        class Variant(ErpItem):
            number = cold(str, "default_code", key=True)
            name = cold(str, "name")                            # in the `language` of the adapter
            name_fr = cold(str, "name@fr_FR")
            group = cold(str, "categ_id.complete_name")         # through a relation
            tags = cold(frozenset[str], "product_tag_ids.name")
            size = cold(str, "axes.Size")                       # the variant's value of the attribute "Size"
            weight = cold(Decimal, "weight")
            unit = cold(str, "uom_id.display_name")
            picture = cold(bytes, "image_1920")                 # image_1920.size is its size in words
            price = hot(Decimal, "lst_price")
            stock = hot(Decimal, "free_qty")

        erp = OdooAdapter("https://odoo.example.com", "live", "bridge@example.com", key, Variant)

    *password_or_key* is best a key for the API, made in the user's preferences. `protocol` is found out: JSON-2 from
    19 on, for which a password will not do; else JSON-RPC, else XML-RPC. `language` is that of texts without an `@`.
    `domain` leaves records out, in Odoo's notation. `company` is the id of the company whose costs and stock are
    read, else the user's own; `locations` are ids of places whose stock counts, else all warehouses.

    **Values.** Any empty value of Odoo is `false`: a boolean stays `False`, all else is null. A many2one is its id,
    and its name at ``.display_name``, which takes no further call. Money is a float: it is rounded to the field's
    digits where Odoo tells them, else to the 15 digits that a double holds, so that 21.900000000000002 is 21.9.

    **Changes.** The second run asks for what changed since the first, by `write_date` of the record, of the template
    of a variant, and of each relation that a path goes through. `overlap` is how late a transaction may commit, and
    how much the web server's clock may be ahead of the database's. Archived records come as tombstones, unless the
    item class has a field at the path ``active`` or another record in use has the same key. Deleted records leave no
    trace: wrap the adapter in `snapshot_diff` where records are deleted.

    **Hot values.** Neither stock nor a price moves a stamp in full, so `read_hot` reads all active records.
    ``stock_by_stamps=True`` reads those whose quants or moves changed, for a class with no other hot field.

    **Writing.** See `OdooDraft`. The idempotency key is kept as an external id of the module `akeneo_erp_bridge`.

    Raises `ErpUnreachable` when the server does not answer, `ErpRefused`, saying what to do, for a wrong password,
    database, field, language, company or right. The password, or key, is never shown.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Variant(ErpItem):
    ...     number = cold(str, "default_code", key=True)
    >>> elsewhere = httpx.MockTransport(lambda request: httpx.Response(404))
    >>> OdooAdapter("https://odoo.example.com", "live", "bridge", "a key", Variant, transport=elsewhere).check().message
    "what answers at https://odoo.example.com is no Odoo of series 14 or newer, or has no database 'live'; check the ..."

    Source: Odoo's documentation, "External JSON-2 API", "External RPC API" and "ORM API".
    """

    def __init__(
        self,
        url: str,
        database: str,
        user: str,
        password_or_key: str,
        item: type[ItemT],
        *,
        model: str = "product.product",
        language: str = "en_US",
        protocol: OdooProtocol | None = None,
        domain: OdooDomain = (),
        company: int | None = None,
        locations: Sequence[int] | None = None,
        stock_by_stamps: bool = False,
        overlap: timedelta = timedelta(minutes=2),
        timeout: timedelta = timedelta(minutes=1),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if overlap < timedelta(0):
            raise ConfigurationError(f"an overlap is a length of time, not {overlap}; write e.g. timedelta(minutes=2)")
        http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout.total_seconds(), transport=transport)
        self._session = OdooSession(Login(url.rstrip("/"), database, user, password_or_key), http, protocol)
        self._known = Catalogue(self._session, language, company, locations)
        self._item = item
        self._model = model
        self._domain = domain
        self._by_stamps = stock_by_stamps
        self._overlap = overlap
        self._writer = OdooWriter(self._session, self._known, model, item.key_spec().path)

    def __repr__(self) -> str:
        return f"OdooAdapter({self._session.login.url!r}, model={self._model!r})"

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def describe(self) -> ErpSchema:
        """The model's own fields as far as this user may see them, and the paths of the item class."""
        own = {
            name: ErpField(name, one.kind, writable=not one.readonly, max_length=one.max_length)
            for name, one in self._known.fields_of(self._model).items()
        }
        for path in self._paths():
            try:
                plan = plan_path(path, self._model, self._known.fields_of)
            except ErpRefused:
                continue  # preflight names it, together with all others and the cells that need them
            writable = len(plan.steps) == 1 and not plan.field.readonly
            own[path] = ErpField(path, plan.field.kind, writable=writable, max_length=plan.field.max_length)
        return ErpSchema(self._model, tuple(own[name] for name in sorted(own)))

    def check(self) -> Health:
        """Log in, count the records, and read one as the item class does."""
        try:
            protocol = self._session.found_protocol()
            self._check_user(protocol)
            plans = self._plans(self._paths())
            count = self._session.call(
                self._model, "search_count", domain=self._wanted([]), context=self._known.context
            )
            self._made(*next(self._pages(self._wanted([]), 0, plans, 1)), plans)
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        facts = {"model": self._model, "protocol": protocol}
        return Health(ok=True, message=f"{self._model} has {count} records, by {protocol}", facts=facts)

    # ---- reading ----
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of at most `limit` records by id: all, or those that changed since the cursor."""
        self._searched_key()
        plans = self._plans(fields)
        version = self._version(plans)
        here = self._begun(since, version)
        stamps = stamps_of(plans, self._model, self._known.fields_of(self._model))
        yield from self._stamped(here, stamps, plans, limit, version)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The records whose field holds one of the values; all, where Odoo does not compare as Python does."""
        plans = self._plans(fields)
        chosen = condition_of(choice, plan_path(choice.path, self._model, self._known.fields_of))
        cursor = Cursor("snapshot", "", self._version(plans))
        for condition in chosen:
            domain = self._wanted([condition] if condition else [])
            for reader, records in self._pages(domain, 0, plans, limit):
                yield Page(*self._made(reader, records, plans), cursor)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All active records, those of the keys asked for, or with `stock_by_stamps` those whose stock moved."""
        plans = self._plans(self._paths())
        version = self._version(plans)
        if keys is None and self._by_stamps:
            yield from self._moved_stock(since, plans, version)
            return
        wanted: Iterable[Raw] = [None]
        if keys is not None:
            path = self._searched_key()
            wanted = condition_of(Choice(path, tuple(keys)), plan_path(path, self._model, self._known.fields_of))
        for condition in wanted:
            domain = self._wanted([condition] if condition else [], archived=False)
            for reader, records in self._pages(domain, 0, plans, _HOT_PAGE):
                items, _ = self._made(reader, records, plans)
                yield Page(items, (), Cursor("snapshot", "", version))

    # ---- writing ----
    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The record that an earlier `write_item` made, or took over, with this key."""
        return self._writer.find(idempotency_key)

    def write_item(self, draft: ItemT | OdooDraft, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create or update a record; the same key twice gives one. See `OdooDraft`; of an item its row is written."""
        if not isinstance(draft, OdooDraft):
            # the cast: a row may hold anything; the writer looks at each value, and names what it cannot write
            draft = OdooDraft(cast("Mapping[str, OdooInput]", draft.row))
        return self._writer.write(draft, idempotency_key, if_version)

    # ---- rounds ----
    def _begun(self, since: Cursor | None, version: str) -> Round:
        """Go on in an interrupted round, or open the next one."""
        here = Round()
        if since is not None:
            strange = CursorExpired(f"{self._model}: the cursor is of other fields or another adapter")
            if since.kind != "timestamp" or since.schema_hash != version:
                raise strange
            try:
                here = Round.load(since.blob)
            except (ValueError, KeyError, TypeError):
                raise strange from None
        return here if here.began is not None else evolve(here, began=self._clock())

    def _clock(self) -> datetime:
        """The server's clock, which holds the cursor back but never moves it forward."""
        self._known.fields_of(self._model)  # the server has answered once
        return self._session.clock()

    def _stamped(
        self,
        here: Round,
        stamps: Sequence[str],
        plans: Sequence[PathPlan],
        limit: int,
        version: str,
        *,
        archived: bool = True,
    ) -> Iterator[Page[ItemT]]:
        """The pages of a round, each with the cursor to go on from."""
        changed = changed_since(stamps, here.since and here.since - self._overlap)
        domain = self._wanted(changed, archived=archived)
        for reader, records in self._pages(domain, here.after, plans, limit):
            items, tombstones = self._made(reader, records, plans, is_delta=bool(changed))
            while len(items) > limit:  # with others of the same numbers there may be more than were asked for
                yield Page(items[:limit], (), Cursor("timestamp", here.dump(), version))
                items = items[limit:]
            here = here.met(reader.stamps, number_of(records[-1]) if records else here.after)
            after = here.next_one() if len(records) < limit else here
            yield Page(items, tombstones, Cursor("timestamp", after.dump(), version))

    def _pages(
        self, domain: Sequence[Raw], after: int, plans: Sequence[PathPlan], limit: int
    ) -> Iterator[tuple[RecordReader, list[Record]]]:
        """Records by id, the last page shorter than `limit`: a page by number would miss what moves meanwhile."""
        while True:
            reader = RecordReader(self._session, self._known.fields_of, self._known.context)
            records = reader.search(self._model, [*domain, ["id", ">", after]], plans, limit)
            yield reader, records
            if len(records) < limit:
                return
            after = number_of(records[-1])

    def _moved_stock(self, since: Cursor | None, plans: Sequence[PathPlan], version: str) -> Iterator[Page[ItemT]]:
        self._check_stock_only(plans)
        here = self._begun(since, version)
        if here.newest is None:
            own = ["product.template", *([self._model] if self._model == "product.product" else [])]
            here = here.met([one for model in (*own, *_STOCK_STAMPS) for one in self._newest(model)], here.after)
        fields = self._known.fields_of(self._model)
        stock = [f"{name}.{_STAMP}" for name in _STOCK_STAMPS.values()]
        if self._model == "product.template":
            stock = [f"product_variant_ids.{one}" for one in stock]
        stamps = (*stamps_of(plans, self._model, fields), *stock)
        yield from self._stamped(here, stamps, plans, _HOT_PAGE, version, archived=False)

    def _newest(self, model: str) -> list[datetime]:
        rows = self._session.records(
            model, "search_read", domain=[], fields=[_STAMP], order=f"{_STAMP} desc", limit=1,
            context={**self._known.context, "active_test": False},
        )  # fmt: skip
        return [moment_of(one[_STAMP]) for one in rows if one.get(_STAMP)]

    # ---- records ----
    def _made(
        self, reader: RecordReader, records: Sequence[Record], plans: Sequence[PathPlan], *, is_delta: bool = False
    ) -> tuple[list[ItemT], list[ErpKey]]:
        """Items and tombstones.

        Numbers are not unique in Odoo. Where only what changed is read, the others with its number come along, so
        that the same one of them counts in each run; and what an archived record shares with one in use is not gone.
        """
        rows = reader.rows(self._model, records, plans)
        as_items = "active" in self._paths()
        archived = {number_of(one) for one in records if one.get("active") is False and not as_items}
        keys = {number: self._item(row).key for number, row in rows.items()}
        dead = {keys[number] for number in archived if keys[number]}
        others = self._others({key for key in keys.values() if key} if is_delta else dead, rows, plans, reader)
        living = {self._item(row).key for row in others.values()} | {keys[one] for one in rows if one not in archived}
        shown = {**rows, **others} if is_delta else rows
        items = [self._item(shown[number]) for number in sorted(shown) if number not in archived]
        return items, sorted(dead - living)

    def _others(self, keys: Collection[ErpKey], known: Rows, plans: Sequence[PathPlan], reader: RecordReader) -> Rows:
        """Further records in use that have one of these keys."""
        path = self._searched_key()
        if path == "id" or not keys:
            return {}
        found: Rows = {}
        ids: list[Raw] = [*known]
        choice = Choice(path, tuple(sorted(keys)))
        for condition in condition_of(choice, plan_path(path, self._model, self._known.fields_of)):
            if condition is not None:
                domain = self._wanted([condition, ["id", "not in", ids]], archived=False)
                found |= reader.rows(self._model, reader.search(self._model, domain, plans, 0), plans)
        return found

    def _wanted(self, more: Sequence[Raw], *, archived: bool = True) -> list[Raw]:
        """Odoo hides archived records unless they are asked for."""
        every: list[Raw] = [["active", "in", [True, False]]]
        hidden = archived and "active" in self._known.fields_of(self._model)
        return [*(every if hidden else []), *self._domain_of_user(), *more]

    def _domain_of_user(self) -> list[Raw]:
        return [one if isinstance(one, str) else list(one) for one in self._domain]

    def _searched_key(self) -> str:
        path = self._item.key_spec().path
        if not plan_path(path, self._model, self._known.fields_of).can_be_searched:
            raise ErpRefused(f"Odoo cannot look for {self._model} by '{path}'; choose a stored field for the key")
        return path

    # ---- what is asked for ----
    def _paths(self) -> list[str]:
        return [spec.path for spec in self._item.specs.values()]

    def _plans(self, paths: frozenset[str] | Sequence[str]) -> tuple[PathPlan, ...]:
        return self._known.plans(self._model, {*paths, self._item.key_spec().path})

    def _check_stock_only(self, plans: Sequence[PathPlan]) -> None:
        key = self._item.key_spec().path
        others = sorted(one.path for one in plans if one.path != key and one.steps[-1] not in STOCK)
        if others or self._model not in ("product.product", "product.template"):
            raise ConfigurationError(
                f"stock_by_stamps is for a class of {', '.join(sorted(STOCK))} alone; "
                f"{', '.join(others) or self._model} may move without a stamp. Read it by another class, without it"
            )

    def _check_user(self, protocol: OdooProtocol) -> None:
        """With JSON-2 the key says who we are, whatever the name that was given."""
        if protocol != "json2":
            return
        told = self._session.call("res.users", "context_get")
        number = told.get("uid") if isinstance(told, dict) else None
        if not isinstance(number, int):
            return
        rows = self._session.records("res.users", "read", [number], fields=["login"])
        login, user = str(rows[0].get("login")) if rows else "", self._session.login.user
        if login != user:
            raise ErpRefused(f"the key is not of user '{user}' but of '{login}'; give the user of the key")

    def _version(self, plans: Sequence[PathPlan]) -> str:
        seen = json.dumps(
            [self._model, self._known.context, self._domain_of_user(), [one.path for one in plans]], sort_keys=True
        )
        return hashlib.sha256(seen.encode()).hexdigest()[:16]
