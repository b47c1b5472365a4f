"""What Akeneo has given up and old PIMs still have: assets before 4.0, and measure families."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import Path
from typing import BinaryIO, Final

from akeneo_erp_bridge.akeneo._async_resource import AsyncEditableResource, AsyncReadResource, AsyncResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._calls import AsyncService, Service, one
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address, plain_kind
from akeneo_erp_bridge.akeneo._media import put_file, receive
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import EditableResource, ReadResource, Resource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._streams import FileSource, Progress, multipart, opened_aside, opened_for_writing
from akeneo_erp_bridge.catalog import (
    PamAsset,
    PamAssetCategory,
    PamAssetCategoryPatch,
    PamAssetPatch,
    PamAssetTag,
    PamAssetTagPatch,
    PamFile,
    PamMeasureFamily,
)

__all__ = ["NO_LOCALE", "AsyncLegacy", "Legacy"]

NO_LOCALE: Final = "no-locale"
"""The locale of the files of an asset that is not localizable."""

ASSETS: Final = plain_kind("asset", "assets", "assets", PamAsset, PamAssetPatch, paging="search_after")
ASSET_CATEGORIES: Final = plain_kind(
    "asset category", "asset categories", "asset-categories", PamAssetCategory, PamAssetCategoryPatch
)
ASSET_TAGS: Final = plain_kind("asset tag", "asset tags", "asset-tags", PamAssetTag, PamAssetTagPatch)
MEASURE_FAMILIES: Final = Kind[PamMeasureFamily](
    singular="measure family", plural="measure families", path=f"{API}/measure-families", decode=one(PamMeasureFamily)
)


def _reference(asset: str, locale: str) -> str:
    return address(f"{address(ASSETS.path, asset)}/reference-files", locale)


def _variation(asset: str, channel: str, locale: str) -> str:
    return address(address(f"{address(ASSETS.path, asset)}/variation-files", channel), locale)


class Legacy(Service):
    """The deprecated parts of the API, for PIMs that have nothing newer.

    Source: Akeneo's documentation of the PAM (2.1 to 3.x) and of the measure family resource.

    >>> from akeneo_erp_bridge.testing import Behaviour, PimSimulator
    >>> legacy = PimSimulator(behaviour=Behaviour(has_pam=True)).client().legacy
    >>> legacy.asset_tags.upsert(PamAssetTagPatch(code="manuals")).created
    True
    >>> legacy.measure_families.get("Weight").standard
    'KILOGRAM'
    """

    assets: Resource[PamAsset, PamAssetPatch]
    """Assets before 4.0."""
    asset_categories: Resource[PamAssetCategory, PamAssetCategoryPatch]
    """Their categories."""
    asset_tags: EditableResource[PamAssetTag, PamAssetTagPatch]
    """Their tags."""
    measure_families: ReadResource[PamMeasureFamily]
    """Measurement families before 5.0; read only."""

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(session, options)
        self.assets = Resource(ASSETS, session, options)
        self.asset_categories = Resource(ASSET_CATEGORIES, session, options)
        self.asset_tags = EditableResource(ASSET_TAGS, session, options)
        self.measure_families = ReadResource(MEASURE_FAMILIES, session, options)

    def reference_file(self, asset: str, locale: str = NO_LOCALE) -> PamFile:
        """Return what is known of an asset's file in one locale."""
        return self._run(self._calls.ask("GET", _reference(asset, locale), "a reference file", one(PamFile)))

    def upload_reference_file(
        self,
        asset: str,
        file: FileSource,
        locale: str = NO_LOCALE,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Upload the file of an asset in one locale; the PIM makes the variations."""
        path = _reference(asset, locale)
        form = multipart(file, filename=filename, progress=progress)
        self._run(put_file(self._calls, path, form))

    def download_reference_file(
        self, asset: str, target: Path | str | BinaryIO, locale: str = NO_LOCALE, *, progress: Progress | None = None
    ) -> int:
        """Download the file of an asset in one locale."""
        return self._download(f"{_reference(asset, locale)}/download", target, progress)

    def variation_file(self, asset: str, channel: str, locale: str = NO_LOCALE) -> PamFile:
        """Return what is known of an asset's variation for one channel and locale."""
        return self._run(self._calls.ask("GET", _variation(asset, channel, locale), "a variation", one(PamFile)))

    def upload_variation_file(
        self,
        asset: str,
        channel: str,
        file: FileSource,
        locale: str = NO_LOCALE,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Upload a variation of an asset."""
        path = _variation(asset, channel, locale)
        form = multipart(file, filename=filename, progress=progress)
        self._run(put_file(self._calls, path, form))

    def download_variation_file(
        self,
        asset: str,
        channel: str,
        target: Path | str | BinaryIO,
        locale: str = NO_LOCALE,
        *,
        progress: Progress | None = None,
    ) -> int:
        """Download a variation of an asset."""
        return self._download(f"{_variation(asset, channel, locale)}/download", target, progress)

    def _download(self, path: str, target: Path | str | BinaryIO, progress: Progress | None) -> int:
        with opened_for_writing(target) as file:
            return self._run(receive(self._calls, path, "an asset's file", file, progress))


class AsyncLegacy(AsyncService):
    """The deprecated parts of the API; see `Legacy`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         print((await pim.legacy.measure_families.get("Weight")).standard)
    >>> asyncio.run(main())
    KILOGRAM
    """

    assets: AsyncResource[PamAsset, PamAssetPatch]
    """Assets before 4.0."""
    asset_categories: AsyncResource[PamAssetCategory, PamAssetCategoryPatch]
    """Their categories."""
    asset_tags: AsyncEditableResource[PamAssetTag, PamAssetTagPatch]
    """Their tags."""
    measure_families: AsyncReadResource[PamMeasureFamily]
    """Measurement families before 5.0; read only."""

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(session, options)
        self.assets = AsyncResource(ASSETS, session, options)
        self.asset_categories = AsyncResource(ASSET_CATEGORIES, session, options)
        self.asset_tags = AsyncEditableResource(ASSET_TAGS, session, options)
        self.measure_families = AsyncReadResource(MEASURE_FAMILIES, session, options)

    async def reference_file(self, asset: str, locale: str = NO_LOCALE) -> PamFile:
        """Return what is known of an asset's file in one locale."""
        return await self._run(self._calls.ask("GET", _reference(asset, locale), "a reference file", one(PamFile)))

    async def upload_reference_file(
        self,
        asset: str,
        file: FileSource,
        locale: str = NO_LOCALE,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Upload the file of an asset in one locale; the PIM makes the variations."""
        path = _reference(asset, locale)
        form = await to_thread(multipart, file, filename=filename, progress=progress)
        await self._run(put_file(self._calls, path, form))

    async def download_reference_file(
        self, asset: str, target: Path | str | BinaryIO, locale: str = NO_LOCALE, *, progress: Progress | None = None
    ) -> int:
        """Download the file of an asset in one locale."""
        return await self._download(f"{_reference(asset, locale)}/download", target, progress)

    async def variation_file(self, asset: str, channel: str, locale: str = NO_LOCALE) -> PamFile:
        """Return what is known of an asset's variation for one channel and locale."""
        return await self._run(self._calls.ask("GET", _variation(asset, channel, locale), "a variation", one(PamFile)))

    async def upload_variation_file(
        self,
        asset: str,
        channel: str,
        file: FileSource,
        locale: str = NO_LOCALE,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Upload a variation of an asset."""
        path = _variation(asset, channel, locale)
        form = await to_thread(multipart, file, filename=filename, progress=progress)
        await self._run(put_file(self._calls, path, form))

    async def download_variation_file(
        self,
        asset: str,
        channel: str,
        target: Path | str | BinaryIO,
        locale: str = NO_LOCALE,
        *,
        progress: Progress | None = None,
    ) -> int:
        """Download a variation of an asset."""
        return await self._download(f"{_variation(asset, channel, locale)}/download", target, progress)

    async def _download(self, path: str, target: Path | str | BinaryIO, progress: Progress | None) -> int:
        async with opened_aside(target) as file:
            return await self._run(receive(self._calls, path, "an asset's file", file, progress))
