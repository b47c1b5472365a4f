"""What is known of a plan's changes when they are to become true, and what is to become of each."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._changes import ItemChange
from akeneo_erp_bridge.sync._plans._appeared import Appearance
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._targets._target import Found


@frozen
class Known:
    """What is known of a batch now: ledger entries and open intents by key, and what the PIM has.

    `marks` are of the products that are to be deleted: see `Marks`. `appeared` says what the rules of adoption find.
    """

    entries: Mapping[ErpKey, LedgerEntry]
    intents: Mapping[ErpKey, LedgerEntry]
    owners: Mapping[str, LedgerEntry]
    named: Mapping[str, Found]
    there: Mapping[str, Found]
    marks: Mapping[str, Mapping[str, str]]
    appeared: Appearance


@frozen
class Judged:
    """What is to become of a change: it is sent, or it is in the PIM already, or it has moved."""

    change: ItemChange
    is_done: bool = False
    is_noted: bool = False
    """Whether the ledger knows that it is done."""
    reason: str = ""
    on: LedgerEntry | None = None
    """The entry it goes on from."""


@frozen
class Differences:
    """What the PIM holds now, against the plan: what moved, and whether all is as planned already."""

    moved: Mapping[str, str] = field(factory=dict[str, str])
    is_done: bool = False
