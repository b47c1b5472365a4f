"""The last stage of a plan: it keeps what would be sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem
from akeneo_erp_bridge.sync._writer import count, count_conflicts
from akeneo_erp_bridge.sync.plan import ItemChange
from akeneo_erp_bridge.sync.report import Tally


class DryWriter:
    """Keeps the changes, sends nothing, remembers nothing."""

    def __init__(self) -> None:
        self.changes: list[ItemChange] = []
        self.parked: list[ParkedItem] = []
        self.held: list[HeldCell] = []
        self.told: list[HeldCell] = []
        self._buried: set[ErpKey] = set()
        self._noted: set[ErpKey] = set()

    def make_way(self, names: Collection[str] | None) -> None:
        """Nothing is under way."""

    def finish(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Nothing is sent."""

    def write(self, draft: Draft, resume: Cursor | None, tally: Tally, now: datetime) -> None:
        """Collect one page."""
        self._take_back(draft.again & self._noted, tally)
        if draft.starts_over:
            self._take_back(self._noted - self._buried, tally)  # what is deleted is not shown again, or is `again` then
        count(draft, tally)
        self.parked = _without(self.parked, {*draft.heirs})
        count_conflicts(draft, tally)
        self.parked += draft.parked
        self.held += draft.held
        self.told += draft.told
        known = {one.key for one in self.changes}
        late = [one for one in draft.late if one.key not in known]
        self.changes += [*draft.changes, *draft.tombstones, *late]
        self._buried |= {one.key for one in draft.tombstones}
        for some in (draft.changes, draft.tombstones, draft.parked, draft.held, draft.told):
            self._noted.update(one.key for one in some)
        tally.cells += sum(len(one.cells) for one in late)
        tally.deleted += sum(one.action == "delete" for one in draft.tombstones)
        for change in draft.changes:
            tally.cells += len(change.cells)
            tally.created += change.action == "create"
            tally.updated += change.action == "update"
            tally.let_pass(one.reference for one in change.cells.values())

    def _take_back(self, keys: Collection[ErpKey], tally: Tally) -> None:
        """What was planned for items of which something newer has come, which is held against the same ledger: it goes.

        A run would have written both, one after the other; here the earlier row counts as a repetition.
        """
        if not keys:
            return
        parked = [one.key for one in self.parked if one.key in keys]
        tally.unpark(parked)
        tally.unchanged += len(parked)
        tally.held_cells -= sum(one.key in keys for one in self.held)
        tally.told -= sum(one.key in keys for one in self.told)
        for change in self.changes:
            if change.key in keys:
                self._uncount(change, tally)
        self._buried -= {*keys}
        self.changes, self.parked = _without(self.changes, keys), _without(self.parked, keys)
        self.held, self.told = _without(self.held, keys), _without(self.told, keys)
        tally.held_items, tally.told_cells = _without(tally.held_items, keys), _without(tally.told_cells, keys)
        tally.references = [one for one in tally.references if one.key not in keys]

    def _uncount(self, change: ItemChange, tally: Tally) -> None:
        if change.key in self._buried:
            tally.tombstoned -= 1
            tally.deleted -= change.action == "delete"
            return
        tally.unchanged += 1
        tally.cells -= len(change.cells)
        tally.created -= change.action == "create"
        tally.updated -= change.action == "update"
        tally.passed -= sum(one.reference is not None for one in change.cells.values())


class _Keyed(Protocol):
    @property
    def key(self) -> ErpKey: ...


K = TypeVar("K", bound=_Keyed)


def _without(some: list[K], keys: Collection[ErpKey]) -> list[K]:
    return [one for one in some if one.key not in keys] if keys else some
