"""`OverLines`: what rules over the rows inside of a row have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from akeneo_erp_bridge.classification import Temperature
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._readers import Lines
from akeneo_erp_bridge.rules import Step

LineT = TypeVar("LineT", bound=ErpItem)


class OverLines(Step, Generic[LineT]):
    """A step whose parts get the lines of an item, one after the other, and of each line what they say they read.

    What the class of the lines declares internal is taken out of the item before the step runs.
    """

    __slots__ = ()

    line: type[LineT]

    def each(self, source: Lines) -> Iterator[tuple[int, LineT]]:
        """The lines and their numbers, from 1."""
        paths = frozenset(path for part in self.parts for path in part.sources)
        for number, raw in enumerate(source, start=1):
            yield number, self.line(raw).narrowed(paths)

    @property
    def heads(self) -> tuple[Step, ...]:
        return ()  # the parts get the lines

    @property
    def temperatures(self) -> frozenset[Temperature]:
        # a line is a record too: a rule that reads it and declares nothing counts as hot
        return frozenset(one for part in self.parts for one in part.taint)

    @property
    def sources(self) -> frozenset[str]:
        return frozenset()  # what the parts read is inside of the lines
