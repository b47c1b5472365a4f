"""Links seen as a graph: circles in bills of materials, and the far side of two-way links. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen

Edges: TypeAlias = Mapping[str, Collection[str]]
"""The targets of each product, all by reference in lower case."""


def circles(edges: Edges, further: Callable[[Sequence[str]], Edges]) -> dict[str, list[str]]:
    """The products that would be a part of themselves, each with the way round; *further* tells what is known of others.

    >>> circles({"a": ["b"], "c": ["a"]}, lambda refs: {"b": ["a"]})
    {'a': ['a', 'b', 'a']}
    """
    known = dict(edges)
    frontier = _unknown(edges.values(), known)
    while frontier:
        found = further(sorted(frontier))
        known |= {ref: found.get(ref, ()) for ref in frontier}
        frontier = _unknown([known[ref] for ref in frontier], known)
    return {ref: way for ref in edges if (way := _way_round(ref, known))}


def _unknown(targets: Collection[Collection[str]], known: Edges) -> set[str]:
    return {ref for some in targets for ref in some if ref not in known}


def _way_round(start: str, known: Edges) -> list[str]:
    """The shortest way from a product back to itself; empty where there is none."""
    came_from: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in known.get(here, ()):
            if there == start:
                way = [start]
                while here != start:
                    way.append(here)
                    here = came_from[here]
                return [start, *reversed(way[1:]), start]
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    return []


@frozen
class Inverse:
    """What the far sides say of a two-way list: which links in it we put there from their side, and which they want."""

    ours: frozenset[str] = frozenset()
    wanted: tuple[str, ...] = ()


NO_INVERSE: Final = Inverse()


@frozen
class FarSide:
    """What the ledger says of a product at the other end: what the ERP wants linked, and which of it we put there."""

    wanted: frozenset[str]
    ours: frozenset[str]


def inverse_of(ref: str, near: Collection[str], wishes: Edges, ledger: Mapping[str, FarSide]) -> Inverse:
    """The far sides of one product's two-way list.

    *near* are the products in the list now or earlier, *wishes* what the items of this page want: it counts before
    the *ledger*. Both ends are written as wholes, so each must say what the other does, in whatever order they go.

    >>> inverse_of("a", ["b"], {"c": ["a"]}, {"b": FarSide(frozenset({"a"}), frozenset())})
    Inverse(ours=frozenset(), wanted=('b', 'c'))
    """
    ours = frozenset(far for far in near if far in ledger and ref in ledger[far].ours)
    wanted = {far for far in near if far in ledger and far not in wishes and ref in ledger[far].wanted}
    wanted |= {far for far, targets in wishes.items() if ref in targets}
    return Inverse(ours, tuple(sorted(wanted)))
