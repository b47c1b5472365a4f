"""Whether what does not fit is the PIM's doing, or the mapping's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import ItemMapping, Misfit

ItemT = TypeVar("ItemT", bound=ErpItem)


def is_drift(misfits: Sequence[Misfit], mapping: ItemMapping[ItemT], baseline: PimStructure | None) -> bool:
    """Whether a run may go on without these: each concerns a cell that fits the baseline."""
    if not misfits or baseline is None:
        return not misfits
    never_fitted = {one.cell for one in mapping.preflight(baseline)}
    return all(one.severity != "abort" and one.cell not in never_fitted for one in misfits)
