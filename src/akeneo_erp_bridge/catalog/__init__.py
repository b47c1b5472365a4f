"""What a PIM contains: frozen models, and product values by attribute type. No HTTP."""

from akeneo_erp_bridge.catalog._attributes import Attribute, AttributeGroup, AttributeOption
from akeneo_erp_bridge.catalog._data import Data, Metric, Price, Unknown, Value, plain_data
from akeneo_erp_bridge.catalog._encode import canonical, encode_data
from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._families import Family, FamilyVariant, VariantAttributeSet
from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue
from akeneo_erp_bridge.catalog._measurements import MeasurementFamily, Operation, Unit
from akeneo_erp_bridge.catalog._patches import (
    AssociationTypePatch,
    AttributeGroupPatch,
    AttributeOptionPatch,
    AttributePatch,
    CategoryPatch,
    ChannelPatch,
    FamilyPatch,
    FamilyVariantPatch,
    MeasurementFamilyPatch,
    Patch,
    ProductModelPatch,
    ProductPatch,
)
from akeneo_erp_bridge.catalog._product_codec import (
    decode_product,
    decode_product_model,
    encode_product,
    encode_product_model,
    encode_values,
)
from akeneo_erp_bridge.catalog._products import Associations, Product, ProductModel, QuantifiedAssociations
from akeneo_erp_bridge.catalog._reading import decode
from akeneo_erp_bridge.catalog._settings import AssociationType, Category, Channel, Currency, Locale, SystemInformation
from akeneo_erp_bridge.catalog._structure import PimStructure
from akeneo_erp_bridge.catalog._types import AttributeType
from akeneo_erp_bridge.catalog._values import ValueSet
from akeneo_erp_bridge.catalog._writing import encode

__all__ = [
    "AssociationType",
    "AssociationTypePatch",
    "Associations",
    "Attribute",
    "AttributeGroup",
    "AttributeGroupPatch",
    "AttributeOption",
    "AttributeOptionPatch",
    "AttributePatch",
    "AttributeType",
    "Category",
    "CategoryPatch",
    "Channel",
    "ChannelPatch",
    "Currency",
    "Data",
    "Entity",
    "Family",
    "FamilyPatch",
    "FamilyVariant",
    "FamilyVariantPatch",
    "JsonObject",
    "JsonValue",
    "Locale",
    "MeasurementFamily",
    "MeasurementFamilyPatch",
    "Metric",
    "Operation",
    "Patch",
    "PimStructure",
    "Price",
    "Product",
    "ProductModel",
    "ProductModelPatch",
    "ProductPatch",
    "QuantifiedAssociations",
    "SystemInformation",
    "Unit",
    "Unknown",
    "Value",
    "ValueSet",
    "VariantAttributeSet",
    "canonical",
    "decode",
    "decode_product",
    "decode_product_model",
    "encode",
    "encode_data",
    "encode_product",
    "encode_product_model",
    "encode_values",
    "plain_data",
]
