"""Files before they are sent: read once, hashed, and held against what their attribute takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping, Mapped, MediaFound, MediaSource
from akeneo_erp_bridge.mapping._shapes._media import not_taken
from akeneo_erp_bridge.rules import Outcome, Owner, Problem, Put, shown
from akeneo_erp_bridge.sync._drafts._diff import Base
from akeneo_erp_bridge.sync._drafts._known import adopted, resumed
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._targets._target import Found, Target

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


class Files(Generic[ItemT]):
    """The cells that hold files, by their content: the PIM names a file by a code of its own."""

    def __init__(self, compiled: CompiledMapping[ItemT], target: Target) -> None:
        self._compiled = compiled
        self._target = target
        self.cells = {key: cell for key, cell in compiled.cells.items() if cell.is_media}

    def examined(self, mapped: Mapped, *, is_known: bool) -> Mapped:
        """Each file with its hash; what the item will not write is not read."""
        files = {
            key: _examined(mapped.outcomes[key], cell)
            for key, cell in self.cells.items()
            if cell.binding.owner is Owner.ERP or (cell.binding.owner is Owner.SEED and not is_known)
        }
        return evolve(mapped, outcomes={**mapped.outcomes, **files}) if files else mapped

    def adopted(self, there: Found) -> Base:
        """A product that somebody else made, its files by their content."""
        return adopted(self._compiled, self.by_content(there, self.cells))

    def resumed(self, entry: LedgerEntry | None, intent: LedgerEntry, there: Found, *, is_first: bool) -> Base:
        """What is ours after a stop; the files that were to change are looked at."""
        before: Mapping[str, JsonValue] = entry.cells if entry is not None else {}
        unsure = [key for key in self.cells if before.get(key) != intent.cells.get(key)]
        return resumed(self._compiled, entry, intent, self.by_content(there, unsure), is_first=is_first)

    def by_content(self, there: Found, cells: Iterable[str]) -> Found:
        """What is there, with the hash of the content in place of the code of these files."""
        files = {key: self._target.digest(code) for key in cells if isinstance(code := there.cells.get(key), str)}
        return evolve(there, cells={**there.cells, **files}) if files else there


def _examined(outcome: Outcome[object], cell: CompiledCell[S]) -> Outcome[object]:
    """The file of a rule with its hash in its place; one that cannot be read or taken gives up the cell, not the item."""
    if not isinstance(outcome, Put) or not isinstance(outcome.value, MediaSource):
        return outcome
    source = outcome.value
    try:
        found = MediaFound.of(source)
    except Exception as error:  # noqa: BLE001 - a fetcher is the user's own and may raise anything; the cell tells the reason
        seen = f"{type(error).__name__} ({shown(str(error), longest=200)})"
        return _given_up("unreadable_file", f"the file {shown(source.name)} cannot be read: {seen}")
    reason = not_taken(source.name, found.size, cell.attribute) if cell.attribute is not None else None
    if reason is not None:
        return _given_up("wrong_file", reason)
    return Put(found, (*outcome.notes, f"{source.name}, {found.size} bytes"))


def _given_up(code: str, detail: str) -> Problem:
    return Problem(code, "", detail, "skip_cell")
