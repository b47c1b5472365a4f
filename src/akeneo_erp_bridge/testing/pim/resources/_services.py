"""Small services of the cloud PIM: jobs, rights of users, rules, UI extensions, suggestions for the data model."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, loads, text
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, invalid, not_found
from akeneo_erp_bridge.testing.pim._routes import Handler, RouteTable
from akeneo_erp_bridge.testing.pim._world import World
from akeneo_erp_bridge.testing.pim.resources._forms import form_of
from akeneo_erp_bridge.testing.pim.resources._shelf import Shelf, saved

MODES = ("create_only", "update_only", "create_or_update")
EXTENSION = ("name", "type", "position", "configuration")


class Services:
    """Their routes. What PIM users make (job profiles, users) is put down by `PimSimulator.load`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._jobs = Shelf(world, "job", "Job")
        self._users = Shelf(world, "user", "User", key="uuid")
        self._rules = Shelf(world, "rule", "Rule")
        self._extensions = Shelf(world, "ui_extension", "UI extension", key="uuid")
        self._suggestions = Shelf(world, "suggestion", "Suggestion", key="uuid")

    def offer(self, routes: RouteTable) -> None:
        """Add the routes."""
        for kind in ("export", "import"):
            routes.offer(f"job_{kind}", "POST", f"jobs/{kind}/{{code}}", self._starter(kind), "json")
        for what in ("locales", "channels"):
            routes.offer(f"permission_{what}", "GET", f"permissions/{{uuid}}/{what}", self._rights(what))
        path = "rule-definitions"
        routes.offer("rule_list", "GET", path, lambda r, _: self._rules.page(r, path))
        routes.offer("rule_get", "GET", f"{path}/{{code}}", lambda _, p: Answer.json(self._rules.get(p[0])))
        routes.offer("rule_replace", "PUT", f"{path}/{{code}}", self._replace_rule, "json")
        self._offer_extensions(routes, "ui-extensions")
        self._offer_suggestions(routes, "data-model-designer/modelization-suggestion")

    # -- jobs and rights ---------------------------------------------------------------------------------------------

    def _starter(self, kind: str) -> Handler:
        def start(request: Request, parts: tuple[str, ...]) -> Answer:
            job = self._jobs.find(parts[0])
            if job is None or job.get("type") != kind:
                raise not_found(f'The {kind} job "{parts[0]}" does not exist.')
            mode = request.json_object().get("import_mode")
            if mode is not None and (kind == "export" or mode not in MODES):
                raise Refusal(422, f'"{mode}" is no import mode of this job.')
            number = int(text(job, "executions") or "0") + 1
            self._jobs.put({**job, "executions": str(number)})
            return Answer.json({"execution_id": f"{number}"})

        return start

    def _rights(self, what: str) -> Handler:
        def rights(_: Request, parts: tuple[str, ...]) -> Answer:
            return Answer.json(self._users.get(parts[0]).get(what, []))

        return rights

    def _replace_rule(self, request: Request, parts: tuple[str, ...]) -> Answer:
        created = self._rules.find(parts[0]) is None
        # a rule is replaced, not merged
        self._rules.put({"labels": {}, "enabled": True, **request.json_object(), "code": parts[0]})
        return saved(request, "rule-definitions", parts[0], created=created)

    # -- UI extensions -----------------------------------------------------------------------------------------------

    def _offer_extensions(self, routes: RouteTable, path: str) -> None:
        routes.offer("ui_extension_list", "GET", path, self._list_extensions)
        routes.offer("ui_extension_create", "POST", path, self._create_extension, "json")
        routes.offer("ui_extension_update", "PATCH", f"{path}/{{uuid}}", self._update_extension, "json")
        routes.offer("ui_extension_file", "POST", f"{path}/{{uuid}}", self._update_with_file, "form")
        routes.offer("ui_extension_delete", "DELETE", f"{path}/{{uuid}}", self._delete_extension)

    def _list_extensions(self, _request: Request, _: tuple[str, ...]) -> Answer:
        return Answer.json(list[JsonValue](self._extensions.all()))

    def _create_extension(self, request: Request, _: tuple[str, ...]) -> Answer:
        body = request.json_object()
        missing = [Violation(name, "This value should not be blank.") for name in EXTENSION if not body.get(name)]
        if missing:
            raise invalid(missing)
        made: JsonObject = {"uuid": str(uuid.uuid4()), "version": None, **body}
        self._extensions.put(made)
        return Answer.json(made, 201)

    def _update_extension(self, request: Request, parts: tuple[str, ...]) -> Answer:
        return self._change(parts[0], request.json_object())

    def _update_with_file(self, request: Request, parts: tuple[str, ...]) -> Answer:
        form = form_of(request)
        body: JsonObject = {name: _json_or_text(given) for name, given in form.fields.items()}
        filename, content = form.file()
        return self._change(parts[0], {**body, "file": {"filename": filename, "size": len(content)}})

    def _change(self, key: str, body: JsonObject) -> Answer:
        self._extensions.get(key)
        self._extensions.upsert(key, body)
        return Answer.json(self._extensions.get(key))

    def _delete_extension(self, _: Request, parts: tuple[str, ...]) -> Answer:
        self._extensions.remove(parts[0])
        return Answer(204)

    # -- the data model ----------------------------------------------------------------------------------------------

    def _offer_suggestions(self, routes: RouteTable, path: str) -> None:
        routes.offer("suggestion_list", "GET", f"{path}s", lambda r, _: self._suggestions.page(r, f"{path}s"))
        routes.offer("suggestion_attribute", "POST", f"{path}/attribute", self._suggest, "json")
        routes.offer("suggestion_get", "GET", f"{path}/{{uuid}}", lambda _, p: Answer.json(self._suggestions.get(p[0])))
        for verdict, status in (("approve", "approved"), ("decline", "declined")):
            routes.offer(f"suggestion_{verdict}", "POST", f"{path}/{{uuid}}/{verdict}", self._judge(status))

    def _suggest(self, request: Request, _: tuple[str, ...]) -> Answer:
        made: JsonObject = {"uuid": str(uuid.uuid4()), "status": "pending", "attribute": request.json_object()}
        self._suggestions.put(made)
        return Answer.json(made, 201)

    def _judge(self, status: str) -> Callable[[Request, tuple[str, ...]], Answer]:
        def judge(_: Request, parts: tuple[str, ...]) -> Answer:
            found = self._suggestions.get(parts[0])
            if found["status"] != "pending":
                raise Refusal(422, f'Suggestion "{parts[0]}" is {found["status"]} already.')
            self._suggestions.put({**found, "status": status})
            return Answer(204)

        return judge


def _json_or_text(given: str) -> JsonValue:
    try:
        return loads(given)
    except ValueError:
        return given
