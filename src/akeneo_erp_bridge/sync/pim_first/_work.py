"""A product on its way to the ERP, and what becomes of some of them until it is settled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, ParkedItem, Wire
from akeneo_erp_bridge.sync.pim_first._placing import withheld
from akeneo_erp_bridge.sync.pim_first._tag import TagOutcome


@frozen
class Work:
    """A product that is to be looked for in the ERP, and perhaps to be written.

    `entry` is what stands when that is done, but for the ERP's key; `is_same`: it says what the one before it says.
    """

    product: Product
    entry: LedgerEntry
    known: LedgerEntry | None
    is_tagged: bool
    is_same: bool

    @property
    def ref(self) -> str:
        return str(self.entry.key)


@frozen
class Move:
    """What the PIM user is to see of a product; without an `outcome` its tag stays as it is."""

    product: Product
    outcome: TagOutcome | None
    reason: str = ""


@define
class Settling:
    """What becomes of some products, until it is settled."""

    entries: list[LedgerEntry] = field(factory=list[LedgerEntry])
    bound: list[LedgerEntry] = field(factory=list[LedgerEntry])
    unbound: list[ErpKey] = field(factory=list[ErpKey])
    unread: list[LedgerEntry] = field(factory=list[LedgerEntry])
    parked: list[ParkedItem] = field(factory=list[ParkedItem])
    closed: list[ErpKey] = field(factory=list[ErpKey])
    answered: list[ErpKey] = field(factory=list[ErpKey])
    moves: list[Move] = field(factory=list[Move])


def held_back(cells: Sequence[HeldCell]) -> dict[ErpKey, dict[str, Wire]]:
    """What is held is not told: it stays as the ERP was last told, until a person decides."""
    found: dict[ErpKey, dict[str, Wire]] = {}
    for one in cells:
        found.setdefault(one.key, {})[one.cell] = one.base
    return found


def hashed(wires: Mapping[str, Wire]) -> str:
    text = json.dumps(sorted(wires.items()), ensure_ascii=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def says_the_same(entry: LedgerEntry, fresh: LedgerEntry) -> bool:
    return (entry.fingerprint, entry.context) == (fresh.fingerprint, fresh.context)


def stamped(work: Work, stamps: Mapping[str, Wire]) -> Work:
    return evolve(work, entry=evolve(work.entry, stamps={**stamps, **work.entry.stamps}))


def news(known: LedgerEntry, fresh: LedgerEntry) -> frozenset[str]:
    """The cells that the ERP is to be told; all of them where it may not be as we left it."""
    told = {*known.cells, *fresh.cells} - withheld(fresh)  # what the template is told now, is not taken away here
    if known.context != fresh.context:
        return frozenset(told)
    return frozenset(key for key in told if known.cells.get(key) != fresh.cells.get(key))
