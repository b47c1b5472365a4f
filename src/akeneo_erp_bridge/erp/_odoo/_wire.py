"""What goes over the wire to Odoo and comes back, in each of its three protocols.

Sources: Odoo 19's documentation, "External JSON-2 API" and "External RPC API"; the latter for Odoo 14 to 18 too.
"""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, Protocol, TypeAlias, cast
from xml.parsers.expat import ExpatError

import httpx
from attrs import define, field, frozen

from akeneo_erp_bridge.errors import ErpUnreachable

Raw: TypeAlias = "str | int | bool | Decimal | Sequence[Raw] | Mapping[str, Raw] | None"
Record: TypeAlias = Mapping[str, Raw]
OdooProtocol: TypeAlias = Literal["json2", "jsonrpc", "xmlrpc"]

_JSON: Final = {"Content-Type": "application/json"}
_FAULTS: Final = {2: "odoo.exceptions.UserError", 3: "odoo.exceptions.AccessDenied", 4: "odoo.exceptions.AccessError"}
# where Odoo's method has another name for an argument in another series, its place is what stays
_BY_PLACE: Final = {"search_count": ("domain",), "create": ("vals_list",), "write": ("vals",)}


@frozen
class Login:
    """Who reads. The password, or key, is never shown."""

    url: str
    database: str
    user: str
    secret: str = field(repr=False)


@frozen
class Call:
    """A method of a model: for some records, or for the model (`ids` is `None`), with named arguments."""

    model: str
    method: str
    ids: Sequence[int] | None
    named: Mapping[str, Raw]

    @property
    def name(self) -> str:
        """The name of the call in a message."""
        return f"{self.model}.{self.method}"


@frozen
class Posted:
    """A request to be sent."""

    path: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class Fault(Exception):
    """Odoo's own error: the name of its class, and what it says. The traceback that comes along is left out."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


class NotOdoo(Exception):
    """The answer is not one of this protocol."""


class Dialect(Protocol):
    """One way to call Odoo."""

    name: OdooProtocol

    def log_in(self) -> Posted | None:
        """The request that must come first, if any."""
        ...

    def logged_in(self, answer: httpx.Response) -> None:
        """Take the answer to it; raises `Fault` where Odoo lets nobody in."""
        ...

    def post(self, call: Call) -> Posted:
        """The request for a call."""
        ...

    def result(self, answer: httpx.Response) -> Raw:
        """What was answered; raises `Fault` or `NotOdoo`."""
        ...


@define
class Json2:
    """Odoo 19 and newer: named arguments, a key for the API, and real HTTP status codes."""

    login: Login
    name: OdooProtocol = "json2"

    def log_in(self) -> None:
        """Each request bears the key."""

    def logged_in(self, answer: httpx.Response) -> None:
        """Nothing to take."""

    def post(self, call: Call) -> Posted:
        body = dict(call.named) if call.ids is None else {**call.named, "ids": list(call.ids)}
        who = {"Authorization": f"Bearer {self.login.secret}", "X-Odoo-Database": self.login.database}
        return Posted(f"/json/2/{call.model}/{call.method}", _to_json(body), {**_JSON, **who})

    def result(self, answer: httpx.Response) -> Raw:
        content = _from_json(answer)
        if answer.status_code == 200:
            return content
        if isinstance(content, Mapping) and isinstance(content.get("name"), str):
            name = str(content["name"])
            if answer.status_code == 401:
                name = "odoo.exceptions.AccessDenied"
            raise Fault(name, str(content.get("message")))
        raise NotOdoo


@define
class _UserAndSecret:
    """What the two older protocols share: they log in for the user's number, and send it with each call."""

    login: Login
    user: int = 0

    def sign_in(self) -> list[Raw]:
        return [self.login.database, self.login.user, self.login.secret, {}]

    def take_user(self, result: Raw) -> None:
        if isinstance(result, bool) or not isinstance(result, int):
            raise Fault("odoo.exceptions.AccessDenied", "Access Denied")
        self.user = result

    def arguments(self, call: Call) -> list[Raw]:
        positional: list[Raw] = [] if call.ids is None else [list(call.ids)]
        placed = _BY_PLACE.get(call.method, ())
        positional += [call.named[name] for name in placed]
        named = {name: value for name, value in call.named.items() if name not in placed}
        return [self.login.database, self.user, self.login.secret, call.model, call.method, positional, named]


@define
class JsonRpc(_UserAndSecret):
    """Odoo 14 to 19: every answer is HTTP 200, errors inside."""

    name: OdooProtocol = "jsonrpc"

    def log_in(self) -> Posted:
        return _rpc("common", "authenticate", self.sign_in())

    def logged_in(self, answer: httpx.Response) -> None:
        self.take_user(self.result(answer))

    def post(self, call: Call) -> Posted:
        return _rpc("object", "execute_kw", self.arguments(call))

    def result(self, answer: httpx.Response) -> Raw:
        content = _from_json(answer)
        if not isinstance(content, Mapping) or "jsonrpc" not in content:
            raise NotOdoo
        error = content.get("error")
        if isinstance(error, Mapping):
            data = error.get("data")
            told = data if isinstance(data, Mapping) else error
            raise Fault(str(told.get("name") or "error"), str(told.get("message") or error.get("message")))
        return content.get("result")


@define
class XmlRpc(_UserAndSecret):
    """Odoo 14 to 19, where a proxy lets nothing else through; the slowest."""

    name: OdooProtocol = "xmlrpc"

    def log_in(self) -> Posted:
        return _xml("common", "authenticate", self.sign_in())

    def logged_in(self, answer: httpx.Response) -> None:
        self.take_user(self.result(answer))

    def post(self, call: Call) -> Posted:
        return _xml("object", "execute_kw", self.arguments(call))

    def result(self, answer: httpx.Response) -> Raw:
        if answer.status_code != 200:
            raise NotOdoo
        try:
            values, _ = xmlrpc.client.loads(answer.content)
        except xmlrpc.client.Fault as fault:
            raise _fault_of(fault) from None
        except (ExpatError, xmlrpc.client.Error, ValueError, LookupError):
            raise NotOdoo from None
        return _exact(values[0])


PROTOCOLS: Final[Mapping[OdooProtocol, type[Json2 | JsonRpc | XmlRpc]]] = {
    "json2": Json2,
    "jsonrpc": JsonRpc,
    "xmlrpc": XmlRpc,
}
"""The newest first."""


def _rpc(service: str, method: str, arguments: Sequence[Raw]) -> Posted:
    parameters: Raw = {"service": service, "method": method, "args": arguments}
    return Posted("/jsonrpc", _to_json({"jsonrpc": "2.0", "method": "call", "id": 1, "params": parameters}), _JSON)


def _xml(service: str, method: str, arguments: Sequence[Raw]) -> Posted:
    # the cast: the library knows no type for what it writes; a Decimal never comes here, see `_to_json`
    body = xmlrpc.client.dumps(cast("tuple[str, ...]", tuple(arguments)), method, allow_none=True)
    return Posted(f"/xmlrpc/2/{service}", body.encode(), {"Content-Type": "text/xml"})


def _to_json(value: Raw) -> bytes:
    return json.dumps(value).encode()


def _from_json(answer: httpx.Response) -> Raw:
    try:
        # numbers as they are written: a float in between would be another number
        content: Raw = json.loads(answer.content, parse_float=Decimal)
    except ValueError:
        if "json" in answer.headers.get("content-type", ""):  # half an answer is as good as none
            raise ErpUnreachable(
                f"Odoo at {answer.url} answered {answer.status_code} with JSON that breaks off or is damaged "
                f"({len(answer.content)} bytes); try again later"
            ) from None
        raise NotOdoo from None
    return content


def _fault_of(fault: xmlrpc.client.Fault) -> Fault:
    """XML-RPC tells a few errors by number; the others come as a traceback, which ends in what Python says of them."""
    told = str(fault.faultString).strip()
    known = _FAULTS.get(fault.faultCode)
    if known is not None:
        return Fault(known, told)
    lines = told.splitlines()
    indented = [at for at, line in enumerate(lines) if line.startswith(" ")]
    name, _, message = "\n".join(lines[indented[-1] + 1 if indented else 0 :]).partition(": ")
    return Fault(name, message or name)


def _exact(value: object) -> Raw:
    """What the XML library made, with floats by their shortest digits."""
    # the casts: the library gives nothing but these, and knows no types for them
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_exact(one) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        return {str(name): _exact(one) for name, one in cast("dict[object, object]", value).items()}
    if isinstance(value, str | int | None):
        return value
    return str(value)  # a date of XML-RPC, which Odoo does not write
