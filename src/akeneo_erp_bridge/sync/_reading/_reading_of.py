"""The pass over the ERP that a run makes. Apart from `Reading`, which a relay has too: a relay knows nothing of the PIM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from akeneo_erp_bridge.erp import Cursor, ErpItem, ItemReader, Page
from akeneo_erp_bridge.sync._reading._reading import Reading
from akeneo_erp_bridge.sync._reading._scope import Scope
from akeneo_erp_bridge.sync._state import SyncState
from akeneo_erp_bridge.sync.options import SyncOptions

ItemT = TypeVar("ItemT", bound=ErpItem)


def reading_of(
    erp: ItemReader[ItemT],
    fields: frozenset[str],
    scope: Scope[ItemT],
    options: SyncOptions,
    state: SyncState,
    stream: str,
    context: str,
) -> Reading[ItemT]:
    """The pass that a run of this scope makes."""
    some, limit = scope.sieve, options.page_size
    if some is not None:
        return Reading[ItemT](lambda _: some.read(erp, fields, limit), None, covers_all=False)

    def read(since: Cursor | None) -> Iterator[Page[ItemT]]:
        return erp.read_items(since, fields=fields, limit=limit)

    # what was read under another mapping or structure is read again, to bring it up to date
    anew = options.retry_parked or options.conflicts.look == "all" or scope.reads == "all"
    return Reading[ItemT].resumed(read, state, stream, context, anew=anew)
