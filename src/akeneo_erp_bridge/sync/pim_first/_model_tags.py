"""Tags that stand on models, where a job has no `Models`."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.sync.pim_first._model_shelf import ModelShelf
from akeneo_erp_bridge.sync.pim_first._shelf import ref_of
from akeneo_erp_bridge.sync.pim_first._tag import Tag


@frozen
class ModelTags:
    """Finds the variants whose tag a model above them holds. The PIM drops in silence what is written into the variant."""

    tag: Tag
    shelf: ModelShelf

    @classmethod
    def of(cls, tag: Tag, pim: AkeneoClient) -> ModelTags:
        """For a PIM, of whose models only what the tag looks at is read."""
        return cls(tag, ModelShelf(pim, tuple(sorted(tag.attributes))))

    def reasons(self, products: Iterable[Product]) -> dict[str, str]:
        """Why the tag of a product does not move, by the product's name."""
        variants = {ref_of(one): str(one.parent) for one in products if one.parent and self.tag.is_waiting(one)}
        found: dict[str, str] = {}
        for ref, chain in (self.shelf.chains(variants) if variants else {}).items():
            for model in chain:
                if self.tag.is_waiting(model.product):
                    found[ref] = f"it stands on the model '{model.code}'; take it away there, or give PimFirst `models`"
        return found
