"""Workflows: the steps products go through, and the tasks that wait for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.akeneo._async_resource import AsyncListResource, AsyncReadResource
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._calls import Calls, one
from akeneo_erp_bridge.akeneo._errors import read_body
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import API, Kind, address
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._resource import ListResource, ReadResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import Assignee, JsonValue, Workflow, WorkflowTask
from akeneo_erp_bridge.errors import ConfigurationError, UnexpectedAnswer

__all__ = ["AsyncWorkflows", "TaskStatus", "WorkflowStart", "Workflows"]

_PATH: Final = f"{API}/workflows"
_MOST_EXECUTIONS: Final = 100
_PARTIAL: Final = 207
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

    def start(self, executions: Sequence[Mapping[str, JsonValue]]) -> Flow[tuple[WorkflowStart, ...]]:
        if len(executions) > _MOST_EXECUTIONS:
            raise ConfigurationError(
                f"{len(executions)} executions are too many for one call; start {_MOST_EXECUTIONS} at a time"
            )
        if not executions:
            return ()
        body = [dict(one) for one in executions]
        target, what = f"{_PATH}/executions", "workflow executions"
        answer = yield from self._calls.send("POST", target, what, body=body, repeatable=False)
        call = Call(method="POST", target=target, what=what)
        raw = read_body(call, answer) if answer.content else None
        return _starts(call, executions, raw, is_partial=answer.status == _PARTIAL)

    def decide(self, task: str, status: TaskStatus, more: Mapping[str, JsonValue]) -> Flow[None]:
        body = {"status": status, **more}
        return self._calls.tell("PATCH", address(TASKS.path, task), TASKS.named(task), body=body)


@frozen
class WorkflowStart:
    """What became of one execution that was to be started. `error` says why it was not.

    Source: Akeneo's documentation of workflows.

    >>> WorkflowStart({"workflow": {"uuid": "6f1c"}}, error="unknown workflow").ok
    False
    """

    item: Mapping[str, JsonValue]
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it runs."""
        return self.error is None


def _starts(
    call: Call, executions: Sequence[Mapping[str, JsonValue]], raw: JsonValue, *, is_partial: bool
) -> tuple[WorkflowStart, ...]:
    """Join what the PIM refused, by place, to what was asked for; the others run."""
    errors = raw.get("errors") if isinstance(raw, Mapping) else None
    refused: dict[int, str] = {}
    for error in errors if isinstance(errors, list | tuple) else ():
        told = error if isinstance(error, Mapping) else _NOTHING
        place = told.get("index")
        if isinstance(place, int) and 0 <= place < len(executions):
            refused[place] = str(told.get("message") or "no reason given")
    if is_partial and not refused:
        raise UnexpectedAnswer(f"{call}: the PIM started a part of them, and does not tell which: look in the PIM")
    return tuple(WorkflowStart(one, refused.get(place)) for place, one in enumerate(executions))


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

    def start(self, executions: Sequence[Mapping[str, JsonValue]]) -> tuple[WorkflowStart, ...]:
        """Start executions, at most 100; return what became of each, in order: the PIM may refuse some of them.

        Never repeated blindly. Raises `ConfigurationError` for more than 100.
        """
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

    async def start(self, executions: Sequence[Mapping[str, JsonValue]]) -> tuple[WorkflowStart, ...]:
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
