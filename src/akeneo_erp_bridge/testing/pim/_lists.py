"""Lists of products and models: which entries a request finds, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from akeneo_erp_bridge.testing.pim._associations import Associations
from akeneo_erp_bridge.testing.pim._filters import conditions_of
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, maybe_text, texts
from akeneo_erp_bridge.testing.pim._pages import cursor, page, pagination_type
from akeneo_erp_bridge.testing.pim._predicates import Predicates
from akeneo_erp_bridge.testing.pim._store import Table
from akeneo_erp_bridge.testing.pim._views import Views, Wanted
from akeneo_erp_bridge.testing.pim._world import Entry, World


class EntryLists:
    """Answers the list routes of products and models."""

    def __init__(self, world: World, views: Views, links: Associations) -> None:
        self._world = world
        self._views = views
        self._links = links
        self._predicates = Predicates(world)

    def products(self, request: Request, *, by_uuid: bool, body: JsonObject | None = None) -> Answer:
        """Products by UUID, or those with an identifier; *body* carries the filters of a search POST."""
        arguments = dict(request.query)
        for name in body or {}:
            value = (body or {})[name]
            if value is not None:
                arguments[name] = str(value).lower() if isinstance(value, bool) else str(value)
        wanted = Wanted.of(self._world, request.base, arguments)
        conditions = conditions_of(arguments.get("search"))
        holds = self._predicates.of(conditions, arguments, wanted.scope, models=False)
        few = self._few(conditions)

        def found(after: str | None) -> Iterator[Entry]:
            entries = self._after(few, after, by_uuid=by_uuid)
            indexed = (one for one in entries if self._is_indexed(one))
            return (one for one in indexed if (by_uuid or one.identifier is not None) and holds(one))

        def show(entry: Entry) -> JsonObject:
            return self._views.product(entry, wanted, by_uuid=by_uuid)

        return self._answer(request, found, lambda one: one.key if by_uuid else one.identifier or "", show)

    def models(self, request: Request) -> Answer:
        """Root and sub models."""
        arguments = dict(request.query)
        wanted = Wanted.of(self._world, request.base, arguments)
        conditions = conditions_of(arguments.get("search"))
        holds = self._predicates.of(conditions, arguments, wanted.scope, models=True)

        def found(after: str | None) -> Iterator[Entry]:
            return (one for one in self._world.models.values(after=after) if self._is_indexed(one) and holds(one))

        return self._answer(request, found, lambda one: one.key, lambda one: self._views.model(one, wanted))

    def _answer(
        self,
        request: Request,
        found: Callable[[str | None], Iterator[Entry]],
        key: Callable[[Entry], str],
        show: Callable[[Entry], JsonObject],
    ) -> Answer:
        if pagination_type(request, ("page", "search_after")) == "search_after":
            return cursor(request, found, key, show)
        return page(request, found(None), show, depth=self._world.behaviour.offset_depth)

    def _is_indexed(self, entry: Entry) -> bool:
        lag = self._world.behaviour.index_lag
        return not lag or self._world.clock() - datetime.fromisoformat(entry.created) >= lag

    def _after(self, few: list[Entry] | None, after: str | None, *, by_uuid: bool) -> Iterable[Entry]:
        if few is not None:
            ordered = sorted(few, key=lambda one: one.key if by_uuid else (one.identifier or "").lower())
            edge = (after or "").lower()
            return [
                one
                for one in ordered
                if after is None or (one.key if by_uuid else (one.identifier or "").lower()) > edge
            ]
        if by_uuid:
            return self._world.products.values(after=after)
        return self._in_order_of_identifiers(after)

    def _in_order_of_identifiers(self, after: str | None) -> Iterator[Entry]:
        main = self._world.main_identifier()
        if main is None:
            return
        prefix = f"{main}\x00"
        for key in self._world.identifiers.values(prefix=prefix, after=None if after is None else prefix + after):
            product = self._world.products.get(key)
            if product is not None:
                yield product

    def _few(self, conditions: dict[str, list[JsonObject]]) -> list[Entry] | None:
        """The candidates where a filter names them, so that a look-up by key does not walk the whole catalog."""
        for name, alternatives in conditions.items():
            for condition in alternatives:
                names = texts(condition.get("value"))
                operator = condition["operator"]
                if name == "uuid" and operator == "IN":
                    return _existing(self._world.products, (one for one in names))
                if name.lower() == (self._world.main_identifier() or "").lower() and operator in ("IN", "="):
                    value = maybe_text(condition, "value")
                    wanted = [value] if value is not None else names
                    keys = (self._world.identifiers.get(f"{name}\x00{one}") for one in wanted)
                    return _existing(self._world.products, (key for key in keys if key is not None))
        return None


def _existing(table: Table[Entry], keys: Iterable[str]) -> list[Entry]:
    found = {key.lower(): entry for key in keys if (entry := table.get(key)) is not None}
    return list(found.values())
