"""What a service says of an error, in words and as an error of ours (OASIS "OData JSON Format", section 21)."""

from __future__ import annotations

import json

from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._http._session import Answer, shown_url
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpConflict, ErpRefused, ErpUnreachable


def words_of(body: object) -> str:
    """Code, message, and the details with what they are about; nothing where the body is no error of OData's.

    >>> words_of({"error": {"code": "400", "message": "Wrong", "details": [{"target": "name", "message": "Too long"}]}})
    '400: Wrong (name: Too long)'
    """
    error = members((members(body) or {}).get("error")) or {}
    message = error.get("message")
    message = (members(message) or {}).get("value", message)  # services that speak OData 2 too nest it
    if not isinstance(message, str):
        return ""
    code, about = error.get("code"), error.get("target")
    told = f"{code}: {message}" if isinstance(code, str) and code else message
    told += f" [{about}]" if isinstance(about, str) and about else ""
    details = "; ".join(said for one in lines(error.get("details")) or [] if (said := _detail(one)))
    return (f"{told} ({details})" if details else told)[:500]


def _detail(one: object) -> str:
    detail = members(one) or {}
    message, about = detail.get("message"), detail.get("target")
    return f"{about}: {message}" if about else str(message or "")


def refusal(answer: Answer, doing: str) -> BridgeError:
    """The error for an answer of 400 and above."""
    try:
        body: object = json.loads(answer.content)
    except (ValueError, RecursionError):
        body = None
    return refusal_of(answer.status, body, f"{doing} at {shown_url(answer.url)}")


def refusal_of(status: int, body: object, doing: str) -> BridgeError:
    """The same for a status and a body, as a batch holds them."""
    said = words_of(body) or "no reason given"
    told = f"the OData service refused {doing} with HTTP {status}: {said}"
    if status == 401:
        return ErpRefused(f"{told}; check the user, the password or the token")
    if status == 403:
        return ErpRefused(f"{told}; give the user that right in the ERP")
    if status == 404:
        return ErpRefused(f"{told}; check the address and the names in it")
    if status == 410:
        return CursorExpired(f"{told}; all is read again")
    if status in (409, 412, 428):
        return ErpConflict(f"{told}; read the item again, and decide anew")
    if status >= 500 or status == 429:
        return ErpUnreachable(f"the OData service failed in {doing} with HTTP {status}: {said}; try again later")
    return ErpRefused(told)
