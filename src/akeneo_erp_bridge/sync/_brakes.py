"""When a run stops itself."""

from __future__ import annotations

from typing import Final

from attrs import define, frozen

from akeneo_erp_bridge.sync._drafted import Draft
from akeneo_erp_bridge.sync._state import SyncState
from akeneo_erp_bridge.sync.report import Tally


@frozen(kw_only=True)
class Brakes:
    """When a run stops itself. Shares, from 0 to 1, are of items read (parked) and of items in the ledger (deleted).

    The first is not applied before `after` items, which say little, the second not before ten, unless those are all.

    >>> tally = Tally(read=300, parked=45)
    >>> print(Brakes().reason(tally, Draft(), ledger_size=300))
    45 of 300 items are parked, more than 10%; mend the mapping or the ERP
    >>> print(Brakes(parked_share=0.2).reason(tally, Draft(), ledger_size=300))
    None
    """

    parked_share: float = 0.10
    deleted_share: float = 0.05
    after: int = 200

    def reason(self, tally: Tally, draft: Draft, ledger_size: int, *, missing: int = 0) -> str | None:
        """Why to stop before this page is written, or these missing items are taken for deleted; `None`: go on."""
        read, parked = tally.read + draft.read, tally.parked + len(draft.parked)
        if read >= self.after and parked > self.parked_share * read:
            return (
                f"{parked} of {read} items are parked, more than {self.parked_share:.0%}; mend the mapping or the ERP"
            )
        deleted = tally.tombstoned + len(draft.tombstones) + missing
        many = deleted >= 10 or deleted >= ledger_size > 1
        if many and deleted > self.deleted_share * ledger_size:
            told = "shows no longer what it had:" if missing else "reports"
            return (
                f"the ERP {told} {deleted} deletions of {ledger_size} known items, more than {self.deleted_share:.0%}; "
                "raise the brake if that is meant"
            )
        return None


BRAKES: Final = Brakes()


@define
class KnownItems:
    """How many items the ledger holds, asked only where deletions make it matter: to count takes time for each of them."""

    state: SyncState
    stream: str
    most: int = 0

    def at(self, draft: Draft, *, missing: int = 0) -> int:
        """The largest number that was seen, before deletions made it smaller."""
        if draft.tombstones or missing:
            self.most = max(self.most, self.state.ledger_size(self.stream))
        return self.most
