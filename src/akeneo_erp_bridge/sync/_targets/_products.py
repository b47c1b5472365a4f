"""Products and categories, as targets of the engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Category, CategoryPatch, JsonValue, Product
from akeneo_erp_bridge.codes import CategoryCode, LocaleCode, ProductUuid
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.mapping import PARENT
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._plans._marks import Marks
from akeneo_erp_bridge.sync._targets._product_cells import product_cells, product_patch
from akeneo_erp_bridge.sync._targets._target import Found, Named, Verdict, side_by_side, slices, verdict_of
from akeneo_erp_bridge.sync._targets._uploads import Rights, downloaded_digest, with_files
from akeneo_erp_bridge.sync._waves import waves
from akeneo_erp_bridge.sync.plan import ItemChange


class ProductTarget:
    """Products, keyed by UUID."""

    can_rename = True
    is_ordered = False

    def __init__(self, pim: AkeneoClient, identifier: str) -> None:
        self._pim = pim
        self._identifier = identifier
        self._bare: bool | None = None
        self.retry = pim.options.retry
        self.rights = Rights()

    def is_bare(self) -> bool:
        if self._bare is None:
            self._bare = self._pim.products.list(page_size=1).first() is None
        return self._bare

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        def look(some: list[str]) -> dict[str, Found]:
            found: dict[str, Found] = {}
            for product in self._pim.products.list(where={self._identifier: [{"operator": "IN", "value": some}]}):
                sku = product.values.text(self._identifier)
                if sku is not None:
                    found[sku.lower()] = Found(str(product.uuid), product_cells(product, cells))
            return found

        return side_by_side(look, names)

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        def look(some: list[str]) -> dict[str, Found]:
            there = self._pim.products.list(where={"uuid": [{"operator": "IN", "value": some}]})
            return {str(one.uuid): Found(str(one.uuid), product_cells(one, cells)) for one in there}

        return side_by_side(look, refs)

    def search(
        self, where: Mapping[str, Sequence[Mapping[str, JsonValue]]], cells: Mapping[str, Cell[str]]
    ) -> Iterator[Found]:
        for product in self._pim.products.list(where=where):
            yield Found(str(product.uuid), product_cells(product, cells))

    def has(self, ref: str) -> bool:
        return self.get(ref, {}) is not None

    def get(self, ref: str, cells: Mapping[str, Cell[str]]) -> Found | None:
        try:
            product = self._pim.products.get(ProductUuid(ref))
        except NotFound:
            return None
        return Found(str(product.uuid), product_cells(product, cells))

    def marks(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        marks = Marks(self._pim.product_models.get)
        found: dict[str, Mapping[str, str]] = {}
        for some in slices(refs):
            where: Mapping[str, Sequence[Mapping[str, JsonValue]]] = {"uuid": [{"operator": "IN", "value": some}]}
            found |= {str(one.uuid): marks.of(one) for one in self._pim.products.list(where=where)}
        for ref in refs:  # the PIM's lists lag behind, so what is not in them is asked for itself
            if ref not in found:
                with suppress(NotFound):
                    found[ref] = marks.of(self._pim.products.get(ProductUuid(ref)))
        return found

    def new_ref(self, name: str, intended: str | None) -> str:
        return intended or str(uuid.uuid4())  # the PIM takes no other version, so none can be made of the name

    def discard(self, ref: str) -> None:
        self._pim.products.delete(ProductUuid(ref))

    def delete(self, ref: str) -> bool:
        return self._pim.products.delete(ProductUuid(ref))

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        patches = [product_patch(change, cells) for change in changes]
        for change, result in zip(changes, self._pim.products.upsert_many(patches), strict=True):
            sku = change.after.cells.get(self._identifier)
            # the documentation knows uploads by identifier alone; a product whose identifier is not ours has its UUID
            owner = {"product": sku} if isinstance(sku, str) else {"product_uuid": change.ref}
            yield with_files(verdict_of(change, result), cells, partial(_upload, self._pim, owner), self)

    def resolve(self, kind: str, names: Sequence[str]) -> Mapping[str, str]:
        if kind != "products":
            return _codes(self._pim, kind, names)

        def look(some: list[str]) -> dict[str, str]:
            found: dict[str, str] = {}
            where = {self._identifier: [{"operator": "IN", "value": some}]}
            for product in self._pim.products.list(where=where, params={"attributes": self._identifier}):
                sku = product.values.text(self._identifier)
                if sku is not None:
                    found[sku.lower()] = str(product.uuid)
            return found

        return side_by_side(look, names)

    def is_two_way(self, type_code: str) -> bool:
        return self._pim.association_types.get(type_code).is_two_way

    def digest(self, code: str) -> str | None:
        return downloaded_digest(self._pim.media_files, code)


class IdentifierTarget(Named):
    """Products of a PIM before 7.0, which knows no UUIDs: keyed by identifier, and looked up one by one."""

    is_ordered = False

    def __init__(self, pim: AkeneoClient, identifier: str) -> None:
        self._pim = pim
        self._products = pim.products_by_identifier
        self.retry = pim.options.retry
        self.rights = Rights()
        self._identifier = identifier

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for name in names:  # no filter of theirs takes a list of identifiers
            with suppress(NotFound):
                found[name.lower()] = self._found(self._products.get(name), cells)
        return found

    def delete(self, ref: str) -> bool:
        return self._products.delete(ref)

    def marks(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        marks = Marks(self._pim.product_models.get)
        found: dict[str, Mapping[str, str]] = {}
        for ref in refs:
            with suppress(NotFound):
                found[ref] = marks.of(self._products.get(ref))
        return found

    def search(
        self, where: Mapping[str, Sequence[Mapping[str, JsonValue]]], cells: Mapping[str, Cell[str]]
    ) -> Iterator[Found]:
        for product in self._products.list(where=where):
            yield self._found(product, cells)

    def _found(self, product: Product, cells: Mapping[str, Cell[str]]) -> Found:
        own = {self._identifier: product.identifier, **product_cells(product, cells)}
        return Found(str(product.identifier), own)

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        patches = [product_patch(change, cells, keyed_by=self._identifier) for change in changes]
        for change, result in zip(changes, self._products.upsert_many(patches), strict=True):
            yield with_files(
                verdict_of(change, result), cells, partial(_upload, self._pim, {"product": change.ref}), self
            )

    def resolve(self, kind: str, names: Sequence[str]) -> Mapping[str, str]:
        if kind == "products":
            return {name: found.ref for name, found in self.find(names, {}).items()}
        return _codes(self._pim, kind, names)

    def is_two_way(self, type_code: str) -> bool:
        return self._pim.association_types.get(type_code).is_two_way

    def digest(self, code: str) -> str | None:
        return downloaded_digest(self._pim.media_files, code)


class CategoryTarget(Named):
    """Categories, keyed by code."""

    def __init__(self, pim: AkeneoClient) -> None:
        self._pim = pim

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for some in slices(names):
            for category in self._pim.categories.list(where={"code": [{"operator": "IN", "value": some}]}):
                found[category.code.lower()] = Found(category.code, _category_cells(category, cells))
        return found

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        for wave in waves(changes, lambda one: one.ref.lower(), _parent):
            patches = [_category_patch(change, cells) for change in wave]
            for change, result in zip(wave, self._pim.categories.upsert_many(patches), strict=True):
                yield verdict_of(change, result)


def _codes(pim: AkeneoClient, kind: str, names: Sequence[str]) -> dict[str, str]:
    """What is known by its code. The API shows no groups, so that the PIM alone can tell which there are."""
    if kind == "groups":
        return {name.lower(): name for name in names}
    found: dict[str, str] = {}
    for some in slices(names):
        for model in pim.product_models.list(where={"identifier": [{"operator": "IN", "value": some}]}):
            found[model.code.lower()] = model.code
    return found


def _upload(pim: AkeneoClient, owner: Mapping[str, str], cell: Cell[str], name: str, content: bytes) -> None:
    """Upload a file as the value of one product, which is there by now."""
    pim.media_files.upload(
        content,
        attribute=cell.attribute,
        product=owner.get("product"),
        product_uuid=owner.get("product_uuid"),
        locale=cell.locale,
        channel=cell.channel,
        filename=name,
    )


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
