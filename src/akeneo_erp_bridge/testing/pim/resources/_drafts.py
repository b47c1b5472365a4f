"""Drafts of a user who may edit but does not own, and their way to approval; and published versions."""

from __future__ import annotations

from collections.abc import Callable

from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject
from akeneo_erp_bridge.testing.pim._models import Models
from akeneo_erp_bridge.testing.pim._products import Products
from akeneo_erp_bridge.testing.pim._refusal import Refusal, not_found
from akeneo_erp_bridge.testing.pim._routes import RouteTable
from akeneo_erp_bridge.testing.pim._views import Views, Wanted
from akeneo_erp_bridge.testing.pim._world import Entry, World

Find = Callable[[str], Entry]
Show = Callable[[Entry, Wanted], JsonObject]


class Drafts:
    """The routes of drafts and proposals."""

    def __init__(self, world: World, products: Products, models: Models, views: Views) -> None:
        self._world = world
        self._products = products
        self._models = models
        self._views = views

    def offer(self, routes: RouteTable) -> None:
        """Add the routes this PIM has."""
        views, behaviour = self._views, self._world.behaviour
        if not behaviour.has_enterprise:
            return
        if behaviour.has_uuid_routes:
            self._offer(
                routes, "product_uuid", "products-uuid/{uuid}", "product", self._products.by_uuid,
                lambda entry, wanted: views.product(entry, wanted, by_uuid=True),
            )  # fmt: skip
        self._offer(
            routes, "product", "products/{code}", "product", self._products.by_identifier,
            lambda entry, wanted: views.product(entry, wanted, by_uuid=False),
        )  # fmt: skip
        self._offer(
            routes, "product_model", "product-models/{code}", "product_model", self._models.by_code, views.model
        )

    def _offer(self, routes: RouteTable, name: str, path: str, kind: str, find: Find, show: Show) -> None:
        def draft_of(key: str) -> Entry:
            entry = self._world.drafts.get(f"{kind}\x00{find(key).key}")
            if entry is None:
                raise not_found(f'There is no draft created for the {kind.replace("_", " ")} "{key}".')
            return entry

        def draft(request: Request, parts: tuple[str, ...]) -> Answer:
            wanted = Wanted.of(self._world, request.base, dict(request.query))
            return Answer.json(show(draft_of(parts[0]), wanted))

        def propose(request: Request, parts: tuple[str, ...]) -> Answer:
            if request.json_object():
                raise Refusal(422, "The body of a proposal has to be an empty object.")
            found = find(parts[0])
            key = f"{kind}\x00{found.key}"
            if key not in self._world.drafts:
                raise Refusal(422, "You should create a draft before submitting it for approval.")
            self._world.table("proposal").put(key, {"key": found.key})
            return Answer(201)

        routes.offer(f"{name}_draft_get", "GET", f"{path}/draft", draft)
        routes.offer(f"{name}_proposal_create", "POST", f"{path}/proposal", propose, "json")
