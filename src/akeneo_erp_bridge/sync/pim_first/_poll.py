"""Which products are to be looked at: those that are tagged, and the bound ones that changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import define, field

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Product as ProductFilter
from akeneo_erp_bridge.catalog import JsonValue, Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._state import Settled, SyncState
from akeneo_erp_bridge.sync.pim_first._shelf import lots, ref_of, search
from akeneo_erp_bridge.sync.pim_first._tag import Tag

_SLICE: Final = 500


@define
class Poll:
    """One look at the PIM, from where the last one came to.

    The cursor is a moment of the PIM's own clock, with its offset: the latest change that was seen, less the time that the
    look took, since what changed during it may have been missed. The next look begins *overlap* before it: the PIM's
    search lags behind its writes. Nothing is asked for by channel: that would leave products out. Of the products that
    changed, one of the *attributes* is read, since nobody looks at them here.
    """

    pim: AkeneoClient
    tag: Tag
    state: SyncState
    stream: str
    context: str
    overlap: timedelta
    attributes: tuple[str, ...]
    since: datetime | None = field(default=None, init=False)
    _newest: datetime | None = field(default=None, init=False)
    _started: float = field(factory=time.monotonic, init=False)

    def begin(self, *, anew: bool) -> None:
        """From the start where *anew* is asked for, or what goes out is mapped otherwise now."""
        cursor = None if anew else self.state.cursor(self.stream, self.context)
        self.since = datetime.fromisoformat(cursor.blob) if cursor is not None else None
        self._started = time.monotonic()

    @property
    def after(self) -> datetime | None:
        """What changed after it is to be looked at."""
        return None if self.since is None else self.since - self.overlap

    def run(self, take: Callable[[Sequence[str]], None], begun: Iterable[Sequence[str]]) -> None:
        """Hand all that is to be looked at over, some at a time and each once; first what a killed run had *begun*."""
        after = self.after
        # before the first one is: what is bound on the way needs no second look
        is_any_bound = self.state.ledger_size(self.stream) > 0
        with closing(SeenKeys()) as seen:

            def once(refs: Sequence[str]) -> None:
                keys = [ErpKey(ref) for ref in refs]
                first = seen.meet([(key, "") for key in keys])
                take([str(key) for key, met in zip(keys, first, strict=True) if met is None])

            for some in begun:
                once(some)
            for some in lots(self.tag.find(self.pim, after), _SLICE):
                once(some)
            if not is_any_bound:
                return  # nothing that changes is of interest
            for some in lots(self._changed(after), _SLICE):
                once(list(self.state.entries(self.stream, [ErpKey(ref) for ref in some])))

    def met(self, product: Product) -> None:
        """A product as the PIM has it: its stamp counts."""
        if product.updated is not None and (self._newest is None or product.updated > self._newest):
            self._newest = product.updated

    def settle(self, run: str) -> None:
        """All of it is dealt with: the next look goes on here."""
        if self._newest is None:
            return
        reached = self._newest - timedelta(seconds=time.monotonic() - self._started)
        if self.since is not None:
            reached = max(reached, self.since)
        # a clock of the PIM that was ahead and is set back must not hide what changes until it has come there again
        reached = min(reached, datetime.now(reached.tzinfo))
        cursor = Cursor("timestamp", reached.isoformat())
        self.state.settle(self.stream, Settled(cursor=cursor, context=self.context, run=run))

    def _changed(self, after: datetime | None) -> Iterator[str]:
        where: Mapping[str, JsonValue] = (
            {} if after is None else ProductFilter.updated.since(after, zone=after.tzinfo or UTC)
        )
        for product in search(self.pim, where, attributes=self.attributes[:1]):
            self.met(product)
            yield ref_of(product)
