"""A sample of the items of a stream, watched field by field: what an audit is made of."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar
from zlib import crc32

from attrs import field, frozen

from akeneo_erp_bridge.classification import Runs, Trace
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem

T = TypeVar("T")

_EVERY: Final = 2**32
"""No key has so high a rank."""

_ABSENT: Final = object()


@frozen
class WatchedItem:
    """One item of the sample: the fingerprint of the fields that are watched, and a trace of each.

    >>> day = datetime.fromisoformat("2026-06-10T03:00+00:00")
    >>> drill = WatchedItem(ErpKey("DR-18"), "f1", {"note": Trace.of("129,00 EUR", day), "name": Trace.of("Drill", day)})
    >>> {path: (one.look, one.changes) for path, one in drill.traces.items()}
    {'note': ('price', 0), 'name': ('', 0)}
    """

    key: ErpKey
    fingerprint: str
    traces: Mapping[str, Trace]


@frozen
class Watch:
    """All that a state remembers of one stream's sample.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> with SqliteState(":memory:") as state:
    ...     state.look("products", Looked([], [], {"name": Runs(9, 4, datetime.fromisoformat("2026-06-10T03:00+00:00"))}))
    ...     watch = state.watch("products")
    >>> watch.fields["name"].runs, watch.fields["name"].changed, len(watch.items)
    (9, 4, 0)
    """

    items: Mapping[ErpKey, WatchedItem] = field(factory=dict[ErpKey, WatchedItem])
    fields: Mapping[str, Runs] = field(factory=dict[str, Runs])


@frozen
class Looked:
    """What one finished run saw: the items that changed or are new, those that leave the sample, and the counts.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> observatory = Observatory(Watch(), ["name"], size=500)
    >>> observatory.meet([Drill({"number": "DR-18", "name": "Drill"})], [(ErpKey("DR-18"), "")])
    >>> looked = observatory.sum_up(datetime.fromisoformat("2026-06-10T03:00+00:00"), covers_all=True)
    >>> [one.key for one in looked.items], looked.fields["name"].runs  # nothing to compare with yet
    (['DR-18'], 0)
    """

    items: Sequence[WatchedItem]
    gone: Sequence[ErpKey]
    fields: Mapping[str, Runs]


class Observatory:
    """Watches the items of one run, and sums them up at its end.

    The sample are the items whose keys have the lowest check sums, at most *size*: the same ones in every run, a
    random choice among all, and no more memory for a million than for a thousand. A run that is killed is not counted.
    """

    def __init__(self, watch: Watch, paths: Sequence[str], *, size: int) -> None:
        self._watch = watch
        self._paths = tuple(paths)
        self._size = size
        self._lost: set[ErpKey] = set()
        self._met: dict[ErpKey, tuple[str, ErpItem]] = {}
        self._ranks: list[tuple[int, ErpKey]] = []
        known = [_rank(key) for key in watch.items]
        self._limit = max(known) if len(known) >= size > 0 else _EVERY if size else -1

    def meet(self, items: Sequence[ErpItem], rows: Sequence[tuple[ErpKey, str]]) -> None:
        """A page of items, with their keys and fingerprints; an empty fingerprint is made when it is needed."""
        limit = self._limit
        # one check sum an item is all that those outside the sample cost
        chosen = [at for at, (key, _) in enumerate(rows) if crc32(key.encode()) <= limit]
        for at in chosen:
            key, fingerprint = rows[at]
            if key:
                self._take(key, fingerprint, items[at])

    def _take(self, key: ErpKey, fingerprint: str, item: ErpItem) -> None:
        rank = _rank(key)
        if rank > self._limit:
            return  # the limit has fallen since the page was looked through
        if key not in self._met:
            heapq.heappush(self._ranks, (-rank, key))
        self._met[key] = (fingerprint, item)
        if len(self._met) > self._size:
            del self._met[heapq.heappop(self._ranks)[1]]
        if len(self._met) == self._size:
            self._limit = -self._ranks[0][0]

    def lose(self, keys: Sequence[ErpKey]) -> None:
        """Items that the ERP deleted."""
        self._lost.update(key for key in keys if key in self._watch.items)

    def sum_up(self, now: datetime, *, covers_all: bool) -> Looked:
        """What the run saw. An item that a run over everything did not meet is no more."""
        lost = self._lost | (self._watch.items.keys() - self._met.keys() if covers_all else set[ErpKey]())
        known = {key: one for key, one in self._watch.items.items() if key not in lost}
        sample = set(heapq.nsmallest(self._size, {*known, *self._met}, key=_rank))
        changed: set[str] = set()
        fresh: list[WatchedItem] = []
        for key in sample & self._met.keys():
            fingerprint, item = self._met[key]
            fingerprint = fingerprint or item.fingerprint(self._paths)
            before = known.get(key)
            if before is not None and before.fingerprint == fingerprint:
                continue
            after = WatchedItem(key, fingerprint, self._traces(item, before, now))
            changed |= {path for path, one in after.traces.items() if one.last == now}
            fresh.append(after)
        gone = [key for key in self._watch.items if key not in sample]
        return Looked(fresh, gone, {path: self._runs(path, changed, now) for path in self._paths})

    def _traces(self, item: ErpItem, before: WatchedItem | None, now: datetime) -> dict[str, Trace]:
        traces: dict[str, Trace] = {}
        row = item.shippable().narrowed(self._paths).row
        for path in self._paths:
            known, raw = before.traces.get(path) if before is not None else None, row.get(path, _ABSENT)
            if raw is _ABSENT:
                traces.update({path: known} if known is not None else {})
            else:
                traces[path] = Trace.of(raw, now) if known is None else known.then(raw, now)
        return traces

    def _runs(self, path: str, changed: set[str], now: datetime) -> Runs:
        known = self._watch.fields.get(path)
        if known is None:
            return Runs(0, 0, now)  # nothing to compare with yet
        return Runs(known.runs + 1, known.changed + (path in changed), now)


def _rank(key: ErpKey) -> int:
    return crc32(key.encode())
