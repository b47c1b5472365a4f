"""Small services of the cloud PIM: jobs, rights, rules, UI extensions, suggestions for the data model."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from akeneo_erp_bridge.akeneo._async_resource import AsyncListResource, AsyncReadResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import authorised
from akeneo_erp_bridge.akeneo._calls import AsyncService, Calls, Service, every, json_object, one
from akeneo_erp_bridge.akeneo._errors import read_body
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import ListResource, ReadResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._streams import FileSource, Form, Progress, multipart
from akeneo_erp_bridge.catalog import (
    DataModelSuggestion,
    JobExecution,
    JsonObject,
    JsonValue,
    Right,
    RuleDefinition,
    RuleDefinitionPatch,
    UiExtension,
    UiExtensionPatch,
    encode,
)

__all__ = [
    "AsyncDataModel",
    "AsyncJobs",
    "AsyncPermissions",
    "AsyncRules",
    "AsyncUiExtensions",
    "DataModel",
    "ImportMode",
    "Jobs",
    "Permissions",
    "Rules",
    "UiExtensions",
]

ImportMode: TypeAlias = Literal["create_only", "update_only", "create_or_update"]
"""What an import may do, whatever its profile says."""

RULES: Final = Kind[RuleDefinition](
    singular="rule", plural="rules", path=f"{API}/rule-definitions", decode=one(RuleDefinition)
)
EXTENSIONS: Final = Kind[UiExtension](
    singular="UI extension",
    plural="UI extensions",
    path=f"{API}/ui-extensions",
    decode=one(UiExtension),
    key="uuid",
    paging="whole",
)
_MODEL: Final = f"{API}/data-model-designer"
SUGGESTIONS: Final = Kind[DataModelSuggestion](
    singular="suggestion",
    plural="suggestions",
    path=f"{_MODEL}/modelization-suggestions",
    decode=one(DataModelSuggestion),
    key="uuid",
)


# ---- flows ----
def start_job(calls: Calls, kind: str, code: str, body: JsonObject) -> Flow[JobExecution]:
    """Start an import or export profile."""
    target = address(f"{API}/jobs/{kind}", code)
    return calls.ask("POST", target, f"{kind} job {code!r}", one(JobExecution), body=body, repeatable=False)


def rights(calls: Calls, user: str, what: str) -> Flow[tuple[Right, ...]]:
    """What a user may do in each locale or channel."""
    return calls.ask(
        "GET", f"{address(f'{API}/permissions', user)}/{what}", f"{what} rights of user {user!r}", every(Right)
    )


def replace_rule(calls: Calls, rule: RuleDefinitionPatch) -> Flow[None]:
    """Write a whole rule."""
    return calls.tell("PUT", address(RULES.path, rule.code), RULES.named(rule.code), body=encode(rule))


def create_extension(calls: Calls, extension: UiExtensionPatch) -> Flow[UiExtension]:
    """Make an extension."""
    body = _without_uuid(extension)
    return calls.ask("POST", EXTENSIONS.path, "a new UI extension", one(UiExtension), body=body, repeatable=False)


def update_extension(calls: Calls, extension: UiExtensionPatch) -> Flow[UiExtension]:
    """Change an extension."""
    uuid = str(extension.uuid)
    target = address(EXTENSIONS.path, uuid)
    return calls.ask("PATCH", target, EXTENSIONS.named(uuid), one(UiExtension), body=_without_uuid(extension))


def extension_fields(extension: UiExtensionPatch) -> dict[str, str]:
    """An extension as the fields of a form."""
    return {
        name: part if isinstance(part, str) else dumps(part).decode() for name, part in _without_uuid(extension).items()
    }


def update_extension_with_file(calls: Calls, extension: UiExtensionPatch, form: Form) -> Flow[UiExtension]:
    """Change an extension, and its file."""
    uuid = str(extension.uuid)
    upload, kind = form
    call = Call(
        method="POST",
        target=address(EXTENSIONS.path, uuid),
        what=EXTENSIONS.named(uuid),
        headers={"Content-Type": kind},
        upload=upload,
    )
    answer = yield from authorised(call, calls.keeper, calls.options.retry)
    return EXTENSIONS.decode(read_body(call, answer))


def delete_extension(calls: Calls, uuid: str) -> Flow[None]:
    """Delete an extension."""
    return calls.tell("DELETE", address(EXTENSIONS.path, uuid), EXTENSIONS.named(uuid))


def _without_uuid(extension: UiExtensionPatch) -> JsonObject:
    return {name: part for name, part in encode(extension).items() if name != "uuid"}


def suggestion(calls: Calls, uuid: str) -> Flow[DataModelSuggestion]:
    """Read one suggestion, whose route is another than the list's."""
    return calls.ask("GET", _suggestion(uuid), SUGGESTIONS.named(uuid), one(DataModelSuggestion))


def suggest(calls: Calls, attribute: Mapping[str, JsonValue]) -> Flow[JsonObject]:
    """Propose an attribute."""
    target = f"{_MODEL}/modelization-suggestion/attribute"
    return calls.ask("POST", target, "a suggested attribute", json_object, body=attribute, repeatable=False)


def judge(calls: Calls, uuid: str, verdict: str) -> Flow[None]:
    """Approve or decline a suggestion."""
    return calls.tell("POST", f"{_suggestion(uuid)}/{verdict}", SUGGESTIONS.named(uuid), repeatable=False)


def _suggestion(uuid: str) -> str:
    return address(f"{_MODEL}/modelization-suggestion", uuid)


def _import(mode: ImportMode | None) -> JsonObject:
    return {} if mode is None else {"import_mode": mode}


# ---- jobs ----
class Jobs(Service):
    """Import and export profiles. The API starts them; it does not tell how they end.

    Source: Akeneo's documentation of the jobs resource; cloud PIMs.
    """

    def start_export(self, code: str) -> JobExecution:
        """Start an export profile; never repeated blindly."""
        return self._run(start_job(self._calls, "export", code, {}))

    def start_import(self, code: str, *, mode: ImportMode | None = None) -> JobExecution:
        """Start an import profile; *mode* overrides what the profile says."""
        return self._run(start_job(self._calls, "import", code, _import(mode)))


class AsyncJobs(AsyncService):
    """Import and export profiles; see `Jobs`."""

    async def start_export(self, code: str) -> JobExecution:
        """Start an export profile; never repeated blindly."""
        return await self._run(start_job(self._calls, "export", code, {}))

    async def start_import(self, code: str, *, mode: ImportMode | None = None) -> JobExecution:
        """Start an import profile; *mode* overrides what the profile says."""
        return await self._run(start_job(self._calls, "import", code, _import(mode)))


# ---- permissions ----
class Permissions(Service):
    """What users may see and change; cloud PIMs."""

    def locales(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each locale."""
        return self._run(rights(self._calls, user, "locales"))

    def channels(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each channel."""
        return self._run(rights(self._calls, user, "channels"))


class AsyncPermissions(AsyncService):
    """What users may see and change; see `Permissions`."""

    async def locales(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each locale."""
        return await self._run(rights(self._calls, user, "locales"))

    async def channels(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each channel."""
        return await self._run(rights(self._calls, user, "channels"))


# ---- rules ----
class Rules(ReadResource[RuleDefinition]):
    """The rules engine's rules. Experimental: seen in one client alone."""

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(RULES, session, options)
        self._calls = Calls(session.keeper, options)

    def replace(self, rule: RuleDefinitionPatch) -> None:
        """Create a rule, or replace it: what is not named is lost."""
        return self._session.run(replace_rule(self._calls, rule), self._options)


class AsyncRules(AsyncReadResource[RuleDefinition]):
    """The rules engine's rules; see `Rules`."""

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(RULES, session, options)
        self._calls = Calls(session.keeper, options)

    async def replace(self, rule: RuleDefinitionPatch) -> None:
        """Create a rule, or replace it: what is not named is lost."""
        return await self._session.run(replace_rule(self._calls, rule), self._options)


# ---- UI extensions ----
class UiExtensions(ListResource[UiExtension]):
    """The extensions of this token's owner; cloud PIMs, Enterprise Edition."""

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

    def delete(self, uuid: str) -> None:
        """Delete an extension."""
        return self._session.run(delete_extension(self._calls, uuid), self._options)


class AsyncUiExtensions(AsyncListResource[UiExtension]):
    """The extensions of this token's owner; see `UiExtensions`."""

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

    async def delete(self, uuid: str) -> None:
        """Delete an extension."""
        return await self._session.run(delete_extension(self._calls, uuid), self._options)


# ---- the data model ----
class DataModel(ListResource[DataModelSuggestion]):
    """Suggestions for the PIM's structure. Experimental: seen in one client alone."""

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(SUGGESTIONS, session, options)
        self._calls = Calls(session.keeper, options)

    def get(self, uuid: str) -> DataModelSuggestion:
        """Return one suggestion."""
        return self._session.run(suggestion(self._calls, uuid), self._options)

    def suggest_attribute(self, attribute: Mapping[str, JsonValue]) -> JsonObject:
        """Propose an attribute; never repeated blindly."""
        return self._session.run(suggest(self._calls, attribute), self._options)

    def approve(self, uuid: str) -> None:
        """Approve a suggestion."""
        return self._session.run(judge(self._calls, uuid, "approve"), self._options)

    def decline(self, uuid: str) -> None:
        """Decline a suggestion."""
        return self._session.run(judge(self._calls, uuid, "decline"), self._options)


class AsyncDataModel(AsyncListResource[DataModelSuggestion]):
    """Suggestions for the PIM's structure; see `DataModel`."""

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(SUGGESTIONS, session, options)
        self._calls = Calls(session.keeper, options)

    async def get(self, uuid: str) -> DataModelSuggestion:
        """Return one suggestion."""
        return await self._session.run(suggestion(self._calls, uuid), self._options)

    async def suggest_attribute(self, attribute: Mapping[str, JsonValue]) -> JsonObject:
        """Propose an attribute; never repeated blindly."""
        return await self._session.run(suggest(self._calls, attribute), self._options)

    async def approve(self, uuid: str) -> None:
        """Approve a suggestion."""
        return await self._session.run(judge(self._calls, uuid, "approve"), self._options)

    async def decline(self, uuid: str) -> None:
        """Decline a suggestion."""
        return await self._session.run(judge(self._calls, uuid, "decline"), self._options)
