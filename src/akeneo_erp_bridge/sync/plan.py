"""What a run would do, or did: changes item by item and cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Literal, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.mapping import MediaSource
from akeneo_erp_bridge.sync._state import LedgerEntry, ParkedItem
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.report import PassedReference, SyncReport

__all__ = ["Action", "CellChange", "ItemChange", "Plan"]

Action: TypeAlias = Literal["create", "update"]


@frozen
class CellChange:
    """One cell: what it held, what it will hold, by which rule, and what was done to the value.

    `old` is in canonical form, `new` as it travels; of a list that we share with others, `old` is our part.
    """

    cell: str
    old: JsonValue
    new: JsonValue
    rule: str
    notes: tuple[str, ...] = ()
    reference: PassedReference | None = None


@frozen
class ItemChange:
    """All cells of one item that change. Made and sealed by the engine from a mapping.

    `after` is the ledger entry that stands when the PIM has taken it; its `ref` is the product's UUID or the
    category's code. `seal` covers mapping, key, reference and cells: the writer refuses a change whose seal does
    not fit. `files` says where the content of the cells is that hold files.
    """

    key: ErpKey
    action: Action
    cells: Mapping[str, CellChange]
    after: LedgerEntry
    seal: str = ""
    files: Mapping[str, MediaSource] = field(factory=dict[str, MediaSource], eq=False)

    @property
    def ref(self) -> str:
        """What the PIM knows the item by."""
        return self.after.ref

    @staticmethod
    def seal_of(after: LedgerEntry, cells: Mapping[str, CellChange]) -> str:
        """The seal of these cells for one item, under one mapping and structure."""
        seen = repr((after.context, after.key, after.ref, [(name, one.new) for name, one in sorted(cells.items())]))
        return blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@frozen
class Plan:
    """A dry run: the account it would end with, each change, and what is parked and why.

    Holds every change in memory; to import more items than fit, use `run`, whose memory is flat.
    """

    report: SyncReport
    changes: Sequence[ItemChange] = field(factory=tuple)
    parked: Sequence[ParkedItem] = field(factory=tuple)

    @property
    def creates(self) -> Sequence[ItemChange]:
        """The items the PIM does not have yet."""
        return [one for one in self.changes if one.action == "create"]

    @property
    def updates(self) -> Sequence[ItemChange]:
        """The items that change in some cells."""
        return [one for one in self.changes if one.action == "update"]

    def __str__(self) -> str:
        return (
            f"plan for {self.report.stream}: {counted(len(self.creates), 'create')}, "
            f"{counted(len(self.updates), 'update')} ({counted(self.report.cells, 'cell')}), "
            f"{self.report.unchanged} unchanged, {len(self.parked)} parked"
        )
