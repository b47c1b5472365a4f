"""One connection to an Odoo database: finds its protocol, tries again, and speaks of errors in words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from attrs import define, field

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.erp._odoo._wire import (
    PROTOCOLS,
    Call,
    Dialect,
    Fault,
    Json2,
    JsonRpc,
    Login,
    NotOdoo,
    OdooProtocol,
    Posted,
    Raw,
    Record,
    XmlRpc,
)
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable

PAUSES: Final = (0.5, 2.0)
"""Seconds before the second and the third try."""

_BUSY: Final = frozenset({429, 502, 503, 504})
# two transactions wanted the same row; asked again, the call may succeed
_RACES: Final = frozenset(
    {"SerializationFailure", "LockNotAvailable", "DeadlockDetected", "ConcurrencyError", "TransactionRollbackError"}
)
_BROKEN: Final = frozenset({"OperationalError", "InterfaceError", "PoolError"})
_WRITES: Final = frozenset({"create", "load", "write"})
_MODEL: Final = re.compile(r"\(([a-z_]+(?:\.[a-z_]+)+)\)")
_GROUP: Final = re.compile(r"^\s*- (.+)$", re.MULTILINE)
_LONGEST: Final = 400
_LONGEST_PAUSE: Final = 60.0  # seconds; a server that asks for more is given up for this run
# the module that brings what begins so, as Odoo's list of apps names it
_MODULES: Final = {
    "mrp.": "Manufacturing (mrp)",
    "product.": "Products (product)",
    "purchase.": "Purchase (purchase)",
    "sale.": "Sales (sale_management)",
    "stock.": "Inventory (stock)",
}


@define
class OdooSession:
    """Calls of one user to one database. Nothing is sent twice that would make two things: see `OdooWriter`.

    Raises `ErpUnreachable` when the server does not answer or stays busy, `ErpRefused` for the rest.
    """

    login: Login
    http: httpx.Client = field(repr=False)
    protocol: OdooProtocol | None = None
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    """How many requests were sent, tries included."""
    _ahead: timedelta = timedelta(0)
    """By how much the server's clock was ahead of ours at its last answer."""
    _dialect: Json2 | JsonRpc | XmlRpc | None = field(default=None, repr=False)

    def call(self, model: str, method: str, ids: Sequence[int] | None = None, **named: Raw) -> Raw:
        """``model.method(...)``, of some records where `ids` are given."""
        call = Call(model, method, ids, named)
        try:
            dialect = self._found()
            return self._result(dialect, dialect.post(call))
        except Fault as fault:
            raise self.in_words(fault, call) from None
        except NotOdoo:
            raise self._not_odoo() from None

    def records(self, model: str, method: str, ids: Sequence[int] | None = None, **named: Raw) -> list[Record]:
        """A call that answers a list of records."""
        answer = self.call(model, method, ids, **named)
        if isinstance(answer, list):
            rows = [one for one in answer if isinstance(one, Mapping)]
            if len(rows) == len(answer):
                return rows
        raise ErpRefused(f"Odoo answered {model}.{method} with something else than records; is it Odoo 14 or newer?")

    def found_protocol(self) -> OdooProtocol:
        """The protocol in use; raises as `call`."""
        self.call("res.users", "context_get")
        return self.protocol or "json2"

    def clock(self) -> datetime:
        """The server's time now, as its last answer told it; ours where none did."""
        return datetime.now(UTC) + self._ahead

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    # ---- which protocol ----
    def _found(self) -> Dialect:
        if self._dialect is None:
            self._dialect = self._log_in(PROTOCOLS[self.protocol](self.login)) if self.protocol else self._probed()
            self.protocol = self._dialect.name
        return self._dialect

    def _probed(self) -> Json2 | JsonRpc | XmlRpc:
        """The newest protocol that lets us in: a password opens the older ones alone, a key opens all."""
        denied: Fault | None = None
        for kind in PROTOCOLS.values():
            try:
                dialect = self._log_in(kind(self.login))
                self._result(dialect, dialect.post(Call("res.users", "context_get", None, {})))
            except NotOdoo:
                continue
            except Fault as fault:
                if not _is_denial(fault) and not _is_missing_route(fault):
                    raise
                denied = fault if _is_denial(fault) else denied
                if kind is not Json2 and denied is fault:
                    break  # what opens no JSON-RPC opens no XML-RPC, and each wrong try counts
            else:
                return dialect
        raise denied or NotOdoo

    def _log_in(self, dialect: Json2 | JsonRpc | XmlRpc) -> Json2 | JsonRpc | XmlRpc:
        first = dialect.log_in()
        if first is not None:
            dialect.logged_in(self._sent(first))
        return dialect

    # ---- sending ----
    def _result(self, dialect: Dialect, posted: Posted) -> Raw:
        for pause in (*PAUSES, None):
            try:
                return dialect.result(self._sent(posted))
            except Fault as fault:
                if pause is None or not _is_race(fault):
                    raise
                self.sleep(pause)
        raise AssertionError  # the loop ends by itself

    def _sent(self, posted: Posted) -> httpx.Response:
        trouble = ""
        for pause in (*PAUSES, None):
            asked = 0.0
            self.requests += 1
            try:
                answer = self.http.post(posted.path, content=posted.body, headers=posted.headers)
            except httpx.TransportError as error:
                trouble = type(error).__name__
            except httpx.DecodingError:
                raise NotOdoo from None
            else:
                if answer.is_redirect:
                    raise ErpRefused(
                        f"{self.login.url} sends on to {answer.headers.get('Location', 'nowhere')}, where no password is "
                        "sent unasked; give the address at the end of it"
                    )
                if answer.status_code not in _BUSY:
                    self._ahead = _how_far_ahead(answer)
                    return answer
                trouble = f"HTTP {answer.status_code}"
                asked = _asked(answer)
            if pause is None or asked > _LONGEST_PAUSE:
                break
            self.sleep(max(pause, asked))
        raise ErpUnreachable(
            f"Odoo at {self.login.url} does not answer ({trouble}); check the address and that it runs"
        )

    # ---- words ----
    def in_words(self, fault: Fault, call: Call) -> ErpRefused | ErpUnreachable:
        """What a person should know of Odoo's error, and do."""
        where, kind = f"Odoo at {self.login.url}", fault.name.rpartition(".")[2]
        said = self.safe(fault.message)
        if _is_race(fault):
            return ErpUnreachable(f"{where}: others change the same records as {call.name} ({kind}); try again later")
        if _is_denial(fault):
            return ErpRefused(
                f"{where}, database '{self.login.database}', does not let '{self.login.user}' in; check the user name, "
                "and the password or the key"
                + (" (JSON-2 takes a key, no password)" if self.protocol == "json2" else "")
            )
        if kind == "AccessError":
            return self._missing_right(fault, call)
        if f'database "{self.login.database}" does not exist' in fault.message:
            return ErpRefused(f"{where} has no database '{self.login.database}'; check its name")
        if kind in _BROKEN:
            return ErpUnreachable(f"{where} cannot reach its own database ({kind}); try again later")
        if _is_missing_model(fault, call.model):
            module = next((name for start, name in _MODULES.items() if f"{call.model}.".startswith(start)), "")
            hint = f"it comes with the module {module}, which is not installed there" if module else "check its name"
            return ErpRefused(f"{where} has no model '{call.model}'; {hint}")
        return ErpRefused(f"{where} refused {call.name} ({kind}): {said}")

    def _missing_right(self, fault: Fault, call: Call) -> ErpRefused:
        named = _MODEL.search(fault.message)  # of a related model, where it is not the one that was asked for
        model = named.group(1) if named else call.model
        verb = "write" if call.method in _WRITES else "read"
        groups = ", ".join(one.strip() for one in _GROUP.findall(fault.message))
        todo = f"ask for one of the groups {groups}" if groups else "give the user the right"
        return ErpRefused(
            f"Odoo at {self.login.url}: user '{self.login.user}' may not {verb} {model}; {self.safe(todo)}. "
            f"Odoo says: {self.safe(fault.message)}"
        )

    def safe(self, text: str) -> str:
        """A text of Odoo's in one line, shortened, without the secret should it be in it."""
        line = " ".join(text.split())
        if self.login.secret:
            line = line.replace(self.login.secret, "***")
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."

    def _not_odoo(self) -> ErpRefused:
        wanted = f" by {self.protocol}" if self.protocol else ""
        return ErpRefused(
            f"what answers at {self.login.url} is no Odoo of series 14 or newer{wanted}, or has no database "
            f"'{self.login.database}'; check the address, the name, and that its module 'rpc' is on"
        )


def _is_denial(fault: Fault) -> bool:
    return fault.name.rpartition(".")[2] == "AccessDenied"


def _is_missing_route(fault: Fault) -> bool:
    return fault.name.rpartition(".")[2] == "NotFound"


def _is_race(fault: Fault) -> bool:
    return fault.name.rpartition(".")[2] in _RACES


def _is_missing_model(fault: Fault, model: str) -> bool:
    told = (f"Object {model} doesn't exist", f"the model '{model}' does not exist", f"KeyError: '{model}'")
    return any(one in fault.message for one in told) or (
        fault.name.endswith("KeyError") and fault.message == f"'{model}'"
    )


def _how_far_ahead(answer: httpx.Response) -> timedelta:
    try:
        return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC) - datetime.now(UTC)
    except (KeyError, ValueError):
        return timedelta(0)


def _asked(answer: httpx.Response) -> float:
    asked = read_retry_after(answer.headers.get("Retry-After"), now=datetime.now(UTC))
    return 0.0 if asked is None else asked.total_seconds()
