"""Files of products, categories, reference entities and assets: up and down, in pieces."""

from __future__ import annotations

import json
from asyncio import to_thread
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

from akeneo_erp_bridge.akeneo._async_resource import AsyncReadResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import authorised
from akeneo_erp_bridge.akeneo._calls import AsyncService, Calls, Service, one
from akeneo_erp_bridge.akeneo._errors import problem_of
from akeneo_erp_bridge.akeneo._flow import Answer, Call, Flow
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import ReadResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._streams import (
    Download,
    FileSource,
    Form,
    Progress,
    multipart,
    opened_aside,
    opened_for_writing,
)
from akeneo_erp_bridge.catalog import MediaFile
from akeneo_erp_bridge.codes import MediaFileCode
from akeneo_erp_bridge.errors import ConfigurationError, UnexpectedAnswer

__all__ = [
    "AsyncCategoryMedia",
    "AsyncEntityMedia",
    "AsyncMediaFiles",
    "CategoryMedia",
    "EntityMedia",
    "MediaFiles",
    "put_file",
    "receive",
    "send_file",
]

MEDIA_FILES: Final = Kind[MediaFile](
    singular="media file", plural="media files", path=f"{API}/media-files", decode=one(MediaFile), has_folders=True
)
_NO_SUCH_RANGE: Final = 416
_CATEGORY_MEDIA: Final = f"{API}/category-media-files"
ENTITY_MEDIA: Final = f"{API}/reference-entities-media-files"
ASSET_MEDIA: Final = f"{API}/asset-media-files"


# ---- flows ----
def send_file(calls: Calls, path: str, form: Form) -> Flow[MediaFileCode]:
    """Upload one file; the code of what the PIM made of it. Never repeated blindly."""
    call, answer = yield from _sent(calls, path, form)
    return _code(call, path, answer)


def put_file(calls: Calls, path: str, form: Form) -> Flow[None]:
    """Upload one file to a place of its own."""
    yield from _sent(calls, path, form)


def _sent(calls: Calls, path: str, form: Form) -> Flow[tuple[Call, Answer]]:
    upload, kind = form
    call = Call(
        method="POST",
        target=path,
        what=f"a file of {upload.size} bytes",
        headers={"Content-Type": kind},
        upload=upload,
        repeatable=False,
    )
    answer = yield from authorised(call, calls.keeper, calls.options.retry)
    if not 200 <= answer.status < 300:
        raise problem_of(call, answer)
    return call, answer


def _code(call: Call, path: str, answer: Answer) -> MediaFileCode:
    for name in ("asset-media-file-code", "reference-entities-media-file-code"):
        if answer.headers.get(name):
            return MediaFileCode(answer.headers[name])
    _, found, code = urlsplit(answer.headers.get("location", "")).path.partition(f"{path}/")
    if not found:
        raise UnexpectedAnswer(f"{call}: the PIM took the file and does not tell its code")
    return MediaFileCode(unquote(code.removesuffix("/download")))


def receive(calls: Calls, target: str, what: str, file: BinaryIO, progress: Progress | None) -> Flow[int]:
    """Download into a file, going on where a try broke off; how many bytes it has."""
    download = Download(file, progress)
    call = Call(method="GET", target=target, what=what, download=download)
    answer = yield from authorised(call, calls.keeper, calls.options.retry)
    if answer.status == _NO_SUCH_RANGE and download.offset:
        if download.is_whole(answer.headers.get("content-range")):
            return download.offset  # the try broke off behind the last byte
        download.restart()
        answer = yield from authorised(call, calls.keeper, calls.options.retry)
    if not 200 <= answer.status < 300:
        raise problem_of(call, answer)
    return download.offset


def value_of(
    *,
    attribute: str,
    product: str | None,
    product_uuid: str | None,
    product_model: str | None,
    locale: str | None,
    channel: str | None,
) -> dict[str, str]:
    """The form field that says which value of which product the file is for."""
    place = {"attribute": attribute, "scope": channel, "locale": locale}
    owners = {"identifier": product, "uuid": product_uuid, "code": product_model}
    given = {name: owner for name, owner in owners.items() if owner is not None}
    if len(given) != 1:
        raise ConfigurationError("give the file to one of product=, product_uuid= and product_model=")
    return {"product_model" if product_model is not None else "product": json.dumps({**given, **place})}


def category_value(category: str, attribute: str, locale: str | None, channel: str | None) -> dict[str, str]:
    """The form field that says which value of which category the file is for."""
    place = {"code": category, "attribute_code": attribute, "channel": channel, "locale": locale}
    return {"category": json.dumps(place)}


def _product_file(code: str) -> str:
    return f"{MEDIA_FILES.at(code)}/download"


def _category_file(code: str) -> str:
    return f"{address(_CATEGORY_MEDIA, code, folders=True)}/download"


# ---- products ----
class MediaFiles(ReadResource[MediaFile]):
    """The files of products and product models. Source: Akeneo's documentation of the media file resource.

    >>> from io import BytesIO
    >>> from akeneo_erp_bridge.catalog import ProductPatch
    >>> from akeneo_erp_bridge.codes import Sku
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> pim = PimSimulator(sample=True).client()
    >>> pim.products_by_identifier.create(ProductPatch(identifier=Sku("HM-500"))).created
    True
    >>> code = pim.media_files.upload(b"GIF89a", filename="hammer.gif", product="HM-500", attribute="picture")
    >>> pim.media_files.get(code).original_filename, pim.media_files.download(code, BytesIO())
    ('hammer.gif', 6)
    """

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(MEDIA_FILES, session, options)
        self._calls = Calls(session.keeper, options)

    def upload(
        self,
        file: FileSource,
        *,
        attribute: str,
        product: str | None = None,
        product_uuid: str | None = None,
        product_model: str | None = None,
        locale: str | None = None,
        channel: str | None = None,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> MediaFileCode:
        """Upload a file and make it the value of one product (by identifier or UUID) or product model.

        *file* is a path, bytes, or a binary file that can be read twice; it is sent in pieces. Returns the code of
        the file. Raises `PimRefused` with the reason, `ConfigurationError` for a file that cannot be read.
        """
        fields = value_of(
            attribute=attribute, product=product, product_uuid=product_uuid, product_model=product_model,
            locale=locale, channel=channel,
        )  # fmt: skip
        form = multipart(file, filename=filename, fields=fields, progress=progress)
        return self._session.run(send_file(self._calls, MEDIA_FILES.path, form), self._options)

    def download(self, code: str, target: Path | str | BinaryIO, *, progress: Progress | None = None) -> int:
        """Download a file to a path or an open binary file; return its size in bytes.

        A try that breaks off is gone on with, where the server can. A path gets the file when it is complete.
        """
        with opened_for_writing(target) as file:
            flow = receive(self._calls, _product_file(code), MEDIA_FILES.named(code), file, progress)
            return self._session.run(flow, self._options)


class AsyncMediaFiles(AsyncReadResource[MediaFile]):
    """The files of products and product models; see `MediaFiles`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.catalog import ProductPatch
    >>> from akeneo_erp_bridge.codes import Sku
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         await pim.products_by_identifier.create(ProductPatch(identifier=Sku("HM-500")))
    ...         files = pim.media_files
    ...         code = await files.upload(b"GIF89a", filename="hammer.gif", product="HM-500", attribute="picture")
    ...         print((await files.get(code)).size)
    >>> asyncio.run(main())
    6
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(MEDIA_FILES, session, options)
        self._calls = Calls(session.keeper, options)

    async def upload(
        self,
        file: FileSource,
        *,
        attribute: str,
        product: str | None = None,
        product_uuid: str | None = None,
        product_model: str | None = None,
        locale: str | None = None,
        channel: str | None = None,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> MediaFileCode:
        """Upload a file and make it the value of one product or product model; see `MediaFiles.upload`."""
        fields = value_of(
            attribute=attribute, product=product, product_uuid=product_uuid, product_model=product_model,
            locale=locale, channel=channel,
        )  # fmt: skip
        form = await to_thread(multipart, file, filename=filename, fields=fields, progress=progress)
        return await self._session.run(send_file(self._calls, MEDIA_FILES.path, form), self._options)

    async def download(self, code: str, target: Path | str | BinaryIO, *, progress: Progress | None = None) -> int:
        """Download a file to a path or an open binary file; see `MediaFiles.download`."""
        async with opened_aside(target) as file:
            flow = receive(self._calls, _product_file(code), MEDIA_FILES.named(code), file, progress)
            return await self._session.run(flow, self._options)


# ---- categories ----
class CategoryMedia(Service):
    """The files of enriched categories; cloud PIMs.

    Source: Akeneo's documentation of the category media file resource.

    >>> from io import BytesIO
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> files = PimSimulator(sample=True).client().category_media
    >>> code = files.upload(b"GIF89a", filename="saws.gif", category="saws", attribute="banner")
    >>> files.download(code, BytesIO())
    6
    """

    def upload(
        self,
        file: FileSource,
        *,
        category: str,
        attribute: str,
        locale: str | None = None,
        channel: str | None = None,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> MediaFileCode:
        """Upload a file and make it a value of one category."""
        fields = category_value(category, attribute, locale, channel)
        form = multipart(file, filename=filename, fields=fields, progress=progress)
        return self._run(send_file(self._calls, _CATEGORY_MEDIA, form))

    def download(self, code: str, target: Path | str | BinaryIO, *, progress: Progress | None = None) -> int:
        """Download a file; see `MediaFiles.download`."""
        with opened_for_writing(target) as file:
            return self._run(receive(self._calls, _category_file(code), f"category file {code!r}", file, progress))


class AsyncCategoryMedia(AsyncService):
    """The files of enriched categories; see `CategoryMedia`.

    >>> import asyncio
    >>> from io import BytesIO
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         files = pim.category_media
    ...         code = await files.upload(b"GIF89a", filename="saws.gif", category="saws", attribute="banner")
    ...         print(await files.download(code, BytesIO()))
    >>> asyncio.run(main())
    6
    """

    async def upload(
        self,
        file: FileSource,
        *,
        category: str,
        attribute: str,
        locale: str | None = None,
        channel: str | None = None,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> MediaFileCode:
        """Upload a file and make it a value of one category."""
        fields = category_value(category, attribute, locale, channel)
        form = await to_thread(multipart, file, filename=filename, fields=fields, progress=progress)
        return await self._run(send_file(self._calls, _CATEGORY_MEDIA, form))

    async def download(self, code: str, target: Path | str | BinaryIO, *, progress: Progress | None = None) -> int:
        """Download a file; see `MediaFiles.download`."""
        async with opened_aside(target) as file:
            return await self._run(
                receive(self._calls, _category_file(code), f"category file {code!r}", file, progress)
            )


# ---- reference entities and assets ----
class EntityMedia(Service):
    """Files that stand alone until a record or asset is given their code.

    Source: Akeneo's documentation of reference entity and asset media files.

    >>> from akeneo_erp_bridge.catalog import EntityValue, RecordPatch
    >>> from akeneo_erp_bridge.codes import AttributeCode, RecordCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> pim = PimSimulator(sample=True).client()
    >>> logo = pim.reference_entity_media.upload(b"GIF89a", filename="forte.gif")
    >>> forte = RecordPatch(code=RecordCode("forte"), values={AttributeCode("image"): [EntityValue(data=logo)]})
    >>> pim.reference_entities.records("brands").upsert(forte).ok
    True
    """

    def __init__(self, session: Session, options: Options, path: str) -> None:
        super().__init__(session, options)
        self._path = path

    def upload(
        self, file: FileSource, *, filename: str | None = None, progress: Progress | None = None
    ) -> MediaFileCode:
        """Upload a file; write its code into a value afterwards."""
        form = multipart(file, filename=filename, progress=progress)
        return self._run(send_file(self._calls, self._path, form))

    def download(self, code: str, target: Path | str | BinaryIO, *, progress: Progress | None = None) -> int:
        """Download a file; see `MediaFiles.download`."""
        with opened_for_writing(target) as file:
            place = address(self._path, code, folders=True)
            return self._run(receive(self._calls, place, f"file {code!r}", file, progress))


class AsyncEntityMedia(AsyncService):
    """Files that stand alone until a record or asset is given their code.

    >>> import asyncio
    >>> from io import BytesIO
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         code = await pim.asset_media.upload(b"GIF89a", filename="hammer.gif")
    ...         print(await pim.asset_media.download(code, BytesIO()))
    >>> asyncio.run(main())
    6
    """

    def __init__(self, session: AsyncSession, options: Options, path: str) -> None:
        super().__init__(session, options)
        self._path = path

    async def upload(
        self, file: FileSource, *, filename: str | None = None, progress: Progress | None = None
    ) -> MediaFileCode:
        """Upload a file; write its code into a value afterwards."""
        form = await to_thread(multipart, file, filename=filename, progress=progress)
        return await self._run(send_file(self._calls, self._path, form))

    async def download(self, code: str, target: Path | str | BinaryIO, *, progress: Progress | None = None) -> int:
        """Download a file; see `MediaFiles.download`."""
        async with opened_aside(target) as file:
            place = address(self._path, code, folders=True)
            return await self._run(receive(self._calls, place, f"file {code!r}", file, progress))
