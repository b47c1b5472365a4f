"""What a run did, in numbers that add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from attrs import define, field, frozen

from akeneo_erp_bridge.sync._state import ParkedItem

__all__ = ["PassedReference", "SyncReport", "Tally"]

_SHOWN = 20  # parked items named in a printed report; the state holds all of them


@frozen
class PassedReference:
    """A hot price that went into the PIM through `reference`, and why."""

    key: str
    cell: str
    reason: str


@frozen
class SyncReport:
    """The account of one run: ``read = unchanged + written + held + parked``, always.

    Counts are items, except `cells` (values written), `calls` (mutating requests' lines sent) and
    `tombstoned` (deletions heard of, beside the items read). `parked_items` names the first parked ones;
    the state holds all.
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
    stopped_by: str | None = None

    def accounts_for_everything(self) -> bool:
        """Whether each item that was read is accounted for exactly once."""
        return (
            self.read == self.unchanged + self.written + self.held + self.parked
            and self.written == self.created + self.updated
        )

    @property
    def exit_code(self) -> int:
        """0: all is well. 1: some items are parked or held. 5: a brake stopped the run."""
        if self.stopped_by:
            return 5
        return 1 if self.parked or self.held else 0

    def __str__(self) -> str:
        lines = [
            f"{self.stream}: {self.read} read = {self.unchanged} unchanged + {self.written} written "
            f"+ {self.held} held + {self.parked} parked",
            f"  written: {self.created} created, {self.updated} updated, {self.cells} cells; "
            f"{self.tombstoned} deletions; {self.took.total_seconds():.1f} s",
        ]
        lines += [f"  parked  {one}" for one in self.parked_items[:_SHOWN]]
        if self.parked > len(self.parked_items[:_SHOWN]):
            lines.append(f"  ... and {self.parked - len(self.parked_items[:_SHOWN])} more parked")
        if self.references:
            lines.append(f"  {len(self.references)} reference prices passed ({self.references[0].reason})")
        if self.stopped_by:
            lines.append(f"  stopped: {self.stopped_by}")
        return "\n".join(lines)


@define
class Tally:
    """The running counts of a run; becomes a `SyncReport` at its end."""

    read: int = 0
    unchanged: int = 0
    held: int = 0
    parked: int = 0
    created: int = 0
    updated: int = 0
    tombstoned: int = 0
    cells: int = 0
    parked_items: list[ParkedItem] = field(factory=list[ParkedItem])
    references: list[PassedReference] = field(factory=list[PassedReference])

    def park(self, item: ParkedItem) -> None:
        """Count a parked item; the first ones are kept for the report."""
        self.parked += 1
        if len(self.parked_items) < 100:
            self.parked_items.append(item)

    def counts(self) -> dict[str, int]:
        """The numbers alone, for the run history."""
        names = ("read", "unchanged", "held", "parked", "created", "updated", "tombstoned", "cells")
        return {name: int(getattr(self, name)) for name in names}

    def report(self, stream: str, took: timedelta, stopped_by: str | None = None) -> SyncReport:
        """The account, closed."""
        return SyncReport(
            stream=stream, read=self.read, unchanged=self.unchanged, written=self.created + self.updated,
            held=self.held, parked=self.parked, created=self.created, updated=self.updated,
            tombstoned=self.tombstoned, cells=self.cells, took=took, parked_items=tuple(self.parked_items),
            references=tuple(self.references), stopped_by=stopped_by,
        )  # fmt: skip
