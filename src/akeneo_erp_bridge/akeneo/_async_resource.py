"""The verbs of a resource, for programs that `await`: the twins of `_resource.py`, method by method."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Final, Generic, TypeVar, overload

from akeneo_erp_bridge.akeneo._ahead import pages_ahead_async
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._async_upload import AnyIterable, upload
from akeneo_erp_bridge.akeneo._kinds import MEASUREMENT_FAMILIES, Kind, WriteKind
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._measurements import AnyMeasurementFamily, accepted, pick, the_page
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Parameter, ResourcePage
from akeneo_erp_bridge.akeneo._system import Features, Route, SystemVerbs
from akeneo_erp_bridge.akeneo._verbs import ReadVerbs, Where, WriteVerbs
from akeneo_erp_bridge.catalog import Entity, MeasurementFamily, Patch, SystemInformation

__all__ = [
    "AsyncBatchResource",
    "AsyncDeletableResource",
    "AsyncEditableResource",
    "AsyncErasableResource",
    "AsyncListResource",
    "AsyncListing",
    "AsyncMeasurementFamilies",
    "AsyncReadResource",
    "AsyncResource",
    "AsyncSystem",
]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)
T_co = TypeVar("T_co", covariant=True)

_NO_PARAMS: Final[Mapping[str, Parameter]] = {}


class AsyncListing(Generic[T_co]):
    """The things of a list, fetched page by page while you iterate with `async for`; each iteration asks anew.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def codes() -> list[str]:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         return [family.code async for family in pim.families.list(page_size=2)]
    >>> asyncio.run(codes())
    ['clothing', 'consumables', 'hand_tools', 'power_tools']
    """

    def __init__(self, fetch: Callable[[], AsyncIterator[ResourcePage[T_co]]], name: str) -> None:
        self._fetch = fetch
        self._name = name

    async def __aiter__(self) -> AsyncIterator[T_co]:
        async for page in self._fetch():
            for one in page.items:
                yield one
            del page  # before the next one is read, as in `Listing`

    def pages(self) -> AsyncIterator[ResourcePage[T_co]]:
        """Yield the pages, each with the cursor to resume after it."""
        return self._fetch()

    async def first(self) -> T_co | None:
        """Return the first thing, or `None` when the list is empty."""
        pages = self._fetch()
        try:
            async for page in pages:
                for one in page.items:
                    return one
        finally:
            if isinstance(pages, AsyncGenerator):
                await pages.aclose()
        return None

    def __repr__(self) -> str:
        return f"<listing of {self._name}>"


class AsyncListResource(Generic[T]):
    """Things of the PIM that can be listed; see `ListResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         async for page in pim.families.pages(page_size=3):
    ...             print(len(page))
    >>> asyncio.run(main())
    3
    1
    """

    def __init__(self, kind: Kind[T], session: AsyncSession, options: Options) -> None:
        self._kind = kind
        self._session = session
        self._options = options
        self._verbs: ReadVerbs[T] = ReadVerbs(kind, session.keeper, options)

    def list(
        self, where: Where | None = None, *, params: Mapping[str, Parameter] = _NO_PARAMS, page_size: int | None = None
    ) -> AsyncListing[T]:
        """Return an async iterable over all things, or those that match *where*; see `ListResource.list`."""
        return AsyncListing(lambda: self.pages(where, params=params, page_size=page_size), self._kind.plural)

    async def pages(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] = _NO_PARAMS,
        page_size: int | None = None,
        start: str | None = None,
    ) -> AsyncIterator[ResourcePage[T]]:
        """Yield the pages of a list; see `ListResource.pages`."""
        begin = self._verbs.first(where, params, page_size, start)
        if self._options.read_ahead:
            async with aclosing(pages_ahead_async(self._page, begin)) as pages:
                async for page in pages:
                    yield page
            return
        target: str | None = begin
        while target:
            page = await self._page(target)
            target = page.next
            yield page
            del page  # before the next one is read, as in `Listing`

    async def _page(self, target: str) -> ResourcePage[T]:
        return await self._session.run(self._verbs.page(target), self._options)

    async def count(self, where: Where | None = None) -> int:
        """Count all things, or those that match *where*; see `ListResource.count`."""
        return await self._session.run(self._verbs.count(where), self._options)

    def __repr__(self) -> str:
        return f"<{self._kind.plural} of {self._session.url}>"


class AsyncReadResource(AsyncListResource[T], Generic[T]):
    """Things of the PIM that can be listed and read one by one; see `ReadResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         both = await asyncio.gather(pim.locales.get("de_DE"), pim.locales.get("fr_FR"))
    ...         print([locale.enabled for locale in both])
    >>> asyncio.run(main())
    [True, False]
    """

    async def get(self, code: str, *, params: Mapping[str, Parameter] = _NO_PARAMS) -> T:
        """Return one thing by its code; see `ReadResource.get`."""
        return await self._session.run(self._verbs.get(code, params), self._options)


class AsyncEditableResource(AsyncReadResource[E], Generic[E, P]):
    """Things that can be read, and created or changed one at a time; see `EditableResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.catalog import ReferenceEntityPatch
    >>> from akeneo_erp_bridge.codes import ReferenceEntityCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         result = await pim.reference_entities.upsert(ReferenceEntityPatch(code=ReferenceEntityCode("designers")))
    ...         print(result.created)
    >>> asyncio.run(main())
    True
    """

    _kind: WriteKind[E, P]

    def __init__(self, kind: WriteKind[E, P], session: AsyncSession, options: Options) -> None:
        super().__init__(kind, session, options)
        self._kind = kind
        self._writes = WriteVerbs(kind, session.keeper, options)

    async def upsert(self, thing: P | E) -> UpsertResult[P | E]:
        """Create or change one thing; what is not named stays as it is; see `EditableResource.upsert`."""
        return await self._session.run(self._writes.upsert(thing), self._options)


class AsyncBatchResource(AsyncEditableResource[E, P], Generic[E, P]):
    """Things that can be read, and created or changed many at a time; see `BatchResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.catalog import FamilyPatch
    >>> from akeneo_erp_bridge.codes import FamilyCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     patches = [FamilyPatch(code=FamilyCode("gloves")), FamilyPatch(code=FamilyCode("no gloves"))]
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         async for result in pim.families.upsert_many(patches):
    ...             print(result.item.code, result.ok)
    >>> asyncio.run(main())
    gloves True
    no gloves False
    """

    @overload
    def upsert_many(self, things: AnyIterable[P]) -> AsyncIterator[UpsertResult[P]]: ...
    @overload
    def upsert_many(self, things: AnyIterable[E]) -> AsyncIterator[UpsertResult[E]]: ...
    def upsert_many(self, things: AnyIterable[P | E]) -> AsyncIterator[UpsertResult[P | E]]:
        """Create or change many things, from an iterable of either kind; see `BatchResource.upsert_many`."""
        return upload(self._session, self._options, self._kind, things, self._kind.split_one)


class AsyncErasableResource(AsyncBatchResource[E, P], Generic[E, P]):
    """Things that are made by `upsert` alone, and can be deleted; see `ErasableResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print(await pim.asset_families.assets("packshots").delete("hm_500_front"))
    >>> asyncio.run(main())
    False
    """

    async def delete(self, code: str) -> bool:
        """Delete one thing; return whether it was there; see `DeletableResource.delete`."""
        return await self._session.run(self._writes.delete(code), self._options)


class AsyncResource(AsyncBatchResource[E, P], Generic[E, P]):
    """Things that can be read, created and changed; see `Resource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.catalog import CategoryPatch
    >>> from akeneo_erp_bridge.codes import CategoryCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print((await pim.categories.create(CategoryPatch(code=CategoryCode("ladders")))).created)
    >>> asyncio.run(main())
    True
    """

    async def create(self, thing: P | E) -> UpsertResult[P | E]:
        """Create one thing; never repeated blindly; see `Resource.create`."""
        return await self._session.run(self._writes.create(thing), self._options)


class AsyncDeletableResource(AsyncResource[E, P], Generic[E, P]):
    """Things that can be deleted too; see `DeletableResource`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print(await pim.families.delete("consumables"), await pim.families.delete("consumables"))
    >>> asyncio.run(main())
    True False
    """

    async def delete(self, code: str) -> bool:
        """Delete one thing; return whether it was there; see `DeletableResource.delete`."""
        return await self._session.run(self._writes.delete(code), self._options)


class AsyncMeasurementFamilies:
    """The measurement families of the PIM; see `MeasurementFamilies`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         print((await pim.measurement_families.get("Weight")).standard_unit_code)
    >>> asyncio.run(main())
    KILOGRAM
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        self._session = session
        self._options = options

    def list(self) -> AsyncListing[MeasurementFamily]:
        """Return an async iterable over all measurement families."""
        return AsyncListing(self.pages, MEASUREMENT_FAMILIES.plural)

    async def pages(self) -> AsyncIterator[ResourcePage[MeasurementFamily]]:
        """Yield the one page there is."""
        yield await self._session.run(the_page(self._session.keeper, self._options), self._options)

    async def get(self, code: str) -> MeasurementFamily:
        """Return one measurement family; raises `NotFound` for an unknown code."""
        page = await self._session.run(the_page(self._session.keeper, self._options), self._options)
        return pick(page, code)

    async def upsert(self, thing: AnyMeasurementFamily) -> UpsertResult[AnyMeasurementFamily]:
        """Create or change one measurement family; raises `PimRefused` with its violations."""
        (result,) = [one async for one in self.upsert_many([thing])]
        return accepted(result)

    def upsert_many(
        self, things: AnyIterable[AnyMeasurementFamily]
    ) -> AsyncIterator[UpsertResult[AnyMeasurementFamily]]:
        """Create or change many; results and errors as for every resource."""
        return upload(self._session, self._options, MEASUREMENT_FAMILIES, things, MEASUREMENT_FAMILIES.split_one)


class AsyncSystem:
    """Version, edition and routes of the PIM; see `System`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         print((await pim.system.information()).edition)
    >>> asyncio.run(main())
    Serenity
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        self._session = session
        self._options = options
        self._verbs = SystemVerbs(session.keeper, options)

    async def information(self) -> SystemInformation:
        """Return version and edition; see `System.information`."""
        return await self._session.run(self._verbs.information(), self._options)

    async def routes(self) -> Mapping[str, Route]:
        """Return the API's routes by name; see `System.routes`."""
        return await self._session.run(self._verbs.routes(), self._options)

    async def features(self) -> Features:
        """Look up what this PIM can do: two requests."""
        return await self._session.run(self._verbs.features(), self._options)
