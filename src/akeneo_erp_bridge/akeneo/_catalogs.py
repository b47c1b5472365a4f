"""Catalogs for Apps: selections of products that a PIM user configures, and the products in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from akeneo_erp_bridge.akeneo._async_resource import AsyncListResource, AsyncReadResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._calls import Calls, json_object, one
from akeneo_erp_bridge.akeneo._flow import Flow
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address, named_key
from akeneo_erp_bridge.akeneo._options import MOST_LINES, Options
from akeneo_erp_bridge.akeneo._resource import ListResource, ReadResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import (
    Catalog,
    CatalogPatch,
    JsonObject,
    JsonValue,
    Product,
    decode_product,
    encode,
)
from akeneo_erp_bridge.codes import ProductUuid

__all__ = ["AsyncCatalogs", "Catalogs"]

_PATH: Final = f"{API}/catalogs"
_MOST: Final = 1000
"""Things on a page of a selection; on one of mapped things it is the usual number."""
CATALOGS: Final = Kind[Catalog](singular="catalog", plural="catalogs", path=_PATH, decode=one(Catalog), key="id")


def _uuid(raw: JsonValue) -> ProductUuid:
    if not isinstance(raw, str):
        raise ValueError("expected a UUID")
    return ProductUuid(raw)


def products_of(catalog: str) -> Kind[Product]:
    """The products of a selection."""
    path = f"{address(_PATH, catalog)}/products"
    name = f"products of catalog {catalog!r}"
    return Kind(
        singular="product", plural=name, path=path, decode=decode_product, key="uuid", paging="cursor", most=_MOST
    )


def uuids_of(catalog: str) -> Kind[ProductUuid]:
    """Their UUIDs alone."""
    path = f"{address(_PATH, catalog)}/product-uuids"
    return Kind(
        singular="UUID", plural=f"UUIDs of catalog {catalog!r}", path=path, decode=_uuid, paging="cursor", most=_MOST
    )


def mapped_of(catalog: str, what: str) -> Kind[JsonObject]:
    """Products or models in the shape of the App's own schema."""
    path = f"{address(_PATH, catalog)}/{what}"
    name = f"{what} of catalog {catalog!r}"
    return Kind(singular="mapped product", plural=name, path=path, decode=json_object, paging="cursor", most=MOST_LINES)


def variants_of(catalog: str, model: str) -> Kind[JsonObject]:
    """The variants of a mapped model."""
    path = f"{address(f'{address(_PATH, catalog)}/mapped-models', model)}/variants"
    name = f"variants of mapped model {model!r}"
    return Kind(singular="mapped variant", plural=name, path=path, decode=json_object, paging="cursor", most=MOST_LINES)


class CatalogVerbs:
    """What can be done with a catalog, as flows."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(self, catalog: CatalogPatch) -> Flow[Catalog]:
        return self._calls.ask(
            "POST", _PATH, "a new catalog", one(Catalog), body=_without_id(catalog), repeatable=False
        )

    def update(self, catalog: CatalogPatch) -> Flow[Catalog]:
        code = named_key(catalog.id, "id", "CatalogPatch")
        target, name = address(_PATH, code), _name(code)
        return self._calls.change("PATCH", target, name, one(Catalog), again=target, body=_without_id(catalog))

    def delete(self, code: str) -> Flow[bool]:
        return self._calls.delete(address(_PATH, code), _name(code))

    def duplicate(self, code: str, name: str) -> Flow[Catalog]:
        target = f"{address(_PATH, code)}/duplicate"
        return self._calls.ask("POST", target, _name(code), one(Catalog), body={"name": name}, repeatable=False)

    def schema(self, code: str) -> Flow[JsonObject]:
        return self._calls.ask("GET", _schema(code), f"the schema of {_name(code)}", json_object)

    def set_schema(self, code: str, schema: Mapping[str, JsonValue]) -> Flow[None]:
        return self._calls.tell("PUT", _schema(code), f"the schema of {_name(code)}", body=schema)

    def delete_schema(self, code: str) -> Flow[bool]:
        return self._calls.delete(_schema(code), f"the schema of {_name(code)}")


def _schema(code: str) -> str:
    return f"{address(_PATH, code)}/mapping-schemas/product"


def _name(code: str) -> str:
    return f"catalog {code!r}"


def _without_id(catalog: CatalogPatch) -> JsonObject:
    return {name: part for name, part in encode(catalog).items() if name != "id"}


class Catalogs(ReadResource[Catalog]):
    """The catalogs of this App; cloud PIMs. A catalog that a PIM user has switched off raises `PimRefused` when read.

    Source: Akeneo's documentation of catalogs for Apps.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> from akeneo_erp_bridge.catalog import ProductPatch
    >>> from akeneo_erp_bridge.codes import Sku
    >>> pim = PimSimulator(sample=True).client()
    >>> pim.products_by_identifier.create(ProductPatch(identifier=Sku("HM-500"))).created
    True
    >>> shop = pim.catalogs.list().first()
    >>> [product.values.text("sku") for product in pim.catalogs.products(shop.id).list()]
    ['HM-500']
    >>> pim.catalogs.create(CatalogPatch(name="Market place")).enabled  # a PIM user has to switch it on
    False
    """

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(CATALOGS, session, options)
        self._catalogs = CatalogVerbs(Calls(session.keeper, options))

    def create(self, catalog: CatalogPatch) -> Catalog:
        """Create a catalog, and return it with its `id`; never repeated blindly."""
        return self._session.run(self._catalogs.create(catalog), self._options)

    def update(self, catalog: CatalogPatch) -> Catalog:
        """Change a catalog, named by `id`."""
        return self._session.run(self._catalogs.update(catalog), self._options)

    def delete(self, code: str) -> bool:
        """Delete a catalog; return whether it was there, as `families.delete` does."""
        return self._session.run(self._catalogs.delete(code), self._options)

    def duplicate(self, code: str, *, name: str) -> Catalog:
        """Copy a catalog under another name."""
        return self._session.run(self._catalogs.duplicate(code, name), self._options)

    def products(self, catalog: str) -> ReadResource[Product]:
        """Return the products of the selection."""
        return ReadResource(products_of(catalog), self._session, self._options)

    def product_uuids(self, catalog: str) -> ListResource[ProductUuid]:
        """Return the UUIDs of the products of the selection."""
        return ListResource(uuids_of(catalog), self._session, self._options)

    def mapping_schema(self, catalog: str) -> JsonObject:
        """Return the JSON schema the App has given, to which PIM users map attributes."""
        return self._session.run(self._catalogs.schema(catalog), self._options)

    def set_mapping_schema(self, catalog: str, schema: Mapping[str, JsonValue]) -> None:
        """Give the JSON schema of the products the App wants."""
        return self._session.run(self._catalogs.set_schema(catalog, schema), self._options)

    def delete_mapping_schema(self, catalog: str) -> bool:
        """Take the schema back; return whether there was one."""
        return self._session.run(self._catalogs.delete_schema(catalog), self._options)

    def mapped_products(self, catalog: str) -> ListResource[JsonObject]:
        """Return the products in the shape of the schema."""
        return ListResource(mapped_of(catalog, "mapped-products"), self._session, self._options)

    def mapped_models(self, catalog: str) -> ListResource[JsonObject]:
        """Return the product models in the shape of the schema."""
        return ListResource(mapped_of(catalog, "mapped-models"), self._session, self._options)

    def mapped_variants(self, catalog: str, model: str) -> ListResource[JsonObject]:
        """Return the variants of a mapped model."""
        return ListResource(variants_of(catalog, model), self._session, self._options)


class AsyncCatalogs(AsyncReadResource[Catalog]):
    """The catalogs of this App; see `Catalogs`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print([catalog.name async for catalog in pim.catalogs.list()])
    >>> asyncio.run(main())
    ['Web shop']
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(CATALOGS, session, options)
        self._catalogs = CatalogVerbs(Calls(session.keeper, options))

    async def create(self, catalog: CatalogPatch) -> Catalog:
        """Create a catalog; see `Catalogs.create`."""
        return await self._session.run(self._catalogs.create(catalog), self._options)

    async def update(self, catalog: CatalogPatch) -> Catalog:
        """Change a catalog, named by `id`."""
        return await self._session.run(self._catalogs.update(catalog), self._options)

    async def delete(self, code: str) -> bool:
        """Delete a catalog; see `Catalogs.delete`."""
        return await self._session.run(self._catalogs.delete(code), self._options)

    async def duplicate(self, code: str, *, name: str) -> Catalog:
        """Copy a catalog under another name."""
        return await self._session.run(self._catalogs.duplicate(code, name), self._options)

    def products(self, catalog: str) -> AsyncReadResource[Product]:
        """Return the products of the selection."""
        return AsyncReadResource(products_of(catalog), self._session, self._options)

    def product_uuids(self, catalog: str) -> AsyncListResource[ProductUuid]:
        """Return the UUIDs of the products of the selection."""
        return AsyncListResource(uuids_of(catalog), self._session, self._options)

    async def mapping_schema(self, catalog: str) -> JsonObject:
        """Return the JSON schema the App has given."""
        return await self._session.run(self._catalogs.schema(catalog), self._options)

    async def set_mapping_schema(self, catalog: str, schema: Mapping[str, JsonValue]) -> None:
        """Give the JSON schema of the products the App wants."""
        return await self._session.run(self._catalogs.set_schema(catalog, schema), self._options)

    async def delete_mapping_schema(self, catalog: str) -> bool:
        """Take the schema back; return whether there was one."""
        return await self._session.run(self._catalogs.delete_schema(catalog), self._options)

    def mapped_products(self, catalog: str) -> AsyncListResource[JsonObject]:
        """Return the products in the shape of the schema."""
        return AsyncListResource(mapped_of(catalog, "mapped-products"), self._session, self._options)

    def mapped_models(self, catalog: str) -> AsyncListResource[JsonObject]:
        """Return the product models in the shape of the schema."""
        return AsyncListResource(mapped_of(catalog, "mapped-models"), self._session, self._options)

    def mapped_variants(self, catalog: str, model: str) -> AsyncListResource[JsonObject]:
        """Return the variants of a mapped model."""
        return AsyncListResource(variants_of(catalog, model), self._session, self._options)
