"""Compare what the rules gave with what we last wrote. Pure: no clock, no network, no state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping, Mapped
from akeneo_erp_bridge.rules import Clear, Outcome, Owner, Problem, Put
from akeneo_erp_bridge.sync.plan import Base, CellChange
from akeneo_erp_bridge.sync.report import PassedReference

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


@frozen
class Diff:
    """The changed cells, and the problems that leave out a cell or the item."""

    cells: Mapping[str, CellChange]
    problems: tuple[Problem, ...]


def diff_item(mapped: Mapped, compiled: CompiledMapping[ItemT], base: Base, now: datetime) -> Diff:
    """The cells of one item that must be written."""
    changes: dict[str, CellChange] = {}
    problems: list[Problem] = []
    known = base.cells
    for key, cell in compiled.cells.items():
        outcome = mapped.outcomes[key]
        if cell.is_plain and isinstance(outcome, Put) and isinstance(outcome.value, str):
            # most cells of most products; what follows says the same at five times the length
            if outcome.value != known.get(key):
                changes[key] = CellChange(key, known.get(key), outcome.value, cell.label, outcome.notes)
            continue
        found = _diff_cell(mapped.key, outcome, cell, base, now)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            changes[key] = found
    if base.cells.get("enabled") is False and "enabled" not in compiled.cells:
        # we disabled it when the ERP deleted it, and no rule would ever enable it again
        changes["enabled"] = CellChange("enabled", False, True, "back in the ERP")
    return Diff(changes, tuple(problems))


def _diff_cell(
    key: ErpKey, outcome: Outcome[object], cell: CompiledCell[S], base: Base, now: datetime
) -> CellChange | Problem | None:
    owner = cell.binding.owner
    if owner is Owner.PIM or (owner is Owner.SEED and cell.key in base.cells):
        return None
    if isinstance(outcome, Put):
        if outcome.value is None:
            return _clear(cell, base)
        return _put(key, outcome, cell, base, now)
    if isinstance(outcome, Clear):
        return _clear(cell, base)
    if isinstance(outcome, Problem):
        where = ", ".join(sorted(cell.binding.rule.sources)) or cell.binding.rule.label
        return outcome.at(f"{where} -> {cell.key}") if outcome.path != where else outcome.at(cell.key)
    return None


def _put(
    key: ErpKey, outcome: Put[object], cell: CompiledCell[S], base: Base, now: datetime
) -> CellChange | Problem | None:
    wire = cell.encode(outcome.value)
    if isinstance(wire, Problem):
        return wire
    canon = cell.canonical(wire)
    old = base.cells.get(cell.key)
    if canon == old:
        return None
    if cell.is_set:
        return _put_set(outcome, cell, base, wire, canon)
    rule = cell.reference
    passed = None
    if rule is not None:
        stamp = base.stamps.get(cell.key)
        if old is not None and not _may_pass(old, canon, stamp, rule.min_age, rule.min_change, now):
            return None
        passed = PassedReference(key, cell.key, rule.reason)
    return CellChange(cell.key, old, wire, cell.label, outcome.notes, reference=passed)


def _put_set(
    outcome: Put[object], cell: CompiledCell[S], base: Base, wire: JsonValue, canon: JsonValue
) -> CellChange | None:
    """Ours are added, what we no longer want of ours is removed, the PIM users' own stay."""
    ours_before = (
        {str(code).casefold() for code in listed(base.cells.get(cell.key))} if not base.adopted else set[str]()
    )
    wanted = [str(code) for code in listed(wire)]
    wanted_folded = {code.casefold() for code in wanted}
    theirs = [code for code in base.theirs.get(cell.key, ()) if code.casefold() not in ours_before | wanted_folded]
    return CellChange(
        cell.key, base.cells.get(cell.key), sorted(theirs + wanted), cell.label, outcome.notes, owned=canon
    )


def _clear(cell: CompiledCell[S], base: Base) -> CellChange | None:
    """Erase only what we wrote: a value that was there before us stays."""
    old = base.cells.get(cell.key)
    if base.adopted or old is None or old == []:
        return None
    if cell.binding.cell.attribute == "enabled":
        return None  # the PIM knows no third state for it
    if cell.is_set:
        ours = {str(code).casefold() for code in listed(old)}
        rest = [code for code in base.theirs.get(cell.key, ()) if code.casefold() not in ours]
        return CellChange(cell.key, old, rest, cell.label, owned=[])
    return CellChange(cell.key, old, None, cell.label)


def listed(value: JsonValue) -> list[JsonValue]:
    """The members of a list cell; none where it is empty."""
    return list(value) if isinstance(value, list | tuple) else []


# ---- reference prices ----
def _may_pass(
    old: JsonValue, new: JsonValue, stamp: JsonValue, min_age: timedelta, min_change: Decimal, now: datetime
) -> bool:
    if isinstance(stamp, str) and now - datetime.fromisoformat(stamp) < min_age:
        return False
    before, after = _amount(old), _amount(new)
    if before is None or after is None or before == 0:
        return True
    return abs(after - before) / abs(before) >= min_change


def _amount(value: JsonValue) -> Decimal | None:
    """The first amount in a canonical price collection or number."""
    if isinstance(value, list | tuple):
        return _amount(value[0]) if value else None
    if isinstance(value, Mapping):
        return _amount(value.get("amount"))
    try:
        return Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
