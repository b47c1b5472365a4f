"""What the client must know of each resource: its route, its key, and how to read and write it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Generic, TypeVar
from urllib.parse import quote

from attrs import frozen

from akeneo_erp_bridge.akeneo._json import fast
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

__all__ = ["API", "Kind", "WriteKind", "address"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)

API: Final = "/api/rest/v1"


@frozen(kw_only=True)
class Kind(Generic[T]):
    """A resource that can be read. `singular` and `plural` are its names in messages."""

    singular: str
    plural: str
    path: str
    decode: Callable[[JsonValue], T]
    key: str = "code"
    cursor: bool = False

    def named(self, key: str) -> str:
        return f"{self.singular} {key!r}"


@frozen(kw_only=True)
class WriteKind(Kind[T], Generic[T, P]):
    """A resource that can be written too.

    `parent` is the field that names another thing of the same kind, which must be written first.
    `array` says that batches are JSON arrays, not lines. `encode_new` writes a thing whose key the PIM may choose.
    `split` writes one for a batch, where that can be done faster.
    """

    encode: Callable[[T | P], dict[str, JsonValue]]
    encode_new: Callable[[T | P], dict[str, JsonValue]] | None = None
    lane: Lane = "all"
    parent: str | None = None
    array: bool = False
    split: Callable[[T | P], Split] | None = None

    def split_one(self, thing: T | P) -> Split:
        # orjson writes the whole faster than Python joins the halves.
        return (self.encode(thing), None) if self.split is None or fast() else self.split(thing)


def address(path: str, key: str) -> str:
    """Return the path of one thing; its key is quoted, so that `/ ? # %` and blanks stay inside it.

    Raises `ValueError` for a key no URL can carry.

    >>> address("/api/rest/v1/products", "DR/18 V")
    '/api/rest/v1/products/DR%2F18%20V'
    """
    if key in ("", ".", ".."):
        raise ValueError(f"{key!r} cannot be a key: a URL that ends with it names something else")
    return f"{path}/{quote(key, safe='')}"


def _plain(singular: str, plural: str, route: str, read: type[T], write: type[P]) -> WriteKind[T, P]:
    del write  # names the patch for the checker
    return WriteKind[T, P](
        singular=singular, plural=plural, path=f"{API}/{route}", decode=partial(decode, read), encode=encode
    )


PRODUCTS: Final = WriteKind[Product, ProductPatch](
    singular="product",
    plural="products",
    path=f"{API}/products-uuid",
    key="uuid",
    cursor=True,
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
    cursor=True,
    decode=decode_product,
    encode=partial(encode_product, key="identifier"),
    split=partial(split_product, key="identifier"),
)
PRODUCT_MODELS: Final = WriteKind[ProductModel, ProductModelPatch](
    singular="product model",
    plural="product models",
    path=f"{API}/product-models",
    cursor=True,
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
FAMILIES: Final = _plain("family", "families", "families", Family, FamilyPatch)
ATTRIBUTES: Final = _plain("attribute", "attributes", "attributes", Attribute, AttributePatch)
ATTRIBUTE_GROUPS: Final = _plain(
    "attribute group", "attribute groups", "attribute-groups", AttributeGroup, AttributeGroupPatch
)
ASSOCIATION_TYPES: Final = _plain(
    "association type", "association types", "association-types", AssociationType, AssociationTypePatch
)
CHANNELS: Final = _plain("channel", "channels", "channels", Channel, ChannelPatch)
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
