"""Attributes, their options and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.codes import (
    AttributeCode,
    AttributeGroupCode,
    LocaleCode,
    MeasurementFamilyCode,
    OptionCode,
    UnitCode,
)

__all__ = ["Attribute", "AttributeGroup", "AttributeOption"]


@frozen(kw_only=True)
class Attribute(Entity):
    """An attribute: the type of a value, and the limits on it.

    `type` is one of `AttributeType` or a name only this PIM knows. `None` means the PIM set no limit,
    or has never heard of the field. Source: Akeneo's documentation of the attribute resource.

    >>> from akeneo_erp_bridge.catalog import AttributeType, decode
    >>> weight = decode(Attribute, {"code": "net", "type": "pim_catalog_number", "number_max": "12.5000"})
    >>> weight.type == AttributeType.NUMBER, weight.number_max, weight.max_characters
    (True, Decimal('12.5000'), None)
    """

    code: AttributeCode
    type: str
    group: AttributeGroupCode | None = None
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    sort_order: int | None = None
    localizable: bool = False
    scopable: bool = False
    unique: bool = False
    available_locales: tuple[LocaleCode, ...] = ()
    is_main_identifier: bool | None = None
    is_mandatory: bool | None = None
    decimals_allowed: bool | None = None
    decimal_places_strategy: str | None = None
    decimal_places: int | None = None
    negative_allowed: bool | None = None
    number_min: Decimal | None = None
    number_max: Decimal | None = None
    metric_family: MeasurementFamilyCode | None = None
    default_metric_unit: UnitCode | None = None
    date_min: str | None = None
    date_max: str | None = None
    max_characters: int | None = None
    validation_rule: str | None = None
    validation_regexp: str | None = None
    wysiwyg_enabled: bool | None = None
    allowed_extensions: tuple[str, ...] = ()
    max_file_size: Decimal | None = None
    reference_data_name: str | None = None
    default_value: bool | None = None
    useable_as_grid_filter: bool | None = None


@frozen(kw_only=True)
class AttributeOption(Entity):
    """One choice of a simple or multi select.

    Source: Akeneo's documentation of the attribute option resource.

    >>> red = AttributeOption(code=OptionCode("red"), labels={LocaleCode("de_DE"): "Rot"})
    >>> red.labels["de_DE"]
    'Rot'
    """

    code: OptionCode
    attribute: AttributeCode | None = None
    sort_order: int | None = None
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class AttributeGroup(Entity):
    """A heading under which the PIM shows attributes.

    Source: Akeneo's documentation of the attribute group resource.

    >>> AttributeGroup(code=AttributeGroupCode("erp"), attributes=(AttributeCode("net"),)).attributes
    ('net',)
    """

    code: AttributeGroupCode
    sort_order: int | None = None
    attributes: tuple[AttributeCode, ...] = ()
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
