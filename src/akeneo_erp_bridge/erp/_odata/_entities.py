"""The entities of one set: asked for, completed, and walked through in an order that nothing can disturb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urljoin, urlsplit

from attrs import field, frozen

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._odata._edm import EdmModel, EdmSet, EdmType
from akeneo_erp_bridge.erp._odata._literals import any_of, literal
from akeneo_erp_bridge.erp._odata._plan import Branch, language_of, plan_of
from akeneo_erp_bridge.erp._odata._service import ODataService, as_object
from akeneo_erp_bridge.erp._odata._values import row_of
from akeneo_erp_bridge.erp._paths import ABSENT, look_up
from akeneo_erp_bridge.errors import ErpRefused

Wire: TypeAlias = Mapping[str, object]
KeyOf: TypeAlias = tuple[object, ...]


@frozen
class WirePage:
    """One answer with several entities."""

    entities: Sequence[Wire]
    following: str | None
    """The address of the next page, absolute."""
    delta: str | None
    """The address that will tell the changes from here on, absolute."""


@frozen
class Entities:
    """Reads one entity set, with the properties that some paths need."""

    service: ODataService
    model: EdmModel
    entity_set: EdmSet
    kind: EdmType
    paths: frozenset[str]
    where: str | None
    branch: Branch = field(repr=False)
    languages: Mapping[str, tuple[str, ...]] = field(repr=False)
    """The paths with a language of their own, by language."""

    # ---- one question ----
    def options(self, filters: Sequence[str] = (), **more: str) -> dict[str, str]:
        """The options of a query, with the adapter's own condition."""
        wanted = [one for one in (self.where, *filters) if one]
        said = wanted[0] if len(wanted) == 1 else " and ".join(f"({one})" for one in wanted)
        return {**self.branch.options(), "$filter": said, **{f"${name}": value for name, value in more.items()}}

    def address(self, options: Mapping[str, str]) -> str:
        """The address of the set with these options."""
        return self.service.set_address(self.entity_set.name, options)

    def page(self, address: str, headers: Mapping[str, str] | None = None) -> WirePage:
        """One page, as it stands at an address."""
        return self.page_of(self.service.read(address, self.entity_set.name, headers), address)

    def page_of(self, wire: Wire, address: str) -> WirePage:
        """A page of an answer that is there."""
        found = lines(wire.get("value"))
        if found is None:
            raise ErpRefused(f"{self.entity_set.name}: the service answers without entities; is it an entity set?")
        base = self._base(wire, address)
        links = (control(wire, "nextLink"), control(wire, "deltaLink"))
        following, delta = (
            self.service.session.own(one, base) if isinstance(one, str) and one else None for one in links
        )
        return WirePage([as_object(one, self.entity_set.name) for one in found], following, delta)

    def _base(self, wire: Wire, address: str) -> str:
        """Links are relative to the context's address (OASIS "OData JSON Format", section 4.5)."""
        context = control(wire, "context")
        return urljoin(address, context.partition("#")[0]) if isinstance(context, str) else address

    def relative(self, link: str) -> str:
        """A link as a cursor keeps it: without the host."""
        parts = urlsplit(link)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def absolute(self, link: str) -> str:
        """The same as an address."""
        return self.service.session.own(link, self.service.url)

    # ---- several ----
    def all_of(self, pages: Sequence[WirePage]) -> Iterator[Sequence[Wire]]:
        """The entities of pages and of those that follow them."""
        for page in pages:
            here: WirePage | None = page
            while here is not None:
                yield here.entities
                here = None if here.following is None else self.page(here.following)

    def by_filters(self, filters: Sequence[str], headers: Mapping[str, str] | None = None) -> Iterator[Sequence[Wire]]:
        """The entities of several filters, which the service may answer together."""
        addresses = [self.address(self.options([one])) for one in filters]
        answers = self.service.read_many(addresses, self.entity_set.name, headers or {})
        yield from self.all_of([self.page_of(wire, at) for wire, at in zip(answers, addresses, strict=True)])

    def walk(
        self, name: str, *, bound: str | None, strict: bool, top: int, filters: Sequence[str] = ()
    ) -> Iterator[Sequence[Wire]]:
        """All entities in the order of a property, from a bound on; `bound` is a literal.

        Each page is asked for from the last value on, inclusive, and what was there before is left out. So neither a
        deletion nor a row that moves to the end while we read shifts another row past us, as places in a list do. Where
        one value fills a whole page, the page is made larger, or its link followed.
        """
        order = ",".join(dict.fromkeys((name, *self.kind.keys)))
        size, operator = top, "gt" if strict else "ge"
        link: str | None = None
        seen: set[tuple[KeyOf, object]] = set()
        got = 0
        while True:
            if link is None:
                got = 0
                mine = [] if bound is None else [f"{name} {operator} {bound}"]
                page = self.page(self.address(self.options([*mine, *filters], orderby=order, top=str(size))))
            else:
                page = self.page(link)
            # with its value: what was changed meanwhile comes again
            fresh = [one for one in page.entities if (self.key_of(one), one.get(name)) not in seen]
            yield fresh
            got += len(page.entities)
            if page.following is None and got < size:  # links too end at what was asked for
                return
            keys = {(self.key_of(one), one.get(name)) for one in page.entities}
            ahead = self._bound(fresh[-1], name) if fresh else bound
            if ahead != bound:
                # what has the new value stands in this page, or comes after it
                seen = keys if link is None else seen | keys
                bound, operator, link, size = ahead, "ge", None, top
                continue
            seen |= keys
            link = page.following
            size = size if link is not None else size * 2

    def _bound(self, wire: Wire, name: str) -> str:
        value = wire.get(name)
        if value is None:
            raise ErpRefused(f"{self.shown(wire)}: {name} is null, and the order of reading; fill it in")
        return literal(value, self.kind.properties[name].kind)

    # ---- one entity ----
    def key_of(self, wire: Wire) -> KeyOf:
        """What tells one entity from another."""
        return tuple(wire.get(name) for name in self.kind.keys)

    def shown(self, wire: Wire) -> str:
        """An entity in a message."""
        return f"{self.entity_set.name}({', '.join(str(one) for one in self.key_of(wire))})"

    def filters_of(self, wires: Sequence[Wire]) -> list[str]:
        """Filters for these entities, by their keys."""
        return list(any_of([self._equals(one) for one in wires]))

    def _equals(self, wire: Wire) -> str:
        said = [f"{name} eq {literal(wire.get(name), self.kind.properties[name].kind)}" for name in self.kind.keys]
        return said[0] if len(said) == 1 else f"({' and '.join(said)})"

    def rows(self, wires: Sequence[Wire]) -> list[dict[str, object]]:
        """The rows of entities: complete, with typed values, and with their texts in other languages."""
        no_date = self.service.dialect.no_date_is_null
        rows = [row_of(self._completed(one), self.kind, self.model, no_date_is_null=no_date) for one in wires]
        for language, paths in self.languages.items():
            self._translate(wires, rows, language, paths)
        return rows

    def _translate(
        self, wires: Sequence[Wire], rows: Sequence[dict[str, object]], language: str, paths: tuple[str, ...]
    ) -> None:
        plain = frozenset(language_of(path)[0] for path in paths)
        other = entities_of(self.service, self.model, self.entity_set.name, plain, None)
        by_key = {self.key_of(wire): row for wire, row in zip(wires, rows, strict=True)}
        for some in other.by_filters(other.filters_of(wires), {"Accept-Language": language}):
            for wire, found in zip(some, other.rows(some), strict=True):
                row = by_key.get(other.key_of(wire))
                for path in paths if row is not None else ():
                    value = look_up(found, language_of(path)[0])
                    if row is not None and value is not ABSENT:
                        row[path] = value

    def _completed(self, wire: Wire) -> Wire:
        """An entity whose expanded collections the service cut into pages, with all of them."""
        whole = dict(wire)
        for name, value in wire.items():
            target, _, term = name.rpartition("@")
            if target and term in ("odata.nextLink", "nextLink") and isinstance(value, str):
                inside = lines(wire.get(target)) or []
                link: str | None = self.absolute(value)
                while link is not None:
                    page = self.page(link)
                    inside += page.entities
                    link = page.following
                whole[target] = inside
        return {name: self._inside(name, value) for name, value in whole.items()}

    def _inside(self, name: str, value: object) -> object:
        several, one_inside = lines(value), members(value)
        if several is not None:
            return [self._inside(name, one) for one in several]
        return value if one_inside is None else self._completed(one_inside)


def entities_of(
    service: ODataService, model: EdmModel, name: str, paths: frozenset[str], where: str | None
) -> Entities:
    """A reader of a set for some paths. Raises `ErpRefused` for a set or a path that is not there."""
    found = model.set_named(name)
    kind = model.type_of(found.type_name)
    languages: dict[str, list[str]] = {}
    for path in sorted(paths):
        language = language_of(path)[1]
        if language is not None:
            languages.setdefault(language, []).append(path)
    plain = [path for path in paths if language_of(path)[1] is None]
    every = plan_of(
        [language_of(path)[0] for path in paths], kind, model
    )  # a wrong path is told at once, in any language
    branch = plan_of(plain, kind, model) if languages else every
    return Entities(
        service, model, found, kind, paths, where, branch, {one: tuple(some) for one, some in languages.items()}
    )


def control(wire: Wire, name: str) -> object:
    """Control information, by its name of OData 4.0 or the shorter one of 4.01."""
    found = wire.get(f"@odata.{name}")
    return wire.get(f"@{name}") if found is None else found
