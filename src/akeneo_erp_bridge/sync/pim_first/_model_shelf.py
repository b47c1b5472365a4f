"""Product models by their codes, in the form in which products are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from attrs import frozen

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import ProductModel as ModelFilter
from akeneo_erp_bridge.catalog import JsonValue, Product, ProductModel, ProductModelPatch
from akeneo_erp_bridge.codes import FamilyVariantCode, ProductModelCode, Sku
from akeneo_erp_bridge.sync._targets._target import slices
from akeneo_erp_bridge.sync.pim_first._shelf import Change, ref_of, search


@frozen
class Model:
    """A product model, and what it looks like as a product: its code is what an identifier is to others."""

    code: str
    parent: str | None
    variant: FamilyVariantCode | None
    product: Product

    @classmethod
    def of(cls, model: ProductModel) -> Model:
        """One that was read."""
        product = Product(
            identifier=Sku(model.code), family=model.family, parent=model.parent, categories=model.categories,
            values=model.values, created=model.created, updated=model.updated,
        )  # fmt: skip
        return cls(str(model.code), model.parent, model.family_variant, product)


@frozen
class ModelShelf:
    """Reads and changes product models. `attributes` are what they are read with."""

    pim: AkeneoClient
    attributes: tuple[str, ...] = ()

    def models(self, codes: Sequence[str]) -> dict[str, Model]:
        """Those of the models that are there."""
        found: dict[str, Model] = {}
        for some in slices(codes):
            where: Mapping[str, JsonValue] = {"identifier": [{"operator": "IN", "value": some}]}
            for model in self.pim.product_models.list(where=where, attributes=self.attributes or None):
                found[str(model.code)] = Model.of(model)
        return found

    def chains(self, parents: Mapping[str, str]) -> dict[str, tuple[Model, ...]]:
        """The models above each of these variants, the root first; none, where one is missing. By the variant's name."""
        models = self.models(sorted(set(parents.values())))
        models |= self.models(sorted({one.parent for one in models.values() if one.parent} - models.keys()))
        return {ref: _chain(models, parent) for ref, parent in parents.items()}

    def read(self, refs: Sequence[str]) -> dict[str, Product]:
        """The same, as products."""
        return {code: model.product for code, model in self.models(refs).items()}

    def changed(self, after: datetime | None) -> Iterator[Model]:
        """Root models that changed after a moment of the PIM's clock, or all."""
        where: Mapping[str, JsonValue] = (
            {} if after is None else ModelFilter.updated.since(after, zone=after.tzinfo or UTC)
        )
        for model in self.pim.product_models.list(where=where, attributes=self.attributes[:1] or None):
            if model.parent is None:
                yield Model.of(model)

    def below(self, code: str) -> list[str]:
        """The names of all variants below a model, of whatever level."""
        where: Mapping[str, JsonValue] = {"parent": [{"operator": "=", "value": code}]}
        return [ref_of(product) for product in search(self.pim, where, attributes=self.attributes[:1])]

    def change(self, changes: Sequence[Change]) -> dict[str, str]:
        """Change models; the reasons in the PIM's words, by code, for those it refused."""
        refused: dict[str, str] = {}
        patches = [
            ProductModelPatch(
                code=ProductModelCode(one.ref),
                values=one.values or UNSET,
                categories=UNSET if one.categories is None else one.categories,
            )
            for one in changes
        ]
        for one, result in zip(changes, self.pim.product_models.upsert_many(patches), strict=True):
            if result.cause is not None:
                raise result.cause
            if not result.ok:
                refused[one.ref] = "; ".join(str(error) for error in result.errors) or f"status {result.status}"
        return refused


def _chain(models: Mapping[str, Model], parent: str) -> tuple[Model, ...]:
    model = models.get(parent)
    if model is None or model.parent is None:
        return (model,) if model is not None else ()
    root = models.get(model.parent)
    return (root, model) if root is not None else ()
