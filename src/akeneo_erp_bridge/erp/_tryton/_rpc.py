"""Tryton's JSON-RPC: one session that logs in, calls, tries again, and speaks of errors in words."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

import httpx
from attrs import define, field, frozen

from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable

Raw: TypeAlias = "str | int | float | bool | Decimal | date | datetime | timedelta | bytes | Sequence[Raw] | Mapping[str, Raw] | None"
Record: TypeAlias = Mapping[str, Raw]

_PAUSES: Final = (0.5, 2.0)  # seconds before the second and the third try
_MOMENT: Final = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_UNDONE: Final = frozenset({429, 503})
"""Answers after which nothing was written: Tryton rolls back before it says 503. Behind 502 and 504 it may have been."""


@frozen
class Login:
    """Who reads. The password is never shown."""

    url: str
    database: str
    user: str
    password: str = field(repr=False)


@define
class TrytonSession:
    """A connection to one database. A lost answer of a call that reads is asked for again.

    One that writes is sent again only where the server cannot have carried it out; see `write`. `sent` counts the
    requests, log-ins and repetitions included.

    Raises `ErpUnreachable` when the server does not answer or stays busy, `ErpConflict` for a record that somebody
    changed meanwhile, `ErpRefused` for the rest.
    """

    login: Login
    http: httpx.Client = field(repr=False)
    sleep: float = 1.0
    """Stretches the pauses between tries; 0 for tests."""
    sent: int = 0
    _token: str | None = field(default=None, repr=False)

    def call(self, model: str, method: str, *arguments: Raw, context: Mapping[str, Raw] | None = None) -> Raw:
        """``model.method(*arguments, context)``; Tryton takes the context as the last argument, always."""
        return self._signed(f"model.{model}.{method}", [*arguments, dict(context or {})])

    def write(self, model: str, method: str, *arguments: Raw, context: Mapping[str, Raw]) -> Raw:
        """A call that changes something.

        `ErpUnreachable` then says that it may have been carried out: look before you try again.
        """
        return self._signed(f"model.{model}.{method}", [*arguments, dict(context)], writes=True)

    def records(self, model: str, method: str, *arguments: Raw, context: Mapping[str, Raw]) -> list[Record]:
        """A call that answers a list of records."""
        answer = self.call(model, method, *arguments, context=context)
        if isinstance(answer, list):
            rows = [one for one in answer if isinstance(one, Mapping)]
            if len(rows) == len(answer):
                return rows
        raise ErpRefused(f"Tryton answered {model}.{method} with something else than records; is it Tryton 6 or newer?")

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    # ---- inside ----
    def _signed(self, method: str, parameters: list[Raw], *, writes: bool = False) -> Raw:
        fresh = self._token is None
        if self._token is None:
            self._token = self._log_in()
        answer = self._post(method, parameters, self._token, writes=writes)
        if answer.status_code == 401 and not fresh:  # sessions end after some minutes of silence
            self._token = self._log_in()
            answer = self._post(method, parameters, self._token, writes=writes)
        return self._result(method, answer)

    def _log_in(self) -> str:
        who = self.login
        answer = self._post("common.db.login", [who.user, {"password": who.password}, "en"], None)
        if answer.status_code == 401:
            raise ErpRefused(f"Tryton at {who.url} refused user '{who.user}'; check the user name and the password")
        result = self._result("common.db.login", answer)
        if not isinstance(result, list) or len(result) < 2:
            raise ErpRefused(f"Tryton at {who.url} wants more than a password from '{who.user}'; use a plain user")
        return base64.b64encode(f"{who.user}:{result[0]}:{result[1]}".encode()).decode()

    def _post(self, method: str, parameters: list[Raw], token: str | None, *, writes: bool = False) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Session {token}"
        body = json.dumps({"id": 1, "method": method, "params": parameters}, default=_to_json).encode()
        path = f"/{self.login.database}/rpc/"
        trouble, again = "", True
        for pause in (*_PAUSES, None):
            self.sent += 1
            try:
                answer = self.http.post(path, content=body, headers=headers)
            except httpx.DecodingError:
                # Tryton says "gzip" of long answers even to a client that did not ask for it
                raise ErpRefused(
                    f"Tryton at {self.login.url} says that an answer is compressed, and it is not; something on the "
                    "way changes the header 'Accept-Encoding: gzip', let it pass"
                ) from None
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__}: {error}"
                again = not writes or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            else:
                if answer.status_code not in _BUSY:
                    return answer
                trouble = f"HTTP {answer.status_code}"
                again = not writes or answer.status_code in _UNDONE
            if not again:
                break
            if pause is not None:
                time.sleep(pause * self.sleep)
        doubt = "" if again else f"; whether {method} was carried out is not known"
        raise ErpUnreachable(
            f"Tryton at {self.login.url} does not answer ({trouble}){doubt}; check the address and that it runs"
        )

    def _result(self, method: str, answer: httpx.Response) -> Raw:
        where = f"Tryton at {self.login.url}"
        if answer.status_code == 404:
            raise ErpRefused(f"{where} has no database '{self.login.database}'; check its name and the address")
        if answer.status_code == 403:
            raise ErpRefused(f"{where} does not let '{self.login.user}' call {method}; give the user that right")
        content: Raw
        try:
            content = json.loads(answer.content, parse_float=Decimal, object_hook=_from_json)
        except (ValueError, KeyError, ArithmeticError) as why:  # no JSON, or a Decimal, a date or bytes that are none
            content = None
            if isinstance(why, json.JSONDecodeError) and "json" in answer.headers.get("content-type", ""):
                raise ErpUnreachable(  # half an answer is as good as none: the same call may bring all of it
                    f"{where} answered {method} with JSON that breaks off or is damaged "
                    f"({len(answer.content)} bytes: {why}); try again later"
                ) from None
        if answer.status_code != 200 or not isinstance(content, Mapping):
            raise ErpRefused(f"{where} gave no JSON-RPC answer (HTTP {answer.status_code}); is it a Tryton server?")
        error = content.get("error")
        if isinstance(error, list) and error[:1] == ["ConcurrencyException"]:
            raise ErpConflict(f"{where}: the record has changed since it was read; read it again, then decide")
        if error:
            raise ErpRefused(f"{where} refused {method}: {_words(error)}")
        return content.get("result")


def _words(error: Raw) -> str:
    """Tryton's errors are lists: a kind and its details, or a bare message."""
    parts = error if isinstance(error, list) else [error]
    return ": ".join(str(one) for one in parts if one)[:300]


# ---- Tryton writes what JSON has no form for as an object with its class ----
def _from_json(found: dict[str, Raw]) -> Raw:
    kind = found.get("__class__")
    if not isinstance(kind, str):
        return found
    match kind:
        case "Decimal":
            return Decimal(str(found["decimal"]))
        case "datetime":
            year, month, day, hour, minute, second, micro = _numbers(found, _MOMENT)
            return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
        case "date":
            return date(*_numbers(found, _MOMENT[:3]))
        case "timedelta":
            return timedelta(microseconds=int(Decimal(str(found["seconds"])) * 1_000_000))
        case "bytes":
            return base64.b64decode(str(found["base64"]))
        case _:
            return found


def _numbers(found: Mapping[str, Raw], names: Sequence[str]) -> list[int]:
    return [part for name in names if isinstance(part := found.get(name), int)]


def _to_json(value: object) -> dict[str, object]:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            utc = value.astimezone(UTC)
            return {"__class__": "datetime", **{name: getattr(utc, name) for name in _MOMENT}}
        case date():
            return {"__class__": "date", **{name: getattr(value, name) for name in _MOMENT[:3]}}
        case timedelta():
            return {"__class__": "timedelta", "seconds": value.total_seconds()}
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
        case _:
            raise TypeError(f"{type(value).__name__} is not sent to Tryton here")
