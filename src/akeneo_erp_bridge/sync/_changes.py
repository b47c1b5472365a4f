"""What changes: an item, its cells, and what was known when the change was planned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.mapping import MediaSource
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync.report import PassedReference

Action: TypeAlias = Literal["create", "update", "delete"]
"""What a change does; what the ERP deleted is an update too, unless the product is to be deleted, which has no cells."""


@frozen
class CellChange:
    """One cell: what it held, what it will hold, by which rule, and what was done to the value.

    `old` is in canonical form, `new` as it travels; of a list that we share with others, `old` is our part.

    >>> change = CellChange("name[en_US]", old="Drill", new="Cordless drill", rule="name", notes=("trimmed",))
    >>> f"{change.cell}: {change.old!r} -> {change.new!r} by {change.rule} ({', '.join(change.notes)})"
    "name[en_US]: 'Drill' -> 'Cordless drill' by name (trimmed)"
    """

    cell: str
    old: JsonValue
    new: JsonValue
    rule: str
    notes: tuple[str, ...] = ()
    reference: PassedReference | None = None


@frozen
class PlanBase:
    """What a planned change rests on, for `ErpToPim.apply` to see whether it still holds.

    `key` is the item whose ledger entry the change goes on from: another than its own where the ERP renumbered it.
    `ledger` and `intent` are check sums of that entry and of what a killed run left open, empty where there is none.
    `pim` is what the PIM held in the changed cells, in canonical form and of shared lists the whole; `None` where the
    item was not in the PIM. `marks` is there for a product that would be deleted: a check sum for each place of it, none
    where it was not in the PIM. Plans from before this was looked at have `None`.

    >>> base = PlanBase(ErpKey("DR-18"), ledger="5f0c", intent="", pim={"name[en_US]": "Drill"})
    >>> base.pim == {"name[en_US]": "Cordless drill"}  # a PIM user changed it since: `apply` refuses the item
    False
    """

    key: ErpKey
    ledger: str
    intent: str
    pim: Mapping[str, JsonValue] | None
    marks: Mapping[str, str] | None = None


@frozen
class ItemChange:
    """All cells of one item that change. Made and sealed by the engine from a mapping.

    `after` is the ledger entry that stands when the PIM has taken it; its `ref` is the product's UUID or the
    category's code. `seal` covers mapping, key, reference and cells: the writer refuses a change whose seal does
    not fit. `files` says where the content of the cells is that hold files. `is_late`: these are links whose targets
    came after the item, or cells that were held. `base` is there in a plan.

    >>> after = LedgerEntry(ErpKey("DR-18"), "f1", "c1", ref="drill", gone=True)
    >>> off = ItemChange(after.key, "update", {"enabled": CellChange("enabled", True, False, "deletions")}, after)
    >>> off.ref, off.word, off.is_deletion
    ('drill', 'disable', True)
    """

    key: ErpKey
    action: Action
    cells: Mapping[str, CellChange]
    after: LedgerEntry
    seal: str = ""
    files: Mapping[str, MediaSource] = field(factory=dict[str, MediaSource], eq=False)
    is_late: bool = False
    base: PlanBase | None = None

    @property
    def ref(self) -> str:
        """What the PIM knows the item by."""
        return self.after.ref

    @property
    def is_deletion(self) -> bool:
        """Whether it is made since the ERP deleted the item."""
        return self.after.gone or self.action == "delete"

    @property
    def word(self) -> str:
        """What is done, in a word: create, update, disable, categorise, delete."""
        if not self.is_deletion or self.action == "delete":
            return self.action
        return "disable" if "enabled" in self.cells else "categorise"

    @staticmethod
    def seal_of(after: LedgerEntry, cells: Mapping[str, CellChange], *, deletes: bool = False) -> str:
        """The seal of these cells for one item, under one mapping and structure; or of its deletion.

        It survives JSON: a tuple is a list there, and a number has its digits, whatever type holds it.
        """
        new = [(name, one.new if one.new.__class__ is str else _plain(one.new)) for name, one in sorted(cells.items())]
        return _digest(repr((after.context, after.key, after.ref, "delete" if deletes else new)))


def digest_of_entry(entry: LedgerEntry | None) -> str:
    """A check sum of all that the ledger says of an item; empty for nothing."""
    if entry is None:
        return ""
    parts = (entry.cells, entry.stamps, entry.shared, entry.unlinked)
    # sorted, as the state stores them
    told = [json.dumps(_plain(dict(part)), sort_keys=True) for part in parts]
    return _digest(repr((entry.key, entry.fingerprint, entry.context, entry.ref, entry.gone, told)))


def check_sum(value: JsonValue) -> str:
    """The same for equal JSON."""
    return _digest(json.dumps(_plain(value), sort_keys=True))


_PLAIN: Final = frozenset({str, bool, type(None)})


def _plain(value: JsonValue) -> JsonValue:
    """The same for equal JSON, whichever types hold it."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return f"\0{number_text(value)}" if isinstance(value, int | float | Decimal) else value


def number_text(number: float | Decimal) -> str:
    """The digits of a number as JSON has them; raises `ValueError` for what is none there.

    >>> number_text(Decimal("12.50")), number_text(0.1), number_text(7)
    ('12.50', '0.1', '7')
    """
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not exact.is_finite():
        raise ValueError(f"{number!r} is no number that JSON can hold")
    return str(exact)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
