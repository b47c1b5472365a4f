"""What is asked of the PIM before products go out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem, ErpSchema
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.mapping import Misfit, ProductMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync.pim_first._tag import SelectTag, Tag

ItemT = TypeVar("ItemT", bound=ErpItem)


def structure_for(tag: Tag, pim: AkeneoClient) -> PimStructure:
    """The structure of the PIM, with the options that the tag needs."""
    if isinstance(tag, SelectTag):
        with suppress(NotFound):  # without the attribute there are no options of it; its check tells that
            return pim.structure(with_options_of=[AttributeCode(tag.attribute)])
    return pim.structure()


def mapping_misfits(
    out: ProductMapping[ItemT], back: ProductMapping[ItemT], structure: PimStructure, schema: ErpSchema
) -> Iterator[Misfit]:
    """What does not fit of the mappings; both may be the same one."""
    yield from out.preflight(structure, schema)
    if back is not out:
        yield from back.preflight(structure, schema)


def sign_misfits(tag: Tag, message: Cell[str] | None, structure: PimStructure) -> Iterator[Misfit]:
    """What does not fit of what the PIM's users see."""
    for reason in tag.check(structure):
        yield Misfit("tag", "", reason, "abort")
    if message is not None and AttributeCode(message.attribute) not in structure.attributes:
        words = f"the PIM has no attribute '{message.attribute}' for the ERP's messages; make a text of it"
        yield Misfit("message", "", words, "abort")
