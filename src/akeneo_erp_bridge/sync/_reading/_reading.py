"""The ERP's pages, from where the last run came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from attrs import define

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, Page
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.sync._state import SyncState

ItemT = TypeVar("ItemT", bound=ErpItem)


def _nothing() -> None:
    """Nobody has anything to forget."""


@define
class Reading(Generic[ItemT]):
    """One pass over an ERP. `covers_all`: it shows every item there is, so that what it does not show is no more.

    `expired`: the ERP no longer knew the cursor, so that all is read. `restarts` is called then: pages may have been
    given out before, and say nothing of what all of it shows.
    """

    read: Callable[[Cursor | None], Iterator[Page[ItemT]]]
    since: Cursor | None
    covers_all: bool
    expired: bool = False
    restarts: Callable[[], None] = _nothing

    @classmethod
    def resumed(
        cls,
        read: Callable[[Cursor | None], Iterator[Page[ItemT]]],
        state: SyncState,
        stream: str,
        context: str,
        *,
        anew: bool = False,
    ) -> Reading[ItemT]:
        """Goes on at the state's cursor; from the start where that was of another context, or *anew* is asked for.

        A snapshot begins anew by itself when the last one was finished.
        """
        since = None if anew else state.cursor(stream, context)
        covers_all = since is None or (since.kind == "snapshot" and state.is_finished(stream))
        return cls(read, since, covers_all)

    @property
    def goes_on(self) -> bool:
        """Whether it goes on behind pages that an earlier run has shown; a cursor that says no place begins anew."""
        return self.since is not None and bool(self.since.blob) and not self.covers_all

    def pages(self) -> Iterator[Page[ItemT]]:
        """The pages; all of them where the ERP no longer knows the cursor."""
        try:
            yield from self.read(self.since)
        except CursorExpired:
            # the ledger makes reading everything again cost reads, not writes
            self.covers_all = self.expired = True
            self.restarts()
            yield from self.read(None)

    def as_one_page(self) -> Iterator[Page[ItemT]]:
        """A tree is written as a whole, parents first; trees are small, unlike catalogs.

        What was deleted after it was given is left out, and so is all that was given before the cursor expired.
        """
        items: list[ItemT] = []
        dead: list[ErpKey] = []
        last: Page[ItemT] | None = None
        has_expired = self.expired
        for last in self.pages():
            if self.expired is not has_expired:
                items, has_expired = [], self.expired
            living = {one.key for one in last.items}
            dying = {key for key in last.tombstones if key not in living}
            items = [*(one for one in items if one.key not in dying), *last.items]
            dead = [*(key for key in dead if key not in living), *dying]
        if last is not None:
            yield Page(items, dead, last.resume)
