"""UI extensions: buttons and frames that Apps add to the PIM; cloud PIMs."""

from __future__ import annotations

from asyncio import to_thread
from typing import Final

from akeneo_erp_bridge.akeneo._async_resource import AsyncListResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import authorised
from akeneo_erp_bridge.akeneo._calls import Calls, every, one
from akeneo_erp_bridge.akeneo._errors import problem_of
from akeneo_erp_bridge.akeneo._flow import Answer, Call, Flow
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address, named_key
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import ListResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._streams import FileSource, Form, Progress, multipart
from akeneo_erp_bridge.catalog import JsonObject, UiExtension, UiExtensionPatch, encode
from akeneo_erp_bridge.errors import NotFound

__all__ = ["AsyncUiExtensions", "UiExtensions"]

EXTENSIONS: Final = Kind[UiExtension](
    singular="UI extension",
    plural="UI extensions",
    path=f"{API}/ui-extensions",
    decode=one(UiExtension),
    key="uuid",
    paging="whole",
)


def create_extension(calls: Calls, extension: UiExtensionPatch) -> Flow[UiExtension]:
    """Make an extension."""
    body = _without_uuid(extension)
    return calls.ask("POST", EXTENSIONS.path, "a new UI extension", one(UiExtension), body=body, repeatable=False)


def update_extension(calls: Calls, extension: UiExtensionPatch) -> Flow[UiExtension]:
    """Change an extension."""
    uuid = _uuid_of(extension)
    target, name = address(EXTENSIONS.path, uuid), EXTENSIONS.named(uuid)
    answer = yield from calls.send("PATCH", target, name, body=_without_uuid(extension))
    return (yield from _changed(calls, uuid, answer))


def extension_fields(extension: UiExtensionPatch) -> dict[str, str]:
    """An extension as the fields of a form."""
    return {
        name: part if isinstance(part, str) else dumps(part).decode() for name, part in _without_uuid(extension).items()
    }


def update_extension_with_file(calls: Calls, extension: UiExtensionPatch, form: Form) -> Flow[UiExtension]:
    """Change an extension, and its file."""
    uuid = _uuid_of(extension)
    upload, kind = form
    call = Call(
        method="POST",
        target=address(EXTENSIONS.path, uuid),
        what=EXTENSIONS.named(uuid),
        headers={"Content-Type": kind},
        upload=upload,
    )
    answer = yield from authorised(call, calls.keeper, calls.options.retry)
    if not 200 <= answer.status < 300:
        raise problem_of(call, answer)
    return (yield from _changed(calls, uuid, answer))


def _changed(calls: Calls, uuid: str, answer: Answer) -> Flow[UiExtension]:
    """The extension as it is now: from the answer, or from the list where the answer is empty; no route reads one."""
    if answer.content:
        return calls.read(Call(method="PATCH", target="", what=EXTENSIONS.named(uuid)), answer, one(UiExtension))
    for extension in (yield from calls.ask("GET", EXTENSIONS.path, EXTENSIONS.plural, every(UiExtension))):
        if extension.uuid == uuid:
            return extension
    raise NotFound(f"{EXTENSIONS.named(uuid)} was changed, and is not among the UI extensions now", status=404)


def delete_extension(calls: Calls, uuid: str) -> Flow[bool]:
    """Delete an extension; whether it was there."""
    return calls.delete(address(EXTENSIONS.path, uuid), EXTENSIONS.named(uuid))


def _uuid_of(extension: UiExtensionPatch) -> str:
    return named_key(extension.uuid, "uuid", "UiExtensionPatch")


def _without_uuid(extension: UiExtensionPatch) -> JsonObject:
    return {name: part for name, part in encode(extension).items() if name != "uuid"}


class UiExtensions(ListResource[UiExtension]):
    """The extensions of this token's owner; cloud PIMs, Enterprise Edition.

    Source: Akeneo's documentation of UI extensions.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> extensions = PimSimulator().client().ui_extensions
    >>> stock = UiExtensionPatch(name="stock", type="iframe", position="pim.product.tab", configuration={"url": "https://erp.example.com"})
    >>> made = extensions.create(stock)
    >>> [one.name for one in extensions.list()], extensions.delete(made.uuid)
    (['stock'], True)
    """

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(EXTENSIONS, session, options)
        self._calls = Calls(session.keeper, options)

    def create(self, extension: UiExtensionPatch) -> UiExtension:
        """Make an extension, and return it with its `uuid`; never repeated blindly."""
        return self._session.run(create_extension(self._calls, extension), self._options)

    def update(self, extension: UiExtensionPatch) -> UiExtension:
        """Change an extension, named by `uuid`."""
        return self._session.run(update_extension(self._calls, extension), self._options)

    def update_with_file(
        self,
        extension: UiExtensionPatch,
        file: FileSource,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> UiExtension:
        """Change an extension, named by `uuid`, and give it the file it runs."""
        form = multipart(file, filename=filename, fields=extension_fields(extension), progress=progress)
        return self._session.run(update_extension_with_file(self._calls, extension, form), self._options)

    def delete(self, uuid: str) -> bool:
        """Delete an extension; return whether it was there."""
        return self._session.run(delete_extension(self._calls, uuid), self._options)


class AsyncUiExtensions(AsyncListResource[UiExtension]):
    """The extensions of this token's owner; see `UiExtensions`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         print([extension.name async for extension in pim.ui_extensions.list()])
    >>> asyncio.run(main())
    []
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(EXTENSIONS, session, options)
        self._calls = Calls(session.keeper, options)

    async def create(self, extension: UiExtensionPatch) -> UiExtension:
        """Make an extension; see `UiExtensions.create`."""
        return await self._session.run(create_extension(self._calls, extension), self._options)

    async def update(self, extension: UiExtensionPatch) -> UiExtension:
        """Change an extension, named by `uuid`."""
        return await self._session.run(update_extension(self._calls, extension), self._options)

    async def update_with_file(
        self,
        extension: UiExtensionPatch,
        file: FileSource,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
    ) -> UiExtension:
        """Change an extension, named by `uuid`, and give it the file it runs."""
        fields = extension_fields(extension)
        form = await to_thread(multipart, file, filename=filename, fields=fields, progress=progress)
        return await self._session.run(update_extension_with_file(self._calls, extension, form), self._options)

    async def delete(self, uuid: str) -> bool:
        """Delete an extension; return whether it was there."""
        return await self._session.run(delete_extension(self._calls, uuid), self._options)
