"""The brakes of one run, with what runs before it have deleted and did not come to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem
from akeneo_erp_bridge.sync._brakes import Brakes
from akeneo_erp_bridge.sync._drafts._deletions import Burial
from akeneo_erp_bridge.sync._drafts._draft import DELETION, Draft
from akeneo_erp_bridge.sync._reading._reading import Reading
from akeneo_erp_bridge.sync._reading._scope import Scope
from akeneo_erp_bridge.sync._state import DeletionCount, SyncState
from akeneo_erp_bridge.sync._targets._target import Verdict
from akeneo_erp_bridge.sync.report import Tally

ItemT = TypeVar("ItemT", bound=ErpItem)


@runtime_checkable
class Foreteller(Protocol):
    """A reader that can name all deletions behind a cursor before it is read: the rows of variants, in their file."""

    def deletions(self, since: Cursor | None) -> Iterator[Sequence[ErpKey]]:
        """The keys, some hundred at a time."""
        ...


def foretold(erp: object, reading: Reading[ItemT], burial: Burial[ItemT], scope: Scope[ItemT]) -> int:
    """How many deletions are behind the cursor, where that can be told before they are read; 0 where it cannot."""
    if not isinstance(erp, Foreteller):
        return 0
    lots = erp.deletions(None if reading.expired else reading.since)
    return sum(len(burial.touched([key for key in keys if scope.covers(key)])) for keys in lots)


class Braking:
    """Counts the deletions of one run, and says when to stop.

    A deletion counts once, when the PIM has answered: one that it refused, and that is tried again, has counted. Of
    `part` the count is kept; those of `beside` are held against it too.
    """

    def __init__(
        self, brakes: Brakes, state: SyncState, stream: str, part: str = "", *, beside: Sequence[str] = ()
    ) -> None:
        self._brakes = brakes
        self._state = state
        self._stream = stream
        self._part = part
        self._beside = beside
        self._counts: Sequence[DeletionCount] = ()  # of this part and those beside it, before this run
        self._known = 0
        self._drafted = 0
        self._settled = 0
        self._foretell: Callable[[], int] | None = None
        self._foretold = 0

    def foresee(self, count: Callable[[], int]) -> None:
        """How many deletions there are to come is asked for when the first of them has come."""
        self._foretell = count

    # ---- before ----
    def reason(self, tally: Tally, draft: Draft) -> str | None:
        """Why to stop before this page is written; `None`: go on."""
        read, parked = tally.read + draft.read, tally.parked + len(draft.parked)
        return self._brakes.at_parked(parked, read=read) or self._at_deletions(draft)

    def reason_for_missing(self, tally: Tally, missing: int) -> str | None:
        """Why to stop before so many items that a reading has not shown are taken for deleted."""
        if not missing:
            return None
        reason = self._brakes.at_parked(tally.parked, read=tally.read)
        return reason or self._over(self._drafted + missing, verb="shows no longer what it had:")

    def reason_for_all(self, keys: Sequence[ErpKey]) -> str | None:
        """Why not to begin with these deletions, which are all."""
        fresh = self._fresh(keys)
        return self._over(len(fresh)) if fresh else None

    def let_through(self, draft: Draft) -> Draft:
        """The same draft, whose deletions count from now on."""
        draft.counted = self._fresh([one.key for one in draft.tombstones])
        self._drafted += len(draft.counted)
        return draft

    # ---- behind ----
    def settled(self, draft: Draft, verdicts: Iterable[Verdict]) -> DeletionCount | None:
        """What is to be kept with a page, whose deletions the PIM has answered; `None`: as it was."""
        if not draft.counted:
            return None
        answered = sum(one.cause is None and one.change.key in draft.counted for one in verdicts)
        self._settled += answered
        own = self._before()[0]
        return (
            evolve(own, deletions=own.deletions + self._settled, known=max(own.known, self._known))
            if answered
            else None
        )

    def over(self) -> None:
        """The run of a part came to its end."""
        if self._settled or self._before()[0].deletions:
            self._state.finish_part(self._stream, self._part)

    # ---- inside ----
    def _at_deletions(self, draft: Draft) -> str | None:
        if not draft.tombstones:
            return None
        if self._foretell is not None:
            self._foretold, self._foretell = self._foretell(), None
        self.let_through(draft)
        return self._over(max(self._drafted, self._foretold)) if draft.counted else None

    def _over(self, deleted: int, *, verb: str = "reports") -> str | None:
        before = self._before()
        # to count takes time for each item, and deletions have made the number smaller since
        self._known = max(self._known, self._state.ledger_size(self._stream), *(one.known for one in before))
        earlier = sum(one.deletions for one in before)
        return self._brakes.at_deletions(deleted, earlier=earlier, known=self._known, verb=verb)

    def _before(self) -> Sequence[DeletionCount]:
        if not self._counts:
            self._counts = [self._state.deletions(self._stream, one) for one in (self._part, *self._beside)]
        return self._counts

    def _fresh(self, keys: Sequence[ErpKey]) -> frozenset[ErpKey]:
        """Those that have not counted yet."""
        parked = self._state.parked_among(self._stream, keys) if keys else {}
        return frozenset(key for key in keys if key not in parked or parked[key].code != DELETION)
