"""Which parked items: for lists, and for runs that try them again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final, Never

from attrs import frozen

from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._state import ParkedItem, SyncState

__all__ = ["ParkedFilter", "parked_items"]

_STEPS: Final = re.compile(r"\s*(?:->|[>,/])\s*")
"""What is between the names of a path, be it of the mapping, of the PIM or of a table."""


@frozen(kw_only=True)
class ParkedFilter:
    """What is asked for of a parked item; what is not said does not matter. See `parked_items`.

    >>> ParkedFilter(codes=("refused",), key="DR-*", older_than=timedelta(days=2)).label
    "'refused', key='DR-*', older_than=2 days, 0:00:00"
    """

    codes: tuple[str, ...] = ()
    key: str | None = None
    cell: Cell[Never] | str | None = None
    older_than: timedelta | None = None

    def takes(self, one: ParkedItem, now: datetime) -> bool:
        """Whether an item is meant, now."""
        is_old = self.older_than is None or (one.since is not None and one.since <= now - self.older_than)
        return (
            is_old
            and (not self.codes or one.code in self.codes)
            and (self.key is None or fnmatchcase(one.key, self.key))
            and (self._cell is None or self._cell in names_of(one))
        )

    @property
    def label(self) -> str:
        """As it was written, for people."""
        named = {"key": self.key, "cell": self._cell}
        told = [*map(repr, self.codes), *(f"{name}={one!r}" for name, one in named.items() if one is not None)]
        return ", ".join([*told, *([f"older_than={self.older_than}"] if self.older_than is not None else [])])

    @property
    def _cell(self) -> str | None:
        return self.cell.key if isinstance(self.cell, Cell) else self.cell


def parked_items(
    state: SyncState,
    *codes: str,
    stream: str = "products",
    key: str | None = None,
    cell: Cell[Never] | str | None = None,
    older_than: timedelta | None = None,
) -> Iterator[ParkedItem]:
    """The parked items of a stream that are meant, by key: all of them, or those of some codes.

    `key` is a pattern as of file names, such as ``"DR-*"``; ``""`` are the items without a key. `cell` is a cell, an attribute, or
    a field of the ERP that the item's path names. `older_than` is how long it waits already. `by_parked` takes the same, for a
    run that tries them again.

    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> from akeneo_erp_bridge.sync import Settled, SqliteState
    >>> refused = ParkedItem(ErpKey("DR-18"), "refused", "values/colour", "the PIM refused it: no option 'teal'")
    >>> with SqliteState(":memory:") as state:
    ...     state.settle("products", Settled(parked=[refused, ParkedItem(ErpKey("DR-19"), "required", "name", "it is absent")]))
    ...     print(*parked_items(state, "refused", key="DR-*", cell="colour"))
    DR-18: values/colour: the PIM refused it: no option 'teal'
    """
    wanted = ParkedFilter(codes=codes, key=key, cell=cell, older_than=older_than)
    now = datetime.now(UTC)
    return (one for one in state.parked(stream) if wanted.takes(one, now))


def path_names(one: ParkedItem) -> set[str]:
    """The fields, cells and attributes that the path of an item names, without locales and channels."""
    return {name.partition("[")[0] for name in _STEPS.split(one.path)} - {""}


def names_of(one: ParkedItem) -> set[str]:
    """The fields, cells and attributes that an item is parked for; several problems are told behind each other."""
    told = f"{one.path}: {one.detail}" if one.path else one.detail
    paths = {one.path, *(problem.partition(": ")[0] for problem in told.split("; "))}
    names = {name for path in paths for name in (path, *_STEPS.split(path))}
    return names | {name.partition("[")[0] for name in names}
