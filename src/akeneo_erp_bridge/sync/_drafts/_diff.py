"""Compare what the rules gave with what we last wrote. Pure: no clock, no network, no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.catalog import JsonValue, is_whole
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    PARENT,
    CompiledCell,
    CompiledMapping,
    Links,
    Mapped,
    MediaFound,
    MediaSource,
)
from akeneo_erp_bridge.rules import Clear, Keep, Outcome, Owner, Problem, Put, shown
from akeneo_erp_bridge.sync._drafts._members import Merged, listed, merge, name, names
from akeneo_erp_bridge.sync._links._graph import NO_INVERSE, Inverse
from akeneo_erp_bridge.sync.plan import CellChange
from akeneo_erp_bridge.sync.report import PassedReference

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

ENABLED: Final = "enabled"
GONE: Final = "(deleted)"
"""Among the stamps: what was done to the product of a deleted item, where it was not disabled. No cell has such a key."""


@frozen
class Base:
    """What is known of an item before it is compared.

    `cells`, `stamps`, `shared` and `gone` are the ledger's; `theirs` holds the PIM's whole list for cells that we
    share, `inverse` what the far sides of two-way links say. `is_first`: we never wrote this product. `is_adopted`: it was there before us, and `cells` is what it
    had, none of it ours. `is_stub`: the PIM had lost it, and made it anew of some changed cells.
    """

    cells: Mapping[str, JsonValue] = field(factory=dict[str, JsonValue])
    stamps: Mapping[str, JsonValue] = field(factory=dict[str, JsonValue])
    shared: Mapping[str, JsonValue] = field(factory=dict[str, JsonValue])
    theirs: Mapping[str, JsonValue] = field(factory=dict[str, JsonValue])
    inverse: Mapping[str, Inverse] = field(factory=dict[str, Inverse])
    is_first: bool = False
    is_adopted: bool = False
    is_stub: bool = False
    gone: bool = False


NEW: Final = Base(is_first=True)


@define
class Diff:
    """The changed cells, the problems that leave out a cell or the item, and what the ledger will hold.

    `cells`, `stamps`, `shared` and `unlinked` are the ledger's once the changes are in the PIM. `files` are those to
    upload. `waits`: a reference price will pass later, or a file is tried again, though nothing changes in the ERP.
    """

    cells: dict[str, JsonValue]
    stamps: dict[str, JsonValue]
    shared: dict[str, JsonValue]
    changes: dict[str, CellChange] = field(factory=dict[str, CellChange])
    problems: list[Problem] = field(factory=list[Problem])
    files: dict[str, MediaSource] = field(factory=dict[str, MediaSource])
    unlinked: dict[str, JsonValue] = field(factory=dict[str, JsonValue])
    waits: bool = False


def diff_item(mapped: Mapped, compiled: CompiledMapping[ItemT], base: Base, now: datetime) -> Diff:
    """The cells of one item that must be written."""
    known = base.cells
    diff = Diff({} if base.is_adopted else dict(known), dict(base.stamps), dict(base.shared))
    if compiled.left_out.cells:
        diff.problems += mapped.left_out
        for gone in compiled.left_out.gone:
            diff.cells.pop(gone, None)  # to be written anew when the attribute comes back
    for key, cell in compiled.cells.items():
        outcome = mapped.outcomes[key]
        if cell.is_plain and isinstance(outcome, Put) and isinstance(outcome.value, str):
            # most cells of most products; what follows says the same at five times the length
            value = diff.cells[key] = outcome.value
            if value != known.get(key):
                _change(diff, CellChange(key, known.get(key), value, cell.label, outcome.notes), cell, base)
            continue
        _diff_cell(diff, mapped.key, outcome, cell, base, now)
    if PARENT.key in diff.changes and not base.is_first:
        _rewrite(diff, mapped, compiled, base)
    if base.gone:
        _come_back(diff, mapped, compiled, base)
    if len(diff.problems) > 1:
        diff.problems = _told_once(diff.problems, compiled.identifier)
    return diff


def _come_back(diff: Diff, mapped: Mapped, compiled: CompiledMapping[ItemT], base: Base) -> None:
    """Undo what was done when the ERP deleted the item, where no rule does."""
    done = diff.stamps.pop(GONE, None)
    if isinstance(done, Mapping):
        cell = compiled.cells.get(CATEGORIES.key)
        if cell is not None:
            _take_out(diff, str(done.get("category")), mapped.outcomes[cell.key], cell, base)
    elif not _rules_enabled(mapped, compiled):
        diff.changes[ENABLED] = CellChange(ENABLED, False, True, "back in the ERP")
        diff.cells.pop(ENABLED, None)


def _take_out(diff: Diff, code: str, outcome: Outcome[object], cell: CompiledCell[S], base: Base) -> None:
    """Take the product out of the category of deleted items, which a rule that says nothing, or a wrong thing, does not."""
    key, old = cell.key, base.cells.get(cell.key)
    if key in diff.changes or diff.cells.get(key) != old or code not in names(old):
        return
    wire = cell.encode(outcome.value) if isinstance(outcome, Put) else None
    if not isinstance(wire, Problem) and wire is not None and code in names(cell.canonical(wire)):
        return  # the ERP itself wants it there
    rest = [one for one in listed(old) if one != code]
    kept = [one for one in listed(base.theirs.get(key)) if name(one) in names(rest)]
    _put_part(diff, CellChange(key, old, kept, "back in the ERP"), rest, cell, base)


def _rewrite(diff: Diff, mapped: Mapped, compiled: CompiledMapping[ItemT], base: Base) -> None:
    """A product that changes its parent loses or inherits values, so that the ledger says nothing of them.

    What the rules give is written anew, what they erase is erased; what they leave to the model is not ours any more.
    """
    for key, cell in compiled.cells.items():
        is_ours = cell.attribute is not None and cell.binding.owner is Owner.ERP and key != compiled.identifier
        if key in diff.changes or key in compiled.mapping.guarded or not is_ours or cell.is_shared or cell.is_media:
            continue
        outcome = mapped.outcomes[key]
        if isinstance(outcome, Keep):
            diff.cells.pop(key, None)
        elif isinstance(outcome, Put) and key in diff.cells and cell.reference is None:
            wire = cell.encode(outcome.value)
            if not isinstance(wire, Problem):
                diff.changes[key] = CellChange(key, base.cells.get(key), wire, cell.label, outcome.notes)
        elif isinstance(outcome, Clear):
            diff.changes[key] = CellChange(key, None, None, cell.label)


def diff_links(
    key: ErpKey, links: Mapping[str, Links], compiled: CompiledMapping[ItemT], base: Base, now: datetime
) -> Diff:
    """The cells of links alone, of an item whose targets were not all there when it was written."""
    diff = Diff(dict(base.cells), dict(base.stamps), dict(base.shared))
    for cell, found in links.items():
        _put(diff, key, Put(found), compiled.cells[cell], base, now)
    return diff


def diff_wires(wires: Mapping[str, JsonValue], compiled: CompiledMapping[ItemT], base: Base) -> Diff:
    """The cells of values that were encoded when they were held, of an item that the ERP does not show again."""
    diff = Diff(dict(base.cells), dict(base.stamps), dict(base.shared))
    for key, wire in wires.items():
        cell = compiled.cells[key]
        if wire is None:
            _clear(diff, cell, base)
        else:
            _compare(diff, CellChange(key, base.cells.get(key), wire, cell.label), cell.canonical(wire), cell, base)
    return diff


def _rules_enabled(mapped: Mapped, compiled: CompiledMapping[ItemT]) -> bool:
    cell = compiled.cells.get(ENABLED)
    return cell is not None and cell.binding.owner is Owner.ERP and isinstance(mapped.outcomes[ENABLED], Put)


def _diff_cell(
    diff: Diff, key: ErpKey, outcome: Outcome[object], cell: CompiledCell[S], base: Base, now: datetime
) -> None:
    owner = cell.binding.owner
    if isinstance(outcome, Problem):
        diff.problems.append(_placed(outcome, cell))
        # a file may be put there, a circle be broken elsewhere, though nothing changes in this item
        diff.waits = diff.waits or cell.is_media or cell.link is not None
    elif owner is Owner.PIM or (owner is Owner.SEED and not _is_soil(cell, base)):
        return
    elif isinstance(outcome, Put) and outcome.value is not None:
        _put(diff, key, outcome, cell, base, now)
    elif isinstance(outcome, Put | Clear) and not base.is_adopted:
        _clear(diff, cell, base)


def _is_soil(cell: CompiledCell[S], base: Base) -> bool:
    """A seed is sown once, when we first write the product, and only where nothing grows."""
    return base.is_first and base.cells.get(cell.key) in (None, [])


def _placed(problem: Problem, cell: CompiledCell[S]) -> Problem:
    where = ", ".join(sorted(cell.binding.rule.sources)) or cell.binding.rule.label
    place = f"{where} -> {cell.key}"
    return evolve(problem, path=place) if problem.path == where else problem.at(place)


def _told_once(problems: Sequence[Problem], identifier: str) -> list[Problem]:
    """A record that could not be told apart is wrong once, whatever is read of it; a SKU or code keeps its place."""
    places: dict[Problem, list[str]] = {}
    for one in problems:
        places.setdefault(evolve(one, path="") if one.code == "unreadable" else one, []).append(one.path)
    return [
        evolve(one, path=next((at for at in some if identifier in at), some[0] if len(some) == 1 else ""))
        for one, some in places.items()
    ]


def _change(diff: Diff, change: CellChange, cell: CompiledCell[S], base: Base) -> None:
    """Note a change, unless no request could carry it."""
    if is_whole(change.new):
        diff.changes[change.cell] = change
        return
    diff.cells.pop(change.cell, None)
    if not base.is_adopted and change.cell in base.cells:
        diff.cells[change.cell] = base.cells[change.cell]
    detail = f"the text {shown(change.new)} holds half a character; correct it, or the encoding it is read with"
    problem = Problem("broken_text", "", detail, "skip_cell" if cell.is_caught else "skip_item")
    diff.problems.append(_placed(problem, cell))


# ---- a value ----
def _put(diff: Diff, key: ErpKey, outcome: Put[object], cell: CompiledCell[S], base: Base, now: datetime) -> None:
    wire = cell.encode(outcome.value)
    if isinstance(wire, Problem):
        diff.problems.append(_placed(wire, cell))
        return
    old, canon = base.cells.get(cell.key), cell.canonical(wire)
    if base.is_adopted and cell.is_shared:
        by = cell.member_key
        old = [one for one in listed(old) if name(one, by) in names(canon, by)] or None
    rule, passed = cell.reference, None
    if rule is not None and canon != old:
        if old is not None and not _may_pass(diff, cell, old, canon, base.stamps.get(cell.key), now):
            return
        passed = PassedReference(key, cell.key, rule.reason)
    change = CellChange(cell.key, old, wire, cell.label, outcome.notes, reference=passed)
    if isinstance(outcome.value, Links) and outcome.value.missing:
        diff.unlinked[cell.key] = dict(outcome.value.wanted)
    if isinstance(outcome.value, MediaFound) and not _takes_file(diff, outcome.value, cell, base):
        return
    _compare(diff, change, canon, cell, base)
    if passed is not None and cell.key in diff.changes:
        diff.stamps[cell.key] = now.isoformat()


def _compare(diff: Diff, change: CellChange, canon: JsonValue, cell: CompiledCell[S], base: Base) -> None:
    if cell.is_shared:
        _put_part(diff, change, canon, cell, base)
        return
    diff.cells[cell.key] = canon
    if canon != change.old:
        _change(diff, change, cell, base)


def _takes_file(diff: Diff, found: MediaFound, cell: CompiledCell[S], base: Base) -> bool:
    """Note a file for its upload; one that the PIM refused is not sent again, and does not fall into oblivion."""
    refused = base.stamps.get(cell.key)
    if isinstance(refused, Mapping) and refused.get("refused") == found.digest:
        diff.problems.append(_placed(Problem("refused", "", str(refused.get("reason")), "skip_cell"), cell))
        diff.waits = True
        return False
    diff.stamps.pop(cell.key, None)
    if found.digest != base.cells.get(cell.key):
        diff.files[cell.key] = found.source
    return True


def _put_part(diff: Diff, change: CellChange, canon: JsonValue, cell: CompiledCell[S], base: Base) -> None:
    key, by = cell.key, cell.member_key
    old = None if base.is_adopted else base.cells.get(key)
    if canon == old:
        return  # as we left it; what others did to the list since is theirs to do
    diff.cells[key] = canon or []
    if not names(canon) and not names(old):
        return
    now = base.theirs.get(key)
    merged = _merged(change.new, old, now, cell, base)
    diff.shared[key] = [one for one in merged.shared if one in names(canon, by)]
    if now is None or cell.found(merged.whole) != cell.found(now):
        _change(
            diff, CellChange(key, old, merged.whole, change.rule, change.notes, reference=change.reference), cell, base
        )


def _merged(wanted: JsonValue, old: JsonValue, now: JsonValue, cell: CompiledCell[S], base: Base) -> Merged:
    """Our part put into the PIM's list; of a two-way list, what the far sides want is ours too."""
    by, inverse = cell.member_key, base.inverse.get(cell.key, NO_INVERSE)
    ours = (names(old, by) - names(base.shared.get(cell.key))) | inverse.ours
    mine = names(wanted, by)
    wishes = [*listed(wanted), *(one for one in inverse.wanted if one not in mine)]
    return merge(wishes, ours, now, by, is_ordered=cell.is_ordered)


def _clear(diff: Diff, cell: CompiledCell[S], base: Base) -> None:
    """Erase only what we wrote: a value that was there before us stays."""
    key = cell.key
    old = base.cells.get(key)
    if old is None or old == [] or key == ENABLED:  # the PIM knows no third state for the last
        return
    if not cell.is_shared:
        del diff.cells[key]
        _change(diff, CellChange(key, old, None, cell.label), cell, base)
        return
    now = base.theirs.get(key)
    rest = _merged(None, old, now, cell, base).whole
    diff.cells[key] = []
    diff.shared.pop(key, None)
    if now is None or len(rest) != len(listed(now)):
        _change(diff, CellChange(key, old, rest, cell.label), cell, base)


# ---- reference prices ----
def _may_pass(
    diff: Diff, cell: CompiledCell[S], old: JsonValue, new: JsonValue, stamp: JsonValue, now: datetime
) -> bool:
    rule = cell.reference
    if rule is None or not _differs(old, new, rule.min_change):
        return rule is None
    # a stamp of a moment to come is of a clock that was wrong: it must not hold a value back until then
    if isinstance(stamp, str) and timedelta(0) <= now - datetime.fromisoformat(stamp) < rule.min_age:
        diff.waits = True
        return False
    return True


def _differs(old: JsonValue, new: JsonValue, least: Decimal) -> bool:
    before, after = _amounts(old), _amounts(new)
    if before.keys() != after.keys():
        return True
    return any(before[one] == 0 or abs(after[one] - before[one]) / abs(before[one]) >= least for one in after)


def _amounts(value: JsonValue) -> dict[str, Decimal]:
    """The amounts in a canonical price collection, metric or number, by currency."""
    if isinstance(value, list | tuple):
        return {key: amount for one in value for key, amount in _amounts(one).items()}
    if isinstance(value, Mapping):
        return {name(value, "currency"): amount for amount in _amounts(value.get("amount")).values()}
    try:
        return {"": Decimal(str(value))} if value is not None else {}
    except InvalidOperation:
        return {}
