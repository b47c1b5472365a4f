"""`TrytonAdapter`: items of any model of a Tryton server, over JSON-RPC."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

import httpx
from attrs import evolve

from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._sql._choice import lots
from akeneo_erp_bridge.erp._tryton._computed import fill, members_of
from akeneo_erp_bridge.erp._tryton._delta import (
    PRODUCT,
    STAMP,
    Round,
    changed_since,
    later,
    moved_since,
    moves_that_count,
    newest,
    newest_in,
    searchable_kind,
    shifted,
    stamps_of,
    watched,
    with_always,
)  # fmt: skip
from akeneo_erp_bridge.erp._tryton._health import counts_stock, lacks
from akeneo_erp_bridge.erp._tryton._paths import PathPlan, Relation, languages_of, plan_path, sizes_of
from akeneo_erp_bridge.erp._tryton._places import TEMPLATE, is_writable
from akeneo_erp_bridge.erp._tryton._rpc import Login, Raw, Record, TrytonSession
from akeneo_erp_bridge.erp._tryton._server import TrytonServer, number_of
from akeneo_erp_bridge.erp._tryton._writing import ProductWriter
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpRef, ErpSchema, Health, Page, WriteResult
from akeneo_erp_bridge.errors import BridgeError, ErpRefused

ItemT = TypeVar("ItemT", bound=ErpItem)

_HOT_PAGE: Final = 200  # Tryton computes prices row by row


class TrytonAdapter(Generic[ItemT]):
    """Reads one model of a Tryton server (7.0 or newer), and writes products and templates.

    ::

        class Variant(ErpItem):
            number = cold(str, "code", key=True)
            name = cold(str, "name")                       # in the `language` of the adapter
            name_fr = cold(str, "name@fr")
            weight = cold(Decimal, "weight")
            unit = cold(str, "weight_uom.symbol")          # through a relation
            groups = cold(frozenset[str], "categories.code")
            size = cold(str, "attributes.size")            # a member of a dictionary
            barcodes = cold(Lines, "identifiers(type, code)")    # rows
            parts = cold(Lines, "boms.bom.inputs(product.code, quantity, unit.symbol)")
            pictures = cold(Lines, "@images(description, image)")
            price = hot(Decimal, "list_price_used")
            prices = hot(Lines, "@prices")                 # of price lists, with their quantities
            stock = hot(Lines, "@stock(location, on_hand)")

        erp = TrytonAdapter("http://localhost:8000", "erp", "bridge", password, Variant, model="product.product")

    The table of paths is in "Read from Tryton". The model may be any that has a key: ``product.template``,
    ``product.category`` (with ``parent.code``), ``product.uom``.

    The second run asks for what changed since the first, by the server's own `last_modified_at`; `overlap` is how
    late a transaction may commit. Related records have stamps of their own: those that the fields asked for go
    through are watched too, in the same request, so that a new barcode, a new image or a renamed category brings
    back its products. `watch` names the relations to watch instead, such as ``("identifiers",)``; with ``watch=()``
    a record's own stamp, and for a variant that of its template, are all that counts.
    Texts without a translation come in the base language, as Tryton shows them. Archived records come as tombstones,
    unless the item class has a field at the path ``active``. Deleted records leave no trace in Tryton: wrap the
    adapter in `snapshot_diff` where records are deleted.

    `read_hot` reads prices for the user's company and stock of all warehouses, or of `locations` (ids); `price_lists`
    are the names of those that ``@prices`` reads, all by default. It reads changes where all of its fields show
    them (list prices, and stock on hand by done moves), and everything, with a cursor of kind "snapshot", where one
    does not (price lists, forecasts, cost).

    `write_item` creates and updates products, see there. A read is tried three times, a write only again where the
    server cannot have carried it out.

    Raises `ErpUnreachable` when the server does not answer, and `ErpRefused`, saying what to do, for a wrong
    password, database, field, language or right. The password is never shown.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Unit(ErpItem):
    ...     number = cold(str, "symbol", key=True)
    >>> wrong = httpx.MockTransport(lambda request: httpx.Response(401))
    >>> erp = TrytonAdapter("https://erp.example.com", "erp", "bridge", "guessed", Unit, model="product.uom", transport=wrong)
    >>> erp.check().message
    "Tryton at https://erp.example.com refused user 'bridge'; check the user name and the password"

    Source: Tryton's documentation of `trytond` ("RPC", "Fields", "Models": ``_timestamp``) and of its modules product,
    product_image, product_price_list, production and stock.
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
        watch: Collection[str] | None = None,
        locations: Sequence[int] | None = None,
        price_lists: Sequence[str] | None = None,
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
        self._server = TrytonServer(self._session, language, locations)
        self._item = item
        self._model = model
        self._overlap = overlap
        self._watch = watch
        self._price_lists = price_lists

    def __repr__(self) -> str:
        return f"TrytonAdapter({self._session.login.url!r}, model={self._model!r})"

    @property
    def requests(self) -> int:
        """How many requests were sent so far, log-ins and repetitions included."""
        return self._session.sent

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def describe(self) -> ErpSchema:
        """The model's own fields, and the paths of the item class that lead somewhere."""
        own = {
            name: ErpField(name, str(one.get("type")), writable=is_writable(self._server, self._model, name))
            for name, one in self._server.fields_of(self._model).items()
        }
        for spec in self._item.specs.values():
            try:
                kind = self._plan(spec.path).kind
            except ErpRefused:
                continue  # preflight names it, together with all others and the cells that need them
            own[spec.path] = ErpField(spec.path, kind, writable=is_writable(self._server, self._model, spec.path))
        return ErpSchema(self._model, tuple(own[name] for name in sorted(own)))

    def check(self) -> Health:
        """Log in, count the records, and see whether the user has what the item's fields need.

        Tryton gives no error for a price without a company or stock without a place, but null and 0.
        """
        try:
            plans = tuple(self._plan(spec.path) for spec in self._item.specs.values())
            missing = tuple(lacks(self._server, self._model, plans))
            if missing:
                return Health(ok=False, message="; ".join(missing))
            self._server.check_languages(languages_of(plans))
            count = self._session.call(self._model, "search_count", [], context=self._server.context())
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message=f"{self._model} has {count} records", facts={"model": self._model})

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of at most `limit` records by id: all, or those that changed since the cursor.

        A delta of one page costs one request, one more for each other language, and, in the first read of an adapter,
        the log-in and what is asked for once (definitions of fields, languages, the company).
        """
        plans = self._plans(fields)
        version, relations = self._version(plans), self._watched(plans)
        here = Round.begun(since, version, self._model)
        changed = self._changed(relations, here.since)
        if here.until is None:
            # the stamps of related records cost the server time, which counts where it reads everything: without them
            # the next round begins earlier than it might, and that is no harm
            stamps = [STAMP] if here.since is None else stamps_of(relations)
            newest_of = [self._model] if here.since is None else with_always(self._model)
            begun = time.monotonic()
            records = self._records(changed, plans, limit, stamps)
            seen = later(newest_in(records), here.since)
            if len(records) < limit:
                # one answer shows one moment: what changes after it has a later stamp than all in it
                yield self._page(records, plans, Round(since=seen).cursor(version), is_all=here.since is None)
                return
            # what changes while the first page and the end are asked for is left to the next round, which begins before
            until = later(newest(self._server, newest_of), seen)
            until = later(shifted(until, timedelta(seconds=time.monotonic() - begun)), here.since)
            here = Round(here.since, until, number_of(records[-1], "id"))
            yield self._page(records, plans, here.cursor(version))
        yield from self._round(here, plans, changed, limit, version)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The records of a choice, which Tryton makes for texts and whole numbers that it can search; else all."""
        plans = self._plans(fields)
        version = self._version(plans)
        chosen = self._plan(choice.path)
        values = searchable_kind(chosen, choice.values)
        if values is None:
            yield from self._round(Round(), plans, [], limit, version)
            return
        for some in lots([one for one in values if isinstance(one, str | int)]):
            yield from self._round(Round(), plans, [[chosen.asked[0], "in", [*some]]], limit, version)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """Records with prices and stock: what changed, all of them, or those of the keys asked for.

        Where each change shows, by the stamp of the record, of its template or of a done stock move, the cursor is of
        kind "timestamp". A price list, a cost price and a forecast change without a trace: then everything is read,
        the cursor is a "snapshot", and the relay sends on what changed.
        """
        plans = self._plans(frozenset(spec.path for spec in self._item.specs.values()))
        version, relations = self._version(plans), self._watched(plans)
        by_moves = moves_that_count(self._model, plans, self._server)
        if keys is not None or by_moves is None:
            wanted: list[Raw] = [] if keys is None else [[self._item.key_spec().path, "in", [*keys]]]
            after, cursor = 0, Cursor("snapshot", "", version)
            while records := self._records([*wanted, ["id", ">", after]], plans, _HOT_PAGE):
                after = number_of(records[-1], "id")
                yield self._page(records, plans, cursor)
            return
        # a snapshot is what this adapter gave while it had other fields, or fewer rights
        here = Round.begun(None if since is not None and since.kind == "snapshot" else since, version, self._model)
        if here.until is None:
            stamped = [*with_always(self._model), *(["stock.move"] if by_moves else [])]
            here = evolve(here, until=later(newest(self._server, stamped), here.since))
        begin = shifted(here.since, self._overlap)
        moved = moved_since(self._server, begin) if by_moves and begin is not None else []
        yield from self._round(here, plans, self._changed(relations, here.since, moved), _HOT_PAGE, version)

    # ---- writing ----
    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The product that `write_item` made with this key, archived or not, with its version now."""
        return self._writer().find(idempotency_key)

    def write_item(self, draft: ItemT, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create the product of a key, or update it: the template and its variant, in one call.

        A draft has values at the paths that it is read from::

            draft = Variant({"code": "PIM-1", "name": "Lamp", "name@fr": "Lampe", "default_uom.symbol": "u",
                             "categories.code": ["lighting"], "attributes.size": "M"})
            erp.write_item(draft, idempotency_key="5f0c...", if_version=None)

        A field of the variant goes there, one that it inherits goes to its template, and changes the template's
        other variants too. Relations are found by the member that the path names, and must be there. A text in
        another language takes a call of its own, after the first. Numbers are taken as they are: Tryton refuses more
        digits than a unit has. Without a code, the key is the code.

        The key is kept at the product, as an identifier without a type, made in the same transaction; the fields
        at ``identifiers`` do not show it. So a product whose creation was interrupted is found. Of two writers with one
        key, one creates and the other finds: codes are unique among active products, which Tryton sees to.

        **Variants of a template that is there** name it, by its id, at the path ``template.id``: then the variant alone is
        made, below it. Its code begins with that of the template, if the template has one: the rest becomes its suffix.
        Tryton never moves a variant to another template, and says so. **Templates without variants** are written by an
        adapter with ``model="product.template"``. The key is then kept at a variant that is archived and has nothing else,
        since a template has no place for it; two processes that create at the same time may make two.

        `if_version` is the version of an `ErpRef`: an update then raises `ErpConflict`, and writes nothing, if
        the template or the variant has changed since.

        Raises `ErpRefused`, naming the path, for what cannot be written, for a relation that is not there and for
        a code that another product has; `ErpUnreachable` where the server does not answer: the same call once
        more completes what was begun.
        """
        return self._writer().write(draft.key, draft.row, idempotency_key, if_version)

    def _writer(self) -> ProductWriter:
        if self._model not in (PRODUCT, TEMPLATE):
            raise ErpRefused(
                f"{self._model} is only read here; products are written, with model='{PRODUCT}', and templates, with "
                f"model='{TEMPLATE}'"
            )
        return ProductWriter(self._server, self._plan(self._item.key_spec().path), self._model)

    # ---- records ----
    def _changed(
        self,
        relations: Sequence[Relation],
        since: datetime | None,
        also: Sequence[int] = (),
    ) -> list[Raw]:
        has_active = "active" in self._server.fields_of(self._model)
        begin = shifted(since, self._overlap)
        return changed_since(relations, begin, also, has_active=has_active)

    def _round(
        self, here: Round, plans: Sequence[PathPlan], domain: list[Raw], limit: int, version: str
    ) -> Iterator[Page[ItemT]]:
        while True:
            records = self._records([*domain, ["id", ">", here.after]], plans, limit)
            if records:
                here = evolve(here, after=number_of(records[-1], "id"))
            if len(records) < limit:
                # everything up to `until` was seen; what changed meanwhile has a later stamp
                yield self._page(records, plans, Round(since=here.until).cursor(version))
                return
            yield self._page(records, plans, here.cursor(version))

    def _records(
        self, domain: list[Raw], plans: Sequence[PathPlan], limit: int, also: Sequence[str] = ()
    ) -> list[Record]:
        names = {name for one in plans if one.language is None for name in one.asked}
        if "active" in self._server.fields_of(self._model):
            names.add("active")
        order: Raw = [["id", "ASC"]]
        context = {**self._server.context(stock=any(counts_stock(one) for one in plans)), **sizes_of(plans)}
        asked: Raw = sorted({"id", *names, *also})
        full: Raw = [*self._server.everything(self._model), *domain]
        return self._session.records(self._model, "search_read", full, 0, limit, order, asked, context=context)

    def _page(
        self, records: Sequence[Record], plans: Sequence[PathPlan], resume: Cursor, *, is_all: bool = False
    ) -> Page[ItemT]:
        plain = [one for one in plans if one.language is None and one.computed is None]
        rows = {number_of(one, "id"): {p.path: p.value(one) for p in plain} for one in records}
        for language in languages_of(plans) if rows else ():
            mine = [one for one in plans if one.language == language]
            names: Raw = sorted({name for one in mine for name in one.asked})
            ids: Raw = list(rows)
            context = {**self._server.context(), **sizes_of(mine), "language": language}
            for one in self._session.records(self._model, "read", ids, names, context=context):
                rows[number_of(one, "id")].update({p.path: p.value(one) for p in mine})
        fill(self._server, [one.path for one in plans if one.computed is not None], rows, self._price_lists)
        archived = [number_of(one, "id") for one in records if one.get("active") in (0, False)]
        as_items = any(spec.path == "active" for spec in self._item.specs.values())
        items = [self._item(row) for number, row in rows.items() if as_items or number not in archived]
        dead = [key for number in archived if not as_items and (key := self._item(rows[number]).key)]
        # where these are all records there are, who lives is here
        living = self._living(dead) if dead and not is_all else frozenset(str(one.key) for one in items)
        return Page(items, [key for key in dead if key not in living], resume)

    def _living(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of the keys that an active record has: Tryton keeps codes apart among active records only."""
        plan = self._plan(self._item.key_spec().path)
        values = searchable_kind(plan, keys)
        if values is None:
            return frozenset()
        domain: Raw = [["active", "=", True], [plan.asked[0], "in", values]]
        found = self._session.records(
            self._model, "search_read", domain, 0, None, None, [*plan.asked], context=self._server.context()
        )
        return frozenset(str(plan.value(one)) for one in found)

    # ---- paths ----
    def _plan(self, path: str) -> PathPlan:
        plan = plan_path(path, self._model, self._server.fields_of)
        if plan.computed is not None:
            if self._model != PRODUCT:
                raise ErpRefused(f"path '{path}' is one of products; read it with model='{PRODUCT}'")
            members_of(path)
        return plan

    def _plans(self, paths: frozenset[str]) -> tuple[PathPlan, ...]:
        plans = tuple(self._plan(path) for path in sorted({*paths, self._item.key_spec().path}))
        others = languages_of(plans)
        self._server.check_languages(others)
        return plans

    def _watched(self, plans: Sequence[PathPlan]) -> tuple[Relation, ...]:
        if STAMP not in self._server.fields_of(self._model):
            raise ErpRefused(f"{self._model} has no {STAMP}: its changes cannot be told; Tryton 6.0 and newer have it")
        return watched(self._model, plans, self._watch, self._server.fields_of)

    def _version(self, plans: Sequence[PathPlan]) -> str:
        watch = None if self._watch is None else sorted(self._watch)
        seen = json.dumps([self._model, self._server.language, [one.path for one in plans], watch])
        return hashlib.sha256(seen.encode()).hexdigest()[:16]
