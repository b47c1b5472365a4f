"""Links before they are sent: the ERP's names become the PIM's references, and circles are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Generic, TypeAlias, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledCell, LinkField, Links, Mapped, wanted_links
from akeneo_erp_bridge.rules import Clear, Outcome, Owner, Problem, Put
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._diff import Base
from akeneo_erp_bridge.sync._drafts._members import names
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._links._graph import Edges, FarSide, Inverse, circles, inverse_of
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._stream import Stream

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

Wanted: TypeAlias = Mapping[str, JsonValue]
"""Targets by the ERP's names, each with its quantity, or `None`."""


@frozen
class Wish:
    """What the ERP wants of the links of one item: `name` is its SKU, `links` are its wishes by cell."""

    ref: str
    name: str
    links: Mapping[str, Wanted]


@frozen
class Touched:
    """A product whose lists are about to be written: the ends of its links by cell, now and as we left them."""

    ref: str
    near: Mapping[str, frozenset[str]]


class Linker(Generic[ItemT]):
    """Finds the targets of links, a page at a time."""

    def __init__(self, stream: Stream[ItemT], written: SeenKeys | None = None) -> None:
        self._written = written
        self._stream = stream
        self._identifier = stream.compiled.identifier
        self.cells = {key: cell for key, cell in stream.compiled.cells.items() if cell.link is not None}

    def resolve(self, items: Sequence[tuple[Mapped, str, str]]) -> list[Mapped]:
        """The outcomes with references in place of names; an item comes with its reference and its SKU."""
        if not self.cells:
            return [one for one, _, _ in items]
        wishes = [Wish(ref, name, self._wishes(one)) for one, ref, name in items]
        return [
            evolve(one, outcomes={**one.outcomes, **_as_outcomes(one, found)}) if found else one
            for (one, _, _), found in zip(items, self.found(wishes), strict=True)
        ]

    def again(self, entries: Sequence[LedgerEntry]) -> list[dict[str, Links | Problem]]:
        """What could not be linked when the item was written, looked up anew."""
        wishes = [
            Wish(
                one.ref,
                str(one.cells.get(self._identifier, "")),
                {key: each for key, each in one.unlinked.items() if key in self.cells and isinstance(each, Mapping)},
            )
            for one in entries
        ]
        return self.found(wishes)

    def found(self, wishes: Sequence[Wish]) -> list[dict[str, Links | Problem]]:
        """For each wish and cell the links that can be made, or why there can be none."""
        known = self._look_up(wishes)
        found = [{key: self._links(one, key, wanted, known) for key, wanted in one.links.items()} for one in wishes]
        for key, cell in self.cells.items():
            if cell.link is not None and cell.link.is_quantified and cell.link.kind == "products":
                self._refuse_circles(key, wishes, found)
        return found

    # ---- names to references ----
    def _wishes(self, one: Mapped) -> dict[str, Wanted]:
        found: dict[str, Wanted] = {}
        for key, cell in self.cells.items():
            outcome = one.outcomes[key]
            if isinstance(outcome, Put) and outcome.value is not None and cell.binding.owner is not Owner.PIM:
                try:
                    found[key] = wanted_links(outcome.value, _link_of(cell))
                except ValueError:
                    continue  # the cell tells it when it is encoded
        return found

    def _look_up(self, wishes: Iterable[Wish]) -> dict[str, Mapping[str, str]]:
        """By kind: the references, by name in lower case."""
        wanted: dict[str, set[str]] = {_link_of(cell).kind: set() for cell in self.cells.values()}
        for one in wishes:
            for key, targets in one.links.items():
                wanted[_link_of(self.cells[key]).kind] |= targets.keys()
        return {kind: self._resolved(kind, sorted(some)) if some else {} for kind, some in wanted.items()}

    def _resolved(self, kind: str, wanted: Sequence[str]) -> Mapping[str, str]:
        found = self._stream.target.resolve(kind, wanted)
        if self._written is None or kind != "products":
            return found
        # what this run has just made may be missing from the PIM's lists; it is asked for itself
        unknown = [name.lower() for name in wanted if name.lower() not in found]
        recent = {name: ref for name, ref in self._written.refs(unknown).items() if self._stream.target.has(ref)}
        return {**found, **recent}

    def _links(self, one: Wish, key: str, wanted: Wanted, known: Mapping[str, Mapping[str, str]]) -> Links | Problem:
        link = _link_of(self.cells[key])
        by_name = known[link.kind]
        there: dict[str, JsonValue] = {}
        for name, quantity in wanted.items():
            ref = by_name.get(name.lower())
            if ref is not None:
                there[ref.lower()] = {"target": ref, "quantity": quantity} if link.is_quantified else ref
        if key in self.two_way and one.ref.lower() in there:
            return words.self_link(one.name, link.type)
        missing = tuple(name for name in wanted if name.lower() not in by_name)
        return Links(tuple(there.values()), wanted, missing)

    # ---- circles ----
    def _refuse_circles(self, key: str, wishes: Sequence[Wish], found: list[dict[str, Links | Problem]]) -> None:
        """A kit that is a part of its own parts, with what this page wants and what was written earlier."""
        edges: dict[str, frozenset[str]] = {}
        called: dict[str, str] = {}
        for one, links in zip(wishes, found, strict=True):
            each = links.get(key)
            if isinstance(each, Links) and one.ref:
                edges[one.ref.lower()] = frozenset(names(each.there, "target"))
                called[one.ref.lower()] = one.name
        ways = circles(edges, partial(self._further, key, called)) if any(edges.values()) else {}
        for one, links in zip(wishes, found, strict=True):
            way = ways.get(one.ref.lower())
            if way is not None and key in links:
                links[key] = words.circle([called.get(ref, ref) for ref in way])

    def _further(self, key: str, called: dict[str, str], refs: Sequence[str]) -> Edges:
        entries = self._stream.state.owners(self._stream.name, refs)
        called |= {one.ref.lower(): str(one.cells.get(self._identifier, one.ref)) for one in entries}
        return {one.ref.lower(): names(one.cells.get(key), "target") for one in entries}

    # ---- two-way types ----
    @cached_property
    def two_way(self) -> frozenset[str]:
        """The cells whose links the PIM writes at both ends."""
        return frozenset(
            key
            for key, cell in self.cells.items()
            if (link := _link_of(cell)).kind == "products"
            and not link.is_quantified
            and cell.binding.owner is Owner.ERP
            and self._stream.target.is_two_way(link.type)
        )

    def inverses(
        self, page: Mapping[str, Mapping[str, frozenset[str]]], touched: Sequence[Touched]
    ) -> dict[str, dict[str, Inverse]]:
        """For each touched product and two-way cell what the far sides say; *page* holds the page's wishes by cell."""
        found: dict[str, dict[str, Inverse]] = {}
        for key in self.two_way:
            wishes = {ref.lower(): links[key] for ref, links in page.items() if key in links}
            near = {far for one in touched for far in one.near.get(key, ())}
            ledger = {
                one.ref.lower(): _far_side(one, key)
                for one in self._stream.state.owners(self._stream.name, sorted(near))
            }
            for one in touched:
                found.setdefault(one.ref, {})[key] = inverse_of(
                    one.ref.lower(), one.near.get(key, frozenset()), wishes, ledger
                )
        return found


def touched_by(ref: str, base: Base, cells: Iterable[str]) -> Touched:
    """A product whose two-way lists may be written: the ends of its links there, now and as we left them."""
    near = {key: frozenset(names(base.theirs.get(key)) | names(base.cells.get(key))) for key in cells}
    return Touched(ref, near)


def wishes_of(mapped: Mapped, cells: Iterable[str]) -> dict[str, frozenset[str]]:
    """What an item of a page wants linked, by cell; a cell of which it says nothing is left out."""
    found: dict[str, frozenset[str]] = {}
    for key in cells:
        outcome = mapped.outcomes[key]
        if isinstance(outcome, Put) and isinstance(outcome.value, Links):
            found[key] = frozenset(names(outcome.value.there))
        elif isinstance(outcome, Clear) or (isinstance(outcome, Put) and outcome.value is None):
            found[key] = frozenset()
    return found


def _as_outcomes(one: Mapped, found: Mapping[str, Links | Problem]) -> dict[str, Outcome[object]]:
    made: dict[str, Outcome[object]] = {}
    for key, links in found.items():
        before = one.outcomes[key]
        notes = before.notes if isinstance(before, Put) else ()
        made[key] = links if isinstance(links, Problem) else Put(links, (*notes, *_waiting(links)))
    return made


def _waiting(links: Links) -> tuple[str, ...]:
    return (f"linked when they are in the PIM: {words.names(links.missing)}",) if links.missing else ()


def _far_side(entry: LedgerEntry, key: str) -> FarSide:
    wanted = frozenset(names(entry.cells.get(key)))
    return FarSide(wanted, wanted - names(entry.shared.get(key)))


def _link_of(cell: CompiledCell[S]) -> LinkField:
    if cell.link is None:
        raise AssertionError(f"{cell.key} stands for no links")
    return cell.link
