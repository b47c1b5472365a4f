"""How a run behaves."""

from __future__ import annotations

from attrs import field, frozen

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.sync._brakes import BRAKES, Brakes
from akeneo_erp_bridge.sync._conflicts._policy import Conflicts
from akeneo_erp_bridge.sync._drafts._deletions import DISABLE, Deletions
from akeneo_erp_bridge.sync._drafts._matching import Adopt
from akeneo_erp_bridge.sync._whole import at_least

__all__ = ["SyncOptions"]


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
    Raises `ConfigurationError` for numbers that can be none of these.

    >>> options = SyncOptions(stream="drills", brakes=Brakes(parked_share=0.02), deletions=Deletions.categorise("discontinued"))
    >>> options.stream, options.brakes.parked_share, options.deletions.action, options.page_size
    ('drills', 0.02, 'categorise', 500)
    """

    stream: str | None = None
    page_size: int = field(default=500, validator=at_least(1))
    retry_parked: bool = False
    baseline: PimStructure | None = field(default=None, repr=False)
    adopt: Adopt = field(factory=Adopt)
    conflicts: Conflicts = field(factory=Conflicts)
    watched: int = field(default=500, validator=at_least(0))
    brakes: Brakes = BRAKES
    deletions: Deletions = DISABLE
