"""How a run behaves, and when it stops itself."""

from __future__ import annotations

from attrs import field, frozen

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.sync._conflicts import Conflicts
from akeneo_erp_bridge.sync._deletions import DISABLE, Deletions
from akeneo_erp_bridge.sync._drafted import Draft
from akeneo_erp_bridge.sync._matching import Adopt
from akeneo_erp_bridge.sync.report import Tally

__all__ = ["Brakes", "SyncOptions"]


@frozen(kw_only=True)
class Brakes:
    """When a run stops itself. Shares are of items read (parked) and of items in the ledger (deleted).

    The first is not applied before `after` items, which say little, the second not before ten, unless those are all.
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


@frozen(kw_only=True)
class SyncOptions:
    """How a run behaves. `stream` names its memory in the state; by default the mapping's, such as "products".

    `page_size` is in items. `retry_parked` reads everything, and sends parked items again though nothing changed.
    `baseline` is a structure that the mapping is known to fit. Cells that fit it and do not fit the PIM any more are
    left out and reported, and the run goes on without them; without a baseline, whatever does not fit stops the run.
    `deletions` is what becomes of a product whose item the ERP deleted: by default it is switched off.
    `adopt` finds products that are in the PIM already by more than their SKU: see `Adopt`.
    `conflicts` says what becomes of the ERP's cells that PIM users change: see `Conflicts`.
    `watched` is how many items are watched for the temperature audit, in each run the same; 0 watches none.
    """

    stream: str | None = None
    page_size: int = 500
    retry_parked: bool = False
    baseline: PimStructure | None = field(default=None, repr=False)
    adopt: Adopt = field(factory=Adopt)
    conflicts: Conflicts = field(factory=Conflicts)
    watched: int = 500
    brakes: Brakes = Brakes()
    deletions: Deletions = DISABLE
