"""Workflows: executions that put tasks before people, step by step."""

from __future__ import annotations

import uuid

from akeneo_erp_bridge.testing.pim._filters import conditions_of, unsupported
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, flag, text, texts
from akeneo_erp_bridge.testing.pim._pages import page
from akeneo_erp_bridge.testing.pim._refusal import Refusal, broken_json, not_found
from akeneo_erp_bridge.testing.pim._routes import RouteTable
from akeneo_erp_bridge.testing.pim._world import World
from akeneo_erp_bridge.testing.pim.resources._shelf import Shelf

MOST_EXECUTIONS = 100
PATH, TASKS = "workflows", "workflows/tasks"
STATUSES = {"completed": "enrich", "approved": "review", "rejected": "review"}
"""What may become of a task, and the type of step it may be said of."""


class Workflows:
    """The routes of workflows, which PIM users design: here, `PimSimulator.load` puts them down."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._workflows = Shelf(world, "workflow", "Workflow", key="uuid")
        self._tasks = Shelf(world, "workflow_task", "Task", key="uuid")

    def offer(self, routes: RouteTable) -> None:
        """Add the routes."""
        routes.offer("workflow_list", "GET", PATH, lambda r, _: self._workflows.page(r, PATH))
        routes.offer("workflow_execution_create", "POST", f"{PATH}/executions", self._start, "json")
        routes.offer("workflow_task_list", "GET", TASKS, self._list_tasks)
        routes.offer("workflow_task_get", "GET", f"{TASKS}/{{uuid}}", lambda _, p: Answer.json(self._tasks.get(p[0])))
        routes.offer("workflow_task_update", "PATCH", f"{TASKS}/{{uuid}}", self._decide, "json")
        routes.offer("workflow_step_assignees", "GET", f"{PATH}/steps/{{uuid}}/assignees", self._assignees)
        routes.offer("workflow_get", "GET", f"{PATH}/{{uuid}}", lambda _, p: Answer.json(self._shown(p[0])))

    def _shown(self, key: str) -> JsonObject:
        stored = self._workflows.get(key)
        steps: list[JsonValue] = [
            {name: value for name, value in step.items() if name != "assignees"}
            for step in children(stored.get("steps"))
        ]
        return {**stored, "steps": steps}

    def _step(self, key: str) -> tuple[list[JsonObject], int]:
        """The steps of the workflow that has this one, and which of them it is."""
        for workflow in self._workflows.all():
            steps = children(workflow.get("steps"))
            for place, step in enumerate(steps):
                if step.get("uuid") == key:
                    return steps, place
        raise not_found(f'Step "{key}" does not exist.')

    def _assignees(self, request: Request, parts: tuple[str, ...]) -> Answer:
        steps, place = self._step(parts[0])
        return page(request, children(steps[place].get("assignees")), lambda one: one)

    # -- executions --------------------------------------------------------------------------------------------------

    def _start(self, request: Request, _: tuple[str, ...]) -> Answer:
        asked = request.json()
        if not isinstance(asked, list):
            raise broken_json()
        if len(asked) > MOST_EXECUTIONS:
            raise Refusal(400, f"You cannot start more than {MOST_EXECUTIONS} executions at once.")
        errors: list[JsonValue] = []
        for index, one in enumerate(asked):
            try:
                self._start_one(one if isinstance(one, dict) else {})
            except Refusal as refusal:
                errors.append({"index": index, "message": refusal.message})
        processed = len(asked) - len(errors)
        if errors:
            told: JsonObject = {
                "code": 207,
                "message": "Some executions failed.",
                "processed": processed,
                "errors": errors,
            }
            return Answer.json(told, 207)
        return Answer.json({"code": 201, "message": "All executions started.", "processed": processed}, 201)

    def _start_one(self, asked: JsonObject) -> None:
        workflow = self._workflows.get(text(child(asked, "workflow"), "uuid"))
        if not flag(workflow, "enabled"):
            raise Refusal(422, f'Workflow "{workflow["uuid"]}" is disabled.')
        product, model = text(child(asked, "product"), "uuid"), text(child(asked, "product_model"), "code")
        if product and product in self._world.products:
            self._add_task(children(workflow.get("steps"))[0], {"product_uuid": product})
        elif model and model in self._world.models:
            self._add_task(children(workflow.get("steps"))[0], {"product_model_code": model})
        else:
            raise Refusal(404, f'"{product or model}" does not exist.')

    def _add_task(self, step: JsonObject, of: JsonObject) -> None:
        self._tasks.put(
            {"uuid": str(uuid.uuid4()), "status": "in_progress", "step_uuid": step["uuid"],
             "created_at": self._world.now(), **of}
        )  # fmt: skip

    # -- tasks -------------------------------------------------------------------------------------------------------

    def _list_tasks(self, request: Request, _: tuple[str, ...]) -> Answer:
        conditions = conditions_of(request.argument("search"))
        if "step_uuid" not in conditions:
            raise Refusal(400, 'The search filter "step_uuid" is mandatory.')
        found = list(self._tasks.all())
        for name, several in conditions.items():
            for one in several:
                found = [task for task in found if _holds(name, one, task)]
        return page(request, found, lambda one: self._tasks.linked(request, TASKS, one))

    def _decide(self, request: Request, parts: tuple[str, ...]) -> Answer:
        task, body = self._tasks.get(parts[0]), request.json_object()
        status = body.get("status")
        steps, place = self._step(text(task, "step_uuid"))
        if status not in STATUSES or STATUSES[str(status)] != steps[place].get("type", "enrich"):
            raise Refusal(422, f'A task of a step of type "{steps[place].get("type")}" cannot become "{status}".')
        if task["status"] != "in_progress":
            raise Refusal(422, f'Task "{parts[0]}" is {task["status"]} already.')
        self._tasks.put({**task, "status": status})
        of: JsonObject = {name: task[name] for name in ("product_uuid", "product_model_code") if name in task}
        following = max(place - 1, 0) if status == "rejected" else place + 1
        if following < len(steps):
            self._add_task(steps[following], of)
        return Answer(204)


def _holds(name: str, condition: JsonObject, task: JsonObject) -> bool:
    operator, value = condition["operator"], condition.get("value")
    if name in ("step_uuid", "task_uuid") and operator == "=":
        return task["step_uuid" if name == "step_uuid" else "uuid"] == value
    if name in ("product_uuid", "product_model_code") and operator in ("IN", "NOT IN"):
        return (text(task, name) in texts(value)) is (operator == "IN")
    raise unsupported(name, operator)
