"""What a Frappe site says of an error, in words and as an error of ours (Frappe's `frappe.exceptions`)."""

from __future__ import annotations

import json
import re
from typing import Final

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._http._session import Answer, shown_url
from akeneo_erp_bridge.errors import BridgeError, ErpConflict, ErpRefused, ErpUnreachable

_TAG: Final = re.compile(r"<[^>]*>")
_CONFLICTS: Final = frozenset({"TimestampMismatchError", "DuplicateEntryError", "UniqueValidationError", "NameError"})


def parsed(content: bytes) -> object:
    """The JSON of an answer, or `None`."""
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found


def words_of(body: object) -> str:
    """The kind of the error, and the messages a person would see; a traceback is never shown."""
    found = members(body) or {}
    kind = found.get("exc_type")
    said = [_message(one) for one in lines(_inner(found.get("_server_messages"))) or []]
    if not any(said):
        told = str(found.get("exception") or found.get("_error_message") or found.get("message") or "")
        said = [told.rpartition("frappe.exceptions.")[2]]
    text = "; ".join(one for one in said if one)
    parts = [str(kind)] if isinstance(kind, str) and not text.startswith(kind) else []
    return ": ".join([*parts, *([_TAG.sub("", text).strip()] if text else [])])[:500]


def _message(one: object) -> str:
    inner = members(_inner(one))
    return str(one if inner is None else inner.get("message") or "")


def _inner(value: object) -> object:
    """Frappe writes JSON inside of JSON, as a text."""
    return parsed(value.encode()) if isinstance(value, str) else value


def refusal(answer: Answer, doing: str) -> BridgeError:
    """The error for an answer of 400 and above."""
    body = parsed(answer.content)
    kind = (members(body) or {}).get("exc_type")
    said = words_of(body) or "no reason given"
    told = f"Frappe at {shown_url(answer.url)} refused {doing} with HTTP {answer.status}: {said}"
    if kind in _CONFLICTS or answer.status == 409:
        return ErpConflict(f"{told}; read the item again, and decide anew")
    if answer.status == 401 or kind == "AuthenticationError":
        return ErpRefused(f"{told}; check the API key and its secret")
    if answer.status == 403:
        return ErpRefused(f"{told}; give the user's role the right to it")
    if answer.status == 404:
        return ErpRefused(f"{told}; check the address and the DocType")
    if answer.status >= 500 and kind is None:
        return ErpUnreachable(f"{told}; try again later")
    return ErpRefused(told)
