"""Products and product models, for programs that `await`: the twins of `_products.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Generic, TypeVar

from akeneo_erp_bridge.akeneo._async_resource import AsyncDeletableResource, AsyncListing
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._calls import Calls
from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Parameter, ResourcePage
from akeneo_erp_bridge.akeneo._products import DraftVerbs, SearchBody, cursor_of, trimmed
from akeneo_erp_bridge.akeneo._verbs import Where
from akeneo_erp_bridge.catalog import Entity, Patch, Product, ProductPatch

__all__ = ["AsyncProductResource", "AsyncProducts"]

E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)


class AsyncProductResource(AsyncDeletableResource[E, P], Generic[E, P]):
    """Products or product models; see `ProductResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.codes import Sku
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         await pim.products_by_identifier.upsert(ProductPatch(identifier=Sku("HM-500")))
    ...         print([product.identifier async for product in pim.products_by_identifier.list(attributes=["sku"])])
    >>> asyncio.run(main())
    ['HM-500']
    """

    def __init__(self, kind: WriteKind[E, P], session: AsyncSession, options: Options) -> None:
        super().__init__(kind, session, options)
        self._drafts = DraftVerbs(kind, Calls(session.keeper, options))

    def list(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] | None = None,
        page_size: int | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> AsyncListing[E]:
        """As for every resource; *attributes* and *locales* trim the values; see `ProductResource.list`."""
        return super().list(where, params=trimmed(params, attributes, locales), page_size=page_size)

    def pages(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] | None = None,
        page_size: int | None = None,
        start: str | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> AsyncIterator[ResourcePage[E]]:
        """As for every resource; *attributes* and *locales* as for `list`."""
        return super().pages(where, params=trimmed(params, attributes, locales), page_size=page_size, start=start)

    async def draft(self, code: str) -> E:
        """Return this user's draft; see `ProductResource.draft`."""
        return await self._session.run(self._drafts.draft(code), self._options)

    async def propose(self, code: str) -> None:
        """Send this user's draft for approval; see `ProductResource.propose`."""
        return await self._session.run(self._drafts.propose(code), self._options)


class AsyncProducts(AsyncProductResource[Product, ProductPatch]):
    """Products by UUID; see `Products`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.akeneo.filters import Product as Having
    >>> from akeneo_erp_bridge.codes import FamilyCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         await pim.products.create(ProductPatch(family=FamilyCode("hand_tools")))
    ...         print([product.family async for product in pim.products.search(Having.enabled.is_(True))])
    >>> asyncio.run(main())
    ['hand_tools']
    """

    def search(
        self,
        where: Where,
        *,
        params: Mapping[str, Parameter] | None = None,
        page_size: int | None = None,
        start: str | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> AsyncListing[Product]:
        """As `list`, with filters and parameters in the body of the request; see `Products.search`."""
        asked = SearchBody(where, trimmed(params, attributes, locales), page_size)
        return AsyncListing(lambda: self._searched(asked, start), self._kind.plural)

    async def _searched(self, asked: SearchBody, start: str | None) -> AsyncIterator[ResourcePage[Product]]:
        after = self._drafts.cursor(start)
        while True:
            page = await self._session.run(self._drafts.search(asked, after), self._options)
            yield page
            after = cursor_of(page.next)
            if after is None:
                return
