"""What a sync remembers between runs: the protocol, and the records it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, Protocol, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.sync._pages._plain import in_a_line
from akeneo_erp_bridge.sync._plans._difference import difference
from akeneo_erp_bridge.sync._telling._watch import Looked, Watch

Wire: TypeAlias = JsonValue
"""A JSON value as it travels to the PIM."""

RunKind: TypeAlias = Literal["full", "delta", "rebaseline", "partial", "apply"]
"""What a run read: everything, what was new, everything since the ERP no longer knew the cursor, a part, or a plan."""

KINDS: Final[tuple[RunKind, ...]] = ("full", "delta", "rebaseline", "partial", "apply")

Writes: TypeAlias = Literal["both", "create", "update"]
"""What a run may write: what the PIM does not have, what it has, or both."""

WRITES: Final[tuple[Writes, ...]] = ("both", "create", "update")


@frozen
class LedgerEntry:
    """What we last wrote for one item: the base of every comparison.

    `fingerprint` covers the ERP fields the mapping reads, `context` the mapping and the structure it was
    made under; an empty one makes the next run look at the item again. `ref` is the product's UUID or code in
    the PIM. `cells` holds each cell that is ours, in canonical form; `stamps` the moment a reference value
    passed, or the file the PIM refused; `shared` those members of a list that the ERP wants and that others had put
    there before. `unlinked` holds, for each cell of links of which a target was not in the PIM, all that the ERP wants
    there, by its own names: each run looks for them again. `gone`: the ERP deleted the item, and the product is
    put away for it, as `Deletions` says.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> drill = LedgerEntry(ErpKey("DR-18"), fingerprint="f1", context="c1", ref="drill", cells={"name[en_US]": "Drill"})
    >>> with SqliteState(":memory:") as state:
    ...     state.settle("products", Settled(entries=[drill]))
    ...     print(dict(state.owners("products", ["drill"])[0].cells), state.ledger_size("products"))
    {'name[en_US]': 'Drill'} 1
    """

    key: ErpKey
    fingerprint: str
    context: str
    ref: str
    cells: Mapping[str, Wire] = field(factory=dict[str, Wire])
    stamps: Mapping[str, Wire] = field(factory=dict[str, Wire])
    shared: Mapping[str, Wire] = field(factory=dict[str, Wire])
    gone: bool = False
    unlinked: Mapping[str, Wire] = field(factory=dict[str, Wire])


@frozen
class Marked:
    """A product that was sent, under a mark: a short text for a value by which a rule of adoption knows it.

    The PIM's lists lag behind, so that a search may not find it yet. `ref` is what the PIM knows it by.

    >>> with_gtin = Marked("by 4f2c9a1e6b7d8035", ErpKey("DR-18"), ref="7e0c53b8-1d52-4a0a-9a53-0b8f6b1f5d0e")
    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> with SqliteState(":memory:") as state:
    ...     state.intend("products", [], [with_gtin])
    ...     print(state.marked("products", [with_gtin.mark]) == [with_gtin])
    True
    """

    mark: str
    key: ErpKey
    ref: str


@frozen
class ParkedItem:
    """An item that could not be written, with the reason in words. A later success closes it.

    `path` is the place that is wrong: the ERP's fields and the cell, as in ``weight, unit -> weight``, or ``colour -> values/colour``
    where the PIM says so.
    Where several are, it is the first, and `detail` tells the others behind it, each with its place. `sample` holds what the ERP said in the fields that the
    mapping reads, shortened, without what is hot, internal or undeclared; on the way out, what the product says in the cells
    that go out. `since` is when the item was first parked; the state keeps it as long as the item stays parked.

    >>> print(ParkedItem(ErpKey("DR-18"), "not_a_number", "weight", "'ca. 2' is no number", sample={"weight": "ca. 2"}))
    DR-18: weight: 'ca. 2' is no number
    """

    key: ErpKey
    code: str
    path: str
    detail: str
    fingerprint: str = ""
    context: str = ""
    sample: Mapping[str, str] = field(factory=dict[str, str], eq=False)
    since: datetime | None = field(default=None, eq=False)

    def __str__(self) -> str:
        return in_a_line(f"{self.key or '(no key)'}: {self.path + ': ' if self.path else ''}{self.detail}")


@frozen
class HeldCell:
    """A cell that the ERP owns and a PIM user changed: both versions, and what we had left there.

    All three are in canonical form, and `wire` is the ERP's as it travels; of a list that we share with others, `base` and
    `pim` are the members that are ours; of a file, the hash of its content. The cell is not written until a person
    decides with `resolve`, or the two versions come to agree. `since` is when it was first held. Where `base` and `pim`
    are the same, it was decided that the ERP's version is to be written. Among those that a report only tells, `is_replaced`
    is one over which the ERP's version goes, and the others stay as the PIM user has them.

    >>> name = HeldCell(ErpKey("DR-18"), "name[en_US]", base="Drill", erp="Cordless drill", pim="Hammer drill")
    >>> print(name)
    DR-18: name[en_US]: 'Cordless drill' in the ERP, 'Hammer drill' in the PIM, 'Drill' before
    >>> name.diff
    '[-Hammer-]{+Cordless+} drill'
    """

    key: ErpKey
    cell: str
    base: Wire
    erp: Wire
    pim: Wire
    since: datetime | None = field(default=None, eq=False)
    wire: Wire = field(default=None, eq=False)
    is_replaced: bool = field(default=False, eq=False)

    @property
    def diff(self) -> str:
        """What would change in the PIM if the ERP's version were written, in words: ``[-gone-]`` and ``{+new+}``."""
        return difference(self.pim, self.erp)

    def __str__(self) -> str:
        versions = f"{self.erp!r} in the ERP, {self.pim!r} in the PIM, {self.base!r} before"
        return in_a_line(f"{self.key}: {self.cell}: {versions}")


@frozen
class DeletionCount:
    """Deletions that runs settled which did not come to their end yet; brakes count them with those of the next run.

    `known` is how many items the ledger held before the first of them. `part` is empty for runs of all that there is, and
    names others: what they count is kept apart.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> with SqliteState(":memory:") as state:
    ...     state.settle("products", Settled(deletions=DeletionCount(18, known=400)))
    ...     before = state.deletions("products", "")
    ...     _ = state.finish("products", "4f2c", covers_all=False)
    ...     print(before.deletions, state.deletions("products", "").deletions)
    18 0
    """

    deletions: int = 0
    known: int = 0
    part: str = ""


@frozen
class Settled:
    """All that one page leaves behind; committed as one transaction, with the cursor.

    `closed` keys are parked no longer, nor are those of `entries`. `answered` are the keys whose intents are done
    with; `forgotten` ones leave no trace. `held` takes the place of what was held of the items in `entries`, `parked`
    and `forgotten`, and of the same cells of others. Without a `cursor` the page is not done: the next run reads it
    again. `context` is what the cursor was reached under, `run` the run that read the page, `at` the moment. The keys that a page of a
    reading of everything has `shown` are kept until that has come to its end: `baseline` says which it is, and `begins`
    that nothing was shown before. `deletions` takes the place of the count that was kept for its part.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> drill = ParkedItem(ErpKey("DR-18"), "not_a_number", "weight", "'ca. 2' is no number")
    >>> with SqliteState(":memory:") as state:
    ...     state.settle("products", Settled(parked=[drill]))
    ...     state.settle("products", Settled(closed=[drill.key]))  # a later page had it right
    ...     print(list(state.parked("products")))
    []
    """

    entries: Sequence[LedgerEntry] = ()
    parked: Sequence[ParkedItem] = ()
    closed: Sequence[ErpKey] = ()
    answered: Sequence[ErpKey] = ()
    forgotten: Sequence[ErpKey] = ()
    cursor: Cursor | None = None
    context: str = ""
    run: str = ""
    held: Sequence[HeldCell] = ()
    shown: Sequence[ErpKey] = ()
    baseline: RunKind | None = None
    begins: bool = False
    deletions: DeletionCount | None = None
    at: datetime = field(factory=lambda: datetime.now(UTC))


@frozen
class RunRecord:
    """One line of the run history: a run that came to its end, or was stopped by a brake, or failed with an error.

    A run that was killed leaves none. `kind` is `None` for runs from before it was kept.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> at = datetime(2026, 6, 10, 3, tzinfo=UTC)
    >>> with SqliteState(":memory:") as state:
    ...     state.record_run(RunRecord("4f2c", "products", at, at.replace(minute=2), {"read": 300, "created": 12}, kind="full"))
    ...     print([(run.run_id, run.kind, run.ended - run.started, run.counts["created"]) for run in state.runs("products")])
    [('4f2c', 'full', datetime.timedelta(seconds=120), 12)]
    """

    run_id: str
    stream: str
    started: datetime
    ended: datetime | None
    counts: Mapping[str, int]
    stopped_by: str | None = None
    error: str | None = None
    kind: RunKind | None = None
    writes: Writes = "both"


class SyncState(Protocol):
    """Where a sync keeps its memory. `SqliteState` is the default.

    A *stream* is one path of data, such as ``"products"``; streams do not see each other.
    """

    def bind(self, stream: str, origin: str, *, claim: bool) -> None:
        """Raise `StateError` if the stream is another origin's; with *claim* it is this one's from now on.

        An origin is, for example, a PIM and a kind of items.
        """
        ...

    def cursor(self, stream: str, context: str) -> Cursor | None:
        """The last cursor whose pages are all settled; none if that was under another context."""
        ...

    def is_finished(self, stream: str) -> bool:
        """Whether the run that left the cursor came to its end."""
        ...

    def finish(self, stream: str, run: str, *, covers_all: bool) -> int:
        """The run came to its end: how many items are parked that it has not read.

        One that covers all that the ERP has closes those instead: they are no longer there. The deletions that were
        counted up to here are forgotten.
        """
        ...

    def finish_part(self, stream: str, part: str) -> None:
        """A run of a part came to its end: the deletions that were counted for it are forgotten, and nothing else."""
        ...

    def deletions(self, stream: str, part: str) -> DeletionCount:
        """The deletions settled since runs of this part last came to their end."""
        ...

    def unmet(self, stream: str, run: str) -> int:
        """How many items are parked that this run has not met."""
        ...

    def entries(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """The ledger entries that exist for these keys."""
        ...

    def owners(self, stream: str, refs: Sequence[str]) -> list[LedgerEntry]:
        """The ledger entries of these references in the PIM."""
        ...

    def unlinked(self, stream: str, context: str, after: str, limit: int) -> list[LedgerEntry]:
        """Entries of this context with links to what was not there, by key, from behind the key *after*."""
        ...

    def amend(self, stream: str, entries: Sequence[LedgerEntry]) -> None:
        """Put entries in the place of those of their keys, and leave all else as it is: nothing is closed."""
        ...

    def living(self, stream: str, after: str, limit: int) -> list[ErpKey]:
        """The keys of the items that the ledger holds and that are not gone, in order, from behind the key *after*."""
        ...

    def linked(self, stream: str, cell: str, after: str, limit: int) -> list[LedgerEntry]:
        """Entries of items that are not gone which may hold links in this cell, by key, from behind the key *after*."""
        ...

    def baseline(self, stream: str) -> RunKind | None:
        """The reading of everything that was begun, and did not come to its end yet."""
        ...

    def shown_among(self, stream: str, keys: Sequence[ErpKey]) -> set[ErpKey]:
        """Those of the keys that this reading has shown, in one run or several."""
        ...

    def ledger_size(self, stream: str) -> int:
        """How many items the ledger holds, without those that are gone."""
        ...

    def intend(self, stream: str, entries: Sequence[LedgerEntry], marks: Sequence[Marked] = ()) -> None:
        """Durably note what is about to be sent: the ledger entries that will stand when the PIM has taken it.

        And by which `marks` rules of adoption know it, beside those of before, for an hour.
        """
        ...

    def marked(self, stream: str, marks: Sequence[str]) -> list[Marked]:
        """What was intended under these marks within the hour; it may have been refused, or changed since."""
        ...

    def intents(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """What was intended for these keys, and perhaps sent, and not answered."""
        ...

    def open_intents(self, stream: str, after: str, limit: int) -> list[ErpKey]:
        """The keys of which something was intended and not answered, in order, from behind the key *after*."""
        ...

    def settle(self, stream: str, settled: Settled) -> None:
        """Commit what became of a page, and its cursor, in one transaction."""
        ...

    def parked(self, stream: str) -> Iterator[ParkedItem]:
        """The items parked now, by key."""
        ...

    def parked_before(self, stream: str, run: str) -> list[ParkedItem]:
        """The parked items that this run has not met."""
        ...

    def parked_among(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, ParkedItem]:
        """The parked ones among these keys."""
        ...

    def oldest_parked(self, stream: str) -> datetime | None:
        """Since when the item waits that is parked for the longest time."""
        ...

    def held(self, stream: str) -> Iterator[HeldCell]:
        """The cells held now, by key and cell. What was walked past may be settled on the way."""
        ...

    def held_among(self, stream: str, keys: Sequence[ErpKey]) -> list[HeldCell]:
        """The cells held of these items."""
        ...

    def forget(self, stream: str) -> None:
        """Drop cursor and origin, so that the next run reads everything; the ledger stays."""
        ...

    def watch(self, stream: str) -> Watch:
        """The sample of the stream's items that is watched for changes."""
        ...

    def look(self, stream: str, looked: Looked) -> None:
        """Add what a finished run saw of the sample."""
        ...

    def record_run(self, record: RunRecord) -> None:
        """Add a line to the run history."""
        ...

    def runs(self, stream: str) -> Iterator[RunRecord]:
        """The run history, newest first."""
        ...
