"""The verbs of a resource: one line each over decisions made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Generic, TypeVar, overload
from urllib.parse import unquote, urlencode, urlsplit

from akeneo_erp_bridge.akeneo._errors import problem_of, read_body
from akeneo_erp_bridge.akeneo._flow import Answer, Call
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._kinds import Kind, WriteKind, address
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Listing, Parameter, ResourcePage, first_target, list_call, read_page
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._upload import upload
from akeneo_erp_bridge.catalog import Entity, JsonObject, JsonValue, Patch
from akeneo_erp_bridge.errors import UnexpectedAnswer

__all__ = ["DeletableResource", "ReadResource", "Resource"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)

Where = Mapping[str, JsonValue]
_NO_PARAMS: Final[Mapping[str, Parameter]] = {}
_JSON: Final = {"Content-Type": "application/json"}


class ReadResource(Generic[T]):
    """Things of the PIM that can be read. All methods raise the errors of `akeneo_erp_bridge.errors.PimError`."""

    def __init__(self, kind: Kind[T], session: Session, options: Options) -> None:
        self._kind = kind
        self._session = session
        self._options = options

    def get(self, code: str, *, params: Mapping[str, Parameter] = _NO_PARAMS) -> T:
        """Return one thing by its code (`uuid` or `identifier` for products).

        Raises `NotFound` for one that is unknown, or hidden from this user.
        """
        call = self._get_call(code, params)
        return self._decode(call, read_body(call, self._send(call)))

    def list(
        self, where: Where | None = None, *, params: Mapping[str, Parameter] = _NO_PARAMS, limit: int | None = None
    ) -> Listing[T]:
        """Return an iterable over all things, or those that match *where*; fetches while you iterate.

        *where* is Akeneo's `search`: `{"family": [{"operator": "IN", "value": ["drills"]}]}`. *params* are further
        query parameters, such as `{"with_completenesses": True}`. *limit* is the page size, 1 to 100.
        Source: Akeneo's documentation of filters and pagination.
        """
        return Listing(lambda: self.pages(where, params=params, limit=limit), self._kind.plural)

    def pages(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] = _NO_PARAMS,
        limit: int | None = None,
        start: str | None = None,
    ) -> Iterator[ResourcePage[T]]:
        """Yield the pages of a list, one request each; *start* is the `next` of an earlier page, to go on there."""
        size = self._options.page_size if limit is None else limit
        target = start or first_target(self._kind, where=where, params=params, limit=size)
        while target:
            call = list_call(self._kind, target)
            page = read_page(self._kind, call, self._send(call))
            yield page
            target = page.next or ""

    def count(self, where: Where | None = None) -> int:
        """Count all things, or those that match *where*; slow in a big catalogue.

        Raises `UnexpectedAnswer` for lists that do not count.
        """
        params: Mapping[str, Parameter] = {"with_count": True, "pagination_type": "page"}
        for page in self.pages(where, params=params if self._kind.cursor else {"with_count": True}, limit=1):
            if page.count is not None:
                return page.count
        raise UnexpectedAnswer(f"the PIM does not count its {self._kind.plural}")

    def __repr__(self) -> str:
        return f"<{self._kind.plural} of {self._session.url}>"

    def _get_call(self, code: str, params: Mapping[str, Parameter]) -> Call:
        target = address(self._kind.path, code)
        return Call(method="GET", target=target + query_of(params), what=self._kind.named(code))

    def _send(self, call: Call) -> Answer:
        return self._session.call(call, self._options)

    def _decode(self, call: Call, body: JsonValue) -> T:
        try:
            return self._kind.decode(body)
        except ValueError as error:
            raise UnexpectedAnswer(f"{call}: the PIM sent something this package cannot read: {error}") from error


class Resource(ReadResource[T], Generic[T, P]):
    """Things that can be read, created and changed."""

    _kind: WriteKind[T, P]

    def __init__(self, kind: WriteKind[T, P], session: Session, options: Options) -> None:
        super().__init__(kind, session, options)
        self._kind = kind

    def create(self, thing: P | T) -> UpsertResult[P | T]:
        """Create one thing; never repeated blindly, so after `PimUnreachable` look whether it is there.

        A product without `uuid` gets one from the PIM; the result's `key` tells it.
        Raises `PimRefused` with its violations, also for a key that is taken.
        """
        body = (self._kind.encode_new or self._kind.encode)(thing)
        answer = self._write("POST", self._kind.path, body, repeatable=False)
        return UpsertResult(thing, answer.status, _new_key(answer) or _key(body, self._kind.key))

    def upsert(self, thing: P | T) -> UpsertResult[P | T]:
        """Create or change one thing; what is not named stays as it is.

        Raises `PimRefused` with its violations.
        """
        body = self._kind.encode(thing)
        key = _key(body, self._kind.key) or ""
        answer = self._write("PATCH", address(self._kind.path, key), body, repeatable=True)
        return UpsertResult(thing, answer.status, key)

    @overload
    def upsert_many(self, things: Iterable[P]) -> Iterator[UpsertResult[P]]: ...
    @overload
    def upsert_many(self, things: Iterable[T]) -> Iterator[UpsertResult[T]]: ...
    def upsert_many(self, things: Iterable[P | T]) -> Iterator[UpsertResult[P | T]]:
        """Create or change many things, a hundred a request and several requests at a time.

        Yields one result for each thing, in order, while it reads *things* lazily; iterate to the end, or nothing is
        written. A refused thing is a result whose `ok` is false, not an error. Raises `SignInRefused`,
        `UnexpectedAnswer` or `ConfigurationError` when no write can succeed, after a result for each thing it read.
        Source: Akeneo's documentation of the update of several resources.
        """
        return upload(self._session, self._options, self._kind, things, self._kind.split_one)

    def _write(self, method: str, target: str, body: JsonObject, *, repeatable: bool) -> Answer:
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
        answer = self._send(call)
        if not 200 <= answer.status < 300:
            raise problem_of(call, answer)
        return answer


class DeletableResource(Resource[T, P], Generic[T, P]):
    """Things that can be deleted too."""

    def delete(self, code: str) -> bool:
        """Delete one thing; return whether it was there (`False`: unknown, or hidden from this user).

        Deleting a product model deletes its sub models and variants. Raises `Forbidden` where a right is missing.
        """
        call = Call(method="DELETE", target=address(self._kind.path, code), what=self._kind.named(code))
        answer = self._send(call)
        if answer.status == 404 and not isinstance(problem_of(call, answer), UnexpectedAnswer):
            return False
        if not 200 <= answer.status < 300:
            raise problem_of(call, answer)
        return True


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
