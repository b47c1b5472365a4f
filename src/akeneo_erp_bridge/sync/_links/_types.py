"""What the PIM says about the association types that a mapping links by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.mapping import ItemMapping, LinkField, Misfit

ItemT = TypeVar("ItemT", bound=ErpItem)


def check_link_types(pim: AkeneoClient, mapping: ItemMapping[ItemT]) -> Iterator[Misfit]:
    """Every type that is not there, or of the other sort: the PIM would refuse each product of a run for it."""
    for binding in mapping.bindings:
        link = LinkField.of(binding.cell.attribute)
        if link is None:
            continue
        try:
            found = pim.association_types.get(link.type)
        except NotFound:
            detail = f"the PIM has no association type '{link.type}'; create it there"
            yield _wrong("no_association_type", str(binding.cell), detail)
            continue
        if found.is_quantified is not link.is_quantified:
            right = "quantified(...)" if found.is_quantified else "association(...)"
            detail = f"association type '{link.type}' is {'' if found.is_quantified else 'not '}quantified; use {right}"
            yield _wrong("wrong_association_type", str(binding.cell), detail)


def _wrong(code: str, cell: str, detail: str) -> Misfit:
    return Misfit(code, cell, detail, "abort", cell)
