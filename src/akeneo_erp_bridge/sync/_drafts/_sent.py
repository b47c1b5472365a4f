"""What was sent a short time ago, and no list shows yet: other items of the same values are its twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._finding import Finder
from akeneo_erp_bridge.sync._state import Marked
from akeneo_erp_bridge.sync._stream import Stream

ItemT = TypeVar("ItemT", bound=ErpItem)


class Sent(Generic[ItemT]):
    """Finds twins among what the state remembers of the last hour.

    A mark says only where to look. What was sent may have been refused, or be something else by now; so the product is asked
    for itself, which no index delays, and what it holds decides.
    """

    def __init__(self, stream: Stream[ItemT], finder: Finder[ItemT]) -> None:
        self._stream = stream
        self._finder = finder

    def twins(self, marks: Mapping[ErpKey, Sequence[str]]) -> dict[ErpKey, str]:
        """Why some of these items, each with its marks, are not new."""
        state, name = self._stream.state, self._stream.name
        sought = list({mark for some in marks.values() for mark in some})
        found: dict[str, list[Marked]] = {}
        for one in state.marked(name, sought) if sought else ():
            found.setdefault(one.mark, []).append(one)
        open_ones = state.intents(name, list({one.key for some in found.values() for one in some})) if found else {}
        held: dict[str, Sequence[str] | None] = {}
        met: dict[ErpKey, str] = {}
        for key, some in marks.items():
            others = [one for mark in some for one in found.get(mark, ()) if one.key != key]
            for one in others:
                # nobody heard what became of it: the PIM may be at it still
                if one.key not in open_ones and one.ref not in held:
                    held[one.ref] = self._held(one.ref)
                marks_now = held.get(one.ref)
                if marks_now is None or one.mark in marks_now:
                    met[key] = words.made(one.key)
                    break
        return met

    def _held(self, ref: str) -> Sequence[str] | None:
        """The marks of a product as it is now; `None` where a rule fails for it, so that nobody can tell."""
        product = self._stream.target.get(ref, self._stream.cells)
        if product is None:
            return ()
        key, failed = ErpKey(ref), dict[ErpKey, str]()
        marks = self._finder.marks({key: self._finder.wires(product.cells)}, failed)
        return None if failed else marks.get(key, ())
