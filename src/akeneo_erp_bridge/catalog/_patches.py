"""What to write. A field left at `UNSET` is not sent, so the PIM keeps it; `None` erases it.

Lists replace what the PIM has, whole: send complete ones. Maps are merged key by key.
Source: Akeneo's documentation of the update behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.catalog._data import Value
from akeneo_erp_bridge.catalog._families import VariantAttributeSet
from akeneo_erp_bridge.catalog._measurements import Unit
from akeneo_erp_bridge.catalog._products import Associations, QuantifiedAssociations
from akeneo_erp_bridge.catalog._values import ValueSet
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    AttributeCode,
    AttributeGroupCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    FamilyCode,
    FamilyVariantCode,
    LocaleCode,
    MeasurementFamilyCode,
    OptionCode,
    ProductModelCode,
    ProductUuid,
    Sku,
    UnitCode,
)

__all__ = [
    "AssociationTypePatch",
    "AttributeGroupPatch",
    "AttributeOptionPatch",
    "AttributePatch",
    "CategoryPatch",
    "ChannelPatch",
    "FamilyPatch",
    "FamilyVariantPatch",
    "MeasurementFamilyPatch",
    "Patch",
    "ProductModelPatch",
    "ProductPatch",
]

Labels = Mapping[LocaleCode, str | None]


@frozen(kw_only=True)
class Patch:
    """Changes to one thing in the PIM; `extra` holds fields this package has no name for, sent as they are.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(CategoryPatch(code=CategoryCode("drills"), extra={"position": 3}))
    {'code': 'drills', 'position': 3}
    """

    extra: Mapping[str, object] = field(factory=dict[str, object])


@frozen(kw_only=True)
class ProductPatch(Patch):
    """Changes to one product, named by `uuid` or by `identifier`.

    >>> patch = ProductPatch(identifier=Sku("DR-18V"), values=[Value(AttributeCode("name"), "Drill")])
    >>> patch.family
    UNSET
    """

    uuid: ProductUuid | None = None
    identifier: Sku | None = None
    family: FamilyCode | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    categories: Sequence[CategoryCode] | UnsetType = UNSET
    groups: Sequence[str] | UnsetType = UNSET
    parent: ProductModelCode | UnsetType | None = UNSET
    values: Sequence[Value] | ValueSet | UnsetType = UNSET
    associations: Associations | UnsetType = UNSET
    quantified_associations: QuantifiedAssociations | UnsetType = UNSET


@frozen(kw_only=True)
class ProductModelPatch(Patch):
    """Changes to one product model; `family_variant` is needed once, at creation of a root model.

    >>> from akeneo_erp_bridge.catalog import encode_product_model
    >>> roma = ProductModelCode("roma")
    >>> encode_product_model(ProductModelPatch(code=roma, family_variant=FamilyVariantCode("clothing_by_size")))
    {'code': 'roma', 'family_variant': 'clothing_by_size'}
    """

    code: ProductModelCode
    family_variant: FamilyVariantCode | UnsetType = UNSET
    parent: ProductModelCode | UnsetType | None = UNSET
    categories: Sequence[CategoryCode] | UnsetType = UNSET
    values: Sequence[Value] | ValueSet | UnsetType = UNSET
    associations: Associations | UnsetType = UNSET
    quantified_associations: QuantifiedAssociations | UnsetType = UNSET


@frozen(kw_only=True)
class FamilyPatch(Patch):
    """Changes to one family; `attributes` replaces the list, and must keep the identifier.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(FamilyPatch(code=FamilyCode("gloves"), labels={LocaleCode("en_US"): "Gloves"}, attribute_as_image=None))
    {'code': 'gloves', 'labels': {'en_US': 'Gloves'}, 'attribute_as_image': None}
    """

    code: FamilyCode
    labels: Labels | UnsetType = UNSET
    attributes: Sequence[AttributeCode] | UnsetType = UNSET
    attribute_as_label: AttributeCode | UnsetType = UNSET
    attribute_as_image: AttributeCode | UnsetType | None = UNSET
    attribute_requirements: Mapping[ChannelCode, Sequence[AttributeCode]] | UnsetType = UNSET


@frozen(kw_only=True)
class FamilyVariantPatch(Patch):
    """Changes to one family variant; axes and levels cannot change after creation.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> level = VariantAttributeSet(level=1, axes=(AttributeCode("size"),), attributes=(AttributeCode("ean"),))
    >>> encode(FamilyVariantPatch(code=FamilyVariantCode("by_size"), variant_attribute_sets=[level]))["variant_attribute_sets"]
    [{'level': 1, 'axes': ['size'], 'attributes': ['ean']}]
    """

    code: FamilyVariantCode
    labels: Labels | UnsetType = UNSET
    variant_attribute_sets: Sequence[VariantAttributeSet] | UnsetType = UNSET


@frozen(kw_only=True)
class AttributePatch(Patch):
    """Changes to one attribute; `type` and `group` are needed at creation. Rarer fields go into `extra`.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(AttributePatch(code=AttributeCode("net"), max_characters=None, extra={"number_max": "100"}))
    {'code': 'net', 'max_characters': None, 'number_max': '100'}
    """

    code: AttributeCode
    type: str | UnsetType = UNSET
    group: AttributeGroupCode | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    sort_order: int | UnsetType = UNSET
    localizable: bool | UnsetType = UNSET
    scopable: bool | UnsetType = UNSET
    unique: bool | UnsetType = UNSET
    available_locales: Sequence[LocaleCode] | UnsetType = UNSET
    decimals_allowed: bool | UnsetType | None = UNSET
    negative_allowed: bool | UnsetType | None = UNSET
    metric_family: MeasurementFamilyCode | UnsetType | None = UNSET
    default_metric_unit: UnitCode | UnsetType | None = UNSET
    max_characters: int | UnsetType | None = UNSET
    reference_data_name: str | UnsetType | None = UNSET
    default_value: bool | UnsetType | None = UNSET
    useable_as_grid_filter: bool | UnsetType = UNSET


@frozen(kw_only=True)
class AttributeOptionPatch(Patch):
    """Changes to one option of a select.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(AttributeOptionPatch(code=OptionCode("red"), sort_order=0))
    {'code': 'red', 'sort_order': 0}
    """

    code: OptionCode
    labels: Labels | UnsetType = UNSET
    sort_order: int | UnsetType = UNSET


@frozen(kw_only=True)
class AttributeGroupPatch(Patch):
    """Changes to one attribute group; attributes taken out of it fall into the group `other`.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(AttributeGroupPatch(code=AttributeGroupCode("erp"), attributes=[AttributeCode("net")]))
    {'code': 'erp', 'attributes': ['net']}
    """

    code: AttributeGroupCode
    labels: Labels | UnsetType = UNSET
    sort_order: int | UnsetType = UNSET
    attributes: Sequence[AttributeCode] | UnsetType = UNSET


@frozen(kw_only=True)
class CategoryPatch(Patch):
    """Changes to one category; `parent=None` makes it the root of a tree.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(CategoryPatch(code=CategoryCode("drills"), parent=None))
    {'code': 'drills', 'parent': None}
    """

    code: CategoryCode
    parent: CategoryCode | UnsetType | None = UNSET
    labels: Labels | UnsetType = UNSET


@frozen(kw_only=True)
class ChannelPatch(Patch):
    """Changes to one channel; its lists are replaced.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(ChannelPatch(code=ChannelCode("shop"), locales=[LocaleCode("en_US"), LocaleCode("de_DE")]))
    {'code': 'shop', 'locales': ['en_US', 'de_DE']}
    """

    code: ChannelCode
    category_tree: CategoryCode | UnsetType = UNSET
    locales: Sequence[LocaleCode] | UnsetType = UNSET
    currencies: Sequence[CurrencyCode] | UnsetType = UNSET
    conversion_units: Mapping[AttributeCode, UnitCode | None] | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET


@frozen(kw_only=True)
class MeasurementFamilyPatch(Patch):
    """Changes to one measurement family; the standard unit cannot change after creation.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(MeasurementFamilyPatch(code=MeasurementFamilyCode("Weight"), labels={LocaleCode("en_US"): "Mass"}))
    {'code': 'Weight', 'labels': {'en_US': 'Mass'}}
    """

    code: MeasurementFamilyCode
    standard_unit_code: UnitCode | UnsetType = UNSET
    units: Mapping[UnitCode, Unit] | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET


@frozen(kw_only=True)
class AssociationTypePatch(Patch):
    """Changes to one association type; `is_quantified` and `is_two_way` are fixed at creation.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(AssociationTypePatch(code=AssociationTypeCode("spare_parts"), is_quantified=True))
    {'code': 'spare_parts', 'is_quantified': True}
    """

    code: AssociationTypeCode
    labels: Labels | UnsetType = UNSET
    is_quantified: bool | UnsetType = UNSET
    is_two_way: bool | UnsetType = UNSET
