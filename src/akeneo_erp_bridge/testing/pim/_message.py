"""A request and a reply, whatever carried them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from attrs import field, frozen

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

COLLECTION = "application/vnd.akeneo.collection+json"


@frozen
class Request:
    """One request; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = "http://pim.simulator"

    @property
    def content_type(self) -> str:
        """The type before any parameter."""
        return self.headers.get("content-type", "").split(";")[0].strip()


@frozen
class Reply:
    """One reply."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def of(cls, status: int, body: Json, **headers: str) -> Reply:
        """A JSON reply."""
        return cls(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


class ConnectionLost(Exception):
    """A scripted reset: the connection ends without an answer."""


class Refused(Exception):
    """The PIM says no, with one of its error bodies."""

    def __init__(
        self, status: int, message: str, errors: list[Json] | None = None, *, documented: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: JsonObject = {"code": status, "message": message}
        if errors:
            self.body["errors"] = errors
        if documented:
            self.body["_links"] = {"documentation": {"href": "http://api.akeneo.com/api-reference.html"}}


def structure(message: str) -> Refused:
    """A 422 about the shape of the data."""
    return Refused(422, f"{message} Check the expected format on the API documentation.", documented=True)


def invalid(*errors: Json) -> Refused:
    """A 422 about the data itself."""
    return Refused(422, "Validation failed.", list(errors))


def kind_of(value: Json) -> str:
    """The PHP name of a JSON type, as the PIM's messages use it."""
    if isinstance(value, dict | list):
        return "array"
    names: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "double", type(None): "NULL"}
    return names[type(value)]


def parse_object(raw: bytes) -> JsonObject:
    """The object in a body, or 400."""
    try:
        found: Json = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "Invalid json message received")
    return found
