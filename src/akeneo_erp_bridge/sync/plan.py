"""What a run would do, or did: changes item by item and cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import ParkedItem
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.report import PassedReference, SyncReport

__all__ = ["NEW", "Action", "Base", "CellChange", "ItemChange", "Plan"]

Action: TypeAlias = Literal["create", "update"]


@frozen
class Base:
    """What is known of an item: our last cells, when references passed, and the PIM's own lists.

    `theirs` holds, for cells of which we own a part, the whole list in the PIM.
    """

    cells: Mapping[str, JsonValue]
    stamps: Mapping[str, JsonValue]
    theirs: Mapping[str, list[str]]
    adopted: bool = False


NEW: Final = Base({}, {}, {})


@frozen
class CellChange:
    """One cell: what it held, what it will hold, by which rule, and what was done to the value.

    `old` is in canonical form, `new` as it travels; `owned` is our part of `new` where others own the rest.
    """

    cell: str
    old: JsonValue
    new: JsonValue
    rule: str
    notes: tuple[str, ...] = ()
    owned: JsonValue = None
    reference: PassedReference | None = None


@frozen
class ItemChange:
    """All cells of one item that change. Made and sealed by the engine from a mapping.

    `ref` is the product's UUID or the category's code. `seal` covers mapping, key and cells: the writer
    refuses a change whose seal does not fit.
    """

    key: ErpKey
    action: Action
    ref: str
    cells: Mapping[str, CellChange]
    fingerprint: str
    seal: str = ""
    base: Base = NEW

    @staticmethod
    def seal_of(context: str, key: ErpKey, cells: Mapping[str, CellChange]) -> str:
        """The seal of these cells under one mapping and structure."""
        seen = repr((context, key, [(name, one.new) for name, one in sorted(cells.items())]))
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
