"""A request and its answer, free of any HTTP library, so that both transports and the server share one code."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve, frozen

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, dumps, loads
from akeneo_erp_bridge.testing.pim._refusal import Refusal, broken_json, wrong_kind

JSON = "application/json"
COLLECTION = "application/vnd.akeneo.collection+json"
FORM = "multipart/form-data"


class ConnectionCut(Exception):
    """The connection ends here, without an answer."""


@frozen
class Request:
    """One call. Header names are lower case; *base* is scheme and host as the caller wrote them."""

    method: str
    base: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request:
        """Read an absolute URL."""
        parts = urlsplit(url)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        lower = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), f"{parts.scheme}://{parts.netloc}", parts.path, query, lower, body)

    def at(self, base: str) -> Request:
        """The same call, as if it had been made to another address."""
        return evolve(self, base=base)

    def argument(self, name: str) -> str | None:
        """The last query parameter of this name."""
        found: str | None = None
        for key, value in self.query:
            if key == name:
                found = value
        return found

    def json(self) -> JsonValue:
        """The body as JSON; refuses with 400."""
        try:
            return loads(self.body)
        except (ValueError, RecursionError):
            raise broken_json() from None

    def json_object(self) -> JsonObject:
        """The body as one JSON object."""
        value = self.json()
        if isinstance(value, dict):
            return value
        # PHP decodes {} and [] to the same empty array
        if value == []:
            return {}
        if isinstance(value, list):
            raise wrong_kind("0", "object", value)
        raise broken_json()


@frozen
class Answer:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(cls, value: JsonValue, status: int = 200) -> Answer:
        """A JSON answer."""
        return cls(status, dumps(value), (("Content-Type", JSON),))

    @classmethod
    def refused(cls, refusal: Refusal) -> Answer:
        """An error body."""
        return cls(refusal.status, dumps(refusal.body()), (("Content-Type", JSON), *refusal.headers))

    @classmethod
    def saved(cls, *, created: bool, location: str) -> Answer:
        """The empty answer to a successful write of one thing."""
        return cls(201 if created else 204, b"", (("Location", location),))
