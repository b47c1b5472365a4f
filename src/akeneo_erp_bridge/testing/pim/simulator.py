"""`PimSimulator`: an embedded Akeneo PIM, on real validation."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Self
from urllib.parse import quote, unquote

from akeneo_erp_bridge.akeneo import AkeneoClient, AsyncAkeneoClient, Options, PasswordAuth
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing.pim._api import Api
from akeneo_erp_bridge.testing.pim._apps import AppCredentials, Apps, allows
from akeneo_erp_bridge.testing.pim._behaviour import Behaviour
from akeneo_erp_bridge.testing.pim._faults import TOKEN_PATH, Call, Fault, FaultPlan
from akeneo_erp_bridge.testing.pim._http import COLLECTION, JSON, Answer, ConnectionCut, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, dumps, dumps_any, loads
from akeneo_erp_bridge.testing.pim._locales import CURRENCIES, LOCALES
from akeneo_erp_bridge.testing.pim._refusal import Refusal
from akeneo_erp_bridge.testing.pim._server import SimulatorServer
from akeneo_erp_bridge.testing.pim._store import Journal
from akeneo_erp_bridge.testing.pim._throttle import Throttle
from akeneo_erp_bridge.testing.pim._tokens import Connection, Tokens
from akeneo_erp_bridge.testing.pim._transport import AsyncSimulatorTransport, SimulatorTransport
from akeneo_erp_bridge.testing.pim._units import standard_families
from akeneo_erp_bridge.testing.pim._world import World

__all__ = ["AppCredentials", "Behaviour", "Call", "Fault", "PimSimulator", "SimulatorServer"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PimSimulator:
    """A PIM that lives in your process, in memory or in a SQLite file; reached in process or over HTTP.

    >>> from akeneo_erp_bridge.catalog import CategoryPatch
    >>> from akeneo_erp_bridge.codes import CategoryCode
    >>> sim = PimSimulator(sample=True)
    >>> with sim.client() as pim:
    ...     pim.categories.upsert(CategoryPatch(code=CategoryCode("ladders"), parent=CategoryCode("master"))).created
    True
    >>> [(call.method, call.path) for call in sim.mutating_calls]
    [('PATCH', '/api/rest/v1/categories/ladders')]

    It is no mock: what a client reads is what was created through the API, validated and merged by the rules of
    Akeneo's documentation. With a *path* every write is committed before it is answered and survives a `kill -9`.
    *behaviour* switches what differs between Akeneo's versions; *clock* gives the time, and with its zone the
    server's. `sample=True` fills an empty PIM with the structure of the examples.
    """

    url = "http://pim.simulator"

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        client_id: str = "client",
        secret: str = "secret",  # noqa: S107 - the simulator's own
        username: str = "erp",
        password: str = "password",  # noqa: S107 - as above
        behaviour: Behaviour | None = None,
        clock: Callable[[], datetime] = _utc_now,
        sample: bool = False,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self._connection = Connection(client_id=client_id, secret=secret, username=username, password=password)
        self._clock = clock
        self._journal = Journal(Path(path) if path is not None else None)
        self._world = World(self._journal, self.behaviour, clock)
        self._tokens = Tokens(self._journal, self._connection, self.behaviour, clock)
        self._api = Api(self._world, self._tokens)
        self._apps = Apps(self._journal, self._tokens, self.behaviour, clock)
        self._apps.offer(self._api.routes)
        self._lock = RLock()
        self._faults = FaultPlan()
        self._throttle = Throttle(self.behaviour)
        self._calls: deque[Call] = deque()
        if "other" not in self._world.tables["attribute_group"]:
            self._furnish()
        if sample and not len(self._world.tables["family"]):
            from akeneo_erp_bridge.testing._sample import load_sample

            load_sample(self)

    def __repr__(self) -> str:
        return f"PimSimulator(client_id={self._connection.client_id!r}, username={self._connection.username!r})"

    def _furnish(self) -> None:
        """What a new PIM knows before anybody configured it."""
        tables = self._world.tables
        tables["attribute_group"].put("other", {"code": "other", "sort_order": 100, "attributes": [], "labels": {
            "en_US": "Other"}, "updated": self._world.now()})  # fmt: skip
        for code in LOCALES:
            tables["locale"].put(code, {"code": code, "enabled": code == "en_US"})
        for code in CURRENCIES:
            tables["currency"].put(code, {"code": code, "enabled": code == "USD"})
        for family in standard_families():
            tables["measurement_family"].put(str(family["code"]), family)
        self._journal.commit()

    # -- reaching it -------------------------------------------------------------------------------------------------

    @property
    def auth_kwargs(self) -> dict[str, str]:
        """The four strings of the connection, under the names that `PasswordAuth` takes."""
        one = self._connection
        return {
            "client_id": one.client_id,
            "secret": one.secret,
            "username": one.username,
            "password": one.password,
        }

    def transport(self) -> SimulatorTransport:
        """For `httpx.Client` or `AkeneoClient`: the same PIM without a socket."""
        return SimulatorTransport(self.handle)

    def async_transport(self) -> AsyncSimulatorTransport:
        """For asynchronous clients."""
        return AsyncSimulatorTransport(self.handle)

    def client(self, *, options: Options | None = None) -> AkeneoClient:
        """A client of this PIM, signed in as its connection, without a socket.

        >>> PimSimulator().client().system.information().edition
        'Serenity'
        """
        return AkeneoClient(self.url, PasswordAuth(**self.auth_kwargs), options=options, transport=self.transport())

    def async_client(self, *, options: Options | None = None) -> AsyncAkeneoClient:
        """The same for programs that `await`."""
        auth, transport = PasswordAuth(**self.auth_kwargs), self.async_transport()
        return AsyncAkeneoClient(self.url, auth, options=options, transport=transport)

    def add_app(
        self, name: str, callback_url: str, *, client_id: str | None = None, secret: str | None = None
    ) -> AppCredentials:
        """Make a custom App, as a PIM user does; gives its id and secret. Another call with the id changes it.

        The browser is sent to `/connect/apps/v1/authorize` and comes back to *callback_url*; what its token may do is
        what the scopes say that were granted.

        >>> made = PimSimulator().add_app("ERP import", "https://app.example.com/callback", client_id="7d1c")
        >>> made.client_id, len(made.secret)
        ('7d1c', 64)
        """
        made = AppCredentials(client_id=client_id or secrets.token_hex(16), secret=secret or secrets.token_hex(32))
        with self._lock:
            self._apps.add(name, callback_url, made)
            self._journal.commit()
        return made

    def serve(self, port: int = 0, *, host: str = "127.0.0.1") -> SimulatorServer:
        """Serve over HTTP while the context lasts; port 0 takes a free one. Raises `OSError` for a taken port."""
        return SimulatorServer(self.handle, host=host, port=port)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handle(self, request: Request) -> Answer:
        """Answer one request; raises `ConnectionCut` where a fault wants no answer."""
        with self._lock:
            fault = self._faults.take(request)
        status = 0
        try:
            answer = self._admitted(request, fault)
            status = answer.status
        finally:
            with self._lock:
                self._calls.append(Call(request.method, unquote(request.path), status, self._clock()))
        return answer

    def _admitted(self, request: Request, fault: Fault | None) -> Answer:
        try:
            with self._throttle.admit(request):
                if fault is not None and fault.latency:
                    time.sleep(fault.latency.total_seconds())
                return self._answer(request, fault)
        except Refusal as refusal:
            return Answer.refused(refusal)

    def _answer(self, request: Request, fault: Fault | None) -> Answer:
        if fault is None:
            return self._work(request, None)
        if fault.reset == "before":
            raise ConnectionCut
        with self._lock:
            if fault.expire_tokens:
                self._tokens.expire()
            if fault.revoke_refresh_tokens:
                self._tokens.revoke_refresh()
            self._journal.commit()
        scripted = fault.answer()
        if scripted is not None:
            return scripted
        answer = self._work(request, fault.cut_after)
        if fault.reset == "after":
            raise ConnectionCut
        return answer

    def _work(self, request: Request, cut_after: int | None) -> Answer:
        with self._lock:
            return self._dispatch(request, cut_after)

    def _dispatch(self, request: Request, cut_after: int | None) -> Answer:
        if self.behaviour.public_url is not None:
            request = request.at(self.behaviour.public_url.rstrip("/"))
        route, parts = self._api.routes.find(request)
        if not route.open:
            scopes = self._tokens.check(request)
            if scopes is not None and not allows(scopes, route.method, route.template):
                raise Refusal(403, "Access forbidden. The scopes of this App do not allow it.")
        if request.path != TOKEN_PATH:
            route.check_headers(request)
        self._api.cut_after = cut_after
        try:
            return route.handler(request, parts)
        finally:
            self._journal.commit()

    # -- seeding, watching and disturbing it -------------------------------------------------------------------------

    def load(self, path: str, objects: Iterable[Mapping[str, object]]) -> None:
        """PATCH *objects* to a route such as `/api/rest/v1/families`, through the validation of the API.

        What no route makes (`groups`, `workflows`, `jobs`, `permissions`, `published-products`, a catalog's `enabled`
        and `mapping`) is put down as a PIM user would have made it. Raises `ConfigurationError` with the PIM's message for
        the first object it refuses; those before it are kept. Leaves no trace in `calls`.
        """
        path = path.rstrip("/")
        things = [loads(dumps_any(one)) for one in objects]
        with self._lock:
            rest = [one for one in things if not (isinstance(one, dict) and self._api.put_down(path, one))]
            self._journal.commit()
            try:
                for start in range(0, len(rest), 100):
                    self._load(path, rest[start : start + 100])
            except Refusal as refusal:
                raise ConfigurationError(f"the simulator refused {path}: {refusal.message}") from None

    def _load(self, path: str, things: list[JsonValue]) -> None:
        try:
            route, _ = self._api.routes.find(Request.of("PATCH", self.url + path, {}, b""))
        except Refusal:
            for one in things:
                key = str(one.get("code", "")) if isinstance(one, dict) else ""
                self._patch(f"{path}/{quote(key, safe='')}", JSON, dumps(one))
            return
        lines = route.body == "lines"
        body = b"\n".join(dumps(one) for one in things) if lines else dumps(things)
        answer = self._patch(path, COLLECTION if lines else JSON, body)
        for verdict, one in zip(_verdicts(answer), things, strict=True):
            if verdict.get("status_code") not in (201, 204):
                raise ConfigurationError(
                    f"the simulator refused {dumps(one).decode()} at {path}: {dumps(verdict).decode()}"
                )

    def _patch(self, path: str, kind: str, body: bytes) -> Answer:
        request = Request.of("PATCH", self.url + path, {"content-type": kind}, body)
        route, parts = self._api.routes.find(request)
        self._api.cut_after = None
        try:
            return route.handler(request, parts)
        finally:
            self._journal.commit()

    @property
    def calls(self) -> list[Call]:
        """Every call since the start, or since `forget_calls`."""
        with self._lock:
            return list(self._calls)

    @property
    def mutating_calls(self) -> list[Call]:
        """The calls that ask for a change of the catalog; signing in and searching are none."""
        return [call for call in self.calls if call.mutates]

    @property
    def peak_in_flight(self) -> int:
        """The most calls that were being handled at one time."""
        return self._throttle.peak

    def forget_calls(self) -> None:
        """Begin counting anew."""
        with self._lock:
            self._calls.clear()
            self._throttle.peak = 0

    def fail_next(self, fault: Fault) -> None:
        """Script a misfortune for the next calls it matches."""
        with self._lock:
            self._faults.add(fault)

    def forgive(self) -> None:
        """Drop the misfortunes that have not come yet."""
        with self._lock:
            self._faults.clear()


def _verdicts(answer: Answer) -> list[JsonObject]:
    """The verdicts of a batch in either form."""
    if not answer.body.startswith(b"["):
        found = [loads(line) for line in answer.body.split(b"\n")]
    else:
        value = loads(answer.body)
        found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, dict)]
