"""The table of routes, and the way from a request to what answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import unquote

from attrs import define, field, frozen

from akeneo_erp_bridge.testing.pim._http import COLLECTION, FORM, JSON, Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject
from akeneo_erp_bridge.testing.pim._refusal import Refusal

ROOT = "/api/rest/v1"
Handler = Callable[[Request, tuple[str, ...]], Answer]
Body = Literal["none", "json", "lines", "form"]


@frozen
class Route:
    """One verb of one path. *name* is how the index calls it."""

    name: str
    method: str
    template: str
    handler: Handler
    body: Body = "none"
    open: bool = False
    """Whether it answers without a token."""

    def check_headers(self, request: Request) -> None:
        """406 for an `Accept` that excludes JSON, 415 for another `Content-Type` than the documented one."""
        accept = request.headers.get("accept", "*/*")
        kinds = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
        if self.method == "GET" and not any(one in (JSON, "*/*", "application/*", "") for one in kinds):
            raise Refusal(406, f'"{accept}" in "Accept" header is not valid. Only "{JSON}" is allowed.')
        if self.body == "none":
            return
        allowed = {"json": JSON, "lines": COLLECTION, "form": FORM}[self.body]
        sent = request.headers.get("content-type")
        if sent is None or sent == "":
            raise Refusal(415, f'The "Content-Type" header is missing. "{allowed}" has to be specified as value.')
        if sent.partition(";")[0].strip().lower() != allowed:
            raise Refusal(415, f'"{sent}" in "Content-Type" header is not valid. Only "{allowed}" is allowed.')


@define
class RouteTable:
    """All routes of one PIM."""

    _routes: list[tuple[Route, re.Pattern[str]]] = field(init=False, factory=list[tuple[Route, re.Pattern[str]]])

    def add(self, route: Route) -> None:
        """Offer one more. A part called `file...` may hold slashes."""
        pattern = re.sub(r"\{file\w*\}", "(.+)", route.template)
        self._routes.append((route, re.compile(re.sub(r"\{\w+\}", "([^/]+)", pattern))))

    def offer(
        self, name: str, method: str, path: str, handler: Handler, body: Body = "none", *, free: bool = False
    ) -> None:
        """Offer a route of the API; *path* is taken below its root unless it begins there."""
        template = path if path.startswith("/") else f"{ROOT}/{path}"
        self.add(Route(name and f"pim_api_{name}", method, template, handler, body, free))

    def find(self, request: Request) -> tuple[Route, tuple[str, ...]]:
        """The route of a request and the parts of its path; refuses with 404 or 405."""
        path = request.path.rstrip("/") or "/"
        allowed: list[str] = []
        for route, pattern in self._routes:
            found = pattern.fullmatch(path)
            if found is not None:
                if route.method == request.method:
                    return route, tuple(unquote(part) for part in found.groups())
                allowed.append(route.method)
        name = f'No route found for "{request.method} {request.base}{path}"'
        if allowed:
            listed = ", ".join(sorted(allowed))
            raise Refusal(405, f"{name}: Method Not Allowed (Allow: {listed})", headers=[("Allow", listed)])
        raise Refusal(404, name)

    def index(self, host: str) -> JsonObject:
        """The answer of the index: every route of this instance, which is how clients learn what it can do."""
        shown: dict[str, JsonObject] = {"authentication": {}, "routes": {}}
        for route, _ in self._routes:
            group = "authentication" if "/oauth/" in route.template else "routes"
            if route.name:
                shown[group][route.name] = {"route": route.template, "methods": [route.method]}
        return {"host": host, "authentication": shown["authentication"], "routes": shown["routes"]}
