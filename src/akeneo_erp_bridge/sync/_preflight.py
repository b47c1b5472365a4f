"""What a job checks before it begins: its mapping and its options, against the PIM and the ERP."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import TypeAlias, TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.erp import ErpItem, ItemReader
from akeneo_erp_bridge.errors import PreflightFailed
from akeneo_erp_bridge.mapping import EntityMapping, ItemMapping, Misfit
from akeneo_erp_bridge.sync._drafts._deletions import check_deletions
from akeneo_erp_bridge.sync._drift import is_drift
from akeneo_erp_bridge.sync._links._types import check_link_types
from akeneo_erp_bridge.sync._targets._records import entity_structure_of
from akeneo_erp_bridge.sync.options import SyncOptions

ItemT = TypeVar("ItemT", bound=ErpItem)

Checked: TypeAlias = tuple[PimStructure, Sequence[Misfit]]
"""The PIM's structure, and the cells that fit it no longer and are left out."""


def checked(erp: ItemReader[ItemT], mapping: ItemMapping[ItemT], pim: AkeneoClient, options: SyncOptions) -> Checked:
    """Raises `PreflightFailed` with every problem found, unless all of them are drift since the options' `baseline`."""
    options.conflicts.check(mapping)
    with _with_features(pim) if mapping.resource == "product" else nullcontext():
        structure = entity_structure_of(pim, mapping) if isinstance(mapping, EntityMapping) else pim.structure()
    misfits = [*mapping.preflight(structure, erp.describe()), *check_link_types(pim, mapping)]
    if mapping.resource == "product":
        misfits += check_deletions(options.deletions, mapping, pim)
    if not is_drift(misfits, mapping, options.baseline):
        raise PreflightFailed(misfits)
    options.adopt.check(mapping, structure)
    return structure, misfits


@contextmanager
def _with_features(pim: AkeneoClient) -> Generator[None]:
    """Ask what the PIM offers meanwhile: two requests that `target_of` would wait for. What fails here, it tells."""
    with ThreadPoolExecutor(1, thread_name_prefix="akeneo-features") as beside:
        beside.submit(lambda: pim.features)
        yield
