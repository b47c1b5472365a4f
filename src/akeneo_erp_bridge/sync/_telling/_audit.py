"""`audit`: what runs observed of an item class, beside what it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from akeneo_erp_bridge.classification import Audit, Declared, Volatility, Yardstick, judge, sum_up, warmest
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync._state import SyncState

_USUAL: Final = Yardstick()


def audit(
    state: SyncState, stream: str | Sequence[str], item_class: type[ErpItem], *, yardstick: Yardstick = _USUAL
) -> Audit:
    r"""How warm the fields of an item class turned out to be, in what the runs of one or more streams saw.

    Each finished run looks at the same sample of items, so the first run says nothing, and a verdict needs some more.
    Fields that no rule and no feed reads are not observed, internal ones never.

    >>> from datetime import UTC, datetime, timedelta
    >>> from akeneo_erp_bridge.classification import Runs, Trace
    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.sync import Looked, SqliteState, WatchedItem
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     note = cold(str, "note")
    >>> day, later = datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC)
    >>> seen = {"note": Trace.of("129,00 EUR", day).then("119,00 EUR", later)}
    >>> with SqliteState(":memory:") as state:
    ...     state.look("products", Looked([WatchedItem(ErpKey("DR-18"), "f2", seen)], [], {"note": Runs(9, 4, later)}))
    ...     print(*audit(state, "products", Article).findings, sep="\n")
    note: declared cold, and 100 % of its values read like a price with its currency; declare it hot, and a price for PIM users by reference(...)
    note: declared cold, changed in 44 % of 9 runs, and a value lasts 10 days; declare it hot, or find out what changes it
    """
    streams = [stream] if isinstance(stream, str) else stream
    observed = warmest(_volatility(state, one) for one in streams)
    declared = [Declared(one.name, one.path, one.temperature) for one in item_class.specs.values()]
    return judge(item_class.__name__, declared, observed, yardstick)


def _volatility(state: SyncState, stream: str) -> Mapping[str, Volatility]:
    watch = state.watch(stream)
    return {
        path: sum_up((one.traces[path] for one in watch.items.values() if path in one.traces), runs)
        for path, runs in watch.fields.items()
    }
