"""Workflows: the steps products go through, and the tasks that wait for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from akeneo_erp_bridge.akeneo._async_resource import AsyncListResource, AsyncReadResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._calls import Calls, json_object, one
from akeneo_erp_bridge.akeneo._flow import Flow
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import ListResource, ReadResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import Assignee, JsonObject, JsonValue, Workflow, WorkflowTask

__all__ = ["AsyncWorkflows", "TaskStatus", "Workflows"]

_PATH: Final = f"{API}/workflows"
_NOTHING: Final[Mapping[str, JsonValue]] = {}

TaskStatus: TypeAlias = Literal["completed", "approved", "rejected"]
"""What can become of a task."""

WORKFLOWS: Final = Kind[Workflow](singular="workflow", plural="workflows", path=_PATH, decode=one(Workflow), key="uuid")
TASKS: Final = Kind[WorkflowTask](
    singular="workflow task", plural="workflow tasks", path=f"{_PATH}/tasks", decode=one(WorkflowTask), key="uuid"
)


def assignees_of(step: str) -> Kind[Assignee]:
    """Who may do a step."""
    path = f"{address(f'{_PATH}/steps', step)}/assignees"
    return Kind(singular="assignee", plural=f"assignees of step {step!r}", path=path, decode=one(Assignee), key="uuid")


class WorkflowVerbs:
    """What can be done with workflows, as flows."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def start(self, executions: Sequence[Mapping[str, JsonValue]]) -> Flow[JsonObject]:
        body = [dict(one) for one in executions]
        target = f"{_PATH}/executions"
        return self._calls.ask("POST", target, "workflow executions", json_object, body=body, repeatable=False)

    def decide(self, task: str, status: TaskStatus, more: Mapping[str, JsonValue]) -> Flow[None]:
        body = {"status": status, **more}
        return self._calls.tell("PATCH", address(TASKS.path, task), TASKS.named(task), body=body)


class Workflows(ReadResource[Workflow]):
    """Workflows and their tasks; cloud PIMs, Enterprise Edition.

    Source: Akeneo's documentation of workflows.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> workflows = PimSimulator(sample=True).client().workflows
    >>> approval = workflows.list().first()
    >>> [step.code for step in approval.steps]
    ['texts', 'approval']
    >>> [user.first_name for user in workflows.assignees(approval.steps[0].uuid).list()]
    ['Julia']
    """

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__(WORKFLOWS, session, options)
        self._workflows = WorkflowVerbs(Calls(session.keeper, options))

    def start(self, executions: Sequence[Mapping[str, JsonValue]]) -> JsonObject:
        """Start executions, at most 100; return what the PIM says of each: it may take some and refuse others."""
        return self._session.run(self._workflows.start(executions), self._options)

    def assignees(self, step: str) -> ListResource[Assignee]:
        """Return the users who may do a step."""
        return ListResource(assignees_of(step), self._session, self._options)

    def tasks(self) -> ReadResource[WorkflowTask]:
        """Return the tasks; a list needs `where={"step_uuid": [{"operator": "=", "value": ...}]}`."""
        return ReadResource(TASKS, self._session, self._options)

    def decide(self, task: str, status: TaskStatus, *, more: Mapping[str, JsonValue] = _NOTHING) -> None:
        """Complete, approve or reject a task; *more* are further fields, such as the reasons of a rejection."""
        return self._session.run(self._workflows.decide(task, status, more), self._options)


class AsyncWorkflows(AsyncReadResource[Workflow]):
    """Workflows and their tasks; see `Workflows`.

    >>> import asyncio
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> async def main() -> None:
    ...     async with PimSimulator(sample=True).async_client() as pim:
    ...         print([workflow.code async for workflow in pim.workflows.list()])
    >>> asyncio.run(main())
    ['new_products']
    """

    def __init__(self, session: AsyncSession, options: Options) -> None:
        super().__init__(WORKFLOWS, session, options)
        self._workflows = WorkflowVerbs(Calls(session.keeper, options))

    async def start(self, executions: Sequence[Mapping[str, JsonValue]]) -> JsonObject:
        """Start executions; see `Workflows.start`."""
        return await self._session.run(self._workflows.start(executions), self._options)

    def assignees(self, step: str) -> AsyncListResource[Assignee]:
        """Return the users who may do a step."""
        return AsyncListResource(assignees_of(step), self._session, self._options)

    def tasks(self) -> AsyncReadResource[WorkflowTask]:
        """Return the tasks; see `Workflows.tasks`."""
        return AsyncReadResource(TASKS, self._session, self._options)

    async def decide(self, task: str, status: TaskStatus, *, more: Mapping[str, JsonValue] = _NOTHING) -> None:
        """Complete, approve or reject a task; see `Workflows.decide`."""
        return await self._session.run(self._workflows.decide(task, status, more), self._options)
