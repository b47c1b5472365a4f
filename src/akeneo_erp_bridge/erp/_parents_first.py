"""`parents_first`: the order in which a hierarchy can be created."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")
KeyT = TypeVar("KeyT", bound=Hashable)


def parents_first(items: Iterable[T], *, key: Callable[[T], KeyT], parent: Callable[[T], KeyT | None]) -> list[T]:
    """The items of a hierarchy, each after its parent: roots, then their children, then theirs.

    `parent` gives the key of the parent; `None` and the empty text mean a root. What has no way up to a root
    is not lost but comes last: first the items whose parent is missing, then those that are their own
    ancestors, each followed by what hangs on it. Otherwise the order stays as it was. All items are held
    in memory.

    >>> rows = [("drills", "tools"), ("bits", "drills"), ("lost", "nowhere"), ("tools", None)]
    >>> [code for code, _ in parents_first(rows, key=lambda row: row[0], parent=lambda row: row[1])]
    ['tools', 'drills', 'bits', 'lost']
    """
    rows = list(items)
    keys, above = [key(item) for item in rows], [parent(item) for item in rows]
    by_key = {one: place for place, one in reversed(list(enumerate(keys)))}
    parents = {place: by_key[up] for place, up in enumerate(above) if up is not None and up in by_key}
    children: defaultdict[KeyT, list[int]] = defaultdict(list)
    for place, up in enumerate(above):
        if up is not None:
            children[up].append(place)
    ordered: dict[int, None] = {}

    def descend(starts: Iterable[int]) -> None:
        waiting = deque(starts)
        while waiting:
            place = waiting.popleft()
            if place not in ordered:
                ordered[place] = None
                # of a key that comes twice, the first row takes the children along
                waiting.extend(children.pop(keys[place], ()))

    def ancestor_in_circle(place: int) -> int:
        met: set[int] = set()
        while place not in met:
            met.add(place)
            place = parents[place]
        return place

    descend(place for place, up in enumerate(above) if up is None or up == "")
    descend(place for place, up in enumerate(above) if up not in by_key)
    for place in range(len(rows)):
        if place not in ordered:
            descend([ancestor_in_circle(place)])
    return [rows[place] for place in ordered]
