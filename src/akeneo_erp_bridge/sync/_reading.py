"""The ERP's pages, from where the last run came to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from attrs import define

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, ItemReader, Page
from akeneo_erp_bridge.errors import CursorExpired

ItemT = TypeVar("ItemT", bound=ErpItem)


@define
class Reading(Generic[ItemT]):
    """One pass over an ERP. `covers_all`: it shows every item there is, so that what it does not show is no more."""

    erp: ItemReader[ItemT]
    fields: frozenset[str]
    limit: int
    since: Cursor | None
    covers_all: bool

    @classmethod
    def after(
        cls, since: Cursor | None, erp: ItemReader[ItemT], fields: frozenset[str], limit: int, *, is_finished: bool
    ) -> Reading[ItemT]:
        """A pass that begins at a cursor; a snapshot begins anew when the last one was finished."""
        covers_all = since is None or (since.kind == "snapshot" and is_finished)
        return cls(erp, fields, limit, since, covers_all)

    def pages(self) -> Iterator[Page[ItemT]]:
        """The pages; all of them where the ERP no longer knows the cursor."""
        try:
            yield from self.erp.read_items(self.since, fields=self.fields, limit=self.limit)
        except CursorExpired:
            # the ledger makes reading everything again cost reads, not writes
            self.covers_all = True
            yield from self.erp.read_items(None, fields=self.fields, limit=self.limit)

    def as_one_page(self) -> Iterator[Page[ItemT]]:
        """A tree is written as a whole, parents first; trees are small, unlike catalogs."""
        items: list[ItemT] = []
        dead: list[ErpKey] = []
        last: Page[ItemT] | None = None
        for last in self.pages():
            items += last.items
            dead += last.tombstones
        if last is not None:
            yield Page(items, dead, last.resume)
