"""The cells of a product or category that are no attributes.

Akeneo reserves these words, so no attribute can bear the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping._shapes._links import KINDS, LinkField
from akeneo_erp_bridge.rules import Cell

__all__ = [
    "CATEGORIES",
    "CODE",
    "ENABLED",
    "FAMILY",
    "FAMILY_VARIANT",
    "GROUPS",
    "PARENT",
    "association",
    "label",
    "quantified",
]

FAMILY: Final[Cell[str]] = Cell("family")
"""The family code."""

CATEGORIES: Final[Cell[frozenset[str]]] = Cell("categories")
"""The category codes that we own; those that PIM users added stay."""

GROUPS: Final[Cell[frozenset[str]]] = Cell("groups")
"""The codes of the groups that we put the product into; those of PIM users stay. Products alone have groups."""

ENABLED: Final[Cell[bool]] = Cell("enabled")
"""Whether the product is enabled. Never null."""

PARENT: Final[Cell[str]] = Cell("parent")
"""The code of what a thing hangs on: a category on a category, a variant or sub model on a product model."""

FAMILY_VARIANT: Final[Cell[str]] = Cell("family_variant")
"""The code of a root model's family variant. The PIM never changes it."""

CODE: Final[Cell[str]] = Cell("code")
"""The code of a category, product model, record or asset."""


def label(locale: str) -> Cell[str]:
    """The label of a category in one locale.

    >>> str(label("de_DE"))
    'labels[de_DE]'
    """
    return Cell("labels", locale=locale)


def association(
    type_code: str, kind: Literal["products", "product_models", "groups"] = "products"
) -> Cell[frozenset[str]]:
    """The links of one type that we own; those of PIM users stay. The value names products by their identifier.

    Models and groups are named by code. A product that is not in the PIM yet is linked at the end of the run, or of
    a later one. Raises `MappingError` for a kind that no product has.

    >>> str(association("UPSELL"))
    'associations.UPSELL.products'
    """
    return Cell(_link(LinkField(type_code, kind)))


def quantified(type_code: str, kind: Literal["products", "product_models"] = "products") -> Cell[Mapping[str, int]]:
    """The links with a quantity that we own, such as the parts of a kit: identifiers and whole numbers from 1.

    At most 100; a product cannot be a part of itself, however many levels down.

    >>> str(quantified("PACK"))
    'quantified_associations.PACK.products'
    """
    return Cell(_link(LinkField(type_code, kind, is_quantified=True)))


def _link(link: LinkField) -> str:
    if link.kind not in KINDS[link.is_quantified] or not link.type:
        raise MappingError(
            f"a link needs a type and one of {', '.join(KINDS[link.is_quantified])}, seen {link.type!r}, {link.kind!r}"
        )
    return link.attribute
