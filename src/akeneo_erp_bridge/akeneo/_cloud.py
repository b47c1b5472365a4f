"""Small services of the cloud PIM: jobs, rights, rules, suggestions for the data model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from akeneo_erp_bridge.akeneo._async_resource import AsyncListResource, AsyncReadResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._calls import AsyncService, Calls, Service, every, json_object, one
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import ListResource, ReadResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import (
    DataModelSuggestion,
    JobExecution,
    JsonObject,
    JsonValue,
    Right,
    RuleDefinition,
    RuleDefinitionPatch,
    encode,
)

__all__ = [
    "AsyncDataModel",
    "AsyncJobs",
    "AsyncPermissions",
    "AsyncRules",
    "DataModel",
    "ImportMode",
    "Jobs",
    "Permissions",
    "Rules",
]

ImportMode: TypeAlias = Literal["create_only", "update_only", "create_or_update"]
"""What an import may do, whatever its profile says."""

RULES: Final = Kind[RuleDefinition](
    singular="rule", plural="rules", path=f"{API}/rule-definitions", decode=one(RuleDefinition)
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
    name = f"{kind} job {code!r}"
    answer = yield from calls.send("POST", target, name, body=body, repeatable=False)
    if not answer.content:
        return JobExecution()  # it runs; to raise here would invite to start it twice
    return calls.read(Call(method="POST", target=target, what=name), answer, one(JobExecution))


def rights(calls: Calls, user: str, what: str) -> Flow[tuple[Right, ...]]:
    """What a user may do in each locale or channel."""
    return calls.ask(
        "GET", f"{address(f'{API}/permissions', user)}/{what}", f"{what} rights of user {user!r}", every(Right)
    )


def replace_rule(calls: Calls, rule: RuleDefinitionPatch) -> Flow[None]:
    """Write a whole rule."""
    return calls.tell("PUT", address(RULES.path, rule.code), RULES.named(rule.code), body=encode(rule))


def suggestion(calls: Calls, uuid: str) -> Flow[DataModelSuggestion]:
    """Read one suggestion, whose route is another than the list's."""
    return calls.ask("GET", _suggestion(uuid), SUGGESTIONS.named(uuid), one(DataModelSuggestion))


def suggest(calls: Calls, attribute: Mapping[str, JsonValue]) -> Flow[JsonObject]:
    """Propose an attribute."""
    target = f"{_MODEL}/modelization-suggestion/attribute"
    answer = yield from calls.send("POST", target, "a suggested attribute", body=attribute, repeatable=False)
    if not answer.content:
        return {}
    return calls.read(Call(method="POST", target=target, what="a suggested attribute"), answer, json_object)


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

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> jobs = PimSimulator(sample=True).client().jobs
    >>> jobs.start_import("erp_products", mode="update_only").execution_id
    '1'
    """

    def start_export(self, code: str) -> JobExecution:
        """Start an export profile; never repeated blindly."""
        return self._run(start_job(self._calls, "export", code, {}))

    def start_import(self, code: str, *, mode: ImportMode | None = None) -> JobExecution:
        """Start an import profile; *mode* overrides what the profile says."""
        return self._run(start_job(self._calls, "import", code, _import(mode)))


class AsyncJobs(AsyncService):
    """Import and export profiles; see `Jobs`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print((await pim.jobs.start_export("shop_products")).execution_id)
    >>> asyncio.run(main())
    1
    """

    async def start_export(self, code: str) -> JobExecution:
        """Start an export profile; never repeated blindly."""
        return await self._run(start_job(self._calls, "export", code, {}))

    async def start_import(self, code: str, *, mode: ImportMode | None = None) -> JobExecution:
        """Start an import profile; *mode* overrides what the profile says."""
        return await self._run(start_job(self._calls, "import", code, _import(mode)))


# ---- permissions ----
class Permissions(Service):
    """What users may see and change; cloud PIMs.

    Source: Akeneo's documentation of permissions.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> rights = PimSimulator(sample=True).client().permissions.locales("6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a04")
    >>> [right.code for right in rights if right.edit]
    ['de_DE']
    """

    def locales(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each locale."""
        return self._run(rights(self._calls, user, "locales"))

    def channels(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each channel."""
        return self._run(rights(self._calls, user, "channels"))


class AsyncPermissions(AsyncService):
    """What users may see and change; see `Permissions`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print([right.code for right in await pim.permissions.channels("6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a04")])
    >>> asyncio.run(main())
    ['ecommerce']
    """

    async def locales(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each locale."""
        return await self._run(rights(self._calls, user, "locales"))

    async def channels(self, user: str) -> tuple[Right, ...]:
        """Return the rights of a user, by UUID, in each channel."""
        return await self._run(rights(self._calls, user, "channels"))


# ---- rules ----
class Rules(ReadResource[RuleDefinition]):
    """The rules engine's rules. Experimental: seen in one client alone.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> rules = PimSimulator().client().rules
    >>> rules.replace(RuleDefinitionPatch(code="switch_on", enabled=True))
    >>> rules.get("switch_on").enabled
    True
    """

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(RULES, session, options)
        self._calls = Calls(session.keeper, options)

    def replace(self, rule: RuleDefinitionPatch) -> None:
        """Create a rule, or replace it: what is not named is lost."""
        return self._session.run(replace_rule(self._calls, rule), self._options)


class AsyncRules(AsyncReadResource[RuleDefinition]):
    """The rules engine's rules; see `Rules`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         await pim.rules.replace(RuleDefinitionPatch(code="switch_on", enabled=True))
    ...         print((await pim.rules.get("switch_on")).enabled)
    >>> asyncio.run(main())
    True
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(RULES, session, options)
        self._calls = Calls(session.keeper, options)

    async def replace(self, rule: RuleDefinitionPatch) -> None:
        """Create a rule, or replace it: what is not named is lost."""
        return await self._session.run(replace_rule(self._calls, rule), self._options)


# ---- the data model ----
class DataModel(ListResource[DataModelSuggestion]):
    """Suggestions for the PIM's structure. Experimental: seen in one client alone.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> model = PimSimulator().client().data_model
    >>> suggestion = model.suggest_attribute({"code": "voltage", "type": "pim_catalog_number"})
    >>> [one.uuid == suggestion["uuid"] for one in model.list()]
    [True]
    """

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
    """Suggestions for the PIM's structure; see `DataModel`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator().async_client() as pim:
    ...         await pim.data_model.suggest_attribute({"code": "voltage", "type": "pim_catalog_number"})
    ...         print(len([one async for one in pim.data_model.list()]))
    >>> asyncio.run(main())
    1
    """

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
