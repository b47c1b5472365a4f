"""What one page of ERP items comes to, between the drafter and the writer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import Mapped
from akeneo_erp_bridge.sync._conflicts._policy import still_taken
from akeneo_erp_bridge.sync._drafts._diff import NEW, Base, Diff
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, Marked, ParkedItem, RunKind
from akeneo_erp_bridge.sync.plan import Action, ItemChange

DELETION: Final = "deletion_refused"
"""The code an item is parked with whose deletion the PIM did not take; each run tries it again."""


def name_of(name: str) -> str:
    """How a SKU or code stands among keys, none of which begins so."""
    return f"\0{name.lower()}"


@define
class Draft:
    """What one page asks for. `entries` are ledger rows that need no write to the PIM.

    `closed` are keys that are parked no longer, `answered` those whose intents are done with; `forgotten` are
    deleted on both sides, or live on under another key. `late` are links whose targets came after their items;
    `unlinked` are cells whose targets are not there yet. `items` are the page's. `passed_over` counts the items that a
    run of a part left aside, which are not among those read; `over` are the keys of those that it left aside for what
    the PIM has. `ignored` counts deletions that nothing is done about; `counted` are the keys of `tombstones` that count
    for the brake. `shown` are the keys that a page of a reading of everything shows, which `baseline` names and the first
    page `begins`. `weighed` are the items whose conflicts were looked for; `held` are the cells that are not written for
    one, and `told` those that are only told. `waiting` is how many items change in held cells alone. `again` are the
    keys of which this run had an earlier row, or heard of a deletion, that is out of date by now; `heirs` those that were
    parked and are looked at once more. `starts_over`: it is the first page after the cursor expired, and all rows before it
    are out of date. `marks` are those of the candidates that are written. `before` is what
    was parked of the items of a plan when it is applied, and `kept` what stays so.
    """

    read: int = 0
    passed_over: int = 0
    unchanged: int = 0
    changes: list[ItemChange] = field(factory=list[ItemChange])
    parked: list[ParkedItem] = field(factory=list[ParkedItem])
    closed: list[ErpKey] = field(factory=list[ErpKey])
    answered: list[ErpKey] = field(factory=list[ErpKey])
    skipped: list[ParkedItem] = field(factory=list[ParkedItem])
    entries: list[LedgerEntry] = field(factory=list[LedgerEntry])
    tombstones: list[ItemChange] = field(factory=list[ItemChange])
    counted: frozenset[ErpKey] = frozenset()
    ignored: int = 0
    shown: Sequence[ErpKey] = ()
    baseline: RunKind | None = None
    begins: bool = False
    late: list[ItemChange] = field(factory=list[ItemChange])
    unlinked: list[ParkedItem] = field(factory=list[ParkedItem])
    weighed: set[ErpKey] = field(factory=set[ErpKey])
    held: list[HeldCell] = field(factory=list[HeldCell])
    told: list[HeldCell] = field(factory=list[HeldCell])
    waiting: int = 0
    forgotten: list[ErpKey] = field(factory=list[ErpKey])
    again: set[ErpKey] = field(factory=set[ErpKey])
    heirs: Sequence[ErpKey] = ()
    starts_over: bool = False
    candidates: dict[ErpKey, Candidate] = field(factory=dict[ErpKey, "Candidate"])
    claims: dict[str, ErpKey] = field(factory=dict[str, ErpKey])
    items: Mapping[ErpKey, ErpItem] = field(factory=dict[ErpKey, ErpItem])
    over: set[ErpKey] = field(factory=set[ErpKey])
    marks: Sequence[Marked] = ()
    before: Mapping[ErpKey, ParkedItem] = field(factory=dict[ErpKey, ParkedItem])
    kept: list[ParkedItem] = field(factory=list[ParkedItem])

    def sampled(self, parked: Iterable[ParkedItem]) -> list[ParkedItem]:
        """Parked items with what the ERP said of them, for people who look after them."""
        # of those without a key nobody knows which of them it is
        return [evolve(one, sample=self._sample(one.key)) if one.key and not one.sample else one for one in parked]

    def _sample(self, key: ErpKey) -> Mapping[str, str]:
        if key in self.items:
            return self.items[key].sample()
        return self.before[key].sample if key in self.before else {}

    def weigh(self, one: Candidate) -> None:
        """Note what is held of an item; whatever becomes of the rest of it."""
        self.weighed.add(one.mapped.key)
        self.held += one.held

    def leave(self, one: Candidate, entry: LedgerEntry) -> None:
        """Nothing of the item is written: nothing has changed, or all that has is held."""
        self.waiting += bool(one.held)
        self.unchanged += not one.held
        self.answered.append(entry.key)
        self.entries.append(entry)

    def unhold(self, keys: Collection[ErpKey]) -> None:
        """Of what the PIM has lost nothing is held."""
        self.held = [one for one in self.held if one.key not in keys]

    def names(self) -> frozenset[str]:
        """The keys that the page is about, and the SKUs or codes of what it changes; see `name_of`."""
        named = (name_of(one.name) for one in self.candidates.values())
        entries = (one.key for one in self.entries)
        buried = (one.key for one in self.tombstones)
        return frozenset([*self.items, *named, *entries, *buried, *self.closed, *self.forgotten])

    def let_go(self) -> None:
        """Keep the items that may be parked yet: a page may wait for long, and most of its items have not changed."""
        needed = (*self.candidates, *(one.key for one in self.parked))
        self.items = {key: self.items[key] for key in needed if key in self.items}

    def pass_over(self, key: ErpKey) -> None:
        """An item that was read is left aside."""
        self.read -= 1
        self.passed_over += 1
        self.over.add(key)

    def claim(self, one: Candidate) -> ErpKey:
        """Who of this page is to have the product: the first item that can be written."""
        key = one.mapped.key
        if one.entry is not None:
            return key
        first = self.claims.setdefault(one.ref, key)
        return first if first != key else self.claims.setdefault(one.name.lower(), key)

    def twin(self, one: Candidate) -> ErpKey | None:
        """Who of this page has the same values to be known by as an item that is new, and came first."""
        first = next((self.claims[mark] for mark in one.marks if mark in self.claims), None)
        if first is None:
            self.claims |= dict.fromkeys(one.marks, one.mapped.key)
        return first if one.is_missing else None


@frozen
class Candidate:
    """An item that may have changed, on its way through the draft. `name` is its SKU or code.

    `held` are its cells that are not written, `told` those that are told, since a PIM user changed them. `marks` stand for
    the values by which rules of adoption know it.
    """

    mapped: Mapped
    fingerprint: str
    entry: LedgerEntry | None
    name: str
    base: Base = NEW
    ref: str = ""
    exists: bool = False
    held: Sequence[HeldCell] = ()
    told: Sequence[HeldCell] = ()
    marks: Sequence[str] = ()

    @property
    def is_missing(self) -> bool:
        """Whether the PIM has no product of it: it is new, or a PIM user deleted it, and it came back as a stub at most."""
        return not self.exists or self.base.is_stub


def change_of(one: Candidate, diff: Diff, context: str) -> ItemChange:
    """What is to be written of an item."""
    after = entry_of(one, diff, context)
    seal = ItemChange.seal_of(after, diff.changes)
    action: Action = "update" if one.exists else "create"
    files = {key: source for key, source in diff.files.items() if key in diff.changes}
    return ItemChange(one.mapped.key, action, diff.changes, after, seal, files)


def entry_of(one: Candidate, diff: Diff, context: str) -> LedgerEntry:
    """What the ledger holds of an item once it is written."""
    # what waits for its time is looked at again, though nothing changes in the ERP
    fingerprint = "" if diff.waits or one.held else one.fingerprint
    key, cells, stamps = one.mapped.key, diff.cells, still_taken(diff.stamps, diff.cells)
    return LedgerEntry(key, fingerprint, context, one.ref, cells, stamps, diff.shared, unlinked=diff.unlinked)
