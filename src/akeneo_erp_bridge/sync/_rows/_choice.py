"""A part of flat rows: a row that is chosen brings its whole model along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ItemReader, Page
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import Group, Member, VariantMapping
from akeneo_erp_bridge.rules import shown
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._reading._choice import Only, Sieve
from akeneo_erp_bridge.sync._reading._scope import Reads, Scope
from akeneo_erp_bridge.sync._rows._records import folded
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._rows._text import read_row
from akeneo_erp_bridge.sync._state import Writes

ItemT = TypeVar("ItemT", bound=ErpItem)
M = TypeVar("M", bound=ErpItem)

_SLICE: Final = 500


class RowChoice(Generic[ItemT]):
    """The models and rows of one choice, on disk while the run lasts; without one, all of them.

    Raises `MappingError` for a choice that looks at a field which the rows' file does not keep.
    """

    def __init__(self, only: Only[ItemT] | None, mapping: VariantMapping[ItemT]) -> None:
        self._source = mapping.source
        self._only = only
        self._sieve = Sieve(only, mapping) if only is not None else None
        unread = sorted(self._sieve.paths - set(mapping.paths)) if self._sieve is not None else []
        if unread and only is not None:
            raise MappingError(
                f"{only.label} looks at {', '.join(map(repr, unread))}, which the mapping does not read; the rows of "
                "variants are chosen among those in their file, which keeps no other field"
            )
        self._marks = SeenKeys()

    def fill(self, store: RowStore) -> None:
        """Look through the rows, which are up to date by now."""
        only, sieve = self._only, self._sieve
        if only is None or sieve is None:
            return
        for key, text, model in store.rows_of(sorted(only.keys)) if only.keys else store.all_rows(_SLICE):
            if not self._takes(sieve, self._source(read_row(text)), only.label):
                continue
            mark = _row(key) if model is None else _model(model)
            if self._marks.meet([(mark, "")]) == [None] and model is not None:
                self._marks.meet([(_row(one.key), "") for one in store.living(model)])

    @staticmethod
    def _takes(sieve: Sieve[ItemT], item: ItemT, label: str) -> bool:
        try:
            return sieve.takes(item)
        except Exception as error:
            seen = f"{label} raised {type(error).__name__} on row {shown(item.key)}"
            raise MappingError(f"{seen}; mend the test") from error

    def models(self, reads: Reads, writes: Writes) -> Scope[Group[ItemT]]:
        """The part of a level of models."""
        return self._scope(reads, writes, lambda item: _model(str(item.row["parent"])))

    def products(self, reads: Reads, writes: Writes) -> Scope[Member[ItemT]]:
        """The part of the products."""
        return self._scope(reads, writes, lambda item: _row(item.key))

    def _scope(self, reads: Reads, writes: Writes, mark: Callable[[M], ErpKey]) -> Scope[M]:
        if self._only is None or self._sieve is None:
            return Scope(reads, writes)
        return Scope(
            reads,
            writes,
            sieve=_Marked(self._marks, mark, self._sieve.covers),
            label=self._only.label,
            choice=self._only.digest,
        )

    def close(self) -> None:
        """Give the temporary file back."""
        self._marks.close()


@frozen
class _Marked(Generic[M]):
    """The part of a stage: what hangs on a model or row that was marked."""

    marks: SeenKeys
    mark: Callable[[M], ErpKey]
    covers: Callable[[ErpKey], bool]

    def read(self, erp: ItemReader[M], fields: frozenset[str], limit: int) -> Iterator[Page[M]]:
        return erp.read_items(None, fields=fields, limit=limit)

    def takes(self, item: M) -> bool:
        return bool(self.marks.among([self.mark(item)]))


def _row(key: ErpKey) -> ErpKey:
    return ErpKey(f"row {key}")


def _model(code: str) -> ErpKey:
    return ErpKey(f"model {folded(code)}")
