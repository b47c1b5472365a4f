"""What a simulated ERP keeps: rows, and in which order they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeAlias
from uuid import uuid4

from attrs import define, evolve, field, frozen

from akeneo_erp_bridge.classification import Hot
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpRef, WriteResult
from akeneo_erp_bridge.erp._paths import column_of
from akeneo_erp_bridge.errors import CursorExpired, ErpConflict, ErpRefused

RefusesRow: TypeAlias = "Callable[[Mapping[str, object]], str | None]"
"""Looks at a row as it would be after a write: the ERP's words where it refuses it, or `None`."""


@frozen
class Row:
    """One item. `born_by` is the idempotency key that it was made with."""

    values: Mapping[str, object]
    version: int = 1
    born_by: str | None = None


@define
class Changes:
    """Keys in the order of their last changes. A place in it is how many changes there were before."""

    name: str = field(factory=lambda: uuid4().hex)
    _log: list[ErpKey] = field(factory=list[ErpKey])
    _last: dict[ErpKey, int] = field(factory=dict[ErpKey, int])

    def add(self, key: ErpKey) -> None:
        """It changed just now."""
        self._last[key] = len(self._log)
        self._log.append(key)

    def after(self, place: int, limit: int) -> tuple[list[ErpKey], int]:
        """So many keys, at the most, whose last change came after a place; and the place behind them."""
        found = list(islice(self._after(place), limit))
        return found, self._last[found[-1]] + 1 if len(found) == limit else len(self._log)

    def _after(self, place: int) -> Iterator[ErpKey]:
        for at in range(place, len(self._log)):
            if self._last[self._log[at]] == at:
                yield self._log[at]

    def cursor(self, place: int) -> Cursor:
        """A place for an adapter to keep."""
        return Cursor("sequence", str(place), schema_hash=self.name)

    def place(self, since: Cursor | None) -> int:
        """The other way round. Raises `CursorExpired` for what is no place in here."""
        if since is None:
            return 0
        is_ours = (since.kind, since.schema_hash) == ("sequence", self.name)
        if not is_ours or not since.blob.isdecimal() or int(since.blob) > len(self._log):
            raise CursorExpired(f"the cursor {since.blob!r} is none of this simulated ERP; all is read again")
        return int(since.blob)


@define
class ErpTable:
    """The rows, and the changes of what is hot and of all else."""

    item: type[ErpItem]
    defaults: Mapping[str, object]
    refuses: RefusesRow | None
    numbers: Callable[[int], str] | None
    rows: dict[ErpKey, Row] = field(factory=dict[ErpKey, Row])
    cold: Changes = field(factory=Changes)
    hot: Changes = field(factory=Changes)
    _born: dict[str, ErpKey] = field(factory=dict[str, ErpKey])
    _made: int = 0

    @property
    def number(self) -> str:
        """The path of the key."""
        return self.item.key_spec().path

    @property
    def hot_columns(self) -> frozenset[str]:
        """The columns that hold what is hot."""
        return frozenset(column_of(one.path) for one in self.item.declared if one.temperature is Hot)

    def born(self, born_by: str) -> ErpRef | None:
        """The item that was made with this idempotency key."""
        key = self._born.get(born_by)
        return None if key is None else ErpRef(key, str(self.rows[key].version))

    def new(self, values: Mapping[str, object]) -> dict[str, object]:
        """What a new item of these values holds."""
        whole = {**self.defaults, **values}
        if self.numbers is not None and not self.item(whole).key:
            self._made += 1
            whole[self.number] = self.numbers(self._made)
        return whole

    # ---- what people do ----
    def put(self, key: ErpKey, values: Mapping[str, object], *, born_by: str | None = None) -> None:
        """An item, perhaps in the place of one that was there."""
        before = self.rows.get(key)
        row = Row(values, born_by=born_by)
        self._keep(key, row if before is None else evolve(before, values=values, version=before.version + 1))
        self._changed(key)

    def edit(self, key: ErpKey, values: Mapping[str, object]) -> None:
        """Some values of an item, perhaps its key."""
        row = self.rows[key]
        new = evolve(row, values={**row.values, **values}, version=row.version + 1)
        new_key = self.item(new.values).key
        if new_key != key:
            self.delete(key)
        self._keep(new_key, new)
        self._changed(new_key, {column_of(path) for path in values} if new_key == key else None)

    def delete(self, key: ErpKey) -> None:
        """An item, for good."""
        row = self.rows.pop(key)
        if row.born_by is not None:
            del self._born[row.born_by]
        self._changed(key)

    def _keep(self, key: ErpKey, row: Row) -> None:
        self.rows[key] = row
        if row.born_by is not None:
            self._born[row.born_by] = key

    def _changed(self, key: ErpKey, columns: set[str] | None = None) -> None:
        if columns is None or not columns <= self.hot_columns:
            self.cold.add(key)
        if columns is None or columns & self.hot_columns:
            self.hot.add(key)

    # ---- what adapters do ----
    def write(self, draft: Mapping[str, object], born_by: str, if_version: str | None) -> WriteResult:
        """Make the item of this idempotency key, or change it. Raises `ErpRefused` and `ErpConflict`."""
        known = self.born(born_by)
        if known is None:
            values = self.new(draft)
            key = self._judged(values, None)
            self.put(key, values, born_by=born_by)
        else:
            if if_version not in (None, known.version):
                who = f"{self.item.__name__} '{known.key}'"
                raise ErpConflict(f"{who} is at version {known.version}, not {if_version}; read it again")
            key = self._judged({**self.rows[known.key].values, **draft}, known.key)
            self.edit(known.key, draft)
        return WriteResult(ErpRef(key, str(self.rows[key].version)), created=known is None)

    def _judged(self, values: Mapping[str, object], known: ErpKey | None) -> ErpKey:
        key, words = self.item(values).key, None
        if not key:
            words = f"it needs a '{self.number}'"
        elif key != known and key in self.rows:
            words = "there is one already"
        elif self.refuses is not None:
            words = self.refuses(values)
        if words is not None:
            raise ErpRefused(f"{self.item.__name__} '{key}': {words}")
        return key
