"""How much of its work a run does: all, a part, only what is new to the PIM, only what is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ItemReader, Page
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft
from akeneo_erp_bridge.sync._reading._choice import Only, Sieve
from akeneo_erp_bridge.sync._state import WRITES, LedgerEntry, ParkedItem, RunKind, Writes
from akeneo_erp_bridge.sync._targets._target import Found, Target

ItemT = TypeVar("ItemT", bound=ErpItem)

Reads: TypeAlias = Literal["new", "all"]
"""What a run reads of the ERP: what is new since the last one, or everything."""

_READS: Final[tuple[Reads, ...]] = ("new", "all")


def check_words(reads: Reads, writes: Writes) -> None:
    """Raises `MappingError` for words that are none: a program without a type checker may give any."""
    if reads not in _READS or writes not in WRITES:
        raise MappingError(f"a run takes reads={_READS} and writes={WRITES}, seen {reads!r} and {writes!r}")


class Part(Protocol[ItemT]):
    """What chooses items."""

    def read(self, erp: ItemReader[ItemT], fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The pages with the items, and perhaps others."""
        ...

    def takes(self, item: ItemT) -> bool:
        """Whether an item is chosen."""
        ...

    @property
    def covers(self) -> Callable[[ErpKey], bool]:
        """Whether a deletion is among what was chosen."""
        ...


@frozen
class Scope(Generic[ItemT]):
    """What was asked for. `is_whole`: all that the ERP reports is dealt with, so that the cursor may move.

    `bars` gives the keys of a page's items that a run which updates cannot bring to their place: a parent is missing.
    """

    reads: Reads = "new"
    writes: Writes = "both"
    sieve: Part[ItemT] | None = None
    label: str = ""
    choice: str = ""
    """The same for the same choice, whose label may be cut short."""
    bars: Callable[[Sequence[ItemT]], Collection[ErpKey]] | None = None

    @classmethod
    def of(cls, mapping: ItemMapping[ItemT], reads: Reads, only: Only[ItemT] | None, writes: Writes) -> Scope[ItemT]:
        """Raises `MappingError` for words that are none, and for a choice the items know nothing of."""
        check_words(reads, writes)
        if only is None:
            return cls(reads, writes)
        return cls(reads, writes, Sieve(only, mapping), only.label, only.digest)

    @property
    def is_whole(self) -> bool:
        return self.sieve is None and self.writes == "both"

    @property
    def part(self) -> str:
        """Under which name the state counts its deletions: whoever asks for the same part again does so under the same."""
        return "" if self.is_whole else f"{self.writes} {self.choice}".strip()

    @property
    def covers(self) -> Callable[[ErpKey], bool]:
        """Whether a deletion is among what was asked for."""
        if self.is_whole:
            return _everything
        return self.sieve.covers if self.sieve is not None and self.writes != "create" else _nothing

    def kind(self, *, covers_all: bool, expired: bool) -> RunKind:
        """What the run history calls it."""
        if self.sieve is not None:
            return "partial"
        if expired:
            return "rebaseline"
        return "full" if covers_all else "delta"

    # ---- items ----
    def sift(self, page: Page[ItemT], draft: Draft, context: str) -> Page[ItemT]:
        """What of a page the run looks at. The rest is counted, and leaves no trace."""
        if self.is_whole:
            draft.read = len(page.items)
            return page
        barred = self.bars(page.items) if self.bars is not None and self.writes == "update" else ()
        items = [one for one in page.items if one.key not in barred and self._takes(one, draft, context)]
        draft.read += len(items)
        draft.passed_over = len(page.items) - draft.read
        covers = self.covers
        return Page(items, [key for key in page.tombstones if covers(key)], page.resume)

    def _takes(self, item: ItemT, draft: Draft, context: str) -> bool:
        if self.sieve is None:
            return True
        try:
            return self.sieve.takes(item)
        except Exception as error:  # noqa: BLE001 - a test of a user's own may raise anything; the item is parked with the reason
            # its words are left out: they may hold a value of a hot or internal field
            seen = f"{self.label} raised {type(error).__name__}"
            draft.read += 1
            # without a fingerprint: a run that takes all items looks at this one
            one = ParkedItem(item.key, "choice_failed", "", f"{seen}; mend the test", "", context, item.sample())
            draft.parked.append(one)
            return False

    def leaves(self, entry: LedgerEntry | None, *, is_parked: bool) -> bool:
        """Whether an item is passed over for what the ledger says of it."""
        if self.writes == "create":
            return entry is not None
        # what was parked and never came in is not looked up again to learn that it is not there
        return self.writes == "update" and entry is None and is_parked

    def admitted(
        self,
        candidates: Sequence[Candidate],
        intents: Mapping[ErpKey, LedgerEntry],
        target: Target,
        cells: Mapping[str, Cell[str]],
    ) -> list[Candidate]:
        """Those that may be created, or updated."""
        if self.writes == "create":
            # what a run that died began to create is brought to its end
            return [one for one in candidates if not one.exists or one.mapped.key in intents]
        if self.writes == "update":
            absent = _absent([one.ref for one in candidates if one.exists and one.entry is not None], target, cells)
            return [one for one in candidates if one.exists and one.ref not in absent]
        return list(candidates)


def _absent(refs: Sequence[str], target: Target, cells: Mapping[str, Cell[str]]) -> Collection[str]:
    """What somebody deleted in the PIM, which an update would make anew; its lists lag behind, so each is asked for."""
    there: Mapping[str, Found] = target.read(refs, cells) if refs else {}
    return {ref for ref in refs if ref not in there and not target.has(ref)}


def _everything(_: ErpKey) -> bool:
    return True


def _nothing(_: ErpKey) -> bool:
    return False
