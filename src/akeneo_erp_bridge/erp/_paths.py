"""Where in a row a value stands: in a column, or some steps inside of what a column holds.

``lines[0].text`` is the text of the first line, ``lines[-1].text`` of the last, ``lines[*].ean`` the EANs of all of
them. A column whose own name is the whole path comes first; a name that is no path, such as ``Weight [kg]`` or ``No.``,
is a column and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Final, Literal, TypeAlias, cast

from attrs import evolve, frozen

from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import shown

_NAME: Final = r"[^.\[\]]+"
_PLACE: Final = r"\[(?:\*|-?[0-9]{1,9})\]"
_PATH: Final = re.compile(rf"{_NAME}(?:{_PLACE})*(?:\.{_NAME}(?:{_PLACE})*)*")
_STEP: Final = re.compile(rf"{_NAME}|{_PLACE}")


class _Mark(Enum):
    """Each is one of a kind, and looks the same in every process, for fingerprints."""

    ABSENT = "absent"
    EVERY = "*"


ABSENT: Final = _Mark.ABSENT
EVERY: Final = _Mark.EVERY
PathStep: TypeAlias = str | int | Literal[_Mark.EVERY]


@frozen
class Misplaced:
    """What a path finds where a row is of another shape than the path says.

    >>> str(look_up({"number": "DR-18", "size": "30 x 20 cm"}, "size.width"))
    "step 'width' fails: 'size' holds '30 x 20 cm', which has no members with names"
    """

    at: str
    """The path as far as it could be taken."""
    step: str
    """The step that could not."""
    seen: str

    def __str__(self) -> str:
        wanted = "is no list" if self.step.startswith("[") else "has no members with names"
        return f"step '{self.step}' fails: '{self.at}' holds {self.seen}, which {wanted}"


@lru_cache(maxsize=10_000)
def steps_of(path: str) -> tuple[PathStep, ...]:
    """The steps of a path; a name that is no path is one step.

    >>> steps_of("lines[0].text"), steps_of("Weight [kg]")
    (('lines', 0, 'text'), ('Weight [kg]',))
    """
    return tuple(_step(one) for one in _STEP.findall(path)) if _PATH.fullmatch(path) else (path,)


def _step(text: str) -> PathStep:
    if not text.startswith("["):
        return text
    return EVERY if text == "[*]" else int(text[1:-1])


def written(step: PathStep) -> str:
    """One step, as it stands in a path."""
    return step if isinstance(step, str) else f"[{step.value if isinstance(step, _Mark) else step}]"


def path_of(steps: Iterable[PathStep]) -> str:
    """The steps as a path.

    >>> path_of(("lines", 0, "text"))
    'lines[0].text'
    """
    return _joined(written(step) for step in steps)


def _joined(parts: Iterable[str]) -> str:
    path = ""
    for part in parts:
        path += f".{part}" if path and not part.startswith("[") else part
    return path


def column_of(path: str) -> str:
    """The column in which a path begins, for an adapter that is asked for ``lines[*].ean`` and reads ``lines``.

    >>> column_of("lines[*].ean"), column_of("Weight [kg]")
    ('lines', 'Weight [kg]')
    """
    return written(steps_of(path)[0])


def overlap(one: str | tuple[str, ...], other: str | tuple[str, ...]) -> bool:
    """Whether what stands at one place is, or may be, a part of what stands at the other.

    A place is a path, or several of them for rows inside of rows: ``("lines", "price")`` is the price of each line.

    >>> overlap("lines", "lines[*].price"), overlap("lines[*].text", "lines[*].price")
    (True, False)
    >>> overlap("lines[0]", ("lines", "price")), overlap("price", ("lines", "price"))
    (True, False)
    """
    return all(_may_meet(a, b) for a, b in zip(_steps_to(one), _steps_to(other), strict=False))


def _steps_to(place: str | tuple[str, ...]) -> tuple[PathStep, ...]:
    if isinstance(place, str):
        return steps_of(place)
    steps: tuple[PathStep, ...] = ()
    for path in place:
        steps = (*steps, EVERY, *steps_of(path)) if steps else steps_of(path)
    return steps


def _may_meet(one: PathStep, other: PathStep) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        # the last of a list may be any of those counted from its beginning
        return one == other or (one < 0) != (other < 0)
    return one == other or (EVERY in (one, other) and not isinstance(one, str) and not isinstance(other, str))


def look_up(row: Mapping[str, object], path: str) -> object:
    """The raw value at a path: what a column of that name holds, else what the steps lead to.

    `ABSENT` where nothing stands there, `None` where a null is on the way, `Misplaced` where a step cannot be taken,
    and for ``[*]`` a list of what was found.
    """
    try:
        return row[path]
    except KeyError:
        steps = steps_of(path)
        # in a row of listed paths, each was looked up before
        return ABSENT if len(steps) == 1 or isinstance(row, Listed) else _walk(row, steps)


def _walk(here: object, steps: tuple[PathStep, ...]) -> object:
    for at, step in enumerate(steps):
        if here is None:
            return None
        if isinstance(step, str):
            if not isinstance(here, Mapping):
                return Misplaced(path_of(steps[:at]), written(step), shown(here))
            # the casts: rows are untyped by nature; the reader of the field checks what is found
            members = cast("Mapping[str, object]", here)
            if step not in members:
                return ABSENT
            here = members[step]
            continue
        if not isinstance(here, list | tuple):
            return Misplaced(path_of(steps[:at]), written(step), shown(here))
        line = cast("list[object] | tuple[object, ...]", here)  # of what, isinstance cannot tell
        if step is EVERY:
            return _walk_every(line, steps, at)
        if not -len(line) <= step < len(line):
            return ABSENT
        here = line[step]
    return here


def _walk_every(line: Iterable[object], steps: tuple[PathStep, ...], at: int) -> object:
    rest = steps[at + 1 :]
    is_flattened = EVERY in rest
    values: list[object] = []
    for place, one in enumerate(line):
        found = _walk(one, rest)
        if isinstance(found, Misplaced):
            whole = _joined([*map(written, (*steps[:at], place)), *([found.at] if found.at else [])])
            return evolve(found, at=whole)
        if is_flattened and isinstance(found, list):
            values += cast("list[object]", found)  # of what, isinstance cannot tell
        elif found is not ABSENT and not (found is None and is_flattened):
            values.append(found)
    return values


def without(row: Mapping[str, object], place: str | tuple[str, ...]) -> Mapping[str, object]:
    """A row without what stands at a place; the row itself is left as it is.

    What is of another shape than the place says goes as a whole: nobody knows where in it the value stands.

    >>> without({"lines": [{"ean": "1", "cost": 2}, {"ean": "3"}]}, "lines[*].cost")
    {'lines': [{'ean': '1'}, {'ean': '3'}]}
    >>> without({"number": "1", "terms": "rebate: 5"}, "terms.rebate")
    {'number': '1'}
    """
    rest = {name: raw for name, raw in row.items() if name != place}
    # the cast: of a map, a map is left
    return cast("Mapping[str, object]", _cut(rest, _steps_to(place)))


def _cut(here: object, steps: tuple[PathStep, ...]) -> object:
    if not steps:
        return ABSENT
    if here is None:
        return None
    step, rest = steps[0], steps[1:]
    # the casts: rows are untyped by nature; what is inside is looked at one by one
    if isinstance(step, str):
        if not isinstance(here, Mapping):
            return ABSENT
        members = cast("Mapping[str, object]", here)  # of what, isinstance cannot tell
        cut = {name: _cut(one, rest) if name == step else one for name, one in members.items()}
        return {name: one for name, one in cut.items() if one is not ABSENT}
    if not isinstance(here, list | tuple):
        return ABSENT
    line = cast("list[object] | tuple[object, ...]", here)  # of what, isinstance cannot tell
    places = range(len(line)) if step is EVERY else (step % len(line),) if -len(line) <= step < len(line) else ()
    left = [_cut(one, rest) if place in places else one for place, one in enumerate(line)]
    # a member is emptied, not taken out: the others keep their places
    return [None if one is ABSENT else one for one in left]


class Listed(Mapping[str, object]):
    """What stands at some listed paths of a row, and an error for whoever looks beside them."""

    __slots__ = ("_found", "_paths")

    def __init__(self, row: Mapping[str, object], paths: tuple[str, ...]) -> None:
        self._paths = paths
        self._found = {path: found for path in paths if (found := look_up(row, path)) is not ABSENT}

    @property
    def misplaced(self) -> Mapping[str, Misplaced]:
        """The paths that do not fit the row."""
        return {path: found for path, found in self._found.items() if isinstance(found, Misplaced)}

    def __getitem__(self, path: str) -> object:
        if path not in self._paths:
            listed = ", ".join(self._paths)
            raise MappingError(f"'{path}' is not among what may be read here ({listed}); list it too, if it is cold")
        return self._found[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __reduce__(self) -> tuple[type[Listed], tuple[Mapping[str, object], tuple[str, ...]]]:
        return Listed, (self._found, self._paths)
