"""What waits in a stream beside what a run has dealt with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync._drafts._drafter import Drafter
from akeneo_erp_bridge.sync._reading._baseline import Baseline
from akeneo_erp_bridge.sync._reading._reading import Reading
from akeneo_erp_bridge.sync._state import SyncState

ItemT = TypeVar("ItemT", bound=ErpItem)

_AT_ONCE: Final = 500  # parked items looked at together


def oldest(state: SyncState, stream: str) -> timedelta | None:
    """How long the oldest parked item waits."""
    since = state.oldest_parked(stream)
    # the clock may have been set back since then
    return max(datetime.now(UTC) - since, timedelta(0)) if since is not None else None


def unmet(
    state: SyncState,
    stream: str,
    run: str | None,
    drafter: Drafter[ItemT],
    reading: Reading[ItemT],
    baseline: Baseline[ItemT] | None,
    *,
    is_over: bool,
) -> int:
    """How many items are parked that a run has not met, or a plan, which leaves nothing in the state that would tell.

    Those that a plan of everything `is_over` without are no more: its run would close them.
    """
    if run is not None:
        return state.unmet(stream, run)
    if baseline is not None and is_over and reading.covers_all:
        return 0
    count = 0
    for keys in _lots(one.key for one in state.parked(stream)):
        met = drafter.looked_at(keys) if baseline is None else {ErpKey(one) for one in drafter.seen.among(keys)}
        left = [key for key in keys if key not in met | drafter.burial.heard(keys)]
        is_resumed = baseline is not None and is_over and baseline.kind is not None
        count += len(state.shown_among(stream, left)) if is_resumed else len(left)
    return count


def _lots(keys: Iterator[ErpKey]) -> Iterator[Sequence[ErpKey]]:
    while some := list(islice(keys, _AT_ONCE)):
        yield some
