"""In what order changes are sent: a category only after its parent is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def waves(things: Sequence[T], name: Callable[[T], str], parent: Callable[[T], str | None]) -> Iterator[list[T]]:
    """Groups in which nothing waits for another member; each group may be sent at once, one after the other.

    A parent outside of *things* is taken to be there. What waits in a circle comes last, for the PIM to refuse.

    >>> tree = {"drills": "tools", "tools": None, "corded": "drills"}
    >>> list(waves(list(tree), str, tree.__getitem__))
    [['tools'], ['drills'], ['corded']]
    """
    waiting = {name(one): one for one in things}
    while waiting:
        ready = [one for one in waiting.values() if parent(one) not in waiting] or list(waiting.values())
        yield ready
        for one in ready:
            del waiting[name(one)]
