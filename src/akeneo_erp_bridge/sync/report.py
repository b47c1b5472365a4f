"""What a run did, in numbers that add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from attrs import define, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.mapping import Misfit
from akeneo_erp_bridge.sync._pages._plain import in_a_line
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem, RunKind, Writes
from akeneo_erp_bridge.sync._telling._latency import Latency, LatencyHistogram
from akeneo_erp_bridge.sync._words import counted

__all__ = ["PassedReference", "SyncReport", "Tally"]

K = TypeVar("K")

_SHOWN = 20  # parked items named in a printed report; the state holds all of them
_OLD = timedelta(days=1)  # from which on a report tells how long the oldest parked item waits
_KEPT = 100  # of each kind in the report itself, whose size must not grow with the number of records


@frozen
class PassedReference:
    """A hot price that went into the PIM through `reference`, and why.

    >>> passed = PassedReference("DR-18", "reference_price", "list price for the catalogue in print")
    >>> print(f"{passed.key}: {passed.cell} passed: {passed.reason}")
    DR-18: reference_price passed: list price for the catalogue in print
    """

    key: str
    cell: str
    reason: str


@frozen
class SyncReport:
    """The account of one run: ``read = unchanged + written + held + parked``, always.

    `held` are items of which a PIM user changed every cell that the ERP changes.
    Counts are items, except `cells` (values written), `held_cells` (values not written until a person decides, of items
    that are written otherwise and of items that were not read, too), `told` (values of the ERP's that a PIM user changed,
    and that a policy settled), `skipped` (cells given up by `.catch()`), `passed` (hot
    prices that went through `reference`) and `tombstoned` (deletions heard of, beside the items read).
    Of the deletions, `deleted` are those whose product was deleted in the PIM, and `missing` those that nobody told, found
    by a reading of everything; `ignored` ones are beside them, as nothing was done.
    `passed_over` are items that a run of a part left aside, which are not among those read.
    `undeleted` are those of them that the PIM refused, which each run tries again; `waiting` are items that an
    earlier run parked and this one has not looked at, nor would the run of a plan. Every report tells them; they make the
    exit code of a run that looks at all there is, and not that of a part or of `apply`. `unlinked` are cells of links to what is not in the PIM yet, which each
    run tries again too. `left_out` are the cells that the PIM has no place for any more. `waits_for` is how long the
    oldest parked item waits.
    `parked_items`, `held_items`, `told_cells`, `skipped_cells`, `unlinked_cells` and `references` name the first hundred of
    each; the state holds every parked item, every held cell, and the moment of every passage. `run_id` is
    what logs, run history and notifications know the run by. `latency` is how long changes took to the shop, of a relay
    that delivered some.

    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> tally = Tally(read=3, unchanged=1, updated=1, cells=2)
    >>> tally.park(ParkedItem(ErpKey("DR-18"), "not_a_number", "weight", "'ca. 2' is no number"))
    >>> report = tally.report("products", timedelta(seconds=1.5))
    >>> report.written, report.exit_code, report.accounts_for_everything()
    (1, 1, True)
    >>> print(report)
    products: 3 read = 1 unchanged + 1 written + 0 held + 1 parked
      written: 0 created, 1 updated, 2 cells; 0 deletions; 1.5 s
      parked  DR-18: weight: 'ca. 2' is no number
    """

    stream: str
    read: int
    unchanged: int
    written: int
    held: int
    parked: int
    created: int
    updated: int
    tombstoned: int
    cells: int
    took: timedelta
    parked_items: Sequence[ParkedItem] = ()
    references: Sequence[PassedReference] = ()
    skipped: int = 0
    skipped_cells: Sequence[ParkedItem] = ()
    passed: int = 0
    undeleted: int = 0
    waiting: int = 0
    left_out: Sequence[Misfit] = ()
    stopped_by: str | None = None
    unlinked: int = 0
    unlinked_cells: Sequence[ParkedItem] = ()
    waits_for: timedelta | None = None
    run_id: str = ""
    passed_over: int = 0
    deleted: int = 0
    ignored: int = 0
    missing: int = 0
    kind: RunKind = "delta"
    writes: Writes = "both"
    choice: str = ""
    held_cells: int = 0
    held_items: Sequence[HeldCell] = ()
    told: int = 0
    told_cells: Sequence[HeldCell] = ()
    latency: Latency | None = None

    def accounts_for_everything(self) -> bool:
        """Whether each item that was read is accounted for exactly once."""
        return (
            self.read == self.unchanged + self.written + self.held + self.parked
            and self.written == self.created + self.updated
        )

    @property
    def exit_code(self) -> int:
        """0: all is well. 1: something is parked, waiting, held, not deleted, not linked, left out. 5: a brake stopped it.

        What waits beside a part, or beside a plan that was applied, is not counted here.
        """
        if self.stopped_by:
            return 5
        waits = self.parked or (self.waiting and not self._is_part) or self.undeleted or self.unlinked or self.left_out
        waits = waits or self.held or self.held_cells
        return 1 if waits else 0

    @property
    def _is_part(self) -> bool:
        """Whether it was asked to leave things aside, so that what it has not looked at is none of its business."""
        return self.kind in ("partial", "apply") or self.writes != "both"

    @property
    def balance(self) -> str:
        """The account in one line: where each item that was read has gone."""
        return (
            f"{self.read} read = {self.unchanged} unchanged + {self.written} written "
            f"+ {self.held} held + {self.parked} parked"
        )

    def __str__(self) -> str:
        lines = [
            f"{self.stream}: {self.balance}",
            f"  written: {self.created} created, {self.updated} updated, {counted(self.cells, 'cell')}; "
            f"{counted(self.tombstoned, 'deletion')}; {self.took.total_seconds():.1f} s",
        ]
        lines += [f"  parked  {one}" for one in self.parked_items[:_SHOWN]]
        hidden = self.parked + self.undeleted - len(self.parked_items[:_SHOWN])
        if hidden > 0:
            lines.append(f"  ... and {hidden} more parked")
        return "\n".join(in_a_line(line) for line in [*lines, *(f"  {remark}" for remark in self.remarks)])

    @property
    def _part(self) -> str:
        """What a run of a part was asked for."""
        asked = [self.choice] if self.choice else []
        asked += [] if self.writes == "both" else [f"writes='{self.writes}'"]
        return f"{' and '.join(asked)}; {counted(self.passed_over, 'item')} passed over" if asked else ""

    @property
    def _deletions(self) -> list[str]:
        """How deletions were heard of, and what was done beside switching products off."""
        refused = f"{counted(self.undeleted, 'deletion')} refused by the PIM; the next run tries again"
        told = [
            (self.kind == "rebaseline", "the ERP no longer knew the cursor; all was read"),
            (self.missing, f"{counted(self.missing, 'item')} of the ledger that the ERP shows no longer"),
            (self.deleted, f"{counted(self.deleted, 'product')} deleted in the PIM"),
            (self.ignored, f"{counted(self.ignored, 'deletion')} ignored"),
            (self.undeleted, refused),
        ]
        return [line for is_so, line in told if is_so]

    @property
    def _doubled(self) -> list[str]:
        """How many of the parked rows that it names have the key of another: the state, and the page, know an item by its key."""
        keys = [one.key for one in self.parked_items if one.key]
        doubled = len(keys) - len(set(keys))
        known = f", so {self.parked - doubled}" if self.parked <= _KEPT and not self.undeleted else ""
        told = f"{counted(doubled, 'parked row')} of a key that is parked already"
        return [f"{told}; lists of parked items show each key once{known}"] if doubled else []

    @property
    def remarks(self) -> list[str]:
        """What the numbers do not tell, a line each: cells given up, passed prices, what is left to do, a brake."""
        lines = [self._part] if self._part else []
        lines += [f"left out since the PIM changed: {one}" for one in self.left_out]
        lines += self._deletions + self._doubled
        if self.waiting:
            parked = f"{counted(self.waiting, 'item')} parked earlier and not read now"
            lines.append(parked if self._is_part else f"{parked}; SyncOptions(retry_parked=True) reads all")
        if self.waits_for is not None and self.waits_for >= _OLD:
            lines.append(f"the oldest parked item waits for {counted(self.waits_for.days, 'day')}")
        if self.held_items:
            held = f"{counted(self.held_cells, 'cell')} held, since PIM users changed them too"
            lines.append(f"{held}, the first: {self.held_items[0]}")
        if self.told_cells:
            told = f"{counted(self.told, 'cell')} of the ERP's changed by PIM users"
            lines.append(f"{told}, the first: {self.told_cells[0]}")
        if self.skipped_cells:
            lines.append(f"{counted(self.skipped, 'cell')} left as found, the first: {self.skipped_cells[0]}")
        if self.unlinked_cells:
            wait = f"{counted(self.unlinked, 'cell')} with links to what is not in the PIM yet"
            lines.append(f"{wait}, the first: {self.unlinked_cells[0]}")
        if self.references:
            lines.append(f"{counted(self.passed, 'reference price')} passed ({self.references[0].reason})")
        if self.latency is not None:
            lines.append(f"to the shop: {self.latency}")
        if self.stopped_by:
            lines.append(f"stopped: {self.stopped_by}")
        return lines


def _keep(some: list[K], one: K) -> None:
    if len(some) < _KEPT:
        some.append(one)


@define
class Tally:
    """The running counts of a run; becomes a `SyncReport` at its end.

    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> tally = Tally(read=2, created=1, cells=4)
    >>> tally.park(ParkedItem(ErpKey("DR-18"), "not_a_number", "weight", "'ca. 2' is no number"))
    >>> tally.report("products", timedelta(seconds=1.5)).balance
    '2 read = 0 unchanged + 1 written + 0 held + 1 parked'
    """

    read: int = 0
    unchanged: int = 0
    held: int = 0
    parked: int = 0
    created: int = 0
    updated: int = 0
    tombstoned: int = 0
    cells: int = 0
    parked_items: list[ParkedItem] = field(factory=list[ParkedItem])
    skipped: int = 0
    skipped_cells: list[ParkedItem] = field(factory=list[ParkedItem])
    passed: int = 0
    undeleted: int = 0
    waiting: int = 0
    passed_over: int = 0
    deleted: int = 0
    ignored: int = 0
    missing: int = 0
    kind: RunKind = "delta"
    writes: Writes = "both"
    choice: str = ""
    unlinked: int = 0
    unlinked_cells: list[ParkedItem] = field(factory=list[ParkedItem])
    references: list[PassedReference] = field(factory=list[PassedReference])
    left_out: Sequence[Misfit] = ()
    waits_for: timedelta | None = None
    held_cells: int = 0
    held_items: list[HeldCell] = field(factory=list[HeldCell])
    told: int = 0
    told_cells: list[HeldCell] = field(factory=list[HeldCell])
    latency: LatencyHistogram = field(factory=LatencyHistogram)

    def park(self, item: ParkedItem) -> None:
        """Count a parked item; the first ones are kept for the report."""
        self.parked += 1
        _keep(self.parked_items, item)

    def unpark(self, keys: Collection[ErpKey]) -> None:
        """Items that this run parked are looked at once more, and are counted as what becomes of them."""
        self.parked -= len(keys)
        self.parked_items = [one for one in self.parked_items if one.key not in keys] if keys else self.parked_items

    def refuse_deletion(self, item: ParkedItem) -> None:
        """Count a deletion the PIM did not take; it is among no items that were read."""
        self.undeleted += 1
        _keep(self.parked_items, item)

    def skip(self, cell: ParkedItem) -> None:
        """Count a cell that was given up; the first ones are kept for the report."""
        self.skipped += 1
        _keep(self.skipped_cells, cell)

    def unlink(self, cell: ParkedItem) -> None:
        """Count a cell whose targets are not in the PIM; the first ones are kept for the report."""
        self.unlinked += 1
        _keep(self.unlinked_cells, cell)

    def hold(self, cell: HeldCell) -> None:
        """Count a cell that is not written until a person decides; the first ones are kept for the report."""
        self.held_cells += 1
        _keep(self.held_items, cell)

    def tell(self, cell: HeldCell) -> None:
        """Count a cell that a PIM user changed, and that a policy settled; the first ones are kept for the report."""
        self.told += 1
        _keep(self.told_cells, cell)

    def let_pass(self, passages: Iterable[PassedReference | None]) -> None:
        """Count passed reference prices; the first ones are kept for the report."""
        for one in passages:
            if one is not None:
                self.passed += 1
                _keep(self.references, one)

    def counts(self) -> dict[str, int]:
        """The numbers alone, for the run history."""
        names = (
            "read", "unchanged", "held", "parked", "created", "updated", "tombstoned", "cells", "skipped", "passed",
            "undeleted", "waiting", "unlinked", "passed_over", "deleted", "ignored", "missing", "held_cells", "told",
        )  # fmt: skip
        return {name: int(getattr(self, name)) for name in names}

    def report(self, stream: str, took: timedelta, stopped_by: str | None = None, *, run_id: str = "") -> SyncReport:
        """The account, closed."""
        return SyncReport(
            stream=stream, read=self.read, unchanged=self.unchanged, written=self.created + self.updated,
            held=self.held, parked=self.parked, created=self.created, updated=self.updated,
            tombstoned=self.tombstoned, cells=self.cells, took=took, parked_items=tuple(self.parked_items),
            references=tuple(self.references), skipped=self.skipped, skipped_cells=tuple(self.skipped_cells),
            passed=self.passed, undeleted=self.undeleted, waiting=self.waiting, left_out=self.left_out,
            unlinked=self.unlinked, unlinked_cells=tuple(self.unlinked_cells), stopped_by=stopped_by,
            waits_for=self.waits_for, held_cells=self.held_cells, held_items=tuple(self.held_items),
            told=self.told, told_cells=tuple(self.told_cells),
            run_id=run_id,
            passed_over=self.passed_over, deleted=self.deleted, ignored=self.ignored, missing=self.missing,
            kind=self.kind, writes=self.writes, choice=self.choice, latency=self.latency.sum_up(),
        )  # fmt: skip
