"""`Models`: how product models of the PIM become templates of the ERP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.erp import Column, ErpItem, Given, PimFirstErp
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import FAMILY_VARIANT, ProductModelMapping
from akeneo_erp_bridge.mapping._checks._erp_checks import both_ways
from akeneo_erp_bridge.rules import Owner

__all__ = ["Models"]

TemplateT = TypeVar("TemplateT", bound=ErpItem)
ItemT = TypeVar("ItemT", bound=ErpItem)


class Models(Generic[TemplateT, ItemT]):
    """Product models go to the ERP as templates, and their variants name them. For `PimFirst`.

    ::

        styles = ProductModelMapping(
            Style,
            two_way(Style.code, same(str), CODE, owner=Owner.PIM),        # goes out
            two_way(Style.name, same(str), NAME, owner=Owner.PIM),
            Style.fabric.to(FABRIC),                                     # comes back
        )
        job = PimFirst(
            erp, shared, shared, pim, state, tag=BooleanTag("send_to_erp"),
            models=Models(style_erp, styles, styles, parent=Article.style),
        )

    *erp* reads and writes templates; *out* and *back* are to it what those of `PimFirst` are to its ERP. *parent* is the
    field of the variants' items that names their template, by its key in the ERP. *at_creation* are values of new templates,
    *variants_at_creation* those of new variants, where they are not the job's ``at_creation``.

    **Two levels.** The ERP has one template for a root model, and one item for each variant. What sub models hold, the PIM
    tells as values of their variants, and so do we. A cell that the root model holds and that *out* gives to the template is
    not given to the variants too; any other is.

    **The template first.** A variant that goes out takes its root model along. Its key is ``product_model:`` and the
    model's code: killed anywhere, there is one template. Where the ERP refuses a template that it does not have yet, its
    variants are parked with the reason. A tag that stands on a model means all its variants, and moves when all of them
    are dealt with.

    **Afterwards** what changes in the model goes to its template, what changes in the variants to theirs, and *back* fills
    the cells of models that the ERP owns. A product that gets a model, or another one, or none, keeps its item, which is told
    its new place; what is told by the template then is left as it is in the item.

    Values come back to the level that holds them: those of a template to the root model, those of a variant to the product.
    What sub models hold does not come back. The code of a model need not go out: the state knows which template is whose.
    Raises `MappingError` where the family variant would. Source: Akeneo's documentation of product models.
    """

    def __init__(
        self,
        erp: PimFirstErp[TemplateT],
        out: ProductModelMapping[TemplateT],
        back: ProductModelMapping[TemplateT],
        *,
        parent: Column[ItemT, str, Cold],
        at_creation: Sequence[Given[TemplateT]] = (),
        variants_at_creation: Sequence[Given[ItemT]] | None = None,
    ) -> None:
        self.erp = erp
        self.out = out
        self.back = back
        self.parent = parent
        self.at_creation = tuple(at_creation)
        self.variants_at_creation = None if variants_at_creation is None else tuple(variants_at_creation)
        told = {one.cell for one in both_ways(out.bindings) if one.owner is Owner.PIM}
        if FAMILY_VARIANT.key in told:
            raise MappingError(
                "the family variant of a model never changes, and is not told; leave it out of what goes out"
            )
