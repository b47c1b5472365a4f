"""From an answer to the error that explains it. Never trusts a body to be JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.akeneo._flow import Answer, Call
from akeneo_erp_bridge.akeneo._operations import operations
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.errors import (
    Forbidden,
    NotFound,
    NotOffered,
    PimBroken,
    PimError,
    PimRefused,
    RateLimited,
    SignInRefused,
    TooLarge,
    UnexpectedAnswer,
    Violation,
)

__all__ = [
    "is_turned_away",
    "problem_of",
    "read_body",
    "read_violations",
    "sign_in_refusal",
    "token_refusal",
    "unexpected",
    "was_there",
]

_LONGEST_LIST: Final = 5
_NO_ROUTE: Final = "No route found"
_NOT_AKENEO: Final[JsonObject] = {"message": "refused by something in front of the PIM, which does not speak JSON"}


def read_body(call: Call, answer: Answer) -> JsonValue:
    """Return the JSON of a good answer.

    Raises the error that explains a bad one, and `UnexpectedAnswer` for a good one that is not JSON.
    """
    if not 200 <= answer.status < 300:
        raise problem_of(call, answer)
    try:
        return answer.body
    except ValueError:
        raise unexpected(str(call), answer) from None


def problem_of(call: Call, answer: Answer) -> PimError:
    """Return the error for an answer that is not a success."""
    status = answer.status
    if status < 400:
        return _redirected(call, answer)
    if status == 429:
        pause = read_retry_after(answer.retry_after, now=datetime.now(UTC))
        return RateLimited(f"{call}: the PIM says 429, too many requests{_tries(answer)}", retry_after=pause)
    if status == 408 or status >= 500:
        doubt = "" if call.repeatable else "; it may be done all the same, so look before you send it again"
        return PimBroken(f"{call}: the PIM answers {status}{_tries(answer)}{doubt}", status=status)
    body = _body(answer)
    if status == 413:
        return TooLarge(f"{call}: {call.size} bytes are too much for the PIM (413); send less at a time", status=413)
    if is_turned_away(answer):
        return _turned_away(call, answer)
    if body is None and status == 404:
        return unexpected(str(call), answer)
    return _refused(call, answer, body or _NOT_AKENEO)


def was_there(call: Call, answer: Answer) -> bool:
    """Read the answer to a `DELETE`: whether the thing was there. It is gone either way, unless an error is raised.

    Unknown is what the PIM says of a thing that an earlier try has deleted, whose answer was lost.
    """
    if 200 <= answer.status < 300:
        return True
    problem = problem_of(call, answer)
    if answer.status == 404 and isinstance(problem, NotFound):
        return False
    raise problem


def is_turned_away(answer: Answer) -> bool:
    """Whether something in front of the PIM, such as a firewall, says 403: the PIM itself would say it in JSON."""
    return answer.status == 403 and _body(answer) is None


def unexpected(what: str, answer: Answer) -> UnexpectedAnswer:
    """Return the error for an answer no Akeneo PIM gives."""
    kind = answer.headers.get("content-type", "no content type")
    return UnexpectedAnswer(
        f"{what}: got {answer.status} with {kind}, not Akeneo's JSON; "
        f"is {answer.origin} the address of an Akeneo PIM, and is nothing in between answering for it?"
    )


def sign_in_refusal(answer: Answer) -> PimError:
    """Return the error for a token route that gave no token."""
    body = _body(answer)
    status = answer.status
    call = Call(method="POST", target="", what="sign-in", content=b"")
    if body is None and 400 <= status < 500 and status not in (408, 429):
        return unexpected("sign-in", answer)
    if body is None or status not in (400, 401, 403, 422):
        return problem_of(call, answer)
    return SignInRefused(
        f"{answer.origin} does not let this connection in ({status}): {_message(body)}. "
        "Check client id, secret, user name and password under Connect > Connection settings "
        "(no trailing blanks or line ends), and that no proxy strips the Authorization header.",
        status=status,
        violations=read_violations(body),
    )


def token_refusal(call: Call, answer: Answer, *, renewable: bool) -> PimError:
    """Return the error for a token the PIM refuses, after a new one was tried where that is possible."""
    advice = (
        "a fresh token was refused as well: was the connection removed, or its user disabled?"
        if renewable
        else "the App's access token is not valid (any more): let a PIM user connect the App again."
    )
    said = _message(_body(answer) or {})
    return SignInRefused(f"{call}: {answer.origin} refuses the token (401): {said}. {advice}", status=answer.status)


def read_violations(body: JsonObject) -> tuple[Violation, ...]:
    """Read the PIM's `errors`, or its `message` where it names no fields; Akeneo's documentation of errors."""
    errors = body.get("errors")
    if isinstance(errors, list | tuple) and errors:
        return tuple(_violation(error) for error in errors if isinstance(error, Mapping))
    message = body.get("message")
    return (Violation(message=message),) if isinstance(message, str) and message else ()


def _violation(error: JsonObject) -> Violation:
    def text(name: str) -> str | None:
        value = error.get(name)
        return value if isinstance(value, str) else None

    return Violation(
        message=text("message") or "no reason given",
        property=text("property"),
        attribute=text("attribute"),
        locale=text("locale"),
        scope=text("scope"),
    )


def _refused(call: Call, answer: Answer, body: JsonObject) -> PimRefused:
    status = answer.status
    violations = read_violations(body)
    message = f"{call}: the PIM says {status}: {_message(body)}"
    named = [str(violation) for violation in violations if violation.property or violation.attribute]
    if named:
        more = len(named) - _LONGEST_LIST
        message += " " + "; ".join(named[:_LONGEST_LIST]) + (f"; and {more} more" if more > 0 else "")
    if status in (404, 405) and _message(body).startswith(_NO_ROUTE):
        return _not_offered(call, answer)
    if status == 404:
        return NotFound(f"{message} (unknown, or hidden from this user)", status=status, violations=violations)
    kind = Forbidden if status == 403 else PimRefused
    return kind(message, status=status, violations=violations)


def _turned_away(call: Call, answer: Answer) -> Forbidden:
    perhaps = f", or finds the {call.size} bytes of this request too much or suspicious" if call.size else ""
    said = f"{call}: 403 from something in front of {answer.origin}, which does not speak JSON as the PIM does"
    return Forbidden(f"{said}; perhaps a firewall that does not let this machine in{perhaps}", status=403)


def _not_offered(call: Call, answer: Answer) -> NotOffered:
    """Which operation it is that this PIM does not have, and which PIMs do."""
    path = call.target.partition("?")[0]
    for one in operations():
        if one.verb == call.method and one.is_at(path):
            edition = ", Enterprise Edition" if one.edition == "enterprise" else ""
            return NotOffered(
                f"{call}: {answer.origin} does not offer {one.method} ({one.verb} {one.path}; since {one.since}{edition})",
                status=answer.status,
            )
    return NotOffered(f"{call}: {answer.origin} has no route {call.method} {path}", status=answer.status)


def _redirected(call: Call, answer: Answer) -> UnexpectedAnswer:
    # Only where to, not the query: that may hold a session.
    place = urlsplit(answer.headers.get("location", ""))
    target = f"{place.scheme}://{place.netloc}{place.path}" if place.netloc else place.path or "nowhere"
    return UnexpectedAnswer(
        f"{call}: {answer.origin} redirects ({answer.status}) to {target}, which an Akeneo PIM never does; "
        f"is {answer.origin} the address of an Akeneo PIM, with the right scheme?"
    )


def _tries(answer: Answer) -> str:
    return f", to the last of {answer.tries} tries as well" if answer.tries > 1 else ""


def _message(body: JsonObject) -> str:
    for name in ("message", "error_description", "error"):
        text = body.get(name)
        if isinstance(text, str) and text:
            return text
    return "no reason given"


def _body(answer: Answer) -> JsonObject | None:
    try:
        body = answer.body
    except ValueError:
        return None
    return body if isinstance(body, Mapping) else None
