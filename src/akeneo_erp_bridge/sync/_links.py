"""Links before they are sent: the ERP's names become the PIM's references, and circles are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping, LinkField, Links, Mapped, wanted_links
from akeneo_erp_bridge.rules import Outcome, Owner, Put
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._state import LedgerEntry, SyncState
from akeneo_erp_bridge.sync._target import Target

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


class Linker(Generic[ItemT]):
    """Finds the targets of links, a page at a time."""

    def __init__(self, compiled: CompiledMapping[ItemT], target: Target, state: SyncState, stream: str) -> None:
        self._target = target
        self._state = state
        self._stream = stream
        self.cells = {key: cell for key, cell in compiled.cells.items() if cell.link is not None}

    def resolve(self, pages: Sequence[Mapped]) -> list[Mapped]:
        """The outcomes with references in place of names, for the cells that may be written."""
        if not self.cells:
            return list(pages)
        written = [(one, self._wishes(one)) for one in pages]
        known = self._look_up(wishes for _, wishes in written)
        return [
            Mapped(one.key, {**one.outcomes, **self._outcomes(one, wishes, known)}) if wishes else one
            for one, wishes in written
        ]

    def again(self, entries: Sequence[LedgerEntry]) -> list[dict[str, Links]]:
        """What could not be linked when the item was written, looked up anew."""
        written = [
            {key: wanted for key, wanted in one.unlinked.items() if key in self.cells and isinstance(wanted, Mapping)}
            for one in entries
        ]
        known = self._look_up(written)
        return [
            {
                key: _links(wanted, _link_of(self.cells[key]), known[_link_of(self.cells[key]).kind])
                for key, wanted in one.items()
            }
            for one in written
        ]

    # ---- names to references ----
    def _wishes(self, one: Mapped) -> dict[str, dict[str, JsonValue]]:
        found: dict[str, dict[str, JsonValue]] = {}
        for key, cell in self.cells.items():
            outcome = one.outcomes[key]
            if isinstance(outcome, Put) and outcome.value is not None and cell.binding.owner is not Owner.PIM:
                try:
                    found[key] = wanted_links(outcome.value, _link_of(cell))
                except ValueError:
                    continue  # the cell tells it when it is encoded
        return found

    def _look_up(self, wishes: Iterable[Mapping[str, Mapping[str, JsonValue]]]) -> dict[str, Mapping[str, str]]:
        """By kind: the references, by name in lower case."""
        wanted: dict[str, set[str]] = {_link_of(cell).kind: set() for cell in self.cells.values()}
        for one in wishes:
            for key, targets in one.items():
                wanted[_link_of(self.cells[key]).kind] |= targets.keys()
        return {kind: self._target.resolve(kind, sorted(some)) if some else {} for kind, some in wanted.items()}

    def _outcomes(
        self, one: Mapped, wishes: Mapping[str, Mapping[str, JsonValue]], known: Mapping[str, Mapping[str, str]]
    ) -> dict[str, Outcome[object]]:
        found: dict[str, Outcome[object]] = {}
        for key, wanted in wishes.items():
            outcome, link = one.outcomes[key], _link_of(self.cells[key])
            links = _links(wanted, link, known[link.kind])
            notes = outcome.notes if isinstance(outcome, Put) else ()
            found[key] = Put(links, (*notes, *_waiting(links)))
        return found


def _link_of(cell: CompiledCell[S]) -> LinkField:
    if cell.link is None:
        raise AssertionError(f"{cell.key} stands for no links")
    return cell.link


def _links(wanted: Mapping[str, JsonValue], link: LinkField, known: Mapping[str, str]) -> Links:
    there: dict[str, JsonValue] = {}
    for name, quantity in wanted.items():
        ref = known.get(name.lower())
        if ref is not None:
            there[ref.lower()] = {"target": ref, "quantity": quantity} if link.is_quantified else ref
    missing = tuple(name for name in wanted if name.lower() not in known)
    return Links(tuple(there.values()), wanted, missing)


def _waiting(links: Links) -> tuple[str, ...]:
    return (f"linked when they are in the PIM: {words.names(links.missing)}",) if links.missing else ()
