"""The last stage of the path: the only place that sends anything to the PIM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from akeneo_erp_bridge.classification import PIM_SAFE, names
from akeneo_erp_bridge.erp import Cursor, ErpItem
from akeneo_erp_bridge.errors import BridgeError, TemperatureRefused
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._draft import ENABLED, Draft, Drafter
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem, Settled, SyncState
from akeneo_erp_bridge.sync._targets import Target, Verdict
from akeneo_erp_bridge.sync.plan import ItemChange
from akeneo_erp_bridge.sync.report import Tally

ItemT = TypeVar("ItemT", bound=ErpItem)

_ENABLED_CELL: Final[Cell[str]] = Cell(ENABLED)

Hook = Callable[[str], None]
"""Called with the name of each effect boundary; tests kill the process there."""


class Writer(Protocol):
    """Takes a draft, counts it, and perhaps writes it."""

    def write(self, draft: Draft, resume: Cursor, tally: Tally, now: datetime) -> None:
        """Carry out one page."""
        ...


def count(draft: Draft, tally: Tally) -> None:
    """The part of the account that does not depend on the PIM's answer."""
    tally.read += draft.read
    tally.unchanged += draft.unchanged
    tally.tombstoned += len(draft.tombstones)
    for item in draft.parked:
        tally.park(item)
    for cell in draft.skipped:
        tally.skip(cell)


class DryWriter:
    """Keeps the changes, sends nothing, remembers nothing."""

    def __init__(self) -> None:
        self.changes: list[ItemChange] = []
        self.parked: list[ParkedItem] = []

    def write(self, draft: Draft, resume: Cursor, tally: Tally, now: datetime) -> None:
        """Collect one page."""
        count(draft, tally)
        self.parked += draft.parked
        self.changes += [*draft.changes, *draft.tombstones]
        for change in draft.changes:
            tally.cells += len(change.cells)
            tally.created += change.action == "create"
            tally.updated += change.action == "update"
            tally.let_pass(one.reference for one in change.cells.values())


class PimWriter(Generic[ItemT]):
    """Writes a page, then settles it: ledger, parked items and cursor in one transaction."""

    def __init__(
        self,
        compiled: CompiledMapping[ItemT],
        drafter: Drafter[ItemT],
        target: Target,
        state: SyncState,
        stream: str,
        hook: Hook,
    ) -> None:
        self._compiled = compiled
        self._drafter = drafter
        self._target = target
        self._state = state
        self._stream = stream
        self._hook = hook

    def write(self, draft: Draft, resume: Cursor, tally: Tally, now: datetime) -> None:
        """Intend, send, settle. A kill between any two of them is mended by the next run."""
        changes = [*draft.changes, *draft.tombstones]
        for change in changes:
            self.check_seal(change)
        if changes:
            self._state.intend(self._stream, {change.key: change.ref for change in changes})
            self._hook("state.intended")
        verdicts, failure = self._send(changes)
        if changes:
            self._hook("pim.sent")
        if failure is None:
            verdicts, failure = self._complete(draft, verdicts)
        count(draft, tally)
        judged = [one for one in verdicts if one.cause is None and not _is_stub(one)]
        entries, parked = self._book(judged, {one.key for one in draft.tombstones}, tally, now)
        cursor = resume if failure is None else None
        self._state.settle(
            self._stream,
            Settled(
                entries=[*draft.entries, *entries],
                parked=[*draft.parked, *parked],
                closed=draft.closed,
                forgotten=draft.forgotten,
                cursor=cursor,
            ),
        )
        self._hook("state.settled")
        if failure is not None:
            raise failure

    def _complete(self, draft: Draft, verdicts: list[Verdict]) -> tuple[list[Verdict], BridgeError | None]:
        """What somebody deleted in the PIM came back as a stub of the changed cells: send the others as well."""
        stubs = [one.change for one in verdicts if _is_stub(one)]
        if not stubs:
            return verdicts, None
        changes = self._drafter.recheck(draft, stubs)
        for change in changes:
            self.check_seal(change)
        again, failure = self._send(changes)
        rest = [one for one in verdicts if not _is_stub(one)]
        return [*rest, *again], failure

    def _send(self, changes: Sequence[ItemChange]) -> tuple[list[Verdict], BridgeError | None]:
        """The verdicts there are, and what kept the others from being given: that is no fault of the items."""
        verdicts: list[Verdict] = []
        failure: BridgeError | None = None
        try:
            for verdict in self._target.send(changes, {ENABLED: _ENABLED_CELL, **self._drafter.cells}):
                verdicts.append(verdict)
                failure = failure or verdict.cause
        except BridgeError as error:
            failure = error
        return verdicts, failure

    def check_seal(self, change: ItemChange) -> None:
        """Refuse whatever was not made by this mapping, or could carry a hot value."""
        for key in change.cells:
            cell = self._compiled.cells.get(key)
            if cell is None and key == ENABLED:
                continue  # the lifecycle of a deleted item, which no rule states
            if cell is None:
                raise TemperatureRefused(
                    f"{change.key}: cell '{key}' is bound by no rule of the mapping; it is not written"
                )
            if not cell.binding.rule.temperatures <= PIM_SAFE:
                raise TemperatureRefused(
                    f"{change.key}: cell '{key}' comes from a rule that is {names(cell.binding.rule.temperatures)}"
                )
        if change.seal != ItemChange.seal_of(self._compiled.context, change.key, change.cells):
            raise TemperatureRefused(
                f"{change.key}: this change was not made by the mapping, or was altered afterwards; make a new plan"
            )

    def _book(
        self, verdicts: Sequence[Verdict], tombstones: set[str], tally: Tally, now: datetime
    ) -> tuple[list[LedgerEntry], list[ParkedItem]]:
        entries: list[LedgerEntry] = []
        parked: list[ParkedItem] = []
        for verdict in verdicts:
            change = verdict.change
            if verdict.ok:
                entries.append(self._entry(change, now))
                if change.key not in tombstones:
                    _count_written(verdict, tally)
                continue
            item = ParkedItem(change.key, "refused", "", verdict.reason, change.fingerprint, self._compiled.context)
            parked.append(item)
            if change.key not in tombstones:
                tally.park(item)
        return entries, parked

    def _entry(self, change: ItemChange, now: datetime) -> LedgerEntry:
        stamps = dict(change.base.stamps)
        stamps |= {key: now.isoformat() for key, one in change.cells.items() if one.reference is not None}
        cells = self._drafter.settled_cells(change.base, change.cells)
        return LedgerEntry(change.key, change.fingerprint, self._compiled.context, change.ref, cells, stamps)


def _is_stub(verdict: Verdict) -> bool:
    return verdict.ok and verdict.created and verdict.change.action == "update"


def _count_written(verdict: Verdict, tally: Tally) -> None:
    cells = verdict.change.cells
    tally.created += verdict.created
    tally.updated += not verdict.created
    tally.cells += len(cells)
    tally.let_pass(one.reference for one in cells.values())
