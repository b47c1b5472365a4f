"""What a sync remembers between runs: the protocol, and the records it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor

Wire: TypeAlias = JsonValue
"""A JSON value as it travels to the PIM."""


@frozen
class LedgerEntry:
    """What we last wrote for one item: the base of every comparison.

    `fingerprint` covers the ERP fields the mapping reads, `context` the mapping and the structure it was
    made under. `ref` is the product's UUID or code in the PIM. `cells` holds each written cell in
    canonical form; `stamps` the moment a reference value passed.
    """

    key: ErpKey
    fingerprint: str
    context: str
    ref: str
    cells: Mapping[str, Wire] = field(factory=dict[str, Wire])
    stamps: Mapping[str, Wire] = field(factory=dict[str, Wire])


@frozen
class ParkedItem:
    """An item that could not be written, with the reason in words. A later success closes it."""

    key: ErpKey
    code: str
    path: str
    detail: str
    fingerprint: str = ""
    context: str = ""

    def __str__(self) -> str:
        return f"{self.key or '(no key)'}: {self.path + ': ' if self.path else ''}{self.detail}"


@frozen
class Settled:
    """All that one page leaves behind; committed as one transaction, with the cursor.

    Without a cursor the page is not done: the next run reads it again.
    """

    entries: Sequence[LedgerEntry] = ()
    parked: Sequence[ParkedItem] = ()
    closed: Sequence[ErpKey] = ()
    forgotten: Sequence[ErpKey] = ()
    cursor: Cursor | None = None


@frozen
class RunRecord:
    """One line of the run history."""

    run_id: str
    stream: str
    started: datetime
    ended: datetime | None
    counts: Mapping[str, int]


class SyncState(Protocol):
    """Where a sync keeps its memory. `SqliteState` is the default.

    A *stream* is one path of data, such as ``"products"``; streams do not see each other.
    """

    def cursor(self, stream: str) -> Cursor | None:
        """The last cursor whose pages are all settled."""
        ...

    def entries(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """The ledger entries that exist for these keys."""
        ...

    def ledger_size(self, stream: str) -> int:
        """How many items the ledger holds."""
        ...

    def intend(self, stream: str, refs: Mapping[ErpKey, str]) -> None:
        """Durably bind keys to the PIM references they are about to be created under."""
        ...

    def intents(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, str]:
        """The references intended for these keys, whether or not the creation was heard of."""
        ...

    def settle(self, stream: str, settled: Settled) -> None:
        """Commit what became of a page, and its cursor, in one transaction."""
        ...

    def parked(self, stream: str) -> Iterator[ParkedItem]:
        """The items parked now, by key."""
        ...

    def parked_among(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, ParkedItem]:
        """The parked ones among these keys."""
        ...

    def forget(self, stream: str) -> None:
        """Drop the cursor, so that the next run reads everything; the ledger stays."""
        ...

    def record_run(self, record: RunRecord) -> None:
        """Add a line to the run history."""
        ...

    def runs(self, stream: str) -> Iterator[RunRecord]:
        """The run history, newest first."""
        ...
