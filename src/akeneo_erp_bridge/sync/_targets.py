"""The two kinds of things a mapping can write: products and categories."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from attrs import frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.akeneo import AkeneoClient, UpsertResult
from akeneo_erp_bridge.catalog import Category, CategoryPatch, JsonValue, ProductPatch
from akeneo_erp_bridge.codes import CategoryCode, LocaleCode, ProductUuid
from akeneo_erp_bridge.errors import BridgeError, NotFound
from akeneo_erp_bridge.mapping import PARENT
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._product_cells import product_cells, product_patch
from akeneo_erp_bridge.sync._waves import waves
from akeneo_erp_bridge.sync.plan import ItemChange

_SLICE = 100  # Akeneo's limit for IN on identifiers, and for a page


@frozen
class Found:
    """Something that is in the PIM already: its reference, and the raw data of the cells asked for."""

    ref: str
    cells: Mapping[str, JsonValue]


@frozen
class Verdict:
    """What the PIM said about one sent change; with a `cause` it said nothing, and the item is not at fault."""

    change: ItemChange
    ok: bool
    created: bool
    reason: str = ""
    cause: BridgeError | None = None


class Target(Protocol):
    """Where changes go."""

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        """What exists, by SKU or code in lower case."""
        ...

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        """What exists, by reference."""
        ...

    can_rename: bool
    """Whether a thing keeps its reference when its SKU or code changes."""

    def has(self, ref: str) -> bool:
        """Whether it is there, asked of the thing itself: the PIM's lists lag behind."""
        ...

    def new_ref(self, name: str, intended: str | None) -> str:
        """The reference a new thing of this name is created under, if a run that died had not intended another."""
        ...

    def discard(self, ref: str) -> None:
        """Take away what we have just made by mistake."""
        ...

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        """Write, and report on each change."""
        ...


class ProductTarget:
    """Products, keyed by UUID."""

    can_rename = True

    def __init__(self, pim: AkeneoClient, identifier: str) -> None:
        self._pim = pim
        self._identifier = identifier

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for some in _slices(names):
            where = {self._identifier: [{"operator": "IN", "value": some}]}
            for product in self._pim.products.list(where=where):
                sku = product.values.text(self._identifier)
                if sku is not None:
                    found[sku.lower()] = Found(str(product.uuid), product_cells(product, cells))
        return found

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for some in _slices(refs):
            for product in self._pim.products.list(where={"uuid": [{"operator": "IN", "value": some}]}):
                found[str(product.uuid)] = Found(str(product.uuid), product_cells(product, cells))
        return found

    def has(self, ref: str) -> bool:
        try:
            self._pim.products.get(ProductUuid(ref))
        except NotFound:
            return False
        return True

    def new_ref(self, name: str, intended: str | None) -> str:
        return intended or str(uuid.uuid4())  # the PIM takes no other version, so none can be made of the name

    def discard(self, ref: str) -> None:
        self._pim.products.delete(ProductUuid(ref))

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        patches = [product_patch(change, cells) for change in changes]
        for change, result in zip(changes, self._pim.products.upsert_many(patches), strict=True):
            yield _verdict(change, result)


class _Named(ABC):
    """What is known by its name: a reference that no other thing can take, and that never changes."""

    can_rename = False

    @abstractmethod
    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]: ...

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found = self.find(refs, cells)
        return {ref: found[ref.lower()] for ref in refs if ref.lower() in found}

    def has(self, ref: str) -> bool:
        return bool(self.find([ref], {}))

    def new_ref(self, name: str, intended: str | None) -> str:
        return name

    def discard(self, ref: str) -> None:
        raise AssertionError(f"{ref!r} is known by its name; there is no other of that name to be mistaken for it")


class IdentifierTarget(_Named):
    """Products of a PIM before 7.0, which knows no UUIDs: keyed by identifier, and looked up one by one."""

    def __init__(self, pim: AkeneoClient, identifier: str) -> None:
        self._products = pim.products_by_identifier
        self._identifier = identifier

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for name in names:  # no filter of theirs takes a list of identifiers
            with suppress(NotFound):
                product = self._products.get(name)
                own = {self._identifier: product.identifier, **product_cells(product, cells)}
                found[name.lower()] = Found(str(product.identifier), own)
        return found

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        patches = [product_patch(change, cells, keyed_by=self._identifier) for change in changes]
        for change, result in zip(changes, self._products.upsert_many(patches), strict=True):
            yield _verdict(change, result)


class CategoryTarget(_Named):
    """Categories, keyed by code."""

    def __init__(self, pim: AkeneoClient) -> None:
        self._pim = pim

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for some in _slices(names):
            for category in self._pim.categories.list(where={"code": [{"operator": "IN", "value": some}]}):
                found[category.code.lower()] = Found(category.code, _category_cells(category, cells))
        return found

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        for wave in waves(changes, lambda one: one.ref.lower(), _parent):
            patches = [_category_patch(change, cells) for change in wave]
            for change, result in zip(wave, self._pim.categories.upsert_many(patches), strict=True):
                yield _verdict(change, result)


def _slices(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _SLICE):
        yield list(names[start : start + _SLICE])


def _verdict(change: ItemChange, result: UpsertResult[ProductPatch] | UpsertResult[CategoryPatch]) -> Verdict:
    if result.ok:
        return Verdict(change, ok=True, created=result.created)
    reasons = [str(error) for error in result.errors] or [f"the PIM answered {result.status} without a reason"]
    reason = "the PIM refused it: " + "; ".join(reasons)
    return Verdict(change, ok=False, created=False, reason=reason, cause=result.cause)


# ---- categories ----
def _category_cells(category: Category, cells: Mapping[str, Cell[str]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, cell in cells.items():
        if cell.attribute == "code":
            found[key] = category.code
        elif cell.attribute == "parent":
            found[key] = category.parent
        elif cell.locale is not None and LocaleCode(cell.locale) in category.labels:
            found[key] = category.labels[LocaleCode(cell.locale)]
    return found


def _parent(change: ItemChange) -> str | None:
    cell = change.cells.get(PARENT.key)
    return None if cell is None or cell.new is None else str(cell.new).lower()


def _category_patch(change: ItemChange, cells: Mapping[str, Cell[str]]) -> CategoryPatch:
    labels: dict[LocaleCode, str | None] = {}
    parent: CategoryCode | UnsetType | None = UNSET
    for key, one in change.cells.items():
        cell, text = cells[key], None if one.new is None else str(one.new)
        if cell.attribute == "labels" and cell.locale is not None:
            labels[LocaleCode(cell.locale)] = text
        elif cell.attribute == "parent":
            parent = None if text is None else CategoryCode(text)
    return CategoryPatch(code=CategoryCode(change.ref), parent=parent, labels=labels or UNSET)
