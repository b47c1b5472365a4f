"""What is known of an item: from the ledger, from the PIM, and after a stop from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.sync._diff import Base
from akeneo_erp_bridge.sync._members import listed, name, names
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._targets import Found

ItemT = TypeVar("ItemT", bound=ErpItem)


def remembered(entry: LedgerEntry) -> Base:
    """What the ledger says; the PIM is not asked."""
    return Base(entry.cells, entry.stamps, entry.shared, gone=entry.gone)


def adopted(compiled: CompiledMapping[ItemT], there: Found) -> Base:
    """A product that somebody else made: what it holds is not ours."""
    cells = {key: compiled.cells[key].found(raw) for key, raw in there.cells.items() if raw is not None}
    return Base(cells, theirs=lists(compiled, there), is_first=True, is_adopted=True)


def resumed(
    compiled: CompiledMapping[ItemT], entry: LedgerEntry | None, intent: LedgerEntry, there: Found, *, is_first: bool
) -> Base:
    """What is ours after a stop: nobody knows whether the PIM took what was intended, so it is asked.

    Of a cell that was ours, or would have become so, what is there now is ours. Of a list, only those members.
    """
    before: Mapping[str, JsonValue] = entry.cells if entry is not None else {}
    cells: dict[str, JsonValue] = {}
    for key in {*before, *intent.cells}:
        cell, raw = compiled.cells.get(key), there.cells.get(key)
        if cell is None:
            cells[key] = before.get(key)  # bound no longer; kept in case it is bound again
        elif raw is None:
            continue
        elif cell.is_shared:
            mine = names(before.get(key)) | names(intent.cells.get(key))
            cells[key] = [one for one in listed(cell.found(raw)) if name(one) in mine]
        elif key in intent.cells or cell.found(raw) == before.get(key):
            cells[key] = cell.found(raw)
    shared = {**(entry.shared if entry is not None else {}), **intent.shared}
    gone = intent.gone or (entry is not None and entry.gone)
    stamps = intent.stamps if entry is None else entry.stamps
    return Base(cells, stamps, shared, lists(compiled, there), is_first=is_first, gone=gone)


def lists(compiled: CompiledMapping[ItemT], there: Found) -> dict[str, JsonValue]:
    """The PIM's whole lists, of the cells that we share with others."""
    return {key: listed(there.cells.get(key)) for key, cell in compiled.cells.items() if cell.is_shared}
