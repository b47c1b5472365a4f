"""`PimSimulator`: an Akeneo PIM that lives in your process, on real validation.

It is no mock: a request is authenticated, checked against the catalogue that was created through the same API, merged by
the PIM's rules and stored. The statuses, bodies and messages are Akeneo's, as its documentation states them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing.pim._api import Api
from akeneo_erp_bridge.testing.pim._faults import Fault, Faults
from akeneo_erp_bridge.testing.pim._http import AsyncSimulatorTransport, Server, SimulatorTransport, serving
from akeneo_erp_bridge.testing.pim._message import JsonObject, Reply, Request
from akeneo_erp_bridge.testing.pim._store import Store

__all__ = ["Call", "PimSimulator"]


@frozen
class Call:
    """One request the simulator answered."""

    method: str
    path: str
    status: int
    at: datetime


class PimSimulator:
    """An embedded PIM, in memory or in a SQLite file; reached in process or over HTTP.

    ::

        sim = PimSimulator(sample=True)
        pim = AkeneoClient(sim.url, PasswordAuth(**sim.auth_kwargs), transport=sim.transport())

    With a `path`, every write is on disk before it is answered, and survives `kill -9`. `sample=True` fills an empty
    PIM with the structure that the examples map to. `token_seconds` is the life of an access token.
    """

    url = "http://pim.simulator"

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        client_id: str = "client",
        secret: str = "secret",  # noqa: S107 - the simulator's own, not a secret
        username: str = "erp",
        password: str = "password",  # noqa: S107 - as above
        token_seconds: int = 3600,
        sample: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._auth = {"client_id": client_id, "secret": secret, "username": username, "password": password}
        self._clock = clock
        self._lock = RLock()
        self._faults = Faults()
        self._calls: list[Call] = []
        self.store = Store(path)
        self.api = Api(self.store, dict(self._auth), token_seconds, clock)
        if sample and not self.store.has("families"):
            from akeneo_erp_bridge.testing._sample import load_sample

            load_sample(self)

    @property
    def auth_kwargs(self) -> dict[str, str]:
        """The four strings of a connection, as `PasswordAuth` takes them."""
        return dict(self._auth)

    # ---- reaching it ----
    def transport(self) -> SimulatorTransport:
        """Hand this to `AkeneoClient(..., transport=...)`."""
        return SimulatorTransport(self.handle)

    def async_transport(self) -> AsyncSimulatorTransport:
        """The same for an asynchronous client."""
        return AsyncSimulatorTransport(self.handle)

    @contextmanager
    def serve(self, port: int = 0) -> Generator[Server]:
        """Serve over real HTTP on the loopback address; port 0 takes a free one."""
        with serving(self.handle, port) as server:
            yield server

    def handle(self, request: Request) -> Reply:
        """Answer one request: faults first, then the PIM."""
        fault = self._faults.take(request)
        before = fault.before() if fault else None
        if before is not None:
            return self._note(request, before)
        if fault is not None and fault.revoke_tokens:
            self.api.tokens.revoke()
        with self._lock:
            reply = self.api.answer(request)
        return self._note(request, fault.after(reply) if fault else reply)

    def _note(self, request: Request, reply: Reply) -> Reply:
        with self._lock:
            self._calls.append(Call(request.method, request.path, reply.status, self._clock()))
        return reply

    # ---- watching and disturbing it ----
    @property
    def calls(self) -> list[Call]:
        """Every request since the start, or since `forget_calls`."""
        return list(self._calls)

    @property
    def mutating_calls(self) -> list[Call]:
        """The requests that could change something; signing in is not one."""
        return [
            one
            for one in self._calls
            if one.method != "GET" and "/oauth/" not in one.path and "/search" not in one.path
        ]

    def forget_calls(self) -> None:
        """Begin counting anew."""
        with self._lock:
            self._calls.clear()

    def fail_next(self, fault: Fault) -> None:
        """Disturb the next matching request, or requests."""
        self._faults.add(fault)

    def load(self, path: str, objects: Iterable[Mapping[str, object]]) -> None:
        """Create things through the same validation as the API's PATCH.

        Raises `ConfigurationError` with the PIM's message for the first one it refuses.
        """
        for one in objects:
            status, body = self.api.upsert(path, _as_json(one))
            if status >= 300:
                raise ConfigurationError(f"the simulator refused {one.get('code', one)} at {path}: {body}")


def _as_json(one: Mapping[str, object]) -> JsonObject:
    """What the API would have received: the object after one trip through JSON."""
    body: JsonObject = json.loads(json.dumps(dict(one)))
    return body
