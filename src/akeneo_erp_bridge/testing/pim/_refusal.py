"""What the PIM says when it says no: the three error bodies of the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, kind_name

DOCUMENTATION = "http://api.akeneo.com/api-reference.html"
CHECK = " Check the expected format on the API documentation."


@frozen
class Violation:
    """One entry of `errors[]`; *attribute*, *locale* and *scope* are sent for product values only."""

    property: str
    message: str
    attribute: str | None = None
    locale: str | None = None
    scope: str | None = None

    def as_json(self) -> JsonObject:
        """The entry as the API shows it."""
        shown: JsonObject = {"property": self.property, "message": self.message}
        if self.attribute is not None:
            shown.update(attribute=self.attribute, locale=self.locale, scope=self.scope)
        return shown


class Complaint(Exception):
    """A value of the right shape that breaks a rule of its attribute."""


class Refusal(Exception):
    """Ends the handling of a request, or of one line of a batch, with an error body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        violations: Sequence[Violation] = (),
        documented: bool = False,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.violations = tuple(dict.fromkeys(violations))
        self.documented = documented
        self.headers = tuple(headers)

    def body(self) -> JsonObject:
        """The error as a whole answer."""
        return {"code": self.status, **self.details()}

    def details(self) -> JsonObject:
        """The error without its status, whose key differs between an answer and a batch line."""
        shown: JsonObject = {"message": self.message}
        if self.violations:
            shown["errors"] = [one.as_json() for one in self.violations]
        if self.documented:
            shown["_links"] = {"documentation": {"href": DOCUMENTATION}}
        return shown


def structure(message: str) -> Refusal:
    """The body does not have the documented shape."""
    return Refusal(422, message + CHECK, documented=True)


def wrong_kind(name: str, expected: str, given: JsonValue) -> Refusal:
    """A property of another JSON kind than the documented one."""
    article = "an" if expected[0] in "aeiou" else "a"
    return structure(f'Property "{name}" expects {article} {expected} as data, "{kind_name(given)}" given.')


def unknown_property(name: str) -> Refusal:
    """A property nobody documented."""
    return structure(f'Property "{name}" does not exist.')


def invalid(violations: Sequence[Violation]) -> Refusal:
    """The shape is right, a business rule is broken."""
    return Refusal(422, "Validation failed.", violations=violations)


def not_found(message: str) -> Refusal:
    """The key in the URL is unknown."""
    return Refusal(404, message)


def broken_json() -> Refusal:
    """The body is no JSON."""
    return Refusal(400, "Invalid json message received")
