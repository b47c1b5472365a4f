"""A name for every code, so that a checker never takes a family for an attribute.

A `NewType` costs nothing at run time: ``FamilyCode("drills") == "drills"``.
"""

from __future__ import annotations

from typing import NewType

__all__ = [
    "AssetCode",
    "AssetFamilyCode",
    "AssociationTypeCode",
    "AttributeCode",
    "AttributeGroupCode",
    "CategoryCode",
    "ChannelCode",
    "CurrencyCode",
    "ErpKey",
    "FamilyCode",
    "FamilyVariantCode",
    "LocaleCode",
    "MeasurementFamilyCode",
    "MediaFileCode",
    "OptionCode",
    "ProductModelCode",
    "ProductUuid",
    "RecordCode",
    "ReferenceEntityCode",
    "Sku",
    "UnitCode",
]

# ---- the PIM ----
Sku = NewType("Sku", str)
ProductUuid = NewType("ProductUuid", str)
ProductModelCode = NewType("ProductModelCode", str)
FamilyCode = NewType("FamilyCode", str)
FamilyVariantCode = NewType("FamilyVariantCode", str)
AttributeCode = NewType("AttributeCode", str)
AttributeGroupCode = NewType("AttributeGroupCode", str)
OptionCode = NewType("OptionCode", str)
CategoryCode = NewType("CategoryCode", str)
ChannelCode = NewType("ChannelCode", str)
LocaleCode = NewType("LocaleCode", str)
CurrencyCode = NewType("CurrencyCode", str)
MeasurementFamilyCode = NewType("MeasurementFamilyCode", str)
UnitCode = NewType("UnitCode", str)
AssociationTypeCode = NewType("AssociationTypeCode", str)

ReferenceEntityCode = NewType("ReferenceEntityCode", str)
RecordCode = NewType("RecordCode", str)
AssetFamilyCode = NewType("AssetFamilyCode", str)
AssetCode = NewType("AssetCode", str)
MediaFileCode = NewType("MediaFileCode", str)

# ---- the ERP ----
ErpKey = NewType("ErpKey", str)
