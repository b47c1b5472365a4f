"""Pages of one file of a folder, with its deletions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._files._columns import Columns, Undeclared
from akeneo_erp_bridge.erp._files._folder_cursor import Mark
from akeneo_erp_bridge.erp._files._inbox import Found
from akeneo_erp_bridge.erp._files._table import FileFormat
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp.interfaces import Page
from akeneo_erp_bridge.errors import ErpUnreachable

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Deletions:
    """How files say that items are gone: by values of columns, or because the whole file is about such items."""

    columns: Mapping[str, Collection[str]]
    pattern: str | None

    def is_about(self, name: str) -> bool:
        """Whether all rows of a file are deletions."""
        return self.pattern is not None and fnmatchcase(name, self.pattern)

    def has(self, row: Mapping[str, object]) -> bool:
        """Whether one row is."""
        return any(str(row.get(name, "")).strip() in values for name, values in self.columns.items())


class Pager(Generic[ItemT]):
    """Makes pages of at most `limit` items; a page is of one file."""

    def __init__(
        self,
        item: type[ItemT],
        columns: Columns,
        deletions: Deletions,
        undeclared: Undeclared,
        fields: frozenset[str],
        limit: int,
    ) -> None:
        self._item = item
        self._key = item.key_spec().path
        self._columns = columns
        self._deletions = deletions
        self._undeclared = undeclared
        self._fields = fields
        self._limit = limit
        self._given: Found | None = None

    def has_given(self, one: Found) -> bool:
        """Whether a page of this file is out."""
        return self._given == one

    def pages(self, one: Found, file_format: FileFormat, mark: Mark) -> Iterator[Page[ItemT]]:
        """The rows of a file behind those that the mark has; what was read before an error of the file comes too."""
        is_about_deletions = self._deletions.is_about(one.path.name)
        wanted = set[str]() if is_about_deletions else {*self._fields, *self._deletions.columns}
        start = mark.line_of(one)
        batch = _Batch[ItemT]()
        with file_format.opened(one.path, self._columns.spellings(sorted({self._key, *wanted}))) as table:
            self._undeclared.tell(table.name, self._columns.places(table))
            rows = self._columns.rows(table, wanted, self._item, may_lack=one.is_archived)
            while True:
                try:
                    number, row = next(rows, (0, dict[str, object]()))
                except Exception:
                    if batch.count:
                        yield self._page(one, batch, mark)
                    raise
                if not number:
                    break
                if number <= start:
                    continue
                item = self._item(row)
                is_deletion = is_about_deletions or self._deletions.has(row)
                if batch.count == self._limit or batch.contradicts(item.key, is_deletion=is_deletion):
                    yield self._page(one, batch, mark)
                    batch = _Batch[ItemT]()
                batch.add(item, number, is_deletion=is_deletion)
        if not one.is_same():
            raise ErpUnreachable(f"{one.path.name} changed while it was read; the next run reads it again")
        if batch.count:
            yield self._page(one, batch, mark)

    def _page(self, one: Found, batch: _Batch[ItemT], mark: Mark) -> Page[ItemT]:
        self._given = one
        return Page(batch.items, batch.tombstones, mark.within(one, batch.last).cursor())


class _Batch(Generic[ItemT]):
    """What goes onto one page, where a key is either there or gone."""

    def __init__(self) -> None:
        self.items: list[ItemT] = []
        self.tombstones: list[ErpKey] = []
        self.last = 0
        self._is_gone: dict[ErpKey, bool] = {}

    @property
    def count(self) -> int:
        return len(self.items) + len(self.tombstones)

    def contradicts(self, key: ErpKey, *, is_deletion: bool) -> bool:
        """Whether the page says the opposite about a key; the order of rows is lost within a page."""
        return self._is_gone.get(key, is_deletion) is not is_deletion

    def add(self, item: ItemT, number: int, *, is_deletion: bool) -> None:
        """Take on a row; a deletion without a key is given out as an item, which is parked with what is wrong."""
        self.last = number
        if is_deletion and item.key:
            self.tombstones.append(item.key)
        else:
            self.items.append(item)
        if item.key:
            self._is_gone[item.key] = is_deletion
