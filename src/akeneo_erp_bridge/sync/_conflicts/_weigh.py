"""Items that are about to be written, held against what the PIM has: who changed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue, is_whole
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import PARENT, CompiledCell
from akeneo_erp_bridge.rules import KEEP, Clear, Keep, Outcome, Owner, Problem, Put
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._conflicts._policy import Conflicts, Standing
from akeneo_erp_bridge.sync._drafts._diff import Base, Diff, diff_item
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft
from akeneo_erp_bridge.sync._drafts._known import lists
from akeneo_erp_bridge.sync._state import HeldCell
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


class Weigher(Generic[ItemT]):
    """Finds the conflicts of a page, and takes out of its items what is not to be written."""

    def __init__(self, stream: Stream[ItemT], conflicts: Conflicts) -> None:
        self._stream = stream
        self.policies = {
            key: conflicts.of(key)
            for key, cell in stream.compiled.cells.items()
            if cell.binding.owner is Owner.ERP and key not in stream.compiled.mapping.guarded
        }
        self._asks = any(policy != "overwrite" for policy in self.policies.values())
        self.looks_at_all = conflicts.look == "all"
        # what decides which thing it is, or what it may hold: where it is held, nothing is written
        self._whole = (PARENT.key, stream.compiled.identifier)

    def weighed(self, page: Sequence[Candidate], draft: Draft, now: datetime) -> list[Candidate]:
        """The items of a page, their conflicts settled as the policies say."""
        page = self._met(page, now)
        asked = self._asked(page, draft, now)
        there: Mapping[str, Found] = (
            self._stream.target.read([one.ref for one in page if one.mapped.key in asked], self._stream.cells)
            if asked
            else {}
        )
        lost = self._lost([one.ref for one in page if one.mapped.key in asked and one.ref not in there])
        return [
            self._weigh(one, asked[one.mapped.key], there[one.ref])
            if one.mapped.key in asked and one.ref in there
            else evolve(one, base=evolve(one.base, cells={}, shared={}))
            if one.ref in lost
            else one
            for one in page
        ]

    def _lost(self, refs: Sequence[str]) -> set[str]:
        """What a PIM user has deleted, where all is looked at: it is written as a whole. The PIM's lists lag behind."""
        return {ref for ref in refs if not self._stream.target.has(ref)} if self.looks_at_all else set()

    def _asked(self, page: Sequence[Candidate], draft: Draft, now: datetime) -> dict[ErpKey, Diff]:
        """The items that the PIM is asked about, with what would be written of them."""
        # made by us just now, or by somebody before us, or lost in the PIM: nothing there can have been ours
        known = [
            one for one in page if one.exists and one.base.cells and not one.base.is_first and not one.base.is_adopted
        ]
        waiting = [one.mapped.key for one in known if one.entry is not None and not one.entry.fingerprint]
        held = (
            {one.key for one in self._stream.state.held_among(self._stream.name, waiting)} if waiting else set[ErpKey]()
        )
        if not self._asks and not self.looks_at_all and not held:
            return {}
        keys = [one.mapped.key for one in known]
        unsure = self._stream.state.intents(self._stream.name, keys)
        heirs = {one.key for one in draft.entries}
        asked: dict[ErpKey, Diff] = {}
        for one in known:
            key, diff = one.mapped.key, diff_item(one.mapped, self._stream.compiled, one.base, now)
            is_news = self._asks and (bool(diff.changes) or key in unsure or key in heirs)
            if self.looks_at_all or key in held or is_news:
                asked[key] = diff
        return asked

    def _weigh(self, one: Candidate, diff: Diff, there: Found) -> Candidate:
        there = self._stream.files.by_content(
            there, [key for key in self._stream.files.cells if self._opens(key, diff)]
        )
        cells, outcomes = dict(one.base.cells), dict(one.mapped.outcomes)
        held: list[HeldCell] = []
        told: list[HeldCell] = []
        for key, policy in self.policies.items():
            cell, outcome = self._stream.compiled.cells[key], outcomes[key]
            wire = _wire(outcome, cell)
            if isinstance(wire, Problem | Keep) or (cell.is_media and not self._opens(key, diff)):
                continue
            standing = Standing.of(cell, one.base, diff.cells.get(key), there.cells.get(key))
            if standing.kind == "agree" and not cell.is_shared:
                cells[key] = standing.erp
            elif standing.kind in ("edit", "conflict"):
                is_replaced = policy == "report" and standing.kind == "conflict"
                seen = _seen(one.mapped.key, key, standing, wire, is_replaced=is_replaced)
                if policy != "overwrite":
                    (held if policy == "hold" else told).append(seen)
                if policy == "hold" or (policy == "report" and standing.kind == "edit"):
                    outcomes[key] = KEEP
                else:
                    cells[key] = standing.pim  # what is there now is what is replaced
        if any(seen.cell in self._whole for seen in held):
            outcomes = {key: KEEP if isinstance(it, Put | Clear) else it for key, it in outcomes.items()}
            cells, told = dict(one.base.cells), []
        base = evolve(one.base, cells=cells, theirs=lists(self._stream.compiled, there))
        return evolve(one, mapped=evolve(one.mapped, outcomes=outcomes), base=base, held=held, told=told)

    def _opens(self, key: str, diff: Diff) -> bool:
        """Whether a file is downloaded to be compared; only then is it known whose it is."""
        return key in self.policies and (key in diff.changes or self.looks_at_all)

    # ---- cells that do not change once they are there ----
    def guarded(self, one: Candidate, diff: Diff) -> list[Problem]:
        """Cells that do not change once they are in the PIM, and would."""
        if not one.exists or not one.base.cells:
            return []  # new, or lost in the PIM: nothing is there that would change
        return [
            words.guarded(key, diff.changes[key].old, diff.changes[key].new, remedy)
            for key, remedy in self._stream.compiled.mapping.guarded.items()
            if key in diff.changes and (key == PARENT.key or diff.changes[key].old is not None)
        ]

    def _met(self, page: Sequence[Candidate], now: datetime) -> Sequence[Candidate]:
        """Where a guarded cell would change, look whether somebody has changed it in the PIM already, as the remedy says."""
        known = [one for one in page if one.exists and self._stream.compiled.mapping.guarded]
        asking = [
            one for one in known if self.guarded(one, diff_item(one.mapped, self._stream.compiled, one.base, now))
        ]
        refs = [one.ref for one in asking if not one.base.is_adopted]
        there: Mapping[str, Found] = self._stream.target.read(refs, self._stream.cells) if refs else {}
        return [self._agreeing(one, there[one.ref], now) if one.ref in there else one for one in page]

    def _agreeing(self, one: Candidate, there: Found, now: datetime) -> Candidate:
        wanted = diff_item(one.mapped, self._stream.compiled, one.base, now).cells
        met = {
            key: wanted.get(key)
            for key in self._stream.compiled.mapping.guarded.keys() & self._stream.compiled.cells.keys()
            if self._stream.compiled.cells[key].found(there.cells.get(key)) == wanted.get(key)
        }
        return evolve(one, base=evolve(one.base, cells={**one.base.cells, **met}))

    # ---- links that came late ----
    def late(self, key: ErpKey, cell: str, wanted: JsonValue, base: Base) -> tuple[HeldCell, bool] | None:
        """A list whose links came late: the conflict in it, and whether it keeps it from being written."""
        compiled, policy = self._stream.compiled.cells[cell], self.policies.get(cell, "overwrite")
        if policy == "overwrite":
            return None
        standing = Standing.of(compiled, base, compiled.canonical(wanted), base.theirs.get(cell))
        if standing.kind not in ("edit", "conflict"):
            return None
        return _seen(key, cell, standing, wanted, is_replaced=policy == "report"), policy == "hold"


def _seen(key: ErpKey, cell: str, standing: Standing, wire: JsonValue, *, is_replaced: bool) -> HeldCell:
    return HeldCell(key, cell, standing.base, standing.erp, standing.pim, wire=wire, is_replaced=is_replaced)


def _wire(outcome: Outcome[object], cell: CompiledCell[S]) -> JsonValue | Problem | Keep:
    """The ERP's version as it travels, where it has one; what cannot travel is told elsewhere."""
    if isinstance(outcome, Problem | Keep):
        return outcome
    if isinstance(outcome, Clear) or outcome.value is None:
        return None
    wire = cell.encode(outcome.value)
    return KEEP if not isinstance(wire, Problem) and not is_whole(wire) else wire
