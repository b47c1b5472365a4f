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
    waiting = list(things)
    while waiting:
        names = {name(one) for one in waiting}
        ready = [one for one in waiting if parent(one) not in names] or waiting
        yield ready
        sent = {id(one) for one in ready}
        waiting = [one for one in waiting if id(one) not in sent]
