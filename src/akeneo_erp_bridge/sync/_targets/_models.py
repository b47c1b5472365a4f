"""Product models, as a target of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import JsonValue, ProductModel, ProductModelPatch
from akeneo_erp_bridge.codes import CategoryCode, FamilyVariantCode, ProductModelCode
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.mapping import PARENT
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._targets._product_cells import changed_values
from akeneo_erp_bridge.sync._targets._target import Found, Named, Verdict, slices, verdict_of
from akeneo_erp_bridge.sync._targets._uploads import Rights, downloaded_digest, with_files
from akeneo_erp_bridge.sync._waves import waves
from akeneo_erp_bridge.sync.plan import ItemChange


class ModelTarget(Named):
    """Product models, keyed by code; root models are written before the sub models of the same page."""

    def __init__(self, pim: AkeneoClient) -> None:
        self._pim = pim
        self.retry = pim.options.retry
        self.rights = Rights()

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found: dict[str, Found] = {}
        for some in slices(names):
            # what the API calls the identifier of a model is its code
            for model in self._pim.product_models.list(where={"identifier": [{"operator": "IN", "value": some}]}):
                found[model.code.lower()] = Found(model.code, _model_cells(model, cells))
        return found

    def has(self, ref: str) -> bool:
        try:
            self._pim.product_models.get(ProductModelCode(ref))
        except NotFound:
            return False
        return True

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        for wave in waves(changes, lambda one: one.ref.lower(), _parent):
            patches = [_model_patch(change, cells) for change in wave]
            for change, result in zip(wave, self._pim.product_models.upsert_many(patches), strict=True):
                yield with_files(verdict_of(change, result), cells, partial(self._upload, change.ref), self)

    def digest(self, code: str) -> str | None:
        return downloaded_digest(self._pim.media_files, code)

    def _upload(self, model: str, cell: Cell[str], name: str, content: bytes) -> None:
        self._pim.media_files.upload(
            content,
            attribute=cell.attribute,
            product_model=model,
            locale=cell.locale,
            channel=cell.channel,
            filename=name,
        )


def _parent(change: ItemChange) -> str | None:
    cell = change.cells.get(PARENT.key)
    return None if cell is None or cell.new is None else str(cell.new).lower()


def _model_cells(model: ProductModel, cells: Mapping[str, Cell[str]]) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = {
        "code": model.code,
        "parent": model.parent,
        "family_variant": model.family_variant,
        "categories": list(model.categories),
    }
    found: dict[str, JsonValue] = {}
    for key, cell in cells.items():
        if cell.attribute in fields:
            found[key] = fields[cell.attribute]
            continue
        raw = model.values.raw(cell.attribute, locale=cell.locale, channel=cell.channel)
        if raw is not UNSET:
            found[key] = raw
    return found


def _model_patch(change: ItemChange, cells: Mapping[str, Cell[str]]) -> ProductModelPatch:
    fields = {cells[key].attribute: one.new for key, one in change.cells.items()}
    parent, variant, categories = (fields.get(name) for name in ("parent", "family_variant", "categories"))
    return ProductModelPatch(
        code=ProductModelCode(change.ref),
        parent=ProductModelCode(parent) if isinstance(parent, str) else UNSET,
        family_variant=FamilyVariantCode(variant) if isinstance(variant, str) else UNSET,
        categories=[CategoryCode(str(one)) for one in categories] if isinstance(categories, list) else UNSET,
        values=[*changed_values(change, cells)] or UNSET,
    )
