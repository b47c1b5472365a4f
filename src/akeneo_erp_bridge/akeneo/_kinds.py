"""What the client must know of each resource: its route, its key, and how to read and write it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from attrs import frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.akeneo._options import MOST_LINES
from akeneo_erp_bridge.akeneo._throttle import Lane
from akeneo_erp_bridge.catalog import (
    AssociationType,
    AssociationTypePatch,
    Attribute,
    AttributeGroup,
    AttributeGroupPatch,
    AttributeOption,
    AttributeOptionPatch,
    AttributePatch,
    Category,
    CategoryPatch,
    Channel,
    ChannelPatch,
    Currency,
    Entity,
    Family,
    FamilyPatch,
    FamilyVariant,
    FamilyVariantPatch,
    JsonValue,
    Locale,
    MeasurementFamily,
    MeasurementFamilyPatch,
    Patch,
    Product,
    ProductModel,
    ProductModelPatch,
    ProductPatch,
    decode,
    decode_product,
    decode_product_model,
    encode,
    encode_product,
    encode_product_model,
)
from akeneo_erp_bridge.catalog._product_lines import Split, split_product, split_product_model
from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["API", "Kind", "Paging", "WriteKind", "address", "named_key", "plain_kind"]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)

API: Final = "/api/rest/v1"

Paging: TypeAlias = Literal["page", "search_after", "cursor", "whole"]
"""How a list comes: by numbered pages, by pages or cursors as asked for, by cursors alone, or as one bare array."""


@frozen(kw_only=True)
class Kind(Generic[T]):
    """A resource that can be read. `singular` and `plural` are its names in messages.

    `has_folders` says that keys are file paths, whose slashes are part of the route. `most` is the size of the largest
    page that may be asked for, where that is not the usual one.
    """

    singular: str
    plural: str
    path: str
    decode: Callable[[JsonValue], T]
    key: str = "code"
    paging: Paging = "page"
    has_folders: bool = False
    most: int | None = None

    @property
    def largest_page(self) -> int | None:
        """The size of the largest page that may be asked for; `None` where the PIM chooses."""
        return self.most if self.paging not in ("page", "search_after") else MOST_LINES

    def named(self, key: str) -> str:
        return f"{self.singular} {key!r}"

    def at(self, key: str) -> str:
        """The path of one thing; raises `ConfigurationError` for a key no URL can carry."""
        return address(self.path, key, folders=self.has_folders)


@frozen(kw_only=True)
class WriteKind(Kind[E], Generic[E, P]):
    """A resource that can be written too.

    `parent` is the field that names another thing of the same kind, which must be written first.
    `array` says that batches are JSON arrays, not lines. `encode_new` writes a thing whose key the PIM may choose.
    `split` writes one for a batch, where that can be done faster.
    """

    encode: Callable[[E | P], dict[str, JsonValue]]
    encode_new: Callable[[E | P], dict[str, JsonValue]] | None = None
    lane: Lane = "all"
    parent: str | None = None
    array: bool = False
    split: Callable[[E | P], Split] | None = None

    def split_one(self, thing: E | P) -> Split:
        return (self.encode(thing), None) if self.split is None else self.split(thing)


def address(path: str, key: str, *, folders: bool = False) -> str:
    """Return the path of one thing; its key is quoted, so that `/ ? # %` and blanks stay inside it.

    Media files have paths for codes, and Akeneo's routes take their slashes as they are: *folders* keeps them.
    Raises `ConfigurationError` for a key no URL can carry.

    >>> address("/api/rest/v1/products", "DR/18 V")
    '/api/rest/v1/products/DR%2F18%20V'
    """
    parts = key.split("/") if folders else [key]
    if any(part in ("", ".", "..") for part in parts):
        raise ConfigurationError(f"{key!r} cannot be a key: a URL that ends with it names something else")
    return f"{path}/{quote(key, safe='/' if folders else '')}"


def named_key(key: str | UnsetType, name: str, patch: str) -> str:
    """Return the key that a change names; raises `ConfigurationError` for a change that names none.

    >>> named_key(UNSET, "id", "CatalogPatch")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: which one is to change? Name it: CatalogPatch(id=..., ...)
    """
    if key is UNSET:
        raise ConfigurationError(f"which one is to change? Name it: {patch}({name}=..., ...)")
    return key


def plain_kind(
    singular: str,
    plural: str,
    route: str,
    read: type[E],
    write: type[P],
    *,
    paging: Paging = "page",
    array: bool = False,
) -> WriteKind[E, P]:
    """A resource whose model and patch travel as they are; *write* names the patch for the checker."""
    del write
    return WriteKind[E, P](
        singular=singular,
        plural=plural,
        path=f"{API}/{route}",
        decode=partial(decode, read),
        encode=encode,
        paging=paging,
        array=array,
    )


PRODUCTS: Final = WriteKind[Product, ProductPatch](
    singular="product",
    plural="products",
    path=f"{API}/products-uuid",
    key="uuid",
    paging="search_after",
    decode=decode_product,
    encode=partial(encode_product, key="uuid"),
    encode_new=partial(encode_product, key="uuid", new=True),
    split=partial(split_product, key="uuid"),
)
PRODUCTS_BY_IDENTIFIER: Final = WriteKind[Product, ProductPatch](
    singular="product",
    plural="products",
    path=f"{API}/products",
    key="identifier",
    paging="search_after",
    decode=decode_product,
    encode=partial(encode_product, key="identifier"),
    split=partial(split_product, key="identifier"),
)
PUBLISHED_PRODUCTS: Final = Kind[Product](
    singular="published product",
    plural="published products",
    path=f"{API}/published-products",
    key="identifier",
    paging="search_after",
    decode=decode_product,
)
PRODUCT_MODELS: Final = WriteKind[ProductModel, ProductModelPatch](
    singular="product model",
    plural="product models",
    path=f"{API}/product-models",
    paging="search_after",
    decode=decode_product_model,
    encode=encode_product_model,
    split=split_product_model,
    parent="parent",
)
CATEGORIES: Final = WriteKind[Category, CategoryPatch](
    singular="category",
    plural="categories",
    path=f"{API}/categories",
    decode=partial(decode, Category),
    encode=encode,
    parent="parent",
)
MEASUREMENT_FAMILIES: Final = WriteKind[MeasurementFamily, MeasurementFamilyPatch](
    singular="measurement family",
    plural="measurement families",
    path=f"{API}/measurement-families",
    decode=partial(decode, MeasurementFamily),
    encode=encode,
    array=True,
)
FAMILIES: Final = plain_kind("family", "families", "families", Family, FamilyPatch)
ATTRIBUTES: Final = plain_kind("attribute", "attributes", "attributes", Attribute, AttributePatch)
ATTRIBUTE_GROUPS: Final = plain_kind(
    "attribute group", "attribute groups", "attribute-groups", AttributeGroup, AttributeGroupPatch
)
ASSOCIATION_TYPES: Final = plain_kind(
    "association type", "association types", "association-types", AssociationType, AssociationTypePatch
)
CHANNELS: Final = plain_kind("channel", "channels", "channels", Channel, ChannelPatch)
LOCALES: Final = Kind[Locale](
    singular="locale", plural="locales", path=f"{API}/locales", decode=partial(decode, Locale)
)
CURRENCIES: Final = Kind[Currency](
    singular="currency", plural="currencies", path=f"{API}/currencies", decode=partial(decode, Currency)
)


def family_variants_of(family: str) -> WriteKind[FamilyVariant, FamilyVariantPatch]:
    """Return the family variants of *family* as a resource."""
    return WriteKind(
        singular=f"variant of family {family!r}",
        plural=f"variants of family {family!r}",
        path=f"{address(f'{API}/families', family)}/variants",
        decode=partial(decode, FamilyVariant),
        encode=encode,
    )


def options_of(attribute: str) -> WriteKind[AttributeOption, AttributeOptionPatch]:
    """Return the options of *attribute* as a resource, with the slow lane Akeneo asks for."""
    return WriteKind(
        singular=f"option of attribute {attribute!r}",
        plural=f"options of attribute {attribute!r}",
        path=f"{address(f'{API}/attributes', attribute)}/options",
        decode=partial(decode, AttributeOption),
        encode=encode,
        lane="options",
    )
