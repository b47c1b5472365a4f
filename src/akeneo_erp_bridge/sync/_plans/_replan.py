"""A planned change whose base has moved in the PIM, drawn up anew without the ERP's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from attrs import define, evolve, field

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping
from akeneo_erp_bridge.rules import Owner, shown
from akeneo_erp_bridge.sync._changes import CellChange, ItemChange
from akeneo_erp_bridge.sync._drafts._members import listed, merge, name, names
from akeneo_erp_bridge.sync._plans._base import found_in, is_nothing, is_same
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._targets._target import Found, Target

ItemT = TypeVar("ItemT", bound=ErpItem)


class NotReplanned(Exception):
    """Only a run, which reads the ERP, can tell what to do; with the reason."""


@define
class Replanned(Generic[ItemT]):
    """What becomes of one change, cell by cell. `cells` is what the ledger will hold, `shared` as there."""

    compiled: CompiledMapping[ItemT]
    target: Target
    now: Found
    entry: LedgerEntry | None
    cells: dict[str, JsonValue]
    shared: dict[str, JsonValue]
    changes: dict[str, CellChange] = field(factory=dict[str, CellChange])

    def take(self, one: CellChange) -> None:
        """One cell whose base has moved; raises `NotReplanned`."""
        cell, there = self.compiled.cells.get(one.cell), found_in(self.now.cells, one.cell, self.compiled)
        if cell is None:
            self._keep(one, there, is_done=one.new == there)
        elif one.cell in self.compiled.mapping.guarded and not is_same(cell.found(one.new), there):
            raise NotReplanned(f"'{one.cell}' is {shown(there)} in the PIM now, and may not change there any more")
        elif cell.binding.owner is Owner.SEED and not is_nothing(there):
            self.cells.pop(one.cell, None)  # something grows there by now
        elif cell.is_media:
            content = self.target.digest(there) if isinstance(there, str) else None
            self._keep(one, one.old, is_done=content == one.new)
        elif cell.is_shared:
            self._merge(one, cell)
        else:
            self._keep(one, there, is_done=is_same(cell.found(one.new), there))

    def _merge(self, one: CellChange, cell: CompiledCell[ItemT]) -> None:
        """Our part of the plan put into the list as it is now."""
        link = cell.link
        if (
            link is not None
            and link.kind == "products"
            and not link.is_quantified
            and self.target.is_two_way(link.type)
        ):
            raise NotReplanned(
                f"'{one.cell}' has links that the PIM writes at both ends, and the far ends are not in the plan"
            )
        key, by = one.cell, cell.member_key
        mine, raw = names(self.cells.get(key), by), self.now.cells.get(key)
        before: Mapping[str, JsonValue] = self.entry.cells if self.entry is not None else {}
        kept: Mapping[str, JsonValue] = self.entry.shared if self.entry is not None else {}
        ours = names(before.get(key), by) - names(kept.get(key))
        merged = merge(
            [each for each in listed(one.new) if name(each, by) in mine], ours, raw, by, is_ordered=cell.is_ordered
        )
        self.shared[key] = [each for each in merged.shared if each in mine]
        self._keep(evolve(one, new=merged.whole), one.old, is_done=is_same(cell.found(merged.whole), cell.found(raw)))

    def _keep(self, one: CellChange, old: JsonValue, *, is_done: bool) -> None:
        if not is_done:
            notes = (*one.notes, f"planned on {shown(one.old)}, and drawn up anew")
            self.changes[one.cell] = evolve(one, old=old, notes=notes)


def replanned(
    change: ItemChange,
    moved: frozenset[str],
    now: Found,
    entry: LedgerEntry | None,
    compiled: CompiledMapping[ItemT],
    target: Target,
) -> ItemChange:
    """The change as it has to be on what the PIM holds now; without cells where nothing is left to do.

    The values are those that the rules gave when the plan was made. Raises `NotReplanned` with the reason.
    """
    anew = Replanned(compiled, target, now, entry, dict(change.after.cells), dict(change.after.shared))
    for key, one in change.cells.items():
        if key in moved:
            anew.take(one)
        else:
            anew.changes[key] = one
    after = evolve(change.after, ref=now.ref, cells=anew.cells, shared=anew.shared)
    files = {key: source for key, source in change.files.items() if key in anew.changes}
    seal = ItemChange.seal_of(after, anew.changes)
    return evolve(change, action="update", cells=anew.changes, after=after, seal=seal, files=files)
