"""What is known of an item: from the ledger, from the PIM, and after a stop from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.sync._drafts._diff import ENABLED, GONE, Base
from akeneo_erp_bridge.sync._drafts._members import listed, name, names
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._targets._target import Found

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

    A cell that was not to change is as we left it, whatever a PIM user did to it since: it would not have been
    looked at. One that was to change has changed, or has not. Of a product that the PIM had lost and that was made
    anew of the changed cells alone, only what is there is ours.
    """
    before: Mapping[str, JsonValue] = entry.cells if entry is not None else {}
    is_stub = (entry is not None and is_first) or _is_bare(
        {key: before[key] for key in before if key in compiled.cells}, intent.cells, there
    )
    cells: dict[str, JsonValue] = {}
    for key in {*before, *intent.cells}:
        old, new, raw = before.get(key), intent.cells.get(key), there.cells.get(key)
        cell = compiled.cells.get(key)
        if not is_stub and (cell is None or old == new):
            cells[key] = old
        elif cell is None or raw is None:
            continue
        elif cell.is_shared:
            by = cell.member_key
            mine = names(old, by) | names(new, by)
            cells[key] = [one for one in listed(cell.found(raw)) if name(one, by) in mine]
        elif cell.found(raw) == new:
            cells[key] = new
        elif old is not None and (new is not None or cell.found(raw) == old):
            cells[key] = old
    shared = {**(entry.shared if entry is not None else {}), **intent.shared}
    gone = intent.gone or (entry is not None and entry.gone)
    stamps = intent.stamps if entry is None else entry.stamps
    if GONE in intent.stamps:
        stamps = {**stamps, GONE: intent.stamps[GONE]}
    is_left = is_stub and _is_left(compiled, before, intent.cells, there)
    return Base(cells, stamps, shared, lists(compiled, there), is_first=is_first, is_stub=is_left, gone=gone)


def _is_bare(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], there: Found) -> bool:
    """Whether nothing is left of what was not to change: the product was lost, and made anew of the change alone."""
    kept = [key for key, value in before.items() if value not in (None, []) and after.get(key) == value]
    return bool(kept) and all(there.cells.get(key) in (None, []) for key in kept if key != ENABLED)


def _is_left(
    compiled: CompiledMapping[ItemT], before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], there: Found
) -> bool:
    """Whether it is sure that this is what came of a change, and no product that a user emptied: not even a number is left."""
    kept = [key for key, value in before.items() if value not in (None, []) and after.get(key) == value]
    return there.cells.get(compiled.identifier) is None and compiled.identifier in kept


def lists(compiled: CompiledMapping[ItemT], there: Found) -> dict[str, JsonValue]:
    """The PIM's whole lists, of the cells that we share with others."""
    return {key: listed(there.cells.get(key)) for key, cell in compiled.cells.items() if cell.is_shared}


def lost(entry: LedgerEntry) -> LedgerEntry:
    """What is left of an item whose product is no longer in the PIM: all of it is written when the item is read."""
    return evolve(entry, fingerprint="", cells={}, shared={}, unlinked={})
