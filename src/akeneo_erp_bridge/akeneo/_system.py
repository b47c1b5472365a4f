"""What the PIM says about itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._errors import read_body, unexpected
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import API
from akeneo_erp_bridge.akeneo._operations import operations
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.catalog import JsonObject, JsonValue, SystemInformation, decode
from akeneo_erp_bridge.errors import PimRefused, RateLimited, UnexpectedAnswer

__all__ = ["Features", "Route", "System", "SystemVerbs"]


@frozen
class Route:
    """One route of the PIM's API.

    >>> Route("/api/rest/v1/families/{code}", ("GET", "PATCH")).methods
    ('GET', 'PATCH')
    """

    path: str
    methods: tuple[str, ...]


@frozen(kw_only=True)
class Features:
    """What this PIM can do; `version` and `edition` are `None` where it does not tell (before 6.0).

    What a PIM offers follows from its routes alone: `version` is for what behaves differently at one address.
    Source: Akeneo's documentation of the API's root, and of system information.

    >>> features = Features(methods=frozenset({"products_by_identifier.list"}), version="6.0.28")
    >>> features.has_product_uuids, features.offers("products_by_identifier.list"), features.offers("catalogs.list")
    (False, True, False)
    """

    methods: frozenset[str] = field(repr=False)
    version: str | None = None
    edition: str | None = None

    @property
    def has_product_uuids(self) -> bool:
        """Whether products are known by UUID (7.0 and newer); else use `client.products_by_identifier`."""
        return "products.list" in self.methods

    def offers(self, method: str) -> bool:
        """Whether this PIM has the operation behind a method of the client, such as ``"jobs.start_import"``.

        Raises `ValueError` for a method that is none of `operations()`.
        """
        if all(one.method != method for one in operations()):
            raise ValueError(f"{method!r} is no operation; akeneo.operations() lists them, as 'catalogs.list'")
        return method in self.methods


class SystemVerbs:
    """What can be asked, as flows."""

    def __init__(self, keeper: TokenKeeper, options: Options) -> None:
        self._keeper = keeper
        self._options = options

    def information(self) -> Flow[SystemInformation]:
        """Version and edition."""
        call = Call(method="GET", target=f"{API}/system-information", what="system information")
        answer = yield from authorised(call, self._keeper, self._options.retry)
        body = read_body(call, answer)
        try:
            return decode(SystemInformation, body)
        except ValueError:
            raise unexpected(str(call), answer) from None

    def routes(self) -> Flow[Mapping[str, Route]]:
        """The routes by name."""
        call = Call(method="GET", target=API, what="the list of routes", signed=False)
        answer = yield from authorised(call, self._keeper, self._options.retry)
        body = read_body(call, answer)
        routes = body.get("routes") if isinstance(body, Mapping) else None
        if not isinstance(routes, Mapping):
            raise unexpected(str(call), answer)
        return {name: _route(route) for name, route in routes.items() if isinstance(route, Mapping)}

    def features(self) -> Flow[Features]:
        """What both say together."""
        routes = yield from self.routes()
        methods = _methods(routes)
        try:
            told = yield from self.information()
        except RateLimited:
            raise  # it passes, and who asks again will be told
        except (PimRefused, UnexpectedAnswer) as error:
            if isinstance(error, UnexpectedAnswer) and "system.information" in methods:
                raise  # a page of somebody else's for a while: the PIM has the route
            # The route is younger than the API.
            return Features(methods=methods)
        return Features(methods=methods, version=told.version, edition=told.edition)


class System:
    """Version, edition and routes of the PIM.

    Source: Akeneo's documentation of the API's root, and of system information.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> system = PimSimulator().client().system
    >>> system.information().edition, system.routes()["pim_api_family_list"].path
    ('Serenity', '/api/rest/v1/families')
    """

    def __init__(self, session: Session, options: Options) -> None:
        self._session = session
        self._options = options
        self._verbs = SystemVerbs(session.keeper, options)

    def information(self) -> SystemInformation:
        """Return version and edition; raises `PimRefused` from PIMs before 6.0, which do not tell."""
        return self._session.run(self._verbs.information(), self._options)

    def routes(self) -> Mapping[str, Route]:
        """Return the API's routes by name. Needs no sign-in, so it tells whether the address is a PIM's.

        Raises `UnexpectedAnswer` when it is not. Source: Akeneo's documentation of the API's root.
        """
        return self._session.run(self._verbs.routes(), self._options)

    def features(self) -> Features:
        """Look up what this PIM can do: two requests."""
        return self._session.run(self._verbs.features(), self._options)


def _methods(routes: Mapping[str, Route]) -> frozenset[str]:
    """The client's methods that these routes answer; what the index does not list of itself is there."""
    there = {(verb, _unnamed(route.path)) for route in routes.values() for verb in route.methods}
    return frozenset(
        one.method
        for one in operations()
        if (one.verb, _unnamed(one.path)) in there or one.method in ("sign_in", "system.routes")
    )


def _unnamed(path: str) -> str:
    """A path, whatever its parts are called."""
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def _route(raw: JsonObject) -> Route:
    path, methods = raw.get("route"), raw.get("methods")
    return Route(path if isinstance(path, str) else "", _texts(methods))


def _texts(raw: JsonValue) -> tuple[str, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return ()
    return tuple(text for text in raw if isinstance(text, str))
