"""What a resource can do, as flows: each verb is decided once, and carried out by either loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeAlias, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._errors import problem_of, read_body, was_there
from akeneo_erp_bridge.akeneo._flow import Answer, Call, Flow
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._kinds import Kind, WriteKind
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import (
    Parameter,
    ResourcePage,
    check_alone,
    first_target,
    list_call,
    read_page,
    size_of,
)
from akeneo_erp_bridge.catalog import Entity, JsonObject, JsonValue, Patch
from akeneo_erp_bridge.errors import ConfigurationError, UnexpectedAnswer

__all__ = ["ReadVerbs", "Where", "WriteVerbs", "query_of"]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)

Where: TypeAlias = Mapping[str, JsonValue]
"""Akeneo's `search`: conditions by field. `akeneo.filters` writes them."""
_JSON: Final = {"Content-Type": "application/json"}


class ReadVerbs(Generic[T]):
    """The verbs of things that can be read."""

    def __init__(self, kind: Kind[T], keeper: TokenKeeper, options: Options) -> None:
        self._kind = kind
        self._keeper = keeper
        self._options = options

    def get(self, code: str, params: Mapping[str, Parameter]) -> Flow[T]:
        """One thing by its code."""
        call = Call(method="GET", target=self._kind.at(code) + query_of(params), what=self._kind.named(code))
        answer = yield from self._send(call)
        body = read_body(call, answer)
        try:
            return self._kind.decode(body)
        except ValueError as error:
            raise UnexpectedAnswer(f"{call}: the PIM sent something this package cannot read: {error}") from error

    def first(
        self,
        where: Where | None,
        params: Mapping[str, Parameter],
        page_size: int | None,
        start: str | None = None,
    ) -> str:
        """Where the first page of a list is, or the one to go on with."""
        if start is not None:
            check_alone(start, where, params, page_size)
            return start
        size = size_of(self._kind, page_size, self._options.page_size)
        return first_target(self._kind, where=where, params=params, page_size=size)

    def page(self, target: str, arrived: Callable[[bytes], None] | None = None) -> Flow[ResourcePage[T]]:
        """One page of a list; *arrived* gets it before it is read."""
        call = list_call(self._kind, target, arrived)
        answer = yield from self._send(call)
        return read_page(self._kind, call, answer)

    def count(self, where: Where | None) -> Flow[int]:
        """How many there are."""
        params: dict[str, Parameter] = {"with_count": True}
        if self._kind.paging == "search_after":
            params["pagination_type"] = "page"
        page = yield from self.page(self.first(where, params, 1 if self._kind.largest_page is not None else None))
        if page.count is None:
            raise UnexpectedAnswer(f"the PIM does not count its {self._kind.plural}")
        return page.count

    def _send(self, call: Call) -> Flow[Answer]:
        return authorised(call, self._keeper, self._options.retry)


class WriteVerbs(ReadVerbs[E], Generic[E, P]):
    """The verbs of things that can be written too; deleting is for those that have it."""

    _kind: WriteKind[E, P]

    def __init__(self, kind: WriteKind[E, P], keeper: TokenKeeper, options: Options) -> None:
        super().__init__(kind, keeper, options)
        self._kind = kind

    def create(self, thing: P | E) -> Flow[UpsertResult[P | E]]:
        """Create one thing; never repeated blindly."""
        body = self._body(thing, self._kind.encode_new or self._kind.encode)
        answer = yield from self._write("POST", self._kind.path, body, repeatable=False)
        return UpsertResult(thing, answer.status, _new_key(answer) or _key(body, self._kind.key))

    def upsert(self, thing: P | E) -> Flow[UpsertResult[P | E]]:
        """Create or change one thing."""
        body = self._body(thing, self._kind.encode)
        key = _key(body, self._kind.key)
        if not key:
            raise ConfigurationError(f"a {self._kind.singular} to upsert has no key; give it its {self._kind.key}")
        answer = yield from self._write("PATCH", self._kind.at(key), body, repeatable=True)
        return UpsertResult(thing, answer.status, key)

    def delete(self, code: str) -> Flow[bool]:
        """Delete one thing; whether it was there."""
        call = Call(method="DELETE", target=self._kind.at(code), what=self._kind.named(code))
        return was_there(call, (yield from self._send(call)))

    def _body(self, thing: P | E, encode: Callable[[P | E], dict[str, JsonValue]]) -> JsonObject:
        try:
            return encode(thing)
        except ValueError as error:
            raise ConfigurationError(f"this cannot be written as a {self._kind.singular}: {error}") from error

    def _write(self, method: str, target: str, body: JsonObject, *, repeatable: bool) -> Flow[Answer]:
        key = _key(body, self._kind.key)
        call = Call(
            method=method,
            target=target,
            what=self._kind.named(key) if key else f"a new {self._kind.singular}",
            content=dumps(body),
            headers=_JSON,
            repeatable=repeatable,
            lane=self._kind.lane if method == "PATCH" else "all",
        )
        answer = yield from self._send(call)
        if not 200 <= answer.status < 300:
            raise problem_of(call, answer)
        return answer


def query_of(params: Mapping[str, Parameter]) -> str:
    """Write query parameters, `True` as the text `true`; empty without any."""
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in params.items()}
    return f"?{urlencode(texts)}" if texts else ""


def _key(body: JsonObject, name: str) -> str | None:
    key = body.get(name)
    return key if isinstance(key, str) else None


def _new_key(answer: Answer) -> str | None:
    # The key is the last part of the new thing's address.
    path = urlsplit(answer.headers.get("location", "")).path
    return unquote(path.rpartition("/")[2]) or None
