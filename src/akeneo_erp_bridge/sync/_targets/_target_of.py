"""What a mapping writes to."""

from __future__ import annotations

from typing import TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import EntityMapping, ItemMapping
from akeneo_erp_bridge.sync._targets._models import ModelTarget
from akeneo_erp_bridge.sync._targets._products import CategoryTarget, IdentifierTarget, ProductTarget
from akeneo_erp_bridge.sync._targets._records import entity_target
from akeneo_erp_bridge.sync._targets._target import Target

ItemT = TypeVar("ItemT", bound=ErpItem)


def target_of(mapping: ItemMapping[ItemT], pim: AkeneoClient, identifier: str) -> Target:
    """The PIM's side of a mapping; products are known by UUID where the PIM has them."""
    if mapping.resource == "category":
        return CategoryTarget(pim)
    if mapping.resource == "product_model":
        return ModelTarget(pim)
    if isinstance(mapping, EntityMapping):
        return entity_target(pim, mapping)
    kind = ProductTarget if pim.features.has_product_uuids else IdentifierTarget
    return kind(pim, identifier)
