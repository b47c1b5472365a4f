"""Families, and their variants: which level of a product model holds which attribute."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, FamilyCode, FamilyVariantCode, LocaleCode

__all__ = ["Family", "FamilyVariant", "VariantAttributeSet"]


@frozen(kw_only=True)
class Family(Entity):
    """The attributes products of one kind have, and those each channel requires.

    Source: Akeneo's documentation of the family resource.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> drills = decode(Family, {"code": "drills", "attributes": ["sku"], "attribute_requirements": {"shop": ["sku"]}})
    >>> drills.attribute_requirements["shop"]
    ('sku',)
    """

    code: FamilyCode
    attribute_as_label: AttributeCode | None = None
    attribute_as_image: AttributeCode | None = None
    attributes: tuple[AttributeCode, ...] = ()
    attribute_requirements: Mapping[ChannelCode, tuple[AttributeCode, ...]] = field(
        factory=dict[ChannelCode, tuple[AttributeCode, ...]]
    )
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class VariantAttributeSet:
    """The axes and attributes of one level: 1 is next to the root model, 2 the variants of a two-level tree.

    Source: Akeneo's documentation of the family variant resource.

    >>> size, ean = AttributeCode("size"), AttributeCode("ean")
    >>> VariantAttributeSet(level=1, axes=(size,), attributes=(size, ean)).axes
    ('size',)
    """

    level: int
    axes: tuple[AttributeCode, ...] = ()
    attributes: tuple[AttributeCode, ...] = ()


@frozen(kw_only=True)
class FamilyVariant(Entity):
    """How a family splits into root model, sub models and variants.

    Source: Akeneo's documentation of the family variant resource.

    >>> size, ean, name = AttributeCode("size"), AttributeCode("ean"), AttributeCode("name")
    >>> by_size = FamilyVariant(
    ...     code=FamilyVariantCode("by_size"),
    ...     variant_attribute_sets=(VariantAttributeSet(level=1, axes=(size,), attributes=(size, ean)),),
    ... )
    >>> by_size.level_of(ean), by_size.level_of(name)
    (1, 0)
    """

    code: FamilyVariantCode
    variant_attribute_sets: tuple[VariantAttributeSet, ...] = ()
    common_attributes: tuple[AttributeCode, ...] = ()
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])

    @property
    def levels(self) -> int:
        """The number of levels below the root model: 1 or 2. Variants sit on this level."""
        return max((part.level for part in self.variant_attribute_sets), default=0)

    @property
    def axes(self) -> tuple[AttributeCode, ...]:
        """The axes of all levels, upper level first."""
        ordered = sorted(self.variant_attribute_sets, key=lambda part: part.level)
        return tuple(axis for part in ordered for axis in part.axes)

    def level_of(self, attribute: AttributeCode) -> int:
        """Tell which level holds *attribute*: 0 is the root model, `levels` the variant itself.

        An attribute of the family that no level lists is common, so it sits on level 0.
        The PIM drops a value sent on another level, without an error.
        """
        for part in self.variant_attribute_sets:
            if attribute in part.attributes or attribute in part.axes:
                return part.level
        return 0
