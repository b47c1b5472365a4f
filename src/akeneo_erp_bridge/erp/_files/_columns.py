"""From a file's header to the columns that an item class declares."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.classification import PIM_SAFE, Temperature, may_reach
from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._files._table import Table
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._paths import column_of
from akeneo_erp_bridge.erp._placed_row import PlacedRow
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.rules import shown

_log: Final = logging.getLogger("akeneo_erp_bridge")


class Undeclared:
    """The columns that an item class does not declare; each is told once."""

    def __init__(self, item: type[ErpItem]) -> None:
        self._known = {path for spec in item.declared for path in (spec.path, column_of(spec.path))}
        self._told: set[str] = set()

    def among(self, columns: Iterable[str]) -> list[str]:
        """Those of some columns that are not declared."""
        return [one for one in columns if one not in self._known]

    def tell(self, name: str, columns: Iterable[str]) -> None:
        """Log the columns of a file that are new: by the rule of the house, what nobody declared counts as hot."""
        fresh = [one for one in self.among(columns) if one not in self._told]
        if fresh:
            self._told.update(fresh)
            _log.info(
                "%s: nobody declares %s; undeclared columns count as hot, and are not read", name, ", ".join(fresh)
            )


@frozen
class Columns:
    """What is known of the columns of some files, whatever their header.

    `aliases` are other names of a declared column, and are compared without regard to case and blanks. `optional`
    are columns that a file may lack: what is absent leaves the PIM's value alone.
    """

    aliases: Mapping[str, Sequence[str]]
    optional: frozenset[str] = frozenset()

    def spellings(self, names: Collection[str]) -> list[str]:
        """Each name, and what else it may be called."""
        return [one for name in names for one in (name, *self.aliases.get(name, ()))]

    def places(self, table: Table) -> dict[str, int]:
        """The place of each column by its declared name, or its own. Raises `ErpRefused` for a name given twice."""
        header = list(table.header)
        for declared, others in self.aliases.items():
            if declared in header:
                continue
            known = {_plain(one) for one in (declared, *others)}
            found = [at for at, name in enumerate(header) if _plain(name) in known]
            if len(found) > 1:
                names = ", ".join(repr(header[at]) for at in found)
                raise ErpRefused(
                    f"{table.name}: the columns {names} all are '{declared}' by aliases; rename all but one"
                )
            for at in found:
                header[at] = declared
        doubled = sorted({name for name in header if name and header.count(name) > 1})
        if doubled:
            raise ErpRefused(f"{table.name}: columns are given twice: {', '.join(doubled)}; rename one of each")
        return {name: at for at, name in enumerate(header) if name}

    def rows(
        self, table: Table, wanted: Collection[str], item: type[ErpItem], *, may_lack: bool = False
    ) -> Iterator[tuple[int, dict[str, object]]]:
        """The number of each row, and its wanted values by column; a `Defect` for what cannot be told.

        Raises `ErpRefused` at once for a wanted column that is missing and not optional, unless the file *may_lack* it.
        """
        there, key = self.places(table), item.key_spec().path
        places = {one: there[one] for one in self._found(table, there, {key, *wanted}, may_lack=may_lack)}
        return self._rows(table, places, key, _cold_in_front(item, there, len(table.header)))

    def _found(self, table: Table, there: Mapping[str, int], wanted: Collection[str], *, may_lack: bool) -> set[str]:
        found = {name if name in there else column_of(name) for name in wanted}
        missing = sorted(one for one in found if one not in there)
        for name in missing:
            if not may_lack and name not in self.optional:
                raise ErpRefused(_missing(table, name))
        return found.difference(missing)

    def _rows(
        self, table: Table, places: Mapping[str, int], key: str, cold: int
    ) -> Iterator[tuple[int, dict[str, object]]]:
        width = len(table.header)
        for number, values in table.rows:
            row: dict[str, object]
            if isinstance(values, Defect):
                row = dict.fromkeys({key, *places}, values)
            elif len(values) == width:
                row = {name: values[at] for name, at in places.items()}
            else:
                row = self._ragged(table, number, values, places, key, cold)
            yield number, PlacedRow(row, table.name, table.place, number)

    def _ragged(
        self, table: Table, number: int, values: Sequence[object], places: Mapping[str, int], key: str, cold: int
    ) -> dict[str, object]:
        """A row of another length: behind which column it went wrong nobody knows, so only a key in front is sure."""
        defect = Defect(
            f"{table.name}, {table.place} {number}: {len(values)} values for {len(table.header)} columns; "
            "is a quote or a delimiter missing, or one too many?",
            _begin(values, len(table.header), cold),
        )
        row: dict[str, object] = dict.fromkeys({key, *places}, defect)
        if places.get(key) == 0 and values:
            row[key] = values[0]
        return row


def _cold_in_front(item: type[ErpItem], places: Mapping[str, int], width: int) -> int:
    """How many columns there are before the first that is not declared fit for the PIM."""
    names = {at: name for name, at in places.items()}
    for at in range(width):
        declared = {spec.temperature for spec in item.declared_at(names[at])} if at in names else set[Temperature]()
        if not declared or not may_reach(frozenset(declared), PIM_SAFE):
            return at
    return width


def _begin(values: Sequence[object], width: int, cold: int) -> str:
    """The values in front of a row of another length, as far as nothing hot or internal can be among them.

    Each value that is missing or too many moves the others by a place, and one more is reckoned with.
    """
    most = len(values) if cold == width else max(cold - abs(len(values) - width) - 1, 0)
    # a quote that is not closed makes one value of the rest of the line, and of the next
    sure = takewhile(lambda one: not (isinstance(one, str) and len(one.splitlines()) > 1), values[:most])
    told = [shown(one) for one in sure]
    return ", ".join([*told, "…"] if len(told) < len(values) else told) if told else ""


def _missing(table: Table, name: str) -> str:
    by_plain = {_plain(one): one for one in table.header if one}
    near = get_close_matches(_plain(name), by_plain, n=1, cutoff=0.7)
    if near:
        seen = by_plain[near[0]]
        advice = f"the nearest is {seen!r}; if it is the same, say aliases={{{name!r}: [{seen!r}]}}"
    else:
        advice = f"it has {', '.join(repr(one) for one in list(table.header)[:12]) or 'none'}"
    return f"{table.name}: column '{name}' is missing; {advice}, and if a file may lack it, optional=[{name!r}]"


def _plain(name: str) -> str:
    return "".join(name.casefold().split())
