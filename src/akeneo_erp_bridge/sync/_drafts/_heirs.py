"""Two items of the ERP cannot be one product: which of them has it, and which of them waits for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Final, Generic, TypeVar

from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import Group
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft
from akeneo_erp_bridge.sync._drafts._known import remembered
from akeneo_erp_bridge.sync._drafts._later_rows import Ask
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._stream import Stream

ItemT = TypeVar("ItemT", bound=ErpItem)

_MOST: Final = 1000
"""Rows that are kept; those beyond stay parked until they are read again. Memory is flat in the number of records."""


class Heirs(Generic[ItemT]):
    """Who has a product keeps it, unless deleted; another item of its SKU is the heir.

    A renumbered item may come before the deletion of its old number, and an ERP of changes does not show it again. So the
    rows that this run parked for another item's SKU are kept, and looked at once more when that one is deleted: else the
    product would be switched off with its old number. Those that an earlier run parked are read again, where the ERP can
    be asked for some items. `rows` are the items of the page's candidates.
    """

    def __init__(self, stream: Stream[ItemT], seen: SeenKeys, ask: Ask[ItemT] | None) -> None:
        self._stream = stream
        self._seen = seen
        self._ask = ask
        self._waiting: dict[ErpKey, tuple[ErpKey, ItemT]] = {}
        self.rows: Mapping[ErpKey, ItemT] = {}

    def admitted(self, candidates: Sequence[Candidate], dying: Collection[ErpKey], draft: Draft) -> list[Candidate]:
        """The candidates that have a product of their own, or inherit one; the others are parked."""
        refs = [one.ref for one in candidates if one.entry is None and one.ref]
        owners = {one.ref: one for one in self._stream.state.owners(self._stream.name, refs)} if refs else {}
        kept: list[Candidate] = []
        heirs: dict[str, ErpKey] = {}
        for one in candidates:
            owner = owners.get(one.ref) if one.entry is None else None
            if owner is None or owner.key == one.mapped.key:
                kept.append(one)
                continue
            is_free = owner.gone or owner.key in dying or self._is_respelled(one, owner)
            holder = heirs.setdefault(one.ref, one.mapped.key) if is_free else owner.key
            if holder == one.mapped.key:
                kept.append(_inherit(one, owner, draft))
            else:
                self.wait(one, holder, draft)
        return kept

    def wait(self, one: Candidate, holder: ErpKey, draft: Draft) -> None:
        """Park an item whose SKU another one has; it gets its turn should that one be deleted."""
        key = one.mapped.key
        draft.parked.append(words.second(key, one.name, holder, self._stream.compiled.context))
        if len(self._waiting) < _MOST:
            self._waiting[key] = (holder, self.rows[key])

    def of(self, dying: Sequence[ErpKey], *, besides: Collection[ErpKey]) -> list[ItemT]:
        """The rows that wait for these deletions. What the page has something newer of waits no longer."""
        if not self._waiting:
            return []
        ends = {*dying}
        for key in (*ends, *besides):
            self._waiting.pop(key, None)
        turns = [key for key, (holder, _) in self._waiting.items() if holder in ends]
        self._seen.forget(turns)
        return [self._waiting.pop(key)[1] for key in turns]

    def recalled(self, *, besides: Collection[ErpKey]) -> list[ItemT]:
        """The rows that earlier runs parked for another item's SKU, once a run: those that wait on, it knows then.

        Two rows of one key stay parked until they are read. Raises what the ERP raises that is asked.
        """
        ask, self._ask = self._ask, None
        if ask is None:
            return []
        parked = (one.key for one in self._stream.state.parked(self._stream.name) if one.code == words.SECOND)
        keys = list(islice(parked, _MOST))
        met = self._seen.among(keys)
        left = [key for key in keys if key not in met and key not in besides]
        if not left:
            return []
        return [row for rows in ask(left).values() if len(rows) == 1 for row in rows.values()]

    def begin_anew(self) -> None:
        """All rows come again."""
        self._waiting.clear()

    def _is_respelled(self, one: Candidate, owner: LedgerEntry) -> bool:
        """Whether it is the same model, which its rows spell in another case: their group has one of them."""
        return issubclass(self._stream.compiled.mapping.source, Group) and one.mapped.key.lower() == owner.key.lower()


def _inherit(one: Candidate, owner: LedgerEntry, draft: Draft) -> Candidate:
    """The product of a deleted item whose SKU another item bears now: a renumbered key, not a new product."""
    heir = evolve(owner, key=one.mapped.key, fingerprint="")
    draft.entries.append(heir)
    draft.forgotten.append(owner.key)
    return evolve(one, entry=heir, base=remembered(heir), exists=True)
