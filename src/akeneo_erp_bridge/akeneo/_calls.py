"""Calls that are no list and no upsert, as flows; and the two faces, one that blocks and one that awaits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeVar

from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._errors import problem_of, read_body, was_there
from akeneo_erp_bridge.akeneo._flow import Answer, Call, Flow
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Parameter
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._verbs import query_of
from akeneo_erp_bridge.catalog import Entity, JsonObject, JsonValue, decode
from akeneo_erp_bridge.errors import PimRefused, UnexpectedAnswer

__all__ = ["AsyncService", "Calls", "Service"]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)

_NO_PARAMS: Final[Mapping[str, Parameter]] = {}
_JSON: Final = {"Content-Type": "application/json"}


class Calls:
    """What the odd resources ask for."""

    def __init__(self, keeper: TokenKeeper, options: Options) -> None:
        self.keeper = keeper
        self.options = options

    def send(
        self,
        method: str,
        target: str,
        what: str,
        *,
        body: JsonValue = None,
        params: Mapping[str, Parameter] = _NO_PARAMS,
        repeatable: bool = True,
    ) -> Flow[Answer]:
        """Send, and return a good answer; raises the error that explains a bad one."""
        call = Call(
            method=method,
            target=target + query_of(params),
            what=what,
            content=b"" if body is None else dumps(body),
            headers={} if body is None else _JSON,
            repeatable=repeatable,
        )
        answer = yield from authorised(call, self.keeper, self.options.retry)
        if not 200 <= answer.status < 300:
            raise problem_of(call, answer)
        return answer

    def ask(
        self,
        method: str,
        target: str,
        what: str,
        read: Callable[[JsonValue], T],
        *,
        body: JsonValue = None,
        params: Mapping[str, Parameter] = _NO_PARAMS,
        repeatable: bool = True,
    ) -> Flow[T]:
        """Send, and read the JSON of the answer."""
        answer = yield from self.send(method, target, what, body=body, params=params, repeatable=repeatable)
        return self.read(Call(method=method, target=target, what=what), answer, read)

    def change(
        self, method: str, target: str, what: str, read: Callable[[JsonValue], T], *, again: str, body: JsonValue
    ) -> Flow[T]:
        """Send a change, and read the thing as it is now: from the answer, or at *again* where the answer is empty."""
        answer = yield from self.send(method, target, what, body=body)
        if not answer.content:
            return (yield from self.ask("GET", again, what, read))
        return self.read(Call(method=method, target=target, what=what), answer, read)

    def read(self, call: Call, answer: Answer, read: Callable[[JsonValue], T]) -> T:
        """Read the JSON of a good answer."""
        raw = read_body(call, answer)
        said = raw.get("error") if isinstance(raw, Mapping) else None
        if isinstance(said, str):
            raise PimRefused(f"{call}: the PIM says: {said}", status=answer.status)
        try:
            return read(raw)
        except ValueError as error:
            raise UnexpectedAnswer(f"{call}: the PIM sent something this package cannot read: {error}") from error

    def delete(self, target: str, what: str) -> Flow[bool]:
        """Delete a thing; whether it was there."""
        call = Call(method="DELETE", target=target, what=what)
        return was_there(call, (yield from authorised(call, self.keeper, self.options.retry)))

    def tell(
        self, method: str, target: str, what: str, *, body: JsonValue = None, repeatable: bool = True
    ) -> Flow[None]:
        """Send something whose answer says no more than that it was done."""
        yield from self.send(method, target, what, body=body, repeatable=repeatable)


def one(kind: type[E]) -> Callable[[JsonValue], E]:
    """Read one thing."""
    return partial(decode, kind)


def every(kind: type[E]) -> Callable[[JsonValue], tuple[E, ...]]:
    """Read several things, of a bare array or of a page that has no next one."""
    return partial(_every, kind)


def _every(kind: type[E], raw: JsonValue) -> tuple[E, ...]:
    embedded = raw.get("_embedded") if isinstance(raw, Mapping) else None
    items = embedded.get("items") if isinstance(embedded, Mapping) else raw
    if not isinstance(items, list | tuple):
        raise ValueError("expected a list")
    return tuple(decode(kind, item) for item in items)


def json_object(raw: JsonValue) -> JsonObject:
    """Read an object whose shape is somebody else's."""
    if not isinstance(raw, Mapping):
        raise ValueError("expected an object")
    return raw


class Service:
    """Odd calls, carried out by threads that wait. All methods raise the errors of `akeneo_erp_bridge.errors.PimError`."""

    def __init__(self, session: Session, options: Options) -> None:
        self._session = session
        self._options = options
        self._calls = Calls(session.keeper, options)

    def _run(self, flow: Flow[T]) -> T:
        return self._session.run(flow, self._options)


class AsyncService:
    """Odd calls, awaited."""

    def __init__(self, session: AsyncSession, options: Options) -> None:
        self._session = session
        self._options = options
        self._calls = Calls(session.keeper, options)

    async def _run(self, flow: Flow[T]) -> T:
        return await self._session.run(flow, self._options)
