"""Products that are deleted in the PIM, on explicit order: sent one by one, and what linked to them put right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import NotOffered, PimRefused, RateLimited, SignInRefused
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._changes import ItemChange
from akeneo_erp_bridge.sync._drafts._members import listed, name, names
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found, Target, Verdict

ItemT = TypeVar("ItemT", bound=ErpItem)

_AT_ONCE: Final = 500  # entries looked at together


def sent(target: Target, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
    """The PIM's verdicts on all changes, in their order: a deletion is no line of a batch."""
    for is_deletion, some in groupby(changes, lambda one: one.action == "delete"):
        if is_deletion:
            yield from (_deleted(target, one) for one in some)
        else:
            yield from target.send(list(some), cells)


def _deleted(target: Target, change: ItemChange) -> Verdict:
    try:
        # `created` says that something was done here: what was not there, or is hidden from us, is not deleted
        return Verdict(change, ok=True, created=target.delete(change.ref))
    except (SignInRefused, RateLimited, NotOffered):
        raise  # no fault of the product's
    except PimRefused as error:
        return Verdict(change, ok=False, created=False, reason=f"the PIM did not delete it: {error}")


class LinksToDeleted(Generic[ItemT]):
    """Entries whose links went with a deleted product: they want them as before, and have them no more.

    Each run looks for them again, so that they are made once the item is back, though nothing changes in those that
    name it.
    """

    def __init__(self, stream: Stream[ItemT]) -> None:
        self._stream = stream
        self._identifier = stream.compiled.identifier
        self._by = {
            key: one.member_key
            for key, one in stream.compiled.cells.items()
            if one.link is not None and one.link.kind == "products"
        }

    def of(self, deleted: Sequence[LedgerEntry]) -> Iterator[list[LedgerEntry]]:
        """The entries of the ledger that link to these, as they stand afterwards, some hundred at a time."""
        gone = self._names(deleted)
        for cell in self._by:
            after = ""
            while gone and (found := self._stream.state.linked(self._stream.name, cell, after, _AT_ONCE)):
                after = found[-1].key
                hit = [one for one in found if self._targets(one, cell) & gone.keys()]
                if hit:
                    yield self.cut(hit, deleted)

    def cut(self, entries: Sequence[LedgerEntry], deleted: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """The same entries without links to what is deleted."""
        gone = self._names(deleted)
        hit = [one for one in entries if any(self._targets(one, key) & gone.keys() for key in self._by)]
        called = {**self._called({ref for one in hit for key in self._by for ref in self._targets(one, key)}), **gone}
        cut = {one.key: self._cut(one, gone, called) for one in hit}
        return [cut.get(one.key, one) for one in entries]

    def _names(self, deleted: Sequence[LedgerEntry]) -> dict[str, str]:
        """What was deleted, by reference: the SKU it had."""
        return {one.ref.lower(): str(one.cells.get(self._identifier, one.ref)) for one in deleted}

    def _targets(self, entry: LedgerEntry, key: str) -> set[str]:
        return names(entry.cells.get(key), self._by[key])

    def _called(self, refs: set[str]) -> dict[str, str]:
        """The SKUs of linked products: those that the ledger knows, and those of PIM users."""
        owners = self._stream.state.owners(self._stream.name, sorted(refs))
        ours = {one.ref.lower(): str(one.cells.get(self._identifier, one.ref)) for one in owners}
        others = sorted(refs - ours.keys())
        found: Mapping[str, Found] = self._stream.target.read(others, self._stream.cells) if others else {}
        theirs = {ref.lower(): str(one.cells.get(self._identifier, ref)) for ref, one in found.items()}
        return {**theirs, **ours}

    def _cut(self, entry: LedgerEntry, gone: Mapping[str, str], called: Mapping[str, str]) -> LedgerEntry:
        cells, shared, unlinked = dict(entry.cells), dict(entry.shared), dict(entry.unlinked)
        for key, by in self._by.items():
            links = listed(entry.cells.get(key))
            if not names(links, by) & gone.keys():
                continue
            wanted: dict[str, JsonValue] = {
                called[name(one, by)]: one.get("quantity") if isinstance(one, Mapping) else None
                for one in links
                if name(one, by) in called
            }
            known = unlinked.get(key)
            unlinked[key] = known if isinstance(known, Mapping) else wanted
            cells[key] = [one for one in links if name(one, by) not in gone]
            shared[key] = [one for one in listed(shared.get(key)) if name(one, by) not in gone]
        return evolve(entry, cells=cells, shared=shared, unlinked=unlinked)
