"""Which places of a record a rule reads, and what its classes declare of them: those of the item, and those of its lines.

A column of a table reads a line, not the item: what it reads is held against the class of the line, and against what the
item says of that place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from attrs import evolve, frozen

from akeneo_erp_bridge.classification import Internal, Temperature
from akeneo_erp_bridge.erp import ErpItem, overlap
from akeneo_erp_bridge.mapping._combine._conditions import Present
from akeneo_erp_bridge.mapping._combine._many import Count
from akeneo_erp_bridge.mapping._reference import ReferenceRule
from akeneo_erp_bridge.mapping._shapes._lines import line_of
from akeneo_erp_bridge.rules import Step, Then

Place: TypeAlias = tuple[str, ...]
"""A path, or several of them for rows inside of rows; see `overlap`."""

_ITEM: Final[frozenset[Place]] = frozenset({()})
_NOWHERE: Final[frozenset[Place]] = frozenset({("(lines)",)})
"""Where lines are that come from no column."""


@frozen
class DeclaredPlace:
    """What a class says of one place of an item."""

    owner: str
    """The name of the class."""
    place: Place
    temperature: Temperature

    @property
    def is_of_lines(self) -> bool:
        """Whether the class of its lines says it, not that of the item."""
        return len(self.place) > 1

    def concerns(self, read: PlaceRead) -> bool:
        """Whether it says something of what is read."""
        return not (self.is_of_lines and read.is_of_rows) and overlap(self.place, read.place)


@frozen
class PlaceRead:
    """A place that a step reads itself."""

    step: Step
    place: Place
    is_referenced: bool
    """Whether it is read for a reference."""
    is_of_rows: bool
    """Whether nothing looks into what is read, but rules over its lines."""


@frozen
class _Around:
    """What is known where a step stands."""

    line: type[ErpItem] | None = None
    """The class of the lines that it gets one by one; `None` where it gets the item itself."""
    places: frozenset[Place] = _ITEM
    """Where these lines are."""
    lines_at: frozenset[Place] = _NOWHERE
    """Where the lines are that a table would get here."""
    is_referenced: bool = False
    is_of_rows: bool = False


def declared_places(source: type[ErpItem], rules: Iterable[Step]) -> list[DeclaredPlace]:
    """All that an item class declares, and the classes of the lines that the rules take out of it."""
    found = [DeclaredPlace(source.__name__, (spec.path,), spec.temperature) for spec in source.declared]
    return found + [one for rule in rules for one in line_places(rule)]


def line_places(rule: Step) -> Iterator[DeclaredPlace]:
    """All that the classes of lines in a rule declare."""
    for _, around in _walk(rule, _Around()):
        line = around.line
        if line is not None:
            for spec in line.declared:
                for place in around.places:
                    yield DeclaredPlace(line.__name__, (*place, spec.path), spec.temperature)


def hidden_in_lines(rules: Iterable[Step]) -> frozenset[tuple[str, ...]]:
    """The places that the classes of lines in some rules declare internal, for `ErpItem.shippable`."""
    return frozenset(one.place for rule in rules for one in line_places(rule) if one.temperature is Internal)


def places_read(rule: Step) -> Iterator[PlaceRead]:
    """The places that the steps of a rule read themselves."""
    for step, around in _walk(rule, _Around()):
        own = step.sources - frozenset(one for part in step.parts for one in part.sources)
        for place in sorted((*place, path) for path in own for place in around.places):
            yield PlaceRead(step, place, around.is_referenced, around.is_of_rows)


def _walk(step: Step, around: _Around) -> Iterator[tuple[Step, _Around]]:
    """Each step of a tree, with what is around it."""
    yield step, around
    if isinstance(step, Then):
        yield from _walk_in_turn(step, around)  # pyright: ignore[reportUnknownArgumentType]  # what travels between its steps does not matter here
        return
    line = line_of(step)
    if line is not None:
        inside = evolve(around, line=line, places=around.lines_at, lines_at=_NOWHERE, is_of_rows=False)
    elif type(step) is ReferenceRule:  # the very class: a subclass could run another rule than it was admitted with
        inside = evolve(around, is_referenced=True)
    else:
        inside = evolve(around, is_of_rows=True) if isinstance(step, Present) else around
    for part in step.parts:
        yield from _walk(part, inside)


# `Any`: what travels between the steps does not matter here, and no other type takes all of them
def _walk_in_turn(step: Then[Any, Any, Any, Any, Any], around: _Around) -> Iterator[tuple[Step, _Around]]:
    looks_away = isinstance(step.second, Count) or any(line_of(one) is not None for one in _heads(step.second))
    yield from _walk(step.first, evolve(around, is_of_rows=around.is_of_rows or looks_away))
    at = frozenset((*place, path) for place in around.places for path in step.first.sources)
    yield from _walk(step.second, evolve(around, lines_at=at or _NOWHERE))


def _heads(step: Step) -> Iterator[Step]:
    yield step
    for head in step.heads:
        yield from _heads(head)
